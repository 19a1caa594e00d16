//! What one may ask of dispatch.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use picket_schemas_derive::CommandVerbs;
use serde::{Deserialize, Serialize};

use super::{Assign, DraftOf, Hazards, Outcome, Select, SortieKind};
use crate::ids::{AreaCode, InstitutionCode, SortieId, TaskId};
use crate::lenient;
use crate::span::Span;

/// What one may ask of dispatch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, CommandVerbs)]
#[serde(tag = "do", deny_unknown_fields)]
pub enum Command {
    #[serde(rename = "dispatch.issue_batch")]
    IssueBatch {
        name: String,
        #[serde(default)]
        campaign: Option<String>,
        #[serde(default, deserialize_with = "lenient::option")]
        round: Option<u32>,
        #[serde(default)]
        select: Select,
        #[serde(default)]
        assign: Assign,
        #[serde(default)]
        checklist: String,
        #[serde(default)]
        window: Option<Span>,
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
        to: String,
        #[serde(default)]
        reason: String,
    },
    #[serde(rename = "dispatch.fill_row")]
    FillRow {
        task: TaskId,
        row: String,
        outcome: Outcome,
        #[serde(default, deserialize_with = "lenient::list")]
        codes: Vec<String>,
        #[serde(default)]
        note: String,
        #[serde(default, deserialize_with = "lenient::list")]
        evidence: Vec<String>,
        #[serde(default)]
        observed: Option<Timestamp>,
        #[serde(default, deserialize_with = "lenient::value")]
        urgent: bool,
    },
    #[serde(rename = "dispatch.submit_task")]
    SubmitTask { task: TaskId },
    #[serde(rename = "dispatch.return_task")]
    ReturnTask {
        task: TaskId,
        reason: String,
        #[serde(default, deserialize_with = "lenient::list")]
        rows: Vec<String>,
    },
    #[serde(rename = "dispatch.approve_task")]
    ApproveTask { task: TaskId },
    #[serde(rename = "dispatch.cancel_task")]
    CancelTask { task: TaskId, reason: String },
    #[serde(rename = "dispatch.report_place")]
    ReportPlace {
        area: AreaCode,
        address: String,
        seen: String,
        #[serde(default, deserialize_with = "lenient::list")]
        codes: Vec<String>,
        #[serde(default, deserialize_with = "lenient::list")]
        evidence: Vec<String>,
        #[serde(default, deserialize_with = "lenient::value")]
        urgent: bool,
    },
    #[serde(rename = "dispatch.open_sortie")]
    OpenSortie {
        #[serde(deserialize_with = "lenient::list")]
        members: Vec<String>,
        #[serde(default)]
        kind: SortieKind,
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
