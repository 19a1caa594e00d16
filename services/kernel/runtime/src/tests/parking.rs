//! A fact that cannot be taken parks its cursor: that book waits for a person, the others go on.

use picket_journal::Head;
use picket_schemas::event::KeeperEvent;
use picket_schemas::{Event, dispatch};

use super::toys::{all, both, tally};
use super::{Place, book, code, county, instant, until};
use crate::{Live, Stuck};

fn cancel(place: &Place, id: &str) -> picket_schemas::Wish {
    place.wish(
        id,
        dispatch::Command::CancelTask {
            task: "T-1".into(),
            reason: "r".into(),
        },
    )
}

async fn parked(place: &Place, live: &Live, service: &str) {
    until("parking", async || {
        let _ = live;
        place.kinds(service).contains(&"cursor.parked")
    })
    .await;
}

fn parked_events(place: &Place, service: &str) -> Vec<KeeperEvent> {
    let keeper = |event| match event {
        Event::Keeper(
            event @ (KeeperEvent::CursorParked { .. } | KeeperEvent::CursorUnparked { .. }),
        ) => Some(event),
        _ => None,
    };
    place
        .events(service)
        .into_iter()
        .filter_map(keeper)
        .collect()
}

/// Something that stumbles parks the reader alone; skipped by a person, it goes on with what came after.
async fn parks_and_is_skipped(reason: &str) {
    let place = Place::new();
    let live = place.live(all()).await;
    let before = live
        .wish(&county(), place.tally("c-1", "echo:2"))
        .await
        .expect("accepted");
    live.wish(&county(), place.tally("c-2", reason))
        .await
        .expect("the tally itself is well");
    parked(&place, &live, "dispatch").await;
    assert_eq!(
        code(&live.wish(&county(), cancel(&place, "d-1")).await),
        "parked"
    );
    assert_eq!(
        code(&live.wish(&county(), place.tally("c-3", "echo:1")).await),
        "ok",
        "others go on"
    );
    until("the scribe", async || {
        place.count("courier", "notice.overtaken") >= 3
    })
    .await;
    assert_eq!(place.count("dispatch", "task.declined"), 2);

    // Without skipping it stumbles again.
    assert!(
        live.unpark(&book("dispatch"), "420902/P-1".into(), false)
            .await
    );
    until("stumbling again", async || {
        place.count("dispatch", "cursor.parked") == 2
    })
    .await;
    // A start does not unpark anything.
    live.stop().await;
    let live = place.live(all()).await;
    assert_eq!(
        code(&live.wish(&county(), cancel(&place, "d-2")).await),
        "parked"
    );
    assert!(
        live.unpark(&book("dispatch"), "420902/P-1".into(), true)
            .await
    );
    until("going on", async || {
        place.count("dispatch", "task.declined") == 3
    })
    .await;
    assert_eq!(
        code(&live.wish(&county(), cancel(&place, "d-3")).await),
        "ok"
    );
    assert!(
        !live
            .unpark(&book("dispatch"), "420902/P-1".into(), true)
            .await,
        "it is not parked"
    );
    live.stop().await;

    let n = place.found("schedule", "c-2")[0];
    assert!(n > before.n);
    let events = parked_events(&place, "dispatch");
    assert_eq!(events.len(), 4);
    assert!(
        matches!(&events[0], KeeperEvent::CursorParked { journal, n: at, .. } if journal == "schedule/420902" && *at == n)
    );
    assert_eq!(
        events[3],
        KeeperEvent::CursorUnparked {
            journal: "schedule/420902".into(),
            n,
            by: "420902/P-1".into(),
            skip: true
        }
    );
    place.sound().await;
}

#[tokio::test]
async fn a_reaction_that_fails_parks_its_reader() {
    parks_and_is_skipped("stumble").await;
}

#[tokio::test]
async fn a_reaction_that_breaks_the_book_parks_its_reader() {
    parks_and_is_skipped("mire").await;
}

#[tokio::test]
async fn a_reaction_too_large_for_a_commit_parks_its_reader() {
    parks_and_is_skipped("swell").await;
}

#[tokio::test]
async fn a_breaking_reaction_does_not_double_what_was_done_before_it() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    // One commit holds a fact that goes well and one that breaks the reader.
    let wishes = vec![
        place.tally("c-1", "echo:2"),
        place.tally("c-2", "mire"),
        place.tally("c-3", "echo:1"),
    ];
    books.wish(&county(), wishes).await;
    assert!(matches!(books.settle().await, Err(Stuck::Parked { .. })));
    let mut books = place.lockstep(both()).await;
    assert!(matches!(books.settle().await, Err(Stuck::Parked { .. })));
    assert!(place.count("dispatch", "task.declined") <= 2);
    place.folds_to(&books, both()).await;
}

#[tokio::test]
async fn a_failing_reaction_keeps_what_was_done_before_it() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    books
        .wish(
            &county(),
            vec![place.tally("c-1", "echo:2"), place.tally("c-2", "stumble")],
        )
        .await;
    assert!(matches!(books.settle().await, Err(Stuck::Parked { .. })));
    assert_eq!(place.count("dispatch", "task.declined"), 2);
    drop(books);
    let live = place.live(both()).await;
    assert!(
        live.unpark(&book("dispatch"), "420902/P-1".into(), false)
            .await
    );
    until("stumbling again", async || {
        place.count("dispatch", "cursor.parked") == 2
    })
    .await;
    live.stop().await;
    assert_eq!(
        place.count("dispatch", "task.declined"),
        2,
        "they are not done again"
    );
}

#[tokio::test]
async fn bytes_that_cannot_be_decoded_park_their_reader_and_can_be_skipped() {
    let place = Place::new();
    place.stranger("schedule", "schedule.pause", vec![paused("echo:1")]);
    let junk = b"{\"nonsense\":true}".to_vec();
    let head = append(&place, junk);
    place.stranger("schedule", "schedule.pause", vec![paused("echo:1")]);
    let live = Live::start(place.engine(both()), &[book("dispatch")], false)
        .await
        .expect("it opens");
    assert_eq!(
        code(&live.wish(&county(), cancel(&place, "d-1")).await),
        "parked"
    );
    assert_eq!(
        place.count("dispatch", "task.declined"),
        1,
        "what stands before it is taken"
    );
    assert!(
        matches!(&parked_events(&place, "dispatch")[..], [KeeperEvent::CursorParked { n, .. }] if *n == head.number)
    );
    live.stop().await;
    let live = Live::start(place.engine(both()), &[book("dispatch")], false)
        .await
        .expect("it opens");
    assert!(
        live.unpark(&book("dispatch"), "420902/P-1".into(), true)
            .await
    );
    assert_eq!(
        code(&live.wish(&county(), cancel(&place, "d-2")).await),
        "ok"
    );
    assert_eq!(
        place.count("dispatch", "task.declined"),
        2,
        "it goes on after it"
    );
    live.stop().await;
}

#[tokio::test]
async fn a_journal_that_lost_what_was_read_parks_its_reader() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    books
        .wish(&county(), vec![place.tally("c-1", "echo:1")])
        .await;
    books.settle().await.expect("they rest");
    place.memory.forget_after(&book("schedule"), 0);
    let live = Live::start(place.engine(both()), &[book("dispatch")], false)
        .await
        .expect("its own journal is whole");
    for _ in 0..3 {
        place.stranger("schedule", "schedule.pause", vec![paused("echo:1")]);
    }
    assert_eq!(
        code(&live.wish(&county(), cancel(&place, "d-1")).await),
        "parked"
    );
    live.stop().await;
    assert_eq!(place.count("dispatch", "task.declined"), 1);
}

#[tokio::test]
async fn a_chain_of_reactions_is_cut_after_sixteen() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    books.wish(&county(), vec![place.tally("c-1", "hop")]).await;
    assert!(
        matches!(books.settle().await, Err(Stuck::Parked { why, .. }) if why.contains("chain"))
    );
    let hops = ["schedule", "dispatch"]
        .into_iter()
        .flat_map(|service| place.entries(service))
        .map(|(_, entry)| entry.hops)
        .max();
    assert_eq!(hops, Some(16));
}

#[tokio::test]
async fn a_bell_that_breaks_the_book_parks_it() {
    let place = Place::new();
    let live = place.live(vec![tally()]).await;
    live.wish(
        &county(),
        place.tally("c-1", "cracked:2026-11-20T02:00:00Z"),
    )
    .await
    .expect("accepted");
    place.clock.set(instant("2026-11-20T02:00:00Z"));
    parked(&place, &live, "schedule").await;
    assert_eq!(
        code(&live.wish(&county(), place.tally("c-2", "go")).await),
        "parked"
    );
    live.stop().await;
    assert_eq!(place.count("schedule", "cursor.parked"), 1);
    assert_eq!(
        place
            .commits("schedule")
            .pop()
            .and_then(|commit| commit.due),
        None,
        "a parked book wants no bell"
    );
}

#[tokio::test]
async fn an_unparking_that_was_not_saved_did_not_happen() {
    let place = Place::new();
    let live = place.live(both()).await;
    live.wish(&county(), place.tally("c-1", "stumble"))
        .await
        .expect("accepted");
    parked(&place, &live, "dispatch").await;
    place.journal.plan([picket_journal::faulty::Fault::Full]);
    assert!(
        !live
            .unpark(&book("dispatch"), "420902/P-1".into(), true)
            .await
    );
    assert_eq!(
        code(&live.wish(&county(), cancel(&place, "d-1")).await),
        "parked"
    );
    assert!(
        live.unpark(&book("dispatch"), "420902/P-1".into(), true)
            .await
    );
    assert_eq!(
        code(&live.wish(&county(), cancel(&place, "d-2")).await),
        "ok"
    );
    live.stop().await;
}

fn paused(reason: &str) -> Event {
    picket_schemas::schedule::Event::SchedulePaused {
        schedule: "s".into(),
        reason: reason.into(),
        by: "420902/P-2".into(),
    }
    .into()
}

fn append(place: &Place, bytes: Vec<u8>) -> Head {
    let head = place
        .memory
        .last_blocking(&[book("schedule")])
        .expect("memory can be read")
        .remove(0);
    let hash = picket_journal::hash_of(&bytes);
    place
        .memory
        .append_blocking(&book("schedule"), &head, &hash, bytes.into())
        .expect("memory takes it")
}
