//! Rows: what a sentinel saw at each place of a sheet, and the sheet going in.
//!
//! The last answer of a row stands, whoever gave it. A problem is found when the sheet goes in, or at once
//! when it is urgent, and once only: what changes later is an annotation. Approval has no say in it.
//! It does not know what a lead is, nor who handles it.

use jiff::Timestamp;
use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::dispatch::{Command, Event, Outcome};
use picket_schemas::{AreaCode, InstitutionCode, Refusal, TaskId};

use crate::offers::{not_yours, wrong_state};
use crate::task::{RowAnswer, Task, TaskRow, TaskState};
use crate::{Dispatch, outings};

/// The number of open rows a refusal names.
const NAMED_ROWS: usize = 5;

/// An answer to a row as it was wished.
struct WishedAnswer<'a> {
    outcome: Outcome,
    codes: &'a [String],
    note: &'a str,
    evidence: &'a [String],
    observed: Option<Timestamp>,
    urgent: bool,
}

impl WishedAnswer<'_> {
    fn check(&self, cx: &Decision<'_>) -> Result<RowAnswer, Refusal> {
        let problem = self.outcome == Outcome::Problem;
        if !problem && !self.codes.is_empty() {
            return Err(fields::invalid("codes", "only a problem has codes"));
        }
        if let Some(code) = cx.directory.unknown_code(self.codes) {
            return Err(fields::invalid(
                "codes",
                format!("`{code}` is no violation code"),
            ));
        }
        if !problem && self.urgent {
            return Err(fields::invalid("urgent", "only a problem can be urgent"));
        }
        Ok(RowAnswer {
            outcome: self.outcome,
            codes: self.codes.to_vec(),
            note: fields::text("note", self.note)?,
            evidence: self.evidence.to_vec(),
            urgent: self.urgent,
            by: cx.actor.clone(),
            observed: outings::seen(self.observed, cx)?,
        })
    }
}

impl Dispatch {
    pub(crate) fn fill_row(
        &self,
        command: &Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let Command::FillRow {
            task,
            row,
            outcome,
            codes,
            note,
            evidence,
            observed,
            urgent,
        } = command
        else {
            unreachable!("decide hands each command to its own verb")
        };
        let task = self.held(task, "dispatch.fill_row", cx)?;
        let unknown = || Refusal::UnknownRow {
            task: task.id.to_string(),
            row: row.clone(),
        };
        let row = task.row(row).ok_or_else(unknown)?;
        let filling = WishedAnswer {
            outcome: *outcome,
            codes,
            note,
            evidence,
            observed: *observed,
            urgent: *urgent,
        };
        Ok(self.filled(task, row, &filling.check(cx)?, cx))
    }

    /// The answer, on the outing it belongs to, and what follows where the row is a problem.
    fn filled(
        &self,
        task: &Task,
        row: &TaskRow,
        answer: &RowAnswer,
        cx: &Decision<'_>,
    ) -> Vec<Event> {
        let (sortie, opened) = self.outing_of(cx.actor, answer.observed, cx);
        let mut events: Vec<_> = opened.into_iter().collect();
        events.push(Event::RowFilled {
            task: task.id.clone(),
            row: row.subject.id.clone(),
            subject: row.subject.clone(),
            outcome: answer.outcome,
            codes: answer.codes.clone(),
            note: answer.note.clone(),
            evidence: answer.evidence.clone(),
            urgent: answer.urgent,
            by: answer.by.clone(),
            sortie,
            observed: answer.observed,
        });
        if row.found {
            if row
                .answer
                .as_ref()
                .is_none_or(|before| differs(before, answer))
            {
                events.push(Event::RowAnnotated {
                    task: task.id.clone(),
                    row: row.subject.id.clone(),
                    note: annotation(answer),
                    by: cx.actor.clone(),
                });
            }
        } else if answer.urgent {
            events.push(found(task, row, answer, cx));
        }
        events
    }

    pub(crate) fn submit(&self, id: &TaskId, cx: &Decision<'_>) -> Result<Vec<Event>, Refusal> {
        let task = self.held(id, "dispatch.submit_task", cx)?;
        let mut open = task.rows.iter().filter(|row| row.is_open());
        let named: Vec<_> = open
            .by_ref()
            .take(NAMED_ROWS)
            .map(|row| row.subject.id.as_str())
            .collect();
        if !named.is_empty() {
            let more = open.count();
            let rest = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            return Err(Refusal::RowsOpen {
                task: task.id.to_string(),
                rows: named.join(", ") + &rest,
            });
        }
        let count = |rows: usize| u32::try_from(rows).unwrap_or(u32::MAX);
        let problems = task
            .rows
            .iter()
            .filter(|row| row.problem().is_some())
            .count();
        let mut events = vec![Event::TaskSubmitted {
            task: task.id.clone(),
            by: cx.actor.clone(),
            nil: problems == 0,
            rows: count(task.rows.len()),
            problems: count(problems),
            post: task.post.clone(),
            area: task.area.clone(),
            hands: task
                .hands
                .iter()
                .filter(|hand| *hand != cx.actor)
                .cloned()
                .collect(),
        }];
        events.extend(
            task.rows
                .iter()
                .filter(|row| !row.found)
                .filter_map(|row| row.problem().map(|answer| found(task, row, answer, cx))),
        );
        Ok(events)
    }

    /// A sheet the actor works on.
    pub(crate) fn held(
        &self,
        id: &TaskId,
        action: &str,
        cx: &Decision<'_>,
    ) -> Result<&Task, Refusal> {
        let task = self.visible(id, cx)?;
        cx.allow(action, Resource::default())?;
        if !task.holds(cx.actor) {
            return Err(not_yours(task));
        }
        if !matches!(task.state, TaskState::Accepted | TaskState::Returned) {
            return Err(wrong_state(task, "accepted or returned"));
        }
        Ok(task)
    }
}

fn found(task: &Task, row: &TaskRow, answer: &RowAnswer, cx: &Decision<'_>) -> Event {
    Event::RowFound {
        task: task.id.clone(),
        row: row.subject.id.clone(),
        subject: row.subject.clone(),
        area: place_of(row, cx).unwrap_or(&task.area).clone(),
        codes: answer.codes.clone(),
        note: answer.note.clone(),
        evidence: answer.evidence.clone(),
        urgent: answer.urgent,
        finder: answer.by.clone(),
        post: task.post.clone(),
        observed: answer.observed,
        campaign: task.campaign.clone(),
        round: task.round,
        sealed_until: task.sealed_until,
    }
}

fn place_of<'a>(row: &TaskRow, cx: &Decision<'a>) -> Option<&'a AreaCode> {
    cx.directory
        .institution(&InstitutionCode::from(row.subject.id.as_str()))
        .map(|institution| &institution.area)
}

fn differs(before: &RowAnswer, after: &RowAnswer) -> bool {
    (
        before.outcome,
        &before.codes,
        &before.note,
        &before.evidence,
        before.urgent,
    ) != (
        after.outcome,
        &after.codes,
        &after.note,
        &after.evidence,
        after.urgent,
    )
}

/// The note a lead's owner reads about a row that changed: the answer as it now stands.
fn annotation(answer: &RowAnswer) -> String {
    let outcome = match answer.outcome {
        Outcome::Ok => "ok",
        Outcome::Problem => "problem",
        Outcome::ClosedDoor => "closed_door",
        Outcome::Moved => "moved",
        Outcome::NotFound => "not_found",
        Outcome::Refused => "refused",
        Outcome::NotVisited => "not_visited",
    };
    let codes = if answer.codes.is_empty() {
        String::new()
    } else {
        format!(" {}", answer.codes.join(", "))
    };
    let note = if answer.note.is_empty() {
        String::new()
    } else {
        format!(": {}", answer.note)
    };
    format!("{outcome}{codes}{note}")
}
