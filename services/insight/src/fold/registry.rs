//! Registry facts: who and what there is. Later facts replace earlier ones.

use picket_schemas::registry::{Event, Institution, Person, Post};

use super::EventFold;
use crate::InsightError;
use crate::sql::{micros, word};

impl EventFold<'_> {
    pub(super) fn registry(&self, event: &Event) -> Result<(), InsightError> {
        let j = self.j;
        match event {
            Event::AreaDefined { area, .. } => self.put(
                "INSERT OR REPLACE INTO areas (j, code, name, level, parent) VALUES (?1, ?2, ?3, ?4, ?5)",
                (j, area.code.as_str(), &area.name, word(&area.level), area.parent.as_ref().map(AsRef::<str>::as_ref)),
            ),
            Event::DepartmentDefined { department, .. } => self.put(
                "INSERT OR REPLACE INTO departments (j, code, name, area) VALUES (?1, ?2, ?3, ?4)",
                (j, department.code.as_str(), &department.name, department.area.as_str()),
            ),
            Event::PostDefined { post, .. } => self.post_defined(post),
            Event::PersonEnrolled { person, .. } => self.person_enrolled(person),
            Event::InstitutionRegistered { institution, .. } => self.institution_registered(institution),
            Event::OwnerAssigned { area, institution, person, .. } => {
                if let Some(area) = area {
                    self.put("INSERT OR REPLACE INTO area_owners (j, area, person) VALUES (?1, ?2, ?3)", (j, area.as_str(), person.as_str()))?;
                }
                if let Some(institution) = institution {
                    self.put("INSERT OR REPLACE INTO institution_owners (j, institution, person) VALUES (?1, ?2, ?3)", (j, institution.as_str(), person.as_str()))?;
                }
                Ok(())
            }
            Event::IdentityBound { person, channel, account, .. } => self.put(
                "INSERT OR REPLACE INTO identities (j, channel, account, person, at, ord) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (j, channel, account, person.as_str(), self.at, self.ord),
            ),
            Event::VisitorAdmitted { person, from, until, roles, areas, department, .. } => self.put(
                "INSERT OR REPLACE INTO visitors (person, j, begins, ends, roles, areas, department) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                (person.as_str(), j, micros(*from), micros(*until), serde_json::to_string(roles)?, serde_json::to_string(areas)?, department.as_ref().map(AsRef::<str>::as_ref)),
            ),
            Event::ReadLogged { person, what, at } => {
                self.put("INSERT OR REPLACE INTO readings (j, ord, at, person, what) VALUES (?1, ?2, ?3, ?4, ?5)", (j, self.ord, micros(*at), person.as_str(), what))
            }
            // Routes, ladders, calendars and invitations are nothing people ask insight for.
            _ => Ok(()),
        }
    }

    fn post_defined(&self, post: &Post) -> Result<(), InsightError> {
        let (j, code) = (self.j, post.code.as_str());
        self.put(
            "INSERT OR REPLACE INTO posts (j, code, name, area, leader) VALUES (?1, ?2, ?3, ?4, ?5)",
            (j, code, &post.name, post.area.as_str(), post.leader.as_str()),
        )?;
        self.put(
            "DELETE FROM post_members WHERE j = ?1 AND post = ?2",
            (j, code),
        )?;
        for member in &post.members {
            self.put(
                "INSERT OR IGNORE INTO post_members (j, post, person) VALUES (?1, ?2, ?3)",
                (j, code, member.as_str()),
            )?;
        }
        Ok(())
    }

    fn person_enrolled(&self, person: &Person) -> Result<(), InsightError> {
        let id = person.id.as_str();
        self.put(
            "INSERT OR REPLACE INTO people (id, j, name, department, area, certificate, language) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                id,
                self.j,
                &person.name,
                person.department.as_ref().map(AsRef::<str>::as_ref),
                person.area.as_str(),
                &person.certificate,
                &person.language,
            ),
        )?;
        self.put("DELETE FROM person_roles WHERE person = ?1", [id])?;
        for role in &person.roles {
            self.put(
                "INSERT OR IGNORE INTO person_roles (person, role) VALUES (?1, ?2)",
                (id, word(role)),
            )?;
        }
        Ok(())
    }

    fn institution_registered(&self, institution: &Institution) -> Result<(), InsightError> {
        self.put(
            "INSERT OR REPLACE INTO institutions (j, code, name, kind, training, licence, address, area, risk, list) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            (
                self.j,
                institution.code.as_str(),
                &institution.name,
                word(&institution.kind),
                institution.training.as_ref().map(word),
                &institution.licence,
                &institution.address,
                institution.area.as_str(),
                &institution.risk,
                &institution.list,
            ),
        )
    }
}
