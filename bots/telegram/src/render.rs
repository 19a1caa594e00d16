//! Rendering of cards for Telegram: HTML, and an inline keyboard below.
//!
//! Everything a card says is escaped here, at the edge. A tag opens and ends on the same line, so a text may
//! be cut between any two lines. It does not know where the card goes.

use picket_conversation::card::labelled;
use picket_conversation::{Card, Tone};
use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};

/// Limit of a message's text, counted as the platform does, with some room to spare.
const TEXT_MAX: usize = 4_000;
/// Limit of the data behind a button, in bytes.
const DATA_MAX: usize = 64;
/// Limits of the buttons in a row, and in all.
const ROW_MAX: usize = 8;
const BUTTONS_MAX: usize = 100;

/// Message, ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RenderedMessage {
    /// Text; mostly one part. The buttons stand below the last.
    pub(crate) parts: Vec<String>,
    /// Rows of buttons; none is none.
    pub(crate) buttons: InlineKeyboardMarkup,
    /// Disables the notification sound.
    pub(crate) silent: bool,
}

/// Renders a card.
pub(crate) fn card(card: &Card) -> RenderedMessage {
    let mut lines = vec![format!(
        "{} <b>{}</b>",
        card.severity.mark(),
        escape(&card.title)
    )];
    lines.extend(
        card.fields
            .iter()
            .map(|(label, value)| escape(&labelled(label, value))),
    );
    lines.extend(card.body.iter().map(|line| {
        let text = escape(&line.text);
        match line.tone {
            Tone::Plain => text,
            Tone::Strong => format!("<b>{text}</b>"),
            Tone::Faint => format!("<i>{text}</i>"),
        }
    }));
    if !card.media.is_empty() {
        lines.push(format!("📷 {}", card.media.len()));
    }
    RenderedMessage {
        parts: parts(&lines),
        buttons: buttons(card),
        silent: card.silent,
    }
}

/// Renders plain words.
pub(crate) fn words(text: &str) -> RenderedMessage {
    let lines: Vec<_> = text
        .lines()
        .flat_map(pieces)
        .map(|line| escape(&line))
        .collect();
    RenderedMessage {
        parts: parts(&lines),
        buttons: InlineKeyboardMarkup::default(),
        silent: false,
    }
}

fn buttons(card: &Card) -> InlineKeyboardMarkup {
    let mut left = BUTTONS_MAX;
    let mut rows = Vec::new();
    for row in &card.actions {
        let fits: Vec<_> = row
            .iter()
            .filter(|action| {
                !action.label.is_empty() && (1..=DATA_MAX).contains(&action.data.len())
            })
            .take(left)
            .collect();
        left -= fits.len();
        rows.extend(fits.chunks(ROW_MAX).map(|row| {
            row.iter()
                .map(|action| InlineKeyboardButton::callback(&action.label, &action.data))
                .collect::<Vec<_>>()
        }));
    }
    InlineKeyboardMarkup::new(rows)
}

/// Escapes what would be markup.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Length of a text as the platform counts it.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Pieces of a line too long for a message.
fn pieces(line: &str) -> Vec<String> {
    // An escaped character takes up to five.
    let most = TEXT_MAX / 5;
    let chars: Vec<char> = line.chars().collect();
    if chars.len() <= most {
        vec![line.to_owned()]
    } else {
        chars
            .chunks(most)
            .map(|part| part.iter().collect())
            .collect()
    }
}

/// Packs lines into as few messages as hold them; there is always one, and none is empty.
fn parts(lines: &[String]) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in lines {
        match parts.last_mut() {
            Some(part) if length(part) + 1 + length(line) <= TEXT_MAX => {
                part.push('\n');
                part.push_str(line);
            }
            _ => parts.push(line.clone()),
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    if parts.is_empty() {
        parts.push("…".to_owned());
    }
    parts
}

#[cfg(test)]
mod tests {
    use picket_conversation::{Action, IntentVerb, Severity};

    use super::*;

    #[test]
    fn what_people_wrote_is_never_markup() {
        let shown = card(
            &Card::new("t", Severity::New, "<b>T-1</b> & \"x\"")
                .field("备注：", "<a href='x'>y</a>")
                .strong("1 < 2"),
        );
        assert_eq!(
            shown.parts,
            [
                "🟦 <b>&lt;b&gt;T-1&lt;/b&gt; &amp; \"x\"</b>\n备注：&lt;a href='x'&gt;y&lt;/a&gt;\n<b>1 &lt; 2</b>"
            ]
        );
    }

    #[test]
    fn buttons_keep_their_rows_and_data_too_long_is_left_out() {
        let long = Action {
            label: "x".into(),
            data: "d".repeat(65),
        };
        let shown = card(
            &Card::new("t", Severity::New, "t")
                .row([Action::of("✋ 我来接", IntentVerb::Accept, "T-1"), long])
                .row([Action::of("📄", IntentVerb::Rows, "T-1")]),
        );
        let rows: Vec<usize> = shown.buttons.inline_keyboard.iter().map(Vec::len).collect();
        assert_eq!(rows, [1, 1]);
    }

    #[test]
    fn a_long_text_becomes_several_messages_cut_between_lines() {
        let text: String = (0..600).map(|n| format!("第 {n} 行 <&> 🟥\n")).collect();
        let shown = words(&text);
        assert!(shown.parts.len() > 1);
        assert!(
            shown
                .parts
                .iter()
                .all(|part| length(part) <= TEXT_MAX && !part.is_empty())
        );
        assert_eq!(
            shown.parts.iter().flat_map(|part| part.lines()).count(),
            600
        );
    }

    #[test]
    fn a_line_longer_than_a_message_is_cut_into_pieces() {
        let shown = words(&"&".repeat(9_000));
        assert!(shown.parts.iter().all(|part| length(part) <= TEXT_MAX));
        assert_eq!(shown.parts.concat().replace('\n', "").len(), 9_000 * 5);
    }

    #[test]
    fn no_message_is_empty() {
        assert_eq!(words("\n \n").parts, ["…"]);
    }
}
