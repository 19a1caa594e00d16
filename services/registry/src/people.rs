//! People: the roster, territorial owners, absences.
//!
//! A person is enrolled by code; enrolled again with other roles, the person changes; enrolled again without
//! any role, the person has left, and what they did stays on record.
//! It does not know what a role permits: that is the directory's policy.

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::Timestamp;
use picket_book::{Decision, fields};
use picket_directory::{Away, OPERATOR, SYSTEM};
use picket_schemas::event::SERVICES;
use picket_schemas::registry::{Command, Event, Person, Role};
use picket_schemas::{AreaCode, InstitutionCode, PersonId, Refusal};

use crate::{ON_CARDS, Registry};

impl Registry {
    pub(crate) fn enrol_person(
        &self,
        command: &Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let Command::EnrolPerson {
            code,
            name,
            roles,
            department,
            area,
            certificate,
            language,
        } = command
        else {
            unreachable!("decide hands each command to its own verb")
        };
        self.needs_area(area, cx)?;
        let id = PersonId::new(cx.jurisdiction, code);
        let before = self.layer.people.get(&id);
        self.may_here(command.verb(), area, before.map(|known| &known.area), cx)?;
        fields::code("code", code)?;
        if [OPERATOR, SYSTEM].contains(&code.as_str()) || SERVICES.contains(&code.as_str()) {
            return Err(fields::invalid(
                "code",
                format!("`{code}` is a name Picket uses itself"),
            ));
        }
        let roles = roles_named(roles)?;
        if roles.is_empty() && before.is_none() {
            return Err(fields::missing(
                "roles",
                "without a role a person can do nothing; leave it empty only for somebody who has left",
            ));
        }
        self.check_group(&id, before, &roles)?;
        let was_operator = before.is_some_and(|known| known.roles.contains(&Role::Operator));
        if (roles.contains(&Role::Operator) || was_operator) && !self.is_operator(cx) {
            return Err(Refusal::NotAllowed {
                who: cx.directory.person_name(cx.actor),
                action: "enrol an operator".into(),
            });
        }
        let department = self.department_for(&roles, department.as_ref(), cx)?;
        let certificate = self.own_certificate(certificate.as_deref(), &id)?;
        let person = Person {
            name: fields::name("name", name, ON_CARDS)?,
            roles,
            department: department.cloned(),
            area: area.clone(),
            certificate,
            language: fields::word("language", language.as_deref(), &["zh", "en"])?,
            id,
        };
        Ok(if before == Some(&person) {
            Vec::new()
        } else {
            vec![Event::PersonEnrolled { person }]
        })
    }

    /// A chat group is a group for good, and nothing else.
    fn check_group(
        &self,
        id: &PersonId,
        before: Option<&Person>,
        roles: &BTreeSet<Role>,
    ) -> Result<(), Refusal> {
        let is_group = roles.contains(&Role::Group);
        if is_group && roles.len() > 1 {
            return Err(fields::invalid(
                "roles",
                "a chat group is nobody and has no other role",
            ));
        }
        // Its accounts outlast its roles: who comes back after having left comes back as what it was.
        let was_group = before.is_some_and(|known| {
            if known.roles.is_empty() {
                self.groups.contains(id)
            } else {
                known.roles.contains(&Role::Group)
            }
        });
        if before.is_some() && !roles.is_empty() && is_group != was_group {
            return Err(fields::invalid(
                "roles",
                "a person does not become a chat group, nor a group a person; use another code",
            ));
        }
        Ok(())
    }

    /// The number of a certificate that is nobody else's.
    fn own_certificate(
        &self,
        given: Option<&str>,
        id: &PersonId,
    ) -> Result<Option<String>, Refusal> {
        let certificate = fields::line(
            "certificate",
            given.unwrap_or_default(),
            fields::CERTIFICATE,
        )?;
        if let Some(number) = &certificate
            && let Some(holder) = self.certificates.get(number).filter(|holder| *holder != id)
        {
            return Err(fields::invalid(
                "certificate",
                format!("{number} is already the certificate of {}", holder.code()),
            ));
        }
        Ok(certificate)
    }

    pub(crate) fn assign_owner(
        &self,
        area: Option<&AreaCode>,
        institution: Option<&InstitutionCode>,
        person: &str,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let area = area.filter(|code| !code.as_str().is_empty());
        let institution = institution.filter(|code| !code.as_str().is_empty());
        let (of, owner) = match (area, institution) {
            (Some(area), None) => {
                self.needs_area(area, cx)?;
                (area, self.layer.area_owners.get(area))
            }
            (None, Some(institution)) => (
                self.institution_area(institution, cx)?,
                self.layer.institution_owners.get(institution),
            ),
            (None, None) => {
                return Err(fields::missing(
                    "area",
                    "an owner answers for an `area` or for an `institution`",
                ));
            }
            (Some(_), Some(_)) => {
                return Err(fields::invalid(
                    "institution",
                    "an owner answers for an `area` or for an `institution`, not for both at once",
                ));
            }
        };
        self.may("registry.assign_owner", Some(of), cx)?;
        let person = &self.needs_person(person, cx)?.id;
        if owner == Some(person) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::OwnerAssigned {
            area: area.cloned(),
            institution: institution.cloned(),
            person: person.clone(),
        }])
    }

    /// An absence replaces the one before it; one that ends in the past takes it back.
    pub(crate) fn set_away(
        &self,
        person: &str,
        from: Timestamp,
        until: Timestamp,
        substitute: Option<&str>,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let person = self.needs_own_person(person, cx)?;
        if person.id != *cx.actor {
            self.may("registry.set_away", Some(&person.area), cx)?;
        }
        fields::ends_after("until", "an absence", from, until)?;
        let substitute = match substitute.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => Some(self.needs_person(text, cx)?.id.clone()),
            None => None,
        };
        if substitute.as_ref() == Some(&person.id) {
            return Err(fields::invalid(
                "substitute",
                "nobody stands in for themselves",
            ));
        }
        let away = Away {
            from,
            until,
            substitute,
        };
        if self.layer.away.get(&person.id) == Some(&away) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::PersonAway {
            person: person.id.clone(),
            from,
            until,
            substitute: away.substitute,
        }])
    }
}

/// Roles by their names.
pub(crate) fn roles_named(names: &[String]) -> Result<BTreeSet<Role>, Refusal> {
    names
        .iter()
        .map(|name| Role::from_str(name).map_err(|why| fields::invalid("roles", why)))
        .collect()
}
