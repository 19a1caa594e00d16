//! Escalation in sentences: clocks, reminders and steps of the ladder.

use picket_schemas::escalation;

use super::{Words, due, noted};
use crate::tables::Answered;

impl Words<'_> {
    pub(super) fn escalation(&self, event: &escalation::Event) -> Answered<String> {
        use escalation::Event as E;
        Ok(match event {
            E::ClockStarted {
                kind,
                on,
                due: at,
                provisional,
                span,
                ..
            } => {
                format!(
                    "the clock for {} on {on} was started: {span}, due {}{}",
                    kind_words(kind.as_str()),
                    due(*at),
                    if *provisional { ", provisional" } else { "" }
                )
            }
            E::ClockSettled { clock, due: at, .. } => {
                format!("the calendar settled clock {clock}: due {}", due(*at))
            }
            E::ClockMoved {
                clock,
                due: at,
                reason,
                by,
                ..
            } => format!(
                "{} moved clock {clock}: due {}{}",
                self.person(by.as_str())?,
                due(*at),
                noted(reason)
            ),
            E::ClockPaused {
                clock, reason, by, ..
            } => format!(
                "{} paused clock {clock}{}",
                self.person(by.as_str())?,
                noted(reason)
            ),
            E::ClockResumed {
                clock, due: at, by, ..
            } => format!(
                "{} resumed clock {clock}: due {}",
                self.person(by.as_str())?,
                due(*at)
            ),
            E::ClockHanded { on, duty, .. } => {
                format!("{on} went on with {}", self.people(&duty.people)?)
            }
            E::ClockStopped { kind, on, late, .. } => format!(
                "the clock for {} on {on} was stopped{}",
                kind_words(kind.as_str()),
                if *late { ", late" } else { "" }
            ),
            E::ReminderDue {
                on, to, due: at, ..
            } => format!(
                "{} was reminded of {on}, due {}",
                self.people(to)?,
                due(*at)
            ),
            E::DeadlinePassed {
                on, due: at, kind, ..
            } => format!(
                "the deadline for {} on {on} passed: {}",
                kind_words(kind.as_str()),
                due(*at)
            ),
            E::LadderStepped {
                step,
                level,
                on,
                to,
                why,
                ..
            } => format!(
                "step {level} ({step}) on {on} was taken, to {}{}",
                self.people(to)?,
                noted(why)
            ),
            E::LadderProposed {
                step,
                level,
                on,
                why,
                ..
            } => format!(
                "step {level} ({step}) on {on} was proposed for signature{}",
                noted(why)
            ),
            E::LadderSigned {
                step,
                level,
                on,
                to,
                by,
                ..
            } => format!(
                "{} signed step {level} ({step}) on {on}, to {}",
                self.person(by.as_str())?,
                self.people(to)?
            ),
            E::LadderSkipped {
                clock,
                level,
                reason,
                ..
            } => format!("step {level} of clock {clock} was skipped{}", noted(reason)),
            E::LadderSuperseded { clock, level, .. } => {
                format!("step {level} of clock {clock} was passed over: a later one was due")
            }
            E::StepAcknowledged {
                step, promise, by, ..
            } => format!(
                "{} answered step {step} and promised {}",
                self.person(by.as_str())?,
                due(*promise)
            ),
            E::BreachWithdrawn { on, .. } => {
                format!("the breach on {on} was withdrawn: what it waited for had happened in time")
            }
            other => other.kind().replace('.', " "),
        })
    }
}

/// What a clock waits for, in words.
fn kind_words(kind: &str) -> &str {
    match kind {
        "task.accept" => "taking the task",
        "task.submit" => "submitting",
        "task.review" => "sign-off",
        "task.assign" => "finding somebody",
        "lead.screen" => "screening",
        "lead.handle" => "handling",
        "order.fix" => "the fix",
        "order.verify" => "verification",
        other => other,
    }
}
