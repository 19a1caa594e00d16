//! What dispatch keeps: batches, sweep tasks with their rows, outings and visits, places found.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{AreaCode, BatchId, InstitutionCode, OccurrenceId, PersonId, PlaceId, PostCode, SortieId, TaskId};
use crate::lenient;
use crate::span::Span;
use crate::subject::Subject;

/// Which institutions a batch is about. Empty fields do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "lenient::list")]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// By which rule.
    #[serde(default)]
    pub to: AssignTo,
    /// Codes or full ids of people.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "lenient::list")]
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
        #[serde(default, skip_serializing_if = "String::is_empty")]
        about: String,
    },
}

events! {
    /// What happened in a dispatch book.
    pub enum Event {
        "batch.confirmed" BatchConfirmed {
            batch: BatchId, name: String,
            #[serde(default, skip_serializing_if = "Option::is_none")] campaign: Option<String>,
            #[serde(default, skip_serializing_if = "Option::is_none")] round: Option<u32>,
            select: Select, assign: Assign, checklist: String, window: Span,
            #[serde(default, skip_serializing_if = "Option::is_none")] sealed_until: Option<Timestamp>,
            /// Of the selected posts and rows, as they stood.
            roster_hash: String,
            /// Tasks to come.
            count: u32,
            /// The occurrence that issued it, or the batch above.
            #[serde(default, skip_serializing_if = "Option::is_none")] occurrence: Option<OccurrenceId>,
            #[serde(default, skip_serializing_if = "Option::is_none")] parent: Option<String>,
        },
        /// The roster moved between confirming and issuing.
        "batch.recounted" BatchRecounted { batch: BatchId, roster_hash: String, count: u32 },
        "task.issued" TaskIssued {
            task: TaskId, batch: BatchId,
            #[serde(default, skip_serializing_if = "Option::is_none")] post: Option<PostCode>,
            area: AreaCode, rows: Vec<Subject>, offered: Vec<PersonId>,
            /// How many must accept.
            need: u32,
            checklist: String, window: Span,
            #[serde(default, skip_serializing_if = "Option::is_none")] campaign: Option<String>,
            #[serde(default, skip_serializing_if = "Option::is_none")] round: Option<u32>,
            #[serde(default, skip_serializing_if = "Option::is_none")] sealed_until: Option<Timestamp>,
            /// When an unanswered offer goes on.
            answer_by: Timestamp,
            /// Whether `answer_by` is a guess, for want of a year's calendar: shown as such, never rung.
            #[serde(default, skip_serializing_if = "is_false")] provisional: bool,
            #[serde(default, skip_serializing_if = "Option::is_none")] revisit_of: Option<TaskId>,
        },
        "batch.issued" BatchIssued { batch: BatchId, count: u32 },
        "task.offered" TaskOffered { task: TaskId, to: Vec<PersonId>, reason: OfferReason, #[serde(default, skip_serializing_if = "Option::is_none")] by: Option<PersonId>, answer_by: Timestamp, #[serde(default, skip_serializing_if = "is_false")] provisional: bool },
        "task.accepted" TaskAccepted {
            task: TaskId, person: PersonId,
            /// Whose place the person takes.
            #[serde(default, skip_serializing_if = "Option::is_none")] instead_of: Option<PersonId>,
            /// Whether nobody more is needed: the task is taken.
            taken: bool,
        },
        "task.declined" TaskDeclined { task: TaskId, person: PersonId, reason: String },
        "task.unassigned" TaskUnassigned { task: TaskId, reason: String },
        "row.filled" RowFilled {
            task: TaskId, row: String, subject: Subject, outcome: Outcome,
            #[serde(default, skip_serializing_if = "Vec::is_empty")] codes: Vec<String>,
            #[serde(default, skip_serializing_if = "String::is_empty")] note: String,
            #[serde(default, skip_serializing_if = "Vec::is_empty")] evidence: Vec<String>,
            #[serde(default, skip_serializing_if = "is_false")] urgent: bool,
            by: PersonId, sortie: SortieId, observed: Timestamp,
        },
        /// A row that opens a lead: at submit, or at once when marked urgent.
        "row.found" RowFound {
            task: TaskId, row: String, subject: Subject, area: AreaCode, codes: Vec<String>, note: String,
            #[serde(default, skip_serializing_if = "Vec::is_empty")] evidence: Vec<String>,
            urgent: bool, finder: PersonId,
            #[serde(default, skip_serializing_if = "Option::is_none")] post: Option<PostCode>,
            observed: Timestamp,
            #[serde(default, skip_serializing_if = "Option::is_none")] campaign: Option<String>,
            #[serde(default, skip_serializing_if = "Option::is_none")] round: Option<u32>,
            #[serde(default, skip_serializing_if = "Option::is_none")] sealed_until: Option<Timestamp>,
        },
        /// A row corrected after its lead was opened.
        "row.annotated" RowAnnotated { task: TaskId, row: String, note: String, by: PersonId },
        "task.submitted" TaskSubmitted {
            task: TaskId, by: PersonId, nil: bool, rows: u32, problems: u32,
            #[serde(default, skip_serializing_if = "Option::is_none")] post: Option<PostCode>,
            area: AreaCode,
            /// Whoever ever worked on the sheet, where that is more than the submitter: none of them may check it.
            #[serde(default, skip_serializing_if = "Vec::is_empty")] hands: Vec<PersonId>,
        },
        "task.returned" TaskReturned { task: TaskId, by: PersonId, reason: String, rows: Vec<String> },
        "task.approved" TaskApproved { task: TaskId, by: PersonId, #[serde(default, skip_serializing_if = "Option::is_none")] revisit: Option<TaskId> },
        "task.cancelled" TaskCancelled { task: TaskId, by: PersonId, reason: String },
        "place.reported" PlaceReported {
            place: PlaceId, area: AreaCode, address: String, seen: String,
            codes: Vec<String>, #[serde(default, skip_serializing_if = "Vec::is_empty")] evidence: Vec<String>,
            urgent: bool, finder: PersonId,
            #[serde(default, skip_serializing_if = "Option::is_none")] post: Option<PostCode>,
            sortie: SortieId, observed: Timestamp,
            #[serde(default, skip_serializing_if = "Option::is_none")] campaign: Option<String>,
            #[serde(default, skip_serializing_if = "Option::is_none")] round: Option<u32>,
            #[serde(default, skip_serializing_if = "Option::is_none")] sealed_until: Option<Timestamp>,
        },
        "sortie.opened" SortieOpened { sortie: SortieId, members: Vec<PersonId>, kind: SortieKind, date: Date },
        "visit.recorded" VisitRecorded {
            sortie: SortieId, subject: Subject, outcome: Outcome, hazards: Hazards, by: PersonId, observed: Timestamp,
            #[serde(default, skip_serializing_if = "Option::is_none")] campaign: Option<String>,
            #[serde(default, skip_serializing_if = "Option::is_none")] round: Option<u32>,
        },
        /// Half an answer, so that it survives the phone it was typed on. Nobody but the person sees it.
        "draft.kept" DraftKept {
            person: PersonId, of: DraftOf,
            /// By question.
            #[serde(default, skip_serializing_if = "BTreeMap::is_empty")] answers: BTreeMap<String, String>,
            #[serde(default, skip_serializing_if = "Vec::is_empty")] evidence: Vec<String>,
        },
        "draft.dropped" DraftDropped { person: PersonId, of: DraftOf },
    }
}

commands! {
    /// What one may ask of dispatch.
    pub enum Command {
        "dispatch.issue_batch" IssueBatch {
            name: String, #[serde(default)] campaign: Option<String>, #[serde(default, deserialize_with = "lenient::option")] round: Option<u32>,
            #[serde(default)] select: Select, #[serde(default)] assign: Assign, #[serde(default)] checklist: String,
            #[serde(default)] window: Option<Span>, #[serde(default)] sealed_until: Option<Timestamp>,
        },
        "dispatch.accept_task" AcceptTask { task: TaskId },
        "dispatch.decline_task" DeclineTask { task: TaskId, reason: String },
        /// By whoever holds it, or by the coordinator, who may give any open task to somebody else.
        "dispatch.hand_over_task" HandOverTask { task: TaskId, to: String, #[serde(default)] reason: String },
        "dispatch.fill_row" FillRow {
            task: TaskId, row: String, outcome: Outcome, #[serde(default, deserialize_with = "lenient::list")] codes: Vec<String>,
            #[serde(default)] note: String, #[serde(default, deserialize_with = "lenient::list")] evidence: Vec<String>,
            #[serde(default)] observed: Option<Timestamp>, #[serde(default, deserialize_with = "lenient::value")] urgent: bool,
        },
        "dispatch.submit_task" SubmitTask { task: TaskId },
        "dispatch.return_task" ReturnTask { task: TaskId, reason: String, #[serde(default, deserialize_with = "lenient::list")] rows: Vec<String> },
        "dispatch.approve_task" ApproveTask { task: TaskId },
        "dispatch.cancel_task" CancelTask { task: TaskId, reason: String },
        "dispatch.report_place" ReportPlace {
            area: AreaCode, address: String, seen: String, #[serde(default, deserialize_with = "lenient::list")] codes: Vec<String>,
            #[serde(default, deserialize_with = "lenient::list")] evidence: Vec<String>, #[serde(default, deserialize_with = "lenient::value")] urgent: bool,
        },
        "dispatch.open_sortie" OpenSortie { #[serde(deserialize_with = "lenient::list")] members: Vec<String>, #[serde(default)] kind: SortieKind, date: Date },
        "dispatch.record_visit" RecordVisit {
            sortie: SortieId, institution: InstitutionCode, outcome: Outcome, #[serde(default)] hazards: Hazards,
            #[serde(default)] campaign: Option<String>, #[serde(default, deserialize_with = "lenient::option")] round: Option<u32>,
        },
        /// In the place of what was kept before; without answers and evidence the draft is dropped.
        "dispatch.keep_draft" KeepDraft { of: DraftOf, #[serde(default)] answers: BTreeMap<String, String>, #[serde(default, deserialize_with = "lenient::list")] evidence: Vec<String> },
    }
}
