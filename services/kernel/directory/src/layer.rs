//! One jurisdiction's records, as its registry's events left them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use picket_calendar::YearTable;
use picket_schemas::registry::{
    Area, Department, Event, Institution, Person, Post, Role, Route, Rung,
};
use picket_schemas::{AreaCode, DepartmentCode, InstitutionCode, Jurisdiction, PersonId, PostCode};
use serde::{Deserialize, Serialize};

use crate::shared_map::SharedMap;

/// Somebody is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Away {
    /// From this instant.
    pub from: Timestamp,
    /// Until this one.
    pub until: Timestamp,
    /// The substitute.
    pub substitute: Option<PersonId>,
}

/// An invitation not yet used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// For whom.
    pub person: PersonId,
    /// The instant until which it may be used.
    pub until: Timestamp,
}

/// Somebody of another jurisdiction acts here, within these dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    /// From this instant.
    pub from: Timestamp,
    /// Until this one.
    pub until: Timestamp,
    /// As what.
    pub roles: BTreeSet<Role>,
    /// In these areas and all within them.
    pub areas: BTreeSet<AreaCode>,
    /// The department, for inspectors and heads.
    pub department: Option<DepartmentCode>,
}

impl Admission {
    /// True if it holds at an instant.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

/// One jurisdiction's records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// The jurisdiction.
    pub jurisdiction: Jurisdiction,
    /// Areas by code.
    pub areas: SharedMap<AreaCode, Area>,
    /// Departments by code.
    pub departments: SharedMap<DepartmentCode, Department>,
    /// Posts by code.
    pub posts: SharedMap<PostCode, Post>,
    /// People by full id.
    pub people: SharedMap<PersonId, Person>,
    /// Institutions, schools and places found, by code.
    pub institutions: SharedMap<InstitutionCode, Institution>,
    /// Territorial owners of areas.
    pub area_owners: SharedMap<AreaCode, PersonId>,
    /// Territorial owners of single institutions.
    pub institution_owners: SharedMap<InstitutionCode, PersonId>,
    /// The routing table by order.
    pub routes: SharedMap<u32, Route>,
    /// Ladders by kind of clock, or `*`.
    pub ladders: SharedMap<String, Vec<Rung>>,
    /// Published working calendars by year.
    pub calendars: SharedMap<i16, YearTable>,
    /// The absences by person.
    pub away: SharedMap<PersonId, Away>,
    /// Visitors by full id.
    #[serde(default)]
    pub visitors: SharedMap<PersonId, Admission>,
    /// Open invitations by the hash of their token.
    pub invites: SharedMap<String, Invite>,
    /// Accounts by `channel:account`.
    pub identities: SharedMap<String, PersonId>,
}

impl Layer {
    /// An empty layer.
    pub fn new(jurisdiction: Jurisdiction) -> Self {
        Self {
            jurisdiction,
            ..Self::default()
        }
    }

    /// True if an event changes it.
    pub fn is_changed_by(event: &Event) -> bool {
        // Who read what is for whoever looks it up, not for decisions.
        !matches!(event, Event::ReadLogged { .. })
    }

    /// Applies an event of a registry.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::AreaDefined { area } => self.areas.insert(area.code.clone(), area.clone()),
            Event::DepartmentDefined { department } => self
                .departments
                .insert(department.code.clone(), department.clone()),
            Event::PostDefined { post } => self.posts.insert(post.code.clone(), post.clone()),
            Event::PersonEnrolled { person } => {
                self.people.insert(person.id.clone(), person.clone())
            }
            Event::InstitutionRegistered { institution } => self
                .institutions
                .insert(institution.code.clone(), institution.clone()),
            Event::OwnerAssigned {
                area,
                institution,
                person,
            } => {
                if let Some(area) = area {
                    self.area_owners.insert(area.clone(), person.clone());
                }
                if let Some(institution) = institution {
                    self.institution_owners
                        .insert(institution.clone(), person.clone());
                }
            }
            Event::RouteSet { route } => self.routes.insert(route.order, route.clone()),
            Event::LadderSet { clock, rungs } => self.ladders.insert(clock.clone(), rungs.clone()),
            Event::CalendarPublished {
                year,
                off,
                work,
                version,
            } => {
                let table = YearTable {
                    year: *year,
                    off: off.clone(),
                    work: work.clone(),
                    version: version.clone(),
                    source: "published by the registry".into(),
                };
                self.calendars.insert(*year, table);
            }
            Event::PersonInvited {
                person,
                token_hash,
                until,
            } => self.invites.insert(
                token_hash.clone(),
                Invite {
                    person: person.clone(),
                    until: *until,
                },
            ),
            Event::IdentityBound {
                person,
                channel,
                account,
                token_hash,
            } => {
                self.invites.remove(token_hash.as_str());
                self.identities
                    .insert(format!("{channel}:{account}"), person.clone());
            }
            Event::PersonAway {
                person,
                from,
                until,
                substitute,
            } => {
                self.away.insert(
                    person.clone(),
                    Away {
                        from: *from,
                        until: *until,
                        substitute: substitute.clone(),
                    },
                );
            }
            Event::VisitorAdmitted {
                person,
                from,
                until,
                roles,
                areas,
                department,
                ..
            } => {
                let admission = Admission {
                    from: *from,
                    until: *until,
                    roles: roles.clone(),
                    areas: areas.clone(),
                    department: department.clone(),
                };
                self.visitors.insert(person.clone(), admission);
            }
            Event::ReadLogged { .. } => {}
        }
    }
}
