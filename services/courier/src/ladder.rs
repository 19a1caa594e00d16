//! Ladder: what follows from facts of escalation. Reminders, steps, proposals to sign; clocks that stop or move.
//!
//! A notice about a clock goes only while the clock runs as it did when the notice was written.
//! From B2 up a step is urgent. While escalation holds its late bells, what they say waits here too.
//! It does not know why somebody is addressed: the step says so.

use std::collections::BTreeSet;

use picket_schemas::courier::NoticeKind;
use picket_schemas::escalation::{ClockKind, Event};
use picket_schemas::{ClockId, PersonId};

use crate::matters::plus;
use crate::pending::{Message, NoticeFields, PendingNotices};

/// The first level that does not wait for the morning.
const URGENT: u32 = 2;
/// Notice kinds that a clock's deadline causes.
const OF_CLOCKS: [NoticeKind; 3] = [
    NoticeKind::Reminder,
    NoticeKind::Ladder,
    NoticeKind::Proposal,
];

/// Adds what follows from a fact of escalation.
pub(crate) fn follow(pending: &mut PendingNotices<'_>, event: &Event) {
    match event {
        Event::ReminderDue { .. } => remind(pending, event),
        Event::LadderStepped { .. } => rise(pending, event, NoticeKind::Ladder),
        Event::LadderProposed { .. } => rise(pending, event, NoticeKind::Proposal),
        Event::LadderSigned { .. } => signed(pending, event),
        Event::ClockStopped { clock, .. } => {
            pending.withdraw_clock(clock.as_str(), "the clock has stopped", |_| true)
        }
        Event::ClockPaused { clock, .. } => {
            pending.withdraw_clock(clock.as_str(), "the clock stands still", |notice| {
                OF_CLOCKS.contains(&notice.kind)
            })
        }
        Event::ClockMoved { clock, .. } => {
            pending.withdraw_clock(clock.as_str(), "the deadline was moved", |notice| {
                OF_CLOCKS.contains(&notice.kind)
            })
        }
        Event::BreachWithdrawn { clock, .. } => {
            pending.withdraw_clock(clock.as_str(), "the deadline was met after all", |_| true)
        }
        Event::StepAcknowledged { step, by, .. } => pending.withdraw(
            step.as_str(),
            "the recipient already acknowledged the step",
            |notice| notice.to == *by,
        ),
        Event::NoticesHeld { late } => pending.hold(Some(*late)),
        Event::NoticesReleased { .. } => pending.hold(None),
        _ => {}
    }
}

fn remind(pending: &mut PendingNotices<'_>, event: &Event) {
    let Event::ReminderDue {
        clock,
        kind,
        on,
        to,
        due,
        ..
    } = event
    else {
        return;
    };
    let reminder = ClockNotice {
        kind: NoticeKind::Reminder,
        about: on.as_str(),
        on: on.as_str(),
        clock,
        urgent: false,
    };
    let with = plus(shown(pending, on.as_str(), *kind), "due", due.to_string());
    tell(pending, reminder, with, to);
}

/// A step that was taken, or proposed and never urgent.
fn rise(pending: &mut PendingNotices<'_>, event: &Event, notice: NoticeKind) {
    let (Event::LadderStepped {
        step,
        clock,
        kind,
        on,
        level,
        to,
        due,
        why,
        ..
    }
    | Event::LadderProposed {
        step,
        clock,
        kind,
        on,
        level,
        to,
        due,
        why,
        ..
    }) = event
    else {
        return;
    };
    let risen = ClockNotice {
        kind: notice,
        about: step.as_str(),
        on: on.as_str(),
        clock,
        urgent: notice == NoticeKind::Ladder && is_urgent(level),
    };
    let mut with = plus(
        step_shown(pending, on.as_str(), *kind, level),
        "due",
        due.to_string(),
    );
    // A step of version 1 says why in a sentence; since then readers of its card ask for the step.
    if !why.is_empty() {
        with = plus(with, "why", why.as_str());
    }
    tell(pending, risen, with, to);
}

fn signed(pending: &mut PendingNotices<'_>, event: &Event) {
    let Event::LadderSigned {
        step,
        clock,
        kind,
        on,
        level,
        to,
        ..
    } = event
    else {
        return;
    };
    pending.withdraw_kinds(
        step.as_str(),
        "the step was already signed",
        &[NoticeKind::Proposal],
    );
    let taken = ClockNotice {
        kind: NoticeKind::Ladder,
        about: step.as_str(),
        on: on.as_str(),
        clock,
        urgent: is_urgent(level),
    };
    let with = plus(
        step_shown(pending, on.as_str(), *kind, level),
        "signed",
        "yes",
    );
    tell(pending, taken, with, to);
}

/// The subject of a notice about a clock.
struct ClockNotice<'s> {
    kind: NoticeKind,
    about: &'s str,
    on: &'s str,
    clock: &'s ClockId,
    urgent: bool,
}

fn tell(
    pending: &mut PendingNotices<'_>,
    step: ClockNotice<'_>,
    with: NoticeFields,
    to: &[PersonId],
) {
    let message = Message {
        kind: step.kind,
        about: step.about,
        clock: Some(step.clock.as_str()),
        urgent: step.urgent,
        matter: pending.matter(step.on),
        with,
    };
    let to: BTreeSet<_> = to.iter().cloned().collect();
    pending.tell(&message, to);
}

fn shown(pending: &PendingNotices<'_>, on: &str, kind: ClockKind) -> NoticeFields {
    plus(plus(pending.shown_of(on), "on", on), "kind", kind.as_str())
}

fn step_shown(
    pending: &PendingNotices<'_>,
    on: &str,
    kind: ClockKind,
    level: &str,
) -> NoticeFields {
    plus(shown(pending, on, kind), "level", level)
}

fn is_urgent(level: &str) -> bool {
    level
        .trim_start_matches('B')
        .parse::<u32>()
        .is_ok_and(|level| level >= URGENT)
}
