//! Escalation facts: clocks with the history of their due instants, reminders, steps of the ladder.

use picket_schemas::escalation::Event;
use picket_schemas::{ClockId, PersonId, StepId};

use super::EventFold;
use crate::InsightError;
use crate::sql::micros;

/// A clock runs.
pub(crate) const RUNNING: i64 = 0;
/// A clock stands still.
pub(crate) const PAUSED: i64 = 1;
/// A clock whose due instant is a guess.
pub(crate) const PROVISIONAL: i64 = 2;

impl EventFold<'_> {
    pub(super) fn escalation(&self, event: &Event) -> Result<(), InsightError> {
        let (j, at, ord) = (self.j, self.at, self.ord);
        match event {
            Event::ClockStarted { .. } => self.clock_started(event),
            Event::ClockSettled { clock, due, .. }
            | Event::ClockMoved { clock, due, .. }
            | Event::ClockResumed { clock, due, .. } => {
                self.stands_since(clock.as_str(), Some(micros(*due)), RUNNING, at)
            }
            Event::ClockPaused {
                clock, at: since, ..
            } => self.stands_since(clock.as_str(), None, PAUSED, since.map_or(at, micros)),
            Event::ClockHanded { clock, duty, .. } => self.put(
                "UPDATE clocks SET duty = ?3 WHERE j = ?1 AND id = ?2",
                (j, clock.as_str(), serde_json::to_string(duty)?),
            ),
            Event::ClockStopped {
                clock, at: fact, ..
            } => self.put(
                "UPDATE clocks SET stopped = ?3 WHERE j = ?1 AND id = ?2",
                (j, clock.as_str(), micros(*fact)),
            ),
            Event::ReminderDue { on, .. } => self.put(
                "INSERT OR REPLACE INTO reminders (j, ord, at, on_id) VALUES (?1, ?2, ?3, ?4)",
                (j, ord, at, on.as_str()),
            ),
            Event::LadderStepped { clock, level, .. } => {
                self.step_written(event)?;
                self.clock_rose(clock, level)
            }
            Event::LadderProposed { .. } => self.step_written(event),
            Event::LadderSigned {
                step,
                clock,
                level,
                to,
                ..
            } => {
                self.step_signed(step, to)?;
                self.clock_rose(clock, level)
            }
            Event::StepAcknowledged { step, promise, .. } => self.put(
                "UPDATE steps SET promise = ?3 WHERE j = ?1 AND id = ?2",
                (j, step.as_str(), micros(*promise)),
            ),
            Event::BreachWithdrawn { clock, .. } => self.put(
                "UPDATE clocks SET withdrawn = 1 WHERE j = ?1 AND id = ?2",
                (j, clock.as_str()),
            ),
            // Parts of a timeline: what counts them is the due instant itself.
            _ => Ok(()),
        }
    }

    fn clock_started(&self, event: &Event) -> Result<(), InsightError> {
        let Event::ClockStarted {
            clock,
            kind,
            on,
            area,
            duty,
            from,
            due,
            provisional,
            ..
        } = event
        else {
            return Ok(());
        };
        let (j, clock, due) = (self.j, clock.as_str(), micros(*due));
        let standing = if *provisional { PROVISIONAL } else { RUNNING };
        self.put(
            "INSERT OR REPLACE INTO clocks (j, id, kind, on_id, area, duty, began, started, ord, due, standing) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            (
                j,
                clock,
                kind.as_str(),
                on.as_str(),
                area.as_str(),
                serde_json::to_string(duty)?,
                micros(*from),
                self.at,
                self.ord,
                due,
                standing,
            ),
        )?;
        self.put(
            "INSERT OR REPLACE INTO dues (j, clock, ord, at, due, standing) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (j, clock, self.ord, self.at, due, standing),
        )
    }

    /// A changed due instant, or a standstill at the one it had.
    fn stands_since(
        &self,
        clock: &str,
        due: Option<i64>,
        standing: i64,
        since: i64,
    ) -> Result<(), InsightError> {
        self.put(
            "UPDATE clocks SET due = COALESCE(?3, due), standing = ?4 WHERE j = ?1 AND id = ?2",
            (self.j, clock, due, standing),
        )?;
        self.put("INSERT OR REPLACE INTO dues (j, clock, ord, at, due, standing) SELECT j, id, ?3, ?4, due, standing FROM clocks WHERE j = ?1 AND id = ?2", (self.j, clock, self.ord, since))
    }

    /// A step that was taken or proposed; one that is proposed counts from its signature on.
    fn step_written(&self, event: &Event) -> Result<(), InsightError> {
        let (Event::LadderStepped {
            step,
            clock,
            kind,
            on,
            level,
            to,
            due,
            why,
            because,
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
            because,
            ..
        }) = event
        else {
            return Ok(());
        };
        let proposed = matches!(event, Event::LadderProposed { .. });
        let because = because.as_ref().map(serde_json::to_string).transpose()?;
        let counted = (!proposed).then_some(self.at);
        self.put(
            "INSERT OR REPLACE INTO steps (j, id, clock, kind, on_id, level, due, taken, counted, why, because, proposed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            (
                self.j,
                step.as_str(),
                clock.as_str(),
                kind.as_str(),
                on.as_str(),
                level,
                micros(*due),
                self.at,
                counted,
                why,
                because,
                proposed,
            ),
        )?;
        self.addressed(step, to)
    }

    fn step_signed(&self, step: &StepId, to: &[PersonId]) -> Result<(), InsightError> {
        self.put(
            "UPDATE steps SET signed = ?3, counted = ?3 WHERE j = ?1 AND id = ?2",
            (self.j, step.as_str(), self.at),
        )?;
        self.addressed(step, to)
    }

    /// The level a clock is at.
    fn clock_rose(&self, clock: &ClockId, level: &str) -> Result<(), InsightError> {
        self.put(
            "UPDATE clocks SET level = ?3 WHERE j = ?1 AND id = ?2",
            (self.j, clock.as_str(), level),
        )
    }

    fn addressed(&self, step: &StepId, to: &[PersonId]) -> Result<(), InsightError> {
        self.put(
            "DELETE FROM step_to WHERE j = ?1 AND step = ?2",
            (self.j, step.as_str()),
        )?;
        for (pos, person) in to.iter().enumerate() {
            self.put(
                "INSERT INTO step_to (j, step, pos, person) VALUES (?1, ?2, ?3, ?4)",
                (
                    self.j,
                    step.as_str(),
                    i64::try_from(pos).unwrap_or(i64::MAX),
                    person.as_str(),
                ),
            )?;
        }
        Ok(())
    }
}
