//! Answers about what is kept and published: institutions, figures, bulletins, schedules, notices.
//!
//! Part of what insight answers; the questions, and what people work with, stand one level up.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Named, TimelineItem};
use crate::figures::Figures;

/// An institution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstitutionView {
    pub jurisdiction: String,
    pub code: String,
    pub name: String,
    pub kind: String,
    pub training: Option<String>,
    pub licence: Option<String>,
    pub address: String,
    pub area: Named,
    pub owner: Option<Named>,
    pub risk: Option<String>,
    pub list: Option<String>,
    pub visits: u32,
    pub leads: Vec<String>,
    pub cases: Vec<String>,
    pub timeline: Vec<TimelineItem>,
}

/// Figures with their scope, each child beside the whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FiguresView {
    pub jurisdiction: String,
    pub from: Timestamp,
    pub as_of: Timestamp,
    pub figures: Figures,
    pub areas: BTreeMap<String, Figures>,
    /// Names of the departments and areas that occur.
    pub names: BTreeMap<String, String>,
    /// Where it was read.
    pub positions: crate::bulletin::Positions,
}

/// A bulletin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulletinView {
    pub jurisdiction: String,
    pub jurisdiction_name: String,
    pub bulletin: String,
    pub name: String,
    pub from: Timestamp,
    pub as_of: Timestamp,
    pub rounding: crate::bulletin::Rounding,
    pub approved: bool,
    pub corrects: Option<String>,
    pub figures: Figures,
    pub areas: BTreeMap<String, Figures>,
    pub names: BTreeMap<String, String>,
    pub code_version: String,
    /// Figures printed otherwise than rounded.
    #[serde(default, skip_serializing_if = "crate::Overrides::is_empty")]
    pub overrides: crate::Overrides,
}

/// A schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduleView {
    pub code: String,
    pub cron: String,
    pub words: String,
    pub does: String,
    pub paused: Option<String>,
    pub next: Option<Timestamp>,
    pub last: Option<String>,
}

/// Somebody's look at something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadingItem {
    pub at: Timestamp,
    pub person: Named,
    /// In a few words: `task T-1`.
    pub what: String,
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoticeView {
    pub notice: String,
    pub kind: String,
    pub about: String,
    pub queued: Timestamp,
    /// `queued`, `handed`, `sent`, `failed`, `suppressed`, `unknown`.
    pub state: String,
    pub reason: Option<String>,
    /// Where it was shown or tried last, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

/// How notices went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeliveriesView {
    /// How many notices are in each state; `unknown`: nobody knows whether they arrived.
    pub states: BTreeMap<String, u64>,
    pub unreachable: Vec<UnreachableView>,
}

/// A person who cannot be written to on a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnreachableView {
    pub person: Named,
    pub channel: String,
    pub since: Timestamp,
    pub reason: String,
}
