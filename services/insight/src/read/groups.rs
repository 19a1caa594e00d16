//! Chat groups: which there are on a channel, and what one of them is shown.
//!
//! A group is shown what everybody in its area may see: batches in counts, and sheets offered to several with
//! where and until when. Nothing sealed, and no name of anybody, is even read here.

use picket_schemas::Jurisdiction;
use picket_schemas::ask::{GroupAccount, GroupBatch, GroupTask, GroupView, Named};

use super::{INSIDE, Reader};
use crate::sql::{count, list};
use crate::tables::InsightResult;

/// The limit of batches and of waiting sheets shown.
const BATCHES: usize = 6;
const WAITING: usize = 8;
/// The limit of sheets in one question.
const ASKED: usize = 40;

/// Within the area and the jurisdictions, and no secret: `?1` the area, `?2` the jurisdictions, `?3` now.
const WITHIN: &str = "t.j IN (SELECT value FROM json_each(?2)) AND t.area IN (SELECT code FROM inside) AND (t.sealed IS NULL OR t.sealed <= ?3)";
/// Somebody may still take it.
const OPEN: &str = "t.state = 'issued' AND (SELECT COUNT(*) FROM task_people p WHERE p.j = t.j AND p.task = t.id AND p.what = 'holds') < t.need";
/// It was offered to more than one.
const SEVERAL: &str = "(SELECT COUNT(*) FROM task_people p WHERE p.j = t.j AND p.task = t.id AND p.what = 'offered') > 1";

impl Reader<'_> {
    /// The groups of a channel, each with the account bound last.
    pub(super) fn groups(&self, channel: &str) -> InsightResult<Vec<GroupAccount>> {
        let ids = self.tables.all(
            "SELECT person FROM person_roles WHERE role = 'group' ORDER BY person",
            [],
            |row| row.get::<_, String>(0),
        )?;
        let mut groups = Vec::new();
        for id in ids {
            let account = self
                .accounts(&id)?
                .into_iter()
                .find(|account| account.channel == channel);
            groups.extend(account.map(|account| GroupAccount {
                group: id.as_str().into(),
                account: account.account,
            }));
        }
        Ok(groups)
    }

    /// The view of a group; nothing for what is no group.
    pub(super) fn group(&self, id: &str, tasks: &[String]) -> InsightResult<Option<GroupView>> {
        let known = self.tables.one(
            "SELECT p.j, p.name, p.area, p.language FROM people p JOIN person_roles r ON r.person = p.id AND r.role = 'group' WHERE p.id = ?1",
            [id],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, Option<String>>(3)?)),
        )?;
        let Some((j, name, area, language)) = known else {
            return Ok(None);
        };
        let scope =
            list(&self.scope(&Jurisdiction::from(j.as_str()))).unwrap_or_else(|| "[]".into());
        let waiting = self.tables.all(
            &format!("{INSIDE} SELECT t.j, t.id FROM tasks t WHERE {WITHIN} AND {OPEN} AND {SEVERAL} ORDER BY t.issued, t.j, LENGTH(t.id), t.id"),
            (&area, &scope, self.now),
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )?;
        let all = waiting.len();
        let wanted: Vec<_> = if tasks.is_empty() {
            waiting.into_iter().take(WAITING).collect()
        } else {
            let full = |task: &String| match picket_schemas::split_id(task) {
                (Some(home), short) => (home.to_owned(), short.to_owned()),
                (None, short) => (j.clone(), short.to_owned()),
            };
            tasks.iter().take(ASKED).map(full).collect()
        };
        let mut shown = Vec::with_capacity(wanted.len());
        for (home, task) in wanted {
            shown.extend(self.group_task(&area, &scope, &home, &task)?);
        }
        Ok(Some(GroupView {
            group: Named {
                code: id.to_owned(),
                name,
            },
            area: self.area(&j, &area)?,
            language: language.unwrap_or_default(),
            batches: if tasks.is_empty() {
                self.group_batches(&area, &scope)?
            } else {
                Vec::new()
            },
            tasks: shown,
            waiting: u32::try_from(all).unwrap_or(u32::MAX),
        }))
    }

    fn group_task(
        &self,
        area: &str,
        scope: &str,
        j: &str,
        task: &str,
    ) -> InsightResult<Option<GroupTask>> {
        let sql = format!(
            "{INSIDE} SELECT t.batch, b.name, t.post, t.area, t.state, t.need, {OPEN},
               (SELECT COUNT(*) FROM task_people p WHERE p.j = t.j AND p.task = t.id AND p.what = 'holds'),
               (SELECT COUNT(*) FROM task_rows r WHERE r.j = t.j AND r.task = t.id)
             FROM tasks t LEFT JOIN batches b ON b.j = t.j AND b.id = t.batch WHERE {WITHIN} AND t.j = ?4 AND t.id = ?5"
        );
        let found = self
            .tables
            .one(&sql, (area, scope, self.now, j, task), |row| {
                let batch: String = row.get(0)?;
                let name = row
                    .get::<_, Option<String>>(1)?
                    .unwrap_or_else(|| batch.clone());
                let shown = GroupTask {
                    jurisdiction: j.to_owned(),
                    task: task.to_owned(),
                    batch: Named { code: batch, name },
                    post: None,
                    area: Named::default(),
                    state: row.get(4)?,
                    rows: count(row.get(8)?),
                    need: row.get(5)?,
                    taken: count(row.get(7)?),
                    deadline: None,
                    open: row.get(6)?,
                };
                Ok((
                    shown,
                    row.get::<_, Option<String>>(2)?,
                    row.get::<_, String>(3)?,
                ))
            })?;
        let Some((shown, post, place)) = found else {
            return Ok(None);
        };
        Ok(Some(GroupTask {
            post: self.maybe_post(j, post.as_deref())?,
            area: self.area(j, &place)?,
            deadline: self.deadline(j, task, "task.submit")?,
            ..shown
        }))
    }

    fn group_batches(&self, area: &str, scope: &str) -> InsightResult<Vec<GroupBatch>> {
        let late = "EXISTS (SELECT 1 FROM clocks c WHERE c.j = t.j AND c.on_id = t.id AND c.kind IN ('task.accept', 'task.submit', 'task.assign') AND c.stopped IS NULL AND c.standing = 0 AND c.due <= ?3)";
        let sql = format!(
            "{INSIDE} SELECT t.batch, b.name, COUNT(*), SUM(t.taken), SUM(t.submitted IS NOT NULL), SUM(t.state = 'approved'),
               SUM(t.nobody = 1 AND t.state IN ('issued', 'accepted', 'returned')), SUM(t.state IN ('issued', 'accepted', 'returned') AND {late})
             FROM tasks t LEFT JOIN batches b ON b.j = t.j AND b.id = t.batch WHERE {WITHIN} AND t.state <> 'cancelled'
             GROUP BY t.j, t.batch HAVING SUM(t.state <> 'approved') > 0 ORDER BY MAX(t.issued) DESC, t.j, LENGTH(t.batch) DESC, t.batch DESC LIMIT {BATCHES}"
        );
        self.tables.all(&sql, (area, scope, self.now), |row| {
            let batch: String = row.get(0)?;
            let name = row
                .get::<_, Option<String>>(1)?
                .unwrap_or_else(|| batch.clone());
            let of = |column| row.get::<_, i64>(column).map(count);
            Ok(GroupBatch {
                batch: Named { code: batch, name },
                count: of(2)?,
                accepted: of(3)?,
                submitted: of(4)?,
                approved: of(5)?,
                unassigned: of(6)?,
                overdue: of(7)?,
            })
        })
    }
}
