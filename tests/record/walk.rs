//! One random walk: a city and a county at work, some thirty wishes, each from whoever may or from somebody else.
//!
//! The way most things go (a sweep, a finding, a lead, an order, a fix) is walked in order now and then, so that
//! walks get far; between its steps comes whatever chance brings. Nothing here depends on the machine.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use picket_calendar::Calendar;
use picket_journal::{BookName, Head, MemoryJournal};
use picket_runtime::{Clock, Engine, Lockstep};
use picket_schemas::registry::Territory;
use picket_schemas::{Command, CommandId, Commit, Jurisdiction, PersonId, Wish};
use picket_tests::xiaogan::random::Random;
use serde_json::Value;

use crate::digest::Digests;
use crate::wishes::{self, Drawn};

/// The county most things happen in, and the city above it.
pub(crate) const COUNTY: &str = "420902";
pub(crate) const CITY: &str = "4209";

/// How many wishes a walk made, and how many of them were accepted.
#[derive(Default)]
pub(crate) struct Came {
    pub(crate) wishes: u32,
    pub(crate) accepted: u32,
}

/// A world under way.
pub(crate) struct World {
    journal: MemoryJournal,
    clock: Clock,
    books: Lockstep,
    heads: BTreeMap<BookName, Head>,
    /// The ids met so far, by what stands before their number: `T`, `L`, `Z`.
    pub(crate) ids: BTreeMap<String, Vec<String>>,
    came: Came,
    seed: u64,
}

impl World {
    async fn new(seed: u64) -> Self {
        let journal = MemoryJournal::new();
        let (city, county) = (Jurisdiction::from(CITY), Jurisdiction::from(COUNTY));
        let territory = Territory {
            jurisdictions: BTreeMap::from([(city.clone(), None), (county, Some(city))]),
        };
        let start: Timestamp = "2023-03-06T01:00:00Z".parse().unwrap();
        let clock = Clock::driven(start);
        let engine = Engine::new(
            Arc::new(journal.clone()),
            territory,
            picket_node::services::kinds(),
            clock.clone(),
            Calendar::china(),
        );
        let books = Lockstep::open(Arc::new(engine)).await.unwrap();
        Self {
            journal,
            clock,
            books,
            heads: BTreeMap::new(),
            ids: BTreeMap::new(),
            came: Came::default(),
            seed,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn made(&mut self, by: &str, observed: Option<Timestamp>, command: Value) -> Option<Wish> {
        let command = Command::parse(command).ok()?;
        self.came.wishes += 1;
        let id = CommandId::from(format!("w-{}-{}", self.seed, self.came.wishes));
        Some(Wish {
            id,
            by: PersonId::from(by),
            via: "walk".into(),
            made: self.now(),
            observed,
            trace: String::new(),
            command,
        })
    }

    async fn wish(&mut self, to: &str, drawn: Vec<Drawn>, digests: &mut Digests) {
        let wishes: Vec<_> = drawn
            .into_iter()
            .filter_map(
                |Drawn {
                     by,
                     observed,
                     command,
                 }| self.made(&by, observed, command),
            )
            .collect();
        for answer in self.books.wish(&Jurisdiction::from(to), wishes).await {
            self.came.accepted += u32::from(answer.is_ok());
            match answer {
                Ok(answer) => digests.answer(&answer),
                Err(problem) => digests.answer(&problem),
            }
        }
    }

    /// Lets the books come to rest, and reads what they said.
    async fn rest(&mut self, digests: &mut Digests) {
        self.books.settle().await.unwrap();
        let mut commits = Vec::new();
        for book in self.books.engine().books() {
            let after = self.heads.entry(book.clone()).or_default();
            for stored in self
                .journal
                .read_blocking(&book, after, usize::MAX)
                .unwrap()
            {
                let here = book.jurisdiction() == COUNTY;
                commits.push((here, Commit::decode(&stored.bytes).unwrap()));
                *after = stored.head.clone();
            }
        }
        digests.learn(commits.iter().map(|(_, commit)| commit));
        for (here, commit) in &commits {
            digests.commit(commit);
            for event in commit.entries.iter().flat_map(|entry| &entry.events) {
                let event = digests.recorded(commit, event);
                meet(
                    &serde_json::to_string(&event).unwrap(),
                    *here,
                    &mut self.ids,
                );
            }
        }
    }
}

/// Notes the ids an event names.
fn meet(json: &str, here: bool, ids: &mut BTreeMap<String, Vec<String>>) {
    for text in json.split('"').filter(|text| here && text.len() < 12) {
        let Some((before, number)) = text.split_once('-') else {
            continue;
        };
        if !before.is_empty()
            && before.bytes().all(|byte| byte.is_ascii_uppercase())
            && number.bytes().all(|byte| byte.is_ascii_digit())
        {
            let met = ids.entry(before.to_owned()).or_default();
            if !met.iter().any(|id| id == text) {
                met.push(text.to_owned());
            }
        }
    }
}

/// Walks, and adds all that came of it to the digests.
pub(crate) async fn walk(seed: u64, digests: &mut Digests) -> Came {
    digests.begin();
    let mut random = Random::new(seed);
    let mut world = World::new(seed).await;
    world
        .wish(CITY, wishes::roster_of_the_city(), digests)
        .await;
    world
        .wish(COUNTY, wishes::roster_of_the_county(), digests)
        .await;
    world.rest(digests).await;
    let mut along = 0;
    for _ in 0..random.between(24, 56) {
        let (to, drawn) = if random.below(100) < 62 {
            along += 1;
            (
                COUNTY,
                wishes::along_the_way(along - 1, &world, &mut random),
            )
        } else {
            (
                if random.below(8) == 0 { CITY } else { COUNTY },
                wishes::whatever(&world, &mut random),
            )
        };
        world.wish(to, vec![drawn], digests).await;
        if along > 0 || random.below(3) > 0 {
            world.rest(digests).await;
        }
        if random.below(7) == 0 {
            let hours = *random.one::<i64>(&[1, 5, 20, 48, 200]);
            let until = world.now() + SignedDuration::from_hours(hours);
            world.books.advance(until, |_| ()).await.unwrap();
            world.rest(digests).await;
        }
    }
    world
        .books
        .advance(world.now() + SignedDuration::from_hours(24 * 40), |_| ())
        .await
        .unwrap();
    world.rest(digests).await;
    world.books.flush().await;
    world.rest(digests).await;
    world.came
}
