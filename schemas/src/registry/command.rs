//! Commands to a registry.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use picket_schemas_derive::CommandVerbs;
use serde::{Deserialize, Serialize};

use super::{Level, PostKind, Rung, Training};
use crate::ids::{AreaCode, DepartmentCode, InstitutionCode, PersonId, PostCode};
use crate::lenient;

/// What one may ask of a registry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, CommandVerbs)]
#[serde(tag = "do", deny_unknown_fields)]
pub enum Command {
    #[serde(rename = "registry.define_area")]
    DefineArea {
        code: AreaCode,
        name: String,
        level: Level,
        #[serde(default)]
        parent: Option<AreaCode>,
    },
    #[serde(rename = "registry.define_department")]
    DefineDepartment {
        code: DepartmentCode,
        name: String,
        area: AreaCode,
    },
    #[serde(rename = "registry.define_post")]
    DefinePost {
        code: PostCode,
        name: String,
        kind: PostKind,
        area: AreaCode,
        /// The code or full id of a person.
        leader: String,
        /// Codes or full ids of people.
        #[serde(default, deserialize_with = "lenient::list")]
        members: Vec<String>,
    },
    #[serde(rename = "registry.enrol_person")]
    EnrolPerson {
        /// Short, `P-0017`; the jurisdiction is the one of the registry.
        code: String,
        name: String,
        /// None for somebody who has left.
        #[serde(deserialize_with = "lenient::list")]
        roles: Vec<String>,
        /// For inspectors and heads.
        #[serde(default)]
        department: Option<DepartmentCode>,
        area: AreaCode,
        /// Number of the enforcement certificate.
        #[serde(default)]
        certificate: Option<String>,
        /// `zh` or `en`.
        #[serde(default)]
        language: Option<String>,
    },
    #[serde(rename = "registry.register_institution")]
    RegisterInstitution {
        code: InstitutionCode,
        name: String,
        kind: crate::subject::SubjectKind,
        #[serde(default)]
        training: Option<Training>,
        /// `licensed`, `registered_only`, `none`.
        #[serde(default)]
        licence: Option<String>,
        address: String,
        area: AreaCode,
        /// The school district that answers for it.
        #[serde(default)]
        school_district: Option<String>,
        /// `low`, `normal`, `high`.
        #[serde(default)]
        risk: Option<String>,
        /// `white`, `black`, or none.
        #[serde(default)]
        list: Option<String>,
    },
    /// Of an area or of an institution, not of both.
    #[serde(rename = "registry.assign_owner")]
    AssignOwner {
        #[serde(default)]
        area: Option<AreaCode>,
        #[serde(default)]
        institution: Option<InstitutionCode>,
        /// Code or full id.
        person: String,
    },
    #[serde(rename = "registry.set_route")]
    SetRoute {
        /// Smaller is tried first; what stood there before is replaced.
        #[serde(deserialize_with = "lenient::value")]
        order: u32,
        /// A violation code; nothing is `*`.
        #[serde(default)]
        violation: String,
        /// A kind of training; nothing is `*`.
        #[serde(default)]
        training: String,
        lead: DepartmentCode,
        #[serde(default, deserialize_with = "lenient::list")]
        assist: Vec<DepartmentCode>,
        /// Whether joint action is proposed.
        #[serde(default, deserialize_with = "lenient::value")]
        joint: bool,
    },
    #[serde(rename = "registry.set_ladder")]
    SetLadder {
        /// A kind of clock; nothing is `*`.
        #[serde(default)]
        clock: String,
        rungs: Vec<Rung>,
    },
    #[serde(rename = "registry.publish_calendar")]
    PublishCalendar {
        #[serde(deserialize_with = "lenient::value")]
        year: i16,
        /// Days off that would not follow from the weekend, and weekends inside a holiday.
        off: BTreeSet<Date>,
        /// Weekend days that are worked.
        #[serde(default)]
        work: BTreeSet<Date>,
    },
    /// `token` is made by the edge, 128 bit at least; only its hash is kept.
    #[serde(rename = "registry.invite")]
    Invite {
        /// Code or full id.
        person: String,
        token: String,
    },
    /// `group`: the account is a group's, which becomes what was invited as a group and nobody else.
    #[serde(rename = "registry.bind_identity")]
    BindIdentity {
        token: String,
        channel: String,
        /// As the channel names it.
        account: String,
        #[serde(
            default,
            skip_serializing_if = "std::ops::Not::not",
            deserialize_with = "lenient::value"
        )]
        group: bool,
    },
    #[serde(rename = "registry.set_away")]
    SetAway {
        /// Code or full id.
        person: String,
        from: Timestamp,
        until: Timestamp,
        /// Code or full id.
        #[serde(default)]
        substitute: Option<String>,
    },
    /// In the place of what was said of the visitor before; one that ends in the past takes it back. Without areas: everywhere here.
    #[serde(rename = "registry.admit_visitor")]
    AdmitVisitor {
        /// In full.
        person: PersonId,
        from: Timestamp,
        until: Timestamp,
        #[serde(deserialize_with = "lenient::list")]
        roles: Vec<String>,
        #[serde(default, deserialize_with = "lenient::list")]
        areas: Vec<AreaCode>,
        /// For inspectors and heads.
        #[serde(default)]
        department: Option<DepartmentCode>,
        reason: String,
    },
    /// By whoever answers questions, before the answer leaves.
    #[serde(rename = "registry.log_read")]
    LogRead {
        /// In words: `task T-1`.
        what: String,
    },
}
