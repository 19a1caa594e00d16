//! Snapshots: a book from its snapshot and the rest of its journal is the book, whatever became of the file.

use std::path::Path;
use std::sync::{Arc, Mutex};

use picket_calendar::Calendar;
use picket_journal::{BookName, Head, MemoryJournal};

use super::toys::{both, tally};
use super::{Place, book, code, county, one, until};
use crate::snapshots::Snapshots;
use crate::{Engine, Live, ServiceKind};

type Told = Arc<Mutex<Vec<String>>>;

fn snapshots(folder: &Path, program: &'static str) -> (Snapshots, Told) {
    let told = Told::default();
    let heard = told.clone();
    (
        Snapshots::new(
            folder,
            move || program.to_owned(),
            move |why| heard.lock().expect("no panic").push(why.to_owned()),
        ),
        told,
    )
}

fn engine(
    place: &Place,
    kinds: Vec<ServiceKind>,
    folder: &Path,
    program: &'static str,
) -> (Arc<Engine>, Told) {
    let (snapshots, told) = snapshots(folder, program);
    let engine = Engine::new(
        place.journal.clone(),
        place.territory.clone(),
        kinds,
        place.clock.clone(),
        Calendar::china(),
    );
    (Arc::new(engine.with_snapshots(snapshots)), told)
}

/// The journals of a place, one of them only up to a commit.
fn up_to(place: &Place, name: &BookName, n: usize) -> MemoryJournal {
    let copy = MemoryJournal::new();
    for other in place.memory.books() {
        let all = place
            .memory
            .read_blocking(&other, &Head::default(), usize::MAX)
            .expect("memory can be read");
        let many = if other == *name { n } else { all.len() };
        let mut head = Head::default();
        for stored in &all[..many] {
            head = copy
                .append_blocking(&other, &head, &stored.head.hash, stored.bytes.clone())
                .expect("memory takes it");
        }
    }
    copy
}

/// For every book: what is folded from a snapshot at any of several commits and the rest equals what is folded
/// from the first commit on, to the byte.
pub(super) async fn a_snapshot_and_the_rest_are_the_whole(
    place: &Place,
    kinds: fn() -> Vec<ServiceKind>,
) {
    for name in place.memory.books() {
        let stored = place.stored(name.service());
        let whole = place
            .engine(kinds())
            .open(&name)
            .await
            .expect("it opens")
            .memory()
            .expect("nothing is ahead");
        for n in [
            1,
            stored.len() / 3,
            stored.len() / 2,
            stored.len() - 1,
            stored.len(),
        ] {
            let Some(at) = n.checked_sub(1).map(|last| &stored[last].head) else {
                continue;
            };
            let part = place
                .engine_over(Arc::new(up_to(place, &name, n)), kinds())
                .open(&name)
                .await
                .expect("it opens")
                .memory()
                .expect("nothing is ahead");
            let folder = tempfile::tempdir().expect("a folder");
            let (engine, told) = engine(place, kinds(), folder.path(), "one");
            let kept = engine.snapshots.as_ref().expect("it has some");
            kept.save(&name, at.number, &at.hash, &part)
                .expect("it is kept");
            let resumed = engine.open(&name).await.expect("it opens");
            assert_eq!(kept.kept(&name), at.number, "it was used");
            assert!(told.lock().expect("no panic").is_empty());
            assert_eq!(resumed.head(), &stored[stored.len() - 1].head);
            assert!(
                resumed.memory().expect("nothing is ahead") == whole,
                "{name} from commit {n} of {}",
                stored.len()
            );
        }
    }
}

/// A place with a snapshot of the tally at its last commit, and some commits after it.
async fn kept(folder: &Path) -> Place {
    let place = Place::new();
    let (engine, _) = engine(&place, both(), folder, "one");
    let live = place.live_in(engine).await;
    for n in 0..310 {
        live.wish(&county(), place.tally(&format!("c-{n}"), "go"))
            .await
            .expect("accepted");
    }
    live.stop().await;
    let mut books = place.lockstep(both()).await;
    for n in 0..3 {
        one(&mut books, place.tally(&format!("later-{n}"), "go"))
            .await
            .expect("accepted");
    }
    place
}

fn file(folder: &Path) -> std::path::PathBuf {
    folder.join("schedule.420902.snapshot")
}

#[tokio::test]
async fn a_book_that_stops_keeps_what_it_is_and_starts_from_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = kept(folder.path()).await;
    let (engine, told) = engine(&place, both(), folder.path(), "one");
    let live = place.live_in(engine.clone()).await;
    assert!(
        engine
            .snapshots
            .as_ref()
            .expect("it has some")
            .kept(&book("schedule"))
            > 300
    );
    let first = live
        .wish(&county(), place.tally("c-0", "go"))
        .await
        .expect("it is remembered");
    assert_eq!(place.found("schedule", "c-0"), [first.n], "not done again");
    let mut other = place.tally("c-0", "go");
    other.by = "420902/P-2".into();
    assert_eq!(
        code(&live.wish(&county(), other).await),
        "invalid",
        "whose it was is remembered too"
    );
    live.wish(&county(), place.tally("new", "go"))
        .await
        .expect("accepted");
    let state = live.state(&book("schedule")).await;
    live.stop().await;
    assert!(told.lock().expect("no panic").is_empty());
    let folded = place.lockstep(both()).await;
    assert_eq!(Some(folded.states()[0].1.clone()), state);
    a_snapshot_and_the_rest_are_the_whole(&place, both).await;
    place.sound().await;
}

#[tokio::test]
async fn a_long_run_keeps_a_snapshot_when_the_book_is_quiet() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::new();
    for n in 0..2_100 {
        place.stranger(
            "schedule",
            "schedule.pause",
            if n % 100 == 0 {
                vec![super::stopping::paused("go")]
            } else {
                Vec::new()
            },
        );
    }
    let (engine, _) = engine(&place, vec![tally()], folder.path(), "one");
    let live = place.live_in(engine).await;
    until("a snapshot", async || file(folder.path()).exists()).await;
    assert_eq!(
        code(&live.wish(&county(), place.tally("c-1", "go")).await),
        "ok"
    );
    live.stop().await;
}

#[tokio::test]
async fn a_snapshot_that_is_torn_is_told_of_and_one_of_another_program_is_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = kept(folder.path()).await;
    let whole = std::fs::read(file(folder.path())).expect("it was kept");
    for (bytes, program, told_of) in [
        (&whole[..whole.len() / 2], "one", 1),
        (b"rubbish", "one", 1),
        (&whole[..], "two", 0),
    ] {
        std::fs::write(file(folder.path()), bytes).expect("it can be written");
        let (engine, told) = engine(&place, both(), folder.path(), program);
        let live = place.live_in(engine.clone()).await;
        assert_eq!(
            engine
                .snapshots
                .as_ref()
                .expect("it has some")
                .kept(&book("schedule")),
            0
        );
        assert_eq!(told.lock().expect("no panic").len(), told_of);
        assert!(live.troubles().is_empty());
        assert_eq!(
            code(&live.wish(&county(), place.tally("c-0", "go")).await),
            "ok"
        );
        live.stop().await;
    }
}

#[tokio::test]
async fn a_snapshot_ahead_of_its_journal_proves_that_the_journal_lost_facts() {
    for program in ["one", "two"] {
        let folder = tempfile::tempdir().expect("a folder");
        let place = kept(folder.path()).await;
        place.memory.forget_after(&book("schedule"), 200);
        let (engine, _) = engine(&place, both(), folder.path(), program);
        let live = place.live_in(engine).await;
        let stopped = live
            .wish(&county(), place.tally("x-1", "go"))
            .await
            .expect_err("it is stopped");
        assert!(
            stopped.code == "stopped" && stopped.title.contains("lost facts"),
            "{program}: {stopped:?}"
        );
        live.stop().await;
        // Other commits in the place of those that were lost do not make up for them.
        while place.stored("schedule").len() < 400 {
            place.stranger("schedule", "schedule.pause", Vec::new());
        }
        let (engine, _) = self::engine(&place, both(), folder.path(), program);
        let live = place.live_in(engine).await;
        assert_eq!(
            code(&live.wish(&county(), place.tally("x-2", "go")).await),
            "stopped"
        );
        live.stop().await;
    }
}

#[tokio::test]
async fn damage_before_the_snapshot_stops_the_book_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = kept(folder.path()).await;
    let spoilt = MemoryJournal::new();
    let mut head = Head::default();
    for stored in place.stored("schedule") {
        let mut bytes = stored.bytes.to_vec();
        if stored.head.number == 7 {
            let last = bytes.len() - 3;
            bytes[last] ^= 0x20;
        }
        // The hash it is stored under stays what it was.
        head = spoilt
            .append_blocking(&book("schedule"), &head, &stored.head.hash, bytes.into())
            .expect("memory takes it");
    }
    let (snapshots, _) = snapshots(folder.path(), "one");
    let engine = Engine::new(
        Arc::new(spoilt),
        place.territory.clone(),
        vec![tally()],
        place.clock.clone(),
        Calendar::china(),
    )
    .with_snapshots(snapshots);
    let live = Live::start(Arc::new(engine), &[book("schedule")], true)
        .await
        .expect("it starts");
    let stopped = live
        .wish(&county(), place.tally("x-1", "go"))
        .await
        .expect_err("it is stopped");
    assert!(
        stopped.code == "stopped" && stopped.title.contains("commit 7"),
        "{stopped:?}"
    );
    live.stop().await;
}
