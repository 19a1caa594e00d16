//! Yielding: what nobody waits for leaves a busy store to those somebody waits for, and is said all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use picket_calendar::Calendar;
use picket_journal::{
    AppendError, BookName, Bytes, Follower, Head, Journal, MemoryJournal, ReadError, RetryPolicy,
    StoredCommit, Unavailable,
};
use picket_schemas::Cause;
use tokio::time::Instant;

use super::toys::{both, tally};
use super::{Place, book, county, instant, until};
use crate::{Engine, Live};

/// A store that takes its time, has no room for dispatch while it is told so, and once brings less of it than there is.
struct Store {
    memory: MemoryJournal,
    each: Duration,
    full: AtomicBool,
    short: AtomicBool,
}

impl Store {
    fn of(place: &Place, each: Duration) -> Arc<Self> {
        Arc::new(Self {
            memory: place.memory.clone(),
            each,
            full: AtomicBool::new(false),
            short: AtomicBool::new(false),
        })
    }
}

#[async_trait]
impl Journal for Store {
    async fn append(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, AppendError> {
        tokio::time::sleep(self.each).await;
        if book.service() == "dispatch" && self.full.load(Ordering::SeqCst) {
            return Err(AppendError::Full("no room".to_owned()));
        }
        self.memory.append(book, expected, hash, bytes).await
    }
    async fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        if book.service() == "dispatch" && self.short.swap(false, Ordering::SeqCst) {
            return Ok(Vec::new());
        }
        self.memory.read(book, after, limit).await
    }
    async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        self.memory.last(books).await
    }
    async fn follow(&self, after: Vec<(BookName, Head)>) -> Result<Follower, Unavailable> {
        self.memory.follow(after).await
    }
}

async fn live(place: &Place, each: Duration) -> Live {
    place
        .live_in(place.engine_over(Store::of(place, each), both()))
        .await
}

#[tokio::test(start_paused = true)]
async fn what_follows_from_facts_is_said_at_once_where_the_store_is_quick() {
    let place = Place::new();
    let live = live(&place, Duration::from_millis(1)).await;
    for n in 0..5 {
        let asked = Instant::now();
        live.wish(&county(), place.tally(&format!("c-{n}"), "echo:1"))
            .await
            .expect("accepted");
        until("the echo", async || {
            place.count("dispatch", "task.declined") == n + 1
        })
        .await;
        assert!(
            asked.elapsed() < Duration::from_millis(25),
            "it took {:?}",
            asked.elapsed()
        );
    }
    live.stop().await;
}

#[tokio::test(start_paused = true)]
async fn where_the_store_is_slow_it_is_said_in_fewer_commits_soon_and_whole() {
    let place = Place::new();
    let live = live(&place, Duration::from_millis(40)).await;
    for n in 0..50 {
        live.wish(&county(), place.tally(&format!("c-{n}"), "echo:1"))
            .await
            .expect("accepted");
    }
    let asked = Instant::now();
    until("every echo", async || {
        place.count("dispatch", "task.declined") == 50
    })
    .await;
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "it took {:?}",
        asked.elapsed()
    );
    let commits = place.stored("dispatch").len();
    assert!(
        (3..=12).contains(&commits),
        "two seconds of facts made {commits} commits"
    );
    live.stop().await;
    place.sound().await;
}

#[tokio::test(start_paused = true)]
async fn a_wish_waits_for_nothing_of_that_and_takes_along_what_has_waited() {
    let place = Place::new();
    let live = live(&place, Duration::from_millis(100)).await;
    live.wish(&county(), place.tally("c-0", "echo:1"))
        .await
        .expect("accepted");
    until("the first echo", async || {
        place.count("dispatch", "task.declined") == 1
    })
    .await;
    live.wish(&county(), place.tally("c-1", "echo:1"))
        .await
        .expect("accepted");
    let asked = Instant::now();
    live.wish(
        &county(),
        place.wish(
            "d-1",
            picket_schemas::dispatch::Command::CancelTask {
                task: "t-1".into(),
                reason: "go".into(),
            },
        ),
    )
    .await
    .expect("accepted");
    assert!(
        asked.elapsed() < Duration::from_millis(250),
        "it took {:?}",
        asked.elapsed()
    );
    assert_eq!(
        place.count("dispatch", "task.declined"),
        2,
        "the fact that waited went along"
    );
    live.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_bell_rings_soon_after_it_is_due_however_slow_the_store_is() {
    let place = Place::new();
    let live = live(&place, Duration::from_millis(400)).await;
    live.wish(&county(), place.tally("b-1", "bell:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    place.clock.set(instant("2026-11-20T02:00:00Z"));
    let due = Instant::now();
    until("the bell", async || {
        place
            .entries("schedule")
            .iter()
            .any(|(_, entry)| entry.cause == Cause::Bell)
    })
    .await;
    assert!(
        due.elapsed() < Duration::from_millis(1_500),
        "it took {:?}",
        due.elapsed()
    );
    live.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_followed_from_a_fact_and_was_refused_is_said_soon_though_a_wish_came_between() {
    let place = Place::new();
    let journal = Store::of(&place, Duration::from_millis(20));
    let mut engine = place.engine_over(journal.clone(), both());
    Arc::get_mut(&mut engine)
        .expect("nobody else has it")
        .patience = RetryPolicy {
        total: Duration::from_millis(300),
        attempt: Duration::from_millis(300),
        first_wait: Duration::from_millis(10),
        longest_wait: Duration::from_millis(10),
    };
    let live = place.live_in(engine).await;
    live.wish(&county(), place.tally("c-0", "echo:1"))
        .await
        .expect("accepted");
    until("the first echo", async || {
        place.count("dispatch", "task.declined") == 1
    })
    .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    journal.full.store(true, Ordering::SeqCst);
    live.wish(&county(), place.tally("c-1", "echo:1"))
        .await
        .expect("accepted");
    // The echo is on its way now, and will be refused.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let refused = live
        .wish(
            &county(),
            place.wish(
                "d-1",
                picket_schemas::dispatch::Command::CancelTask {
                    task: "t-1".into(),
                    reason: "go".into(),
                },
            ),
        )
        .await;
    assert!(
        refused.is_err(),
        "it waited for what was refused: {refused:?}"
    );
    journal.full.store(false, Ordering::SeqCst);
    let since = Instant::now();
    until("the second echo", async || {
        place.count("dispatch", "task.declined") == 2
    })
    .await;
    assert!(
        since.elapsed() < Duration::from_secs(2),
        "it took {:?}",
        since.elapsed()
    );
    live.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_bell_does_not_ring_upon_a_read_that_brings_less_than_there_is() {
    let place = Place::new();
    let store = Store::of(&place, Duration::ZERO);
    let live = Live::start(
        place.engine_over(store.clone(), both()),
        &[book("schedule")],
        true,
    )
    .await
    .expect("it opens");
    live.wish(&county(), place.tally("b-1", "bell:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    takes_back(&place);
    store.short.store(true, Ordering::SeqCst);
    place.clock.set(instant("2026-11-20T02:00:00Z"));
    until("the fact", async || {
        place.count("schedule", "schedule.resumed") == 1
    })
    .await;
    live.stop().await;
    assert!(
        !store.short.load(Ordering::SeqCst),
        "the short read happened"
    );
    assert!(!rang(&place));
}

/// Another process stores what takes the bell back.
fn takes_back(place: &Place) {
    let taken_back = picket_schemas::dispatch::Event::TaskCancelled {
        task: "b-1".into(),
        by: "420902/P-2".into(),
        reason: "fixed".into(),
    };
    place.stranger("dispatch", "dispatch.cancel_task", vec![taken_back.into()]);
}

/// A place where a bell is due that a fact takes back, which another process has just stored.
async fn a_fact_on_its_way() -> (Place, Arc<Engine>, Live) {
    let place = Place::new();
    let engine = Arc::new(
        Engine::new(
            place.journal.clone(),
            place.territory.clone(),
            both(),
            place.clock.clone(),
            Calendar::china(),
        )
        .with_other_writers(),
    );
    // A tailer brings its commits here, as far as this process knows.
    engine.cache.opened("dispatch/420902", Head::default());
    let live = Live::start(engine.clone(), &[book("schedule")], true)
        .await
        .expect("it opens");
    live.wish(&county(), place.tally("b-1", "bell:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    takes_back(&place);
    place.clock.set(instant("2026-11-20T02:00:00Z"));
    (place, engine, live)
}

fn rang(place: &Place) -> bool {
    place
        .entries("schedule")
        .iter()
        .any(|(_, entry)| entry.cause == Cause::Bell)
}

#[tokio::test(start_paused = true)]
async fn a_bell_waits_for_what_is_on_its_way_here_and_reads_what_does_not_come() {
    let (place, _engine, live) = a_fact_on_its_way().await;
    until("the fact", async || {
        place.count("schedule", "schedule.resumed") == 1
    })
    .await;
    assert!(!rang(&place));
    live.stop().await;
    assert!(!rang(&place), "it was taken back before it was due");
}

#[tokio::test(start_paused = true)]
async fn a_bell_goes_on_as_soon_as_what_it_waits_for_is_here() {
    let (place, engine, live) = a_fact_on_its_way().await;
    let waits = Instant::now();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(place.count("schedule", "schedule.resumed"), 0, "it waits");
    let stored = place.stored("dispatch").remove(0);
    engine.cache.publish(&Arc::new(
        picket_reading::Decoded::check("dispatch/420902", &Head::default(), &stored)
            .expect("it is whole"),
    ));
    until("the fact", async || {
        place.count("schedule", "schedule.resumed") == 1
    })
    .await;
    assert!(
        waits.elapsed() < Duration::from_millis(200),
        "it took {:?}",
        waits.elapsed()
    );
    live.stop().await;
    assert!(!rang(&place));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_works_again_is_asked_again_soon_when_it_fails_the_next_time() {
    let place = Place::new();
    let live = place.live(vec![tally()]).await;
    let bell = format!("bell:{}", super::MORNING);
    let rang = |times: usize| place.count("schedule", "schedule.resumed") == times;
    // Before a bell the store is asked where journals end: often in vain, and then all goes well.
    place.journal.fail_reads(8);
    live.wish(&county(), place.tally("c-1", &bell))
        .await
        .expect("accepted");
    until("the first bell", async || rang(1)).await;
    let before = Instant::now();
    place.journal.fail_reads(1);
    live.wish(&county(), place.tally("c-2", &bell))
        .await
        .expect("accepted");
    until("the second bell", async || rang(2)).await;
    let waited = before.elapsed();
    assert!(waited < Duration::from_millis(500), "{waited:?}");
    live.stop().await;
}
