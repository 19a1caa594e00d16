//! Events of dispatch, as its journal holds them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use picket_schemas_derive::{EventKinds, Mentions};
use serde::{Deserialize, Serialize};

use super::{Assign, DraftOf, Hazards, OfferReason, Outcome, Select, SortieKind, is_false};
use crate::ids::{AreaCode, BatchId, OccurrenceId, PersonId, PlaceId, PostCode, SortieId, TaskId};
use crate::span::Span;
use crate::subject::Subject;

/// What happened in a dispatch book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, EventKinds, Mentions)]
#[serde(tag = "type")]
pub enum Event {
    #[serde(rename = "batch.confirmed")]
    BatchConfirmed {
        #[mentions(new)]
        batch: BatchId,
        name: String,
        /// Rounds are counted within it: `winter-2026`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        campaign: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        round: Option<u32>,
        select: Select,
        assign: Assign,
        /// By name: `sweep`.
        checklist: String,
        /// How long a sheet may take from when it is taken.
        window: Span,
        /// Nobody outside the crew hears of it before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sealed_until: Option<Timestamp>,
        /// Of the selected posts and rows, as they stood.
        roster_hash: String,
        /// Tasks to come.
        count: u32,
        /// The occurrence that issued it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        occurrence: Option<OccurrenceId>,
        /// The batch above that issued it, with its jurisdiction: `4209/B-2`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<BatchId>,
    },
    /// The roster moved between confirming and issuing.
    #[serde(rename = "batch.recounted")]
    BatchRecounted {
        batch: BatchId,
        roster_hash: String,
        count: u32,
    },
    #[serde(rename = "task.issued")]
    TaskIssued {
        #[mentions(new)]
        task: TaskId,
        batch: BatchId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<PostCode>,
        area: AreaCode,
        rows: Vec<Subject>,
        offered: Vec<PersonId>,
        /// How many must accept.
        need: u32,
        checklist: String,
        /// How long it may take from when it is taken.
        window: Span,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        campaign: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        round: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sealed_until: Option<Timestamp>,
        /// When an unanswered offer goes on.
        answer_by: Timestamp,
        /// Whether `answer_by` is a guess, for want of a year's calendar: shown as such, never rung.
        #[serde(default, skip_serializing_if = "is_false")]
        provisional: bool,
        /// The sheet on which the places to go to again were missed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revisit_of: Option<TaskId>,
    },
    #[serde(rename = "batch.issued")]
    BatchIssued { batch: BatchId, count: u32 },
    /// The batch is over before its sheets were: those still open end with it, and no more come.
    #[serde(rename = "batch.cancelled")]
    BatchCancelled {
        batch: BatchId,
        /// As people know it.
        name: String,
        by: PersonId,
        reason: String,
        /// The batch above with which it ends, with its jurisdiction: `4209/B-2`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<BatchId>,
        /// Holders of its open sheets and those who could still take one, each with how many.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        people: BTreeMap<PersonId, u32>,
    },
    #[serde(rename = "task.offered")]
    TaskOffered {
        task: TaskId,
        to: Vec<PersonId>,
        reason: OfferReason,
        /// Who gave it or hands it over, where a person did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
        answer_by: Timestamp,
        #[serde(default, skip_serializing_if = "is_false")]
        provisional: bool,
    },
    #[serde(rename = "task.accepted")]
    TaskAccepted {
        task: TaskId,
        person: PersonId,
        /// Whose place the person takes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead_of: Option<PersonId>,
        /// Whether nobody more is needed: the task is taken.
        taken: bool,
    },
    #[serde(rename = "task.declined")]
    TaskDeclined {
        task: TaskId,
        person: PersonId,
        reason: String,
    },
    #[serde(rename = "task.unassigned")]
    TaskUnassigned { task: TaskId, reason: String },
    #[serde(rename = "row.filled")]
    RowFilled {
        task: TaskId,
        /// The id of its subject.
        row: String,
        subject: Subject,
        outcome: Outcome,
        /// Of violations; only a problem has them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        codes: Vec<String>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
        /// Photos, each named by its SHA-256.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<String>,
        #[serde(default, skip_serializing_if = "is_false")]
        urgent: bool,
        by: PersonId,
        sortie: SortieId,
        /// When it was seen, which may be long before it is recorded.
        observed: Timestamp,
    },
    /// A row that opens a lead: at submit, or at once when marked urgent.
    #[serde(rename = "row.found")]
    RowFound {
        task: TaskId,
        row: String,
        subject: Subject,
        area: AreaCode,
        codes: Vec<String>,
        note: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<String>,
        urgent: bool,
        finder: PersonId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<PostCode>,
        observed: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        campaign: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        round: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sealed_until: Option<Timestamp>,
    },
    /// A row corrected after its lead was opened.
    #[serde(rename = "row.annotated")]
    RowAnnotated {
        task: TaskId,
        row: String,
        note: String,
        by: PersonId,
    },
    #[serde(rename = "task.submitted")]
    TaskSubmitted {
        task: TaskId,
        by: PersonId,
        /// Whether not one row is a problem.
        nil: bool,
        rows: u32,
        /// How many of the rows are.
        problems: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<PostCode>,
        area: AreaCode,
        /// Whoever ever worked on the sheet, where that is more than the submitter: none of them may check it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        hands: Vec<PersonId>,
    },
    #[serde(rename = "task.returned")]
    TaskReturned {
        task: TaskId,
        by: PersonId,
        reason: String,
        /// Those to answer anew.
        rows: Vec<String>,
    },
    #[serde(rename = "task.approved")]
    TaskApproved {
        task: TaskId,
        by: PersonId,
        /// The sheet with the places to go to again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revisit: Option<TaskId>,
    },
    #[serde(rename = "task.cancelled")]
    TaskCancelled {
        task: TaskId,
        by: PersonId,
        reason: String,
    },
    #[serde(rename = "place.reported")]
    PlaceReported {
        #[mentions(new)]
        place: PlaceId,
        area: AreaCode,
        address: String,
        /// What was seen there, in words.
        seen: String,
        codes: Vec<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<String>,
        urgent: bool,
        finder: PersonId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<PostCode>,
        sortie: SortieId,
        observed: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        campaign: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        round: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sealed_until: Option<Timestamp>,
    },
    #[serde(rename = "sortie.opened")]
    SortieOpened {
        #[mentions(new)]
        sortie: SortieId,
        members: Vec<PersonId>,
        kind: SortieKind,
        /// The local day.
        date: Date,
    },
    #[serde(rename = "visit.recorded")]
    VisitRecorded {
        sortie: SortieId,
        subject: Subject,
        outcome: Outcome,
        hazards: Hazards,
        by: PersonId,
        observed: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        campaign: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        round: Option<u32>,
    },
    /// Half an answer, so that it survives the phone it was typed on. Nobody but the person sees it.
    #[serde(rename = "draft.kept")]
    DraftKept {
        person: PersonId,
        of: DraftOf,
        /// By question.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        answers: BTreeMap<String, String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<String>,
    },
    #[serde(rename = "draft.dropped")]
    DraftDropped { person: PersonId, of: DraftOf },
}
