//! Checks of records that several verbs make first: it is there, they may, they are certified.
//!
//! Every answer is a refusal or the thing itself. Which verb asks in which state stands with the verb.

use std::collections::BTreeSet;

use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::registry::{Person, Role};
use picket_schemas::{
    ActionId, CaseId, DepartmentCode, InstitutionCode, LeadId, OrderId, Refusal, Subject,
    SubjectKind,
};

use crate::Rectification;
use crate::state::{Case, JointAction, Lead, Order};

impl Rectification {
    /// A lead, or the refusal. One out of a sealed sheet is not there until its release: whoever it could be
    /// routed to or screened by has no part in the sheet.
    pub(crate) fn lead(&self, id: &LeadId, cx: &Decision<'_>) -> Result<&Lead, Refusal> {
        self.leads
            .get(id)
            .filter(|lead| lead.sealed_until.is_none_or(|until| until <= cx.at))
            .ok_or_else(|| unknown("lead", id))
    }

    /// A joint action, or the refusal. Until its day it is there for its crew only.
    pub(crate) fn action(&self, id: &ActionId, cx: &Decision<'_>) -> Result<&JointAction, Refusal> {
        let seen = |action: &&JointAction| {
            action.sealed_until.is_none_or(|until| until <= cx.at) || action.crew.contains(cx.actor)
        };
        self.actions
            .get(id)
            .filter(seen)
            .ok_or_else(|| unknown("joint action", id))
    }

    /// A case, or the refusal.
    pub(crate) fn case(&self, id: &CaseId) -> Result<&Case, Refusal> {
        self.cases.get(id).ok_or_else(|| unknown("case", id))
    }

    /// An order with its case, or the refusal.
    pub(crate) fn order(&self, id: &OrderId) -> Result<(&Order, &Case), Refusal> {
        let order = self.orders.get(id).ok_or_else(|| unknown("order", id))?;
        Ok((order, self.case(&order.case)?))
    }
}

/// The id names nothing here.
pub(crate) fn unknown(kind: &str, id: impl std::fmt::Display) -> Refusal {
    Refusal::Unknown {
        kind: kind.to_owned(),
        id: id.to_string(),
    }
}

/// It is out of state.
pub(crate) fn wrong_state(
    what: impl std::fmt::Display,
    state: impl std::fmt::Display,
    needs: &str,
) -> Refusal {
    Refusal::WrongState {
        what: what.to_string(),
        state: state.to_string(),
        needs: needs.to_owned(),
    }
}

/// It was done before.
pub(crate) fn already(what: impl std::fmt::Display, state: impl std::fmt::Display) -> Refusal {
    Refusal::Already {
        what: what.to_string(),
        state: state.to_string(),
    }
}

/// Permission to do this to a case: an inspector or head of a handling department.
pub(crate) fn handles(verb: &str, case: &Case, cx: &Decision<'_>) -> Result<(), Refusal> {
    cx.allow(
        verb,
        Resource {
            area: Some(&case.area),
            departments: &case.departments(),
        },
    )
}

/// Permission to change the time an order has.
/// A head decides for the own department only; a supervisor or coordinator for each of the area.
pub(crate) fn oversees(verb: &str, case: &Case, cx: &Decision<'_>) -> Result<(), Refusal> {
    cx.allow(verb, Resource::at(&case.area))?;
    let oversees = cx.directory.person(cx.actor).is_some_and(|person| {
        person.roles.contains(&Role::Supervisor)
            || person.roles.contains(&Role::Coordinator)
            || person
                .department
                .as_ref()
                .is_some_and(|own| case.departments().contains(&own))
    });
    if oversees {
        Ok(())
    } else {
        Err(not_allowed(verb, cx))
    }
}

/// The policy lets the actor near it, the record does not.
pub(crate) fn not_allowed(verb: &str, cx: &Decision<'_>) -> Refusal {
    Refusal::NotAllowed {
        who: cx.directory.person_name(cx.actor),
        action: verb.to_owned(),
    }
}

/// The people named, each once, in the order given.
pub(crate) fn people<'a>(names: &[String], cx: &Decision<'a>) -> Result<Vec<&'a Person>, Refusal> {
    let mut people: Vec<&Person> = Vec::with_capacity(names.len());
    for name in names {
        let id = cx.person(name)?;
        let person = cx
            .directory
            .person(&id)
            .ok_or_else(|| Refusal::UnknownPerson { who: name.clone() })?;
        if !people.iter().any(|other| other.id == person.id) {
            people.push(person);
        }
    }
    Ok(people)
}

/// At least two of these, and no certificate twice.
pub(crate) fn two_certified<'a>(
    people: impl IntoIterator<Item = &'a Person>,
    of: &str,
) -> Result<(), Refusal> {
    let mut certificates = BTreeSet::new();
    for person in people {
        if let Some(certificate) = certificate(person)
            && !certificates.insert(certificate)
        {
            return Err(Refusal::NotCertified {
                why: format!("certificate {certificate} is named twice"),
            });
        }
    }
    match certificates.len() {
        0 | 1 => Err(Refusal::NotCertified {
            why: format!("{of} has {} of 2", certificates.len()),
        }),
        _ => Ok(()),
    }
}

/// The number of the enforcement certificate, if there is one.
pub(crate) fn certificate(person: &Person) -> Option<&str> {
    person
        .certificate
        .as_deref()
        .map(str::trim)
        .filter(|number| !number.is_empty())
}

/// The departments exist; each is named once.
pub(crate) fn departments(
    field: &str,
    codes: &[DepartmentCode],
    cx: &Decision<'_>,
) -> Result<Vec<DepartmentCode>, Refusal> {
    let mut known: Vec<DepartmentCode> = Vec::with_capacity(codes.len());
    for code in codes {
        if cx.directory.department(code).is_none() {
            return Err(fields::invalid(
                field,
                format!("there is no department `{code}`"),
            ));
        }
        if !known.contains(code) {
            known.push(code.clone());
        }
    }
    Ok(known)
}

/// The code under which the registry has it, if it is a kind of place.
pub(crate) fn place_code(subject: &Subject) -> Option<InstitutionCode> {
    matches!(
        subject.kind,
        SubjectKind::Institution | SubjectKind::School | SubjectKind::UnlistedPlace
    )
    .then(|| InstitutionCode::from(subject.id.as_str()))
}
