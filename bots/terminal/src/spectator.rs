//! A card as its person sees it, for those who only watch: nobody presses, so buttons have no numbers.

use picket_conversation::Card;

use crate::render::{Labels, Style, render};

/// Returns the card as text, no line wider than `width`.
pub fn card_text(card: &Card, width: usize, colour: bool) -> String {
    render(card, Labels::None, Style { colour, width })
}

#[cfg(test)]
mod tests {
    use picket_conversation::{Action, IntentVerb, Severity};

    use super::*;

    #[test]
    fn a_watched_card_shows_its_buttons_without_numbers() {
        let card = Card::new("k", Severity::New, "T-1").row([Action::of(
            "✋ 我来接",
            IntentVerb::Accept,
            "T-1",
        )]);
        assert_eq!(card_text(&card, 40, false), "🟦 T-1\n[✋ 我来接]");
    }
}
