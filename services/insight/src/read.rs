//! Reader: answers questions from the tables, one file per group of answers.
//!
//! A reader knows the instant it answers for, because overdue and sealed depend on it; whether somebody may see
//! a thing it asks the rights. It changes nothing and knows no journal.

mod bulletins;
mod cases;
mod clocks;
mod drafts;
mod facts;
mod find;
mod groups;
mod identities;
mod inbox;
mod institutions;
mod leads;
mod names;
mod notices;
mod people;
mod sentence;
mod tasks;
mod timeline;

use jiff::Timestamp;
use picket_schemas::ask::{Question, View};
use picket_schemas::{Jurisdiction, split_id};
use rusqlite::Params;

use crate::rights::{ResolvedViewer, Rights};
use crate::sql::micros;
use crate::tables::{InsightResult, Tables};

/// Everything within an area: continues with a query that uses `inside`, whose first parameter is the area.
pub(crate) const INSIDE: &str = "WITH RECURSIVE inside (code) AS (SELECT ?1 UNION SELECT a.code FROM areas a JOIN inside i ON a.parent = i.code) ";

/// Jurisdictions and ids of things.
type ThingKeys = Vec<(String, String)>;

/// Reads the tables for one answer.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) tables: Tables<'a>,
    pub(crate) rights: Rights<'a>,
    now: i64,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(tables: Tables<'a>, now: Timestamp, eyes: &'a ResolvedViewer) -> Self {
        let now = micros(now);
        Self {
            tables,
            rights: Rights::new(tables, now, eyes),
            now,
        }
    }

    /// Pairs of a jurisdiction and an id.
    fn keys(&self, sql: &str, params: impl Params) -> InsightResult<ThingKeys> {
        self.tables
            .all(sql, params, |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// The jurisdiction and all below it.
    pub(crate) fn scope(&self, of: &Jurisdiction) -> Vec<String> {
        let mut scope = vec![of.clone()];
        let mut next = 0;
        while next < scope.len() {
            let children: Vec<_> = self
                .tables
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

    /// The jurisdictions directly below one, in order.
    pub(crate) fn children(&self, of: &Jurisdiction) -> Vec<Jurisdiction> {
        self.tables
            .territory
            .children(of)
            .filter(|child| *child != of)
            .cloned()
            .collect()
    }

    /// The revision of a thing: the number of times its own book named it, which grows with every change.
    fn revision(&self, j: &str, id: &str) -> InsightResult<u64> {
        let count = self.tables.one(
            "SELECT COUNT(*) FROM event_ids WHERE j = ?1 AND id = ?2",
            (j, id),
            |row| row.get::<_, i64>(0),
        )?;
        Ok(count
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or_default())
    }

    /// Answers every question but the one for figures, which are counted elsewhere.
    pub(crate) fn answer(&self, question: &Question) -> InsightResult<View> {
        Ok(match question {
            Question::Inbox { person } => View::Inbox(self.inbox(person)?),
            Question::Person { person } => known(self.person(person.as_str())?, View::Person),
            Question::Task { jurisdiction, task } => {
                let (j, task) = at(jurisdiction, task);
                known(self.task(j, task)?, View::Task)
            }
            Question::Batch {
                jurisdiction,
                batch,
            } => {
                let (j, batch) = at(jurisdiction, batch);
                known(self.batch(j, batch)?, View::Batch)
            }
            Question::Board { jurisdiction } => View::Board(self.board(jurisdiction)?),
            Question::Lead { jurisdiction, lead } => {
                let (j, lead) = at(jurisdiction, lead);
                known(self.lead(j, lead)?, View::Lead)
            }
            Question::Case { jurisdiction, case } => {
                let (j, case) = at(jurisdiction, case);
                known(self.case(j, case)?, View::Case)
            }
            Question::Order {
                jurisdiction,
                order,
            } => {
                let (j, order) = at(jurisdiction, order);
                known(self.order(j, order)?, View::Order)
            }
            Question::Timeline { jurisdiction, of } => self.whole_timeline(jurisdiction, of)?,
            Question::Overdue { jurisdiction } => View::Overdue(self.overdue(jurisdiction)?),
            Question::Institution { jurisdiction, code } => {
                let (j, code) = at(jurisdiction, code);
                known(self.institution(j, code)?, View::Institution)
            }
            Question::Bulletin {
                jurisdiction,
                bulletin,
            } => View::Bulletin(self.bulletin(jurisdiction.as_str(), bulletin.as_deref())?),
            Question::Schedules { jurisdiction } => View::Schedules(self.schedules(jurisdiction)?),
            Question::Deliveries { jurisdiction } => {
                View::Deliveries(self.deliveries(jurisdiction)?)
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
            Question::Identity { channel, account } => {
                known(self.identity(channel, account)?, View::Person)
            }
            Question::Accounts { person } => View::Accounts(self.accounts(person.as_str())?),
            Question::Groups { channel } => View::Groups(self.groups(channel)?),
            Question::Group { group, tasks } => {
                let shown = self.group(group.as_str(), tasks)?;
                known(shown.map(Box::new), View::Group)
            }
            Question::Readings { jurisdiction } => View::Readings(self.readings(jurisdiction)?),
            Question::Figures { .. } => View::Unknown,
        })
    }

    fn whole_timeline(&self, jurisdiction: &Jurisdiction, of: &str) -> InsightResult<View> {
        // An occurrence may hold a slash of its own; only a jurisdiction is taken off.
        let (j, id) = match of.split_once('/') {
            Some((home, short)) if self.tables.territory.jurisdictions.contains_key(home) => {
                (home, short)
            }
            _ => (jurisdiction.as_str(), of),
        };
        let timeline = self.timeline(j, id)?;
        Ok(if timeline.is_empty() {
            View::Unknown
        } else {
            View::Timeline(timeline)
        })
    }
}

/// An id may carry its jurisdiction; what is written there wins.
fn at<'q>(jurisdiction: &'q Jurisdiction, id: &'q str) -> (&'q str, &'q str) {
    let (home, short) = split_id(id);
    (home.unwrap_or(jurisdiction.as_str()), short)
}

/// What is not there, or not to be seen, is unknown.
fn known<T>(found: Option<T>, view: impl FnOnce(T) -> View) -> View {
    found.map_or(View::Unknown, view)
}
