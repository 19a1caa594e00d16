//! The dispatch book: who is sent where, and what was seen there.
//!
//! A batch is confirmed once and then issued sheet by sheet (`batches`, `selection`, `roster`), or cancelled as a
//! whole (`cancel_batch`). Each sheet is offered, taken, declined, handed over (`offers`), filled and submitted
//! (`rows`), returned or approved (`review`). Outings, visits and places on no list stand beside the sheets
//! (`outings`), and so do answers half typed (`drafts`). What each fact changes is
//! written in one place (`fold`).
//!
//! The rectification book reads what was found here, escalation what is late; this book knows neither leads
//! nor deadlines, and it tells nobody anything.

mod batches;
mod cancel_batch;
mod candidates;
mod drafts;
mod fold;
mod ids;
mod offers;
mod outings;
mod review;
mod roster;
mod rows;
mod selection;
mod task;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use jiff::civil::Date;
use picket_book::{Book, Decision, Fact, Provenance, Step, Upstream};
use picket_directory::Resource;
use picket_schemas::dispatch::{Command, Event};
use picket_schemas::{PersonId, Refusal, TaskId};
use serde::{Deserialize, Serialize};

use crate::batches::Issuing;
use crate::cancel_batch::{Cancelling, KnownBatch};
use crate::candidates::Loads;
use crate::drafts::Drafts;
use crate::ids::local_number;
use crate::outings::Sortie;
use crate::task::Task;

/// The most events of one kind of bell in one step.
const BELLS_A_STEP: usize = 500;

/// Everything dispatch knows about one jurisdiction.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Dispatch {
    /// The last number of each series.
    last: Numbers,
    /// Batches confirmed and not yet issued to their end.
    issuing: BTreeMap<u64, Issuing>,
    /// The last batches, cancelled or not.
    #[serde(default)]
    batches: BTreeMap<u64, KnownBatch>,
    /// Batches cancelled and not yet at an end with all their sheets.
    #[serde(default)]
    cancelling: BTreeMap<u64, Cancelling>,
    /// Sheets that are open, or were closed lately.
    tasks: BTreeMap<u64, Task>,
    /// The number of open sheets each person has or is offered.
    loads: BTreeMap<PersonId, u32>,
    /// Outings of the last months.
    sorties: BTreeMap<u64, Sortie>,
    /// The outing each person's rows of a day belong to.
    outings: BTreeMap<Date, BTreeMap<PersonId, u64>>,
    /// The last occurrences and batches above that were acted upon.
    answered: VecDeque<String>,
    /// The instants at which the book has something to say.
    bells: BTreeSet<(Timestamp, Bell)>,
    /// The instants at which records leave the book.
    leaving: BTreeSet<(Timestamp, ExpiringRecord)>,
    /// Half-answered rows and forms.
    #[serde(default)]
    drafts: Drafts,
}

/// Numbers are dense within the book.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Numbers {
    batch: u64,
    task: u64,
    sortie: u64,
    place: u64,
}

/// The subject of a bell. At one instant batches go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Bell {
    /// The next sheets of a batch.
    Issue(u64),
    /// The next sheets of a cancelled batch end.
    Cancel(u64),
    /// Nobody answered an offer.
    Answer(u64),
}

/// A record that leaves the book in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum ExpiringRecord {
    Task(u64),
    Sortie(u64),
}

impl Book for Dispatch {
    const SERVICE: &'static str = "dispatch";
    const READS: &'static [Upstream] = &[Upstream::Own("schedule"), Upstream::Parent("dispatch")];
    const LISTENS: &'static [&'static str] = &[
        "occurrence.fired",
        "occurrence.late",
        "batch.confirmed",
        "batch.cancelled",
    ];
    const LISTENED_IN_FORMAT_1: &'static [&'static str] =
        &["occurrence.fired", "occurrence.late", "batch.confirmed"];
    type Command = Command;
    type Event = Event;

    fn decide(&self, command: &Command, cx: &Decision<'_>) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::IssueBatch { .. } => self.issue_batch(command, cx),
            Command::AcceptTask { task } => self.accept(task, cx),
            Command::DeclineTask { task, reason } => self.decline(task, reason, cx),
            Command::HandOverTask {
                task,
                to,
                reason: _,
            } => self.hand_over(task, to, cx),
            Command::FillRow { .. } => self.fill_row(command, cx),
            Command::SubmitTask { task } => self.submit(task, cx),
            Command::ReturnTask { task, reason, rows } => self.return_task(task, reason, rows, cx),
            Command::ApproveTask { task } => self.approve(task, cx),
            Command::CancelTask { task, reason } => self.cancel(task, reason, cx),
            Command::CancelBatch { batch, reason } => self.cancel_batch(batch, reason, cx),
            Command::ReportPlace { .. } => self.report_place(command, cx),
            Command::OpenSortie {
                members,
                kind,
                date,
            } => self.open_sortie(members, *kind, *date, cx),
            Command::RecordVisit { .. } => self.record_visit(command, cx),
            Command::KeepDraft {
                of,
                answers,
                evidence,
            } => self.keep_draft(of, answers, evidence, cx),
        }
    }

    fn evolve(&mut self, event: &Event, of: Provenance<'_>) {
        self.fold(event, of.at);
    }

    fn react(&self, fact: &Fact<'_>, _step: u32, cx: &Decision<'_>) -> Step<Event> {
        if let Some(cancelled) = self.cancelled_above(fact) {
            return Step::Done(self.cancel_below(&cancelled));
        }
        Step::Done(self.batch_after(fact, cx).into_iter().collect())
    }

    fn due(&self) -> Option<Timestamp> {
        self.bells.first().map(|(due, _)| *due)
    }

    fn ring(&self, cx: &Decision<'_>) -> Step<Event> {
        let mut events = Vec::new();
        let mut loads = Loads::of(&self.loads);
        for (due, bell) in &self.bells {
            if *due > cx.at {
                break;
            }
            match bell {
                // A batch takes a step of its own: its sheets are counted on what stands in the book.
                Bell::Issue(_) | Bell::Cancel(_) if !events.is_empty() => {
                    return Step::More(events);
                }
                Bell::Issue(batch) => return self.and_others(self.issue_sheets(*batch, cx), cx),
                Bell::Cancel(batch) => return self.and_others(self.next_ended(*batch), cx),
                Bell::Answer(_) if events.len() >= BELLS_A_STEP => return Step::More(events),
                Bell::Answer(task) => events.extend(self.unanswered(*task, &mut loads, cx)),
            }
        }
        Step::Done(events)
    }
}

impl Dispatch {
    /// The step of the first bell, with more to come where another one is due.
    fn and_others(&self, step: Step<Event>, cx: &Decision<'_>) -> Step<Event> {
        let others = self
            .bells
            .iter()
            .nth(1)
            .is_some_and(|(due, _)| *due <= cx.at);
        match step {
            Step::Done(events) if others => Step::More(events),
            step => step,
        }
    }

    /// A task that is there and may be seen by the actor.
    fn visible(&self, id: &TaskId, cx: &Decision<'_>) -> Result<&Task, Refusal> {
        let unknown = || Refusal::Unknown {
            kind: "task".into(),
            id: id.to_string(),
        };
        let task = local_number(id.as_str(), "T-", cx)
            .and_then(|number| self.tasks.get(&number))
            .ok_or_else(unknown)?;
        if task.leaves().is_some_and(|leaves| leaves <= cx.at) {
            return Err(unknown());
        }
        if task.sealed_until.is_some_and(|until| until > cx.at) && !task.concerns(cx.actor) {
            return Err(unknown());
        }
        Ok(task)
    }

    /// The same for a verb that depends on the place.
    fn visible_for(&self, id: &TaskId, action: &str, cx: &Decision<'_>) -> Result<&Task, Refusal> {
        let task = self.visible(id, cx)?;
        cx.allow(action, Resource::at(&task.area))?;
        Ok(task)
    }
}
