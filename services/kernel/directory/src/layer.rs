//! One jurisdiction's records, as its registry's events left them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use picket_calendar::YearTable;
use picket_schemas::registry::{
    Area, Department, Event, Institution, Person, Post, Role, Route, Rung,
};
use picket_schemas::{AreaCode, DepartmentCode, InstitutionCode, Jurisdiction, PersonId, PostCode};
use serde::{Deserialize, Serialize};

/// Somebody is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Away {
    /// From this instant.
    pub from: Timestamp,
    /// Until this one.
    pub until: Timestamp,
    /// Who stands in.
    pub substitute: Option<PersonId>,
}

/// An invitation not yet used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// For whom.
    pub person: PersonId,
    /// How long it may be used.
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
    /// Whether it holds at an instant.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

/// One jurisdiction's records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Whose.
    pub jurisdiction: Jurisdiction,
    /// Areas by code.
    pub areas: BTreeMap<AreaCode, Area>,
    /// Departments by code.
    pub departments: BTreeMap<DepartmentCode, Department>,
    /// Posts by code.
    pub posts: BTreeMap<PostCode, Post>,
    /// People by full id.
    pub people: BTreeMap<PersonId, Person>,
    /// Institutions, schools and places found, by code.
    pub institutions: BTreeMap<InstitutionCode, Institution>,
    /// Territorial owners of areas.
    pub area_owners: BTreeMap<AreaCode, PersonId>,
    /// Territorial owners of single institutions.
    pub institution_owners: BTreeMap<InstitutionCode, PersonId>,
    /// The routing table by order.
    pub routes: BTreeMap<u32, Route>,
    /// Ladders by kind of clock, or `*`.
    pub ladders: BTreeMap<String, Vec<Rung>>,
    /// Published working calendars by year.
    pub calendars: BTreeMap<i16, YearTable>,
    /// Who is away.
    pub away: BTreeMap<PersonId, Away>,
    /// Visitors by full id.
    #[serde(default)]
    pub visitors: BTreeMap<PersonId, Admission>,
    /// Open invitations by the hash of their token.
    pub invites: BTreeMap<String, Invite>,
    /// Accounts by `channel:account`.
    pub identities: BTreeMap<String, PersonId>,
}

impl Layer {
    /// An empty layer.
    pub fn new(jurisdiction: Jurisdiction) -> Self {
        Self {
            jurisdiction,
            ..Self::default()
        }
    }

    /// What a registry event changes.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::AreaDefined { area } => drop(self.areas.insert(area.code.clone(), area.clone())),
            Event::DepartmentDefined { department } => drop(
                self.departments
                    .insert(department.code.clone(), department.clone()),
            ),
            Event::PostDefined { post } => drop(self.posts.insert(post.code.clone(), post.clone())),
            Event::PersonEnrolled { person } => {
                drop(self.people.insert(person.id.clone(), person.clone()))
            }
            Event::InstitutionRegistered { institution } => drop(
                self.institutions
                    .insert(institution.code.clone(), institution.clone()),
            ),
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
            Event::RouteSet { route } => drop(self.routes.insert(route.order, route.clone())),
            Event::LadderSet { clock, rungs } => {
                drop(self.ladders.insert(clock.clone(), rungs.clone()))
            }
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
            } => drop(self.invites.insert(
                token_hash.clone(),
                Invite {
                    person: person.clone(),
                    until: *until,
                },
            )),
            Event::IdentityBound {
                person,
                channel,
                account,
                token_hash,
            } => {
                self.invites.remove(token_hash);
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
            // Who read what is for whoever looks it up, not for decisions.
            Event::ReadLogged { .. } => {}
        }
    }
}
