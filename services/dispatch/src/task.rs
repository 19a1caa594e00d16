//! Task: a sheet, its rows, to whom it was offered, who holds it, and in which state it is.
//!
//! Whatever the book indexes about a sheet (its bell, whose load it is, when it leaves) is a function of the
//! sheet here, so that no index can disagree with it. It knows no directory and no rule of who may do what.

use jiff::{SignedDuration, Timestamp};
use picket_schemas::dispatch::Outcome;
use picket_schemas::{AreaCode, BatchId, PersonId, PostCode, Span, Subject, TaskId};
use serde::{Deserialize, Serialize};

/// The time a closed sheet stays in the book.
const CLOSED_STAYS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// ```text
/// issued ──taken──▶ accepted ──▶ submitted ──▶ approved
///   ▲   (last holder leaves) │       │  ▲
///   └────────────────────────┘       ▼  │
///   └──────────────────────────── returned        any open one ──▶ cancelled
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskState {
    Issued,
    Accepted,
    Submitted,
    Returned,
    Approved,
    Cancelled,
}

impl TaskState {
    /// The word a refusal uses.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Accepted => "accepted",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Cancelled => "cancelled",
        }
    }

    /// True if somebody has work with it in the field.
    pub(crate) fn in_the_field(self) -> bool {
        matches!(self, Self::Issued | Self::Accepted | Self::Returned)
    }

    /// True if nothing more can happen to it.
    pub(crate) fn closed(self) -> bool {
        matches!(self, Self::Approved | Self::Cancelled)
    }
}

/// A sheet offered to one more person while its holders keep it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Transfer {
    pub(crate) to: PersonId,
    /// The holder whose place it is; none when the coordinator gave it.
    pub(crate) from: Option<PersonId>,
}

/// The last answer to a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RowAnswer {
    pub(crate) outcome: Outcome,
    pub(crate) codes: Vec<String>,
    pub(crate) note: String,
    pub(crate) evidence: Vec<String>,
    pub(crate) urgent: bool,
    pub(crate) by: PersonId,
    pub(crate) observed: Timestamp,
}

/// A row of a sheet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TaskRow {
    pub(crate) subject: Subject,
    pub(crate) answer: Option<RowAnswer>,
    /// It opened a lead; that happens once.
    pub(crate) found: bool,
    /// It was returned and must be answered anew.
    pub(crate) again: bool,
}

impl TaskRow {
    pub(crate) fn is_open(&self) -> bool {
        self.answer.is_none() || self.again
    }

    pub(crate) fn problem(&self) -> Option<&RowAnswer> {
        self.answer
            .as_ref()
            .filter(|answer| answer.outcome == Outcome::Problem)
    }
}

/// A sheet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) id: TaskId,
    pub(crate) batch: BatchId,
    pub(crate) post: Option<PostCode>,
    pub(crate) area: AreaCode,
    /// By code.
    pub(crate) rows: Vec<TaskRow>,
    /// The number of people who must take it.
    pub(crate) need: usize,
    pub(crate) checklist: String,
    pub(crate) window: Span,
    pub(crate) campaign: Option<String>,
    pub(crate) round: Option<u32>,
    pub(crate) sealed_until: Option<Timestamp>,
    /// One of several like sheets, each for one person: the next by rule has one already.
    pub(crate) personal: bool,
    pub(crate) state: TaskState,
    /// Everybody it was ever offered to.
    pub(crate) offered: Vec<PersonId>,
    /// Those who declined, or whose place somebody took.
    pub(crate) gone: Vec<PersonId>,
    pub(crate) holders: Vec<PersonId>,
    pub(crate) transfers: Vec<Transfer>,
    /// Whoever filled a row or submitted it: they do not check it.
    pub(crate) hands: Vec<PersonId>,
    /// The instant at which an unanswered offer goes on; none where that would be a guess.
    pub(crate) answer_by: Option<Timestamp>,
    /// It stands in the coordinator's inbox.
    pub(crate) unassigned: bool,
    pub(crate) closed: Option<Timestamp>,
}

impl Task {
    pub(crate) fn holds(&self, person: &PersonId) -> bool {
        self.holders.contains(person)
    }

    /// True if a sealed sheet is theirs to see.
    pub(crate) fn concerns(&self, person: &PersonId) -> bool {
        self.holds(person) || self.offered.contains(person)
    }

    /// Those who could take it, were it free: offered, and neither declined nor replaced.
    pub(crate) fn willing(&self) -> impl Iterator<Item = &PersonId> {
        self.offered
            .iter()
            .filter(|person| !self.gone.contains(person) && !self.holders.contains(person))
    }

    pub(crate) fn transfer_to(&self, person: &PersonId) -> Option<&Transfer> {
        self.transfers
            .iter()
            .find(|transfer| transfer.to == *person)
    }

    /// The row of an institution.
    pub(crate) fn row(&self, code: &str) -> Option<&TaskRow> {
        self.place_of(code).and_then(|place| self.rows.get(place))
    }

    pub(crate) fn row_mut(&mut self, code: &str) -> Option<&mut TaskRow> {
        self.place_of(code)
            .and_then(|place| self.rows.get_mut(place))
    }

    fn place_of(&self, code: &str) -> Option<usize> {
        self.rows
            .binary_search_by(|row| row.subject.id.as_str().cmp(code))
            .ok()
    }

    /// The instant at which its unanswered offer goes on.
    pub(crate) fn bell(&self) -> Option<Timestamp> {
        let waits = self.state == TaskState::Issued && !self.unassigned;
        self.answer_by.filter(|_| waits)
    }

    /// The people whose load it is.
    pub(crate) fn bearers(&self) -> Vec<PersonId> {
        match self.state {
            TaskState::Issued => self.willing().chain(&self.holders).cloned().collect(),
            TaskState::Accepted | TaskState::Returned => self.holders.clone(),
            TaskState::Submitted | TaskState::Approved | TaskState::Cancelled => Vec::new(),
        }
    }

    /// The instant it leaves the book.
    pub(crate) fn leaves(&self) -> Option<Timestamp> {
        self.closed
            .map(|closed| closed.checked_add(CLOSED_STAYS).unwrap_or(Timestamp::MAX))
    }
}
