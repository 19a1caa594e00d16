//! Events of a registry, as its journal holds them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use picket_schemas_derive::{EventKinds, Mentions};
use serde::{Deserialize, Serialize};

use super::{Area, Department, Institution, Person, Post, Role, Route, Rung};
use crate::ids::{AreaCode, DepartmentCode, InstitutionCode, PersonId};

/// What happened in a registry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, EventKinds, Mentions)]
#[serde(tag = "type")]
pub enum Event {
    #[serde(rename = "area.defined")]
    AreaDefined { area: Area },
    #[serde(rename = "department.defined")]
    DepartmentDefined { department: Department },
    #[serde(rename = "post.defined")]
    PostDefined { post: Post },
    #[serde(rename = "person.enrolled")]
    PersonEnrolled { person: Person },
    #[serde(rename = "institution.registered")]
    InstitutionRegistered { institution: Institution },
    #[serde(rename = "owner.assigned")]
    OwnerAssigned {
        #[serde(skip_serializing_if = "Option::is_none", default)]
        area: Option<AreaCode>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        institution: Option<InstitutionCode>,
        person: PersonId,
    },
    #[serde(rename = "route.set")]
    RouteSet { route: Route },
    /// `clock` is a kind of clock or `*`.
    #[serde(rename = "ladder.set")]
    LadderSet { clock: String, rungs: Vec<Rung> },
    #[serde(rename = "calendar.published")]
    CalendarPublished {
        year: i16,
        /// Days off that would not follow from the weekend, and weekends inside a holiday.
        off: BTreeSet<Date>,
        /// Weekend days that are worked.
        work: BTreeSet<Date>,
        /// Jurisdiction, year and edition: `420902-2026.1`.
        version: String,
    },
    #[serde(rename = "person.invited")]
    PersonInvited {
        person: PersonId,
        /// SHA-256 in hexadecimal; whoever has the token may bind an account.
        token_hash: String,
        until: Timestamp,
    },
    #[serde(rename = "identity.bound")]
    IdentityBound {
        person: PersonId,
        channel: String,
        /// As the channel names it.
        account: String,
        /// Of the invitation that was used up.
        token_hash: String,
    },
    #[serde(rename = "person.away")]
    PersonAway {
        person: PersonId,
        from: Timestamp,
        until: Timestamp,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        substitute: Option<PersonId>,
    },
    /// Somebody of another jurisdiction acts and reads here, in these areas, as this, within these dates.
    #[serde(rename = "visitor.admitted")]
    VisitorAdmitted {
        person: PersonId,
        from: Timestamp,
        until: Timestamp,
        roles: BTreeSet<Role>,
        areas: BTreeSet<AreaCode>,
        /// For inspectors and heads.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        department: Option<DepartmentCode>,
        reason: String,
        by: PersonId,
    },
    /// Somebody who only oversees read something, or the owner of the data looked at something sealed.
    #[serde(rename = "read.logged")]
    ReadLogged {
        person: PersonId,
        /// In words: `task T-1`.
        what: String,
        at: Timestamp,
    },
}
