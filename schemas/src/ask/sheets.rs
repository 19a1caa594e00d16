//! Sheets as insight shows them: tasks with their rows, batches, the board of all, and half an answer.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Deadline, Named};
use crate::dispatch::{DraftOf, Outcome};

/// A row of a sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowView {
    pub row: String,
    pub name: String,
    pub address: String,
    pub outcome: Option<Outcome>,
    pub codes: Vec<String>,
    pub note: String,
    pub evidence: Vec<String>,
    pub by: Option<String>,
    /// The lead it opened.
    pub lead: Option<String>,
}

/// A sweep task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskView {
    pub jurisdiction: String,
    pub task: String,
    pub batch: Named,
    pub post: Option<Named>,
    pub area: Named,
    /// `issued`, `accepted`, `submitted`, `returned`, `approved`, `cancelled`.
    pub state: String,
    pub checklist: String,
    pub offered: Vec<Named>,
    pub holders: Vec<Named>,
    pub need: u32,
    pub rows: Vec<RowView>,
    pub deadline: Option<Deadline>,
    pub issued: Timestamp,
    pub returned_because: Option<String>,
    /// Until then only those it was offered to, or who hold it, may see it: whoever shows it checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_until: Option<Timestamp>,
    /// Grows with every change; old buttons are told apart by it.
    pub rev: u64,
}

/// Half an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftView {
    /// Whose record it is.
    pub jurisdiction: String,
    pub of: DraftOf,
    /// By question.
    pub answers: BTreeMap<String, String>,
    /// Hashes of photos.
    pub evidence: Vec<String>,
    pub at: Timestamp,
    /// The place of the row, in words; empty for a form.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// A batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchView {
    pub jurisdiction: String,
    pub batch: String,
    pub name: String,
    pub campaign: Option<String>,
    pub count: u32,
    pub issued: u32,
    pub accepted: u32,
    pub submitted: u32,
    pub approved: u32,
    pub cancelled: u32,
    pub unassigned: u32,
    pub overdue: u32,
    pub rows: u32,
    pub rows_filled: u32,
    pub problems: u32,
    /// `open`, also where a batch issued from it below is; `over`; `cancelled`.
    #[serde(default)]
    pub state: String,
    /// Why it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_because: Option<String>,
    /// How many facts tell of the batch itself: a press on a card drawn from fewer is asked again.
    #[serde(default)]
    pub rev: u64,
}

/// What a coordinator looks at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Board {
    pub batches: Vec<BatchView>,
    /// Offered and not taken.
    pub silent: Vec<TaskView>,
    /// Taken, past the deadline.
    pub late: Vec<TaskView>,
    /// With nobody.
    pub unassigned: Vec<TaskView>,
    pub accepted: Vec<TaskView>,
    pub submitted: Vec<TaskView>,
}
