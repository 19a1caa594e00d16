//! Deadlines as people see them, what is overdue, and steps of the ladder.
//!
//! Overdue is derived from the clock and the instant asked for, never stored.

use std::collections::BTreeMap;

use picket_phrases::timeline::{OverdueStep, because};
use picket_schemas::ask::{Deadline, Named, OverdueItem, StepView};
use picket_schemas::escalation::{Because, Duty};
use picket_schemas::registry::Role;
use picket_schemas::{Jurisdiction, PersonId};

use super::facts::people_in;
use super::sentence::english;
use super::{INSIDE, Reader, ThingKeys};
use crate::fold::{PAUSED, PROVISIONAL, RUNNING};
use crate::sql::{instant, local_zone, word};
use crate::tables::InsightResult;

impl Reader<'_> {
    /// The clock that runs on something, the one `first` names before others; the last one where none runs.
    pub(super) fn deadline(
        &self,
        j: &str,
        on: &str,
        first: &str,
    ) -> InsightResult<Option<Deadline>> {
        self.tables.one(
            "SELECT id, kind, due, standing, stopped FROM clocks WHERE j = ?1 AND on_id = ?2 ORDER BY stopped IS NOT NULL, kind <> ?3, ord DESC LIMIT 1",
            (j, on, first),
            |row| {
                let (due, standing, stopped): (i64, i64, Option<i64>) = (row.get(2)?, row.get(3)?, row.get(4)?);
                Ok(Deadline {
                    clock: row.get(0)?,
                    kind: row.get(1)?,
                    due: instant(due),
                    provisional: standing == PROVISIONAL,
                    paused: standing == PAUSED,
                    overdue: stopped.is_none() && standing == RUNNING && due <= self.now,
                    stopped: stopped.map(instant),
                })
            },
        )
    }

    /// Open clocks past their due instant, here and below, oldest first.
    pub(super) fn overdue(&self, jurisdiction: &Jurisdiction) -> InsightResult<Vec<OverdueItem>> {
        let mut late = Vec::new();
        for j in self.scope(jurisdiction) {
            let found = self.tables.all(
                "SELECT id, kind, on_id, area, duty, due, level, (SELECT MAX(s.promise) FROM steps s WHERE s.j = c.j AND s.clock = c.id)
                 FROM clocks c WHERE j = ?1 AND stopped IS NULL AND due <= ?2 AND standing = ?3",
                (&j, self.now, RUNNING),
                |row| {
                    Ok((
                        row.get::<_, String>(0)?,
                        row.get::<_, String>(1)?,
                        row.get::<_, String>(2)?,
                        row.get::<_, String>(3)?,
                        row.get::<_, String>(4)?,
                        row.get::<_, i64>(5)?,
                        row.get::<_, Option<String>>(6)?,
                        row.get::<_, Option<i64>>(7)?,
                    ))
                },
            )?;
            for (clock, kind, on, area, duty, due, level, promise) in found {
                if self.is_sealed(&j, &on)? || !self.rights.may_on(&kind, &j, &on)? {
                    continue;
                }
                late.push(OverdueItem {
                    what: self.what(&j, &kind, &on)?,
                    duty: self.duty(&j, &area, &serde_json::from_str(&duty)?)?,
                    jurisdiction: j.clone(),
                    clock,
                    kind,
                    on,
                    due: instant(due),
                    level,
                    promise: promise.map(instant),
                });
            }
        }
        late.sort_by(|a, b| {
            (a.due, &a.jurisdiction, a.clock.len(), &a.clock).cmp(&(
                b.due,
                &b.jurisdiction,
                b.clock.len(),
                &b.clock,
            ))
        });
        Ok(late)
    }

    /// The people who owe it.
    fn duty(&self, j: &str, area: &str, duty: &Duty) -> InsightResult<Vec<Named>> {
        let mut all = self.who_all(&duty.people)?;
        if let Some(department) = &duty.department {
            all.push(self.department(j, department.as_str())?);
        }
        if let Some(post) = &duty.post {
            let leader = self.tables.one(
                "SELECT leader FROM posts WHERE j = ?1 AND code = ?2",
                (j, post.as_str()),
                |row| row.get::<_, String>(0),
            )?;
            all.push(match leader {
                Some(leader) => self.who(&leader)?,
                None => self.post(j, post.as_str())?,
            });
        }
        if let Some(role) = duty.role {
            all.extend(self.holding(role, area)?);
        }
        Ok(all)
    }

    /// People with a role in the area, or in the nearest one around it where somebody has it.
    fn holding(&self, role: Role, area: &str) -> InsightResult<Vec<Named>> {
        let path = self.tables.all(
            "WITH RECURSIVE path (code, depth) AS (SELECT ?1, 0 UNION SELECT a.parent, p.depth + 1 FROM areas a JOIN path p ON a.code = p.code WHERE a.parent IS NOT NULL AND p.depth < 12) SELECT code FROM path ORDER BY depth",
            [area],
            |row| row.get::<_, String>(0),
        )?;
        for code in path {
            let found = self.tables.all(
                "SELECT p.id FROM people p JOIN person_roles r ON r.person = p.id WHERE r.role = ?1 AND p.area = ?2 ORDER BY p.id",
                (word(&role), &code),
                |row| row.get::<_, String>(0),
            )?;
            if !found.is_empty() {
                return self.who_all(&found);
            }
        }
        Ok(Vec::new())
    }

    /// The subject of a clock, in names.
    pub(super) fn what(&self, j: &str, kind: &str, on: &str) -> InsightResult<String> {
        let parts = match kind.split('.').next().unwrap_or_default() {
            "task" => self.tables.one("SELECT b.name, t.post, t.area FROM tasks t LEFT JOIN batches b ON b.j = t.j AND b.id = t.batch WHERE t.j = ?1 AND t.id = ?2", (j, on), |row| {
                Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, String>(2)?))
            })?
            .map(|(batch, post, area)| -> InsightResult<Vec<String>> {
                let place = match post {
                    Some(post) => self.post(j, &post)?.name,
                    None => self.area(j, &area)?.name,
                };
                Ok(batch.into_iter().chain([place]).collect())
            })
            .transpose()?,
            "lead" => self
                .tables
                .one("SELECT subject, area FROM leads WHERE j = ?1 AND id = ?2", (j, on), |row| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, String>(1)?)))?
                .map(|(subject, area)| -> InsightResult<Vec<String>> {
                    Ok(vec![match subject {
                        Some(subject) => self.subject(j, &subject)?.0.name,
                        None => self.area(j, &area)?.name,
                    }])
                })
                .transpose()?,
            "order" => self
                .tables
                .one("SELECT focus, subject FROM orders WHERE j = ?1 AND id = ?2", (j, on), |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?
                .map(|(focus, subject)| -> InsightResult<Vec<String>> { Ok(vec![self.subject(j, &subject)?.0.name, focus]) })
                .transpose()?,
            _ => None,
        };
        Ok(parts.map_or_else(|| on.to_owned(), |parts| parts.join(" · ")))
    }

    /// A step of the ladder.
    pub(super) fn step(&self, j: &str, id: &str) -> InsightResult<Option<StepView>> {
        if !self.rights.may_step(j, id)? {
            return Ok(None);
        }
        let found = self.tables.one(
            "SELECT s.level, s.kind, s.on_id, s.due, s.taken, s.why, s.promise, s.proposed, s.signed IS NOT NULL, c.id IS NOT NULL AND c.stopped IS NULL, c.duty, c.area, s.because
             FROM steps s LEFT JOIN clocks c ON c.j = s.j AND c.id = s.clock WHERE s.j = ?1 AND s.id = ?2",
            (j, id),
            |row| {
                let step = StepView {
                    jurisdiction: j.to_owned(),
                    step: id.to_owned(),
                    level: row.get(0)?,
                    kind: row.get(1)?,
                    on: row.get(2)?,
                    what: String::new(),
                    due: instant(row.get(3)?),
                    taken: instant(row.get(4)?),
                    why: row.get(5)?,
                    because: None,
                    to: Vec::new(),
                    duty: Vec::new(),
                    promise: row.get::<_, Option<i64>>(6)?.map(instant),
                    proposed: row.get(7)?,
                    signed: row.get(8)?,
                    open: row.get(9)?,
                };
                let text = |column| row.get::<_, Option<String>>(column);
                Ok((step, text(10)?, text(11)?, text(12)?))
            },
        )?;
        let Some((mut step, duty, area, because)) = found else {
            return Ok(None);
        };
        if let (Some(duty), Some(area)) = (duty, area) {
            step.duty = self.duty(j, &area, &serde_json::from_str(&duty)?)?;
        }
        let to = self.tables.all(
            "SELECT person FROM step_to WHERE j = ?1 AND step = ?2 ORDER BY pos",
            (j, id),
            |row| row.get::<_, String>(0),
        )?;
        step.to = self.who_all(&to)?;
        step.what = self.what(j, &step.kind, &step.on)?;
        if let Some(because) = because {
            let because: Because = serde_json::from_str(&because)?;
            step.why = self.why(&step, &because)?;
            step.because = Some(because);
        }
        Ok(Some(step))
    }

    /// Why a step goes to whom it goes, in English, for readers that make no sentence themselves.
    fn why(&self, step: &StepView, why: &Because) -> InsightResult<String> {
        let mut names = BTreeMap::new();
        for person in people_in(why) {
            names.insert(person.clone(), self.who(person.as_str())?.name);
        }
        let name = |person: &PersonId| names.get(person).cloned().unwrap_or_default();
        let late = OverdueStep {
            on: &step.on,
            kind: &step.kind,
            level: &step.level,
            due: step.due,
        };
        Ok(because(&late, why, &name, english(), &local_zone()))
    }

    /// Steps addressed to a person that wait for a word: taken or signed, the clock open, nothing promised.
    pub(super) fn steps_to(&self, person: &str) -> InsightResult<Vec<StepView>> {
        let keys = self.keys(
            "SELECT s.j, s.id FROM step_to t JOIN steps s ON s.j = t.j AND s.id = t.step JOIN clocks c ON c.j = s.j AND c.id = s.clock
             WHERE t.person = ?1 AND s.promise IS NULL AND (s.proposed = 0 OR s.signed IS NOT NULL) AND c.stopped IS NULL ORDER BY s.taken, s.j, LENGTH(s.id), s.id",
            [person],
        )?;
        self.steps(keys)
    }

    /// Steps within an area, or addressed to the person, that wait for a signature.
    pub(super) fn unsigned(&self, area: &str, person: &str) -> InsightResult<Vec<StepView>> {
        let keys = self.keys(
            &format!(
                "{INSIDE} SELECT s.j, s.id FROM steps s JOIN clocks c ON c.j = s.j AND c.id = s.clock
                 WHERE s.proposed = 1 AND s.signed IS NULL AND c.stopped IS NULL
                   AND (c.area IN (SELECT code FROM inside) OR EXISTS (SELECT 1 FROM step_to t WHERE t.j = s.j AND t.step = s.id AND t.person = ?2))
                 ORDER BY s.taken, s.j, LENGTH(s.id), s.id"
            ),
            (area, person),
        )?;
        self.steps(keys)
    }

    fn steps(&self, keys: ThingKeys) -> InsightResult<Vec<StepView>> {
        let mut steps = Vec::new();
        for (j, id) in keys {
            steps.extend(self.step(&j, &id)?);
        }
        Ok(steps)
    }
}
