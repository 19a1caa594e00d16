//! Lookups over the layers, nearest first.

use std::sync::Arc;

use jiff::Timestamp;
use picket_calendar::Calendar;
use picket_schemas::registry::{
    Area, Department, Institution, Person, Post, Role, Route, Rung, Target, Training,
};
use picket_schemas::{AreaCode, DepartmentCode, InstitutionCode, Jurisdiction, PersonId, PostCode};

use crate::layer::{Admission, Layer};

/// The most areas that may lie one within another; a longer chain is a mistake in the data.
const DEPTH: usize = 12;

/// The people, places and rules there are, seen from one jurisdiction.
#[derive(Clone, Debug)]
pub struct Directory {
    layers: Vec<Arc<Layer>>,
    calendar: Calendar,
}

impl Directory {
    /// The own layer first, then those above. `calendar` is what holds where no registry published a year.
    pub fn new(layers: Vec<Arc<Layer>>, calendar: Calendar) -> Self {
        let mut merged = calendar;
        for layer in layers.iter().rev() {
            for table in layer.calendars.values() {
                merged = merged.with_year(table.clone());
            }
        }
        Self {
            layers,
            calendar: merged,
        }
    }

    /// The jurisdiction it is seen from.
    pub fn home(&self) -> Jurisdiction {
        self.layers
            .first()
            .map(|layer| layer.jurisdiction.clone())
            .unwrap_or_default()
    }

    /// The layers, own first.
    pub fn layers(&self) -> &[Arc<Layer>] {
        &self.layers
    }

    fn own(&self) -> Option<&Layer> {
        self.layers.first().map(Arc::as_ref)
    }

    /// The working calendar.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// A person by full id.
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.layers.iter().find_map(|layer| layer.people.get(id))
    }

    /// A person by full id or by code, own jurisdiction first.
    pub fn resolve_person(&self, text: &str) -> Option<PersonId> {
        if text.contains('/') {
            let id = PersonId::from(text);
            return self.person(&id).is_some().then_some(id);
        }
        self.layers
            .iter()
            .map(|layer| PersonId::new(&layer.jurisdiction, text))
            .find(|id| self.person(id).is_some())
    }

    /// The name people see, or the code.
    pub fn person_name(&self, id: &PersonId) -> String {
        self.person(id)
            .map_or_else(|| id.code().to_owned(), |person| person.name.clone())
    }

    /// An area by code.
    pub fn area(&self, code: &AreaCode) -> Option<&Area> {
        self.layers.iter().find_map(|layer| layer.areas.get(code))
    }

    /// The area and those around it, inmost first.
    pub fn area_path(&self, code: &AreaCode) -> Vec<AreaCode> {
        let mut path = vec![code.clone()];
        while path.len() < DEPTH {
            let Some(parent) = path
                .last()
                .and_then(|last| self.area(last))
                .and_then(|area| area.parent.clone())
            else {
                break;
            };
            path.push(parent);
        }
        path
    }

    /// True if `inner` is `outer` or lies within it.
    pub fn within(&self, inner: &AreaCode, outer: &AreaCode) -> bool {
        if inner == outer {
            return true;
        }
        let mut at = inner.clone();
        for _ in 0..DEPTH {
            match self.area(&at).and_then(|area| area.parent.clone()) {
                Some(parent) if parent == *outer => return true,
                Some(parent) => at = parent,
                None => return false,
            }
        }
        false
    }

    /// A department by code.
    pub fn department(&self, code: &DepartmentCode) -> Option<&Department> {
        self.layers
            .iter()
            .find_map(|layer| layer.departments.get(code))
    }

    /// A post by code.
    pub fn post(&self, code: &PostCode) -> Option<&Post> {
        self.layers.iter().find_map(|layer| layer.posts.get(code))
    }

    /// The posts of the own jurisdiction, by code.
    pub fn posts(&self) -> impl Iterator<Item = &Post> {
        self.own()
            .into_iter()
            .flat_map(|layer| layer.posts.values())
    }

    /// The post whose territory holds the area, the smallest territory first.
    pub fn post_of_area(&self, area: &AreaCode) -> Option<&Post> {
        self.area_path(area)
            .iter()
            .find_map(|code| self.posts().find(|post| post.area == *code))
    }

    /// The post a person belongs to, the first by code.
    pub fn post_of_person(&self, person: &PersonId) -> Option<&Post> {
        self.posts()
            .find(|post| post.members.contains(person) || post.leader == *person)
    }

    /// An institution, school or place found, by code.
    pub fn institution(&self, code: &InstitutionCode) -> Option<&Institution> {
        self.layers
            .iter()
            .find_map(|layer| layer.institutions.get(code))
    }

    /// Those of the own jurisdiction, by code.
    pub fn institutions(&self) -> impl Iterator<Item = &Institution> {
        self.own()
            .into_iter()
            .flat_map(|layer| layer.institutions.values())
    }

    /// The owner of an institution: by name, else through its area.
    pub fn owner_of_institution(&self, code: &InstitutionCode) -> Option<PersonId> {
        if let Some(owner) = self
            .layers
            .iter()
            .find_map(|layer| layer.institution_owners.get(code))
        {
            return Some(owner.clone());
        }
        self.institution(code)
            .and_then(|institution| self.owner_of_area(&institution.area))
    }

    /// The owner of an area: that of the inmost that has one.
    pub fn owner_of_area(&self, area: &AreaCode) -> Option<PersonId> {
        self.area_path(area)
            .iter()
            .find_map(|code| {
                self.layers
                    .iter()
                    .find_map(|layer| layer.area_owners.get(code))
            })
            .cloned()
    }

    /// People with a role whose area holds `area`: those nearest to it only, by id.
    pub fn people_with(&self, role: Role, area: &AreaCode) -> Vec<PersonId> {
        for code in self.area_path(area) {
            let found: Vec<_> = self
                .all_people()
                .filter(|person| person.roles.contains(&role) && person.area == code)
                .map(|person| person.id.clone())
                .collect();
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// People of a department with a role whose area holds `area`, by id.
    pub fn people_of(
        &self,
        department: &DepartmentCode,
        role: Role,
        area: &AreaCode,
    ) -> Vec<PersonId> {
        self.all_people()
            .filter(|person| {
                person.roles.contains(&role)
                    && person.department.as_ref() == Some(department)
                    && self.within(area, &person.area)
            })
            .map(|person| person.id.clone())
            .collect()
    }

    fn all_people(&self) -> impl Iterator<Item = &Person> {
        self.layers.iter().flat_map(|layer| layer.people.values())
    }

    /// The first row of the routing table that matches one of the codes (in the order given) and the training,
    /// with the code it matched and the jurisdiction whose table it stands in.
    pub fn route(
        &self,
        codes: &[String],
        training: Option<Training>,
    ) -> Option<(&Route, String, Jurisdiction)> {
        let training = training
            .and_then(|kind| serde_json::to_value(kind).ok())
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default();
        let any = |field: &str| field.is_empty() || field == "*";
        for layer in &self.layers {
            for route in layer.routes.values() {
                if !any(&route.training) && route.training != training {
                    continue;
                }
                if any(&route.violation) {
                    return Some((route, "*".into(), layer.jurisdiction.clone()));
                }
                if let Some(code) = codes.iter().find(|code| **code == route.violation) {
                    return Some((route, code.clone(), layer.jurisdiction.clone()));
                }
            }
        }
        None
    }

    /// The first of these codes that neither the catalogue nor a routing table knows.
    pub fn unknown_code<'a>(&self, codes: &'a [String]) -> Option<&'a str> {
        let routed = |code: &str| {
            self.layers
                .iter()
                .any(|layer| layer.routes.values().any(|route| route.violation == code))
        };
        codes
            .iter()
            .map(String::as_str)
            .find(|code| !picket_schemas::violation::CATALOGUE.contains(code) && !routed(code))
    }

    /// The ladder against the duty holder of a kind of clock: the nearest registry's own, else the default.
    pub fn ladder(&self, clock: &str) -> Vec<Rung> {
        for layer in &self.layers {
            if let Some(rungs) = layer.ladders.get(clock).or_else(|| layer.ladders.get("*")) {
                return rungs.clone();
            }
        }
        default_ladder()
    }

    /// The absence of a person at an instant, with the substitute if there is one.
    pub fn away(&self, person: &PersonId, at: Timestamp) -> Option<Option<PersonId>> {
        let away = self
            .layers
            .iter()
            .find_map(|layer| layer.away.get(person))?;
        (away.from <= at && at < away.until).then(|| away.substitute.clone())
    }

    /// The admissions of a visitor at an instant; none before and after.
    pub fn admissions<'a>(
        &'a self,
        person: &'a PersonId,
        at: Timestamp,
    ) -> impl Iterator<Item = &'a Admission> {
        self.layers
            .iter()
            .filter_map(|layer| layer.visitors.get(person))
            .filter(move |admission| admission.holds(at))
    }

    /// The person an account belongs to.
    pub fn identity(&self, channel: &str, account: &str) -> Option<&PersonId> {
        let key = format!("{channel}:{account}");
        self.layers
            .iter()
            .find_map(|layer| layer.identities.get(&key))
    }
}

/// B0 three days before, B1 and B2 by themselves, B3 and B4 for a person to sign.
fn default_ladder() -> Vec<Rung> {
    let rung = |level: &str, after: i32, targets: Vec<Target>, automatic: bool| Rung {
        level: level.into(),
        after,
        targets,
        automatic,
    };
    vec![
        rung("B0", -3, vec![Target::Duty], true),
        rung("B1", 1, vec![Target::Duty, Target::PostLeader], true),
        rung(
            "B2",
            3,
            vec![
                Target::Duty,
                Target::Department,
                Target::Owner,
                Target::Role(Role::Supervisor),
            ],
            true,
        ),
        rung(
            "B3",
            6,
            vec![Target::Duty, Target::Department, Target::Owner],
            false,
        ),
        rung(
            "B4",
            10,
            vec![Target::Duty, Target::Department, Target::Owner],
            false,
        ),
    ]
}
