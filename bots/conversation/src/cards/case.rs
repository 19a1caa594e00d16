//! A case with its orders.

use picket_schemas::ask::CaseView;
use picket_schemas::declared::Thing;

use crate::card::{Card, Severity};
use crate::cards::{Buttons, IN_A_ROW, open};
use crate::intent::IntentVerb;
use crate::look::ViewContext;
use crate::when::yuan;

/// The limit of orders on one card.
const ORDERS: usize = 4;

/// The key of a case's card.
pub fn key(case: &CaseView) -> String {
    format!("case/{}/{}", case.jurisdiction, case.case)
}

/// A case: whose, what for, which orders, what is to be done next.
pub fn card(case: &CaseView, look: &ViewContext<'_>) -> Card {
    let mut card = head(case, look);
    if case.generation > 1 {
        card = card.strong(look.with("case-again", &[("n", case.generation.into())]));
    }
    if case.refund_fen > 0 {
        card = card.line(look.with("case-refund", &[("yuan", yuan(case.refund_fen).into())]));
    }
    for order in case.orders.iter().take(ORDERS) {
        let due = look.deadline(order.deadline.as_ref());
        card = card.line(format!(
            "{} · {} {due}",
            look.id(&order.jurisdiction, &order.order),
            look.words.word("orderstate", &order.state)
        ));
    }
    with_buttons(card, case, look)
}

fn head(case: &CaseView, look: &ViewContext<'_>) -> Card {
    let severity = if is_cleared(case) {
        Severity::Good
    } else {
        Severity::New
    };
    let id = look.id(&case.jurisdiction, &case.case);
    let title = look.with(
        "case-title",
        &[
            ("id", id.into()),
            ("state", look.words.word("casestate", &case.state).into()),
        ],
    );
    Card::new(key(case), severity, title)
        .rev(case.rev)
        .field(
            look.say("label-what"),
            crate::plain::plain(&look.names([&case.subject]), 40),
        )
        .field(
            look.say("label-codes"),
            crate::plain::plain(&look.codes(&case.codes), 80),
        )
        .field(look.say("label-department"), look.names([&case.department]))
        .field(look.say("label-officers"), look.names(&case.officers))
        .field(look.say("label-finder"), look.names(&case.post))
        .field(look.say("label-owner"), look.names(&case.owner))
}

/// The buttons of the handling department, those declared for a case, and those that open the orders.
fn with_buttons(mut card: Card, case: &CaseView, look: &ViewContext<'_>) -> Card {
    let press = Buttons::new(look, &case.jurisdiction, &case.case, case.rev);
    let ours = look.me.is(&["inspector", "head"]) && look.me.of_department(&case.department);
    if ours && !is_cleared(case) {
        let without = case.orders.iter().all(|order| order.state == "cleared");
        if without {
            card = card.row([press.of("do-draft", IntentVerb::IssueOrder)]);
        }
    }
    let declared = press.declared(Thing::Case, &case.state, &[&case.department]);
    let orders = case.orders.iter().take(ORDERS).map(|order| {
        let id = look.id(&order.jurisdiction, &order.order);
        open(&id, IntentVerb::Order, look)
    });
    card.grid(declared, IN_A_ROW)
        .grid(orders, 2)
        .row([press.of("do-timeline", IntentVerb::Timeline)])
}

fn is_cleared(case: &CaseView) -> bool {
    case.state == "cleared"
}
