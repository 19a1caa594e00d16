//! The schedule book: what recurs, when it comes round next, and how each occurrence ended.
//!
//! The next occurrence of a schedule is a fact, and each ends exactly once: fired, late, missed or
//! skipped. Others act on those that fired: dispatch issues a batch, escalation reminds, courier sends a
//! digest, bulletin freezes; what dispatch was caused to do reports back, so that runs need not overlap.
//! The book does not know what an occurrence leads to, nor how expressions are read.

mod catch_up;
mod commands;
mod define;
mod fold;
mod follow;
mod plan;
mod timing;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use picket_book::{Book, Decision, Fact, Provenance, Step, Upstream};
use picket_schemas::schedule::{Command, Event};
use picket_schemas::{
    BatchId, Event as AnyEvent, OccurrenceId, Refusal, ScheduleCode, dispatch, registry,
};
use serde::{Deserialize, Serialize};

use crate::plan::SchedulePlan;

/// Every schedule of one jurisdiction.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ScheduleBook {
    /// The schedules by code.
    plans: BTreeMap<ScheduleCode, SchedulePlan>,
    /// The instant at which each schedule is next looked at.
    bells: BTreeSet<(Timestamp, ScheduleCode)>,
    /// Those that cannot go on before a year is published.
    waiting: BTreeSet<ScheduleCode>,
    /// Batches that were set going and are not issued yet, with the occurrence behind each.
    batches: BTreeMap<BatchId, OccurrenceId>,
}

impl Book for ScheduleBook {
    const SERVICE: &'static str = "schedule";
    const READS: &'static [Upstream] = &[
        Upstream::Own("registry"),
        Upstream::Parent("registry"),
        Upstream::Own("dispatch"),
    ];
    const LISTENS: &'static [&'static str] =
        &["batch.confirmed", "batch.issued", "calendar.published"];
    type Command = Command;
    type Event = Event;

    fn decide(&self, command: &Command, cx: &Decision<'_>) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Define { .. } => self.define(command, cx),
            Command::Pause { code, reason } => self.pause(code, reason, cx),
            Command::Resume { code } => self.resume(code, cx),
            Command::Trigger { code } => self.trigger(code, cx),
            Command::Backfill {
                code,
                from,
                to,
                dry_run,
            } => self.backfill(code, *from, *to, *dry_run, cx),
        }
    }

    fn evolve(&mut self, event: &Event, of: Provenance<'_>) {
        self.fold(event, of.at);
    }

    fn react(&self, fact: &Fact<'_>, _step: u32, cx: &Decision<'_>) -> Step<Event> {
        match fact.event {
            AnyEvent::Dispatch(dispatch::Event::BatchConfirmed {
                batch,
                occurrence: Some(occurrence),
                ..
            }) => Step::Done(self.caused(batch, occurrence)),
            AnyEvent::Dispatch(dispatch::Event::BatchIssued { batch, .. }) => {
                Step::Done(self.done(batch, cx))
            }
            AnyEvent::Registry(registry::Event::CalendarPublished { .. }) => self.go_on(cx),
            _ => Step::nothing(),
        }
    }

    fn due(&self) -> Option<Timestamp> {
        self.bells.first().map(|(at, _)| *at)
    }

    fn ring(&self, cx: &Decision<'_>) -> Step<Event> {
        self.ring_bells(cx)
    }
}
