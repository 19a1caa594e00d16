//! What rectification keeps: reports, leads, joint actions, cases, orders, fixes, penalties, refunds.

use picket_schemas_derive::Mentions;
use serde::{Deserialize, Serialize};

use crate::ids::DepartmentCode;

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
