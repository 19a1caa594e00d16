//! Frozen bulletins, schedules, notices, readings.

use std::collections::BTreeMap;

use picket_schemas::ask::{
    BulletinView, DeliveriesView, NoticeView, ReadingItem, ScheduleView, UnreachableView,
};
use picket_schemas::figures::Figures;
use rusqlite::Row;

use super::{Answered, INSIDE, Reader};
use crate::sql::{instant, unword};

impl Reader<'_> {
    /// A frozen bulletin, the latest where none is named.
    pub(super) fn bulletin(&self, j: &str, id: Option<&str>) -> Answered<Option<BulletinView>> {
        let wanted = id.map(|id| picket_schemas::split_id(id).1);
        let ids: Vec<String> = self.all(
            "SELECT id FROM bulletins WHERE j = ?1 AND (?2 IS NULL OR id = ?2) ORDER BY ord DESC",
            (j, wanted),
            |row| row.get(0),
        )?;
        for id in ids {
            if self.may_bulletin(j, &id)? {
                return self.frozen(j, &id);
            }
        }
        Ok(None)
    }

    fn frozen(&self, j: &str, id: &str) -> Answered<Option<BulletinView>> {
        let found = self.one(
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
    ) -> Answered<BTreeMap<String, String>> {
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
    pub(super) fn schedules(&self, j: &str) -> Answered<Vec<ScheduleView>> {
        self.all("SELECT code, cron, words, does, paused, next, last FROM schedules WHERE j = ?1 ORDER BY code", [j], |row| {
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

    /// Who looked at what, the latest first.
    pub(super) fn readings(&self, j: &str) -> Answered<Vec<ReadingItem>> {
        let found = self.all(
            "SELECT at, person, what FROM readings WHERE j = ?1 ORDER BY ord DESC LIMIT 1000",
            [j],
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

    /// What was sent to a person, what was not, and why; the oldest first.
    pub(super) fn notices(&self, person: &str) -> Answered<Vec<NoticeView>> {
        let all = self.all("SELECT id, kind, about, queued, state, reason, j, channel FROM notices WHERE person = ?1 ORDER BY queued, j, ord", [person], |row| {
            let view = NoticeView { notice: row.get(0)?, kind: row.get(1)?, about: row.get(2)?, queued: instant(row.get(3)?), state: row.get(4)?, reason: row.get(5)?, channel: row.get(7)? };
            Ok((row.get::<_, String>(6)?, view))
        })?;
        let mut seen = Vec::with_capacity(all.len());
        for (j, notice) in all {
            if !self.is_told_of_sealed(&j, &notice.about)? {
                seen.push(notice);
            }
        }
        Ok(seen)
    }

    /// How many notices of a jurisdiction are in each state, and whom they do not reach.
    pub(super) fn deliveries(&self, j: &str) -> Answered<DeliveriesView> {
        let states = self.all(
            "SELECT state, COUNT(*) FROM notices WHERE j = ?1 GROUP BY state",
            [j],
            |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())),
        )?;
        let lost = self.all("SELECT person, channel, since, reason FROM lost_channels WHERE j = ?1 ORDER BY since, person, channel", [j], lost)?;
        Ok(DeliveriesView {
            states: states.into_iter().collect(),
            unreachable: self.unreachable(lost)?,
        })
    }

    /// Who of an area cannot be written to.
    pub(super) fn unreachable_in(&self, area: &str) -> Answered<Vec<UnreachableView>> {
        let sql = format!(
            "{INSIDE} SELECT c.person, c.channel, MIN(c.since), c.reason FROM lost_channels c JOIN people p ON p.id = c.person
             WHERE p.area IN (SELECT code FROM inside) GROUP BY c.person, c.channel ORDER BY 3, 1, 2"
        );
        let lost = self.all(&sql, [area], lost)?;
        self.unreachable(lost)
    }

    fn unreachable(
        &self,
        lost: Vec<(String, String, i64, String)>,
    ) -> Answered<Vec<UnreachableView>> {
        lost.into_iter()
            .map(|(person, channel, since, reason)| {
                Ok(UnreachableView {
                    person: self.who(&person)?,
                    channel,
                    since: instant(since),
                    reason,
                })
            })
            .collect()
    }
}

fn lost(row: &Row<'_>) -> rusqlite::Result<(String, String, i64, String)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}
