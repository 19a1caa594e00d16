//! The escalation book: clocks on tasks, leads and orders, and the ladder against whoever lets one run out.
//!
//! A clock starts and stops by facts of dispatch and rectification. While it runs the book has a bell
//! for the next thing to be said about it: a reminder before, the passed deadline, each step after.
//! Every event that moves a clock on carries that next instant, so that folding needs no calendar.
//! The book does not know how anybody is told (courier), what a task or an order contains, or what was
//! closed: a clock that stops leaves at once, and its history is kept elsewhere.

mod because;
mod clock;
mod commands;
mod fold;
mod ladder;
mod leads;
mod orders;
mod pending;
mod remind;
mod ring;
mod rules;
mod settle;
mod standstill;
mod tasks;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use picket_book::{Book, Decision, Fact, Provenance, Step, Upstream};
use picket_schemas::escalation::{ClockKind, Command, Event};
use picket_schemas::{Event as AnyEvent, OccurrenceId, RecordId, Refusal, StepId, registry};
use serde::{Deserialize, Serialize};

use crate::clock::{ClockedMatter, DeadlineClock, LadderStep};
use crate::pending::PendingEvents;

/// Clocks by number: the digits of `K-95`.
type ClockNumber = u64;

/// Everything that runs against a deadline in one jurisdiction.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Escalation {
    /// Numbers given to clocks so far.
    clocks_begun: ClockNumber,
    /// Numbers given to steps so far.
    steps_begun: u64,
    /// The clocks that run or stand still.
    clocks: BTreeMap<ClockNumber, DeadlineClock>,
    /// Open tasks, leads and orders by id.
    matters: BTreeMap<RecordId, ClockedMatter>,
    /// Steps of running clocks that somebody may answer.
    steps: BTreeMap<StepId, LadderStep>,
    /// The next bell of each clock.
    bells: BTreeSet<(Timestamp, ClockNumber)>,
    /// Running clocks without a next instant: a year is missing, or the ladder has ended.
    silent: BTreeSet<ClockNumber>,
    /// Clocks by what they wait for.
    by_kind: BTreeMap<ClockKind, BTreeSet<ClockNumber>>,
    /// The latest occurrences that reminded, each with the last clock it came to.
    reminded: VecDeque<(OccurrenceId, ClockNumber)>,
    /// True if outward notices wait for a person.
    held: bool,
}

impl Escalation {
    /// The clock of this kind on a task, lead or order, if one runs.
    fn clock_on(&self, kind: ClockKind, on: &str) -> Option<&DeadlineClock> {
        let matter = self.matters.get(on)?;
        matter
            .clocks
            .iter()
            .filter_map(|number| self.clocks.get(number))
            .find(|clock| clock.kind == kind)
    }

    /// All clocks on a task, lead or order.
    fn clocks_on<'a>(&'a self, on: &str) -> impl Iterator<Item = &'a DeadlineClock> + use<'a> {
        let numbers = self
            .matters
            .get(on)
            .map(|matter| matter.clocks.as_slice())
            .unwrap_or_default();
        numbers.iter().filter_map(|number| self.clocks.get(number))
    }
}

impl Book for Escalation {
    const SERVICE: &'static str = "escalation";
    const READS: &'static [Upstream] = &[
        Upstream::Own("registry"),
        Upstream::Parent("registry"),
        Upstream::Own("dispatch"),
        Upstream::Own("rectification"),
        Upstream::Own("schedule"),
    ];
    const LISTENS: &'static [&'static str] = &[
        "task.issued",
        "task.offered",
        "task.accepted",
        "task.declined",
        "task.unassigned",
        "task.submitted",
        "task.returned",
        "task.approved",
        "task.cancelled",
        "lead.opened",
        "lead.classified",
        "lead.merged",
        "lead.routed",
        "lead.returned",
        "lead.archived",
        "verdict.recorded",
        "order.served",
        "order.extended",
        "order.parked",
        "order.resumed",
        "fix.reported",
        "fix.failed",
        "fix.passed",
        "occurrence.fired",
        "occurrence.late",
        "calendar.published",
    ];
    type Command = Command;
    type Event = Event;

    fn decide(&self, command: &Command, cx: &Decision<'_>) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Acknowledge { step, promise } => self.acknowledge(step, *promise, cx),
            Command::SignStep { step } => self.sign_step(step, cx),
            Command::MoveClock { clock, to, reason } => self.move_clock(clock, *to, reason, cx),
            Command::PauseClock { clock, reason } => self.pause_clock(clock, reason, cx),
            Command::ResumeClock { clock } => self.resume_clock(clock, cx),
            Command::ReleaseNotices {} => self.release_notices(cx),
        }
    }

    fn evolve(&mut self, event: &Event, of: Provenance<'_>) {
        self.fold(event, of.at);
    }

    fn react(&self, fact: &Fact<'_>, _step: u32, cx: &Decision<'_>) -> Step<Event> {
        match fact.event {
            AnyEvent::Dispatch(event) => {
                let mut pending = PendingEvents::new(self, cx, fact.at);
                tasks::react(&mut pending, event);
                Step::Done(pending.events)
            }
            AnyEvent::Rectification(event) => {
                let mut pending = PendingEvents::new(self, cx, fact.at);
                if !leads::react(&mut pending, event) {
                    orders::react(&mut pending, event);
                }
                Step::Done(pending.events)
            }
            AnyEvent::Schedule(event) => self.remind(event, fact, cx),
            AnyEvent::Registry(registry::Event::CalendarPublished { .. }) => self.settle(cx),
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
