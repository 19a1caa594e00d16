//! Tables: the open projection, and the small row queries that both rights and answers are made of.
//!
//! A registry's word counts in its jurisdiction and below, so what a code stands for is looked up along the
//! chain of jurisdictions. It knows neither who looks nor what was asked.

use picket_schemas::Jurisdiction;
use picket_schemas::registry::Territory;
use rusqlite::{Connection, OptionalExtension, Params, Row};

use crate::InsightError;

pub(crate) type InsightResult<T> = Result<T, InsightError>;

/// The limit of areas one within another; a longer chain is a mistake in the data.
pub(crate) const DEPTH: usize = 12;

/// The open projection, and which jurisdictions lie above each other in it.
#[derive(Clone, Copy)]
pub(crate) struct Tables<'a> {
    conn: &'a Connection,
    pub(crate) territory: &'a Territory,
}

impl<'a> Tables<'a> {
    pub(crate) fn new(conn: &'a Connection, territory: &'a Territory) -> Self {
        Self { conn, territory }
    }

    /// The first row, if any.
    pub(crate) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> InsightResult<Option<T>> {
        Ok(self
            .conn
            .prepare_cached(sql)?
            .query_row(params, read)
            .optional()?)
    }

    /// Every row.
    pub(crate) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> InsightResult<Vec<T>> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
        }
        Ok(all)
    }

    /// True if there is a row at all.
    pub(crate) fn there(&self, sql: &str, params: impl Params) -> InsightResult<bool> {
        Ok(self.one(sql, params, |_| Ok(()))?.is_some())
    }

    /// True if a table holds a thing of a jurisdiction.
    pub(crate) fn has(&self, table: &str, j: &str, id: &str) -> InsightResult<bool> {
        let key = if table == "institutions" {
            "code"
        } else {
            "id"
        };
        self.there(
            &format!("SELECT 1 FROM {table} WHERE j = ?1 AND {key} = ?2"),
            (j, id),
        )
    }

    /// The jurisdiction and those above it, nearest first.
    pub(crate) fn chain(&self, j: &str) -> Vec<Jurisdiction> {
        self.territory.chain(&Jurisdiction::from(j))
    }

    /// The entry of the nearest registry for a code: `?1` is the jurisdiction, `?2` the code.
    pub(crate) fn nearest(&self, j: &str, code: &str, sql: &str) -> InsightResult<Option<String>> {
        for level in self.chain(j) {
            if let Some(found) = self.one(sql, (level.as_str(), code), |row| row.get(0))? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
