//! What follows from the facts of an order: the fix and its verification, extensions and parking.
//!
//! Whether an order may be extended or parked is decided where orders are kept; here the clock follows.
//! It does not know what the order demands.

use jiff::{Timestamp, ToSpan};
use picket_calendar::{Calendar, Due};
use picket_schemas::escalation::{ClockKind, Duty, Event};
use picket_schemas::rectification::Event as Fact;
use picket_schemas::registry::Role;
use picket_schemas::{PersonId, Span, Unit};

use crate::clock::{Clock, Matter};
use crate::draft::Draft;
use crate::ladder::Ladder;
use crate::tasks::role;

/// Drafts what follows from a fact of an order.
pub(crate) fn react(draft: &mut Draft<'_>, fact: &Fact) {
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
            let matter = Matter {
                area: area.clone(),
                post: post.clone(),
                owner: owner.clone(),
                span: Some(*deadline),
                ..Matter::default()
            };
            let duty = Duty {
                people: vec![duty.clone()],
                department: Some(department.clone()),
                ..Duty::default()
            };
            served(draft, order.as_str(), &matter, duty, *deadline);
        }
        Fact::OrderExtended {
            order,
            span,
            reason,
            by,
        } => extended(draft, order.as_str(), *span, reason, by),
        Fact::OrderParked { order, reason, by } => parked(draft, order.as_str(), reason, by),
        Fact::OrderResumed { order, by, .. } => {
            if let Some(clock) = draft.clock(ClockKind::OrderFix, order.as_str())
                && let Some(event) = resume(clock, draft.at, by, draft.cx)
            {
                draft.events.push(event);
            }
        }
        Fact::FixReported { order, .. } => {
            let on = order.as_str();
            if let Some(matter) = draft
                .matter(on)
                .filter(|_| draft.clock(ClockKind::OrderVerify, on).is_none())
            {
                draft.stop(ClockKind::OrderFix, on);
                draft.start(ClockKind::OrderVerify, on, matter, role(Role::Verifier));
            }
        }
        Fact::FixFailed { order, .. } => {
            let on = order.as_str();
            if let Some(matter) = draft
                .matter(on)
                .filter(|_| draft.clock(ClockKind::OrderVerify, on).is_some())
            {
                draft.stop(ClockKind::OrderVerify, on);
                if let Some(clock) = &matter.fix {
                    draft.run_on(clock);
                }
            }
        }
        Fact::FixPassed { order, .. } => draft.close(order.as_str()),
        _ => {}
    }
}

fn served(draft: &mut Draft<'_>, on: &str, matter: &Matter, duty: Duty, deadline: Span) {
    if draft.book.matters.contains_key(on) {
        return;
    }
    let (area, post, owner) = (
        matter.area.clone(),
        matter.post.clone(),
        matter.owner.clone(),
    );
    draft.events.push(Event::MatterOpened {
        on: on.to_owned(),
        area,
        post,
        owner,
        span: deadline,
    });
    draft.start_for(ClockKind::OrderFix, on, matter, duty, deadline);
}

fn extended(draft: &mut Draft<'_>, on: &str, by_span: Span, reason: &str, by: &PersonId) {
    let Some(clock) = draft.clock(ClockKind::OrderFix, on) else {
        return;
    };
    let due = longer(clock, by_span, draft.cx.calendar());
    draft.withdraw(clock);
    let quiet = due.provisional || clock.paused.is_some();
    let next = if quiet {
        None
    } else {
        Ladder::of(clock.kind, draft.cx).next_of(clock, due.at, clock.span, draft.cx.at)
    };
    draft.events.push(Event::ClockMoved {
        clock: clock.id.clone(),
        due: due.at,
        reason: reason.to_owned(),
        by: by.clone(),
        next,
    });
}

fn parked(draft: &mut Draft<'_>, on: &str, reason: &str, by: &PersonId) {
    let Some(clock) = draft
        .clock(ClockKind::OrderFix, on)
        .filter(|clock| clock.paused.is_none())
    else {
        return;
    };
    draft.withdraw(clock);
    let at = (draft.at != draft.cx.at).then_some(draft.at);
    draft.events.push(Event::ClockPaused {
        clock: clock.id.clone(),
        reason: reason.to_owned(),
        by: by.clone(),
        at,
    });
}

/// The due instant with an extension. Units never convert: another unit, or an instant that no longer
/// follows from the start, is counted on from the present due instant.
fn longer(clock: &Clock, by: Span, calendar: &Calendar) -> Due {
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
    clock: &Clock,
    at: Timestamp,
    by: &PersonId,
    cx: &picket_book::Decision<'_>,
) -> Option<Event> {
    let due = left_again(clock, clock.paused?, at, cx.calendar());
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

/// What was left when it stopped is given again from `at`; what it was overdue by stays so.
fn left_again(clock: &Clock, since: Timestamp, at: Timestamp, calendar: &Calendar) -> Due {
    let (stopped_on, last_day, today) = (
        calendar.date_of(since),
        calendar.date_of(just_before(clock.due)),
        calendar.date_of(at),
    );
    let end_of = |day| Due {
        at: calendar.end_of_day(day),
        last_day: day,
        provisional: false,
        skipped: Vec::new(),
    };
    let as_long = || {
        let due = clock
            .due
            .checked_add(at.duration_since(since))
            .unwrap_or(Timestamp::MAX);
        Due {
            at: due,
            last_day: calendar.date_of(just_before(due)),
            provisional: clock.provisional,
            skipped: Vec::new(),
        }
    };
    match clock.span.unit {
        Unit::WorkingDay => match calendar.working_days_between(stopped_on, last_day) {
            Ok(left) if left > 0 => calendar.due(at, Span::working_days(left.unsigned_abs())),
            Ok(0) => calendar.due(
                at,
                Span {
                    amount: 0,
                    unit: Unit::RolledDay,
                },
            ),
            Ok(over) => calendar
                .add_working_days(today, over)
                .map_or_else(|_| as_long(), end_of),
            Err(_) => Due {
                provisional: true,
                ..as_long()
            },
        },
        unit @ (Unit::NaturalDay | Unit::RolledDay) => {
            let left = stopped_on.until(last_day).map_or(0, |days| days.get_days());
            match u32::try_from(left) {
                Ok(left) => calendar.due(at, Span { amount: left, unit }),
                Err(_) => end_of(today.saturating_add(left.days())),
            }
        }
        Unit::WorkingHour => {
            let enough = |hours: &u32| {
                calendar
                    .due(
                        since,
                        Span {
                            amount: *hours,
                            unit: Unit::WorkingHour,
                        },
                    )
                    .at
                    >= clock.due
            };
            let left = (0..=clock.span.amount)
                .find(enough)
                .filter(|_| since < clock.due);
            left.map_or_else(as_long, |hours| {
                calendar.due(
                    at,
                    Span {
                        amount: hours,
                        unit: Unit::WorkingHour,
                    },
                )
            })
        }
        Unit::UrgentHour => as_long(),
    }
}

/// An instant within the day that ends at `due`.
pub(crate) fn just_before(due: Timestamp) -> Timestamp {
    due.checked_sub(1.second()).unwrap_or(due)
}
