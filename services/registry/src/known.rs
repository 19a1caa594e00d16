//! Records known already: here first, then in the registries above.
//!
//! The book's own records come first because an import defines an area and what lies in it in one go,
//! before the directory of the next commit shows either.
//! It changes nothing and refuses what is not there.

use std::collections::BTreeSet;

use picket_book::{Decision, fields};
use picket_directory::{OPERATOR, Resource};
use picket_schemas::registry::{Area, Person, Role};
use picket_schemas::{AreaCode, DepartmentCode, InstitutionCode, PersonId, Refusal};

use crate::Registry;

/// The most areas that may lie one within another.
pub(crate) const DEPTH: usize = 12;

/// Records that give people a standing here, or an area, a department or a post to have it in.
const STANDING: [&str; 6] = [
    "registry.admit_visitor",
    "registry.define_area",
    "registry.define_department",
    "registry.define_post",
    "registry.enrol_person",
    "registry.invite",
];

impl Registry {
    /// An area by code.
    pub(crate) fn area<'a>(&'a self, code: &AreaCode, cx: &'a Decision<'_>) -> Option<&'a Area> {
        self.layer
            .areas
            .get(code)
            .or_else(|| cx.directory.area(code))
    }

    /// An area that must be there.
    pub(crate) fn needs_area(&self, code: &AreaCode, cx: &Decision<'_>) -> Result<(), Refusal> {
        if code.as_str().is_empty() {
            return Err(fields::missing(
                "area",
                "everything on record lies somewhere",
            ));
        }
        self.area(code, cx)
            .map(drop)
            .ok_or_else(|| unknown("area", code.as_str()))
    }

    /// A department that must be there.
    pub(crate) fn needs_department(
        &self,
        code: &DepartmentCode,
        cx: &Decision<'_>,
    ) -> Result<(), Refusal> {
        let known =
            self.layer.departments.contains_key(code) || cx.directory.department(code).is_some();
        known
            .then_some(())
            .ok_or_else(|| unknown("department", code.as_str()))
    }

    /// The department somebody acts for, if one is named; some roles need one.
    pub(crate) fn department_for<'c>(
        &self,
        roles: &BTreeSet<Role>,
        named: Option<&'c DepartmentCode>,
        cx: &Decision<'_>,
    ) -> Result<Option<&'c DepartmentCode>, Refusal> {
        let department = named.filter(|code| !code.as_str().is_empty());
        match department {
            Some(department) => self.needs_department(department, cx)?,
            None if roles.contains(&Role::Inspector) || roles.contains(&Role::Head) => {
                return Err(fields::missing(
                    "department",
                    "an inspector or head acts for a department",
                ));
            }
            None => {}
        }
        Ok(department)
    }

    /// The area of an institution that must be there.
    pub(crate) fn institution_area<'a>(
        &'a self,
        code: &InstitutionCode,
        cx: &'a Decision<'_>,
    ) -> Result<&'a AreaCode, Refusal> {
        let known = self
            .layer
            .institutions
            .get(code)
            .or_else(|| cx.directory.institution(code));
        known
            .map(|institution| &institution.area)
            .ok_or_else(|| unknown("institution", code.as_str()))
    }

    /// A person by full id.
    pub(crate) fn person<'a>(&'a self, id: &PersonId, cx: &'a Decision<'_>) -> Option<&'a Person> {
        self.layer
            .people
            .get(id)
            .or_else(|| cx.directory.person(id))
    }

    /// A person by code or full id, or the refusal.
    pub(crate) fn needs_person<'a>(
        &'a self,
        text: &str,
        cx: &'a Decision<'_>,
    ) -> Result<&'a Person, Refusal> {
        let text = text.trim();
        let id = if text.contains('/') {
            PersonId::from(text)
        } else {
            PersonId::new(cx.jurisdiction, text)
        };
        let known = self.person(&id, cx).or_else(|| {
            cx.directory
                .resolve_person(text)
                .and_then(|id| cx.directory.person(&id))
        });
        known.ok_or_else(|| Refusal::UnknownPerson {
            who: text.to_owned(),
        })
    }

    /// The same, for what only the registry that enrolled the person can say of them.
    pub(crate) fn needs_own_person<'a>(
        &'a self,
        text: &str,
        cx: &'a Decision<'_>,
    ) -> Result<&'a Person, Refusal> {
        let person = self.needs_person(text, cx)?;
        if person.id.jurisdiction() != *cx.jurisdiction {
            return Err(fields::invalid(
                "person",
                format!(
                    "{} is enrolled in {}, and only its registry can say this",
                    person.id,
                    person.id.jurisdiction()
                ),
            ));
        }
        Ok(person)
    }

    /// Permission to do this to something in an area; an area that the directory does not show yet
    /// counts as the one around it.
    pub(crate) fn may(
        &self,
        action: &str,
        area: Option<&AreaCode>,
        cx: &Decision<'_>,
    ) -> Result<(), Refusal> {
        let mut at = area;
        for _ in 0..DEPTH {
            match at {
                Some(code) if cx.directory.area(code).is_none() => {
                    let Some(parent) = self
                        .layer
                        .areas
                        .get(code)
                        .and_then(|area| area.parent.as_ref())
                    else {
                        break;
                    };
                    at = Some(parent);
                }
                _ => break,
            }
        }
        cx.allow(action, at.map_or_else(Resource::default, Resource::at))?;
        // A guest gives nobody a standing, oneself least of all: it would outlast the visit.
        if STANDING.contains(&action)
            && !self.is_operator(cx)
            && self.person(cx.actor, cx).is_none()
        {
            return Err(Refusal::NotAllowed {
                who: cx.directory.person_name(cx.actor),
                action: action.to_owned(),
            });
        }
        Ok(())
    }

    /// Permission to do this to the jurisdiction as a whole.
    pub(crate) fn may_everywhere(&self, action: &str, cx: &Decision<'_>) -> Result<(), Refusal> {
        self.may(action, self.root.as_ref(), cx)
    }

    /// True if the actor owns the data: only such a person makes or invites another.
    pub(crate) fn is_operator(&self, cx: &Decision<'_>) -> bool {
        cx.actor.code() == OPERATOR
            || self
                .person(cx.actor, cx)
                .is_some_and(|person| person.roles.contains(&Role::Operator))
    }
}

/// A refusal for something that is not on record.
pub(crate) fn unknown(kind: &str, id: &str) -> Refusal {
    Refusal::Unknown {
        kind: kind.to_owned(),
        id: id.to_owned(),
    }
}
