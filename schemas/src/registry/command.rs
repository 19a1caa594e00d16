//! What one may ask of a registry.

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
        leader: String,
        #[serde(default, deserialize_with = "lenient::list")]
        members: Vec<String>,
    },
    #[serde(rename = "registry.enrol_person")]
    EnrolPerson {
        code: String,
        name: String,
        #[serde(deserialize_with = "lenient::list")]
        roles: Vec<String>,
        #[serde(default)]
        department: Option<DepartmentCode>,
        area: AreaCode,
        #[serde(default)]
        certificate: Option<String>,
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
        #[serde(default)]
        licence: Option<String>,
        address: String,
        area: AreaCode,
        #[serde(default)]
        school_district: Option<String>,
        #[serde(default)]
        risk: Option<String>,
        #[serde(default)]
        list: Option<String>,
    },
    #[serde(rename = "registry.assign_owner")]
    AssignOwner {
        #[serde(default)]
        area: Option<AreaCode>,
        #[serde(default)]
        institution: Option<InstitutionCode>,
        person: String,
    },
    #[serde(rename = "registry.set_route")]
    SetRoute {
        #[serde(deserialize_with = "lenient::value")]
        order: u32,
        #[serde(default)]
        violation: String,
        #[serde(default)]
        training: String,
        lead: DepartmentCode,
        #[serde(default, deserialize_with = "lenient::list")]
        assist: Vec<DepartmentCode>,
        #[serde(default, deserialize_with = "lenient::value")]
        joint: bool,
    },
    #[serde(rename = "registry.set_ladder")]
    SetLadder {
        #[serde(default)]
        clock: String,
        rungs: Vec<Rung>,
    },
    #[serde(rename = "registry.publish_calendar")]
    PublishCalendar {
        #[serde(deserialize_with = "lenient::value")]
        year: i16,
        off: BTreeSet<Date>,
        #[serde(default)]
        work: BTreeSet<Date>,
    },
    /// `token` is made by the edge, 128 bit at least; only its hash is kept.
    #[serde(rename = "registry.invite")]
    Invite { person: String, token: String },
    /// `group`: the account is a group's, which becomes what was invited as a group and nobody else.
    #[serde(rename = "registry.bind_identity")]
    BindIdentity {
        token: String,
        channel: String,
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
        person: String,
        from: Timestamp,
        until: Timestamp,
        #[serde(default)]
        substitute: Option<String>,
    },
    /// In the place of what was said of the visitor before; one that ends in the past takes it back. Without areas: everywhere here.
    #[serde(rename = "registry.admit_visitor")]
    AdmitVisitor {
        person: PersonId,
        from: Timestamp,
        until: Timestamp,
        #[serde(deserialize_with = "lenient::list")]
        roles: Vec<String>,
        #[serde(default, deserialize_with = "lenient::list")]
        areas: Vec<AreaCode>,
        #[serde(default)]
        department: Option<DepartmentCode>,
        reason: String,
    },
    /// By whoever answers questions, before the answer leaves.
    #[serde(rename = "registry.log_read")]
    LogRead { what: String },
}
