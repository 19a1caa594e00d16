//! State: what the book remembers of leads, joint actions, cases and orders: what rules need, no more.
//!
//! Texts, notes and proofs stay in the events. Stages print as the words people read in a refusal.
//! It decides nothing.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use picket_schemas::rectification::Routing;
use picket_schemas::{
    ActionId, AreaCode, CaseId, DepartmentCode, LeadId, OrderId, PersonId, PlaceId, PostCode,
    ReportId, Span, Subject, TaskId,
};
use serde::{Deserialize, Serialize};

/// The last number of each kind of id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct IdCounts {
    pub(crate) reports: u64,
    pub(crate) leads: u64,
    pub(crate) actions: u64,
    pub(crate) cases: u64,
    pub(crate) orders: u64,
}

/// The record a report came from, where it comes from it once only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Origin {
    /// A row of a sheet.
    Row(TaskId, String),
    /// A place on no list.
    Place(PlaceId),
}

/// Something that leaves the book in time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum ClosedRecord {
    /// A lead that was merged or archived.
    Lead(LeadId),
    /// A case that was cleared, with its lead and orders.
    Case(CaseId),
}

/// A lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lead {
    pub(crate) report: ReportId,
    pub(crate) subject: Option<Subject>,
    pub(crate) area: AreaCode,
    pub(crate) codes: Vec<String>,
    pub(crate) post: Option<PostCode>,
    pub(crate) owner: Option<PersonId>,
    /// The proposal of the routing table when it was classified.
    pub(crate) proposal: Option<Routing>,
    pub(crate) actions: Vec<ActionId>,
    #[serde(default)]
    pub(crate) sealed_until: Option<Timestamp>,
    pub(crate) stage: LeadStage,
}

/// The stage of a lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum LeadStage {
    /// Nobody has looked at it.
    Opened,
    /// It has codes and a proposal; also after a department gave it back.
    Classified,
    /// A department has it.
    Routed(Handling),
    /// It holds; a case may be filed.
    Verified(Handling),
    /// It became a case.
    Case(CaseId),
    /// It goes on in another lead.
    Merged,
    /// It did not hold.
    Archived,
}

impl fmt::Display for LeadStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened => f.write_str("opened"),
            Self::Classified => f.write_str("classified"),
            Self::Routed(_) => f.write_str("routed"),
            Self::Verified(_) => f.write_str("verified"),
            Self::Case(case) => write!(f, "case {case}"),
            Self::Merged => f.write_str("merged"),
            Self::Archived => f.write_str("archived"),
        }
    }
}

/// The departments that have a lead, since when, and the decision about joint action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Handling {
    pub(crate) department: DepartmentCode,
    pub(crate) assist: Vec<DepartmentCode>,
    pub(crate) since: Timestamp,
    pub(crate) joint: Option<bool>,
}

impl Lead {
    /// The departments that have it, once it is routed.
    pub(crate) fn handling(&self) -> Option<&Handling> {
        match &self.stage {
            LeadStage::Routed(handling) | LeadStage::Verified(handling) => Some(handling),
            _ => None,
        }
    }

    /// The handling departments, the leading one first; none before it is routed.
    pub(crate) fn departments(&self) -> Vec<&DepartmentCode> {
        self.handling().map_or_else(Vec::new, |handling| {
            all(&handling.department, &handling.assist)
        })
    }

    /// True if it still waits for a verdict.
    pub(crate) fn is_open(&self) -> bool {
        matches!(
            self.stage,
            LeadStage::Opened | LeadStage::Classified | LeadStage::Routed(_)
        )
    }
}

/// A joint action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct JointAction {
    pub(crate) lead: LeadId,
    pub(crate) area: AreaCode,
    pub(crate) department: DepartmentCode,
    pub(crate) assist: Vec<DepartmentCode>,
    pub(crate) crew: BTreeSet<PersonId>,
    pub(crate) sealed_until: Option<Timestamp>,
    /// Departments that have said what came of it.
    pub(crate) reported: BTreeSet<DepartmentCode>,
}

impl JointAction {
    /// The departments named, the leading one first.
    pub(crate) fn departments(&self) -> Vec<&DepartmentCode> {
        all(&self.department, &self.assist)
    }
}

/// A case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) lead: LeadId,
    pub(crate) subject: Subject,
    pub(crate) area: AreaCode,
    pub(crate) codes: Vec<String>,
    pub(crate) department: DepartmentCode,
    pub(crate) assist: Vec<DepartmentCode>,
    pub(crate) officers: Vec<PersonId>,
    pub(crate) owner: Option<PersonId>,
    pub(crate) post: Option<PostCode>,
    pub(crate) generation: u32,
    pub(crate) orders: Vec<OrderId>,
    /// Orders whose fix has not passed.
    pub(crate) open: u32,
    pub(crate) suspended: bool,
    pub(crate) cleared: Option<Timestamp>,
}

impl Case {
    /// The handling departments, the leading one first.
    pub(crate) fn departments(&self) -> Vec<&DepartmentCode> {
        all(&self.department, &self.assist)
    }

    /// The word people read.
    pub(crate) fn stage(&self) -> &'static str {
        match self {
            Self {
                cleared: Some(_), ..
            } => "cleared",
            Self { open: 0, .. } => "filed",
            _ => "ordered",
        }
    }
}

/// An order to rectify.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) case: CaseId,
    pub(crate) deadline: Span,
    pub(crate) issuer: PersonId,
    /// The person who recorded the last fix.
    pub(crate) fixer: Option<PersonId>,
    pub(crate) extended: bool,
    pub(crate) parked: bool,
    pub(crate) stage: OrderStage,
}

/// The stage of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OrderStage {
    /// Written, not handed over.
    Issued,
    /// The institution has it; also after a fix that did not pass.
    Served,
    /// A fix waits for a verifier.
    Reported,
    /// The fix passed.
    Passed,
}

impl Order {
    /// The word people read.
    pub(crate) fn stage(&self) -> &'static str {
        match self.stage {
            OrderStage::Issued => "issued",
            OrderStage::Served if self.parked => "parked",
            OrderStage::Served => "served",
            OrderStage::Reported => "reported",
            OrderStage::Passed => "cleared",
        }
    }
}

fn all<'a>(
    department: &'a DepartmentCode,
    assist: &'a [DepartmentCode],
) -> Vec<&'a DepartmentCode> {
    std::iter::once(department).chain(assist).collect()
}
