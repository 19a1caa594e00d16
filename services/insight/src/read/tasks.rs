//! Sweep tasks, batches, and the board a coordinator looks at.
//!
//! A sealed task is in nobody's list or count until its release, except for whoever it was offered to.

use std::collections::BTreeMap;

use picket_schemas::Jurisdiction;
use picket_schemas::ask::{BatchView, Board, Named, RowView, TaskView};

use super::{Reader, ThingKeys};
use crate::rights::BatchExtent;
use crate::sql::{count, instant, list, unlist, unword};
use crate::tables::InsightResult;

/// A task nobody may hear of yet.
const UNSEALED: &str = "(sealed IS NULL OR sealed <= ?2)";

/// Within the areas `?4`, where some are named.
const WITHIN: &str = "(?4 IS NULL OR t.area IN (SELECT value FROM json_each(?4)))";

/// A batch still to be issued, or with a task neither approved nor cancelled.
const OPEN: &str = "b.cancelled IS NULL AND (b.count > (SELECT COUNT(*) FROM tasks t WHERE t.j = b.j AND t.batch = b.id)
    OR EXISTS (SELECT 1 FROM tasks t WHERE t.j = b.j AND t.batch = b.id AND t.state NOT IN ('approved', 'cancelled')))";

/// The last answer to a row.
struct LastAnswer {
    outcome: String,
    codes: Option<String>,
    note: String,
    evidence: Option<String>,
    by: String,
}

impl Reader<'_> {
    /// A task with its sheet.
    pub(super) fn task(&self, j: &str, id: &str) -> InsightResult<Option<TaskView>> {
        if !self.rights.may_task(j, id)? {
            return Ok(None);
        }
        let found = self.tables.one(
            "SELECT t.batch, b.name, t.post, t.area, t.state, t.checklist, t.need, t.issued, t.returned_because, t.sealed
             FROM tasks t LEFT JOIN batches b ON b.j = t.j AND b.id = t.batch WHERE t.j = ?1 AND t.id = ?2",
            (j, id),
            |row| {
                let batch: String = row.get(0)?;
                let name = row.get::<_, Option<String>>(1)?.unwrap_or_else(|| batch.clone());
                Ok((
                    row.get::<_, Option<String>>(2)?,
                    row.get::<_, String>(3)?,
                    TaskView {
                        jurisdiction: j.to_owned(),
                        task: id.to_owned(),
                        batch: Named { code: batch, name },
                        post: None,
                        area: Named::default(),
                        state: row.get(4)?,
                        checklist: row.get(5)?,
                        offered: Vec::new(),
                        holders: Vec::new(),
                        need: row.get(6)?,
                        rows: Vec::new(),
                        deadline: None,
                        issued: instant(row.get(7)?),
                        returned_because: row.get(8)?,
                        sealed_until: row.get::<_, Option<i64>>(9)?.map(instant),
                        rev: 0,
                    },
                ))
            },
        )?;
        let Some((post, area, mut task)) = found else {
            return Ok(None);
        };
        task.post = self.maybe_post(j, post.as_deref())?;
        task.area = self.area(j, &area)?;
        for (person, what) in self.keys(
            "SELECT person, what FROM task_people WHERE j = ?1 AND task = ?2 ORDER BY person",
            (j, id),
        )? {
            match what.as_str() {
                "offered" | "handed" => task.offered.push(self.who(&person)?),
                "holds" => task.holders.push(self.who(&person)?),
                _ => {}
            }
        }
        task.rows = self.rows(j, id)?;
        let kind = match task.state.as_str() {
            "issued" => "task.accept",
            "submitted" | "approved" => "task.review",
            _ => "task.submit",
        };
        task.deadline = self.deadline(j, id, kind)?;
        task.rev = self.revision(j, id)?;
        Ok(Some(task))
    }

    fn rows(&self, j: &str, task: &str) -> InsightResult<Vec<RowView>> {
        let mut answers: BTreeMap<String, LastAnswer> = self
            .tables
            .all("SELECT row, outcome, codes, note, evidence, by, MAX(ord) FROM answers WHERE j = ?1 AND task = ?2 GROUP BY row", (j, task), |row| {
                Ok((row.get(0)?, LastAnswer { outcome: row.get(1)?, codes: row.get(2)?, note: row.get(3)?, evidence: row.get(4)?, by: row.get(5)? }))
            })?
            .into_iter()
            .collect();
        let mut codes = self.tables.all(
            "SELECT row FROM task_rows WHERE j = ?1 AND task = ?2 ORDER BY pos",
            (j, task),
            |row| row.get::<_, String>(0),
        )?;
        codes.extend(
            answers
                .keys()
                .filter(|row| !codes.contains(row))
                .cloned()
                .collect::<Vec<_>>(),
        );
        let mut rows = Vec::with_capacity(codes.len());
        for row in codes {
            let (subject, address) = self.subject(j, &row)?;
            let answer = answers.remove(&row);
            rows.push(RowView {
                name: subject.name,
                address,
                outcome: answer.as_ref().and_then(|answer| unword(&answer.outcome)),
                codes: unlist(answer.as_ref().and_then(|answer| answer.codes.clone())),
                note: answer
                    .as_ref()
                    .map(|answer| answer.note.clone())
                    .unwrap_or_default(),
                evidence: unlist(answer.as_ref().and_then(|answer| answer.evidence.clone())),
                by: answer
                    .map(|answer| self.who(&answer.by))
                    .transpose()?
                    .map(|who| who.name),
                lead: self.lead_of_row(j, task, &row)?,
                row,
            });
        }
        Ok(rows)
    }

    /// The lead a row opened.
    pub(super) fn lead_of_row(
        &self,
        j: &str,
        task: &str,
        row: &str,
    ) -> InsightResult<Option<String>> {
        self.tables.one(
            "SELECT l.id FROM reports r JOIN leads l ON l.j = r.j AND l.report = r.id WHERE r.j = ?1 AND r.task = ?2 AND r.row = ?3 ORDER BY LENGTH(l.id), l.id LIMIT 1",
            (j, task, row),
            |row| row.get(0),
        )
    }

    pub(super) fn tasks(&self, keys: ThingKeys) -> InsightResult<Vec<TaskView>> {
        let mut tasks = Vec::with_capacity(keys.len());
        for (j, id) in keys {
            tasks.extend(self.task(&j, &id)?);
        }
        Ok(tasks)
    }

    /// True if something is a task or a lead, and sealed for lists.
    pub(super) fn is_sealed(&self, j: &str, id: &str) -> InsightResult<bool> {
        let sealed = "SELECT 1 FROM tasks WHERE j = ?1 AND id = ?2 AND sealed > ?3 UNION ALL SELECT 1 FROM leads WHERE j = ?1 AND id = ?2 AND sealed > ?3 LIMIT 1";
        self.tables.there(sealed, (j, id, self.rights.horizon()))
    }

    /// A batch with its progress; a sealed one is not there until its release.
    pub(super) fn batch(&self, j: &str, id: &str) -> InsightResult<Option<BatchView>> {
        let (areas, now) = match self.rights.extent(j, id)? {
            None => return Ok(None),
            Some(BatchExtent::Whole) => (None, self.rights.horizon()),
            Some(BatchExtent::Areas(areas)) => (Some(areas), self.rights.horizon()),
        };
        let found = self.tables.one(
            "SELECT name, campaign, count, cancelled IS NOT NULL, because FROM batches WHERE j = ?1 AND id = ?2",
            (j, id),
            |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, Option<String>>(1)?,
                    row.get::<_, u32>(2)?,
                    row.get::<_, bool>(3)?,
                    row.get::<_, Option<String>>(4)?,
                ))
            },
        )?;
        let Some((name, campaign, total, is_cancelled, cancelled_because)) = found else {
            return Ok(None);
        };
        let mine =
            format!("FROM tasks t WHERE t.j = ?1 AND t.batch = ?3 AND {UNSEALED} AND {WITHIN}");
        let (issued, accepted, submitted, approved, cancelled, unassigned) = self
            .tables
            .one(
                &format!(
                    "SELECT COUNT(*), COALESCE(SUM(taken), 0), COALESCE(SUM(submitted IS NOT NULL), 0), COALESCE(SUM(state = 'approved'), 0), COALESCE(SUM(state = 'cancelled'), 0),
                       COALESCE(SUM(nobody = 1 AND state IN ('issued', 'accepted', 'returned')), 0) {mine}"
                ),
                (j, now, id, &areas),
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)),
            )?
            .unwrap_or_default();
        let overdue = self.counted(
            &format!(
                "SELECT COUNT(*) {mine} AND t.state IN ('issued', 'accepted', 'returned')
                   AND EXISTS (SELECT 1 FROM clocks c WHERE c.j = t.j AND c.on_id = t.id AND c.kind IN ('task.accept', 'task.submit', 'task.assign') AND c.stopped IS NULL AND c.standing = 0 AND c.due <= ?5)"
            ),
            (j, now, id, &areas, self.now),
        )?;
        let (rows, rows_filled, problems) = self.rows_of_batch(j, id, now, areas.as_ref())?;
        Ok(Some(BatchView {
            jurisdiction: j.to_owned(),
            batch: id.to_owned(),
            name,
            campaign,
            count: if areas.is_some() { issued } else { total },
            issued,
            accepted,
            submitted,
            approved,
            cancelled,
            unassigned,
            overdue,
            rows,
            rows_filled,
            problems,
            state: self.state_of_batch(j, id, is_cancelled)?.to_owned(),
            cancelled_because,
            rev: self.revision(j, id)?,
        }))
    }

    /// The numbers of a batch's rows, of those filled, and of problems among these.
    fn rows_of_batch(
        &self,
        j: &str,
        id: &str,
        now: i64,
        areas: Option<&String>,
    ) -> InsightResult<(u32, u32, u32)> {
        let rows = self.counted(&format!("SELECT COUNT(*) FROM task_rows r JOIN tasks t ON t.j = r.j AND t.id = r.task WHERE t.j = ?1 AND t.batch = ?3 AND t.state <> 'cancelled' AND {UNSEALED} AND {WITHIN}"), (j, now, id, areas))?;
        let (rows_filled, problems) = self
            .tables
            .one(
                &format!(
                    "SELECT COUNT(*), COALESCE(SUM(outcome = 'problem'), 0) FROM
                       (SELECT a.outcome, MAX(a.ord) FROM tasks t JOIN answers a ON a.j = t.j AND a.task = t.id WHERE t.j = ?1 AND t.batch = ?3 AND t.state <> 'cancelled' AND {UNSEALED} AND {WITHIN} GROUP BY a.task, a.row)"
                ),
                (j, now, id, areas),
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?
            .unwrap_or_default();
        Ok((rows, rows_filled, problems))
    }

    fn state_of_batch(&self, j: &str, id: &str, is_cancelled: bool) -> InsightResult<&'static str> {
        Ok(match is_cancelled {
            true => "cancelled",
            false if self.is_open(j, id)? => "open",
            false => "over",
        })
    }

    /// True if a batch, or one that was issued from it below, has something to come or to end.
    fn is_open(&self, j: &str, id: &str) -> InsightResult<bool> {
        self.tables.there(
            &format!(
                "WITH RECURSIVE tree (j, id) AS (SELECT ?1, ?2 UNION SELECT c.j, c.id FROM tree x JOIN batches c ON c.parent = x.j || '/' || x.id)
                 SELECT 1 FROM tree x JOIN batches b ON b.j = x.j AND b.id = x.id WHERE {OPEN} LIMIT 1"
            ),
            (j, id),
        )
    }

    pub(super) fn counted(&self, sql: &str, params: impl rusqlite::Params) -> InsightResult<u32> {
        Ok(self
            .tables
            .one(sql, params, |row| row.get::<_, i64>(0))?
            .map(count)
            .unwrap_or_default())
    }

    /// Open batches and open tasks, here and below.
    pub(super) fn board(&self, jurisdiction: &Jurisdiction) -> InsightResult<Board> {
        let scope = list(&self.scope(jurisdiction)).unwrap_or_else(|| "[]".into());
        let tasks = |filter: &str| -> InsightResult<Vec<TaskView>> {
            let keys = self.keys(
                &format!("SELECT t.j, t.id FROM tasks t WHERE t.j IN (SELECT value FROM json_each(?1)) AND {UNSEALED} AND ?3 > 0 AND {filter} ORDER BY t.issued, t.j, LENGTH(t.id), t.id"),
                (&scope, self.rights.horizon(), self.now),
            )?;
            self.tasks(keys)
        };
        let mut batches = Vec::new();
        // One that was issued for those below is as open as theirs.
        let open = self.keys(
            &format!(
                "WITH RECURSIVE up (j, id) AS (
                   SELECT b.j, b.id FROM batches b WHERE b.j IN (SELECT value FROM json_each(?1)) AND {OPEN}
                   UNION SELECT p.j, p.id FROM up JOIN batches c ON c.j = up.j AND c.id = up.id JOIN batches p ON c.parent = p.j || '/' || p.id
                     WHERE p.cancelled IS NULL AND p.j IN (SELECT value FROM json_each(?1)))
                 SELECT b.j, b.id FROM up JOIN batches b ON b.j = up.j AND b.id = up.id ORDER BY b.at, b.j, LENGTH(b.id), b.id"
            ),
            [&scope],
        )?;
        for (j, id) in open {
            batches.extend(self.batch(&j, &id)?);
        }
        Ok(Board {
            batches,
            silent: tasks("t.state = 'issued' AND t.taken = 0 AND t.nobody = 0")?,
            late: tasks(
                "t.state IN ('accepted', 'returned')
                 AND EXISTS (SELECT 1 FROM clocks c WHERE c.j = t.j AND c.on_id = t.id AND c.kind = 'task.submit' AND c.stopped IS NULL AND c.standing = 0 AND c.due <= ?3)",
            )?,
            unassigned: tasks("t.nobody = 1 AND t.state IN ('issued', 'accepted', 'returned')")?,
            accepted: tasks("t.state IN ('accepted', 'returned') AND t.nobody = 0")?,
            submitted: tasks("t.state = 'submitted'")?,
        })
    }
}
