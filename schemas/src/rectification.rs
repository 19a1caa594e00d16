//! What rectification keeps: reports, leads, joint actions, cases, orders, fixes, penalties, refunds.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{ActionId, AreaCode, CaseId, DepartmentCode, LeadId, OrderId, PersonId, PlaceId, PostCode, ReportId, TaskId};
use crate::lenient;
use crate::span::Span;
use crate::subject::Subject;

/// Where a report came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A problem row of a sweep sheet.
    Row,
    /// A place on no list.
    Place,
    /// The public hotline.
    Hotline,
    /// A letter or a visit.
    Letter,
    /// The national platform.
    Platform,
    /// A parent, directly.
    Parent,
    /// Another department.
    Department,
    /// Anything else.
    Other,
}

/// What verification of a lead showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 属实
    Substantiated,
    /// 部分属实
    Partly,
    /// 不属实
    Not,
    /// 无法查实
    Undeterminable,
}

impl Verdict {
    /// Whether a case may follow.
    pub fn holds(self) -> bool {
        matches!(self, Self::Substantiated | Self::Partly)
    }
}

/// Departments a lead goes to, and the rule that says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routing {
    /// Who leads.
    pub lead: DepartmentCode,
    /// Who assists.
    pub assist: Vec<DepartmentCode>,
    /// Whether the table proposes joint action.
    pub joint: bool,
    /// Which row matched, and on what.
    pub rule: String,
}

/// What a verifier found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixResult {
    /// Done.
    Passed,
    /// Not done.
    Failed,
}

/// What a look-back found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookBack {
    /// Still in order.
    Held,
    /// As before.
    Relapsed,
}

/// A paper that is not an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// 整改通知书
    Notice,
    /// 通告
    PublicNotice,
}

events! {
    /// What happened in a rectification book.
    pub enum Event {
        "report.received" ReportReceived {
            report: ReportId, source: Source,
            #[serde(default, skip_serializing_if = "Option::is_none")] subject: Option<Subject>,
            area: AreaCode, text: String,
            #[serde(default, skip_serializing_if = "Vec::is_empty")] codes: Vec<String>,
            urgent: bool,
            #[serde(default, skip_serializing_if = "Option::is_none")] task: Option<TaskId>,
            #[serde(default, skip_serializing_if = "Option::is_none")] row: Option<String>,
            #[serde(default, skip_serializing_if = "Option::is_none")] place: Option<PlaceId>,
            #[serde(default, skip_serializing_if = "Option::is_none")] finder: Option<PersonId>,
            #[serde(default, skip_serializing_if = "Option::is_none")] post: Option<PostCode>,
            observed: Timestamp,
            #[serde(default, skip_serializing_if = "Option::is_none")] campaign: Option<String>,
            #[serde(default, skip_serializing_if = "Option::is_none")] round: Option<u32>,
            #[serde(default, skip_serializing_if = "Option::is_none")] sealed_until: Option<Timestamp>,
        },
        "lead.opened" LeadOpened {
            lead: LeadId, report: ReportId,
            #[serde(default, skip_serializing_if = "Option::is_none")] subject: Option<Subject>,
            area: AreaCode,
            #[serde(default, skip_serializing_if = "Vec::is_empty")] codes: Vec<String>,
            urgent: bool,
            /// The finder's post, which everybody may see; the finder's name stays in the report.
            #[serde(default, skip_serializing_if = "Option::is_none")] post: Option<PostCode>,
            /// The territorial owner.
            #[serde(default, skip_serializing_if = "Option::is_none")] owner: Option<PersonId>,
            #[serde(default, skip_serializing_if = "Option::is_none")] campaign: Option<String>,
            #[serde(default, skip_serializing_if = "Option::is_none")] round: Option<u32>,
            #[serde(default, skip_serializing_if = "Option::is_none")] sealed_until: Option<Timestamp>,
        },
        "lead.merged" LeadMerged { lead: LeadId, into: LeadId },
        "lead.classified" LeadClassified { lead: LeadId, codes: Vec<String>, #[serde(default, skip_serializing_if = "Option::is_none")] proposal: Option<Routing> },
        "lead.routed" LeadRouted { lead: LeadId, department: DepartmentCode, assist: Vec<DepartmentCode>, reason: String },
        "lead.returned" LeadReturned { lead: LeadId, department: DepartmentCode, reason: String },
        "joint.decided" JointDecided { lead: LeadId, joint: bool, reason: String, by: PersonId },
        "action.opened" ActionOpened { action: ActionId, lead: LeadId, department: DepartmentCode, assist: Vec<DepartmentCode>, crew: Vec<PersonId>, date: Date, #[serde(default, skip_serializing_if = "Option::is_none")] sealed_until: Option<Timestamp> },
        "action.reported" ActionReported { action: ActionId, department: DepartmentCode, outcome: String },
        "action.closed" ActionClosed { action: ActionId, lead: LeadId },
        "verdict.recorded" VerdictRecorded {
            lead: LeadId, verdict: Verdict, note: String,
            #[serde(default, skip_serializing_if = "Option::is_none")] subject: Option<Subject>,
            codes: Vec<String>, by: PersonId,
            #[serde(default, skip_serializing_if = "Vec::is_empty")] evidence: Vec<String>,
        },
        "lead.archived" LeadArchived { lead: LeadId, reason: String },
        "case.filed" CaseFiled {
            case: CaseId, lead: LeadId, subject: Subject, area: AreaCode, codes: Vec<String>, department: DepartmentCode, officers: Vec<PersonId>,
            #[serde(default, skip_serializing_if = "Option::is_none")] owner: Option<PersonId>,
            #[serde(default, skip_serializing_if = "Option::is_none")] post: Option<PostCode>,
            /// 1 at first; more after a relapse.
            generation: u32,
        },
        "order.issued" OrderIssued {
            order: OrderId, /// The number within the jurisdiction and year.
            number: u32, year: i16, case: CaseId, subject: Subject, department: DepartmentCode,
            focus: String, requirement: String, content: String, ground: String, deadline: Span, by: PersonId,
        },
        "order.served" OrderServed {
            order: OrderId, proof: String, case: CaseId, subject: Subject, area: AreaCode, department: DepartmentCode, deadline: Span,
            /// Who answers for it within the department.
            duty: PersonId,
            #[serde(default, skip_serializing_if = "Option::is_none")] owner: Option<PersonId>,
            #[serde(default, skip_serializing_if = "Option::is_none")] post: Option<PostCode>,
            by: PersonId,
            #[serde(default, skip_serializing_if = "Vec::is_empty")] evidence: Vec<String>,
        },
        "order.extended" OrderExtended { order: OrderId, span: Span, reason: String, by: PersonId },
        "order.parked" OrderParked { order: OrderId, reason: String, by: PersonId },
        "order.resumed" OrderResumed { order: OrderId, reason: String, by: PersonId },
        "fix.reported" FixReported { order: OrderId, note: String, #[serde(default, skip_serializing_if = "Vec::is_empty")] evidence: Vec<String>, by: PersonId },
        "fix.passed" FixPassed { order: OrderId, case: CaseId, note: String, by: PersonId, #[serde(default, skip_serializing_if = "Vec::is_empty")] evidence: Vec<String> },
        "fix.failed" FixFailed { order: OrderId, case: CaseId, note: String, by: PersonId, #[serde(default, skip_serializing_if = "Vec::is_empty")] evidence: Vec<String> },
        "case.cleared" CaseCleared { case: CaseId, lead: LeadId, subject: Subject },
        "case.reopened" CaseReopened { case: CaseId, generation: u32, reason: String },
        "penalty.recorded" PenaltyRecorded { case: CaseId, subject: Subject, kind: String, amount_fen: u64, by: PersonId },
        "refund.recorded" RefundRecorded { case: CaseId, subject: Subject, amount_fen: u64, proof: String, by: PersonId, #[serde(default, skip_serializing_if = "Vec::is_empty")] evidence: Vec<String> },
        "institution.suspended" InstitutionSuspended { case: CaseId, subject: Subject, by: PersonId },
        "document.issued" DocumentIssued { case: CaseId, subject: Subject, kind: DocumentKind, by: PersonId },
        "look_back.recorded" LookBackRecorded { case: CaseId, result: LookBack, by: PersonId },
    }
}

commands! {
    /// What one may ask of rectification.
    pub enum Command {
        "rectification.receive_report" ReceiveReport { source: Source, #[serde(default)] subject: Option<Subject>, area: AreaCode, text: String, #[serde(default, deserialize_with = "lenient::value")] urgent: bool },
        "rectification.merge_leads" MergeLeads { into: LeadId, #[serde(deserialize_with = "lenient::list")] leads: Vec<LeadId> },
        "rectification.classify_lead" ClassifyLead { lead: LeadId, #[serde(deserialize_with = "lenient::list")] codes: Vec<String> },
        /// Without departments the table decides; another department than the table's needs a reason.
        "rectification.route_lead" RouteLead { lead: LeadId, #[serde(default)] lead_department: Option<DepartmentCode>, #[serde(default, deserialize_with = "lenient::list")] assist: Vec<DepartmentCode>, #[serde(default)] reason: String },
        "rectification.decide_joint" DecideJoint { lead: LeadId, #[serde(deserialize_with = "lenient::value")] joint: bool, reason: String, #[serde(default)] date: Option<Date>, #[serde(default, deserialize_with = "lenient::list")] crew: Vec<String> },
        "rectification.report_action" ReportAction { action: ActionId, department: DepartmentCode, outcome: String },
        "rectification.return_lead" ReturnLead { lead: LeadId, reason: String },
        "rectification.record_verdict" RecordVerdict { lead: LeadId, verdict: Verdict, #[serde(default)] note: String, #[serde(default, deserialize_with = "lenient::list")] evidence: Vec<String> },
        "rectification.file_case" FileCase { lead: LeadId, #[serde(deserialize_with = "lenient::list")] officers: Vec<String> },
        "rectification.issue_order" IssueOrder { case: CaseId, #[serde(default)] focus: String, #[serde(default)] requirement: String, #[serde(default)] content: String, #[serde(default)] ground: String, #[serde(default)] deadline: Option<Span> },
        "rectification.serve_order" ServeOrder { order: OrderId, #[serde(default)] proof: String, #[serde(default, deserialize_with = "lenient::list")] evidence: Vec<String> },
        "rectification.extend_order" ExtendOrder { order: OrderId, #[serde(deserialize_with = "lenient::value")] amount: u32, unit: crate::span::Unit, reason: String },
        "rectification.park_order" ParkOrder { order: OrderId, reason: String },
        "rectification.resume_order" ResumeOrder { order: OrderId, reason: String },
        "rectification.report_fix" ReportFix { order: OrderId, note: String, #[serde(default, deserialize_with = "lenient::list")] evidence: Vec<String> },
        "rectification.verify_fix" VerifyFix { order: OrderId, result: FixResult, #[serde(default)] note: String, #[serde(default, deserialize_with = "lenient::list")] evidence: Vec<String> },
        "rectification.record_penalty" RecordPenalty { case: CaseId, kind: String, #[serde(default, deserialize_with = "lenient::value")] amount_fen: u64 },
        "rectification.record_refund" RecordRefund { case: CaseId, #[serde(deserialize_with = "lenient::value")] amount_fen: u64, #[serde(default)] proof: String, #[serde(default, deserialize_with = "lenient::list")] evidence: Vec<String> },
        "rectification.suspend_institution" SuspendInstitution { case: CaseId },
        "rectification.issue_notice" IssueNotice { case: CaseId, kind: DocumentKind },
        "rectification.look_back" LookBackAt { case: CaseId, result: LookBack },
    }
}
