//! The health of a running Picket, which a person must look at: a store that saves nothing, books that stand still, a projection that is behind,
//! deadlines that nobody can work out yet.
//!
//! `picket up` says it as it comes about, other commands where it bears on what they show. The store that holds
//! the facts comes first. It decides nothing and mends nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Bus, Client, subjects};
use picket_calendar::Calendar;
use picket_runtime::{Hindrance, Live};
use picket_schemas::ask::{Question, View};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::desk::Asker;
use crate::reach::Reach;
use crate::settings::Settings;

const SUBJECT: &str = subjects::HEALTH;
/// How often it is looked whether all is well.
const LOOK: Duration = Duration::from_secs(1);
/// Every how many looks clocks without a calendar are counted: that reads every open clock.
const COUNT: u64 = 10;
/// What whoever runs a cluster does about what stands still.
const OF_MANY: &str = "What was answered is safe, and everything else goes on. `deploy/README.md` says what to look at and what to do.";
/// For how many looks the projection must be in trouble before that is told. Where the disk is full the store of
/// the facts will say so by then, and comes first.
const PATIENCE: u64 = 5;

/// How a running Picket is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// What the store of the facts said when it last did not save something.
    #[serde(default)]
    pub unsaved: Option<String>,
    /// Books that stand still.
    #[serde(default)]
    pub books: Vec<Unwell>,
    /// Why the projection does not get on.
    #[serde(default)]
    pub insight: Option<String>,
    /// Years without a working calendar, with how many clocks wait for each.
    #[serde(default)]
    pub calendars: BTreeMap<i16, usize>,
}

/// A book that stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unwell {
    /// The book.
    pub book: String,
    /// What it does not do.
    pub hindrance: Hindrance,
    /// Why.
    pub why: String,
}

/// A sentence and a hint; the same trouble has the same `key` however its numbers change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    key: String,
    sentence: String,
    hint: String,
}

impl Told {
    fn print(&self) {
        eprintln!("picket: {}\n  hint: {}", self.sentence, self.hint);
    }
}

impl Health {
    /// How the books and the projection of this process are.
    pub(crate) async fn of(live: &Live, asker: &Asker) -> Self {
        Self {
            calendars: years(asker).await,
            ..Self::at_a_glance(live, Some(asker))
        }
    }

    /// All but what must be counted.
    fn at_a_glance(live: &Live, asker: Option<&Asker>) -> Self {
        let mut books: Vec<_> = live
            .troubles()
            .into_iter()
            .map(|trouble| Unwell {
                book: trouble.book.to_string(),
                hindrance: trouble.hindrance,
                why: trouble.why,
            })
            .collect();
        let (damaged, insight) = asker.map(Asker::stands).unwrap_or_default();
        // Nobody keeps it here, or it was damaged since it was opened: readers found it.
        for (book, why) in damaged {
            if !books
                .iter()
                .any(|unwell| unwell.book == book && unwell.hindrance == Hindrance::Stopped)
            {
                books.push(Unwell {
                    book,
                    hindrance: Hindrance::Stopped,
                    why,
                });
            }
        }
        books.sort_by_key(|unwell| unwell.hindrance != Hindrance::Stopped);
        Self {
            unsaved: live.engine().unsaved(),
            books,
            insight,
            calendars: BTreeMap::new(),
        }
    }

    /// Asks the running process; nothing is wrong where it does not say.
    pub async fn ask(client: &Client) -> Self {
        let Ok(reply) = client
            .bus()
            .ask(SUBJECT, Vec::new(), Duration::from_secs(2))
            .await
        else {
            return Self::default();
        };
        serde_json::from_slice(&reply).unwrap_or_default()
    }

    /// What whoever runs Picket must know, the gravest first.
    pub fn told(&self, data: &Path) -> Vec<Told> {
        let data = data.display();
        let store = self.unsaved.iter().map(|why| Told {
            key: "store".into(),
            sentence: format!("the journal, which holds the facts, does not save: {why}"),
            hint: "Make room or mend the disk. What was answered is safe; who is told \"not saved\" sends it again.".into(),
        });
        let books = self.books.iter().map(|Unwell { book, hindrance, why }| {
            let key = format!("{book} {hindrance:?}");
            match hindrance {
                Hindrance::Stopped => Told {
                    key,
                    sentence: format!("`{book}` is stopped: {why}"),
                    hint: format!("The other books go on. Stop Picket, let `picket verify --data {data}` name the place, and restore the folder from a copy; where it says that a later version wrote it, upgrade instead."),
                },
                Hindrance::Parked => Told {
                    key,
                    sentence: format!("`{book}` does nothing until a person has looked: {why}"),
                    hint: format!("`picket verify` on a copy of the folder; then `picket verify --data {data} --unpark {book}`"),
                },
                Hindrance::SilentBell => Told {
                    key,
                    sentence: format!("`{book}` rings nothing until a person has looked: {why}"),
                    hint: format!("Report it; after an upgrade `picket verify --data {data} --unpark {book}` lets it ring."),
                },
            }
        });
        store
            .chain(books)
            .chain(self.projection())
            .chain(self.years())
            .collect()
    }

    fn projection(&self) -> Option<Told> {
        let why = self.insight.as_ref()?;
        Some(Told {
            key: "insight".into(),
            sentence: format!("insight, which is only a projection of the facts, does not get on: {why}"),
            hint: "No fact is in danger; answers are old until it goes on. `insight.db` may be deleted while Picket is stopped; it is made again.".into(),
        })
    }

    fn years(&self) -> Vec<Told> {
        let told = |(year, clocks): (&i16, &usize)| {
            Told {
            key: format!("calendar {year}"),
            sentence: format!("there is no working calendar for {year}: {clocks} {} for it, provisional, and will not ring", if *clocks == 1 { "clock waits" } else { "clocks wait" }),
            hint: "Import the published year: `picket import calendar FILE --yes`; the clocks then get their real deadlines by themselves.".into(),
        }
        };
        self.calendars.iter().map(told).collect()
    }

    /// What whoever reads answers must know: what they may lack.
    fn lacks(&self) -> Vec<Told> {
        let stopped = self
            .books
            .iter()
            .filter(|unwell| unwell.hindrance == Hindrance::Stopped);
        let stopped = stopped.map(|Unwell { book, why, .. }| Told {
            key: book.clone(),
            sentence: format!("what is shown may lack what `{book}` says: {why}"),
            hint: "`picket verify` names the place; restore the folder from a copy.".into(),
        });
        stopped.chain(self.projection()).collect()
    }
}

/// Serves it on a bus.
pub async fn serve(bus: Arc<dyn Bus>, live: Arc<Live>, asker: Asker) {
    let Ok(mut requests) = bus.serve(SUBJECT).await else {
        return;
    };
    while let Some(request) = requests.next().await {
        let health = Health::of(&live, &asker).await;
        request.reply(serde_json::to_vec(&health).unwrap_or_default());
    }
}

/// The years without a working calendar that clocks wait for.
async fn years(asker: &Asker) -> BTreeMap<i16, usize> {
    let calendar = Calendar::china();
    let mut years = BTreeMap::new();
    for due in asker.provisional().await {
        // The end of a day is the first instant of the next.
        let day = calendar.date_of(due - Duration::from_millis(1));
        *years.entry(day.year()).or_default() += 1;
    }
    years
}

/// Says what must be looked at, once each time it comes about.
pub struct Watch {
    live: Arc<Live>,
    /// The projection, where this process has one.
    asker: Option<Asker>,
    settings: Settings,
    /// What to do about a book or a projection that stands still, where it is not what a single folder needs.
    instead: Option<&'static str>,
    /// What was said and still holds.
    said: BTreeSet<String>,
    calendars: BTreeMap<i16, usize>,
    looks: u64,
    /// For how many looks the projection has been in trouble.
    projection: u64,
}

impl Watch {
    /// Nothing said yet.
    pub fn new(live: Arc<Live>, asker: Asker, settings: Settings) -> Self {
        Self {
            live,
            asker: Some(asker),
            settings,
            instead: None,
            said: BTreeSet::new(),
            calendars: BTreeMap::new(),
            looks: 0,
            projection: 0,
        }
    }

    /// The same for one process of many.
    pub fn of_many(live: Arc<Live>, asker: Option<Asker>, settings: Settings) -> Self {
        Self {
            live,
            asker,
            settings,
            instead: Some(OF_MANY),
            said: BTreeSet::new(),
            calendars: BTreeMap::new(),
            looks: 0,
            projection: 0,
        }
    }

    /// Looks once, and says what is new.
    pub async fn look(&mut self) {
        if self.looks.is_multiple_of(COUNT) {
            self.calendars = match &self.asker {
                Some(asker) => years(asker).await,
                None => BTreeMap::new(),
            };
        }
        self.looks += 1;
        let mut health = Health {
            calendars: self.calendars.clone(),
            ..Health::at_a_glance(&self.live, self.asker.as_ref())
        };
        self.projection = if health.insight.is_some() {
            self.projection + 1
        } else {
            0
        };
        if health.unsaved.is_none() && self.projection < PATIENCE {
            health.insight = None;
        }
        let told = health.told(self.settings.folder.path());
        for told in told.iter().filter(|told| !self.said.contains(&told.key)) {
            match self.instead.filter(|_| !told.key.starts_with("calendar")) {
                Some(hint) => Told {
                    hint: hint.to_owned(),
                    ..told.clone()
                }
                .print(),
                None => told.print(),
            }
        }
        self.said = told.into_iter().map(|told| told.key).collect();
    }

    /// Looks again and again until it is told to stop, and then once more.
    pub async fn keep(mut self, mut stop: oneshot::Receiver<()>) {
        while tokio::time::timeout(LOOK, &mut stop).await.is_err() {
            self.look().await;
        }
        self.look().await;
    }
}

/// Warns on stderr of what an answer may lack, and of clocks that wait for a year where it shows deadlines.
pub async fn warn(reach: &Reach, about: Option<&Question>) {
    let health = reach.health().await;
    let years = if shows_deadlines(reach, about).await {
        health.years()
    } else {
        Vec::new()
    };
    for told in health.lacks().iter().chain(&years) {
        told.print();
    }
}

/// Whether it is asked by or for somebody who answers for the deadlines of an area.
async fn shows_deadlines(reach: &Reach, about: Option<&Question>) -> bool {
    match about {
        Some(Question::Overdue { .. } | Question::Board { .. }) => true,
        Some(Question::Inbox { person }) => {
            let asked = reach
                .client()
                .ask(
                    &crate::reach::owner(&person.jurisdiction()),
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

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use super::*;

    fn unwell(book: &str, hindrance: Hindrance) -> Unwell {
        Unwell {
            book: book.into(),
            hindrance,
            why: "commit 4 is not what it was".into(),
        }
    }

    #[test]
    fn the_store_of_the_facts_is_told_first_and_the_projection_says_that_it_is_one() {
        let health = Health {
            unsaved: Some("no room".into()),
            books: vec![unwell("dispatch/1", Hindrance::Parked)],
            insight: Some("no room".into()),
            calendars: BTreeMap::from([(2027, 3)]),
        };
        let told = health.told(Path::new("data"));
        let words: Vec<_> = told.iter().map(|told| told.sentence.as_str()).collect();
        assert!(
            words[0].contains("the journal, which holds the facts"),
            "{words:?}"
        );
        assert!(words[1].starts_with("`dispatch/1`"), "{words:?}");
        assert!(words[2].contains("only a projection"), "{words:?}");
        assert!(
            words[3].contains("2027") && words[3].contains("3 clocks wait"),
            "{words:?}"
        );
        assert!(told.iter().all(|told| !told.hint.is_empty()));
    }

    #[test]
    fn who_asks_hears_of_what_may_be_missing_and_not_of_what_waits_elsewhere() {
        let health = Health {
            books: vec![
                unwell("dispatch/1", Hindrance::Stopped),
                unwell("courier/1", Hindrance::Parked),
            ],
            ..Health::default()
        };
        let told = health.lacks();
        assert_eq!(told.len(), 1);
        assert!(
            told[0].sentence.contains("may lack what `dispatch/1` says"),
            "{told:?}"
        );
    }

    #[test]
    fn a_trouble_whose_numbers_change_is_the_same_trouble() {
        let told = |clocks| {
            Health {
                calendars: BTreeMap::from([(2027, clocks)]),
                ..Health::default()
            }
            .told(Path::new("data"))
        };
        assert_eq!(told(1)[0].key, told(2)[0].key);
        assert_ne!(told(1)[0].sentence, told(2)[0].sentence);
    }
}
