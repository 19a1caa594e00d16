//! Events of rectification, as its journal holds them.

use jiff::Timestamp;
use jiff::civil::Date;
use picket_schemas_derive::{EventKinds, Mentions};
use serde::{Deserialize, Serialize};

use super::{DocumentKind, LookBack, RouteMatch, Routing, Source, Verdict};
use crate::ids::{
    ActionId, AreaCode, CaseId, DepartmentCode, LeadId, OrderId, PersonId, PlaceId, PostCode,
    ReportId, TaskId,
};
use crate::span::Span;
use crate::subject::Subject;

/// What happened in a rectification book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, EventKinds, Mentions)]
#[serde(tag = "type")]
pub enum Event {
    #[serde(rename = "report.received")]
    ReportReceived {
        #[mentions(new)]
        report: ReportId,
        source: Source,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Subject>,
        area: AreaCode,
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        codes: Vec<String>,
        urgent: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        task: Option<TaskId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        row: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<PlaceId>,
        /// Nobody else ever reads the name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        finder: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<PostCode>,
        /// When it was seen, which may be long before it is recorded.
        observed: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        campaign: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        round: Option<u32>,
        /// Nobody outside the crew hears of it before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sealed_until: Option<Timestamp>,
    },
    #[serde(rename = "lead.opened")]
    LeadOpened {
        #[mentions(new)]
        lead: LeadId,
        report: ReportId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Subject>,
        area: AreaCode,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        codes: Vec<String>,
        urgent: bool,
        /// The finder's post, which everybody may see; the finder's name stays in the report.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<PostCode>,
        /// The territorial owner.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        campaign: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        round: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sealed_until: Option<Timestamp>,
    },
    #[serde(rename = "lead.merged")]
    LeadMerged { lead: LeadId, into: LeadId },
    #[serde(rename = "lead.classified")]
    LeadClassified {
        lead: LeadId,
        codes: Vec<String>,
        /// What the routing table says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proposal: Option<Routing>,
    },
    #[serde(rename = "lead.routed")]
    LeadRouted {
        lead: LeadId,
        department: DepartmentCode,
        assist: Vec<DepartmentCode>,
        /// Why, in the dispatcher's words. Version 1 gave the row of the table here where there were none.
        reason: String,
        /// The row of the table that says so, where nobody gave a reason; since version 2.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        matched: Option<RouteMatch>,
    },
    #[serde(rename = "lead.returned")]
    LeadReturned {
        lead: LeadId,
        department: DepartmentCode,
        reason: String,
    },
    #[serde(rename = "joint.decided")]
    JointDecided {
        lead: LeadId,
        joint: bool,
        reason: String,
        by: PersonId,
    },
    #[serde(rename = "action.opened")]
    ActionOpened {
        #[mentions(new)]
        action: ActionId,
        lead: LeadId,
        department: DepartmentCode,
        assist: Vec<DepartmentCode>,
        crew: Vec<PersonId>,
        date: Date,
        /// The beginning of its day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sealed_until: Option<Timestamp>,
    },
    #[serde(rename = "action.reported")]
    ActionReported {
        action: ActionId,
        department: DepartmentCode,
        outcome: String,
    },
    #[serde(rename = "action.closed")]
    ActionClosed { action: ActionId, lead: LeadId },
    #[serde(rename = "verdict.recorded")]
    VerdictRecorded {
        lead: LeadId,
        verdict: Verdict,
        note: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Subject>,
        codes: Vec<String>,
        by: PersonId,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<String>,
    },
    #[serde(rename = "lead.archived")]
    LeadArchived { lead: LeadId, reason: String },
    #[serde(rename = "case.filed")]
    CaseFiled {
        #[mentions(new)]
        case: CaseId,
        lead: LeadId,
        subject: Subject,
        area: AreaCode,
        codes: Vec<String>,
        department: DepartmentCode,
        officers: Vec<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<PostCode>,
        /// 1 at first; more after a relapse.
        generation: u32,
    },
    #[serde(rename = "order.issued")]
    OrderIssued {
        #[mentions(new)]
        order: OrderId,
        /// The number within the jurisdiction and year.
        number: u32,
        /// The local year it is numbered in.
        year: i16,
        case: CaseId,
        subject: Subject,
        department: DepartmentCode,
        focus: String,
        requirement: String,
        content: String,
        /// The legal ground; may be empty.
        ground: String,
        /// Counted from service.
        deadline: Span,
        by: PersonId,
    },
    #[serde(rename = "order.served")]
    OrderServed {
        order: OrderId,
        /// A receipt, a photo or a witness.
        proof: String,
        case: CaseId,
        subject: Subject,
        area: AreaCode,
        department: DepartmentCode,
        deadline: Span,
        /// Who answers for it within the department.
        duty: PersonId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<PostCode>,
        by: PersonId,
        /// Photos, each named by its SHA-256.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<String>,
    },
    #[serde(rename = "order.extended")]
    OrderExtended {
        order: OrderId,
        /// Beyond the deadline, in its unit.
        span: Span,
        reason: String,
        by: PersonId,
    },
    #[serde(rename = "order.parked")]
    OrderParked {
        order: OrderId,
        reason: String,
        by: PersonId,
    },
    #[serde(rename = "order.resumed")]
    OrderResumed {
        order: OrderId,
        reason: String,
        by: PersonId,
    },
    #[serde(rename = "fix.reported")]
    FixReported {
        order: OrderId,
        note: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<String>,
        by: PersonId,
    },
    #[serde(rename = "fix.passed")]
    FixPassed {
        order: OrderId,
        case: CaseId,
        note: String,
        by: PersonId,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<String>,
    },
    #[serde(rename = "fix.failed")]
    FixFailed {
        order: OrderId,
        case: CaseId,
        note: String,
        by: PersonId,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<String>,
    },
    #[serde(rename = "case.cleared")]
    CaseCleared {
        case: CaseId,
        lead: LeadId,
        subject: Subject,
    },
    #[serde(rename = "case.reopened")]
    CaseReopened {
        case: CaseId,
        generation: u32,
        reason: String,
    },
    #[serde(rename = "penalty.recorded")]
    PenaltyRecorded {
        case: CaseId,
        subject: Subject,
        /// In words: a warning, a fine.
        kind: String,
        /// Hundredths of a yuan; none for a warning.
        amount_fen: u64,
        by: PersonId,
    },
    #[serde(rename = "refund.recorded")]
    RefundRecorded {
        case: CaseId,
        subject: Subject,
        /// Hundredths of a yuan.
        amount_fen: u64,
        /// The receipt.
        proof: String,
        by: PersonId,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<String>,
    },
    #[serde(rename = "institution.suspended")]
    InstitutionSuspended {
        case: CaseId,
        subject: Subject,
        by: PersonId,
    },
    #[serde(rename = "document.issued")]
    DocumentIssued {
        case: CaseId,
        subject: Subject,
        kind: DocumentKind,
        by: PersonId,
    },
    #[serde(rename = "look_back.recorded")]
    LookBackRecorded {
        case: CaseId,
        result: LookBack,
        by: PersonId,
    },
}
