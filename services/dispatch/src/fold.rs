//! What each fact changes in the book.
//!
//! Total: a fact about something that is not here changes nothing. Bells, loads and the day a record leaves
//! follow from the sheets and are kept up here, and nowhere else. No rule of the trade is decided here.

use jiff::Timestamp;
use picket_schemas::TaskId;
use picket_schemas::dispatch::{DraftOf, Event, OfferReason};

use crate::batches::Issuing;
use crate::fields::number;
use crate::outings::Sortie;
use crate::roster::{self, Key};
use crate::task::{Answer, Row, State, Task, Transfer};
use crate::{Bell, Dispatch, Leaving};

/// How many causes of batches are remembered, so that none acts twice.
const ANSWERED: usize = 1_000;

impl Dispatch {
    pub(crate) fn fold(&mut self, event: &Event, at: Timestamp) {
        self.let_go(at);
        match event {
            Event::BatchConfirmed { .. }
            | Event::BatchRecounted { .. }
            | Event::BatchIssued { .. } => self.fold_batch(event, at),
            Event::TaskIssued { .. } => self.fold_issued(event),
            Event::TaskOffered { task, .. }
            | Event::TaskAccepted { task, .. }
            | Event::TaskDeclined { task, .. }
            | Event::TaskUnassigned { task, .. }
            | Event::TaskReturned { task, .. } => self.change(task, |task| fold_task(task, event)),
            Event::TaskSubmitted { task, .. } => {
                self.drafts.end_sheet(task);
                self.change(task, |task| fold_task(task, event));
            }
            Event::TaskApproved { task, .. } => self.close(task, State::Approved, at),
            Event::TaskCancelled { task, .. } => self.close(task, State::Cancelled, at),
            Event::RowFilled {
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
            } => {
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
                if !task.hands.contains(by) {
                    task.hands.push(by.clone());
                }
                let Some(row) = task.row_mut(row) else { return };
                row.again = false;
                row.answer = Some(Answer {
                    outcome: *outcome,
                    codes: codes.clone(),
                    note: note.clone(),
                    evidence: evidence.clone(),
                    urgent: *urgent,
                    by: by.clone(),
                    observed: *observed,
                });
            }
            Event::RowFound { task, row, .. } => {
                if let Some(row) = self.task_mut(task).and_then(|task| task.row_mut(row)) {
                    row.found = true;
                }
            }
            Event::PlaceReported { place, finder, .. } => {
                self.last.place = self
                    .last
                    .place
                    .max(number(place.as_str(), "U-").unwrap_or(0));
                self.drafts.drop_of(
                    finder,
                    &DraftOf::Form {
                        form: "place".to_owned(),
                        about: String::new(),
                    },
                );
            }
            Event::DraftKept {
                person,
                of,
                answers,
                evidence,
            } => self.drafts.keep(person, of, answers, evidence, at),
            Event::DraftDropped { person, of } => self.drafts.drop_of(person, of),
            Event::SortieOpened {
                sortie,
                members,
                date,
                ..
            } => {
                let Some(number) = number(sortie.as_str(), "S-") else {
                    return;
                };
                self.last.sortie = self.last.sortie.max(number);
                let day = self.outings.entry(*date).or_default();
                for member in members {
                    day.entry(member.clone()).or_insert(number);
                }
                self.sorties.insert(
                    number,
                    Sortie {
                        id: sortie.clone(),
                        members: members.clone(),
                        date: *date,
                    },
                );
                self.leaving
                    .insert((Sortie::leaves(at), Leaving::Sortie(number)));
            }
            Event::RowAnnotated { .. } | Event::VisitRecorded { .. } => {}
        }
    }

    fn fold_batch(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::BatchConfirmed {
                batch,
                campaign,
                round,
                select,
                assign,
                checklist,
                window,
                sealed_until,
                roster_hash,
                count,
                occurrence,
                parent,
                ..
            } => {
                let Some(number) = number(batch.as_str(), "B-") else {
                    return;
                };
                self.last.batch = self.last.batch.max(number);
                self.answered.extend(
                    occurrence
                        .iter()
                        .map(ToString::to_string)
                        .chain(parent.clone()),
                );
                while self.answered.len() > ANSWERED {
                    self.answered.pop_front();
                }
                let issuing = Issuing {
                    id: batch.clone(),
                    campaign: campaign.clone(),
                    round: *round,
                    select: select.clone(),
                    assign: assign.clone(),
                    checklist: checklist.clone(),
                    window: *window,
                    sealed_until: *sealed_until,
                    roster_hash: roster_hash.clone(),
                    count: *count,
                    confirmed: at,
                    issued: 0,
                    last: None,
                };
                self.issuing.insert(number, issuing);
                self.bells.insert((at, Bell::Issue(number)));
            }
            Event::BatchRecounted {
                batch,
                roster_hash,
                count,
            } => {
                let issuing =
                    number(batch.as_str(), "B-").and_then(|number| self.issuing.get_mut(&number));
                if let Some(issuing) = issuing {
                    issuing.roster_hash.clone_from(roster_hash);
                    issuing.count = *count;
                }
            }
            Event::BatchIssued { batch, .. } => {
                let Some(number) = number(batch.as_str(), "B-") else {
                    return;
                };
                if let Some(issuing) = self.issuing.remove(&number) {
                    self.bells.remove(&(issuing.confirmed, Bell::Issue(number)));
                }
            }
            _ => {}
        }
    }

    fn fold_issued(&mut self, event: &Event) {
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
            .map(|subject| Row {
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
            state: State::Issued,
            offered: offered.clone(),
            gone: Vec::new(),
            holders: Vec::new(),
            transfers: Vec::new(),
            hands: Vec::new(),
            answer_by: (!provisional).then_some(*answer_by),
            unassigned: false,
            closed: None,
        };
        if let Some(bell) = task.bell() {
            self.bells.insert((bell, Bell::Answer(number)));
        }
        for person in task.bearers() {
            *self.loads.entry(person).or_default() += 1;
        }
        self.tasks.insert(number, task);
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
        let Some(issuing) =
            number(batch.as_str(), "B-").and_then(|number| self.issuing.get_mut(&number))
        else {
            return false;
        };
        let personal = roster::is_personal(&issuing.assign);
        issuing.issued += 1;
        issuing.last = Some(Key {
            post: post.clone(),
            area: area.clone(),
            person: offered.first().filter(|_| personal).cloned(),
        });
        personal
    }

    fn task_mut(&mut self, id: &TaskId) -> Option<&mut Task> {
        self.tasks.get_mut(&number(id.as_str(), "T-")?)
    }

    /// Changes a sheet, and with it its bell and whose load it is.
    fn change(&mut self, id: &TaskId, with: impl FnOnce(&mut Task)) {
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

    fn close(&mut self, id: &TaskId, state: State, at: Timestamp) {
        self.drafts.end_sheet(id);
        self.change(id, |task| {
            task.state = state;
            task.closed = Some(at);
        });
        let leaves = self.task_mut(id).and_then(|task| task.leaves());
        if let (Some(leaves), Some(number)) = (leaves, number(id.as_str(), "T-")) {
            self.leaving.insert((leaves, Leaving::Task(number)));
        }
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
                Leaving::Task(number) => drop(self.tasks.remove(&number)),
                Leaving::Sortie(number) => {
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

/// What a fact changes in the sheet it is about.
fn fold_task(task: &mut Task, event: &Event) {
    match event {
        Event::TaskOffered {
            to,
            reason,
            by,
            answer_by,
            provisional,
            ..
        } => {
            for person in to {
                task.gone.retain(|gone| gone != person);
                if !task.offered.contains(person) {
                    task.offered.push(person.clone());
                }
            }
            if *reason != OfferReason::Next {
                // A second choice in the same place takes the first one's.
                let from = by.clone().filter(|by| task.holds(by));
                task.transfers
                    .retain(|transfer| transfer.from != from && !to.contains(&transfer.to));
                task.transfers.extend(to.iter().map(|to| Transfer {
                    to: to.clone(),
                    from: from.clone(),
                }));
            }
            task.answer_by = (!provisional).then_some(*answer_by);
            task.unassigned = false;
        }
        Event::TaskAccepted {
            person,
            instead_of,
            taken,
            ..
        } => {
            if let Some(before) = instead_of {
                task.holders.retain(|holder| holder != before);
                if !task.gone.contains(before) {
                    task.gone.push(before.clone());
                }
            }
            task.gone.retain(|gone| gone != person);
            if !task.holds(person) {
                task.holders.push(person.clone());
            }
            let holders = &task.holders;
            task.transfers.retain(|transfer| {
                transfer.to != *person
                    && transfer
                        .from
                        .as_ref()
                        .is_none_or(|from| holders.contains(from))
            });
            if *taken {
                task.unassigned = false;
                if task.state == State::Issued {
                    task.state = State::Accepted;
                    // Whoever the coordinator asked while it was free was not the first.
                    task.transfers.retain(|transfer| transfer.from.is_some());
                }
            }
        }
        Event::TaskDeclined { person, .. } => {
            task.holders.retain(|holder| holder != person);
            task.transfers.retain(|transfer| {
                transfer.to != *person && transfer.from.as_ref() != Some(person)
            });
            if !task.gone.contains(person) {
                task.gone.push(person.clone());
            }
            if task.holders.is_empty() && task.state.in_the_field() {
                task.state = State::Issued;
            }
        }
        Event::TaskUnassigned { .. } => task.unassigned = true,
        Event::TaskSubmitted { by, .. } => {
            task.state = State::Submitted;
            if !task.hands.contains(by) {
                task.hands.push(by.clone());
            }
        }
        Event::TaskReturned { rows, .. } => {
            task.state = State::Returned;
            // All rows named is a remark on the sheet as a whole: its answers stand until they are changed.
            if rows.len() < task.rows.len() {
                for code in rows {
                    if let Some(row) = task.row_mut(code) {
                        row.again = true;
                    }
                }
            }
        }
        _ => {}
    }
}
