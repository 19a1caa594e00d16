//! Drafts: what a person has half answered, for nobody but that person.
//!
//! A row counts only while the person still fills its sheet, and nothing counts after the month in which
//! dispatch forgets it. It does not know what the answers mean.

use picket_schemas::ask::DraftView;
use picket_schemas::dispatch::DraftOf;

use super::Reader;
use crate::sql::{instant, unlist};
use crate::tables::InsightResult;

/// The limit of drafts shown; dispatch keeps no more.
const SHOWN: u32 = 20;
/// The age up to which drafts are shown, in microseconds.
const STANDS: i64 = 30 * 24 * 3_600 * 1_000_000;

impl Reader<'_> {
    pub(super) fn drafts(&self, person: &str) -> InsightResult<Vec<DraftView>> {
        let found = self.tables.all(
            "SELECT d.j, d.kind, d.of, d.part, d.answers, d.evidence, d.at FROM drafts d WHERE d.person = ?1 AND d.at > ?2
               AND (d.kind <> 'row' OR EXISTS (SELECT 1 FROM tasks t JOIN task_people m ON m.j = t.j AND m.task = t.id
                 WHERE t.j = d.j AND t.id = d.of AND t.state IN ('accepted', 'returned') AND m.person = ?1 AND m.what = 'holds'))
             ORDER BY d.at DESC, d.j, d.kind, d.of, d.part LIMIT ?3",
            (person, self.now - STANDS, SHOWN),
            |row| {
                let (kind, of, part) = (row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?);
                Ok(DraftView {
                    jurisdiction: row.get(0)?,
                    of: if kind == "row" { DraftOf::Row { task: of.into(), row: part } } else { DraftOf::Form { form: of, about: part.into() } },
                    answers: serde_json::from_str(&row.get::<_, String>(4)?).unwrap_or_default(),
                    evidence: unlist(row.get(5)?),
                    at: instant(row.get(6)?),
                    name: String::new(),
                })
            },
        )?;
        found
            .into_iter()
            .map(|mut draft| {
                if let DraftOf::Row { row, .. } = &draft.of {
                    draft.name = self.subject(&draft.jurisdiction, row)?.0.name;
                }
                Ok(draft)
            })
            .collect()
    }
}
