//! The row of a sheet somebody is filling, before it is a fact.
//!
//! Only the row at hand lives here: as soon as it is complete it is sent, so a wizard that lost its
//! memory begins at the first open row and nothing but one row's codes is asked again.

use picket_schemas::ask::TaskView;
use serde::{Deserialize, Serialize};

/// How far the row at hand is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// What was found?
    #[default]
    Outcome,
    /// Which violations?
    Codes,
    /// Words, photos, urgency.
    Detail,
}

/// The row at hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The task, as the person writes it.
    pub task: String,
    /// Which row, from 0; past the last one is the summary.
    pub row: usize,
    /// How far it is.
    pub stage: Stage,
    /// The codes picked.
    pub codes: Vec<String>,
    /// The page of codes shown.
    pub page: usize,
    /// Words about it.
    pub note: String,
    /// Hashes of photos.
    pub evidence: Vec<String>,
    /// Whether it cannot wait until the sheet is handed in.
    pub urgent: bool,
}

impl Draft {
    /// A draft at a row, with what is known of it already.
    pub fn at(task: &str, view: &TaskView, row: usize) -> Self {
        let known = view.rows.get(row);
        Self {
            task: task.to_owned(),
            row,
            codes: known.map(|row| row.codes.clone()).unwrap_or_default(),
            note: known.map(|row| row.note.clone()).unwrap_or_default(),
            evidence: known.map(|row| row.evidence.clone()).unwrap_or_default(),
            ..Self::default()
        }
    }

    /// A draft at the first row without an answer from `from` on, then from the top; past the last where none is open.
    pub fn at_open(task: &str, view: &TaskView, from: usize) -> Self {
        let open = |(n, _): &(usize, &picket_schemas::ask::RowView)| view.rows[*n].outcome.is_none();
        let next = view.rows.iter().enumerate().skip(from).find(open).or_else(|| view.rows.iter().enumerate().find(open));
        Self::at(task, view, next.map_or(view.rows.len(), |(n, _)| n))
    }

    /// Picks a code, or drops it again.
    pub fn toggle(&mut self, code: &str) {
        toggle(&mut self.codes, code);
    }
}

/// Adds what is not there and takes out what is.
pub(crate) fn toggle(list: &mut Vec<String>, value: &str) {
    match list.iter().position(|known| known == value) {
        Some(at) => drop(list.remove(at)),
        None => list.push(value.to_owned()),
    }
}
