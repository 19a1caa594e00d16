//! A case with its orders.

use picket_schemas::ask::CaseView;

use crate::card::{Action, Card, Severity};
use crate::cards::Buttons;
use crate::intent::Verb;
use crate::look::Look;
use crate::when::yuan;

/// The key of a case's card.
pub fn key(case: &CaseView) -> String {
    format!("case/{}/{}", case.jurisdiction, case.case)
}

/// A case: whose, what for, which orders, what is to be done next.
pub fn card(case: &CaseView, look: &Look<'_>) -> Card {
    let press = Buttons::new(look, &case.jurisdiction, &case.case, case.rev);
    let cleared = case.state == "cleared";
    let id = look.id(&case.jurisdiction, &case.case);
    let title = look.with(
        "case-title",
        &[
            ("id", id.into()),
            ("state", look.words.word("casestate", &case.state).into()),
        ],
    );
    let mut card = Card::new(
        key(case),
        if cleared {
            Severity::Good
        } else {
            Severity::New
        },
        title,
    )
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
    .field(
        look.say("label-finder"),
        case.post
            .as_ref()
            .map(|post| look.names([post]))
            .unwrap_or_default(),
    )
    .field(
        look.say("label-owner"),
        case.owner
            .as_ref()
            .map(|owner| look.names([owner]))
            .unwrap_or_default(),
    );
    if case.generation > 1 {
        card = card.strong(look.with("case-again", &[("n", case.generation.into())]));
    }
    if case.refund_fen > 0 {
        card = card.line(look.with("case-refund", &[("yuan", yuan(case.refund_fen).into())]));
    }
    for order in case.orders.iter().take(4) {
        let due = look.deadline(order.deadline.as_ref());
        card = card.line(format!(
            "{} · {} {due}",
            look.id(&order.jurisdiction, &order.order),
            look.words.word("orderstate", &order.state)
        ));
    }
    let ours = look.me.is(&["inspector", "head"]) && look.me.of_department(&case.department);
    if ours && !cleared {
        let without = case.orders.iter().all(|order| order.state == "cleared");
        if without {
            card = card.row([press.of("do-draft", Verb::IssueOrder)]);
        }
        card = card.row([
            press.of("do-refund", Verb::Refund),
            press.of("do-penalty", Verb::Penalty),
            press.of("do-suspend", Verb::Suspend),
        ]);
    }
    if cleared && look.me.may("rectification.look_back") {
        card = card.row([
            press.with("do-look-back-held", Verb::LookBack, "held"),
            press.with("do-look-back-relapsed", Verb::LookBack, "relapsed"),
        ]);
    }
    let orders = case.orders.iter().take(4).map(|order| {
        let id = look.id(&order.jurisdiction, &order.order);
        Action::of(
            look.with("do-open", &[("id", id.as_str().into())]),
            Verb::Order,
            &id,
        )
    });
    card.grid(orders, 2)
        .row([press.of("do-timeline", Verb::Timeline)])
}
