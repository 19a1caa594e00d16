//! Short notices: what became of a finding, a reminder's headline, who to choose from.

use std::collections::BTreeMap;

use picket_schemas::courier::NoticeKind;

use crate::card::{Action, Card, Severity};
use crate::intent::IntentVerb;
use crate::look::ViewContext;

/// The finder is told when a finding is routed and when it is in order.
pub fn finding(
    kind: NoticeKind,
    about: &str,
    with: &BTreeMap<String, String>,
    look: &ViewContext<'_>,
) -> Card {
    let cleared = kind == NoticeKind::FindingCleared;
    let title = look.with(
        if cleared {
            "finding-cleared"
        } else {
            "finding-routed"
        },
        &[("id", about.into())],
    );
    let known = |keys: &[&str]| {
        keys.iter()
            .find_map(|key| with.get(*key))
            .cloned()
            .unwrap_or_default()
    };
    let codes: Vec<String> = known(&["codes"])
        .split([';', ','])
        .map(str::trim)
        .filter(|code| !code.is_empty())
        .map(str::to_owned)
        .collect();
    Card::new(
        format!("finding/{about}"),
        if cleared {
            Severity::Good
        } else {
            Severity::Quiet
        },
        title,
    )
    .field(look.say("label-what"), known(&["name", "place", "subject"]))
    .field(look.say("label-codes"), look.codes(&codes))
    .field(
        look.say("label-department"),
        known(&["department_name", "department"]),
    )
    .line(look.say(if cleared {
        "finding-cleared-line"
    } else {
        "finding-routed-line"
    }))
    .silent()
}

/// Whoever had sheets of a batch is told that it was cancelled, and why.
pub fn batch_cancelled(
    about: &str,
    with: &BTreeMap<String, String>,
    look: &ViewContext<'_>,
) -> Card {
    let said = |key: &str| with.get(key).map(String::as_str).unwrap_or_default();
    let sheets: u32 = said("sheets").parse().unwrap_or(1);
    Card::new(
        format!("cancelled/{about}"),
        Severity::Quiet,
        look.with(
            "notice-cancelled",
            &[
                ("id", about.into()),
                ("name", crate::plain::plain(said("name"), 30).into()),
            ],
        ),
    )
    .line(look.with(
        "notice-cancelled-reason",
        &[("reason", crate::plain::plain(said("reason"), 500).into())],
    ))
    .line(look.with("notice-cancelled-line", &[("sheets", sheets.into())]))
    .row([Action::of(look.say("do-inbox"), IntentVerb::Inbox, "")])
}

/// The same card with a headline that says why it comes now.
pub fn headed(mut card: Card, kind: NoticeKind, look: &ViewContext<'_>) -> Card {
    let key = match kind {
        NoticeKind::Reminder => "notice-head-reminder",
        NoticeKind::Returned => "notice-head-returned",
        NoticeKind::Unassigned => "notice-head-unassigned",
        NoticeKind::LeadReturned => "notice-head-lead-returned",
        NoticeKind::FixFailed => "notice-head-fix-failed",
        NoticeKind::Digest => "notice-head-digest",
        _ => return card,
    };
    card.title = format!("{} {}", look.say(key), card.title);
    if kind == NoticeKind::Reminder && card.severity != Severity::Late {
        card.severity = Severity::Soon;
    }
    card
}
