//! Cards of the history of a thing, the latest last, and of the notices of a person.

use picket_schemas::ask::{NoticeView, TimelineItem};

use crate::card::{Card, Severity};
use crate::cards::told;
use crate::look::ViewContext;

/// The limits of lines on a card, of characters in a line, and in all of them.
const SHOWN: usize = 10;
const LONGEST: usize = 64;
const ROOM: usize = 420;
/// The limit of notices it lists.
const NOTICES: usize = 10;

/// Everything that happened to a task, lead, case, order or batch.
pub fn card(of: &str, items: &[TimelineItem], look: &ViewContext<'_>) -> Card {
    let title = look.with(
        "timeline-title",
        &[("id", of.into()), ("n", items.len().into())],
    );
    let mut card = Card::new(format!("timeline/{of}"), Severity::Quiet, title);
    // The latest are the ones to see: from the end backwards, as long as there is room.
    let mut lines = Vec::new();
    let mut taken = 0;
    for item in items.iter().rev().take(SHOWN) {
        let line = format!(
            "{} {}",
            look.when.moment(item.at),
            crate::plain::plain(&told::sentence(item, look), LONGEST)
        );
        taken += line.chars().count() + 1;
        if taken > ROOM {
            break;
        }
        lines.push(line);
    }
    if items.len() > lines.len() {
        card = card.faint(look.with("and-earlier", &[("n", (items.len() - lines.len()).into())]));
    }
    for line in lines.into_iter().rev() {
        card = card.line(line);
    }
    if items.is_empty() {
        card = card.line(look.say("timeline-empty"));
    }
    card.silent()
}

/// The notices of the person, sent or not, and why not.
pub fn notices(items: &[NoticeView], look: &ViewContext<'_>) -> Card {
    let mut card = Card::new(
        "notices",
        Severity::Quiet,
        look.with("notices-title", &[("n", items.len().into())]),
    );
    for item in items.iter().rev().take(NOTICES) {
        let on = item
            .channel
            .as_deref()
            .map(|channel| format!(" · {}", look.words.word("channel", channel)))
            .unwrap_or_default();
        let reason = item
            .reason
            .as_deref()
            .map(|reason| format!(" · {}", crate::plain::plain(&why(reason, look), 30)))
            .unwrap_or_default();
        card = card.line(format!(
            "{} {} {} · {}{on}{reason}",
            look.when.moment(item.queued),
            look.words.word("notice", &item.kind),
            item.about,
            look.words.word("delivery", &item.state)
        ));
    }
    card.silent()
}

/// Why a notice waits or did not go, in the reader's language; what has no word, such as what a platform said, as it stands.
fn why(reason: &str, look: &ViewContext<'_>) -> String {
    let words: Vec<_> = reason
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let key = format!("why-{}", words.join("-"));
    if look.words.has(&key) {
        look.say(&key)
    } else {
        reason.to_owned()
    }
}
