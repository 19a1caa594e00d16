//! The live driver: many callers, answers after appends, too much waiting, and going.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use picket_journal::faulty::Fault;
use picket_journal::{
    AppendError, BookName, Bytes, Follower, Head, Journal, MemoryJournal, ReadError, StoredCommit,
    Unavailable,
};
use picket_schemas::dispatch;
use tokio::sync::Semaphore;

use super::toys::{both, tally};
use super::{Place, book, code, county, until};
use crate::Live;

/// A journal that holds appends back until it is told to let some go.
struct Held {
    inner: MemoryJournal,
    gate: Semaphore,
    waiting: AtomicUsize,
}

impl Held {
    fn over(place: &Place) -> Arc<Self> {
        Arc::new(Self {
            inner: place.memory.clone(),
            gate: Semaphore::new(0),
            waiting: AtomicUsize::new(0),
        })
    }
}

#[async_trait]
impl Journal for Held {
    async fn append(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, AppendError> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.expect("the gate stays").forget();
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        self.inner.append(book, expected, hash, bytes).await
    }
    async fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        self.inner.read(book, after, limit).await
    }
    async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        self.inner.last(books).await
    }
    async fn follow(&self, after: Vec<(BookName, Head)>) -> Result<Follower, Unavailable> {
        self.inner.follow(after).await
    }
}

async fn held_place() -> (Place, Arc<Held>, Live) {
    let place = Place::new();
    let held = Held::over(&place);
    let mut engine = place.engine_over(held.clone(), vec![tally()]);
    Arc::get_mut(&mut engine)
        .expect("nobody else has it")
        .patience = picket_journal::RetryPolicy::default();
    let live = place.live_in(engine).await;
    // The newborn book's first words.
    held.gate.add_permits(1);
    until("the first commit", async || {
        place.stored("schedule").len() == 1
    })
    .await;
    (place, held, live)
}

#[tokio::test]
async fn no_answer_leaves_before_its_append() {
    let (place, held, live) = held_place().await;
    let first = live
        .post(&county(), place.tally("c-0", "go"))
        .expect("there is room");
    until("its append", async || {
        held.waiting.load(Ordering::SeqCst) == 1
    })
    .await;
    // A yes, a no and a repeat share the next group.
    let posted: Vec<_> = ["go", "refuse", "go"]
        .iter()
        .zip(["c-1", "c-2", "c-1"])
        .map(|(reason, id)| {
            live.post(&county(), place.tally(id, reason))
                .expect("there is room")
        })
        .collect();
    held.gate.add_permits(1);
    assert_eq!(code(&first.answer().await), "ok");
    until("the next append", async || {
        held.waiting.load(Ordering::SeqCst) == 1
    })
    .await;
    let mut answers: Vec<_> = posted
        .into_iter()
        .map(|posted| Box::pin(posted.answer()))
        .collect();
    for answer in &mut answers {
        assert!(
            tokio::time::timeout(Duration::from_millis(5), answer.as_mut())
                .await
                .is_err(),
            "nothing is answered before the disk has it"
        );
    }
    held.gate.add_permits(1);
    let mut codes = Vec::new();
    for answer in answers {
        codes.push(code(&answer.await).to_owned());
    }
    assert_eq!(codes, ["ok", "reason_needed", "ok"]);
    assert_eq!(place.stored("schedule").len(), 3, "they were one group");
    held.gate.add_permits(10);
    live.stop().await;
}

#[tokio::test]
async fn too_much_waiting_is_told_and_nothing_is_lost() {
    let (place, held, live) = held_place().await;
    let mut posted = vec![
        live.post(&county(), place.tally("c-0", "go"))
            .expect("there is room"),
    ];
    until("its append", async || {
        held.waiting.load(Ordering::SeqCst) == 1
    })
    .await;
    for n in 1..4_096 {
        posted.push(
            live.post(&county(), place.tally(&format!("c-{n}"), "go"))
                .expect("there is room"),
        );
    }
    let Err(busy) = live.post(&county(), place.tally("c-x", "go")) else {
        panic!("there is no room")
    };
    assert_eq!(busy.code, "busy");
    held.gate.add_permits(1_000);
    for posted in posted {
        assert_eq!(code(&posted.answer().await), "ok");
    }
    assert_eq!(
        code(&live.wish(&county(), place.tally("c-x", "go")).await),
        "ok",
        "there is room again"
    );
    assert_eq!(place.count("schedule", "schedule.paused"), 4_097);
    live.stop().await;
}

#[tokio::test]
async fn large_wishes_fill_the_queue_by_their_size_and_small_ones_go_on() {
    let (place, held, live) = held_place().await;
    let first = live
        .post(&county(), place.tally("c-0", "go"))
        .expect("there is room");
    until("its append", async || {
        held.waiting.load(Ordering::SeqCst) == 1
    })
    .await;
    let large = "x".repeat(1024 * 1024);
    let posted: Vec<_> = (0..5)
        .map(|n| live.post(&county(), place.tally(&format!("l-{n}"), &large)))
        .collect();
    assert!(
        posted.iter().any(Result::is_ok)
            && matches!(posted.last(), Some(Err(busy)) if busy.code == "busy"),
        "five megabytes do not wait"
    );
    let small: Vec<_> = (0..500)
        .map(|n| {
            live.post(&county(), place.tally(&format!("s-{n}"), "go"))
                .expect("there is room for small ones")
        })
        .collect();
    held.gate.add_permits(1_000);
    assert_eq!(code(&first.answer().await), "ok");
    for posted in posted.into_iter().flatten() {
        assert_eq!(
            code(&posted.answer().await),
            "too_large",
            "no commit holds that"
        );
    }
    for posted in small {
        assert_eq!(code(&posted.answer().await), "ok");
    }
    assert_eq!(
        code(&live.wish(&county(), place.tally("l-9", &large)).await),
        "too_large",
        "there is room again"
    );
    live.stop().await;
}

#[tokio::test]
async fn a_single_wish_larger_than_the_queue_is_decided_upon() {
    let place = Place::new();
    let live = place.live(vec![tally()]).await;
    live.wish(&county(), place.tally("c-0", "go"))
        .await
        .expect("accepted");
    assert_eq!(
        code(
            &live
                .wish(&county(), place.tally("c-1", &"x".repeat(5 * 1024 * 1024)))
                .await
        ),
        "too_large"
    );
    live.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wish_repeated_by_sixteen_at_once_is_done_once() {
    let place = Place::new();
    let live = Arc::new(place.live(both()).await);
    let wish = place.tally("c-1", "echo:1");
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (live, wish) = (live.clone(), wish.clone());
            tokio::spawn(async move { live.wish(&county(), wish).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("no panic"));
    }
    assert!(
        answers
            .iter()
            .all(|answer| answer.is_ok() && *answer == answers[0])
    );
    until("the echo", async || {
        place.count("dispatch", "task.declined") == 1
    })
    .await;
    live.stop().await;
    assert_eq!(place.found("schedule", "c-1").len(), 1);
    place.sound().await;
}

#[tokio::test]
async fn wishes_posted_one_after_another_are_decided_in_that_order() {
    let place = Place::new();
    let live = place.live(vec![tally()]).await;
    let posted: Vec<_> = (0..500)
        .map(|n| {
            live.post(&county(), place.tally(&format!("c-{n:03}"), "go"))
                .expect("there is room")
        })
        .collect();
    for posted in posted {
        posted.answer().await.expect("accepted");
    }
    live.stop().await;
    let ids: Vec<_> = place
        .entries("schedule")
        .into_iter()
        .map(|(_, entry)| entry.id.to_string())
        .filter(|id| id.starts_with("c-"))
        .collect();
    assert!(ids.is_sorted() && ids.len() == 500);
}

#[tokio::test]
async fn who_broke_the_book_is_refused_and_everybody_else_is_done() {
    let place = Place::new();
    let live = place.live(vec![tally()]).await;
    let posted: Vec<_> = (0..9)
        .map(|n| {
            live.post(
                &county(),
                place.tally(&format!("c-{n}"), if n % 4 == 2 { "poison" } else { "go" }),
            )
            .expect("there is room")
        })
        .collect();
    let mut codes = Vec::new();
    for posted in posted {
        codes.push(code(&posted.answer().await).to_owned());
    }
    assert_eq!(
        codes,
        ["ok", "ok", "broken", "ok", "ok", "ok", "broken", "ok", "ok"]
    );
    assert!(!live.broken());
    let state = live.state(&book("schedule")).await.expect("it is kept");
    live.stop().await;
    let folded = place.lockstep(vec![tally()]).await;
    assert_eq!(folded.states()[0].1, state);
}

#[tokio::test]
async fn a_book_whose_journal_lost_facts_stops_and_the_others_go_on() {
    let place = Place::new();
    let live = place.live(both()).await;
    for n in 0..3 {
        live.wish(&county(), place.tally(&format!("c-{n}"), "go"))
            .await
            .expect("accepted");
    }
    place.memory.forget_after(&book("schedule"), 1);
    assert_eq!(
        code(&live.wish(&county(), place.tally("c-8", "go")).await),
        "stopped"
    );
    until("red health", async || live.broken()).await;
    assert_eq!(
        code(&live.wish(&county(), place.tally("c-9", "go")).await),
        "stopped"
    );
    let cancel = place.wish(
        "d-1",
        dispatch::Command::CancelTask {
            task: "T-1".into(),
            reason: "r".into(),
        },
    );
    assert_eq!(code(&live.wish(&county(), cancel).await), "ok");
    live.stop().await;
    assert_eq!(place.stored("schedule").len(), 1);
}

#[tokio::test]
async fn a_store_that_is_full_for_long_does_not_keep_it_from_going() {
    let place = Place::new();
    let live = place.live(vec![tally()]).await;
    live.wish(&county(), place.tally("b-1", "bell:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    let before = place.journal.appends();
    place.journal.plan(vec![Fault::Full; 100_000]);
    place.clock.set(super::instant("2026-11-20T02:00:00Z"));
    until("a few attempts", async || {
        place.journal.appends() > before + 2
    })
    .await;
    assert_eq!(
        code(&live.wish(&county(), place.tally("c-1", "go")).await),
        "not_saved",
        "callers are told meanwhile"
    );
    tokio::time::timeout(Duration::from_secs(10), live.stop())
        .await
        .expect("it goes when it is told to");
    assert!(place.journal.appends() < before + 100, "it does not spin");
}

#[tokio::test]
async fn who_waits_when_it_goes_hears_so_and_what_was_answered_is_there() {
    let (place, held, live) = held_place().await;
    let live = Arc::new(live);
    let first = live
        .post(&county(), place.tally("c-0", "go"))
        .expect("there is room");
    until("its append", async || {
        held.waiting.load(Ordering::SeqCst) == 1
    })
    .await;
    let second = live
        .post(&county(), place.tally("c-1", "go"))
        .expect("there is room");
    let stopping = tokio::spawn({
        let live = live.clone();
        async move { live.stop().await }
    });
    tokio::task::yield_now().await;
    held.gate.add_permits(100);
    assert_eq!(code(&first.answer().await), "ok", "a group is finished");
    assert_eq!(code(&second.answer().await), "stopped");
    stopping.await.expect("no panic");
    assert_eq!(
        (
            place.found("schedule", "c-0").len(),
            place.found("schedule", "c-1").len()
        ),
        (1, 0)
    );
    let Err(stopped) = live.post(&county(), place.tally("c-2", "go")) else {
        panic!("nobody is there")
    };
    assert_eq!(stopped.code, "stopped");
}

#[tokio::test]
async fn a_book_that_is_only_asked_rings_nothing_and_acts_when_asked() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    super::one(&mut books, place.tally("b-1", "bell:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    drop(books);
    place.clock.set(super::instant("2026-11-20T03:00:00Z"));
    let engine = place.engine(both());
    let live = Live::start(engine.clone(), &engine.books(), false)
        .await
        .expect("the books open");
    live.wish(&county(), place.tally("c-1", "echo:1"))
        .await
        .expect("accepted");
    assert!(
        place
            .entries("schedule")
            .iter()
            .all(|(_, entry)| entry.cause != picket_schemas::Cause::Bell)
    );
    let cancel = place.wish(
        "d-1",
        dispatch::Command::CancelTask {
            task: "T-1".into(),
            reason: "r".into(),
        },
    );
    assert_eq!(code(&live.wish(&county(), cancel).await), "ok");
    assert_eq!(
        place.count("dispatch", "task.declined"),
        1,
        "a decision is made with all that is known"
    );
    live.stop().await;
}

#[tokio::test]
async fn a_book_nobody_keeps_is_unknown() {
    let place = Place::new();
    let live = place.live(vec![tally()]).await;
    assert_eq!(
        code(&live.wish(&"999999".into(), place.tally("c-1", "go")).await),
        "unknown"
    );
    assert!(live.state(&book("dispatch")).await.is_none());
    assert!(
        !live
            .unpark(&book("dispatch"), "420902/P-1".into(), false)
            .await
    );
    live.stop().await;
}

#[tokio::test]
async fn a_commit_that_was_stored_unseen_is_made_known_when_it_is_found() {
    let place = Place::new();
    let live = place.live(both()).await;
    live.wish(&county(), place.tally("c-0", "go"))
        .await
        .expect("accepted");
    let at = live.engine().cache.place();
    // Stored, but neither the acknowledgement nor a lookup comes back in time.
    place.journal.plan([Fault::AckLost]);
    place.journal.fail_reads(400);
    assert_eq!(
        code(&live.wish(&county(), place.tally("c-1", "echo:1")).await),
        "outcome_unknown"
    );
    place.journal.fail_reads(0);
    until("the echo", async || {
        place.count("dispatch", "task.declined") == 1
    })
    .await;
    let (commits, _) = live
        .engine()
        .cache
        .published_after(at)
        .expect("it reaches back");
    let mut numbers: Vec<_> = commits
        .iter()
        .filter(|commit| commit.commit.book == "schedule/420902")
        .map(|commit| commit.head.number)
        .collect();
    let first = place.found("schedule", "c-1")[0];
    numbers.truncate(1);
    assert_eq!(numbers, [first], "readers find no gap");
    live.stop().await;
}
