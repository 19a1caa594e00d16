//! Fold: writes commits into the tables, one file per service.
//!
//! Each handler writes rows from the facts of its own book and from nothing another book wrote, so the
//! journals may be brought in any order. Statements are prepared once; this is the hot path.
//! It knows no question.

mod bulletin;
mod courier;
mod dispatch;
mod escalation;
mod ids;
mod rectification;
mod registry;
mod schedule;

use jiff::Timestamp;
use picket_schemas::{Commit, Event};
use rusqlite::{Connection, Params};

use crate::InsightError;
use crate::sql::{micros, number};

pub(crate) use escalation::{PAUSED, PROVISIONAL, RUNNING};
pub(crate) use ids::subject_key;

/// Bits of `ord` that number the events within one commit.
const ORD_BITS: u32 = 22;

/// The fold of one event, with its place in the journal.
struct EventFold<'a> {
    conn: &'a Connection,
    /// The jurisdiction.
    j: &'a str,
    /// The verb of the decision it belongs to.
    does: &'a str,
    /// The instant of its commit.
    at: i64,
    /// Orders the events of one book.
    ord: i64,
}

impl EventFold<'_> {
    fn put(&self, sql: &str, params: impl Params) -> Result<(), InsightError> {
        self.conn.prepare_cached(sql)?.execute(params)?;
        Ok(())
    }
}

/// An instant that may be missing, as it is stored.
fn maybe(at: &Option<Timestamp>) -> Option<i64> {
    at.map(micros)
}

/// Folds one commit.
pub(crate) fn commit(conn: &Connection, commit: &Commit) -> Result<(), InsightError> {
    let j = commit
        .book
        .split_once('/')
        .map_or("", |(_, jurisdiction)| jurisdiction);
    let at = micros(commit.at);
    let mut ord = number(commit.n) << ORD_BITS;
    for entry in &commit.entries {
        for event in &entry.events {
            let fold = EventFold {
                conn,
                j,
                does: &entry.does,
                at,
                ord,
            };
            match event {
                Event::Registry(event) => fold.registry(event)?,
                Event::Dispatch(event) => fold.dispatch(event)?,
                Event::Rectification(event) => fold.rectification(event)?,
                Event::Escalation(event) => fold.escalation(event)?,
                Event::Courier(event) => fold.courier(event)?,
                Event::Schedule(event) => fold.schedule(event)?,
                Event::Bulletin(event) => fold.bulletin(event)?,
                Event::Keeper(_) => {}
            }
            remember(&fold, commit, &entry.by, event)?;
            ord += 1;
        }
    }
    Ok(())
}

/// Keeps the event under the ids it names, for timelines. One that names none is not kept.
fn remember(
    fold: &EventFold<'_>,
    commit: &Commit,
    by: &str,
    event: &Event,
) -> Result<(), InsightError> {
    if !ids::has_timeline(event) {
        return Ok(());
    }
    let json = serde_json::to_string(event)?;
    let seq = fold
        .conn
        .prepare_cached(
            "INSERT INTO events (book, n, ord, at, by, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .insert((&commit.book, number(commit.n), fold.ord, fold.at, by, json))?;
    let mut statement = fold
        .conn
        .prepare_cached("INSERT OR IGNORE INTO event_ids (j, id, seq) VALUES (?1, ?2, ?3)")?;
    let mut filed = Ok(0);
    ids::each(event, |id| {
        if filed.is_ok() {
            filed = statement.execute((fold.j, id.as_ref(), seq));
        }
    });
    filed?;
    Ok(())
}
