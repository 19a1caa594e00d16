//! Fold: what each fact changes in the book.
//!
//! Total: a fact about something that is not here changes nothing. Bells, loads and the day a record leaves
//! follow from the sheets and are kept up here, and nowhere else. No rule of the trade is decided here.

mod batches;
mod tasks;

use jiff::Timestamp;
use picket_schemas::dispatch::{DraftOf, Event};
use picket_schemas::{PersonId, PlaceId, RecordId};

use crate::ids::number;
use crate::outings::Sortie;
use crate::task::TaskState;
use crate::{Dispatch, ExpiringRecord};

impl Dispatch {
    pub(crate) fn fold(&mut self, event: &Event, at: Timestamp) {
        self.let_go(at);
        match event {
            Event::BatchConfirmed { .. } => self.batch_confirmed(event, at),
            Event::BatchRecounted { .. } => self.batch_recounted(event),
            Event::BatchIssued { batch, .. } => self.batch_issued(batch),
            Event::BatchCancelled { .. } => self.batch_cancelled(event, at),
            Event::TaskIssued { .. } => self.task_issued(event),
            Event::TaskOffered { task, .. } => self.change(task, |task| task.offer(event)),
            Event::TaskAccepted { task, .. } => self.change(task, |task| task.accept(event)),
            Event::TaskDeclined { task, person, .. } => {
                self.change(task, |task| task.decline(person))
            }
            Event::TaskUnassigned { task, .. } => self.change(task, |task| task.unassigned = true),
            Event::TaskSubmitted { task, by, .. } => {
                self.drafts.end_sheet(task);
                self.change(task, |task| task.submit(by));
            }
            Event::TaskReturned { task, rows, .. } => {
                self.change(task, |task| task.give_back(rows))
            }
            Event::TaskApproved { task, .. } => self.close(task, TaskState::Approved, at),
            Event::TaskCancelled { task, .. } => self.close(task, TaskState::Cancelled, at),
            Event::RowFilled { .. } => self.row_filled(event),
            Event::RowFound { task, row, .. } => {
                if let Some(row) = self.task_mut(task).and_then(|task| task.row_mut(row)) {
                    row.found = true;
                }
            }
            Event::PlaceReported { place, finder, .. } => self.place_reported(place, finder),
            Event::DraftKept {
                person,
                of,
                answers,
                evidence,
            } => self.drafts.keep(person, of, answers, evidence, at),
            Event::DraftDropped { person, of } => self.drafts.drop_of(person, of),
            Event::SortieOpened { .. } => self.sortie_opened(event, at),
            Event::RowAnnotated { .. } | Event::VisitRecorded { .. } => {}
        }
    }

    fn place_reported(&mut self, place: &PlaceId, finder: &PersonId) {
        self.last.place = self
            .last
            .place
            .max(number(place.as_str(), "U-").unwrap_or(0));
        self.drafts.drop_of(
            finder,
            &DraftOf::Form {
                form: "place".to_owned(),
                about: RecordId::default(),
            },
        );
    }

    fn sortie_opened(&mut self, event: &Event, at: Timestamp) {
        let Event::SortieOpened {
            sortie,
            members,
            date,
            ..
        } = event
        else {
            return;
        };
        let Some(number) = number(sortie.as_str(), "S-") else {
            return;
        };
        self.last.sortie = self.last.sortie.max(number);
        let day = self.outings.entry(*date).or_default();
        for member in members {
            day.entry(member.clone()).or_insert(number);
        }
        let opened = Sortie {
            id: sortie.clone(),
            members: members.clone(),
            date: *date,
        };
        self.sorties.insert(number, opened);
        self.leaving
            .insert((Sortie::leaves(at), ExpiringRecord::Sortie(number)));
    }

    /// Lets go of what left by now.
    fn let_go(&mut self, at: Timestamp) {
        self.drafts.let_go(at);
        while let Some((when, what)) = self.leaving.first().copied() {
            if when > at {
                return;
            }
            self.leaving.pop_first();
            match what {
                ExpiringRecord::Task(number) => drop(self.tasks.remove(&number)),
                ExpiringRecord::Sortie(number) => {
                    let Some(sortie) = self.sorties.remove(&number) else {
                        continue;
                    };
                    let Some(day) = self.outings.get_mut(&sortie.date) else {
                        continue;
                    };
                    day.retain(|_, other| *other != number);
                    if day.is_empty() {
                        self.outings.remove(&sortie.date);
                    }
                }
            }
        }
    }
}
