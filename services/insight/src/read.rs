//! Answering questions: one reader over the tables, one file per group of answers.
//!
//! A reader knows the instant it answers for, because overdue and sealed depend on it.
//! It changes nothing and knows no journal.

mod bulletins;
mod cases;
mod clocks;
mod drafts;
mod facts;
mod find;
mod groups;
mod identities;
mod inbox;
mod leads;
mod names;
mod people;
mod sentence;
mod tasks;
mod timeline;

use jiff::Timestamp;
use picket_schemas::Jurisdiction;
use picket_schemas::ask::{Question, View};
use picket_schemas::registry::Territory;
use rusqlite::{Connection, OptionalExtension, Params, Row};

use crate::InsightError;
use crate::rights::Eyes;
use crate::sql::micros;

pub(crate) type Answered<T> = Result<T, InsightError>;

/// Everything within an area: continues with a query that uses `inside`, whose first parameter is the area.
pub(crate) const INSIDE: &str = "WITH RECURSIVE inside (code) AS (SELECT ?1 UNION SELECT a.code FROM areas a JOIN inside i ON a.parent = i.code) ";

/// Reads the tables for one answer.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    conn: &'a Connection,
    pub(crate) territory: &'a Territory,
    pub(crate) now: i64,
    pub(crate) eyes: &'a Eyes,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        conn: &'a Connection,
        territory: &'a Territory,
        now: Timestamp,
        eyes: &'a Eyes,
    ) -> Self {
        Self {
            conn,
            territory,
            now: micros(now),
            eyes,
        }
    }

    /// The first row, if any.
    pub(crate) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Answered<Option<T>> {
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
    ) -> Answered<Vec<T>> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
        }
        Ok(all)
    }

    /// Pairs of a jurisdiction and an id.
    fn keys(&self, sql: &str, params: impl Params) -> Answered<Vec<(String, String)>> {
        self.all(sql, params, |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// The jurisdiction and all below it.
    pub(crate) fn scope(&self, of: &Jurisdiction) -> Vec<String> {
        let mut scope = vec![of.clone()];
        let mut next = 0;
        while next < scope.len() {
            let children: Vec<_> = self
                .territory
                .children(&scope[next])
                .filter(|child| !scope.contains(child))
                .cloned()
                .collect();
            scope.extend(children);
            next += 1;
        }
        scope.iter().map(ToString::to_string).collect()
    }

    /// Those directly below a jurisdiction, in order.
    pub(crate) fn children(&self, of: &Jurisdiction) -> Vec<Jurisdiction> {
        self.territory
            .children(of)
            .filter(|child| *child != of)
            .cloned()
            .collect()
    }

    /// How often a thing was named in its own book: grows with every change.
    fn revision(&self, j: &str, id: &str) -> Answered<u64> {
        let count = self.one(
            "SELECT COUNT(*) FROM event_ids WHERE j = ?1 AND id = ?2",
            (j, id),
            |row| row.get::<_, i64>(0),
        )?;
        Ok(count
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or_default())
    }

    /// Answers every question but the one for figures, which are counted elsewhere.
    pub(crate) fn answer(&self, question: &Question) -> Answered<View> {
        // An id may carry its jurisdiction; what is written there wins.
        let at = |jurisdiction: &Jurisdiction, id: &str| match picket_schemas::split_id(id) {
            (Some(home), short) => (home.to_owned(), short.to_owned()),
            (None, short) => (jurisdiction.to_string(), short.to_owned()),
        };
        Ok(match question {
            Question::Inbox { person } => View::Inbox(self.inbox(person)?),
            Question::Person { person } => self
                .person(person.as_str())?
                .map_or(View::Unknown, View::Person),
            Question::Task { jurisdiction, task } => {
                let (j, task) = at(jurisdiction, task);
                self.task(&j, &task)?.map_or(View::Unknown, View::Task)
            }
            Question::Batch {
                jurisdiction,
                batch,
            } => {
                let (j, batch) = at(jurisdiction, batch);
                self.batch(&j, &batch)?.map_or(View::Unknown, View::Batch)
            }
            Question::Board { jurisdiction } => View::Board(self.board(jurisdiction)?),
            Question::Lead { jurisdiction, lead } => {
                let (j, lead) = at(jurisdiction, lead);
                self.lead(&j, &lead)?.map_or(View::Unknown, View::Lead)
            }
            Question::Case { jurisdiction, case } => {
                let (j, case) = at(jurisdiction, case);
                self.case(&j, &case)?.map_or(View::Unknown, View::Case)
            }
            Question::Order {
                jurisdiction,
                order,
            } => {
                let (j, order) = at(jurisdiction, order);
                self.order(&j, &order)?.map_or(View::Unknown, View::Order)
            }
            Question::Timeline { jurisdiction, of } => {
                // An occurrence may hold a slash of its own; only a jurisdiction is taken off.
                let (j, id) = match of.split_once('/') {
                    Some((home, short)) if self.territory.jurisdictions.contains_key(home) => {
                        (home.to_owned(), short.to_owned())
                    }
                    _ => (jurisdiction.to_string(), of.clone()),
                };
                let timeline = self.timeline(&j, &id)?;
                if timeline.is_empty() {
                    View::Unknown
                } else {
                    View::Timeline(timeline)
                }
            }
            Question::Overdue { jurisdiction } => View::Overdue(self.overdue(jurisdiction)?),
            Question::Institution { jurisdiction, code } => {
                let (j, code) = at(jurisdiction, code);
                self.institution(&j, &code)?
                    .map_or(View::Unknown, View::Institution)
            }
            Question::Bulletin {
                jurisdiction,
                bulletin,
            } => View::Bulletin(self.bulletin(jurisdiction.as_str(), bulletin.as_deref())?),
            Question::Schedules { jurisdiction } => {
                View::Schedules(self.schedules(jurisdiction.as_str())?)
            }
            Question::Deliveries { jurisdiction } => {
                View::Deliveries(self.deliveries(jurisdiction.as_str())?)
            }
            Question::Notices { person } => View::Notices(self.notices(person.as_str())?),
            Question::Find {
                jurisdiction,
                find,
                by,
            } => View::Found(self.find(jurisdiction.as_str(), find, by)?),
            Question::People { jurisdiction, role } => {
                View::People(self.people(jurisdiction.as_str(), role.as_deref())?)
            }
            Question::Areas { person } => View::Areas(self.areas(person.as_str())?),
            Question::Identity { channel, account } => self
                .identity(channel, account)?
                .map_or(View::Unknown, View::Person),
            Question::Accounts { person } => View::Accounts(self.accounts(person.as_str())?),
            Question::Groups { channel } => View::Groups(self.groups(channel)?),
            Question::Group { group, tasks } => self
                .group(group.as_str(), tasks)?
                .map_or(View::Unknown, |group| View::Group(Box::new(group))),
            Question::Readings { jurisdiction } => {
                View::Readings(self.readings(jurisdiction.as_str())?)
            }
            Question::Figures { .. } => View::Unknown,
        })
    }
}
