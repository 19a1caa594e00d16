//! Chat groups as insight shows them, and the accounts by which people and groups are reached.

use serde::{Deserialize, Serialize};

use super::{Deadline, Named};
use crate::ids::PersonId;

/// A chat account of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    pub channel: String,
    pub account: String,
}

/// A chat group and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupAccount {
    /// In full.
    pub group: PersonId,
    pub account: String,
}

/// What a chat group is shown. No field of it names a person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupView {
    /// The group, by its full id.
    pub group: Named,
    pub area: Named,
    pub language: String,
    /// Open batches, the latest first.
    pub batches: Vec<GroupBatch>,
    /// Sheets: those asked for, else the first of those that wait for somebody.
    pub tasks: Vec<GroupTask>,
    /// How many wait for somebody.
    pub waiting: u32,
}

/// An open batch, as far as it is within the area of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupBatch {
    pub batch: Named,
    pub count: u32,
    pub accepted: u32,
    pub submitted: u32,
    pub approved: u32,
    pub unassigned: u32,
    pub overdue: u32,
}

/// A sheet, as far as a group may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupTask {
    pub jurisdiction: String,
    pub task: String,
    pub batch: Named,
    pub post: Option<Named>,
    pub area: Named,
    pub state: String,
    pub rows: u32,
    pub need: u32,
    pub taken: u32,
    pub deadline: Option<Deadline>,
    /// Somebody may still take it.
    pub open: bool,
}
