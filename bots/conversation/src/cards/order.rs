//! An order to rectify: to serve, to report the fix of, to verify.
//!
//! The four fields that make an order are always on it. Who verifies sees what was reported first.

use picket_schemas::Span;
use picket_schemas::ask::OrderView;
use picket_schemas::declared::Thing;

use crate::card::{Card, Severity};
use crate::cards::{Buttons, IN_A_ROW};
use crate::intent::IntentVerb;
use crate::look::{ViewContext, pressing};

/// The key of an order's card.
pub fn key(order: &OrderView) -> String {
    format!("order/{}/{}", order.jurisdiction, order.order)
}

/// The card that fits the state of the order and the person.
pub fn card(order: &OrderView, look: &ViewContext<'_>) -> Card {
    let verifies = look.me.is(&["verifier"])
        || look.me.is(&["inspector", "head"]) && !look.me.of_department(&order.department);
    if order.state == "reported" && verifies {
        verify(order, look)
    } else {
        state(order, look)
    }
}

/// An order as it stands.
pub fn state(order: &OrderView, look: &ViewContext<'_>) -> Card {
    let press = Buttons::new(look, &order.jurisdiction, &order.order, order.rev);
    let mut card = head(order, look)
        .field(
            look.say("label-focus"),
            crate::plain::plain(&order.focus, 50),
        )
        .field(
            look.say("label-requirement"),
            crate::plain::plain(&order.requirement, 60),
        )
        .field(
            look.say("label-content"),
            crate::plain::plain(&order.content, 60),
        );
    if let Some(at) = order.reported {
        card = card.line(look.with("order-reported", &[("at", look.when.moment(at).into())]));
    }
    if let Some(at) = order.cleared {
        card = card.line(look.with("order-cleared", &[("at", look.when.moment(at).into())]));
    }
    if order.parked {
        card = card.strong(look.say("order-parked"));
    }
    let declared = press.declared(Thing::Order, &order.state, &[&order.department]);
    card = card.grid(declared, IN_A_ROW);
    if look.me.may("rectification.extend_order") && order.state == "served" {
        let park = if order.parked {
            press.of("do-unpark", IntentVerb::Unpark)
        } else {
            press.of("do-park", IntentVerb::Park)
        };
        card = card.row([press.of("do-extend", IntentVerb::Extend), park]);
    }
    card.row([press.of("do-timeline", IntentVerb::Timeline)])
}

/// A fix somebody else reported, to be looked at on the spot.
pub fn verify(order: &OrderView, look: &ViewContext<'_>) -> Card {
    let press = Buttons::new(look, &order.jurisdiction, &order.order, order.rev);
    let mut card = head(order, look)
        .field(
            look.say("label-requirement"),
            crate::plain::plain(&order.requirement, 80),
        )
        .field(
            look.say("label-fix"),
            crate::plain::plain(order.fix_note.as_deref().unwrap_or_default(), 80),
        );
    if let Some(at) = order.reported {
        card = card.line(look.with("order-reported", &[("at", look.when.moment(at).into())]));
    }
    if look.me.may("rectification.verify_fix") {
        card = card.strong(look.say("order-verify")).row([
            press.of("do-pass", IntentVerb::Pass),
            press.of("do-fail", IntentVerb::Fail),
        ]);
    }
    let declared = press.declared(Thing::Order, &order.state, &[&order.department]);
    card.grid(declared, IN_A_ROW)
        .row([press.of("do-timeline", IntentVerb::Timeline)])
}

fn head(order: &OrderView, look: &ViewContext<'_>) -> Card {
    let (late, soon) = pressing(order.deadline.as_ref(), look.when.now);
    let severity = match order.state.as_str() {
        "cleared" => Severity::Good,
        _ if late => Severity::Late,
        _ if soon => Severity::Soon,
        _ => Severity::New,
    };
    let id = look.id(&order.jurisdiction, &order.order);
    let title = look.with(
        "order-title",
        &[
            ("id", id.into()),
            ("state", look.words.word("orderstate", &order.state).into()),
        ],
    );
    let number = look.with(
        "order-number",
        &[
            ("year", order.year.to_string().into()),
            ("number", order.number.to_string().into()),
        ],
    );
    let names = [
        Some(&order.department),
        order.post.as_ref(),
        order.owner.as_ref(),
    ];
    // Said in the reader's language; what does not read as a length of time stays as it stands.
    let span = || {
        order.span.parse::<Span>().map_or_else(
            |_| crate::plain::plain(&order.span, 30),
            |span| look.when.span(span),
        )
    };
    let deadline = if order.served.is_none() {
        look.with("order-unserved", &[("span", span().into())])
    } else {
        look.deadline(order.deadline.as_ref())
    };
    Card::new(key(order), severity, title)
        .rev(order.rev)
        .field(look.say("label-number"), number)
        .field(
            look.say("label-what"),
            crate::plain::plain(&look.names([&order.subject]), 40),
        )
        .field(
            look.say("label-duty"),
            look.names(names.into_iter().flatten()),
        )
        .field(look.say("label-deadline"), deadline)
}
