//! Bells: honest, not spun, held when the time is doubtful; and the clock itself.

use std::time::Duration;

use jiff::Timestamp;
use picket_schemas::{Cause, Event};

use super::groups::cancelled;
use super::toys::{both, tally};
use super::{Place, book, county, instant, one, until};
use crate::{Clock, Hindrance, Live};

const TWO: &str = "2026-11-20T02:00:00Z";

fn rang(place: &Place) -> Vec<Timestamp> {
    place
        .entries("schedule")
        .into_iter()
        .filter(|(_, entry)| entry.cause == Cause::Bell)
        .map(|(_, entry)| entry.made)
        .collect()
}

#[tokio::test]
async fn a_bell_rings_at_its_instant_and_not_before() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    one(&mut books, place.tally("b-1", "bell:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    books
        .advance(instant("2026-11-20T01:59:59.999Z"), |_| ())
        .await
        .expect("they rest");
    assert!(rang(&place).is_empty());
    books
        .advance(instant("2026-11-20T09:00:00Z"), |_| ())
        .await
        .expect("they rest");
    assert_eq!(
        rang(&place),
        [instant(TWO)],
        "time stops at each bell on its way"
    );
    assert_eq!(books.due(), None);
}

#[tokio::test]
async fn a_bell_between_two_milliseconds_rings() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    one(
        &mut books,
        place.tally("b-1", "bell:2026-11-20T02:00:00.0001Z"),
    )
    .await
    .expect("accepted");
    tokio::time::timeout(
        Duration::from_secs(10),
        books.advance(instant("2026-11-20T03:00:00Z"), |_| ()),
    )
    .await
    .expect("time goes on")
    .expect("they rest");
    assert_eq!(rang(&place).len(), 1);
}

#[tokio::test]
async fn a_jump_over_many_bells_rings_each_once() {
    let place = Place::new();
    let live = place.live(vec![tally()]).await;
    for hour in 2..8 {
        live.wish(
            &county(),
            place.tally(
                &format!("b-{hour}"),
                &format!("bell:2026-11-20T0{hour}:00:00Z"),
            ),
        )
        .await
        .expect("accepted");
    }
    place.clock.set(instant("2026-11-20T20:00:00Z"));
    until("ringing", async || rang(&place).len() >= 6).await;
    live.stop().await;
    assert_eq!(rang(&place), [instant("2026-11-20T20:00:00Z"); 6]);
}

#[tokio::test]
async fn a_bell_that_says_nothing_is_parked_on_record_and_commands_go_on() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    one(&mut books, place.tally("b-1", "mute:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    let before = place.stored("schedule").len();
    tokio::time::timeout(
        Duration::from_secs(10),
        books.advance(instant("2026-11-20T09:00:00Z"), |_| ()),
    )
    .await
    .expect("time goes on")
    .expect("they rest");
    assert_eq!(
        place.stored("schedule").len(),
        before + 1,
        "it is said once and not spun"
    );
    assert_eq!(
        place.events("schedule").pop().map(|event| event.kind()),
        Some("bell.parked")
    );
    assert_eq!(
        place
            .commits("schedule")
            .pop()
            .and_then(|commit| commit.due),
        None,
        "nothing is to be rung"
    );
    assert_eq!(books.due(), None, "it is not asked again");
    assert!(
        one(&mut books, place.tally("c-1", "go")).await.is_ok(),
        "commands go on"
    );
    // Nor is it rung again because somebody started anew.
    let mut books = place.lockstep(vec![tally()]).await;
    books.settle().await.expect("they rest");
    assert_eq!(
        (books.due(), place.count("schedule", "bell.parked")),
        (None, 1)
    );
    place.folds_to(&books, vec![tally()]).await;
}

#[tokio::test]
async fn a_silent_bell_is_a_trouble_until_a_person_lets_it_ring_or_the_next_bell_moves() {
    let place = Place::new();
    let live = place.live(both()).await;
    live.wish(&county(), place.tally("b-1", "mute:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    place.clock.set(instant(TWO));
    until("the trouble", async || !live.troubles().is_empty()).await;
    let trouble = live.troubles().remove(0);
    assert_eq!(
        (trouble.book, trouble.hindrance),
        (book("schedule"), Hindrance::SilentBell)
    );
    assert!(trouble.why.contains("says nothing"), "{}", trouble.why);
    assert!(!live.broken(), "no fact is in danger");
    // A person who has looked lets it ring: it is as silent as before.
    assert!(
        live.unpark(&book("schedule"), "420902/P-1".into(), false)
            .await
    );
    until("parking it again", async || {
        place.count("schedule", "bell.parked") == 2
    })
    .await;
    assert!(
        !live
            .unpark(&book("dispatch"), "420902/P-1".into(), false)
            .await,
        "others are well"
    );
    // The reason for it is taken away, and the next bell rings.
    live.wish(&county(), place.tally("b-2", "bell:2026-11-20T02:30:00Z"))
        .await
        .expect("commands go on");
    let cancel = place.wish(
        "d-1",
        picket_schemas::dispatch::Command::CancelTask {
            task: "mute".into(),
            reason: "r".into(),
        },
    );
    live.wish(&county(), cancel).await.expect("accepted");
    until("no trouble", async || live.troubles().is_empty()).await;
    place.clock.set(instant("2026-11-20T02:30:00Z"));
    until("ringing", async || !rang(&place).is_empty()).await;
    live.stop().await;
}

#[tokio::test]
async fn a_stopping_fact_that_was_not_yet_read_is_read_before_the_bell() {
    let place = Place::new();
    let live = Live::start(place.engine(both()), &[book("schedule")], true)
        .await
        .expect("it opens");
    live.wish(&county(), place.tally("b-1", "bell:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    live.wish(&county(), place.tally("b-2", "bell:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    // Nobody in this process has seen it: only the store knows.
    place.stranger("dispatch", "dispatch.cancel_task", vec![cancelled("b-1")]);
    place.clock.set(instant(TWO));
    until("ringing", async || !rang(&place).is_empty()).await;
    live.stop().await;
    let rung: Vec<_> = place
        .entries("schedule")
        .into_iter()
        .filter(|(_, entry)| entry.cause == Cause::Bell)
        .collect();
    assert_eq!(rung.len(), 1);
    assert!(
        matches!(&rung[0].1.events[0], Event::Schedule(picket_schemas::schedule::Event::SchedulePaused { schedule, .. }) if *schedule == "b-2")
    );
}

#[tokio::test]
async fn a_bell_waits_while_it_cannot_be_known_what_stopped_it() {
    let place = Place::new();
    let live = Live::start(place.engine(both()), &[book("schedule")], true)
        .await
        .expect("it opens");
    live.wish(&county(), place.tally("b-1", "bell:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    place.stranger("dispatch", "dispatch.cancel_task", vec![cancelled("b-1")]);
    place.journal.fail_reads(4);
    place.clock.set(instant(TWO));
    until("stopping", async || {
        place.kinds("schedule").contains(&"schedule.resumed")
    })
    .await;
    live.stop().await;
    assert!(rang(&place).is_empty(), "it was stopped in time");
}

#[tokio::test]
async fn bells_wait_for_a_person_and_commands_go_on() {
    let mut place = Place::new();
    place.clock = Clock::real();
    let now = Timestamp::now();
    place.clock.check(Some(now));
    assert!(!place.clock.held());
    place
        .clock
        .check(Some(now - jiff::SignedDuration::from_hours(24 * 8)));
    assert!(
        place.clock.held(),
        "nothing was written for more than a week"
    );
    let live = place.live(vec![tally()]).await;
    let due = place.clock.now() + jiff::SignedDuration::from_millis(1);
    live.wish(&county(), place.tally("b-1", &format!("bell:{due}")))
        .await
        .expect("commands go on");
    until("the instant", async || place.clock.now() > due).await;
    live.wish(&county(), place.tally("c-1", "go"))
        .await
        .expect("commands go on");
    assert!(rang(&place).is_empty(), "nothing rings");
    place.clock.confirm();
    until("ringing", async || !rang(&place).is_empty()).await;
    live.stop().await;
}

#[tokio::test]
async fn a_fast_clock_rings_early_by_the_wall() {
    let mut place = Place::new();
    place.clock = Clock::fast(instant(super::MORNING), 100_000);
    let live = place.live(vec![tally()]).await;
    let due = place.clock.now() + jiff::SignedDuration::from_hours(1);
    live.wish(&county(), place.tally("b-1", &format!("bell:{due}")))
        .await
        .expect("accepted");
    until("ringing", async || !rang(&place).is_empty()).await;
    live.stop().await;
    assert!(rang(&place)[0] >= due);
}

#[test]
fn a_driven_clock_never_goes_back() {
    let clock = Clock::driven(instant(TWO));
    clock.set(instant(super::MORNING));
    assert_eq!(clock.now(), instant(TWO));
    clock.check(Some(instant("2020-01-01T00:00:00Z")));
    assert!(!clock.held(), "only the machine's clock is doubted");
}

#[tokio::test]
async fn no_commit_is_earlier_than_the_one_before_it() {
    let mut place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    one(&mut books, place.tally("c-1", "go"))
        .await
        .expect("accepted");
    place.clock = Clock::driven(instant("2026-11-20T00:59:00Z"));
    let mut books = place.lockstep(vec![tally()]).await;
    one(&mut books, place.tally("c-2", "go"))
        .await
        .expect("accepted");
    let commits = place.commits("schedule");
    assert!(commits.windows(2).all(|pair| pair[0].at <= pair[1].at));
}
