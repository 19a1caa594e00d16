//! A crash at any point loses nothing that was answered and doubles nothing.

use std::collections::BTreeMap;

use picket_journal::Head;
use picket_journal::faulty::Fault;
use proptest::prelude::*;

use super::toys::{both, tally};
use super::{Place, book, code, county, one};
use crate::Stuck;

#[tokio::test]
async fn a_lost_acknowledgement_is_found_by_looking() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    place.journal.plan([Fault::AckLost]);
    let answer = one(&mut books, place.tally("c-1", "go"))
        .await
        .expect("it was stored, and is found");
    assert_eq!(place.found("schedule", "c-1"), [answer.n]);
    assert_eq!(
        one(&mut books, place.tally("c-2", "go"))
            .await
            .expect("accepted")
            .n,
        answer.n + 1
    );
}

#[tokio::test]
async fn a_lost_request_is_sent_again() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    place.journal.plan([Fault::RequestLost, Fault::RequestLost]);
    assert_eq!(code(&one(&mut books, place.tally("c-1", "go")).await), "ok");
    assert_eq!(place.found("schedule", "c-1").len(), 1);
}

#[tokio::test]
async fn an_acknowledgement_lost_before_a_strangers_commit_is_found_too() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    one(&mut books, place.tally("c-0", "go"))
        .await
        .expect("accepted");
    // The commit of the other hand cannot chain to a commit not yet written: it spoils the book, not the answer.
    place.journal.plan([Fault::AckLostThenStranger(
        place
            .strange("schedule", "schedule.resume", Vec::new())
            .into(),
    )]);
    let answer = one(&mut books, place.tally("c-1", "go"))
        .await
        .expect("accepted");
    assert_eq!(place.found("schedule", "c-1"), [answer.n]);
}

#[tokio::test]
async fn a_stranger_who_writes_first_is_read_and_built_upon() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    one(&mut books, place.tally("c-0", "go"))
        .await
        .expect("accepted");
    place.stranger("schedule", "schedule.pause", Vec::new());
    assert_eq!(
        code(&one(&mut books, place.tally("c-1", "go")).await),
        "busy",
        "it was not decided on the whole book"
    );
    let answer = one(&mut books, place.tally("c-1", "go"))
        .await
        .expect("accepted");
    assert_eq!(place.found("schedule", "c-1"), [answer.n]);
    place.sound().await;
    place.folds_to(&books, vec![tally()]).await;
}

#[tokio::test]
async fn a_refusal_does_not_leave_when_a_stranger_has_written() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    one(&mut books, place.tally("c-0", "go"))
        .await
        .expect("accepted");
    place.stranger("schedule", "schedule.pause", Vec::new());
    assert_eq!(
        code(&one(&mut books, place.tally("c-1", "refuse")).await),
        "outcome_unknown"
    );
    assert_eq!(
        code(&one(&mut books, place.tally("c-1", "refuse")).await),
        "reason_needed"
    );
}

#[tokio::test]
async fn a_full_disk_is_told_to_the_whole_group_and_later_it_works() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    one(&mut books, place.tally("c-0", "go"))
        .await
        .expect("accepted");
    place.journal.plan([Fault::Full]);
    let wishes = || {
        vec![
            place.tally("c-1", "go"),
            place.tally("c-2", "refuse"),
            place.tally("c-3", "go"),
        ]
    };
    let answers = books.wish(&county(), wishes()).await;
    assert_eq!(
        answers.iter().map(code).collect::<Vec<_>>(),
        ["not_saved"; 3]
    );
    assert!(place.found("schedule", "c-1").is_empty());
    let answers = books.wish(&county(), wishes()).await;
    assert_eq!(
        answers.iter().map(code).collect::<Vec<_>>(),
        ["ok", "reason_needed", "ok"]
    );
    place.folds_to(&books, vec![tally()]).await;
}

#[tokio::test]
async fn a_full_disk_is_told_even_when_only_facts_were_in_the_group() {
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
    let live = crate::Live::start(place.engine(vec![tally()]), &[book("schedule")], false)
        .await
        .expect("it opens");
    place.journal.plan([Fault::Full]);
    assert_eq!(
        code(
            &live
                .wish(&county(), place.tally("c-1", "enrolled:P-9"))
                .await
        ),
        "not_saved"
    );
    assert_eq!(
        code(
            &live
                .wish(&county(), place.tally("c-1", "enrolled:P-9"))
                .await
        ),
        "ok"
    );
    live.stop().await;
}

#[tokio::test]
async fn what_is_not_known_is_said_to_be_unknown_and_a_repeat_settles_it() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    one(&mut books, place.tally("c-0", "go"))
        .await
        .expect("accepted");
    place.journal.plan([Fault::AckLost]);
    place.journal.fail_reads(100_000);
    assert_eq!(
        code(&one(&mut books, place.tally("c-1", "go")).await),
        "outcome_unknown"
    );
    // Nothing is answered from a memory that may be ahead of the journal.
    assert_eq!(
        code(&one(&mut books, place.tally("c-1", "go")).await),
        "stopped"
    );
    place.journal.fail_reads(0);
    let answer = one(&mut books, place.tally("c-1", "go"))
        .await
        .expect("it was stored");
    assert_eq!(place.found("schedule", "c-1"), [answer.n]);
}

#[tokio::test]
async fn what_was_lost_without_being_known_is_not_answered_from_memory() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    one(&mut books, place.tally("c-0", "go"))
        .await
        .expect("accepted");
    place.journal.plan(vec![Fault::RequestLost; 1_000]);
    assert_eq!(
        code(&one(&mut books, place.tally("c-1", "go")).await),
        "outcome_unknown"
    );
    assert!(place.found("schedule", "c-1").is_empty());
    for _ in 0..20 {
        let answer = one(&mut books, place.tally("c-1", "go")).await;
        if let Ok(answer) = answer {
            assert_eq!(place.found("schedule", "c-1"), [answer.n]);
            return;
        }
        assert_eq!(code(&answer), "outcome_unknown");
    }
    panic!("the store works again, and the wish must too");
}

#[tokio::test]
async fn a_shortened_journal_stops_its_book_for_good() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    for n in 0..3 {
        one(&mut books, place.tally(&format!("c-{n}"), "go"))
            .await
            .expect("accepted");
    }
    place.memory.forget_after(&book("schedule"), 2);
    let answers = books
        .wish(
            &county(),
            vec![place.tally("c-8", "go"), place.tally("c-9", "go")],
        )
        .await;
    assert_eq!(
        answers.iter().map(code).collect::<Vec<_>>(),
        ["stopped", "stopped"],
        "one answer for each"
    );
    assert_eq!(
        code(&one(&mut books, place.tally("c-8", "go")).await),
        "stopped",
        "and it stays so"
    );
    assert!(matches!(books.settle().await, Err(Stuck::Keep(_))));
    assert_eq!(
        place.stored("schedule").len(),
        2,
        "nothing was written over the gap"
    );
}

#[tokio::test]
async fn a_journal_that_was_rewritten_stops_its_book_too() {
    let place = Place::new();
    let mut books = place.lockstep(vec![tally()]).await;
    for n in 0..2 {
        one(&mut books, place.tally(&format!("c-{n}"), "go"))
            .await
            .expect("accepted");
    }
    // As many commits as before, but the last is another.
    place
        .memory
        .forget_after(&book("schedule"), place.stored("schedule").len() - 1);
    place.stranger("schedule", "schedule.pause", Vec::new());
    assert_eq!(
        code(&one(&mut books, place.tally("c-9", "refuse")).await),
        "outcome_unknown"
    );
    assert_eq!(
        code(&one(&mut books, place.tally("c-9", "go")).await),
        "stopped"
    );
}

#[tokio::test]
async fn what_follows_a_fact_and_how_far_it_was_read_are_one_commit() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    one(&mut books, place.tally("c-1", "echo:3"))
        .await
        .expect("accepted");
    books.settle().await.expect("they rest");
    for commit in place.commits("dispatch").iter().filter(|commit| {
        commit
            .entries
            .iter()
            .any(|entry| entry.cause == picket_schemas::Cause::Fact)
    }) {
        assert_eq!(
            commit.seen.get("schedule/420902").map(|cursor| cursor.n),
            place.found("schedule", "c-1").first().copied()
        );
    }
    // Whatever a crash leaves behind is a beginning of the journal; from each of them the fact is acted upon once.
    let whole = place.stored("dispatch").len();
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
        copy.lockstep(both())
            .await
            .settle()
            .await
            .expect("they rest");
        assert_eq!(
            copy.count("dispatch", "task.declined"),
            3,
            "after {kept} commits"
        );
    }
}

#[tokio::test]
async fn cursors_that_merely_moved_are_written_when_it_stops() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    books.settle().await.expect("they rest");
    one(&mut books, place.tally("c-1", "go"))
        .await
        .expect("accepted");
    books.settle().await.expect("they rest");
    let before = place.stored("dispatch").len();
    books.flush().await;
    books.flush().await;
    let commits = place.commits("dispatch");
    assert_eq!(commits.len(), before + 1);
    assert_eq!(
        commits[before].seen["schedule/420902"].n,
        place.stored("schedule").len() as u64
    );
}

#[derive(Clone, Debug)]
enum Act {
    Wish(&'static str),
    Two(&'static str, &'static str),
    Fail(u8),
    Settle,
    Crash,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let reason = prop::sample::select(vec![
        "go",
        "refuse",
        "echo:1",
        "echo:1200",
        "nothing",
        "large:90000",
        "poison",
        "panic",
    ]);
    let act = prop_oneof![
        4 => reason.clone().prop_map(Act::Wish),
        2 => (reason.clone(), reason).prop_map(|(one, two)| Act::Two(one, two)),
        4 => (0_u8..6).prop_map(Act::Fail),
        2 => Just(Act::Settle),
        1 => Just(Act::Crash),
    ];
    prop::collection::vec(act, 1..24)
}

/// The last answer to each wish, and the reason it carried.
#[derive(Default)]
struct History(BTreeMap<String, (String, u64, &'static str)>);

impl History {
    async fn wish(&mut self, place: &Place, books: &mut crate::Lockstep, reasons: &[&'static str]) {
        let first = self.0.len();
        let wishes: Vec<_> = reasons
            .iter()
            .enumerate()
            .map(|(index, reason)| place.tally(&format!("c-{}", first + index), reason))
            .collect();
        let ids: Vec<_> = wishes.iter().map(|wish| wish.id.to_string()).collect();
        let answers = books.wish(&county(), wishes).await;
        assert_eq!(answers.len(), reasons.len());
        for ((id, reason), answer) in ids.into_iter().zip(reasons).zip(&answers) {
            let told = match answer {
                Ok(answer) if answer.unchanged => "unchanged",
                other => code(other),
            };
            self.0.insert(
                id,
                (
                    told.to_owned(),
                    answer.as_ref().map_or(0, |answer| answer.n),
                    *reason,
                ),
            );
        }
    }

    fn check(&self, place: &Place) {
        let mut echoes = 0;
        for (id, (told, n, reason)) in &self.0 {
            let found = place.found("schedule", id);
            match told.as_str() {
                "ok" => assert_eq!(found, [*n], "{id} was answered"),
                "outcome_unknown" => assert!(found.len() <= 1, "{id} is there twice"),
                _ => assert!(found.is_empty(), "{id} was told {told} and is there"),
            }
            if let Some(count) = reason.strip_prefix("echo:") {
                echoes += found.len() * count.parse::<usize>().expect("echo:count");
            }
        }
        assert_eq!(
            place.count("dispatch", "task.declined"),
            echoes,
            "each fact is acted upon once"
        );
    }
}

async fn play(acts: Vec<Act>) {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    let mut history = History::default();
    for act in acts {
        match act {
            Act::Wish(reason) => history.wish(&place, &mut books, &[reason]).await,
            Act::Two(one, two) => history.wish(&place, &mut books, &[one, two]).await,
            Act::Fail(0) => place.journal.fail_reads(2),
            Act::Fail(1) => place.journal.plan([Fault::AckLost]),
            Act::Fail(2) => place.journal.plan([Fault::RequestLost]),
            Act::Fail(3) => place.journal.plan([Fault::Full]),
            Act::Fail(4) => place.journal.plan([Fault::Unavailable, Fault::AckLost]),
            Act::Fail(_) => {
                let service = "schedule";
                let head = place
                    .memory
                    .last_blocking(&[book(service)])
                    .expect("memory can be read")
                    .remove(0);
                if head != Head::default() {
                    place.stranger(service, "schedule.resume", Vec::new());
                }
            }
            // A store that fails on the way is met again below.
            Act::Settle => drop(books.settle().await),
            Act::Crash => {
                place.journal.fail_reads(0);
                books = place.lockstep(both()).await;
            }
        }
    }
    place.journal.fail_reads(0);
    let mut books = place.lockstep(both()).await;
    books
        .settle()
        .await
        .expect("they come to rest when the store works");
    history.check(&place);
    place.sound().await;
    place.folds_to(&books, both()).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_faults_loses_what_was_answered_or_does_anything_twice(acts in acts()) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(play(acts));
    }
}
