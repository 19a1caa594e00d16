//! The warnings about the health of a running Picket that a person must read, each a sentence and a hint.
//!
//! `picket up` and `picket serve` print them as they come about, other commands where they bear on what these show. The
//! store that holds the facts comes first. They decide nothing and mend nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use picket_node::admin::health::{Health, Unwell};
use picket_runtime::Hindrance;
use picket_schemas::ask::{Question, View};

use crate::reach::Reach;
use crate::settings::CliSettings;

/// The remedy of whoever runs a cluster for what stands still.
const OF_MANY: &str = "What was answered is safe, and everything else goes on. `deploy/README.md` says what to look at and what to do.";

/// A warning: a sentence and a hint. The same trouble has the same `key` however its numbers change.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Warning {
    key: String,
    sentence: String,
    hint: String,
}

impl Warning {
    fn print(&self) {
        eprintln!("picket: {}\n  hint: {}", self.sentence, self.hint);
    }
}

/// The warnings for whoever runs Picket, the gravest first.
fn warnings(health: &Health, data: &Path) -> Vec<Warning> {
    let data = data.display();
    let store = health.unsaved.iter().map(|why| Warning {
        key: "store".into(),
        sentence: format!("the journal, which holds the facts, does not save: {why}"),
        hint: "Make room or mend the disk. What was answered is safe; who is told \"not saved\" sends it again.".into(),
    });
    let books = health.books.iter().map(|Unwell { book, hindrance, why }| {
        let key = format!("{book} {hindrance:?}");
        match hindrance {
            Hindrance::Stopped => Warning {
                key,
                sentence: format!("`{book}` is stopped: {why}"),
                hint: format!("The other books go on. Stop Picket, let `picket verify --data {data}` name the place, and restore the folder from a copy; where it says that a later version wrote it, upgrade instead."),
            },
            Hindrance::Parked => Warning {
                key,
                sentence: format!("`{book}` does nothing until a person has looked: {why}"),
                hint: format!("`picket verify` on a copy of the folder; then `picket verify --data {data} --unpark {book}`"),
            },
            Hindrance::SilentBell => Warning {
                key,
                sentence: format!("`{book}` rings nothing until a person has looked: {why}"),
                hint: format!("Report it; after an upgrade `picket verify --data {data} --unpark {book}` lets it ring."),
            },
        }
    });
    store
        .chain(books)
        .chain(projection(health))
        .chain(years(health))
        .collect()
}

fn projection(health: &Health) -> Option<Warning> {
    let why = health.insight.as_ref()?;
    Some(Warning {
        key: "insight".into(),
        sentence: format!("insight, which is only a projection of the facts, does not get on: {why}"),
        hint: "No fact is in danger; answers are old until it goes on. `insight.db` may be deleted while Picket is stopped; it is made again.".into(),
    })
}

fn years(health: &Health) -> Vec<Warning> {
    let told = |(year, clocks): (&i16, &usize)| {
        Warning {
        key: format!("calendar {year}"),
        sentence: format!("there is no working calendar for {year}: {clocks} {} for it, provisional, and will not ring", if *clocks == 1 { "clock waits" } else { "clocks wait" }),
        hint: "Import the published year: `picket import calendar FILE --yes`; the clocks then get their real deadlines by themselves.".into(),
    }
    };
    health.calendars.iter().map(told).collect()
}

/// The warnings for whoever reads answers: what these may lack.
fn lacks(health: &Health) -> Vec<Warning> {
    let stopped = health
        .books
        .iter()
        .filter(|unwell| unwell.hindrance == Hindrance::Stopped);
    let stopped = stopped.map(|Unwell { book, why, .. }| Warning {
        key: book.clone(),
        sentence: format!("what is shown may lack what `{book}` says: {why}"),
        hint: "`picket verify` names the place; restore the folder from a copy.".into(),
    });
    stopped.chain(projection(health)).collect()
}

/// The warnings of a running process, each printed once whenever it comes about.
pub struct WarningPrinter {
    data: PathBuf,
    /// The remedy for a book or a projection that stands still, where it is not what a single folder needs.
    instead: Option<&'static str>,
    /// The keys of what was said and still holds.
    said: BTreeSet<String>,
}

impl WarningPrinter {
    /// Nothing said yet.
    pub fn new(settings: &CliSettings) -> Self {
        Self {
            data: settings.folder.path().to_owned(),
            instead: None,
            said: BTreeSet::new(),
        }
    }

    /// The same for one process of many.
    pub fn of_many(settings: &CliSettings) -> Self {
        Self {
            instead: Some(OF_MANY),
            ..Self::new(settings)
        }
    }

    /// Forgets what was said.
    pub fn reset(&mut self) {
        self.said.clear();
    }

    /// Prints what is new.
    pub fn print(&mut self, health: &Health) {
        let all = warnings(health, &self.data);
        for new in all
            .iter()
            .filter(|warning| !self.said.contains(&warning.key))
        {
            match self.instead.filter(|_| !new.key.starts_with("calendar")) {
                Some(hint) => Warning {
                    hint: hint.to_owned(),
                    ..new.clone()
                }
                .print(),
                None => new.print(),
            }
        }
        self.said = all.into_iter().map(|warning| warning.key).collect();
    }
}

/// Warns on stderr of what an answer may lack, and of clocks that wait for a year where it shows deadlines.
pub async fn warn(reach: &Reach, about: Option<&Question>) {
    let health = reach.health().await;
    let years = if shows_deadlines(reach, about).await {
        years(&health)
    } else {
        Vec::new()
    };
    for told in lacks(&health).iter().chain(&years) {
        told.print();
    }
}

/// True where it is asked by or for somebody who answers for the deadlines of an area.
async fn shows_deadlines(reach: &Reach, about: Option<&Question>) -> bool {
    match about {
        Some(Question::Overdue { .. } | Question::Board { .. }) => true,
        Some(Question::Inbox { person }) => {
            let asked = reach
                .client()
                .ask(
                    &picket_node::ids::owner(&person.jurisdiction()),
                    &Question::Person {
                        person: person.clone(),
                    },
                    &BTreeMap::new(),
                )
                .await;
            matches!(asked.map(|reply| reply.view), Ok(View::Person(person)) if person.roles.iter().any(|role| role == "coordinator"))
        }
        _ => false,
    }
}
