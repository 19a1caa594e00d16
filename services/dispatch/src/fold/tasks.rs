//! Sheets as facts change them, and what the book indexes about them: bells, loads, the day one leaves.

use jiff::Timestamp;
use picket_schemas::dispatch::{DraftOf, Event, OfferReason};
use picket_schemas::{PersonId, TaskId};

use crate::ids::number;
use crate::roster::{self, RosterPosition};
use crate::task::{RowAnswer, Task, TaskRow, TaskState, Transfer};
use crate::{Bell, Dispatch, ExpiringRecord};

impl Dispatch {
    pub(super) fn task_issued(&mut self, event: &Event) {
        let Event::TaskIssued {
            task: id,
            batch,
            post,
            area,
            rows,
            offered,
            need,
            checklist,
            window,
            campaign,
            round,
            sealed_until,
            answer_by,
            provisional,
            revisit_of,
        } = event
        else {
            return;
        };
        let Some(number) = number(id.as_str(), "T-") else {
            return;
        };
        self.last.task = self.last.task.max(number);
        let personal = match revisit_of {
            Some(before) => self.task_mut(before).is_some_and(|before| before.personal),
            None => self.note_progress(event),
        };
        let mut rows: Vec<_> = rows
            .iter()
            .map(|subject| TaskRow {
                subject: subject.clone(),
                answer: None,
                found: false,
                again: false,
            })
            .collect();
        rows.sort_by(|one, other| one.subject.id.cmp(&other.subject.id));
        let task = Task {
            id: id.clone(),
            batch: batch.clone(),
            post: post.clone(),
            area: area.clone(),
            rows,
            need: usize::try_from(*need).unwrap_or(1).max(1),
            checklist: checklist.clone(),
            window: *window,
            campaign: campaign.clone(),
            round: *round,
            sealed_until: *sealed_until,
            personal,
            state: TaskState::Issued,
            offered: offered.clone(),
            gone: Vec::new(),
            holders: Vec::new(),
            transfers: Vec::new(),
            hands: Vec::new(),
            answer_by: (!provisional).then_some(*answer_by),
            unassigned: false,
            closed: None,
        };
        self.bells
            .extend(task.bell().map(|bell| (bell, Bell::Answer(number))));
        for person in task.bearers() {
            *self.loads.entry(person).or_default() += 1;
        }
        self.tasks.insert(number, task);
        self.sheet_of(batch, number);
    }

    /// Moves a batch on by one sheet; tells whether each of its sheets is one person's own.
    fn note_progress(&mut self, event: &Event) -> bool {
        let Event::TaskIssued {
            batch,
            post,
            area,
            offered,
            ..
        } = event
        else {
            return false;
        };
        let Some(issuing) = self.issuing_mut(batch) else {
            return false;
        };
        let personal = roster::is_personal(&issuing.assign);
        issuing.issued += 1;
        issuing.last = Some(RosterPosition {
            post: post.clone(),
            area: area.clone(),
            person: offered.first().filter(|_| personal).cloned(),
        });
        personal
    }

    pub(super) fn row_filled(&mut self, event: &Event) {
        let Event::RowFilled {
            task,
            row,
            outcome,
            codes,
            note,
            evidence,
            urgent,
            by,
            observed,
            ..
        } = event
        else {
            return;
        };
        self.drafts.drop_of(
            by,
            &DraftOf::Row {
                task: task.clone(),
                row: row.clone(),
            },
        );
        let Some(task) = self.task_mut(task) else {
            return;
        };
        task.work(by);
        let Some(row) = task.row_mut(row) else { return };
        row.again = false;
        row.answer = Some(RowAnswer {
            outcome: *outcome,
            codes: codes.clone(),
            note: note.clone(),
            evidence: evidence.clone(),
            urgent: *urgent,
            by: by.clone(),
            observed: *observed,
        });
    }

    pub(super) fn task_mut(&mut self, id: &TaskId) -> Option<&mut Task> {
        self.tasks.get_mut(&number(id.as_str(), "T-")?)
    }

    /// Changes a sheet, and with it its bell and whose load it is.
    pub(super) fn change(&mut self, id: &TaskId, with: impl FnOnce(&mut Task)) {
        let Some(number) = number(id.as_str(), "T-") else {
            return;
        };
        let Some(task) = self.tasks.get_mut(&number) else {
            return;
        };
        let (bearers, bell) = (task.bearers(), task.bell());
        with(task);
        let (now_bearers, now_bell) = (task.bearers(), task.bell());
        if bell != now_bell {
            bell.map(|bell| self.bells.remove(&(bell, Bell::Answer(number))));
            now_bell.map(|bell| self.bells.insert((bell, Bell::Answer(number))));
        }
        if bearers != now_bearers {
            for person in now_bearers {
                *self.loads.entry(person).or_default() += 1;
            }
            for person in bearers {
                if let Some(load) = self.loads.get_mut(&person) {
                    *load = load.saturating_sub(1);
                    if *load == 0 {
                        self.loads.remove(&person);
                    }
                }
            }
        }
    }

    pub(super) fn close(&mut self, id: &TaskId, state: TaskState, at: Timestamp) {
        self.drafts.end_sheet(id);
        self.change(id, |task| {
            task.state = state;
            task.closed = Some(at);
        });
        self.sheet_ended(id);
        let leaves = self.task_mut(id).and_then(|task| task.leaves());
        if let (Some(leaves), Some(number)) = (leaves, number(id.as_str(), "T-")) {
            self.leaving.insert((leaves, ExpiringRecord::Task(number)));
        }
    }
}

impl Task {
    pub(super) fn offer(&mut self, event: &Event) {
        let Event::TaskOffered {
            to,
            reason,
            by,
            answer_by,
            provisional,
            ..
        } = event
        else {
            return;
        };
        for person in to {
            self.gone.retain(|gone| gone != person);
            if !self.offered.contains(person) {
                self.offered.push(person.clone());
            }
        }
        if *reason != OfferReason::Next {
            // A second choice in the same place takes the first one's.
            let from = by.clone().filter(|by| self.holds(by));
            self.transfers
                .retain(|transfer| transfer.from != from && !to.contains(&transfer.to));
            self.transfers.extend(to.iter().map(|to| Transfer {
                to: to.clone(),
                from: from.clone(),
            }));
        }
        self.answer_by = (!provisional).then_some(*answer_by);
        self.unassigned = false;
    }

    pub(super) fn accept(&mut self, event: &Event) {
        let Event::TaskAccepted {
            person,
            instead_of,
            taken,
            ..
        } = event
        else {
            return;
        };
        if let Some(before) = instead_of {
            self.holders.retain(|holder| holder != before);
            if !self.gone.contains(before) {
                self.gone.push(before.clone());
            }
        }
        self.gone.retain(|gone| gone != person);
        if !self.holds(person) {
            self.holders.push(person.clone());
        }
        let holders = &self.holders;
        self.transfers.retain(|transfer| {
            transfer.to != *person
                && transfer
                    .from
                    .as_ref()
                    .is_none_or(|from| holders.contains(from))
        });
        if *taken {
            self.unassigned = false;
            if self.state == TaskState::Issued {
                self.state = TaskState::Accepted;
                // Whoever the coordinator asked while it was free was not the first.
                self.transfers.retain(|transfer| transfer.from.is_some());
            }
        }
    }

    pub(super) fn decline(&mut self, person: &PersonId) {
        self.holders.retain(|holder| holder != person);
        self.transfers
            .retain(|transfer| transfer.to != *person && transfer.from.as_ref() != Some(person));
        if !self.gone.contains(person) {
            self.gone.push(person.clone());
        }
        if self.holders.is_empty() && self.state.in_the_field() {
            self.state = TaskState::Issued;
        }
    }

    pub(super) fn submit(&mut self, by: &PersonId) {
        self.state = TaskState::Submitted;
        self.work(by);
    }

    pub(super) fn give_back(&mut self, rows: &[String]) {
        self.state = TaskState::Returned;
        // All rows named is a remark on the sheet as a whole: its answers stand until they are changed.
        if rows.len() < self.rows.len() {
            for code in rows {
                if let Some(row) = self.row_mut(code) {
                    row.again = true;
                }
            }
        }
    }

    /// Whoever works on it does not check it.
    fn work(&mut self, by: &PersonId) {
        if !self.hands.contains(by) {
            self.hands.push(by.clone());
        }
    }
}
