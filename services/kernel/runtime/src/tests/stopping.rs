//! A book that cannot be kept from the start on: it alone is stopped, and says why.

use picket_journal::Head;
use picket_schemas::schedule;

use super::toys::{all, both};
use super::{Place, book, code, county, until};
use crate::{CannotKeep, HighWater, Hindrance, Live};

fn cancel(place: &Place, id: &str) -> picket_schemas::Wish {
    place.wish(
        id,
        picket_schemas::dispatch::Command::CancelTask {
            task: "T-1".into(),
            reason: "r".into(),
        },
    )
}

pub(super) fn paused(reason: &str) -> picket_schemas::Event {
    schedule::Event::SchedulePaused {
        schedule: "s".into(),
        reason: reason.into(),
        by: "420902/P-2".into(),
    }
    .into()
}

/// Stores bytes that no version can read, and says where they stand.
fn junk(place: &Place, service: &str) -> Head {
    let head = place
        .memory
        .last_blocking(&[book(service)])
        .expect("memory can be read")
        .remove(0);
    let bytes = b"{\"nonsense\":true}".to_vec();
    let hash = picket_journal::hash_of(&bytes);
    place
        .memory
        .append_blocking(&book(service), &head, &hash, bytes.into())
        .expect("memory takes it")
}

#[tokio::test]
async fn a_damaged_book_alone_is_stopped_and_says_where_it_is_damaged() {
    let place = Place::new();
    place.stranger("schedule", "schedule.pause", vec![paused("echo:1")]);
    let bad = junk(&place, "schedule");
    place.stranger("schedule", "schedule.pause", vec![paused("echo:1")]);
    let before = place.stored("schedule").len();
    let live = place.live(all()).await;
    assert!(live.broken(), "health is red from the start");
    let trouble = live.troubles().remove(0);
    assert_eq!(
        (&trouble.book, trouble.hindrance),
        (&book("schedule"), Hindrance::Stopped)
    );
    assert!(
        trouble
            .why
            .contains(&format!("commit {} of `schedule/420902`", bad.number)),
        "{}",
        trouble.why
    );
    for id in ["c-1", "c-2"] {
        let refused = live
            .wish(&county(), place.tally(id, "go"))
            .await
            .expect_err("it is stopped");
        assert_eq!(refused.code, "stopped");
        assert!(
            refused.title.contains("`schedule/420902` is stopped")
                && refused.title.contains(&trouble.why),
            "{refused:?}"
        );
    }
    assert_eq!(
        code(&live.wish(&county(), cancel(&place, "d-1")).await),
        "ok",
        "others are kept"
    );
    until("the echo", async || {
        place.count("dispatch", "task.declined") == 1
    })
    .await;
    assert!(
        !live
            .unpark(&book("schedule"), "420902/P-1".into(), true)
            .await,
        "nobody wishes damage away"
    );
    assert!(live.state(&book("schedule")).await.is_none());
    live.stop().await;
    assert_eq!(
        place.stored("schedule").len(),
        before,
        "nothing is written behind it"
    );
}

#[tokio::test]
async fn a_reader_takes_what_stands_before_the_damage_and_is_parked_when_it_gets_there() {
    let place = Place::new();
    place.stranger("schedule", "schedule.pause", vec![paused("echo:2")]);
    junk(&place, "schedule");
    let live = Live::start(
        place.engine(both()),
        &[book("schedule"), book("dispatch")],
        false,
    )
    .await
    .expect("it starts");
    assert_eq!(
        code(&live.wish(&county(), cancel(&place, "d-1")).await),
        "parked",
        "asked alone, it reads what the store has"
    );
    assert_eq!(place.count("dispatch", "task.declined"), 2);
    until("both troubles", async || live.troubles().len() == 2).await;
    let hindrances: Vec<_> = live
        .troubles()
        .into_iter()
        .map(|trouble| (trouble.book.service().to_owned(), trouble.hindrance))
        .collect();
    assert_eq!(
        hindrances,
        [
            ("dispatch".to_owned(), Hindrance::Parked),
            ("schedule".to_owned(), Hindrance::Stopped)
        ]
    );
    live.stop().await;
}

#[tokio::test]
async fn a_book_whose_registry_is_damaged_says_that_it_cannot_do_without_it() {
    let place = Place::new();
    let person = picket_schemas::registry::Person {
        id: "420902/P-9".into(),
        name: "sentinel 9".into(),
        roles: Default::default(),
        department: None,
        area: "420902".into(),
        certificate: None,
        language: None,
    };
    place.stranger(
        "registry",
        "registry.enrol_person",
        vec![picket_schemas::registry::Event::PersonEnrolled { person }.into()],
    );
    let live = Live::start(place.engine(both()), &[book("schedule")], false)
        .await
        .expect("it starts");
    live.wish(&county(), place.tally("c-1", "enrolled:P-9"))
        .await
        .expect("accepted");
    live.stop().await;
    // The commits both had read of it are not there any more.
    place.memory.forget_after(&book("registry"), 0);
    junk(&place, "registry");
    let live = place.live(both()).await;
    let stopped = live
        .wish(&county(), place.tally("c-2", "go"))
        .await
        .expect_err("it knows nobody");
    assert!(
        stopped.code == "stopped"
            && stopped
                .title
                .contains("cannot do without `registry/420902`"),
        "{stopped:?}"
    );
    live.stop().await;
}

#[tokio::test]
async fn a_book_that_lost_facts_is_stopped_at_the_start_and_the_others_are_kept() {
    let place = Place::new();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("marks.json");
    let start = async || {
        let engine = crate::Engine::new(
            place.journal.clone(),
            place.territory.clone(),
            both(),
            place.clock.clone(),
            picket_calendar::Calendar::china(),
        );
        place
            .live_in(std::sync::Arc::new(
                engine.with_marks(HighWater::open(&path).expect("it can be read")),
            ))
            .await
    };
    let live = start().await;
    for n in 0..3 {
        live.wish(&county(), place.tally(&format!("c-{n}"), "go"))
            .await
            .expect("accepted");
    }
    live.stop().await;
    drop(live);
    let whole = place.stored("schedule").len();
    place.memory.forget_after(&book("schedule"), whole - 1);
    let live = start().await;
    let stopped = live
        .wish(&county(), place.tally("c-9", "go"))
        .await
        .expect_err("it is stopped");
    assert!(
        stopped.code == "stopped"
            && stopped
                .title
                .contains(&format!("lost facts, commit {whole} was seen before")),
        "{stopped:?}"
    );
    assert_eq!(
        code(&live.wish(&county(), cancel(&place, "d-1")).await),
        "ok"
    );
    live.stop().await;
    assert_eq!(place.stored("schedule").len(), whole - 1);
}

#[tokio::test]
async fn a_store_that_cannot_be_read_keeps_everything_from_starting() {
    let place = Place::new();
    place.journal.fail_reads(1_000);
    let engine = place.engine(both());
    let books = engine.books();
    assert!(matches!(
        Live::start(engine, &books, true).await,
        Err(CannotKeep::Read { .. })
    ));
}
