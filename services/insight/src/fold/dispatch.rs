//! Dispatch facts: batches, tasks with their people and rows, places, outings, visits.

use jiff::civil::Date;
use picket_schemas::dispatch::{DraftOf, Event, OfferReason};
use picket_schemas::{PersonId, SortieId, TaskId};
use rusqlite::OptionalExtension;

use super::{EventFold, maybe};
use crate::InsightError;
use crate::sql::{list, micros, outcome};

impl EventFold<'_> {
    pub(super) fn dispatch(&self, event: &Event) -> Result<(), InsightError> {
        let (j, at) = (self.j, self.at);
        match event {
            Event::BatchConfirmed { batch, name, campaign, count, sealed_until, parent, .. } => self.put(
                "INSERT OR REPLACE INTO batches (j, id, name, campaign, count, sealed, at, parent) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                (j, batch.as_str(), name, campaign, count, maybe(sealed_until), at, parent.as_ref().map(picket_schemas::BatchId::as_str)),
            ),
            Event::BatchCancelled { batch, reason, .. } => self.put("UPDATE batches SET cancelled = ?3, because = ?4 WHERE j = ?1 AND id = ?2", (j, batch.as_str(), at, reason)),
            Event::BatchRecounted { batch, count, .. } | Event::BatchIssued { batch, count, .. } => self.put("UPDATE batches SET count = ?3 WHERE j = ?1 AND id = ?2", (j, batch.as_str(), count)),
            Event::TaskIssued { .. } => self.task_issued(event),
            Event::TaskOffered { .. } => self.task_offered(event),
            Event::TaskAccepted { .. } => self.task_accepted(event),
            Event::TaskDeclined { task, person, .. } => self.task_declined(task, person),
            Event::TaskUnassigned { task, .. } => self.put("UPDATE tasks SET nobody = 1 WHERE j = ?1 AND id = ?2", (j, task.as_str())),
            Event::RowFilled { .. } => self.row_filled(event),
            Event::TaskSubmitted { task, by, .. } => self.task_submitted(task, by),
            Event::TaskReturned { task, reason, .. } => self.put("UPDATE tasks SET state = 'returned', returned_because = ?3 WHERE j = ?1 AND id = ?2", (j, task.as_str(), reason)),
            Event::TaskApproved { task, .. } => self.put("UPDATE tasks SET state = 'approved', nobody = 0 WHERE j = ?1 AND id = ?2", (j, task.as_str())),
            Event::TaskCancelled { task, .. } => self.put("UPDATE tasks SET state = 'cancelled', nobody = 0, cancelled = ?3 WHERE j = ?1 AND id = ?2", (j, task.as_str(), at)),
            Event::PlaceReported { .. } => self.place_reported(event),
            Event::DraftKept { .. } => self.draft_kept(event),
            Event::DraftDropped { person, of } => {
                let (kind, of, part) = parts(of);
                self.drop_draft(person, kind, of, part)
            }
            Event::SortieOpened { sortie, members, date, .. } => self.sortie_opened(sortie, members.len(), *date),
            Event::VisitRecorded { .. } => self.visit_recorded(event),
            // What was found becomes a report; a correction after that is part of the timeline only.
            Event::RowFound { .. } | Event::RowAnnotated { .. } => Ok(()),
        }
    }

    fn task_issued(&self, event: &Event) -> Result<(), InsightError> {
        let Event::TaskIssued {
            task,
            batch,
            post,
            area,
            rows,
            offered,
            need,
            checklist,
            campaign,
            round,
            sealed_until,
            ..
        } = event
        else {
            return Ok(());
        };
        let (j, id) = (self.j, task.as_str());
        self.put(
            "INSERT OR REPLACE INTO tasks (j, id, batch, post, area, state, nobody, checklist, need, campaign, round, sealed, issued) VALUES (?1, ?2, ?3, ?4, ?5, 'issued', ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            (
                j,
                id,
                batch.as_str(),
                post.as_ref().map(AsRef::<str>::as_ref),
                area.as_str(),
                offered.is_empty(),
                checklist,
                need,
                campaign,
                round,
                maybe(sealed_until),
                self.at,
            ),
        )?;
        for (pos, subject) in rows.iter().enumerate() {
            self.put(
                "INSERT OR REPLACE INTO task_rows (j, task, pos, row) VALUES (?1, ?2, ?3, ?4)",
                (j, id, i64::try_from(pos).unwrap_or(i64::MAX), &subject.id),
            )?;
        }
        self.offered(task, offered)
    }

    fn task_offered(&self, event: &Event) -> Result<(), InsightError> {
        let Event::TaskOffered {
            task,
            to,
            reason,
            by,
            ..
        } = event
        else {
            return Ok(());
        };
        self.put(
            "UPDATE tasks SET nobody = 0 WHERE j = ?1 AND id = ?2",
            (self.j, task.as_str()),
        )?;
        if matches!(reason, OfferReason::Next) {
            return self.offered(task, to);
        }
        let giver = by.as_ref().map_or("", AsRef::<str>::as_ref);
        self.hand_on(task.as_str(), giver, to)
    }

    fn offered(&self, task: &TaskId, to: &[PersonId]) -> Result<(), InsightError> {
        to.iter()
            .try_for_each(|person| self.stands(task.as_str(), person, "offered"))
    }

    fn task_accepted(&self, event: &Event) -> Result<(), InsightError> {
        let Event::TaskAccepted {
            task,
            person,
            instead_of,
            taken,
            ..
        } = event
        else {
            return Ok(());
        };
        let task = task.as_str();
        if let Some(replaced) = instead_of {
            self.stands(task, replaced, "replaced")?;
            self.no_longer_handed(task, replaced.as_str())?;
        }
        if *taken {
            // Whoever the coordinator asked while it was free was not the first.
            self.put(
                "UPDATE task_people SET what = 'offered' WHERE j = ?1 AND task = ?2 AND what = 'handed' AND giver = '' AND EXISTS (SELECT 1 FROM tasks WHERE j = ?1 AND id = ?2 AND state = 'issued')",
                (self.j, task),
            )?;
            self.put(
                "UPDATE tasks SET nobody = 0, taken = 1, accepted = COALESCE(accepted, ?3), state = CASE state WHEN 'issued' THEN 'accepted' ELSE state END WHERE j = ?1 AND id = ?2",
                (self.j, task, self.at),
            )?;
        }
        self.stands(task, person, "holds")
    }

    fn task_declined(&self, task: &TaskId, person: &PersonId) -> Result<(), InsightError> {
        self.stands(task.as_str(), person, "declined")?;
        self.no_longer_handed(task.as_str(), person.as_str())?;
        // Without its last holder it is free again.
        self.put(
            "UPDATE tasks SET state = 'issued', taken = 0 WHERE j = ?1 AND id = ?2 AND state IN ('issued', 'accepted', 'returned')
               AND NOT EXISTS (SELECT 1 FROM task_people WHERE j = ?1 AND task = ?2 AND what = 'holds')",
            (self.j, task.as_str()),
        )
    }

    fn row_filled(&self, event: &Event) -> Result<(), InsightError> {
        let Event::RowFilled {
            task,
            row,
            subject,
            outcome: found,
            codes,
            note,
            evidence,
            by,
            sortie,
            observed,
            ..
        } = event
        else {
            return Ok(());
        };
        self.outing_is_known(sortie.as_str(), task.as_str())?;
        self.drop_draft(by, "row", task.as_str(), row)?;
        self.put(
            "INSERT OR REPLACE INTO answers (j, task, row, ord, subject, outcome, codes, note, evidence, by, observed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            (
                self.j,
                task.as_str(),
                row,
                self.ord,
                &subject.id,
                outcome(*found),
                list(codes),
                note,
                list(evidence),
                by.as_str(),
                micros(*observed),
            ),
        )
    }

    fn task_submitted(&self, task: &TaskId, by: &PersonId) -> Result<(), InsightError> {
        let (j, at, task) = (self.j, self.at, task.as_str());
        self.put(
            "DELETE FROM drafts WHERE j = ?1 AND of = ?2 AND kind = 'row'",
            (j, task),
        )?;
        self.put(
            "UPDATE tasks SET state = 'submitted', submitted = COALESCE(submitted, ?3) WHERE j = ?1 AND id = ?2",
            (j, task, at),
        )?;
        self.put(
            "INSERT OR REPLACE INTO task_submits (j, task, ord, at, by) VALUES (?1, ?2, ?3, ?4, ?5)",
            (j, task, self.ord, at, by.as_str()),
        )
    }

    fn place_reported(&self, event: &Event) -> Result<(), InsightError> {
        let Event::PlaceReported {
            place,
            area,
            address,
            seen,
            evidence,
            finder,
            sortie,
            observed,
            campaign,
            round,
            sealed_until,
            ..
        } = event
        else {
            return Ok(());
        };
        self.drop_draft(finder, "form", "place", "")?;
        if sealed_until.is_none() {
            self.outing_is_open(sortie.as_str())?;
        }
        self.put(
            "INSERT OR REPLACE INTO places (j, id, area, address, seen, evidence, finder, observed, campaign, round, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            (
                self.j,
                place.as_str(),
                area.as_str(),
                address,
                seen,
                list(evidence),
                finder.as_str(),
                micros(*observed),
                campaign,
                round,
                maybe(sealed_until),
            ),
        )
    }

    fn draft_kept(&self, event: &Event) -> Result<(), InsightError> {
        let Event::DraftKept {
            person,
            of,
            answers,
            evidence,
        } = event
        else {
            return Ok(());
        };
        let (kind, of, part) = parts(of);
        self.put(
            "INSERT OR REPLACE INTO drafts (person, j, kind, of, part, answers, evidence, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            (person.as_str(), self.j, kind, of, part, serde_json::to_string(answers)?, list(evidence), self.at),
        )
    }

    fn sortie_opened(
        &self,
        sortie: &SortieId,
        members: usize,
        date: Date,
    ) -> Result<(), InsightError> {
        // One that a row opened is known when its sheet is; the row follows at once.
        let sealed = (self.does == "dispatch.fill_row").then_some(i64::MAX);
        self.put(
            "INSERT OR REPLACE INTO sorties (j, id, date, members, sealed) VALUES (?1, ?2, ?3, ?4, ?5)",
            (self.j, sortie.as_str(), date.to_string(), i64::try_from(members).unwrap_or(i64::MAX), sealed),
        )
    }

    fn visit_recorded(&self, event: &Event) -> Result<(), InsightError> {
        let Event::VisitRecorded {
            sortie,
            subject,
            hazards,
            observed,
            campaign,
            round,
            ..
        } = event
        else {
            return Ok(());
        };
        self.outing_is_open(sortie.as_str())?;
        self.put(
            "INSERT OR REPLACE INTO visits (j, ord, sortie, subject, found, fixed, observed, campaign, round) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (self.j, self.ord, sortie.as_str(), &subject.id, hazards.found, hazards.fixed, micros(*observed), campaign, round),
        )
    }

    /// An outing that a row of a sealed sheet opened is known from the first release on of a sheet it went for.
    fn outing_is_known(&self, sortie: &str, task: &str) -> Result<(), InsightError> {
        self.put(
            "UPDATE sorties SET sealed = (SELECT MIN(t.sealed, sorties.sealed) FROM tasks t WHERE t.j = ?1 AND t.id = ?3) WHERE j = ?1 AND id = ?2 AND sealed IS NOT NULL",
            (self.j, sortie, task),
        )
    }

    /// Something that was never sealed happened on it.
    fn outing_is_open(&self, sortie: &str) -> Result<(), InsightError> {
        self.put(
            "UPDATE sorties SET sealed = NULL WHERE j = ?1 AND id = ?2 AND sealed IS NOT NULL",
            (self.j, sortie),
        )
    }

    fn drop_draft(
        &self,
        person: &PersonId,
        kind: &str,
        of: &str,
        part: &str,
    ) -> Result<(), InsightError> {
        self.put("DELETE FROM drafts WHERE person = ?1 AND j = ?2 AND kind = ?3 AND of = ?4 AND part = ?5", (person.as_str(), self.j, kind, of, part))
    }

    /// Records how a person stands to a task: `offered`, `handed`, `holds`, `declined`, `replaced`.
    fn stands(&self, task: &str, person: &PersonId, what: &str) -> Result<(), InsightError> {
        self.put(
            "INSERT INTO task_people (j, task, person, what) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (j, task, person) DO UPDATE SET what = excluded.what",
            (self.j, task, person.as_str(), what),
        )
    }

    /// A task is offered on by its holder, or by the coordinator; the offer stands beside the holder until it
    /// is taken, and a second choice of the same giver takes the place of the first.
    fn hand_on(&self, task: &str, giver: &str, to: &[PersonId]) -> Result<(), InsightError> {
        let holder: Option<String> = self
            .conn
            .prepare_cached("SELECT person FROM task_people WHERE j = ?1 AND task = ?2 AND person = ?3 AND what = 'holds'")?
            .query_row((self.j, task, giver), |row| row.get(0))
            .optional()?;
        let giver = holder.unwrap_or_default();
        self.no_longer_handed(task, &giver)?;
        for person in to {
            self.put(
                "INSERT INTO task_people (j, task, person, what, giver) VALUES (?1, ?2, ?3, 'handed', ?4) ON CONFLICT (j, task, person) DO UPDATE SET what = excluded.what, giver = excluded.giver",
                (self.j, task, person.as_str(), &giver),
            )?;
        }
        Ok(())
    }

    /// Makes an ordinary offer of what a giver handed on.
    fn no_longer_handed(&self, task: &str, giver: &str) -> Result<(), InsightError> {
        self.put("UPDATE task_people SET what = 'offered' WHERE j = ?1 AND task = ?2 AND what = 'handed' AND giver = ?3", (self.j, task, giver))
    }
}

/// The parts of a draft's key: the kind, the sheet or form, the row or thing.
fn parts(of: &DraftOf) -> (&'static str, &str, &str) {
    match of {
        DraftOf::Row { task, row } => ("row", task.as_str(), row),
        DraftOf::Form { form, about } => ("form", form, about.as_str()),
    }
}
