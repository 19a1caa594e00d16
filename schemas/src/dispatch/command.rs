//! Commands to dispatch.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use picket_schemas_derive::CommandVerbs;
use serde::{Deserialize, Serialize};

use super::{Assign, DraftOf, Hazards, Outcome, Select, SortieKind};
use crate::ids::{AreaCode, BatchId, InstitutionCode, SortieId, TaskId};
use crate::lenient;
use crate::span::Span;

/// What one may ask of dispatch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, CommandVerbs)]
#[serde(tag = "do", deny_unknown_fields)]
pub enum Command {
    #[serde(rename = "dispatch.issue_batch")]
    IssueBatch {
        name: String,
        /// Rounds are counted within it: `winter-2026`.
        #[serde(default)]
        campaign: Option<String>,
        #[serde(default, deserialize_with = "lenient::option")]
        round: Option<u32>,
        #[serde(default)]
        select: Select,
        #[serde(default)]
        assign: Assign,
        /// By name: `sweep`.
        #[serde(default)]
        checklist: String,
        /// How long a sheet may take from when it is taken.
        #[serde(default)]
        window: Option<Span>,
        /// Nobody outside the crew hears of it before.
        #[serde(default)]
        sealed_until: Option<Timestamp>,
    },
    #[serde(rename = "dispatch.accept_task")]
    AcceptTask { task: TaskId },
    #[serde(rename = "dispatch.decline_task")]
    DeclineTask { task: TaskId, reason: String },
    /// By whoever holds it, or by the coordinator, who may give any open task to somebody else.
    #[serde(rename = "dispatch.hand_over_task")]
    HandOverTask {
        task: TaskId,
        /// The code or full id of a person.
        to: String,
        #[serde(default)]
        reason: String,
    },
    #[serde(rename = "dispatch.fill_row")]
    FillRow {
        task: TaskId,
        /// The institution's code.
        row: String,
        outcome: Outcome,
        /// Of violations; only a problem has them.
        #[serde(default, deserialize_with = "lenient::list")]
        codes: Vec<String>,
        #[serde(default)]
        note: String,
        /// Photos, each named by its SHA-256.
        #[serde(default, deserialize_with = "lenient::list")]
        evidence: Vec<String>,
        /// When it was seen; without it when the wish was made.
        #[serde(default)]
        observed: Option<Timestamp>,
        /// The problem opens its lead now and not when the sheet goes in.
        #[serde(default, deserialize_with = "lenient::value")]
        urgent: bool,
    },
    #[serde(rename = "dispatch.submit_task")]
    SubmitTask { task: TaskId },
    #[serde(rename = "dispatch.return_task")]
    ReturnTask {
        task: TaskId,
        reason: String,
        /// Those to answer anew; without any all of them.
        #[serde(default, deserialize_with = "lenient::list")]
        rows: Vec<String>,
    },
    #[serde(rename = "dispatch.approve_task")]
    ApproveTask { task: TaskId },
    #[serde(rename = "dispatch.cancel_task")]
    CancelTask { task: TaskId, reason: String },
    /// Its open sheets end, and those still to be issued do not come.
    #[serde(rename = "dispatch.cancel_batch")]
    CancelBatch { batch: BatchId, reason: String },
    #[serde(rename = "dispatch.report_place")]
    ReportPlace {
        area: AreaCode,
        address: String,
        /// What was seen there, in words.
        seen: String,
        /// Of violations.
        #[serde(default, deserialize_with = "lenient::list")]
        codes: Vec<String>,
        /// Photos, each named by its SHA-256.
        #[serde(default, deserialize_with = "lenient::list")]
        evidence: Vec<String>,
        #[serde(default, deserialize_with = "lenient::value")]
        urgent: bool,
    },
    #[serde(rename = "dispatch.open_sortie")]
    OpenSortie {
        /// Codes or full ids of people.
        #[serde(deserialize_with = "lenient::list")]
        members: Vec<String>,
        #[serde(default)]
        kind: SortieKind,
        /// The local day.
        date: Date,
    },
    #[serde(rename = "dispatch.record_visit")]
    RecordVisit {
        sortie: SortieId,
        institution: InstitutionCode,
        outcome: Outcome,
        #[serde(default)]
        hazards: Hazards,
        #[serde(default)]
        campaign: Option<String>,
        #[serde(default, deserialize_with = "lenient::option")]
        round: Option<u32>,
    },
    /// In the place of what was kept before; without answers and evidence the draft is dropped.
    #[serde(rename = "dispatch.keep_draft")]
    KeepDraft {
        of: DraftOf,
        #[serde(default)]
        answers: BTreeMap<String, String>,
        #[serde(default, deserialize_with = "lenient::list")]
        evidence: Vec<String>,
    },
}
