//! The figures of a frozen bulletin, as many as a chat can show.

use picket_schemas::ask::BulletinView;
use picket_schemas::declared::Thing;
use picket_schemas::figures::FIGURES;

use crate::card::{Card, Severity};
use crate::cards::{Buttons, IN_A_ROW};
use crate::intent::IntentVerb;
use crate::look::ViewContext;
use crate::when::yuan;

/// The latest bulletin, or that there is none yet.
pub fn card(view: Option<&BulletinView>, look: &ViewContext<'_>) -> Card {
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
    let parts = figures(view, look);
    for line in parts.chunks(3) {
        card = card.line(line.join(" · "));
    }
    if parts.is_empty() {
        card = card.line(look.say("bulletin-empty"));
    }
    if !view.approved && look.me.may("bulletin.approve") {
        card = card.row([Buttons::new(look, &view.jurisdiction, &view.bulletin, 0)
            .of("do-bless", IntentVerb::ApproveBulletin)]);
    }
    let state = if view.approved { "approved" } else { "frozen" };
    let press = Buttons::any(look, &view.jurisdiction, &view.bulletin);
    card = card.grid(press.declared(Thing::Bulletin, state, &[]), IN_A_ROW);
    if view.corrects.is_some() {
        card = card.faint(look.say("bulletin-corrects"));
    }
    card.silent()
}

/// The figures that are not nought, each with its word.
fn figures(view: &BulletinView, look: &ViewContext<'_>) -> Vec<String> {
    let figure = |(key, _): &(&'static str, &'static str)| {
        let value = view.figures.get(key);
        if *key == "refund_fen" {
            return look.with("bulletin-refund", &[("yuan", yuan(value).into())]);
        }
        let word = look.words.word("figure", key);
        // The counting unit is part of the figure, where the language has a word for it.
        let unit = look.say(&format!("unit-{key}"));
        format!("{word} {value} {unit}").trim_end().to_owned()
    };
    FIGURES
        .iter()
        .filter(|(key, _)| view.figures.get(key) != 0)
        .map(figure)
        .collect()
}
