//! Findings: which leads, joint actions, cases, orders, clocks and steps somebody sees.
//!
//! What came out of a sealed sheet is sealed with it. A department sees what it handles or assists in, a finder
//! what was found, whoever was addressed or told what that was about. A finder's name is in none of them.

use picket_directory::{Sight, sight};
use picket_schemas::registry::Role;

use super::{Rights, RoleHolder};
use crate::sql::unlist;
use crate::tables::InsightResult;

/// All leads that went on in one, itself included: `met`, from the jurisdiction and the id.
const MERGED: &str = "WITH RECURSIVE met (id) AS (SELECT ?2 UNION SELECT m.id FROM leads m JOIN met ON m.j = ?1 AND m.merged_into = met.id) ";

impl Rights<'_> {
    pub(crate) fn is_lead_sealed(&self, j: &str, id: &str) -> InsightResult<bool> {
        let found = self.tables.one("SELECT l.sealed, r.finder, r.task FROM leads l LEFT JOIN reports r ON r.j = l.j AND r.id = l.report WHERE l.j = ?1 AND l.id = ?2", (j, id), |row| {
            Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, Option<String>>(2)?))
        })?;
        let Some((seal, finder, task)) = found else {
            return Ok(false);
        };
        self.sealed_from(seal, |me| {
            Ok(finder.as_ref() == Some(&me.id)
                || task.map_or(Ok(false), |task| self.in_the_crew(me, j, &task))?)
        })
    }

    fn found(&self, me: &RoleHolder, j: &str, lead: &str) -> InsightResult<bool> {
        self.tables.there(&format!("{MERGED} SELECT 1 FROM met JOIN leads l ON l.j = ?1 AND l.id = met.id JOIN reports r ON r.j = l.j AND r.id = l.report WHERE r.finder = ?3 LIMIT 1"), (j, lead, &me.id))
    }

    /// An inspector or head of one of these departments, for the area.
    fn handles(
        &self,
        me: &RoleHolder,
        j: &str,
        area: &str,
        departments: &[String],
    ) -> InsightResult<bool> {
        self.covers(me, j, area, |grant| {
            sight(grant.role) == Sight::Department
                && grant
                    .department
                    .as_ref()
                    .is_some_and(|own| departments.contains(own))
        })
    }

    pub(crate) fn may_lead(&self, j: &str, id: &str) -> InsightResult<bool> {
        if self.is_lead_sealed(j, id)? {
            return Ok(false);
        }
        self.right(|me| {
            let found = self.tables.one(
                "SELECT area, department, assist, owner FROM leads WHERE j = ?1 AND id = ?2",
                (j, id),
                |row| {
                    Ok((
                        row.get::<_, String>(0)?,
                        row.get::<_, Option<String>>(1)?,
                        row.get::<_, Option<String>>(2)?,
                        row.get::<_, Option<String>>(3)?,
                    ))
                },
            )?;
            let Some((area, department, assist, owner)) = found else {
                return Ok(false);
            };
            let departments: Vec<String> = unlist(assist).into_iter().chain(department).collect();
            Ok(owner.as_ref() == Some(&me.id)
                || self.sees(me, j, &area, &[Sight::Area, Sight::Cases])?
                || self.handles(me, j, &area, &departments)?
                || self.found(me, j, id)?
                || self.acted(me, j, id)?
                || self.told_of(me, j, id)?)
        })
    }

    pub(crate) fn is_case_sealed(&self, j: &str, id: &str) -> InsightResult<bool> {
        match self.tables.one(
            "SELECT lead FROM cases WHERE j = ?1 AND id = ?2",
            (j, id),
            |row| row.get::<_, String>(0),
        )? {
            Some(lead) => self.is_lead_sealed(j, &lead),
            None => Ok(false),
        }
    }

    pub(crate) fn may_case(&self, j: &str, id: &str) -> InsightResult<bool> {
        if self.is_case_sealed(j, id)? {
            return Ok(false);
        }
        self.right(|me| {
            let found = self.tables.one("SELECT c.area, c.department, l.assist, c.owner, c.lead FROM cases c LEFT JOIN leads l ON l.j = c.j AND l.id = c.lead WHERE c.j = ?1 AND c.id = ?2", (j, id), |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?, row.get::<_, Option<String>>(3)?, row.get::<_, String>(4)?))
            })?;
            let Some((area, department, assist, owner, lead)) = found else { return Ok(false) };
            let departments: Vec<String> = unlist(assist).into_iter().chain([department]).collect();
            Ok(owner.as_ref() == Some(&me.id)
                || self.sees(me, j, &area, &[Sight::Area, Sight::Cases])?
                || self.handles(me, j, &area, &departments)?
                || self.tables.there("SELECT 1 FROM officers WHERE j = ?1 AND case_id = ?2 AND person = ?3", (j, id, &me.id))?
                || self.found(me, j, &lead)?
                || self.acted(me, j, id)?
                || self.told_of(me, j, id)?)
        })
    }

    /// An order of a case in sight, or one whose fix waits for another pair of eyes.
    pub(crate) fn may_order(&self, j: &str, id: &str) -> InsightResult<bool> {
        let found = self.tables.one("SELECT o.case_id, o.state, c.area FROM orders o LEFT JOIN cases c ON c.j = o.j AND c.id = o.case_id WHERE o.j = ?1 AND o.id = ?2", (j, id), |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
        })?;
        let Some((case, state, area)) = found else {
            return Ok(false);
        };
        if self.is_case_sealed(j, &case)? {
            return Ok(false);
        }
        Ok(self.may_case(j, &case)?
            || self.right(|me| {
                let verifies =
                    |role: Role| matches!(role, Role::Verifier | Role::Inspector | Role::Head);
                Ok((state == "reported"
                    && self.covers(me, j, area.as_deref().unwrap_or_default(), |grant| {
                        verifies(grant.role)
                    })?)
                    || self.acted(me, j, id)?
                    || self.told_of(me, j, id)?)
            })?)
    }

    /// A joint action is there for its crew and whoever decided on it, until its day.
    pub(crate) fn is_action_sealed(&self, j: &str, id: &str) -> InsightResult<bool> {
        let seal = self
            .tables
            .one(
                "SELECT sealed FROM actions WHERE j = ?1 AND id = ?2",
                (j, id),
                |row| row.get::<_, Option<i64>>(0),
            )?
            .flatten();
        self.sealed_from(seal, |me| {
            Ok(self.tables.there(
                "SELECT 1 FROM action_crew WHERE j = ?1 AND action = ?2 AND person = ?3",
                (j, id, &me.id),
            )? || self.acted(me, j, id)?)
        })
    }

    pub(crate) fn may_action(&self, j: &str, id: &str) -> InsightResult<bool> {
        if self.is_action_sealed(j, id)? {
            return Ok(false);
        }
        let Some(lead) = self.tables.one(
            "SELECT lead FROM actions WHERE j = ?1 AND id = ?2",
            (j, id),
            |row| row.get::<_, String>(0),
        )?
        else {
            return Ok(false);
        };
        Ok(self.may_lead(j, &lead)?
            || self.right(|me| {
                self.tables.there(
                    "SELECT 1 FROM action_crew WHERE j = ?1 AND action = ?2 AND person = ?3",
                    (j, id, &me.id),
                )
            })?)
    }

    /// The thing a clock or a step is on, by the kind of the clock.
    pub(crate) fn is_on_sealed(&self, kind: &str, j: &str, on: &str) -> InsightResult<bool> {
        match kind.split('.').next().unwrap_or_default() {
            "task" => self.is_task_sealed(j, on),
            "lead" => self.is_lead_sealed(j, on),
            "order" => match self.tables.one(
                "SELECT case_id FROM orders WHERE j = ?1 AND id = ?2",
                (j, on),
                |row| row.get::<_, String>(0),
            )? {
                Some(case) => self.is_case_sealed(j, &case),
                None => Ok(false),
            },
            _ => Ok(false),
        }
    }

    /// The same with the right to it.
    pub(crate) fn may_on(&self, kind: &str, j: &str, on: &str) -> InsightResult<bool> {
        match kind.split('.').next().unwrap_or_default() {
            "task" => self.may_task(j, on),
            "lead" => self.may_lead(j, on),
            "order" => self.may_order(j, on),
            _ => self.right(|_| Ok(false)),
        }
    }

    /// A step of the ladder: whoever it addresses sees it too.
    pub(crate) fn may_step(&self, j: &str, id: &str) -> InsightResult<bool> {
        let Some((kind, on)) = self.tables.one(
            "SELECT kind, on_id FROM steps WHERE j = ?1 AND id = ?2",
            (j, id),
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )?
        else {
            return Ok(false);
        };
        if self.is_on_sealed(&kind, j, &on)? {
            return Ok(false);
        }
        Ok(self.may_on(&kind, j, &on)?
            || self.right(|me| {
                self.tables.there(
                    "SELECT 1 FROM step_to WHERE j = ?1 AND step = ?2 AND person = ?3",
                    (j, id, &me.id),
                )
            })?)
    }

    pub(crate) fn may_clock(&self, j: &str, id: &str) -> InsightResult<bool> {
        match self.tables.one(
            "SELECT kind, on_id FROM clocks WHERE j = ?1 AND id = ?2",
            (j, id),
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )? {
            Some((kind, on)) => self.may_on(&kind, j, &on),
            None => Ok(false),
        }
    }

    /// A report belongs to the lead it opened.
    pub(crate) fn may_report(&self, j: &str, id: &str) -> InsightResult<bool> {
        match self.opened_by(j, id)? {
            Some(lead) => self.may_lead(j, &lead),
            None => Ok(false),
        }
    }

    /// The lead a report opened.
    pub(super) fn opened_by(&self, j: &str, report: &str) -> InsightResult<Option<String>> {
        self.tables.one(
            "SELECT id FROM leads WHERE j = ?1 AND report = ?2",
            (j, report),
            |row| row.get(0),
        )
    }
}
