//! Among others: what a keeper does when another process writes the same book, or writes what this version cannot read.
//!
//! Two engines over one journal stand for two processes that both believe to keep a book.

use std::path::Path;
use std::sync::Arc;

use picket_calendar::Calendar;
use picket_journal::{BookName, Bytes, Head, Journal, ReadError, StoredCommit, hash_of};
use picket_schemas::commit::READER;
use picket_schemas::{Cause, Commit, schedule};

use super::toys::{both, tally};
use super::{Place, book, code, county, until};
use crate::snapshots::Snapshots;
use crate::{Engine, Hindrance, Live, ServiceKind};

impl Place {
    /// A process among others.
    fn among(&self, kinds: Vec<ServiceKind>) -> Engine {
        Engine::new(
            self.journal.clone(),
            self.territory.clone(),
            kinds,
            self.clock.clone(),
            Calendar::china(),
        )
        .with_other_writers()
    }

    /// A commit that only a later version can read.
    async fn later(&self, service: &str) {
        let mut commit = Commit::decode(&self.strange(service, "schedule.pause", Vec::new()))
            .expect("it can be read");
        commit.reader = READER + 1;
        self.put(service, commit.encode()).await;
    }

    /// A commit with an event that only a later version says.
    async fn later_event(&self, service: &str) {
        let event = schedule::Event::SchedulePaused {
            schedule: "x".into(),
            reason: String::new(),
            by: "420902/P-2".into(),
        };
        let bytes = self.strange(service, "schedule.pause", vec![event.into()]);
        let text = String::from_utf8(bytes).expect("JSON is text");
        let bytes = text.replace("schedule.paused", "schedule.dreamt");
        let why = Commit::decode(bytes.as_bytes()).expect_err("it is not known here");
        let why = why.to_string();
        assert!(
            why.contains("schedule.dreamt") && why.contains("upgrade"),
            "{why}"
        );
        self.put(service, bytes.into_bytes()).await;
    }

    async fn put(&self, service: &str, bytes: Vec<u8>) {
        let head = self
            .memory
            .last_blocking(&[book(service)])
            .expect("memory can be read")
            .remove(0);
        self.memory
            .append(&book(service), &head, &hash_of(&bytes), bytes.into())
            .await
            .expect("memory takes it");
    }
}

async fn keeps(engine: Engine, books: &[BookName]) -> Live {
    Live::start(Arc::new(engine), books, true)
        .await
        .expect("it opens")
}

#[tokio::test]
async fn a_wish_that_two_processes_hear_has_one_outcome_and_both_say_it() {
    let place = Place::new();
    let (one, other) = (
        keeps(place.among(both()), &[book("schedule")]).await,
        keeps(place.among(both()), &[book("schedule")]).await,
    );
    for n in 0..20 {
        let wish = place.tally(&format!("c-{n}"), "go");
        let (county, county_too) = (county(), county());
        let (here, there) = tokio::join!(
            one.wish(&county, wish.clone()),
            other.wish(&county_too, wish)
        );
        let (here, there) = (here.expect("accepted"), there.expect("accepted"));
        assert_eq!(here.n, there.n, "one decision");
        assert_eq!(
            place.found("schedule", &format!("c-{n}")),
            [here.n],
            "it stands there once"
        );
    }
    one.stop().await;
    other.stop().await;
    place.sound().await;
}

#[tokio::test]
async fn a_refusal_is_not_said_on_a_book_that_another_process_has_written_since() {
    let place = Place::new();
    let (one, other) = (
        keeps(place.among(both()), &[book("schedule")]).await,
        keeps(place.among(both()), &[book("schedule")]).await,
    );
    other
        .wish(&county(), place.tally("c-1", "once"))
        .await
        .expect("accepted");
    // `one` has not seen it: on its book this would be done, on the real one there is nothing left to do.
    let again = one
        .wish(&county(), place.tally("c-2", "once"))
        .await
        .expect("accepted");
    assert!(again.unchanged, "{again:?}");
    other
        .wish(&county(), place.tally("c-3", "go"))
        .await
        .expect("accepted");
    assert_eq!(
        code(&one.wish(&county(), place.tally("c-4", "refuse")).await),
        "reason_needed",
        "and not that its outcome is unknown"
    );
    one.stop().await;
    other.stop().await;
    place.sound().await;
}

#[tokio::test]
async fn a_process_that_stands_alone_hears_that_it_lost_as_before() {
    let place = Place::new();
    let live = place.live(vec![tally()]).await;
    place.stranger("schedule", "schedule.pause", Vec::new());
    assert_eq!(
        code(&live.wish(&county(), place.tally("c-1", "go")).await),
        "busy"
    );
    live.stop().await;
}

/// A bell is due while the journal it reads ends before what was read of it, or otherwise.
async fn a_cursor_ahead(regrown: usize) {
    let place = Place::new();
    for _ in 0..5 {
        place.stranger("dispatch", "dispatch.cancel_task", Vec::new());
    }
    let live = Live::start(place.engine(both()), &[book("schedule")], true)
        .await
        .expect("it opens");
    live.wish(&county(), place.tally("b-1", "bell:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    // The store itself is asked, and all five are read.
    live.run_round().await;
    place.memory.forget_after(&book("dispatch"), 3);
    for _ in 0..regrown {
        place.stranger("dispatch", "dispatch.decline_task", Vec::new());
    }
    place.clock.set(super::instant("2026-11-20T02:00:00Z"));
    until("it is noticed", async || {
        !live.troubles().is_empty()
            || place
                .entries("schedule")
                .iter()
                .any(|(_, entry)| entry.cause == Cause::Bell)
    })
    .await;
    let troubles = live.troubles();
    assert!(
        matches!(&troubles[..], [trouble] if trouble.hindrance == Hindrance::Parked && trouble.why.contains("no longer holds")),
        "{troubles:?}"
    );
    assert!(
        place
            .entries("schedule")
            .iter()
            .all(|(_, entry)| entry.cause != Cause::Bell),
        "nothing rings on what is not there"
    );
    live.stop().await;
}

#[tokio::test]
async fn a_bell_does_not_ring_when_a_journal_ends_before_what_was_read_of_it() {
    a_cursor_ahead(0).await;
    a_cursor_ahead(1).await;
}

#[tokio::test]
async fn a_bell_does_not_ring_when_a_journal_ends_with_something_else_than_was_read() {
    a_cursor_ahead(2).await;
}

#[tokio::test]
async fn a_book_only_a_later_version_can_read_is_for_somebody_else_and_no_damage() {
    let place = Place::new();
    place.later("schedule").await;
    let live = keeps(place.among(both()), &[book("schedule")]).await;
    assert!(
        live.engine()
            .outdated()
            .borrow()
            .contains(&book("schedule"))
    );
    assert!(!live.broken(), "nothing is wrong with it");
    live.stop().await;
    let alone = place.live(both()).await;
    assert!(
        alone.broken() && alone.engine().outdated().borrow().is_empty(),
        "alone there is nobody to give it to"
    );
    alone.stop().await;
}

#[tokio::test]
async fn a_book_that_a_later_version_wrote_meanwhile_is_left_to_it() {
    let place = Place::new();
    let live = keeps(place.among(both()), &[book("schedule")]).await;
    live.wish(&county(), place.tally("c-1", "go"))
        .await
        .expect("accepted");
    place.later("schedule").await;
    assert!(
        live.wish(&county(), place.tally("c-2", "go"))
            .await
            .is_err()
    );
    assert!(
        live.engine()
            .outdated()
            .borrow()
            .contains(&book("schedule")),
        "known before anybody is answered: nobody may hear what this one makes of it"
    );
    assert!(!live.broken());
    live.stop().await;
}

#[tokio::test]
async fn a_book_that_reads_what_only_a_later_version_understands_is_left_to_it_and_not_parked() {
    reads_what_is_newer(async |place| place.later("dispatch").await).await;
}

#[tokio::test]
async fn a_book_that_reads_an_event_it_does_not_know_is_left_to_a_later_version_and_not_parked() {
    reads_what_is_newer(async |place| place.later_event("dispatch").await).await;
}

async fn reads_what_is_newer(writes: impl AsyncFn(&Place)) {
    let place = Place::new();
    let live = keeps(place.among(both()), &[book("schedule")]).await;
    live.wish(&county(), place.tally("b-1", "bell:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    writes(&place).await;
    place.clock.set(super::instant("2026-11-20T02:00:00Z"));
    until("it is given away", async || {
        live.engine()
            .outdated()
            .borrow()
            .contains(&book("schedule"))
    })
    .await;
    live.stop().await;
    assert!(
        !place.kinds("schedule").contains(&"cursor.parked"),
        "a person has nothing to do here"
    );
    assert!(
        place
            .entries("schedule")
            .iter()
            .all(|(_, entry)| entry.cause != Cause::Bell),
        "it does not ring without having read it"
    );
}

/// Counts the commits that are read of one book.
struct Counted(Arc<dyn Journal>, BookName, std::sync::atomic::AtomicUsize);

#[async_trait::async_trait]
impl Journal for Counted {
    async fn append(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, picket_journal::AppendError> {
        self.0.append(book, expected, hash, bytes).await
    }
    async fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        let read = self.0.read(book, after, limit).await?;
        if *book == self.1 {
            self.2
                .fetch_add(read.len(), std::sync::atomic::Ordering::SeqCst);
        }
        Ok(read)
    }
    async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, picket_journal::Unavailable> {
        self.0.last(books).await
    }
    async fn follow(
        &self,
        after: Vec<(BookName, Head)>,
    ) -> Result<picket_journal::Follower, picket_journal::Unavailable> {
        self.0.follow(after).await
    }
}

fn counted(place: &Place, folder: &Path) -> (Arc<Counted>, Engine) {
    let journal = Arc::new(Counted(place.journal.clone(), book("schedule"), 0.into()));
    let engine = Engine::new(
        journal.clone(),
        place.territory.clone(),
        vec![tally()],
        place.clock.clone(),
        Calendar::china(),
    )
    .with_other_writers();
    (
        journal,
        engine.with_snapshots(Snapshots::new(
            folder,
            || "one".into(),
            |why| panic!("{why}"),
        )),
    )
}

#[tokio::test]
async fn a_book_that_comes_back_is_read_from_its_snapshot_on_however_long_its_journal_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::new();
    for n in 0..1_000 {
        place.stranger(
            "schedule",
            "schedule.pause",
            if n == 7 {
                vec![super::stopping::paused("go")]
            } else {
                Vec::new()
            },
        );
    }
    let (journal, engine) = counted(&place, folder.path());
    let read = |journal: &Counted| journal.2.swap(0, std::sync::atomic::Ordering::SeqCst);
    let live = keeps(engine, &[]).await;
    let books = [book("schedule")];
    // As whoever reads it does: this process knows where the book stands before it keeps it.
    let stands = place
        .memory
        .last_blocking(&books)
        .expect("memory can be read")
        .remove(0);
    live.engine().cache.opened("schedule/420902", stands);
    live.keep(&books).await.expect("it opens");
    assert!(read(&journal) >= 1_000, "the first time all of it is read");
    live.leave(&books).await;
    for _ in 0..5 {
        place.stranger("schedule", "schedule.pause", Vec::new());
    }
    read(&journal);
    live.keep(&books).await.expect("it opens");
    assert!(
        read(&journal) <= 10,
        "a takeover reads what was written since"
    );
    let state = live.state(&book("schedule")).await;
    // Neither does a race that was lost cost more.
    place.stranger("schedule", "schedule.pause", Vec::new());
    live.wish(&county(), place.tally("c-1", "go"))
        .await
        .expect("accepted");
    assert!(read(&journal) <= 20, "nor does another's commit");
    live.stop().await;
    let folded = place.lockstep(vec![tally()]).await;
    assert_ne!(state, None);
    assert_eq!(folded.states().len(), 1);
    place.sound().await;
}

#[tokio::test]
async fn a_snapshot_whose_commit_is_not_in_the_journal_stops_a_takeover() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::new();
    for _ in 0..400 {
        place.stranger("schedule", "schedule.pause", Vec::new());
    }
    let (_, engine) = counted(&place, folder.path());
    keeps(engine, &[book("schedule")]).await.stop().await;
    place.memory.forget_after(&book("schedule"), 200);
    for _ in 0..300 {
        place.stranger("schedule", "schedule.resume", Vec::new());
    }
    let (_, engine) = counted(&place, folder.path());
    let live = keeps(engine, &[book("schedule")]).await;
    let stopped = live
        .wish(&county(), place.tally("c-1", "go"))
        .await
        .expect_err("it is stopped");
    assert!(
        stopped.code == "stopped" && stopped.title.contains("lost facts"),
        "{stopped:?}"
    );
    live.stop().await;
}

#[tokio::test]
async fn a_book_that_broke_here_is_folded_from_its_first_commit_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::new();
    for _ in 0..400 {
        place.stranger("schedule", "schedule.pause", Vec::new());
    }
    let (journal, engine) = counted(&place, folder.path());
    let live = keeps(engine, &[]).await;
    live.keep(&[book("schedule")]).await.expect("it opens");
    live.leave(&[book("schedule")]).await;
    live.keep(&[book("schedule")]).await.expect("it opens");
    journal.2.store(0, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(
        code(&live.wish(&county(), place.tally("c-1", "poison")).await),
        "broken"
    );
    assert!(
        journal.2.load(std::sync::atomic::Ordering::SeqCst) >= 400,
        "what it kept itself is not trusted"
    );
    live.stop().await;
}

#[tokio::test]
async fn books_of_two_processes_are_at_rest_when_none_of_them_had_anything_to_say_in_one_round() {
    let place = Place::new();
    let (one, other) = (
        keeps(place.among(both()), &[book("schedule")]).await,
        keeps(place.among(both()), &[book("dispatch")]).await,
    );
    let bell = place.clock.now() + jiff::SignedDuration::from_hours(1);
    one.wish(&county(), place.tally("c-1", &format!("bell:{bell}")))
        .await
        .expect("accepted");
    one.wish(&county(), place.tally("c-2", "echo:2"))
        .await
        .expect("accepted");
    place.clock.set(bell);
    let mut rounds = 0;
    loop {
        let (here, there) = (one.run_round().await, other.run_round().await);
        rounds += 1;
        assert_eq!(
            (here.books, there.books),
            (vec![book("schedule")], vec![book("dispatch")])
        );
        if here.rests && there.rests {
            break;
        }
        assert!(rounds < 100, "they never come to rest");
    }
    // Nothing brings one process what the other appended but that round.
    assert_eq!(
        place
            .kinds("dispatch")
            .iter()
            .filter(|kind| kind.starts_with("task."))
            .count(),
        2,
        "what one said was read by the other"
    );
    assert!(
        place
            .entries("schedule")
            .iter()
            .any(|(_, entry)| entry.id.as_str().starts_with("bell:")),
        "and what was due has rung"
    );
    one.stop().await;
    other.stop().await;
    place.sound().await;
}
