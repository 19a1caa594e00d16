//! Reading other journals: from the right place, large reactions in parts, and catching up.

use std::collections::BTreeMap;
use std::sync::Arc;

use picket_journal::{Head, Journal};
use picket_reading::Decoded;
use picket_schemas::event::KeeperEvent;
use picket_schemas::{Cause, Commit, Event, courier};

use super::groups::cancelled;
use super::toys::{all, both, echo, scribe, tally};
use super::{Place, book, county, one};
use crate::commit_cache::WINDOW;
use crate::{CannotKeep, CommitCache, Engine, GROUP_BYTES, HighWater, Live, Lockstep};

/// The lines the scribe wrote down: service and commit.
fn lines(place: &Place) -> Vec<(String, u64)> {
    place
        .events("courier")
        .into_iter()
        .filter_map(|event| match event {
            Event::Courier(courier::Event::NoticeOvertaken { reason, .. }) => reason
                .split_once(':')
                .map(|(service, n)| (service.to_owned(), n.parse().expect("a number"))),
            _ => None,
        })
        .collect()
}

/// No commit stands before one its writer had seen.
fn causal(place: &Place, order: &[(String, u64)]) {
    let mut reached: BTreeMap<&str, u64> = BTreeMap::new();
    for (service, n) in order {
        for commit in place
            .commits(service)
            .iter()
            .take(usize::try_from(*n).expect("few"))
        {
            for (journal, cursor) in &commit.seen {
                let other = journal.split('/').next().expect("a service");
                let heard = place
                    .commits(other)
                    .iter()
                    .take(usize::try_from(cursor.n).expect("few"))
                    .filter(|commit| {
                        commit
                            .entries
                            .iter()
                            .any(|entry| entry.cause != Cause::Keeper)
                    })
                    .map(|commit| commit.n)
                    .max();
                if order.iter().any(|(service, _)| service == other) {
                    assert!(
                        reached.get(other).copied().unwrap_or(0) >= heard.unwrap_or(0),
                        "{service}:{n} came before {other}:{heard:?}"
                    );
                }
            }
        }
        reached.insert(service, *n);
    }
}

#[tokio::test]
async fn a_fact_waits_for_its_cause() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    for n in 0..5 {
        one(&mut books, place.tally(&format!("c-{n}"), "echo:1"))
            .await
            .expect("accepted");
        books.settle().await.expect("they rest");
    }
    // The scribe reads both journals only now, the answers before the questions in the order of their names.
    let mut books = place.lockstep(all()).await;
    books.settle().await.expect("they rest");
    let lines = lines(&place);
    assert_eq!(lines.len(), 10);
    let services: Vec<_> = lines.iter().map(|(service, _)| service.as_str()).collect();
    assert_eq!(
        services,
        ["schedule", "dispatch"].repeat(5),
        "each answer right after its question"
    );
    causal(&place, &lines);
}

#[tokio::test]
async fn an_effect_whose_cause_the_store_does_not_show_yet_is_held_back() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    books.settle().await.expect("they rest");
    one(&mut books, place.tally("c-1", "echo:1"))
        .await
        .expect("accepted");
    books.settle().await.expect("they rest");
    // The store shows the answer, and of the questions only the first commit, before any question.
    let first = place.stored("schedule").remove(0);
    place.journal.shorten(&book("schedule"), first.head);
    let mut books = place.lockstep(vec![scribe()]).await;
    engine_has_seen(&mut books, &place, &["schedule", "dispatch"], 1).await;
    books.settle().await.expect("they rest");
    assert!(lines(&place).is_empty());
    let mut books = Lockstep::open(place.engine_over(Arc::new(place.memory.clone()), all()))
        .await
        .expect("the books open");
    books.settle().await.expect("they rest");
    assert_eq!(lines(&place).len(), 2);
    causal(&place, &lines(&place));
}

/// Makes some journals known to the engine, one of them only in its beginning.
async fn engine_has_seen(books: &mut Lockstep, place: &Place, services: &[&str], kept: usize) {
    for service in services {
        let mut before = Head::default();
        let keep = if *service == "schedule" {
            kept
        } else {
            usize::MAX
        };
        for stored in place.stored(service).iter().take(keep) {
            let commit =
                Decoded::check(book(service).as_str(), &before, stored).expect("it is sound");
            before = commit.head.clone();
            books.engine().cache.publish(&Arc::new(commit));
        }
    }
}

#[tokio::test]
async fn a_large_reaction_is_split_over_groups() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    one(&mut books, place.tally("c-1", "echo:3500"))
        .await
        .expect("accepted");
    books.settle().await.expect("they rest");
    assert_eq!(place.count("dispatch", "task.declined"), 3_500);
    assert!(
        place
            .stored("dispatch")
            .iter()
            .all(|stored| stored.bytes.len() <= GROUP_BYTES + 1_024)
    );
    let parts: Vec<_> = place
        .commits("dispatch")
        .iter()
        .filter_map(|commit| commit.seen.get("schedule/420902"))
        .map(|cursor| cursor.part)
        .collect();
    assert!(parts.iter().any(Option::is_some), "it was split: {parts:?}");
    assert_eq!(parts.last(), Some(&None), "and it came to its end");
    place.folds_to(&books, both()).await;
}

#[tokio::test]
async fn a_crash_in_the_middle_of_a_large_reaction_neither_loses_nor_doubles() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    books
        .wish(
            &county(),
            vec![
                place.tally("c-1", "echo:700"),
                place.tally("c-2", "echo:6000"),
                place.tally("c-3", "echo:10"),
            ],
        )
        .await;
    books.settle().await.expect("they rest");
    let whole = place.stored("dispatch").len();
    assert!(whole > 2);
    for kept in 0..=whole {
        let copy = Place::new();
        for service in ["schedule", "dispatch"] {
            let keep = if service == "dispatch" {
                kept
            } else {
                usize::MAX
            };
            for stored in place.stored(service).into_iter().take(keep) {
                let head = copy
                    .memory
                    .last_blocking(&[book(service)])
                    .expect("memory can be read")
                    .remove(0);
                copy.memory
                    .append_blocking(&book(service), &head, &stored.head.hash, stored.bytes)
                    .expect("memory takes it");
            }
        }
        let mut books = copy.lockstep(both()).await;
        books.settle().await.expect("they rest");
        assert_eq!(
            copy.count("dispatch", "task.declined"),
            6_710,
            "after {kept} of {whole} commits"
        );
        copy.folds_to(&books, both()).await;
    }
}

fn began(place: &Place, service: &str) -> Vec<(String, u64)> {
    let began = |event| match event {
        Event::Keeper(KeeperEvent::ReadingBegan { journal, from }) => Some((journal, from)),
        _ => None,
    };
    place
        .events(service)
        .into_iter()
        .filter_map(began)
        .collect()
}

#[tokio::test]
async fn siblings_born_together_read_each_other_from_the_beginning_and_say_so_once() {
    let place = Place::new();
    for _ in 0..3 {
        let mut books = place.lockstep(both()).await;
        one(&mut books, place.tally("c-1", "go"))
            .await
            .expect("accepted");
        books.settle().await.expect("they rest");
    }
    assert_eq!(
        began(&place, "schedule"),
        [("dispatch/420902".into(), 0), ("registry/420902".into(), 0)]
    );
    assert_eq!(
        began(&place, "dispatch"),
        [("registry/420902".into(), 0), ("schedule/420902".into(), 0)]
    );
}

#[tokio::test]
async fn a_book_that_begins_to_read_a_journal_later_begins_at_that_days_head() {
    let place = Place::new();
    // A book of an earlier version, which read the registry alone.
    place.stranger(
        "dispatch",
        "keeper.begin",
        vec![
            KeeperEvent::ReadingBegan {
                journal: "registry/420902".into(),
                from: 0,
            }
            .into(),
            cancelled("T-1"),
        ],
    );
    place.stranger("schedule", "schedule.pause", vec![paused("echo:5")]);
    let mut books = place.lockstep(vec![echo()]).await;
    books.settle().await.expect("they rest");
    assert_eq!(
        began(&place, "dispatch"),
        [("registry/420902".into(), 0), ("schedule/420902".into(), 1)]
    );
    assert_eq!(
        place.count("dispatch", "task.declined"),
        0,
        "older facts are not acted upon"
    );
    // A fact that comes while it is down is not skipped at the next start.
    drop(books);
    place.stranger("schedule", "schedule.pause", vec![paused("echo:2")]);
    let mut books = place.lockstep(both()).await;
    books.settle().await.expect("they rest");
    assert_eq!(place.count("dispatch", "task.declined"), 2);
    assert_eq!(began(&place, "dispatch").len(), 2, "it is said once");
}

#[tokio::test]
async fn a_newborn_city_reads_its_counties_from_that_days_head() {
    let mut place = Place::new();
    place.territory.jurisdictions.insert("4209".into(), None);
    place
        .territory
        .jurisdictions
        .insert(county(), Some("4209".into()));
    let mut books = place.lockstep(both()).await;
    books.settle().await.expect("they rest");
    let county: Vec<_> = began(&place, "schedule")
        .into_iter()
        .map(|(journal, _)| journal)
        .collect();
    assert_eq!(
        county,
        ["dispatch/420902", "registry/4209", "registry/420902"]
    );
}

#[tokio::test]
async fn a_reader_that_fell_behind_the_window_reads_the_store() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    for n in 0..WINDOW + 100 {
        one(
            &mut books,
            place.tally(&format!("c-{n}"), if n == 0 { "echo:1" } else { "go" }),
        )
        .await
        .expect("accepted");
    }
    let cache = &books.engine().cache;
    assert!(
        cache.after("schedule/420902", 0).is_none(),
        "the window does not reach back"
    );
    assert!(cache.published_after(0).is_none());
    let end = cache.head("schedule/420902").number;
    assert_eq!(
        cache
            .after("schedule/420902", end - 10)
            .map(|commits| commits.len()),
        Some(10)
    );
    let live = Live::start(books.engine().clone(), &[], true)
        .await
        .expect("no book, no trouble");
    live.stop().await;
    // A keeper in the same process that has read nothing yet.
    let engine = place.engine(both());
    let mut late = Lockstep::open(engine).await.expect("the books open");
    late.settle().await.expect("they rest");
    assert_eq!(place.count("dispatch", "task.declined"), 1);
    let cursor = place
        .commits("dispatch")
        .iter()
        .rev()
        .find_map(|commit| commit.seen.get("schedule/420902").map(|cursor| cursor.n));
    assert!(
        cursor > Some(WINDOW as u64 - 4_096),
        "it read on to the end: {cursor:?}"
    );
}

#[tokio::test]
async fn the_commit_cache_hands_out_what_was_published_in_order() {
    let place = Place::new();
    let cache = CommitCache::default();
    let mut before = Head::default();
    for n in 0..5 {
        place.stranger("schedule", "schedule.pause", vec![paused(&format!("{n}"))]);
        let commit = Decoded::check(
            "schedule/420902",
            &before,
            place.stored("schedule").last().expect("there is one"),
        )
        .expect("it is sound");
        before = commit.head.clone();
        let commit = Arc::new(commit);
        cache.publish(&commit);
        cache.publish(&commit);
    }
    let (commits, place_after) = cache.published_after(2).expect("it reaches back");
    assert_eq!(
        commits
            .iter()
            .map(|commit| commit.head.number)
            .collect::<Vec<_>>(),
        [3, 4, 5]
    );
    assert_eq!((place_after, cache.place()), (5, 5));
    assert_eq!(
        cache
            .after("schedule/420902", 5)
            .map(|commits| commits.len()),
        Some(0)
    );
    assert_eq!(
        cache
            .after("dispatch/420902", 0)
            .map(|commits| commits.len()),
        Some(0),
        "nothing is known of it"
    );
    // A journal that was opened further on has a gap before what comes next.
    cache.opened(
        "schedule/420902",
        Head {
            number: 9,
            hash: "x".into(),
            position: String::new(),
        },
    );
    assert!(cache.after("schedule/420902", 5).is_none());
}

#[tokio::test]
async fn a_lost_tail_is_found_at_the_start_and_the_book_is_refused() {
    let place = Place::new();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("marks.json");
    let engine = |marks: HighWater| {
        let engine = Engine::new(
            place.journal.clone(),
            place.territory.clone(),
            both(),
            place.clock.clone(),
            picket_calendar::Calendar::china(),
        );
        Arc::new(engine.with_marks(marks))
    };
    let mut books = Lockstep::open(engine(HighWater::open(&path).expect("a new file")))
        .await
        .expect("the books open");
    for n in 0..3 {
        one(&mut books, place.tally(&format!("c-{n}"), "go"))
            .await
            .expect("accepted");
    }
    drop(books);
    let whole = place.stored("schedule").len();
    drop(
        Lockstep::open(engine(HighWater::open(&path).expect("it was written")))
            .await
            .expect("nothing is missing"),
    );
    place.memory.forget_after(&book("schedule"), whole - 1);
    let lost = Lockstep::open(engine(HighWater::open(&path).expect("it was written"))).await;
    assert!(
        matches!(lost, Err(CannotKeep::Lost { book, n }) if book == "schedule/420902" && n == whole as u64)
    );
    // Another commit in the same place does not make up for it.
    place.stranger("schedule", "schedule.pause", Vec::new());
    let lost = Lockstep::open(engine(HighWater::open(&path).expect("it was written"))).await;
    assert!(matches!(lost, Err(CannotKeep::Lost { .. })));
}

#[test]
fn a_damaged_file_of_marks_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("marks.json");
    std::fs::write(&path, b"{\"a\":").expect("it can be written");
    assert!(HighWater::open(&path).is_err());
}

#[test]
fn a_mark_never_goes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("marks.json");
    let head = |number: u64| Head {
        number,
        hash: format!("h{number}"),
        position: String::new(),
    };
    let marks = HighWater::open(&path).expect("a new file");
    marks.saw("a/1", &head(5));
    marks.saw("a/1", &head(3));
    drop(marks);
    assert_eq!(
        HighWater::open(&path).expect("it was written").mark("a/1"),
        Some((5, "h5".into()))
    );
}

#[tokio::test]
async fn a_commit_of_a_later_version_is_not_folded() {
    let place = Place::new();
    let mut commit = Commit::decode(&place.strange("schedule", "schedule.pause", Vec::new()))
        .expect("it can be read");
    commit.reader = picket_schemas::commit::READER + 1;
    let bytes = commit.encode();
    let hash = picket_journal::hash_of(&bytes);
    place
        .memory
        .append(&book("schedule"), &Head::default(), &hash, bytes.into())
        .await
        .expect("memory takes it");
    let Err(refused) = Lockstep::open(place.engine(both())).await else {
        panic!("it must not be folded")
    };
    let mut why = String::new();
    let mut source: Option<&dyn std::error::Error> = Some(&refused);
    while let Some(error) = source {
        why.push_str(&error.to_string());
        source = error.source();
    }
    assert!(why.contains("upgrade"), "{why}");
}

#[tokio::test]
async fn a_journal_over_which_this_version_fails_is_refused() {
    let place = Place::new();
    place.stranger("schedule", "schedule.pause", vec![paused("poison")]);
    assert!(matches!(
        Lockstep::open(place.engine(both())).await,
        Err(CannotKeep::Fold { .. })
    ));
}

#[tokio::test]
async fn an_event_of_another_service_is_refused() {
    let place = Place::new();
    let bytes =
        String::from_utf8(place.strange("schedule", "schedule.pause", vec![cancelled("T-1")]))
            .expect("text");
    let hash = picket_journal::hash_of(bytes.as_bytes());
    place
        .memory
        .append(
            &book("schedule"),
            &Head::default(),
            &hash,
            bytes.into_bytes().into(),
        )
        .await
        .expect("memory takes it");
    assert!(matches!(
        Lockstep::open(place.engine(both())).await,
        Err(CannotKeep::Fold { .. })
    ));
}

fn paused(reason: &str) -> Event {
    picket_schemas::schedule::Event::SchedulePaused {
        schedule: "s".into(),
        reason: reason.into(),
        by: "420902/P-2".into(),
    }
    .into()
}

#[tokio::test]
async fn a_book_far_behind_reads_first_and_decides_then() {
    let place = Place::new();
    for n in 0..9_000 {
        place.stranger(
            "schedule",
            "schedule.pause",
            if n == 8_999 {
                vec![paused("echo:1")]
            } else {
                Vec::new()
            },
        );
    }
    let live = Live::start(place.engine(both()), &[book("dispatch")], false)
        .await
        .expect("it opens");
    let cancel = place.wish(
        "d-1",
        picket_schemas::dispatch::Command::CancelTask {
            task: "T-1".into(),
            reason: "r".into(),
        },
    );
    let answer = live.wish(&county(), cancel).await.expect("accepted");
    assert_eq!(
        place.count("dispatch", "task.declined"),
        1,
        "all of it is read before anything is decided"
    );
    let read = place
        .commits("dispatch")
        .iter()
        .take_while(|commit| commit.n <= answer.n)
        .filter_map(|commit| commit.seen.get("schedule/420902").map(|cursor| cursor.n))
        .max();
    assert_eq!(read, Some(9_000));
    live.stop().await;
}
