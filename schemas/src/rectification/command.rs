//! Commands to rectification.

use jiff::civil::Date;
use picket_schemas_derive::CommandVerbs;
use serde::{Deserialize, Serialize};

use super::{DocumentKind, FixResult, LookBack, Source, Verdict};
use crate::ids::{ActionId, AreaCode, CaseId, DepartmentCode, LeadId, OrderId};
use crate::lenient;
use crate::span::Span;
use crate::subject::Subject;

/// What one may ask of rectification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, CommandVerbs)]
#[serde(tag = "do", deny_unknown_fields)]
pub enum Command {
    #[serde(rename = "rectification.receive_report")]
    ReceiveReport {
        source: Source,
        #[serde(default)]
        subject: Option<Subject>,
        area: AreaCode,
        text: String,
        #[serde(default, deserialize_with = "lenient::value")]
        urgent: bool,
    },
    #[serde(rename = "rectification.merge_leads")]
    MergeLeads {
        into: LeadId,
        #[serde(deserialize_with = "lenient::list")]
        leads: Vec<LeadId>,
    },
    #[serde(rename = "rectification.classify_lead")]
    ClassifyLead {
        lead: LeadId,
        #[serde(deserialize_with = "lenient::list")]
        codes: Vec<String>,
    },
    /// Without departments the table decides; another department than the table's needs a reason.
    #[serde(rename = "rectification.route_lead")]
    RouteLead {
        lead: LeadId,
        #[serde(default)]
        lead_department: Option<DepartmentCode>,
        #[serde(default, deserialize_with = "lenient::list")]
        assist: Vec<DepartmentCode>,
        #[serde(default)]
        reason: String,
    },
    #[serde(rename = "rectification.decide_joint")]
    DecideJoint {
        lead: LeadId,
        #[serde(deserialize_with = "lenient::value")]
        joint: bool,
        reason: String,
        /// The local day; joint action needs one.
        #[serde(default)]
        date: Option<Date>,
        /// Codes or full ids of people, for joint action.
        #[serde(default, deserialize_with = "lenient::list")]
        crew: Vec<String>,
    },
    #[serde(rename = "rectification.report_action")]
    ReportAction {
        action: ActionId,
        department: DepartmentCode,
        outcome: String,
    },
    #[serde(rename = "rectification.return_lead")]
    ReturnLead { lead: LeadId, reason: String },
    #[serde(rename = "rectification.record_verdict")]
    RecordVerdict {
        lead: LeadId,
        verdict: Verdict,
        #[serde(default)]
        note: String,
        #[serde(default, deserialize_with = "lenient::list")]
        evidence: Vec<String>,
    },
    #[serde(rename = "rectification.file_case")]
    FileCase {
        lead: LeadId,
        /// Codes or full ids of people.
        #[serde(deserialize_with = "lenient::list")]
        officers: Vec<String>,
    },
    #[serde(rename = "rectification.issue_order")]
    IssueOrder {
        case: CaseId,
        #[serde(default)]
        focus: String,
        #[serde(default)]
        requirement: String,
        #[serde(default)]
        content: String,
        /// The legal ground; may be left out.
        #[serde(default)]
        ground: String,
        /// Counted from service.
        #[serde(default)]
        deadline: Option<Span>,
    },
    #[serde(rename = "rectification.serve_order")]
    ServeOrder {
        order: OrderId,
        /// A receipt, a photo or a witness.
        #[serde(default)]
        proof: String,
        /// Photos, each named by its SHA-256.
        #[serde(default, deserialize_with = "lenient::list")]
        evidence: Vec<String>,
    },
    #[serde(rename = "rectification.extend_order")]
    ExtendOrder {
        order: OrderId,
        #[serde(deserialize_with = "lenient::value")]
        amount: u32,
        /// The one of the deadline: units do not convert.
        unit: crate::span::Unit,
        reason: String,
    },
    #[serde(rename = "rectification.park_order")]
    ParkOrder { order: OrderId, reason: String },
    #[serde(rename = "rectification.resume_order")]
    ResumeOrder { order: OrderId, reason: String },
    #[serde(rename = "rectification.report_fix")]
    ReportFix {
        order: OrderId,
        note: String,
        #[serde(default, deserialize_with = "lenient::list")]
        evidence: Vec<String>,
    },
    #[serde(rename = "rectification.verify_fix")]
    VerifyFix {
        order: OrderId,
        result: FixResult,
        #[serde(default)]
        note: String,
        #[serde(default, deserialize_with = "lenient::list")]
        evidence: Vec<String>,
    },
    #[serde(rename = "rectification.record_penalty")]
    RecordPenalty {
        case: CaseId,
        /// In words: a warning, a fine.
        kind: String,
        /// Hundredths of a yuan; none for a warning.
        #[serde(default, deserialize_with = "lenient::value")]
        amount_fen: u64,
    },
    #[serde(rename = "rectification.record_refund")]
    RecordRefund {
        case: CaseId,
        /// Hundredths of a yuan.
        #[serde(deserialize_with = "lenient::value")]
        amount_fen: u64,
        /// The receipt.
        #[serde(default)]
        proof: String,
        #[serde(default, deserialize_with = "lenient::list")]
        evidence: Vec<String>,
    },
    #[serde(rename = "rectification.suspend_institution")]
    SuspendInstitution { case: CaseId },
    #[serde(rename = "rectification.issue_notice")]
    IssueNotice { case: CaseId, kind: DocumentKind },
    #[serde(rename = "rectification.look_back")]
    LookBackAt { case: CaseId, result: LookBack },
}
