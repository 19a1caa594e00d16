//! The figures of a frozen bulletin, as many as a chat can show.

use picket_schemas::ask::BulletinView;
use picket_schemas::declared::Thing;
use picket_schemas::figures::FIGURES;

use crate::card::{Card, Severity};
use crate::cards::{Buttons, IN_A_ROW};
use crate::intent::Verb;
use crate::look::Look;
use crate::when::yuan;

/// The latest bulletin, or that there is none yet.
pub fn card(view: Option<&BulletinView>, look: &Look<'_>) -> Card {
    let Some(view) = view else {
        return Card::new("bulletin", Severity::Quiet, look.say("bulletin-none"));
    };
    let title = look.with(
        "bulletin-title",
        &[
            ("name", crate::plain::plain(&view.name, 30).into()),
            (
                "area",
                crate::plain::plain(&view.jurisdiction_name, 16).into(),
            ),
        ],
    );
    let mut card = Card::new(
        format!("bulletin/{}/{}", view.jurisdiction, view.bulletin),
        Severity::Quiet,
        title,
    )
    .field(look.say("label-as-of"), look.when.moment(view.as_of))
    .field(
        look.say("label-state"),
        look.say(if view.approved {
            "bulletin-approved"
        } else {
            "bulletin-frozen"
        }),
    );
    let parts: Vec<_> = FIGURES
        .iter()
        .filter(|(key, _)| view.figures.get(key) != 0)
        .map(|(key, unit)| {
            let value = view.figures.get(key);
            if *key == "refund_fen" {
                look.with("bulletin-refund", &[("yuan", yuan(value).into())])
            } else {
                // The counting unit is part of the figure; only Chinese has words for all of them.
                let unit = if look.words.language == crate::words::Language::Zh {
                    *unit
                } else {
                    ""
                };
                format!(
                    "{} {value}{}",
                    look.words.word("figure", key),
                    if unit.is_empty() {
                        String::new()
                    } else {
                        format!(" {unit}")
                    }
                )
            }
        })
        .collect();
    for line in parts.chunks(3) {
        card = card.line(line.join(" · "));
    }
    if parts.is_empty() {
        card = card.line(look.say("bulletin-empty"));
    }
    if !view.approved && look.me.may("bulletin.approve") {
        card = card.row([Buttons::new(look, &view.jurisdiction, &view.bulletin, 0)
            .of("do-bless", Verb::ApproveBulletin)]);
    }
    let state = if view.approved { "approved" } else { "frozen" };
    let press = Buttons::any(look, &view.jurisdiction, &view.bulletin);
    card = card.grid(press.declared(Thing::Bulletin, state, &[]), IN_A_ROW);
    if view.corrects.is_some() {
        card = card.faint(look.say("bulletin-corrects"));
    }
    card.silent()
}
