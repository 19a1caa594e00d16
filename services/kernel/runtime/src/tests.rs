//! The laws of the kernel, held with toy books and with the real ones.
//!
//! `Tally` (in place of schedule) takes wishes and rings bells; `Echo` (in place of dispatch) reads it and
//! answers; `Scribe` (in place of courier) reads both and writes down in which order. What a wish should
//! bring about is its reason: `echo:3`, `refuse`, `large:1000`, … Nothing here knows the trade.

mod births;
mod causal;
mod clock;
mod faults;
mod groups;
mod live;
mod others;
mod parking;
mod reading;
mod real;
mod resuming;
mod snapshots;
mod stopping;
mod toys;
mod wire;
mod yielding;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use picket_calendar::Calendar;
use picket_journal::faulty::FaultyJournal;
use picket_journal::{BookName, Head, Journal, MemoryJournal, RetryPolicy, StoredCommit, hash_of};
use picket_reading::verify_book;
use picket_schemas::event::GENERATION;
use picket_schemas::registry::Territory;
use picket_schemas::{
    Answer, Cause, Command, CommandId, Commit, Entry, Event, Jurisdiction, PersonId, Problem, Wish,
    schedule,
};

use crate::{Clock, Engine, Live, Lockstep, ServiceKind};

const COUNTY: &str = "420902";
const MORNING: &str = "2026-11-20T01:00:00Z";

fn instant(text: &str) -> Timestamp {
    text.parse().expect("a test gives an RFC 3339 instant")
}

fn county() -> Jurisdiction {
    Jurisdiction::from(COUNTY)
}

fn book(service: &str) -> BookName {
    BookName::new(service, COUNTY).expect("a test names a book")
}

/// A store, a clock and a territory; engines come and go.
struct Place {
    memory: MemoryJournal,
    journal: Arc<FaultyJournal<MemoryJournal>>,
    clock: Clock,
    territory: Territory,
    /// The format the youngest service of its programs came with.
    generation: u32,
}

impl Place {
    fn new() -> Self {
        let memory = MemoryJournal::new();
        let journal = Arc::new(FaultyJournal::new(Arc::new(memory.clone())));
        let territory = Territory {
            jurisdictions: BTreeMap::from([(county(), None)]),
        };
        Self {
            memory,
            journal,
            clock: Clock::driven(instant(MORNING)),
            territory,
            generation: GENERATION,
        }
    }

    fn engine(&self, kinds: Vec<ServiceKind>) -> Arc<Engine> {
        self.engine_over(self.journal.clone(), kinds)
    }

    fn engine_over(&self, journal: Arc<dyn Journal>, kinds: Vec<ServiceKind>) -> Arc<Engine> {
        let mut engine = Engine::new(
            journal,
            self.territory.clone(),
            kinds,
            self.clock.clone(),
            Calendar::china(),
        )
        .of_generation(self.generation);
        engine.patience = RetryPolicy {
            attempt: Duration::from_millis(500),
            total: Duration::from_millis(500),
            first_wait: Duration::from_millis(1),
            longest_wait: Duration::from_millis(2),
        };
        Arc::new(engine)
    }

    async fn lockstep(&self, kinds: Vec<ServiceKind>) -> Lockstep {
        Lockstep::open(self.engine(kinds))
            .await
            .expect("the books open")
    }

    async fn live(&self, kinds: Vec<ServiceKind>) -> Live {
        self.live_in(self.engine(kinds)).await
    }

    async fn live_in(&self, engine: Arc<Engine>) -> Live {
        let books = engine.books();
        Live::start(engine, &books, true)
            .await
            .expect("the books open")
    }

    fn wish(&self, id: &str, command: impl Into<Command>) -> Wish {
        let by = PersonId::new(&county(), "P-1");
        Wish {
            id: id.into(),
            by,
            via: "test".into(),
            made: self.clock.now(),
            observed: None,
            trace: String::new(),
            command: command.into(),
        }
    }

    /// A wish to the tally: `code` is its subject, `reason` tells what should happen.
    fn tally(&self, id: &str, reason: &str) -> Wish {
        self.wish(
            id,
            schedule::Command::Pause {
                code: id.into(),
                reason: reason.into(),
            },
        )
    }

    fn stored(&self, service: &str) -> Vec<StoredCommit> {
        self.memory
            .read_blocking(&book(service), &Head::default(), usize::MAX)
            .expect("memory can be read")
    }

    fn commits(&self, service: &str) -> Vec<Commit> {
        self.stored(service)
            .iter()
            .map(|stored| Commit::decode(&stored.bytes).expect("what was written can be read"))
            .collect()
    }

    fn entries(&self, service: &str) -> Vec<(u64, Entry)> {
        self.commits(service)
            .into_iter()
            .flat_map(|commit| {
                commit
                    .entries
                    .into_iter()
                    .map(move |entry| (commit.n, entry))
            })
            .collect()
    }

    fn events(&self, service: &str) -> Vec<Event> {
        self.entries(service)
            .into_iter()
            .flat_map(|(_, entry)| entry.events)
            .collect()
    }

    fn kinds(&self, service: &str) -> Vec<&'static str> {
        self.events(service).iter().map(Event::kind).collect()
    }

    fn count(&self, service: &str, kind: &str) -> usize {
        self.kinds(service)
            .iter()
            .filter(|has| **has == kind)
            .count()
    }

    /// The commits that hold this command.
    fn found(&self, service: &str, id: &str) -> Vec<u64> {
        self.entries(service)
            .iter()
            .filter(|(_, entry)| entry.cause == Cause::Command && entry.id == *id)
            .map(|(n, _)| *n)
            .collect()
    }

    /// Writes a commit by another hand.
    fn stranger(&self, service: &str, does: &str, events: Vec<Event>) -> Head {
        let bytes = self.strange(service, does, events);
        let head = self
            .memory
            .last_blocking(&[book(service)])
            .expect("memory can be read")
            .remove(0);
        let hash = hash_of(&bytes);
        self.memory
            .append_blocking(&book(service), &head, &hash, bytes.into())
            .expect("memory takes it")
    }

    /// The bytes another hand would append next.
    fn strange(&self, service: &str, does: &str, events: Vec<Event>) -> Vec<u8> {
        let head = self
            .memory
            .last_blocking(&[book(service)])
            .expect("memory can be read")
            .remove(0);
        let at = self.clock.now();
        let entry = Entry {
            id: CommandId::from(format!("strange-{}", head.number + 1)),
            by: "420902/P-2".into(),
            via: "test".into(),
            cause: Cause::Command,
            of: None,
            does: does.into(),
            made: at,
            trace: String::new(),
            hops: 0,
            events,
        };
        Commit {
            book: format!("{service}/{COUNTY}"),
            n: head.number + 1,
            at,
            prev: head.hash,
            due: None,
            seen: BTreeMap::new(),
            reader: 1,
            began: None,
            entries: vec![entry],
        }
        .encode()
    }

    /// The journals are dense, chained and decodable, and no command stands in them twice.
    async fn sound(&self) {
        for name in self.memory.books() {
            let report = verify_book(&self.memory, &name, None, true).await;
            assert_eq!(report.damage, None);
            let commands = self
                .entries(name.service())
                .into_iter()
                .filter(|(_, entry)| entry.cause == Cause::Command);
            for (_, entry) in commands {
                assert_eq!(
                    report.ids.get(entry.id.as_str()),
                    Some(&1),
                    "{} stands in {name} more than once",
                    entry.id
                );
            }
        }
    }

    /// The live books are the fold of what is stored.
    async fn folds_to(&self, live: &Lockstep, kinds: Vec<ServiceKind>) {
        let folded = self.lockstep(kinds).await;
        assert_eq!(live.states(), folded.states());
    }
}

async fn one(lockstep: &mut Lockstep, wish: Wish) -> Result<Answer, Problem> {
    let mut answers = lockstep.wish(&county(), vec![wish]).await;
    assert_eq!(answers.len(), 1);
    answers.remove(0)
}

fn code(answer: &Result<Answer, Problem>) -> &str {
    answer
        .as_ref()
        .map_or_else(|problem| problem.code.as_str(), |_| "ok")
}

/// Waits for something that must come about, and asks every other millisecond.
async fn until(what: &str, mut come: impl AsyncFnMut() -> bool) {
    for _ in 0..5_000 {
        if come().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("{what} did not come about");
}
