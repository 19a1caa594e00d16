//! Rights: who may see what, and the one place that decides it for every answer, deny by default.
//!
//! A viewer becomes [`ResolvedViewer`]: what somebody is and where, from the roster or as a visitor. `things` says of
//! each record whether these eyes see it, `events` of each line of a timeline; how far a role reads stands in the
//! directory's policy. What somebody may not see is `unknown`, as if it were not there.
//! It knows no question's answer and no reader; the reader asks it before it builds one.

mod events;
mod findings;
mod questions;
mod things;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use jiff::Timestamp;
use picket_directory::{OPERATOR, Sight, sight};
use picket_schemas::ask::Viewer;
use picket_schemas::registry::Role;
use picket_schemas::{Jurisdiction, PersonId};

use crate::sql::{micros, unword};
use crate::tables::{DEPTH, InsightResult, Tables};

pub(crate) use things::BatchExtent;

/// An area with those around it, inmost first.
type EnclosingAreas = Rc<[String]>;

/// A viewer with the roles it has at an instant.
pub(crate) enum ResolvedViewer {
    /// Picket's own parts, for themselves: replays, freezes.
    Whole,
    /// The owner of the folder; what is sealed only where that was said.
    Owner {
        /// Sealed things are shown as well.
        sealed: bool,
    },
    /// A person with a role somewhere.
    Person(RoleHolder),
    /// Nobody anybody knows.
    Nobody,
}

/// A person with a role somewhere.
pub(crate) struct RoleHolder {
    /// In full.
    id: String,
    grants: Vec<Grant>,
    /// Areas with those around them, as the registries of a jurisdiction say.
    around: RefCell<HashMap<(String, String), EnclosingAreas>>,
}

/// A role in an area.
struct Grant {
    /// The jurisdiction whose registry says so: it holds there and below.
    home: String,
    role: Role,
    area: String,
    department: Option<String>,
}

impl ResolvedViewer {
    /// Resolves a viewer at an instant.
    pub(crate) fn of(tables: &Tables<'_>, viewer: &Viewer, now: Timestamp) -> InsightResult<Self> {
        let Some(id) = &viewer.person else {
            return Ok(Self::Nobody);
        };
        if id.code() == OPERATOR {
            return Ok(Self::Owner {
                sealed: viewer.sealed,
            });
        }
        let grants = grants(tables, id, now)?;
        // Somebody without a role is a stranger, or has left.
        Ok(if grants.is_empty() {
            Self::Nobody
        } else {
            Self::Person(RoleHolder {
                id: id.to_string(),
                grants,
                around: RefCell::default(),
            })
        })
    }

    /// True if every look of theirs is logged: that of who oversees, and what an owner sees of sealed things.
    pub(crate) fn leaves_a_trace(&self) -> bool {
        match self {
            Self::Person(person) => person
                .grants
                .iter()
                .any(|grant| grant.role == Role::Overseer),
            Self::Owner { sealed } => *sealed,
            Self::Whole | Self::Nobody => false,
        }
    }

    /// True if this is that person, or looks over everybody's shoulder.
    pub(crate) fn is(&self, person: &str) -> bool {
        match self {
            Self::Whole | Self::Owner { .. } => true,
            Self::Person(me) => me.id == person,
            Self::Nobody => false,
        }
    }

    /// True if this is that person and nobody else, or one of Picket's own parts.
    pub(crate) fn is_self(&self, person: &str) -> bool {
        !matches!(self, Self::Owner { .. }) && self.is(person)
    }
}

/// Roles by the roster and by admissions that hold now.
fn grants(tables: &Tables<'_>, person: &PersonId, now: Timestamp) -> InsightResult<Vec<Grant>> {
    let id = person.as_str();
    let mut grants = tables.all(
        "SELECT p.j, r.role, p.area, p.department FROM people p JOIN person_roles r ON r.person = p.id WHERE p.id = ?1 ORDER BY r.role",
        [id],
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, Option<String>>(3)?)),
    )?;
    let visits = tables.all("SELECT j, roles, areas, department FROM visitors WHERE person = ?1 AND begins <= ?2 AND ?2 < ends", (id, micros(now)), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, Option<String>>(3)?))
    })?;
    for (home, roles, areas, department) in visits {
        let (roles, areas): (BTreeSet<String>, BTreeSet<String>) =
            (serde_json::from_str(&roles)?, serde_json::from_str(&areas)?);
        for role in &roles {
            grants.extend(
                areas
                    .iter()
                    .map(|area| (home.clone(), role.clone(), area.clone(), department.clone())),
            );
        }
    }
    Ok(grants
        .into_iter()
        .filter_map(|(home, role, area, department)| {
            Some(Grant {
                home,
                role: unword(&role)?,
                area,
                department,
            })
        })
        .collect())
}

/// The rights of one viewer at one instant.
#[derive(Clone, Copy)]
pub(crate) struct Rights<'a> {
    tables: Tables<'a>,
    /// In microseconds.
    now: i64,
    pub(crate) eyes: &'a ResolvedViewer,
}

impl<'a> Rights<'a> {
    pub(crate) fn new(tables: Tables<'a>, now: i64, eyes: &'a ResolvedViewer) -> Self {
        Self { tables, now, eyes }
    }

    /// The area and those around it, inmost first, as the registries of a jurisdiction and above say.
    fn around_area(&self, me: &RoleHolder, j: &str, area: &str) -> InsightResult<EnclosingAreas> {
        let key = (j.to_owned(), area.to_owned());
        if let Some(known) = me.around.borrow().get(&key) {
            return Ok(known.clone());
        }
        let mut path = vec![area.to_owned()];
        while path.len() < DEPTH {
            let parent = self.tables.nearest(
                j,
                path.last().map_or("", String::as_str),
                "SELECT parent FROM areas WHERE j = ?1 AND code = ?2 AND parent IS NOT NULL",
            )?;
            match parent {
                Some(parent) if !path.contains(&parent) => path.push(parent),
                _ => break,
            }
        }
        let path: EnclosingAreas = path.into();
        me.around.borrow_mut().insert(key, path.clone());
        Ok(path)
    }

    /// True if somebody has such a role over an area of a jurisdiction.
    fn covers(
        &self,
        me: &RoleHolder,
        j: &str,
        area: &str,
        such: impl Fn(&Grant) -> bool,
    ) -> InsightResult<bool> {
        let above = self.tables.chain(j);
        let mut here = me
            .grants
            .iter()
            .filter(|grant| such(grant) && above.iter().any(|level| level.as_str() == grant.home))
            .peekable();
        if here.peek().is_none() {
            return Ok(false);
        }
        let around = self.around_area(me, j, area)?;
        Ok(here.any(|grant| around.contains(&grant.area)))
    }

    /// True if somebody sees an area of a jurisdiction so far.
    fn sees(&self, me: &RoleHolder, j: &str, area: &str, sights: &[Sight]) -> InsightResult<bool> {
        self.covers(me, j, area, |grant| sights.contains(&sight(grant.role)))
    }

    /// True if somebody has such a role anywhere in a jurisdiction: by its own registry or one above.
    fn stands_as(&self, me: &RoleHolder, j: &Jurisdiction, such: impl Fn(&Grant) -> bool) -> bool {
        let above = self.tables.chain(j.as_str());
        me.grants
            .iter()
            .any(|grant| such(grant) && above.iter().any(|level| level.as_str() == grant.home))
    }
}
