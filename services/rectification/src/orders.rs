//! Orders to rectify: issued, served, and given more time by those above.
//!
//! An order is refused without focus, requirement, content and deadline; its number is dense within the
//! jurisdiction and the local year. Service starts the clock, which runs in escalation and follows what is
//! decided here: one extension, parking, resuming.

use picket_book::{Decision, fields};
use picket_schemas::rectification::{Command, Event};
use picket_schemas::{OrderId, Refusal, Span, Unit};

use crate::checks::{already, handles, not_allowed, oversees, wrong_state};
use crate::state::{Order, OrderStage};
use crate::{Decided, Rectification};

impl Rectification {
    /// Writes an order for a case.
    pub(crate) fn issue_order(&self, command: &Command, cx: &Decision<'_>) -> Decided {
        const VERB: &str = "rectification.issue_order";
        let Command::IssueOrder {
            case: id,
            focus,
            requirement,
            content,
            ground,
            deadline,
        } = command
        else {
            unreachable!("decide hands each command to its own verb")
        };
        let case = self.case(id)?;
        handles(VERB, case, cx)?;
        // An order is the leading department's paper; of the assisting ones only a named officer writes it.
        let own = cx
            .directory
            .person(cx.actor)
            .and_then(|person| person.department.as_ref());
        if own != Some(&case.department) && !case.officers.contains(cx.actor) {
            return Err(not_allowed(VERB, cx));
        }
        if case.cleared.is_some() {
            return Err(wrong_state(id, case.stage(), "filed or ordered"));
        }
        let focus = printed("focus", focus)?;
        let requirement = printed("requirement", requirement)?;
        let content = printed("content", content)?;
        let deadline = deadline.ok_or_else(|| Refusal::OrderIncomplete {
            field: "deadline".to_owned(),
        })?;
        fields::positive(
            "deadline",
            deadline.amount,
            "it must leave at least one day or hour",
        )?;
        let year = cx.calendar().date_of(cx.at).year();
        Ok(vec![Event::OrderIssued {
            order: OrderId::from(format!("Z-{}", self.counts.orders + 1)),
            number: self.numbers.get(&year).copied().unwrap_or_default() + 1,
            year,
            case: id.clone(),
            subject: case.subject.clone(),
            department: case.department.clone(),
            focus,
            requirement,
            content,
            ground: fields::text("ground", ground)?,
            deadline,
            by: cx.actor.clone(),
        }])
    }

    /// Records that the institution has the order; whoever served it answers for it from then on.
    pub(crate) fn serve_order(
        &self,
        id: &OrderId,
        proof: &str,
        evidence: &[String],
        cx: &Decision<'_>,
    ) -> Decided {
        let (order, case) = self.order(id)?;
        handles("rectification.serve_order", case, cx)?;
        if order.stage != OrderStage::Issued {
            return Err(already(id, order.stage()));
        }
        let proof = fields::needed_text(
            "proof",
            proof,
            "service starts the clock, so it needs a receipt, a photo or a witness",
        )?;
        Ok(vec![Event::OrderServed {
            order: id.clone(),
            proof,
            case: order.case.clone(),
            subject: case.subject.clone(),
            area: case.area.clone(),
            department: case.department.clone(),
            deadline: order.deadline,
            duty: cx.actor.clone(),
            owner: case.owner.clone(),
            post: case.post.clone(),
            by: cx.actor.clone(),
            evidence: evidence.to_vec(),
        }])
    }

    /// Gives an order more time, once.
    pub(crate) fn extend_order(
        &self,
        id: &OrderId,
        amount: u32,
        unit: Unit,
        given: &str,
        cx: &Decision<'_>,
    ) -> Decided {
        let (order, case) = self.order(id)?;
        oversees("rectification.extend_order", case, cx)?;
        if order.extended {
            return Err(already(id, "extended"));
        }
        running(id, order)?;
        fields::positive("amount", amount, "it must give at least one day or hour")?;
        if unit != order.deadline.unit {
            return Err(fields::invalid(
                "unit",
                format!(
                    "{id} is counted as {}, and units do not convert",
                    order.deadline
                ),
            ));
        }
        let reason = fields::reason(given, "extending an order")?;
        Ok(vec![Event::OrderExtended {
            order: id.clone(),
            span: Span { amount, unit },
            reason,
            by: cx.actor.clone(),
        }])
    }

    /// Lets an order rest: it is not cleared, but its time stands still.
    pub(crate) fn park_order(&self, id: &OrderId, given: &str, cx: &Decision<'_>) -> Decided {
        let (order, case) = self.order(id)?;
        oversees("rectification.park_order", case, cx)?;
        if order.parked {
            return Err(already(id, "parked"));
        }
        running(id, order)?;
        let reason = fields::reason(given, "parking an order")?;
        Ok(vec![Event::OrderParked {
            order: id.clone(),
            reason,
            by: cx.actor.clone(),
        }])
    }

    /// Lets its time run again.
    pub(crate) fn resume_order(&self, id: &OrderId, given: &str, cx: &Decision<'_>) -> Decided {
        let (order, case) = self.order(id)?;
        oversees("rectification.resume_order", case, cx)?;
        if !order.parked {
            return Err(wrong_state(id, order.stage(), "parked"));
        }
        let reason = fields::reason(given, "resuming an order")?;
        Ok(vec![Event::OrderResumed {
            order: id.clone(),
            reason,
            by: cx.actor.clone(),
        }])
    }
}

/// The institution has it, no fix is reported, and its time is not standing still.
pub(crate) fn running(id: &OrderId, order: &Order) -> Result<(), Refusal> {
    if order.stage == OrderStage::Served && !order.parked {
        Ok(())
    } else {
        Err(wrong_state(id, order.stage(), "served"))
    }
}

fn printed(field: &str, given: &str) -> Result<String, Refusal> {
    let given = fields::text(field, given)?;
    if given.is_empty() {
        return Err(Refusal::OrderIncomplete {
            field: field.to_owned(),
        });
    }
    Ok(given)
}
