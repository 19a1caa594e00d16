//! Bulletins that were frozen; schedules and readings beside them.

use std::collections::BTreeMap;

use picket_schemas::Jurisdiction;
use picket_schemas::ask::{BulletinView, ReadingItem, ScheduleView};
use picket_schemas::figures::Figures;

use super::Reader;
use crate::sql::{instant, unword};
use crate::tables::InsightResult;

impl Reader<'_> {
    /// A frozen bulletin, the latest where none is named.
    pub(super) fn bulletin(
        &self,
        j: &str,
        id: Option<&str>,
    ) -> InsightResult<Option<BulletinView>> {
        let wanted = id.map(|id| picket_schemas::split_id(id).1);
        let ids: Vec<String> = self.tables.all(
            "SELECT id FROM bulletins WHERE j = ?1 AND (?2 IS NULL OR id = ?2) ORDER BY ord DESC",
            (j, wanted),
            |row| row.get(0),
        )?;
        for id in ids {
            if self.rights.may_bulletin(j, &id)? {
                return self.frozen(j, &id);
            }
        }
        Ok(None)
    }

    fn frozen(&self, j: &str, id: &str) -> InsightResult<Option<BulletinView>> {
        let found = self.tables.one(
            "SELECT id, name, begins, as_of, rounding, approved, corrects, code_version, figures, areas, overrides FROM bulletins WHERE j = ?1 AND id = ?2",
            (j, id),
            |row| {
                let view = BulletinView {
                    jurisdiction: j.to_owned(),
                    jurisdiction_name: String::new(),
                    bulletin: row.get(0)?,
                    name: row.get(1)?,
                    from: instant(row.get(2)?),
                    as_of: instant(row.get(3)?),
                    rounding: unword(&row.get::<_, String>(4)?).unwrap_or_default(),
                    approved: row.get(5)?,
                    corrects: row.get(6)?,
                    figures: Figures::default(),
                    areas: BTreeMap::new(),
                    names: BTreeMap::new(),
                    code_version: row.get(7)?,
                    overrides: BTreeMap::new(),
                };
                Ok((view, row.get::<_, String>(8)?, row.get::<_, String>(9)?, row.get::<_, String>(10)?))
            },
        )?;
        let Some((mut view, figures, areas, overrides)) = found else {
            return Ok(None);
        };
        view.figures = serde_json::from_str(&figures)?;
        view.areas = serde_json::from_str(&areas)?;
        view.overrides = serde_json::from_str(&overrides)?;
        view.jurisdiction_name = self.jurisdiction_name(j)?;
        view.names = self.names_in(j, &view.figures, &view.areas)?;
        Ok(Some(view))
    }

    /// Names of the departments and areas that occur in figures.
    pub(crate) fn names_in(
        &self,
        j: &str,
        figures: &Figures,
        areas: &BTreeMap<String, Figures>,
    ) -> InsightResult<BTreeMap<String, String>> {
        let mut names = BTreeMap::new();
        for area in areas.keys() {
            names.insert(area.clone(), self.jurisdiction_name(area)?);
        }
        for (home, figures) in areas
            .iter()
            .map(|(area, figures)| (area.as_str(), figures))
            .chain([(j, figures)])
        {
            for code in figures.leads_by_department.keys() {
                let named = self.department(home, code)?;
                // A name beats the bare code; the scope's own registry, asked last, beats those below.
                if named.name != *code || !names.contains_key(code) {
                    names.insert(code.clone(), named.name);
                }
            }
        }
        Ok(names)
    }

    /// Schedules with their next run.
    pub(super) fn schedules(&self, of: &Jurisdiction) -> InsightResult<Vec<ScheduleView>> {
        self.tables.all("SELECT code, cron, words, does, paused, next, last FROM schedules WHERE j = ?1 ORDER BY code", [of.as_str()], |row| {
            Ok(ScheduleView {
                code: row.get(0)?,
                cron: row.get(1)?,
                words: row.get(2)?,
                does: row.get(3)?,
                paused: row.get(4)?,
                next: row.get::<_, Option<i64>>(5)?.map(instant),
                last: row.get(6)?,
            })
        })
    }

    /// The entries of the access log, the latest first.
    pub(super) fn readings(&self, of: &Jurisdiction) -> InsightResult<Vec<ReadingItem>> {
        let found = self.tables.all(
            "SELECT at, person, what FROM readings WHERE j = ?1 ORDER BY ord DESC LIMIT 1000",
            [of.as_str()],
            |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                ))
            },
        )?;
        found
            .into_iter()
            .map(|(at, person, what)| {
                Ok(ReadingItem {
                    at: instant(at),
                    person: self.who(&person)?,
                    what,
                })
            })
            .collect()
    }
}
