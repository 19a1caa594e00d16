//! The policy of who may do what: role × area × department, deny by default.
//!
//! Called inside `decide`. What depends on the record itself (whose task it is, who must not check their
//! own work) is decided by the book; what depends on who somebody is stands with the verb, where it is declared.

use std::collections::BTreeSet;

use jiff::Timestamp;
use picket_schemas::declared::{self, Who};
use picket_schemas::registry::Role;
use picket_schemas::{AreaCode, DepartmentCode, PersonId, Refusal};

use crate::lookup::Directory;

/// The code of whoever owns the data: may import and enrol.
pub const OPERATOR: &str = "operator";
/// The code of Picket's own parts: insight that answers a freeze, a transport that reports a delivery.
pub const SYSTEM: &str = "system";

/// The thing that is acted upon: its area and departments.
#[derive(Clone, Copy, Debug, Default)]
pub struct Resource<'a> {
    /// The area of the place; the actor's area must hold it.
    pub area: Option<&'a AreaCode>,
    /// Departments that handle it; an inspector or head must belong to one of them.
    pub departments: &'a [&'a DepartmentCode],
}

impl<'a> Resource<'a> {
    /// Something in an area.
    pub fn at(area: &'a AreaCode) -> Self {
        Self {
            area: Some(area),
            departments: &[],
        }
    }
}

/// The reach of a role's reading, in the areas it acts in. What somebody holds, was offered, found, did or was told of
/// is theirs to read whatever the role; what is sealed is nobody's but the crew's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Everything: sheets with those who fill them, leads, cases, figures.
    Area,
    /// Leads, cases and orders; no sheet.
    Cases,
    /// Leads, cases and orders the own department handles or assists in.
    Department,
    /// Bulletins, figures and schedules.
    Figures,
    /// Nothing beyond the own.
    Own,
}

/// The reach of a role's reading.
pub fn sight(role: Role) -> Sight {
    match role {
        Role::PostLeader
        | Role::Street
        | Role::Coordinator
        | Role::Dispatcher
        | Role::Supervisor
        | Role::Overseer => Sight::Area,
        Role::Verifier | Role::Owner => Sight::Cases,
        Role::Inspector | Role::Head => Sight::Department,
        Role::Clerk | Role::Approver => Sight::Figures,
        Role::Sentinel | Role::Operator | Role::Group => Sight::Own,
    }
}

/// The roles, areas and department of somebody, on the roster or as a visitor.
struct Mandate<'a> {
    roles: &'a BTreeSet<Role>,
    areas: Vec<&'a AreaCode>,
    department: Option<&'a DepartmentCode>,
}

impl Mandate<'_> {
    fn has(&self, roles: &[Role], resource: Resource<'_>, directory: &Directory) -> bool {
        roles.iter().any(|role| self.roles.contains(role))
            && resource
                .area
                .is_none_or(|area| self.areas.iter().any(|own| directory.within(area, own)))
    }
}

/// Permission of `actor` to do `action` (a verb such as `dispatch.issue_batch`) to `resource` at an instant.
///
/// The owner of the data acts as [`OPERATOR`] and [`SYSTEM`] as Picket's own parts; edges let nobody else
/// use those names. Everybody else must be on the roster, or a visitor who is admitted at that instant.
pub fn allow(
    actor: &PersonId,
    action: &str,
    resource: Resource<'_>,
    directory: &Directory,
    at: Timestamp,
) -> Result<(), Refusal> {
    let no = || Refusal::NotAllowed {
        who: directory.person_name(actor),
        action: action.to_owned(),
    };
    let who = declared::who(action).ok_or_else(no)?;
    match actor.code() {
        SYSTEM => {
            return if matches!(who, Who::System) {
                Ok(())
            } else {
                Err(no())
            };
        }
        OPERATOR => {
            return match who {
                Who::Roles(roles) if roles.contains(&Role::Operator) => Ok(()),
                _ => Err(no()),
            };
        }
        _ => {}
    }
    let enrolled = directory.person(actor).map(|person| Mandate {
        roles: &person.roles,
        areas: vec![&person.area],
        department: person.department.as_ref(),
    });
    let admitted = directory.admissions(actor, at).map(|admission| Mandate {
        roles: &admission.roles,
        areas: admission.areas.iter().collect(),
        department: admission.department.as_ref(),
    });
    let standings: Vec<_> = enrolled.into_iter().chain(admitted).collect();
    if standings.is_empty() {
        return Err(Refusal::UnknownPerson {
            who: actor.to_string(),
        });
    }
    let allowed = match who {
        Who::Anybody => true,
        Who::System => false,
        Who::Roles(roles) => standings
            .iter()
            .any(|standing| standing.has(roles, resource, directory)),
        Who::Handling(roles) => standings.iter().any(|standing| {
            standing.has(roles, resource, directory)
                && (resource.departments.is_empty()
                    || standing
                        .department
                        .is_some_and(|own| resource.departments.contains(&own)))
        }),
    };
    if allowed { Ok(()) } else { Err(no()) }
}
