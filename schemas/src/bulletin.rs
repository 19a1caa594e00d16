//! What the bulletin book keeps: requests, freezes, approvals, errata.

mod declared;

use std::collections::BTreeMap;

use jiff::Timestamp;
use picket_schemas_derive::{CommandVerbs, EventKinds, Mentions};
use serde::{Deserialize, Serialize};

use crate::figures::Figures;
use crate::ids::{BulletinId, OccurrenceId, PersonId};
use crate::printed::Overrides;

pub use declared::DECLARED;

/// How printed figures are shortened. Exact values are always kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// As they are.
    #[default]
    Exact,
    /// `470余`: tens, hundreds … cut off and said to be more.
    Over,
}

/// Where a freeze stands: each journal with its number and hash.
pub type Positions = BTreeMap<String, (u64, String)>;

/// What happened in a bulletin book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, EventKinds, Mentions)]
#[serde(tag = "type")]
pub enum Event {
    /// The figures are to be frozen; insight answers with `settle`.
    #[serde(rename = "bulletin.requested")]
    BulletinRequested {
        #[mentions(new)]
        bulletin: BulletinId,
        name: String,
        from: Timestamp,
        as_of: Timestamp,
        rounding: Rounding,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        occurrence: Option<OccurrenceId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
        /// The bulletin this one corrects.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        corrects: Option<BulletinId>,
        /// Why it had to be corrected.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Figures that are to be printed otherwise than rounded.
        #[serde(default, skip_serializing_if = "Overrides::is_empty")]
        overrides: Overrides,
    },
    #[serde(rename = "bulletin.frozen")]
    BulletinFrozen {
        bulletin: BulletinId,
        name: String,
        from: Timestamp,
        as_of: Timestamp,
        rounding: Rounding,
        positions: Positions,
        figures: Figures,
        /// By area code.
        areas: BTreeMap<String, Figures>,
        /// Of the program that counted.
        code_version: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        corrects: Option<BulletinId>,
        /// Figures printed otherwise than rounded; the exact ones stand in `figures`.
        #[serde(default, skip_serializing_if = "Overrides::is_empty")]
        overrides: Overrides,
    },
    #[serde(rename = "bulletin.approved")]
    BulletinApproved { bulletin: BulletinId, by: PersonId },
}

/// What one may ask of the bulletin book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, CommandVerbs)]
#[serde(tag = "do", deny_unknown_fields)]
pub enum Command {
    #[serde(rename = "bulletin.freeze")]
    Freeze {
        name: String,
        /// Without it the beginning of the local year.
        #[serde(default)]
        from: Option<Timestamp>,
        /// Without it now.
        #[serde(default)]
        as_of: Option<Timestamp>,
        #[serde(default)]
        rounding: Rounding,
        #[serde(default, skip_serializing_if = "Overrides::is_empty")]
        overrides: Overrides,
    },
    /// By insight: what the requested figures are, and where they were read.
    #[serde(rename = "bulletin.settle")]
    Settle {
        bulletin: BulletinId,
        positions: Positions,
        figures: Figures,
        /// By area code.
        #[serde(default)]
        areas: BTreeMap<String, Figures>,
        /// Of the program that counted.
        code_version: String,
    },
    #[serde(rename = "bulletin.approve")]
    Approve { bulletin: BulletinId },
    /// Without `overrides` those of the corrected bulletin stay.
    #[serde(rename = "bulletin.correct")]
    Correct {
        bulletin: BulletinId,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        overrides: Option<Overrides>,
    },
}
