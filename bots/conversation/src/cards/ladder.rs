//! A step of the ladder: somebody is late, and this person must know.
//!
//! It always answers four questions: what, whose, since when late, and why me. A step that waits for
//! a signature offers to sign; any other asks for a promised instant.

use picket_schemas::ask::StepView;
use picket_schemas::declared::Thing;

use crate::card::{Action, Card, Severity};
use crate::cards::{Buttons, IN_A_ROW, open};
use crate::intent::IntentVerb;
use crate::look::ViewContext;

/// The key of a step's card.
pub fn key(step: &StepView) -> String {
    format!("step/{}/{}", step.jurisdiction, step.step)
}

/// A step, taken or proposed.
pub fn card(step: &StepView, look: &ViewContext<'_>) -> Card {
    let press = Buttons::new(look, &step.jurisdiction, &step.step, 0);
    let on = look.id(&step.jurisdiction, &step.on);
    let waits = step.proposed && !step.signed;
    let level = look.words.word("level", &step.level);
    let title = look.with(
        if waits {
            "step-title-proposed"
        } else {
            "step-title"
        },
        &[("on", on.as_str().into()), ("level", level.as_str().into())],
    );
    let duty = if step.duty.is_empty() {
        look.say("step-duty-unknown")
    } else {
        look.names(&step.duty)
    };
    let mut card = Card::new(
        key(step),
        if step.open {
            Severity::Late
        } else {
            Severity::Good
        },
        title,
    )
    .field(
        look.say("label-what"),
        crate::plain::plain(
            &format!("{} · {}", look.words.word("clock", &step.kind), step.what),
            70,
        ),
    )
    .field(look.say("label-duty"), crate::plain::plain(&duty, 50))
    .field(look.say("label-since"), look.when.due(step.due))
    .field(look.say("label-why"), why(step, look, &level));
    if !step.open {
        card = card.strong(look.say("step-over"));
    } else if let Some(promise) = step.promise {
        card = card.strong(look.with("step-promised", &[("at", look.when.end(promise).into())]));
    }
    if step.open && waits && look.me.may("escalation.sign_step") {
        card = card.row([press.of("do-sign", IntentVerb::Sign)]);
    } else if step.open && !waits && step.promise.is_none() {
        card = card.row([press.of("do-acknowledge", IntentVerb::Acknowledge)]);
    }
    let state = if step.open { "open" } else { "over" };
    card = card.grid(press.declared(Thing::Step, state, &[]), IN_A_ROW);
    let mut row = Vec::new();
    if let Some(verb) = step.on.split('-').next().and_then(crate::intent::opens) {
        row.push(open(&on, verb, look));
    }
    row.push(Action::of(
        look.say("do-timeline"),
        IntentVerb::Timeline,
        &on,
    ));
    card.row(row)
}

fn why(step: &StepView, look: &ViewContext<'_>, level: &str) -> String {
    let key = if step.proposed && !step.signed {
        "step-why-sign"
    } else if look.me.among(&step.duty) {
        "step-why-duty"
    } else {
        "step-why-above"
    };
    look.with(
        key,
        &[
            ("level", level.into()),
            ("at", look.when.moment(step.taken).into()),
        ],
    )
}
