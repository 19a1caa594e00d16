//! Ladder: what follows from facts of escalation. Reminders, steps, proposals to sign; clocks that stop or move.
//!
//! A notice about a clock goes only while the clock runs as it did when the notice was written.
//! From B2 up a step is urgent. While escalation holds its late bells, what they say waits here too.
//! It does not know why somebody is addressed: the step says so.

use std::collections::BTreeSet;

use picket_schemas::courier::NoticeKind;
use picket_schemas::escalation::{ClockKind, Event};
use picket_schemas::{ClockId, PersonId};

use crate::draft::{Draft, Message, With};
use crate::matters::plus;

/// The first level that does not wait for the morning.
const URGENT: u32 = 2;
/// What is said because of a clock's deadline.
const OF_CLOCKS: [NoticeKind; 3] = [
    NoticeKind::Reminder,
    NoticeKind::Ladder,
    NoticeKind::Proposal,
];

/// What follows from a fact of escalation.
pub(crate) fn follow(draft: &mut Draft<'_>, event: &Event) {
    match event {
        Event::ReminderDue { .. } => remind(draft, event),
        Event::LadderStepped { .. } => rise(draft, event, NoticeKind::Ladder),
        Event::LadderProposed { .. } => rise(draft, event, NoticeKind::Proposal),
        Event::LadderSigned { .. } => signed(draft, event),
        Event::ClockStopped { clock, .. } => {
            draft.withdraw_clock(clock.as_str(), "the clock has stopped", |_| true)
        }
        Event::ClockPaused { clock, .. } => {
            draft.withdraw_clock(clock.as_str(), "the clock stands still", |notice| {
                OF_CLOCKS.contains(&notice.kind)
            })
        }
        Event::ClockMoved { clock, .. } => {
            draft.withdraw_clock(clock.as_str(), "the deadline was moved", |notice| {
                OF_CLOCKS.contains(&notice.kind)
            })
        }
        Event::BreachWithdrawn { clock, .. } => {
            draft.withdraw_clock(clock.as_str(), "the deadline was met after all", |_| true)
        }
        Event::StepAcknowledged { step, by, .. } => draft.withdraw(
            step.as_str(),
            "the recipient already acknowledged the step",
            |notice| notice.to == *by,
        ),
        Event::NoticesHeld { late } => draft.hold(Some(*late)),
        Event::NoticesReleased { .. } => draft.hold(None),
        _ => {}
    }
}

fn remind(draft: &mut Draft<'_>, event: &Event) {
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
    let reminder = Step {
        kind: NoticeKind::Reminder,
        about: on,
        on,
        clock,
        urgent: false,
    };
    let with = plus(shown(draft, on, *kind), "due", due.to_string());
    tell(draft, reminder, with, to);
}

/// A step that was taken, or proposed and never urgent.
fn rise(draft: &mut Draft<'_>, event: &Event, notice: NoticeKind) {
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
    let risen = Step {
        kind: notice,
        about: step.as_str(),
        on,
        clock,
        urgent: notice == NoticeKind::Ladder && is_urgent(level),
    };
    let mut with = plus(step_shown(draft, on, *kind, level), "due", due.to_string());
    // A step of version 1 says why in a sentence; since then readers of its card ask for the step.
    if !why.is_empty() {
        with = plus(with, "why", why.as_str());
    }
    tell(draft, risen, with, to);
}

fn signed(draft: &mut Draft<'_>, event: &Event) {
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
    draft.withdraw_kinds(
        step.as_str(),
        "the step was already signed",
        &[NoticeKind::Proposal],
    );
    let taken = Step {
        kind: NoticeKind::Ladder,
        about: step.as_str(),
        on,
        clock,
        urgent: is_urgent(level),
    };
    let with = plus(step_shown(draft, on, *kind, level), "signed", "yes");
    tell(draft, taken, with, to);
}

/// What a notice about a clock is about.
struct Step<'s> {
    kind: NoticeKind,
    about: &'s str,
    on: &'s str,
    clock: &'s ClockId,
    urgent: bool,
}

fn tell(draft: &mut Draft<'_>, step: Step<'_>, with: With, to: &[PersonId]) {
    let message = Message {
        kind: step.kind,
        about: step.about,
        clock: Some(step.clock.as_str()),
        urgent: step.urgent,
        matter: draft.matter(step.on),
        with,
    };
    let to: BTreeSet<_> = to.iter().cloned().collect();
    draft.tell(&message, to);
}

fn shown(draft: &Draft<'_>, on: &str, kind: ClockKind) -> With {
    plus(plus(draft.shown_of(on), "on", on), "kind", kind.as_str())
}

fn step_shown(draft: &Draft<'_>, on: &str, kind: ClockKind, level: &str) -> With {
    plus(shown(draft, on, kind), "level", level)
}

fn is_urgent(level: &str) -> bool {
    level
        .trim_start_matches('B')
        .parse::<u32>()
        .is_ok_and(|level| level >= URGENT)
}
