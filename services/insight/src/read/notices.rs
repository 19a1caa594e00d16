//! Notices: what was sent to a person, how deliveries stand, and who cannot be written to.

use picket_schemas::Jurisdiction;
use picket_schemas::ask::{DeliveriesView, NoticeView, UnreachableView};
use rusqlite::Row;

use super::{INSIDE, Reader};
use crate::sql::instant;
use crate::tables::InsightResult;

impl Reader<'_> {
    /// The notices of a person, sent or not, and why not; the oldest first.
    pub(super) fn notices(&self, person: &str) -> InsightResult<Vec<NoticeView>> {
        let all = self.tables.all("SELECT id, kind, about, queued, state, reason, j, channel FROM notices WHERE person = ?1 ORDER BY queued, j, ord", [person], |row| {
            let view = NoticeView { notice: row.get(0)?, kind: row.get(1)?, about: row.get(2)?, queued: instant(row.get(3)?), state: row.get(4)?, reason: row.get(5)?, channel: row.get(7)? };
            Ok((row.get::<_, String>(6)?, view))
        })?;
        let mut seen = Vec::with_capacity(all.len());
        for (j, notice) in all {
            if !self.rights.is_told_of_sealed(&j, &notice.about)? {
                seen.push(notice);
            }
        }
        Ok(seen)
    }

    /// The numbers of a jurisdiction's notices by state, and the people they do not reach.
    pub(super) fn deliveries(&self, of: &Jurisdiction) -> InsightResult<DeliveriesView> {
        let states = self.tables.all(
            "SELECT state, COUNT(*) FROM notices WHERE j = ?1 GROUP BY state",
            [of.as_str()],
            |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())),
        )?;
        let lost = self.tables.all("SELECT person, channel, since, reason FROM lost_channels WHERE j = ?1 ORDER BY since, person, channel", [of.as_str()], lost)?;
        Ok(DeliveriesView {
            states: states.into_iter().collect(),
            unreachable: self.unreachable(lost)?,
        })
    }

    /// The people of an area who cannot be written to.
    pub(super) fn unreachable_in(&self, area: &str) -> InsightResult<Vec<UnreachableView>> {
        let sql = format!(
            "{INSIDE} SELECT c.person, c.channel, MIN(c.since), c.reason FROM lost_channels c JOIN people p ON p.id = c.person
             WHERE p.area IN (SELECT code FROM inside) GROUP BY c.person, c.channel ORDER BY 3, 1, 2"
        );
        let lost = self.tables.all(&sql, [area], lost)?;
        self.unreachable(lost)
    }

    fn unreachable(
        &self,
        lost: Vec<(String, String, i64, String)>,
    ) -> InsightResult<Vec<UnreachableView>> {
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
