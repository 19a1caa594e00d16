//! What dispatch keeps: batches, sweep tasks with their rows, outings and visits, places found.

use picket_schemas_derive::Mentions;
use serde::{Deserialize, Serialize};

use crate::ids::{AreaCode, InstitutionCode, PostCode, RecordId, TaskId};
use crate::lenient;
use crate::mention::{Mention, Mentions, Within, within};

mod command;
mod declared;
mod event;

pub use command::Command;
pub use declared::DECLARED;
pub use event::Event;

/// Which institutions a batch is about. Empty fields do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Mentions)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// In this area or within it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaCode>,
    /// Of this post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<PostCode>,
    /// `subject`, `arts`, `sports`, `science`, `custody`, `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `low`, `normal`, `high`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// `white`, `black`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// Exactly these.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "lenient::list"
    )]
    pub institutions: Vec<InstitutionCode>,
    /// Also a sheet without rows for each selected post that has none on the list.
    #[serde(default, skip_serializing_if = "is_false")]
    pub empty_posts: bool,
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

/// To whom tasks go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignTo {
    /// One sheet a post, offered to its members.
    #[default]
    PostSentinel,
    /// One sheet, to the people named.
    Person,
    /// One sheet a post, to the member with the fewest open tasks.
    LeastLoaded,
    /// One sheet a post, offered to all the people named (or all sentinels of the area).
    Offer,
}

/// How many must accept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accept {
    /// The first one takes it.
    #[default]
    First,
    /// Everybody gets one of their own.
    Each,
    /// So many together.
    N(u32),
}

/// To whom tasks go, and how they are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Mentions)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// By which rule.
    #[serde(default)]
    pub to: AssignTo,
    /// Codes or full ids of people.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "lenient::list"
    )]
    pub people: Vec<String>,
    /// How many must accept.
    #[serde(default)]
    pub accept: Accept,
}

/// What a row says about a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing wrong.
    Ok,
    /// Something wrong: opens a lead.
    Problem,
    /// Nobody opened.
    ClosedDoor,
    /// Gone elsewhere.
    Moved,
    /// Not at the address.
    NotFound,
    /// Not let in; by itself no violation.
    Refused,
    /// Not reached this time.
    NotVisited,
}

impl Outcome {
    /// Whether somebody was there: counts as a visit.
    pub fn visited(self) -> bool {
        self != Self::NotVisited
    }
    /// Whether the place must be gone to again.
    pub fn needs_revisit(self) -> bool {
        matches!(self, Self::ClosedDoor | Self::NotVisited)
    }
}

/// Why a task is offered once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferReason {
    /// The one before declined or did not answer.
    Next,
    /// Somebody hands it over; still theirs until it is taken.
    HandOver,
    /// The coordinator gave it.
    Assigned,
    /// The one meant is away.
    Substitute,
}

/// What kind of outing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortieKind {
    /// Sentinels sweep.
    #[default]
    Sweep,
    /// Certified people inspect.
    Inspection,
    /// Several departments together.
    Joint,
    /// A safety team.
    Safety,
}

/// Spots found at a visit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hazards {
    /// Spots recorded.
    #[serde(deserialize_with = "lenient::value")]
    pub found: u32,
    /// Spots recorded as fixed.
    #[serde(default, deserialize_with = "lenient::value")]
    pub fixed: u32,
}

/// What somebody has half answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DraftOf {
    /// A row of a sheet.
    Row {
        /// The sheet.
        task: TaskId,
        /// The row.
        row: String,
    },
    /// A form about something; about nothing where it makes something new.
    Form {
        /// Which.
        form: String,
        /// The thing, with its jurisdiction.
        #[serde(default, skip_serializing_if = "RecordId::is_empty")]
        about: RecordId,
    },
}

impl Mentions for DraftOf {
    fn mentions<'a>(&'a self, each: &mut dyn FnMut(Mention<'a>)) {
        match self {
            Self::Row { task, row: _ } => within(task, Within::Draft, each),
            Self::Form { form: _, about } => within(about, Within::Draft, each),
        }
    }
}
