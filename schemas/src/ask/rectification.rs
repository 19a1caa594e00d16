//! Rectification as insight shows it: leads, cases, orders, and what presses for them: steps and what is overdue.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Deadline, Named, TimelineItem};
use crate::escalation::Because;

/// A lead. The three names: the finder's post, the handling department, the territorial owner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadView {
    pub jurisdiction: String,
    pub lead: String,
    /// `opened`, `classified`, `routed`, `verified`, `case`, `merged`, `archived`.
    pub state: String,
    pub subject: Option<Named>,
    pub subject_address: String,
    pub area: Named,
    pub codes: Vec<String>,
    pub urgent: bool,
    pub source: String,
    pub text: String,
    pub evidence: Vec<String>,
    pub post: Option<Named>,
    pub department: Option<Named>,
    pub assist: Vec<Named>,
    pub owner: Option<Named>,
    /// What the routing table proposes, with the row that matched.
    pub proposal: Option<crate::rectification::Routing>,
    /// Decided or not.
    pub joint: Option<bool>,
    pub verdict: Option<String>,
    pub merged_into: Option<String>,
    pub case: Option<String>,
    pub action: Option<String>,
    pub opened: Timestamp,
    pub deadline: Option<Deadline>,
    pub rev: u64,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseView {
    pub jurisdiction: String,
    pub case: String,
    pub lead: String,
    /// `filed`, `ordered`, `cleared`.
    pub state: String,
    pub subject: Named,
    pub codes: Vec<String>,
    pub department: Named,
    pub officers: Vec<Named>,
    pub post: Option<Named>,
    pub owner: Option<Named>,
    pub generation: u32,
    pub orders: Vec<OrderView>,
    pub refund_fen: i64,
    pub penalties: u32,
    pub timeline: Vec<TimelineItem>,
    pub rev: u64,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderView {
    pub jurisdiction: String,
    pub order: String,
    pub number: u32,
    pub year: i16,
    pub case: String,
    /// `issued`, `served`, `reported`, `cleared`; `parked` is told apart by its flag.
    pub state: String,
    pub subject: Named,
    pub department: Named,
    pub post: Option<Named>,
    pub owner: Option<Named>,
    pub focus: String,
    pub requirement: String,
    pub content: String,
    pub ground: String,
    pub span: String,
    pub served: Option<Timestamp>,
    pub reported: Option<Timestamp>,
    pub cleared: Option<Timestamp>,
    pub fix_note: Option<String>,
    pub parked: bool,
    pub deadline: Option<Deadline>,
    pub rev: u64,
}

/// A step of the ladder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepView {
    pub jurisdiction: String,
    pub step: String,
    pub level: String,
    pub kind: String,
    pub on: String,
    pub what: String,
    pub due: Timestamp,
    pub taken: Timestamp,
    /// Why it goes to whom it goes, in one plain sentence in English.
    pub why: String,
    /// The same as data; a step of version 1 has the sentence alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Because>,
    pub to: Vec<Named>,
    /// Who owes what is late.
    #[serde(default)]
    pub duty: Vec<Named>,
    pub promise: Option<Timestamp>,
    pub proposed: bool,
    pub signed: bool,
    pub open: bool,
}

/// Something past its due instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverdueItem {
    pub jurisdiction: String,
    pub clock: String,
    pub kind: String,
    pub on: String,
    pub what: String,
    pub duty: Vec<Named>,
    pub due: Timestamp,
    /// Highest step taken so far.
    pub level: Option<String>,
    pub promise: Option<Timestamp>,
}
