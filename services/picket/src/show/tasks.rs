//! Tasks as text: single ones with their rows, lists of them, the batches they belong to, and the board of all.

use picket_schemas::ask::{BatchView, Board, TaskView};

use super::layout::{rows, section, sections};
use super::names::{all, maybe, named};
use super::zone::Zone;

pub(super) fn batches(batches: &[BatchView]) -> String {
    rows(
        &[
            "batch",
            "name",
            "tasks",
            "taken",
            "handed in",
            "late",
            "nobody",
            "rows",
            "problems",
        ],
        batches.iter().map(|batch| {
            vec![
                batch.batch.clone(),
                batch.name.clone(),
                batch.count.to_string(),
                batch.accepted.to_string(),
                batch.submitted.to_string(),
                batch.overdue.to_string(),
                batch.unassigned.to_string(),
                format!("{}/{}", batch.rows_filled, batch.rows),
                batch.problems.to_string(),
            ]
        }),
    )
}

impl Zone<'_> {
    pub(super) fn tasks(&self, tasks: &[TaskView]) -> String {
        rows(
            &["task", "place", "state", "rows", "with", "due"],
            tasks.iter().map(|task| {
                let filled = task.rows.iter().filter(|row| row.outcome.is_some()).count();
                let with = if task.holders.is_empty() {
                    all(&task.offered)
                } else {
                    all(&task.holders)
                };
                let place = task
                    .post
                    .as_ref()
                    .map_or_else(|| task.area.name.clone(), |post| post.name.clone());
                vec![
                    task.task.clone(),
                    place,
                    task.state.clone(),
                    format!("{filled}/{}", task.rows.len()),
                    with,
                    self.due(task.deadline.as_ref()),
                ]
            }),
        )
    }

    pub(super) fn task(&self, task: &TaskView) -> String {
        let mut text = format!(
            "{} {}  {}\n{}  {}\nbatch {}  due {}\nwith {}\n",
            task.task,
            task.state,
            task.checklist,
            maybe(task.post.as_ref()),
            named(&task.area),
            named(&task.batch),
            self.due(task.deadline.as_ref()),
            if task.holders.is_empty() {
                format!("offered to {}", all(&task.offered))
            } else {
                all(&task.holders)
            },
        );
        if let Some(reason) = &task.returned_because {
            text.push_str(&format!("returned: {reason}\n"));
        }
        text.push('\n');
        text.push_str(&rows(
            &["row", "name", "outcome", "codes", "lead", "note"],
            task.rows.iter().map(|row| {
                let outcome = row
                    .outcome
                    .and_then(|outcome| serde_json::to_value(outcome).ok())
                    .and_then(|value| value.as_str().map(str::to_owned))
                    .unwrap_or_default();
                vec![
                    row.row.clone(),
                    row.name.clone(),
                    outcome,
                    row.codes.join(" "),
                    row.lead.clone().unwrap_or_default(),
                    row.note.clone(),
                ]
            }),
        ));
        text
    }

    pub(super) fn board(&self, board: &Board) -> String {
        let tasks: [(&str, &[_]); 5] = [
            ("with nobody", &board.unassigned),
            ("silent", &board.silent),
            ("late", &board.late),
            ("taken", &board.accepted),
            ("handed in", &board.submitted),
        ];
        section("batches", &batches(&board.batches)) + &sections(&tasks, |list| self.tasks(list))
    }
}
