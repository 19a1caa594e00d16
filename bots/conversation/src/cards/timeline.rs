//! What happened to a thing, the latest last, and what was sent to a person.

use picket_schemas::ask::{NoticeView, TimelineItem};

use crate::card::{Card, Severity};
use crate::look::Look;
use crate::words::Language;

const SHOWN: usize = 10;

/// Everything that happened to a task, lead, case, order or batch.
pub fn card(of: &str, items: &[TimelineItem], look: &Look<'_>) -> Card {
    let title = look.with("timeline-title", &[("id", of.into()), ("n", items.len().into())]);
    let mut card = Card::new(format!("timeline/{of}"), Severity::Quiet, title);
    if items.len() > SHOWN {
        card = card.faint(look.with("and-earlier", &[("n", (items.len() - SHOWN).into())]));
    }
    for item in &items[items.len().saturating_sub(SHOWN)..] {
        // The sentence of a fact is English; in Chinese the fact is named and its actor added.
        let word = look.words.word("event", &item.kind);
        let text = if look.words.language == Language::Zh && word != item.kind { format!("{word} · {}", item.by) } else { item.text.clone() };
        card = card.line(format!("{} {}", look.when.moment(item.at), crate::plain::plain(&text, 34)));
    }
    if items.is_empty() {
        card = card.line(look.say("timeline-empty"));
    }
    card.silent()
}

/// What was sent to the person, what was not, and why.
pub fn notices(items: &[NoticeView], look: &Look<'_>) -> Card {
    let mut card = Card::new("notices", Severity::Quiet, look.with("notices-title", &[("n", items.len().into())]));
    for item in items.iter().rev().take(SHOWN) {
        let reason = item.reason.as_deref().map(|reason| format!(" · {}", crate::plain::plain(reason, 30))).unwrap_or_default();
        card = card.line(format!("{} {} {} · {}{reason}", look.when.moment(item.queued), look.words.word("notice", &item.kind), item.about, look.words.word("delivery", &item.state)));
    }
    card.silent()
}
