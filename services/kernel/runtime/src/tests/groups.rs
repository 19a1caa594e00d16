//! Groups: the order of wishes, repeats, sizes, and books that break.

use picket_schemas::{Cause, Event, Wish, registry, schedule};

use super::toys::{both, tally};
use super::{Place, book, code, county, instant, one};
use crate::{DECISION_BYTES, GROUP_BYTES};

#[tokio::test]
async fn a_repeated_wish_has_one_effect_and_one_answer() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    let wish = place.tally("c-1", "go");
    let answers = books
        .wish(&county(), vec![wish.clone(), wish.clone()])
        .await;
    assert_eq!(answers[0], answers[1], "in the same group");
    books.settle().await.expect("they rest");
    assert_eq!(
        one(&mut books, wish.clone()).await,
        answers[0],
        "in a later group"
    );
    let mut again = place.lockstep(both()).await;
    assert_eq!(one(&mut again, wish).await, answers[0], "after a start");
    assert_eq!(place.found("schedule", "c-1").len(), 1);
}

#[tokio::test]
async fn a_repeated_wish_that_changed_nothing_stays_without_effect() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    let wish = place.tally("c-1", "nothing");
    let first = one(&mut books, wish.clone()).await.expect("it is accepted");
    assert!(first.unchanged);
    assert_eq!(
        one(&mut books, place.tally("c-2", "go"))
            .await
            .expect("it is accepted")
            .n,
        2
    );
    assert_eq!(one(&mut books, wish).await.expect("it is accepted"), first);
}

#[tokio::test]
async fn an_id_that_comes_with_another_command_or_from_somebody_else_is_refused_and_tells_nothing()
{
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    let wishes = [
        place.tally("c-1", "go"),
        place.tally("c-2", "nothing"),
        place.tally("c-3", "refuse"),
    ];
    let first = books.wish(&county(), wishes.to_vec()).await;
    assert_eq!(
        first.iter().map(code).collect::<Vec<_>>(),
        ["ok", "ok", "reason_needed"]
    );
    let misused = |wish: &Wish| {
        let mut other = wish.clone();
        other.command = schedule::Command::Resume { code: "c-1".into() }.into();
        let mut stranger = wish.clone();
        stranger.by = "420902/P-2".into();
        [other, stranger]
    };
    for misused in wishes.iter().flat_map(misused) {
        let refused = one(&mut books, misused).await.expect_err("it is another's");
        assert!(
            refused.code == "invalid" && refused.title.contains("`id`"),
            "{refused:?}"
        );
    }
    assert_eq!(
        books.wish(&county(), wishes.to_vec()).await,
        first,
        "whose it is hears what they heard"
    );
    // The journal tells whose an id is.
    let mut books = place.lockstep(vec![tally()]).await;
    for misused in misused(&wishes[0]) {
        assert_eq!(code(&one(&mut books, misused).await), "invalid");
    }
    assert_eq!(one(&mut books, wishes[0].clone()).await, first[0]);
    assert_eq!(place.found("schedule", "c-1").len(), 1);
}

#[tokio::test]
async fn an_answer_without_change_names_the_commit_that_made_it_so() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    let answers = books
        .wish(
            &county(),
            vec![place.tally("c-1", "go"), place.tally("c-2", "once")],
        )
        .await;
    let (first, second) = (
        answers[0].clone().expect("accepted"),
        answers[1].clone().expect("accepted"),
    );
    assert!(second.unchanged);
    assert_eq!(second.n, first.n, "what it found so is in this very commit");
}

#[tokio::test]
async fn a_refused_wish_is_refused_again_and_never_written() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    for _ in 0..2 {
        assert_eq!(
            code(&one(&mut books, place.tally("c-1", "refuse")).await),
            "reason_needed"
        );
    }
    assert!(place.found("schedule", "c-1").is_empty());
}

#[tokio::test]
async fn a_wish_made_more_than_a_day_ago_is_expired() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    let old = place.tally("c-1", "go");
    let just = place.tally("c-2", "go");
    place.clock.set(instant("2026-11-21T01:00:00Z"));
    assert_eq!(
        code(&one(&mut books, just).await),
        "ok",
        "a day is not yet too long"
    );
    place.clock.set(instant("2026-11-21T01:00:00.001Z"));
    assert_eq!(code(&one(&mut books, old).await), "expired");
}

#[tokio::test]
async fn a_wish_from_the_future_is_refused() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    let mut ahead = place.tally("c-1", "go");
    ahead.made = instant("2026-11-20T01:05:00Z");
    assert_eq!(
        code(&one(&mut books, ahead.clone()).await),
        "ok",
        "clocks differ a little"
    );
    ahead.id = "c-2".into();
    ahead.made = instant("2026-11-20T01:05:00.001Z");
    assert_eq!(code(&one(&mut books, ahead).await), "invalid");
}

#[tokio::test]
async fn a_group_takes_facts_then_bells_then_wishes() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    one(&mut books, place.tally("b-1", "bell:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    one(&mut books, place.tally("b-2", "bell:2026-11-20T02:00:00Z"))
        .await
        .expect("accepted");
    books.settle().await.expect("they rest");
    // A fact that stops one of the bells, a bell and a wish all wait.
    place.clock.set(instant("2026-11-20T03:00:00Z"));
    place.stranger("dispatch", "dispatch.cancel_task", vec![cancelled("b-1")]);
    let answer = one(&mut books, place.tally("c-1", "go"))
        .await
        .expect("accepted");
    let last = place.commits("schedule").pop().expect("there is one");
    assert_eq!(last.n, answer.n);
    assert_eq!(
        last.entries
            .iter()
            .map(|entry| entry.cause)
            .collect::<Vec<_>>(),
        [Cause::Fact, Cause::Bell, Cause::Command]
    );
}

#[tokio::test]
async fn a_decision_too_large_for_a_commit_is_refused_and_the_others_go_on() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    let large = format!("large:{DECISION_BYTES}");
    let answers = books
        .wish(
            &county(),
            vec![
                place.tally("c-1", "go"),
                place.tally("c-2", &large),
                place.tally("c-3", "go"),
            ],
        )
        .await;
    assert_eq!(
        answers.iter().map(code).collect::<Vec<_>>(),
        ["ok", "too_large", "ok"]
    );
    assert!(place.found("schedule", "c-2").is_empty());
}

#[tokio::test]
async fn a_group_stops_before_it_is_too_large() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    // A small one, then one as large as a decision may be, then many.
    let mut wishes = vec![
        place.tally("c-0", "go"),
        place.tally("c-1", &format!("large:{}", DECISION_BYTES - 1_000)),
    ];
    wishes.extend((2..20).map(|n| place.tally(&format!("c-{n}"), "large:60000")));
    let answers = books.wish(&county(), wishes).await;
    assert!(answers.iter().all(Result::is_ok));
    for stored in place.stored("schedule") {
        let commit = picket_schemas::Commit::decode(&stored.bytes).expect("it can be read");
        assert!(
            commit.entries.len() == 1 || stored.bytes.len() <= GROUP_BYTES + 1_024,
            "commit {} has {} bytes",
            commit.n,
            stored.bytes.len()
        );
    }
    place.sound().await;
}

#[tokio::test]
async fn a_book_that_fails_to_decide_refuses_that_wish_alone() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    let answers = books
        .wish(
            &county(),
            vec![
                place.tally("c-1", "go"),
                place.tally("c-2", "panic"),
                place.tally("c-3", "go"),
            ],
        )
        .await;
    assert_eq!(
        answers.iter().map(code).collect::<Vec<_>>(),
        ["ok", "broken", "ok"]
    );
    place.folds_to(&books, vec![tally()]).await;
}

#[tokio::test]
async fn a_book_that_fails_to_evolve_is_folded_anew_and_the_others_are_done() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    let wishes = vec![
        place.tally("c-1", "go"),
        place.tally("c-2", "go"),
        place.tally("c-3", "poison"),
        place.tally("c-4", "go"),
        place.tally("c-5", "poison"),
    ];
    let answers = books.wish(&county(), wishes).await;
    assert_eq!(
        answers.iter().map(code).collect::<Vec<_>>(),
        ["ok", "ok", "broken", "ok", "broken"]
    );
    assert_eq!(place.count("schedule", "schedule.paused"), 3);
    place.folds_to(&books, vec![tally()]).await;
}

#[tokio::test]
async fn a_wish_is_decided_with_what_the_registry_has_said() {
    let place = Place::new();
    // A newborn book has its own first words to write, and the registry has already spoken.
    let person = registry::Person {
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
        vec![registry::Event::PersonEnrolled { person }.into()],
    );
    let engine = place.engine(vec![tally()]);
    // Nobody in this process keeps the registry: the book is asked while asleep.
    let live = crate::Live::start(engine, &[book("schedule")], false)
        .await
        .expect("it opens");
    let answer = live
        .wish(&county(), place.tally("c-1", "enrolled:P-9"))
        .await;
    assert_eq!(code(&answer), "ok", "{answer:?}");
    live.stop().await;
}

#[tokio::test]
async fn entries_carry_who_by_which_way_and_when() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    let mut wish = place.tally("c-1", "go");
    wish.trace = "00-1-2-01".into();
    one(&mut books, wish).await.expect("accepted");
    let (_, entry) = place.entries("schedule").pop().expect("there is one");
    assert_eq!(
        (
            entry.by.as_str(),
            entry.via.as_str(),
            entry.does.as_str(),
            entry.trace.as_str(),
            entry.made
        ),
        (
            "420902/P-1",
            "test",
            "schedule.pause",
            "00-1-2-01",
            place.clock.now()
        )
    );
    assert!(matches!(
        &entry.events[..],
        [Event::Schedule(schedule::Event::SchedulePaused { .. })]
    ));
}

#[tokio::test]
async fn wishes_for_nowhere_are_refused_one_by_one() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    let answers = books
        .wish(
            &"999999".into(),
            vec![place.tally("c-1", "go"), place.tally("c-2", "go")],
        )
        .await;
    assert_eq!(
        answers.iter().map(code).collect::<Vec<_>>(),
        ["unknown", "unknown"]
    );
}

pub(super) fn cancelled(task: &str) -> Event {
    picket_schemas::dispatch::Event::TaskCancelled {
        task: task.into(),
        by: "420902/P-2".into(),
        reason: "no longer needed".into(),
    }
    .into()
}
