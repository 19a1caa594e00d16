//! What the registry keeps: areas, departments, posts, people, institutions, owners, routes, ladders, calendars.
//!
//! The records below are what commands bring, what events store and what the directory looks up.

use std::collections::BTreeSet;

use picket_schemas_derive::Mentions;
use serde::{Deserialize, Serialize};

use crate::ids::{AreaCode, DepartmentCode, InstitutionCode, Jurisdiction, PersonId, PostCode};

mod command;
mod declared;
mod event;

pub use command::Command;
pub use declared::DECLARED;
pub use event::Event;

/// The level of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 省
    Province,
    /// 市
    City,
    /// 县、区
    County,
    /// 街道、乡镇
    Town,
    /// 社区、村
    Community,
}

/// An area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Mentions)]
pub struct Area {
    /// Its code.
    pub code: AreaCode,
    /// Its name.
    pub name: String,
    /// Its level.
    pub level: Level,
    /// The area around it.
    pub parent: Option<AreaCode>,
}

/// A department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Mentions)]
pub struct Department {
    /// Its code.
    pub code: DepartmentCode,
    /// Its name.
    pub name: String,
    /// Where it answers.
    pub area: AreaCode,
}

/// The kind of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostKind {
    /// A community.
    Community,
    /// A school.
    School,
}

/// A sentinel post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Mentions)]
pub struct Post {
    /// Its code.
    pub code: PostCode,
    /// Its name.
    pub name: String,
    /// Community or school.
    pub kind: PostKind,
    /// Its territory.
    pub area: AreaCode,
    /// Who signs its sheets off.
    pub leader: PersonId,
    /// Who sweeps.
    pub members: Vec<PersonId>,
}

/// What a person may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sweeps and reports.
    Sentinel,
    /// Signs off the sheets of a post.
    PostLeader,
    /// Acts for a street office.
    Street,
    /// Issues batches, reassigns.
    Coordinator,
    /// Classifies, merges, routes, decides joint action.
    Dispatcher,
    /// Inspects, orders, serves, records.
    Inspector,
    /// Heads a department.
    Head,
    /// Verifies fixes.
    Verifier,
    /// Presses the late ones, signs ladder steps.
    Supervisor,
    /// Answers for a territory.
    Owner,
    /// Drafts bulletins.
    Clerk,
    /// Approves bulletins.
    Approver,
    /// Reads its area, may write a reminder letter, nothing else.
    Overseer,
    /// Owner of the data: imports and enrols.
    Operator,
    /// A chat group: no person, it does nothing and is shown what all of an area may see.
    Group,
}

impl Role {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sentinel => "sentinel",
            Self::PostLeader => "post_leader",
            Self::Street => "street",
            Self::Coordinator => "coordinator",
            Self::Dispatcher => "dispatcher",
            Self::Inspector => "inspector",
            Self::Head => "head",
            Self::Verifier => "verifier",
            Self::Supervisor => "supervisor",
            Self::Owner => "owner",
            Self::Clerk => "clerk",
            Self::Approver => "approver",
            Self::Overseer => "overseer",
            Self::Operator => "operator",
            Self::Group => "group",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_value(serde_json::Value::String(text.trim().to_owned())).map_err(|_| {
            format!("there is no role `{text}`; roles are sentinel, post_leader, street, coordinator, dispatcher, inspector, head, verifier, supervisor, owner, clerk, approver, overseer, operator, group")
        })
    }
}

/// A person on the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Mentions)]
pub struct Person {
    /// In full.
    pub id: PersonId,
    /// The name people see.
    pub name: String,
    /// What the person may be.
    pub roles: BTreeSet<Role>,
    /// The department, for inspectors and heads.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub department: Option<DepartmentCode>,
    /// Where the person acts: this area and all within it.
    pub area: AreaCode,
    /// Number of the enforcement certificate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub certificate: Option<String>,
    /// `zh` or `en`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language: Option<String>,
}

/// What an institution trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Training {
    /// 学科
    Subject,
    /// 艺术
    Arts,
    /// 体育
    Sports,
    /// 科技
    Science,
    /// 托管
    Custody,
    /// 其他
    Other,
}

/// An institution, a school, or a place somebody found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Mentions)]
pub struct Institution {
    /// Its code.
    pub code: InstitutionCode,
    /// Its name.
    pub name: String,
    /// `institution`, `school`, or `unlisted_place`.
    pub kind: crate::subject::SubjectKind,
    /// What it trains.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub training: Option<Training>,
    /// `licensed`, `registered_only`, `none`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub licence: Option<String>,
    /// Where it stands.
    pub address: String,
    /// The area it stands in.
    pub area: AreaCode,
    /// The school district that answers for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub school_district: Option<String>,
    /// `low`, `normal`, `high`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub risk: Option<String>,
    /// `white`, `black`, or none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub list: Option<String>,
}

/// One row of the routing table; the first that matches wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Mentions)]
pub struct Route {
    /// Smaller is tried first.
    pub order: u32,
    /// A violation code, or `*`.
    pub violation: String,
    /// A kind of training, or `*`.
    pub training: String,
    /// Who leads.
    pub lead: DepartmentCode,
    /// Who assists.
    pub assist: Vec<DepartmentCode>,
    /// Whether joint action is proposed.
    pub joint: bool,
}

/// Whom a ladder step addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Mentions)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Who owes the thing.
    Duty,
    /// Everybody with a role whose area holds the place.
    Role(Role),
    /// The leader of the post.
    PostLeader,
    /// The territorial owner.
    Owner,
    /// Everybody of the handling department with a role `head`, else its inspectors.
    Department,
    /// A named person.
    Person(PersonId),
    /// A group chat.
    Group(String),
}

/// A step of a ladder against a duty holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Mentions)]
pub struct Rung {
    /// `B0` … `B6`.
    pub level: String,
    /// Working days after the due day; negative is before.
    pub after: i32,
    /// Whom it addresses.
    pub targets: Vec<Target>,
    /// Taken by itself, or proposed for a person to sign.
    pub automatic: bool,
}

/// The names of the jurisdictions a territory has, with the one above each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Territory {
    /// Each jurisdiction with its parent.
    pub jurisdictions: std::collections::BTreeMap<Jurisdiction, Option<Jurisdiction>>,
}

impl Territory {
    /// The jurisdiction above, if any.
    pub fn parent(&self, of: &Jurisdiction) -> Option<&Jurisdiction> {
        self.jurisdictions.get(of).and_then(Option::as_ref)
    }
    /// Those directly below.
    pub fn children<'a>(&'a self, of: &'a Jurisdiction) -> impl Iterator<Item = &'a Jurisdiction> {
        self.jurisdictions
            .iter()
            .filter(move |(_, parent)| parent.as_ref() == Some(of))
            .map(|(child, _)| child)
    }
    /// The jurisdiction itself and all above it, nearest first; bounded, should the table hold a circle.
    pub fn chain(&self, of: &Jurisdiction) -> Vec<Jurisdiction> {
        let mut chain = vec![of.clone()];
        while let Some(parent) = chain.last().and_then(|last| self.parent(last)) {
            if chain.contains(parent) || chain.len() > 8 {
                break;
            }
            chain.push(parent.clone());
        }
        chain
    }
}
