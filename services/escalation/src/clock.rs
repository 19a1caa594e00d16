//! Clocks as the book remembers them, the tasks, leads and orders they run on, and steps taken.
//!
//! Plain data with a few questions it can answer about itself; `fold` alone changes it.
//! It knows no directory and no calendar.

use jiff::{Timestamp, ToSpan};
use picket_schemas::escalation::{ClockKind, Duty};
use picket_schemas::{AreaCode, ClockId, PersonId, PostCode, RecordId, Span, StepId};
use serde::{Deserialize, Serialize};

/// A deadline that runs or stands still.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeadlineClock {
    pub(crate) id: ClockId,
    pub(crate) kind: ClockKind,
    /// The task, lead or order.
    pub(crate) on: RecordId,
    pub(crate) area: AreaCode,
    pub(crate) duty: Duty,
    pub(crate) owner: Option<PersonId>,
    pub(crate) post: Option<PostCode>,
    pub(crate) span: Span,
    pub(crate) from: Timestamp,
    pub(crate) due: Timestamp,
    /// The due instant is a guess: a year without a table was reached.
    pub(crate) provisional: bool,
    /// The due instant no longer follows from start and span.
    pub(crate) moved: bool,
    /// Since when it stands still.
    pub(crate) paused: Option<Timestamp>,
    /// True if the passed deadline was said.
    pub(crate) passed: bool,
    /// The next bell.
    pub(crate) next: Option<Timestamp>,
    /// Levels of the ladder that are behind it: taken, proposed, skipped or superseded.
    pub(crate) said: Vec<String>,
    /// Steps that may still be answered.
    pub(crate) steps: Vec<StepId>,
}

impl DeadlineClock {
    /// True if what it waits for comes too late at an instant. Standing still, it was late when it stopped.
    pub(crate) fn late_at(&self, at: Timestamp) -> bool {
        self.paused.map_or(at, |since| since.min(at)) >= self.due
    }
}

/// A task, lead or order that clocks run on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ClockedMatter {
    pub(crate) area: AreaCode,
    pub(crate) post: Option<PostCode>,
    pub(crate) owner: Option<PersonId>,
    /// The span of a clock that starts anew: the window, the time for screening, the deadline.
    pub(crate) span: Option<Span>,
    /// The holders of a task.
    pub(crate) holders: Vec<PersonId>,
    /// Numbers of the clocks on it.
    pub(crate) clocks: Vec<u64>,
    /// The clock of an order whose fix is being verified: it runs on if the fix fails.
    pub(crate) fix: Option<Box<DeadlineClock>>,
}

/// A step of the ladder that was taken or proposed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LadderStep {
    /// The number of its clock.
    pub(crate) clock: u64,
    pub(crate) level: String,
    pub(crate) to: Vec<PersonId>,
    pub(crate) stage: StepStage,
    /// True if somebody has promised an instant.
    pub(crate) acknowledged: bool,
}

/// The stage of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepStage {
    /// Waits for a signature.
    Proposed,
    /// Signed by a person.
    Signed,
    /// Taken by itself.
    Taken,
}

/// An instant within the day that ends at `due`.
pub(crate) fn just_before(due: Timestamp) -> Timestamp {
    due.checked_sub(1.second()).unwrap_or(due)
}
