//! Access of those who are no part of the roster's daily work: visitors from elsewhere, and overseers who read.
//!
//! A visitor acts and reads here within dates, as the directory's policy then permits; afterwards as little as
//! before. What an overseer reads is written down by whoever answers, before the answer leaves.
//! It does not know what was answered, nor what a visitor may be at home.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use picket_book::{Decision, fields};
use picket_directory::{OPERATOR, SYSTEM};
use picket_schemas::registry::{Command, Event, Role};
use picket_schemas::{AreaCode, PersonId, Refusal};

use crate::Registry;
use crate::known::unknown;
use crate::people::roles_named;

/// The longest visit.
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);

impl Registry {
    /// Admits a visitor, in place of an admission before; dates in the past take it back.
    pub(crate) fn admit_visitor(
        &self,
        command: &Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let Command::AdmitVisitor {
            person,
            from,
            until,
            roles,
            areas,
            department,
            reason,
        } = command
        else {
            unreachable!("decide hands each command to its own verb")
        };
        let areas = self.visited(areas)?;
        self.may_admit(command.verb(), person, &areas, cx)?;
        self.needs_stranger(person, cx)?;
        let roles = guest_roles(roles)?;
        let department = self.department_for(&roles, department.as_ref(), cx)?;
        check_dates(*from, *until)?;
        let reason = fields::line_of_reason(reason, "admitting a visitor")?;
        let before = self.layer.visitors.get(person);
        if before.is_some_and(|known| {
            known.from == *from
                && known.until == *until
                && known.roles == roles
                && known.areas == areas
                && known.department.as_ref() == department
        }) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::VisitorAdmitted {
            person: person.clone(),
            from: *from,
            until: *until,
            roles,
            areas,
            department: department.cloned(),
            reason,
            by: cx.actor.clone(),
        }])
    }

    /// The areas of a visit; where none is named, the whole jurisdiction.
    fn visited(&self, areas: &[AreaCode]) -> Result<BTreeSet<AreaCode>, Refusal> {
        match (areas.is_empty(), &self.root) {
            (true, Some(root)) => Ok([root.clone()].into()),
            (true, None) => Err(fields::missing("areas", "this registry has no area yet")),
            (false, _) => Ok(areas.iter().cloned().collect()),
        }
    }

    fn may_admit(
        &self,
        verb: &str,
        person: &PersonId,
        areas: &BTreeSet<AreaCode>,
        cx: &Decision<'_>,
    ) -> Result<(), Refusal> {
        for area in areas {
            if !self.layer.areas.contains_key(area) {
                return Err(unknown("area", area.as_str()));
            }
            self.may(verb, Some(area), cx)?;
        }
        // What was said before is taken back by it: that needs the right there as well.
        for area in self
            .layer
            .visitors
            .get(person)
            .iter()
            .flat_map(|before| &before.areas)
        {
            self.may(verb, Some(area), cx)?;
        }
        Ok(())
    }

    /// Somebody from elsewhere, on no roster here.
    fn needs_stranger(&self, person: &PersonId, cx: &Decision<'_>) -> Result<(), Refusal> {
        if !person.as_str().contains('/') || person.jurisdiction() == *cx.jurisdiction {
            return Err(fields::invalid(
                "person",
                format!(
                    "a visitor comes from elsewhere and is written JURISDICTION/CODE, and `{}` is not",
                    person.as_str().chars().take(80).collect::<String>()
                ),
            ));
        }
        fields::code("person", person.jurisdiction().as_str())?;
        fields::code("person", person.code())?;
        if [OPERATOR, SYSTEM].contains(&person.code()) {
            return Err(fields::invalid(
                "person",
                format!("`{}` is a name Picket uses itself", person.code()),
            ));
        }
        if self.person(person, cx).is_some() {
            return Err(fields::invalid(
                "person",
                format!("{person} is on the roster here already"),
            ));
        }
        Ok(())
    }

    /// Somebody read something.
    pub(crate) fn log_read(&self, what: &str, cx: &Decision<'_>) -> Result<Vec<Event>, Refusal> {
        self.may("registry.log_read", None, cx)?;
        let what = fields::line("what", what, fields::LINE)?
            .ok_or_else(|| fields::missing("what", "a log without it says nothing"))?;
        Ok(vec![Event::ReadLogged {
            person: cx.actor.clone(),
            what,
            at: cx.at,
        }])
    }
}

fn guest_roles(roles: &[String]) -> Result<BTreeSet<Role>, Refusal> {
    let roles = roles_named(roles)?;
    if roles.is_empty() {
        return Err(fields::missing(
            "roles",
            "without a role a visitor can do nothing",
        ));
    }
    if roles.contains(&Role::Operator) {
        return Err(fields::invalid(
            "roles",
            "the data of a jurisdiction has no guest for an owner",
        ));
    }
    Ok(roles)
}

fn check_dates(from: Timestamp, until: Timestamp) -> Result<(), Refusal> {
    fields::ends_after("until", "a visit", from, until)?;
    if until.duration_since(from) > LONGEST {
        return Err(fields::invalid(
            "until",
            "a visit lasts a year at most; admit the visitor again then",
        ));
    }
    Ok(())
}
