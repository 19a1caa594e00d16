//! Orders: what follows from facts about them. The fix and its verification, extensions and parking.
//!
//! Extending and parking are decided where orders are kept; here the clock follows.
//! It does not know what the order demands.

use jiff::Timestamp;
use picket_calendar::{Calendar, Due};
use picket_schemas::escalation::{ClockKind, Duty, Event};
use picket_schemas::rectification::Event as Fact;
use picket_schemas::registry::Role;
use picket_schemas::{PersonId, Span, Unit};

use crate::clock::{ClockedMatter, DeadlineClock, just_before};
use crate::ladder::Ladder;
use crate::pending::PendingEvents;
use crate::standstill::Standstill;
use crate::tasks::role;

/// Adds what follows from a fact of an order.
pub(crate) fn react(pending: &mut PendingEvents<'_>, fact: &Fact) {
    match fact {
        Fact::OrderServed {
            order,
            area,
            department,
            deadline,
            duty,
            owner,
            post,
            ..
        } => {
            let matter = ClockedMatter {
                area: area.clone(),
                post: post.clone(),
                owner: owner.clone(),
                span: Some(*deadline),
                ..ClockedMatter::default()
            };
            let duty = Duty {
                people: vec![duty.clone()],
                department: Some(department.clone()),
                ..Duty::default()
            };
            served(pending, order.as_str(), &matter, duty, *deadline);
        }
        Fact::OrderExtended {
            order,
            span,
            reason,
            by,
        } => extended(pending, order.as_str(), *span, reason, by),
        Fact::OrderParked { order, reason, by } => parked(pending, order.as_str(), reason, by),
        Fact::OrderResumed { order, by, .. } => {
            if let Some(clock) = pending.clock(ClockKind::OrderFix, order.as_str())
                && let Some(event) = resume(clock, pending.at, by, pending.cx)
            {
                pending.events.push(event);
            }
        }
        Fact::FixReported { order, .. } => {
            let on = order.as_str();
            if let Some(matter) = pending
                .matter(on)
                .filter(|_| pending.clock(ClockKind::OrderVerify, on).is_none())
            {
                pending.stop(ClockKind::OrderFix, on);
                pending.start(ClockKind::OrderVerify, on, matter, role(Role::Verifier));
            }
        }
        Fact::FixFailed { order, .. } => {
            let on = order.as_str();
            if let Some(matter) = pending
                .matter(on)
                .filter(|_| pending.clock(ClockKind::OrderVerify, on).is_some())
            {
                pending.stop(ClockKind::OrderVerify, on);
                if let Some(clock) = &matter.fix {
                    pending.run_on(clock);
                }
            }
        }
        Fact::FixPassed { order, .. } => pending.close(order.as_str()),
        _ => {}
    }
}

fn served(
    pending: &mut PendingEvents<'_>,
    on: &str,
    matter: &ClockedMatter,
    duty: Duty,
    deadline: Span,
) {
    if pending.book.matters.contains_key(on) {
        return;
    }
    let (area, post, owner) = (
        matter.area.clone(),
        matter.post.clone(),
        matter.owner.clone(),
    );
    pending.events.push(Event::MatterOpened {
        on: on.into(),
        area,
        post,
        owner,
        span: deadline,
    });
    pending.start_for(ClockKind::OrderFix, on, matter, duty, deadline);
}

fn extended(pending: &mut PendingEvents<'_>, on: &str, by_span: Span, reason: &str, by: &PersonId) {
    let Some(clock) = pending.clock(ClockKind::OrderFix, on) else {
        return;
    };
    let due = longer(clock, by_span, pending.cx.calendar());
    pending.withdraw(clock);
    let quiet = due.provisional || clock.paused.is_some();
    let next = if quiet {
        None
    } else {
        Ladder::of(clock.kind, pending.cx).next_of(clock, due.at, clock.span, pending.cx.at)
    };
    pending.events.push(Event::ClockMoved {
        clock: clock.id.clone(),
        due: due.at,
        reason: reason.to_owned(),
        by: by.clone(),
        next,
    });
}

fn parked(pending: &mut PendingEvents<'_>, on: &str, reason: &str, by: &PersonId) {
    let Some(clock) = pending
        .clock(ClockKind::OrderFix, on)
        .filter(|clock| clock.paused.is_none())
    else {
        return;
    };
    pending.withdraw(clock);
    let at = (pending.at != pending.cx.at).then_some(pending.at);
    pending.events.push(Event::ClockPaused {
        clock: clock.id.clone(),
        reason: reason.to_owned(),
        by: by.clone(),
        at,
    });
}

/// The due instant with an extension. Units never convert: another unit, or an instant that no longer
/// follows from the start, is counted on from the present due instant.
fn longer(clock: &DeadlineClock, by: Span, calendar: &Calendar) -> Due {
    if by.unit == clock.span.unit && !clock.moved {
        return calendar.due(
            clock.from,
            Span {
                amount: clock.span.amount.saturating_add(by.amount),
                unit: by.unit,
            },
        );
    }
    match by.unit {
        // A day clock ends at 24:00; the days after are counted from the day that ends then.
        Unit::WorkingDay | Unit::NaturalDay | Unit::RolledDay => {
            calendar.due(just_before(clock.due), by)
        }
        Unit::WorkingHour | Unit::UrgentHour => calendar.due(clock.due, by),
    }
}

/// A clock that stood still goes on with what was left of it.
pub(crate) fn resume(
    clock: &DeadlineClock,
    at: Timestamp,
    by: &PersonId,
    cx: &picket_book::Decision<'_>,
) -> Option<Event> {
    let standstill = Standstill {
        clock,
        since: clock.paused?,
        at,
        calendar: cx.calendar(),
    };
    let due = standstill.due_again();
    let next = if due.provisional {
        None
    } else {
        Ladder::of(clock.kind, cx).next_of(clock, due.at, clock.span, cx.at)
    };
    Some(Event::ClockResumed {
        clock: clock.id.clone(),
        due: due.at,
        by: by.clone(),
        next,
    })
}
