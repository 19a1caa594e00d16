//! What rectification keeps: reports, leads, joint actions, cases, orders, fixes, penalties, refunds.

use picket_schemas_derive::Mentions;
use serde::{Deserialize, Serialize};

use crate::ids::{DepartmentCode, Jurisdiction};

mod command;
mod declared;
mod event;

pub use command::Command;
pub use declared::DECLARED;
pub use event::Event;

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Mentions)]
pub struct Routing {
    /// Who leads.
    pub lead: DepartmentCode,
    /// Who assists.
    pub assist: Vec<DepartmentCode>,
    /// Whether the table proposes joint action.
    pub joint: bool,
    /// Which row matched, and on what: the sentence of version 1. Empty since version 2, and still written for
    /// readers of version 1.
    pub rule: String,
    /// Which row matched, and on what; since version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<RouteMatch>,
}

impl Routing {
    /// Which row matched, and on what; what version 1 said in a sentence is read from it.
    pub fn matched(&self) -> Option<RouteMatch> {
        let read = || RouteMatch::from_sentence(&self.rule);
        self.matched.clone().or_else(read)
    }
}

/// A row of a routing table that matched a lead, and what it matched on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Mentions)]
pub struct RouteMatch {
    /// Whose table it is.
    pub jurisdiction: Jurisdiction,
    /// The number of the row.
    pub row: u32,
    /// The violation code; none where the row is for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub violation: Option<String>,
    /// The kind of training; none where the row is for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<String>,
}

impl RouteMatch {
    /// Reads the sentence of version 1, `row 10: H1, custody (of 4209)`.
    pub fn from_sentence(rule: &str) -> Option<Self> {
        let (row, rest) = rule.strip_prefix("row ")?.split_once(": ")?;
        let (matched, of) = rest.strip_suffix(')')?.rsplit_once(" (of ")?;
        let (violation, training) = matched.rsplit_once(", ")?;
        Some(Self {
            jurisdiction: of.into(),
            row: row.parse().ok()?,
            violation: (violation != "any violation").then(|| violation.to_owned()),
            training: (training != "any training").then(|| training.to_owned()),
        })
    }
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
