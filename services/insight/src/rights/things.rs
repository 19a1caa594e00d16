//! Things: which sheets, batches, places and outings somebody sees, and what all records have in common.
//!
//! First the seal: what is sealed is there for its crew alone, whatever the role. Then the right: by role and
//! area or department, or because somebody holds it, was offered it, found it, did something to it, or was told.

use picket_directory::Sight;

use super::{ResolvedViewer, Rights, RoleHolder};
use crate::sql::list;
use crate::tables::InsightResult;

/// The part of a batch that a viewer sees.
pub(crate) enum BatchExtent {
    /// All sheets that are not sealed.
    Whole,
    /// Those of these areas, as a list.
    Areas(String),
}

impl Rights<'_> {
    /// The instant up to which a release has come, for lists: the owner who wants to sees past it.
    pub(crate) fn horizon(&self) -> i64 {
        if matches!(self.eyes, ResolvedViewer::Owner { sealed: true }) {
            i64::MAX
        } else {
            self.now
        }
    }

    /// Somebody did something to it.
    pub(super) fn acted(&self, me: &RoleHolder, j: &str, id: &str) -> InsightResult<bool> {
        self.tables.there("SELECT 1 FROM event_ids i JOIN events e ON e.seq = i.seq WHERE i.j = ?1 AND i.id = ?2 AND e.by = ?3 LIMIT 1", (j, id, &me.id))
    }

    /// Somebody was addressed about it, or told of it.
    pub(super) fn told_of(&self, me: &RoleHolder, j: &str, id: &str) -> InsightResult<bool> {
        Ok(self.tables.there("SELECT 1 FROM step_to t JOIN steps s ON s.j = t.j AND s.id = t.step WHERE t.person = ?3 AND s.j = ?1 AND s.on_id = ?2 LIMIT 1", (j, id, &me.id))?
            || self.tables.there("SELECT 1 FROM notices WHERE person = ?3 AND ((j = ?1 AND about = ?2) OR about = ?1 || '/' || ?2) AND state IN ('handed', 'sent', 'unknown', 'failed') LIMIT 1", (j, id, &me.id))?)
    }

    /// True if a thing is sealed from these eyes. Picket's own parts see through.
    pub(super) fn sealed_from(
        &self,
        seal: Option<i64>,
        crew: impl FnOnce(&RoleHolder) -> InsightResult<bool>,
    ) -> InsightResult<bool> {
        if seal.is_none_or(|until| until <= self.now) {
            return Ok(false);
        }
        match self.eyes {
            ResolvedViewer::Whole => Ok(false),
            ResolvedViewer::Owner { sealed } => Ok(!sealed),
            ResolvedViewer::Nobody => Ok(true),
            ResolvedViewer::Person(me) => Ok(!crew(me)?),
        }
    }

    /// Whole and owner may; nobody may not; somebody may where `of` says so.
    pub(super) fn right(
        &self,
        of: impl FnOnce(&RoleHolder) -> InsightResult<bool>,
    ) -> InsightResult<bool> {
        match self.eyes {
            ResolvedViewer::Whole | ResolvedViewer::Owner { .. } => Ok(true),
            ResolvedViewer::Nobody => Ok(false),
            ResolvedViewer::Person(me) => of(me),
        }
    }

    pub(super) fn in_the_crew(&self, me: &RoleHolder, j: &str, task: &str) -> InsightResult<bool> {
        self.tables.there("SELECT 1 FROM task_people WHERE j = ?1 AND task = ?2 AND person = ?3 AND what IN ('offered', 'handed', 'holds')", (j, task, &me.id))
    }

    pub(crate) fn is_task_sealed(&self, j: &str, id: &str) -> InsightResult<bool> {
        let seal = self
            .tables
            .one(
                "SELECT sealed FROM tasks WHERE j = ?1 AND id = ?2",
                (j, id),
                |row| row.get::<_, Option<i64>>(0),
            )?
            .flatten();
        self.sealed_from(seal, |me| self.in_the_crew(me, j, id))
    }

    pub(crate) fn may_task(&self, j: &str, id: &str) -> InsightResult<bool> {
        if self.is_task_sealed(j, id)? {
            return Ok(false);
        }
        self.right(|me| {
            let Some((area, post)) = self.tables.one(
                "SELECT area, post FROM tasks WHERE j = ?1 AND id = ?2",
                (j, id),
                |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?)),
            )?
            else {
                return Ok(false);
            };
            Ok(self.tables.there(
                "SELECT 1 FROM task_people WHERE j = ?1 AND task = ?2 AND person = ?3",
                (j, id, &me.id),
            )? || self.sees(me, j, &area, &[Sight::Area])?
                || self.tables.there(
                    "SELECT 1 FROM posts WHERE j = ?1 AND code = ?2 AND leader = ?3",
                    (j, post, &me.id),
                )?
                || self.acted(me, j, id)?)
        })
    }

    /// A sealed batch is nobody's to see, not its crew's either: each of them sees the own sheet.
    pub(crate) fn is_batch_sealed(&self, j: &str, id: &str) -> InsightResult<bool> {
        let seal = self
            .tables
            .one(
                "SELECT sealed FROM batches WHERE j = ?1 AND id = ?2",
                (j, id),
                |row| row.get::<_, Option<i64>>(0),
            )?
            .flatten();
        Ok(seal.is_some_and(|until| until > self.horizon()))
    }

    /// The visible part of a batch, if any is.
    pub(crate) fn extent(&self, j: &str, id: &str) -> InsightResult<Option<BatchExtent>> {
        if self.is_batch_sealed(j, id)? {
            return Ok(None);
        }
        let me = match self.eyes {
            ResolvedViewer::Whole | ResolvedViewer::Owner { .. } => {
                return Ok(Some(BatchExtent::Whole));
            }
            ResolvedViewer::Nobody => return Ok(None),
            ResolvedViewer::Person(me) => me,
        };
        if self.sees(me, j, j, &[Sight::Area])? || self.acted(me, j, id)? {
            return Ok(Some(BatchExtent::Whole));
        }
        let mut areas = self.tables.all(
            "SELECT DISTINCT area FROM tasks WHERE j = ?1 AND batch = ?2",
            (j, id),
            |row| row.get::<_, String>(0),
        )?;
        let all = areas.len();
        let mut seen = Vec::with_capacity(all);
        for area in areas.drain(..) {
            if self.sees(me, j, &area, &[Sight::Area])? {
                seen.push(area);
            }
        }
        Ok(match list(&seen) {
            Some(_) if seen.len() == all => Some(BatchExtent::Whole),
            Some(areas) => Some(BatchExtent::Areas(areas)),
            None => None,
        })
    }

    /// A place somebody found.
    pub(crate) fn may_place(&self, j: &str, id: &str) -> InsightResult<bool> {
        let found = self.tables.one(
            "SELECT area, finder, sealed FROM places WHERE j = ?1 AND id = ?2",
            (j, id),
            |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, Option<i64>>(2)?,
                ))
            },
        )?;
        let Some((area, finder, seal)) = found else {
            return Ok(false);
        };
        if self.sealed_from(seal, |me| Ok(me.id == finder))? {
            return Ok(false);
        }
        self.right(|me| Ok(me.id == finder || self.sees(me, j, &area, &[Sight::Area])?))
    }

    /// An outing names who went: for them, and for whoever reads the whole jurisdiction.
    pub(crate) fn may_sortie(&self, j: &str, id: &str) -> InsightResult<bool> {
        let Some(seal) = self.tables.one(
            "SELECT sealed FROM sorties WHERE j = ?1 AND id = ?2",
            (j, id),
            |row| row.get::<_, Option<i64>>(0),
        )?
        else {
            return Ok(false);
        };
        if self.sealed_from(seal, |me| self.acted(me, j, id))? {
            return Ok(false);
        }
        self.right(|me| Ok(self.sees(me, j, j, &[Sight::Area])? || self.acted(me, j, id)?))
    }

    /// An institution is on the roster for whoever acts where it stands; what happened there is looked at one by one.
    pub(crate) fn may_institution(&self, j: &str, code: &str) -> InsightResult<bool> {
        self.right(|me| {
            match self.tables.one(
                "SELECT area FROM institutions WHERE j = ?1 AND code = ?2",
                (j, code),
                |row| row.get::<_, String>(0),
            )? {
                Some(area) => self.covers(me, j, &area, |_| true),
                None => self.may_place(j, code),
            }
        })
    }

    /// Anything that has a timeline.
    pub(crate) fn may_thing(&self, j: &str, id: &str) -> InsightResult<bool> {
        if self.tables.has("batches", j, id)? {
            Ok(self.extent(j, id)?.is_some())
        } else if self.tables.has("tasks", j, id)? {
            self.may_task(j, id)
        } else if self.tables.has("cases", j, id)? {
            self.may_case(j, id)
        } else if self.tables.has("leads", j, id)? {
            self.may_lead(j, id)
        } else if self.tables.has("orders", j, id)? {
            self.may_order(j, id)
        } else if self.tables.has("institutions", j, id)? {
            self.may_institution(j, id)
        } else if self.tables.has("actions", j, id)? {
            self.may_action(j, id)
        } else if self.tables.has("reports", j, id)? {
            self.may_report(j, id)
        } else if self.tables.has("places", j, id)? {
            self.may_place(j, id)
        } else if self.tables.has("sorties", j, id)? {
            self.may_sortie(j, id)
        } else if self.tables.has("steps", j, id)? {
            self.may_step(j, id)
        } else if self.tables.has("clocks", j, id)? {
            self.may_clock(j, id)
        } else if self.tables.has("bulletins", j, id)? {
            self.may_bulletin(j, id)
        } else {
            Ok(self.may_schedules(&j.into()))
        }
    }
}
