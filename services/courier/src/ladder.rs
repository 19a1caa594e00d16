//! Facts of escalation: reminders, steps of the ladder, proposals to sign; and clocks that stop or move.
//!
//! A notice about a clock goes only while the clock runs as it did when the notice was written.
//! From B2 up a step is urgent. While escalation holds its late bells, what they say waits here too.
//! It does not know why somebody is addressed: escalation says so in a sentence.

use std::collections::BTreeSet;

use jiff::Timestamp;
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
        Event::ReminderDue {
            clock,
            kind,
            on,
            to,
            due,
            ..
        } => {
            let with = plus(shown(draft, on, *kind), "due", due.to_string());
            tell(
                draft,
                Step {
                    kind: NoticeKind::Reminder,
                    about: on,
                    on,
                    clock,
                    urgent: false,
                },
                with,
                to,
            );
        }
        Event::LadderStepped {
            step,
            clock,
            kind,
            on,
            level,
            to,
            due,
            why,
            ..
        } => {
            let with = step_shown(draft, on, *kind, level, Some((*due, why)));
            tell(
                draft,
                Step {
                    kind: NoticeKind::Ladder,
                    about: step.as_str(),
                    on,
                    clock,
                    urgent: is_urgent(level),
                },
                with,
                to,
            );
        }
        Event::LadderProposed {
            step,
            clock,
            kind,
            on,
            level,
            to,
            due,
            why,
            ..
        } => {
            let with = step_shown(draft, on, *kind, level, Some((*due, why)));
            tell(
                draft,
                Step {
                    kind: NoticeKind::Proposal,
                    about: step.as_str(),
                    on,
                    clock,
                    urgent: false,
                },
                with,
                to,
            );
        }
        Event::LadderSigned {
            step,
            clock,
            kind,
            on,
            level,
            to,
            ..
        } => {
            draft.withdraw_kinds(
                step.as_str(),
                "the step was already signed",
                &[NoticeKind::Proposal],
            );
            let with = plus(step_shown(draft, on, *kind, level, None), "signed", "yes");
            tell(
                draft,
                Step {
                    kind: NoticeKind::Ladder,
                    about: step.as_str(),
                    on,
                    clock,
                    urgent: is_urgent(level),
                },
                with,
                to,
            );
        }
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

fn step_shown(
    draft: &Draft<'_>,
    on: &str,
    kind: ClockKind,
    level: &str,
    because: Option<(Timestamp, &String)>,
) -> With {
    let with = plus(shown(draft, on, kind), "level", level);
    match because {
        Some((due, why)) => plus(plus(with, "due", due.to_string()), "why", why.as_str()),
        None => with,
    }
}

fn is_urgent(level: &str) -> bool {
    level
        .trim_start_matches('B')
        .parse::<u32>()
        .is_ok_and(|level| level >= URGENT)
}
