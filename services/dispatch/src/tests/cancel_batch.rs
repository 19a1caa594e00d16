//! Cancelling a batch as a whole.

use picket_schemas::dispatch::{Command, Event, Outcome};
use picket_schemas::registry::Role;

use std::collections::BTreeMap;

use super::batches::ring_once;
use super::causes::above;
use super::sealed::{RELEASE, sealed_desk};
use super::*;

fn cancel_batch(batch: &str) -> Command {
    Command::CancelBatch {
        batch: batch.into(),
        reason: "the wrong list".into(),
    }
}

fn cancelled(batch: &str, people: &[(&str, u32)]) -> Event {
    Event::BatchCancelled {
        batch: batch.into(),
        name: "spring sweep".into(),
        by: full("P-C"),
        reason: "the wrong list".into(),
        parent: None,
        people: people
            .iter()
            .map(|(person, sheets)| (full(person), *sheets))
            .collect(),
    }
}

#[test]
fn the_open_sheets_of_a_batch_end_and_no_others() {
    let mut desk = Desk::county();
    desk.batch(of_post(3), Assign::default());
    desk.batch(Select::default(), Assign::default());
    desk.does("P-C", &cancel("T-2"));
    desk.does("P-2A", &accept("T-3"));
    let ended = |task: &str| Event::TaskCancelled {
        task: task.into(),
        by: full("P-C"),
        reason: "the wrong list".into(),
    };
    assert_eq!(
        desk.does("P-C", &cancel_batch("B-2")),
        [
            cancelled("B-2", &[("P-2A", 1), ("P-3A", 1), ("P-3B", 1)]),
            ended("T-3"),
            ended("T-4")
        ],
        "what was cancelled before is over, and another batch goes on"
    );
    assert_eq!(desk.refused("P-2A", &accept("T-3")), "wrong_state");
    desk.does("P-3A", &accept("T-1"));
    assert_eq!(
        serde_json::to_value(desk.refolded()).expect("a book is plain data"),
        serde_json::to_value(&desk.bench.book).expect("a book is plain data")
    );
}

#[test]
fn sheets_still_to_be_issued_do_not_come() {
    let mut desk = Desk::county();
    desk.does("P-C", &batch(Select::default(), Assign::default()));
    assert_eq!(
        desk.does("P-C", &cancel_batch("B-1")),
        [
            Event::BatchIssued {
                batch: "B-1".into(),
                count: 0
            },
            cancelled("B-1", &[]),
        ]
    );
    assert_eq!(desk.refused("P-C", &cancel_batch("B-1")), "already");
    assert_eq!(desk.rings(), []);
    assert_eq!(desk.later("2023-03-20T00:00:00Z"), []);
}

#[test]
fn a_batch_cancelled_while_it_is_issued_keeps_nothing_open() {
    let mut desk = Desk::bare();
    for post in 1..=120 {
        desk.post(post, &["A"]);
        desk.institution(&format!("I-{post}1"), post);
    }
    desk.does("P-C", &batch(Select::default(), Assign::default()));
    let first = ring_once(&desk);
    for event in &first {
        desk.bench
            .book
            .evolve(event, Provenance::unknown(desk.bench.at));
    }
    assert_eq!(count(&first, "task.issued"), 100);
    let events = desk.does("P-C", &cancel_batch("B-1"));
    assert_eq!(
        (events.first(), count(&events, "task.cancelled")),
        (
            Some(&Event::BatchIssued {
                batch: "B-1".into(),
                count: 100
            }),
            100
        )
    );
    assert_eq!(desk.later("2023-03-20T00:00:00Z"), []);
    assert_eq!(desk.refused("P-C", &cancel_batch("B-1")), "already");
}

#[test]
fn a_batch_is_cancelled_by_a_coordinator_of_all_its_places_with_a_reason() {
    let mut desk = Desk::county();
    desk.batch(Select::default(), Assign::default());
    desk.person("P-X", &[Role::Coordinator], &community(1));
    for who in ["P-D", "P-1L", "P-1A", "P-X"] {
        assert_eq!(
            desk.refused(who, &cancel_batch("B-1")),
            "not_allowed",
            "{who}"
        );
    }
    let silent = Command::CancelBatch {
        batch: "B-1".into(),
        reason: " ".into(),
    };
    assert_eq!(desk.refused("P-C", &silent), "reason_needed");
    desk.does("P-C", &cancel_batch("420902/B-1"));
}

#[test]
fn a_batch_that_is_over_or_nowhere_is_not_cancelled() {
    let mut desk = Desk::submitted(Outcome::Ok, Outcome::Ok);
    desk.does("P-1L", &approve("T-1"));
    assert_eq!(desk.refused("P-C", &cancel_batch("B-1")), "wrong_state");
    for nowhere in ["B-2", "B-01", "420921/B-1", "T-1"] {
        assert_eq!(
            desk.refused("P-C", &cancel_batch(nowhere)),
            "unknown",
            "{nowhere}"
        );
    }
}

#[test]
fn a_sealed_batch_is_nowhere_outside_the_crew() {
    let mut desk = sealed_desk();
    let (sealed, nothing) = (
        desk.wish("P-C", &cancel_batch("B-1")).expect_err("sealed"),
        desk.wish("P-C", &cancel_batch("B-9")).expect_err("none"),
    );
    assert_eq!(
        sealed.to_string().replace("B-1", "B-9"),
        nothing.to_string()
    );
    desk.later(RELEASE);
    desk.does("P-C", &cancel_batch("B-1"));
}

#[test]
fn a_batch_of_more_sheets_than_a_commit_holds_ends_in_bounded_steps() {
    let mut desk = Desk::bare();
    for post in 1..=120 {
        desk.post(post, &["A"]);
        desk.institution(&format!("I-{post}1"), post);
    }
    desk.batch(Select::default(), Assign::default());
    let reason = "\u{1}".repeat(4_000);
    let long = Command::CancelBatch {
        batch: "B-1".into(),
        reason: format!("x{reason}x"),
    };
    assert_eq!(desk.refused("P-C", &long), "invalid", "4,002 characters");
    let long = Command::CancelBatch {
        batch: "B-1".into(),
        reason: format!("x{}x", &reason[2..]),
    };
    let first = desk.does("P-C", &long);
    assert_eq!(count(&first, "batch.cancelled"), 1);
    let size = |events: &[Event]| serde_json::to_vec(events).expect("plain data").len();
    let mut ended = count(&first, "task.cancelled");
    assert!(ended > 0 && ended < 120 && size(&first) < 512 * 1024);
    // A sheet that ends otherwise meanwhile does not end twice.
    let step = ring_once(&desk);
    assert!(size(&step) < 512 * 1024);
    let other = format!("T-{}", 120);
    desk.does("P-C", &cancel(&other));
    ended += 1 + count(&desk.rings(), "task.cancelled");
    assert_eq!(ended, 120);
    assert_eq!(desk.refused("P-C", &cancel_batch("B-1")), "already");
    assert_eq!(
        serde_json::to_value(desk.refolded()).expect("a book is plain data"),
        serde_json::to_value(&desk.bench.book).expect("a book is plain data")
    );
}

#[test]
fn a_batch_ends_with_the_one_above_once_and_another_does_not() {
    let mut desk = Desk::county();
    for batch in ["B-7", "B-8"] {
        let batch = above(batch, Select::default(), Assign::default());
        assert_eq!(
            kinds(&desk.reads("4209", "dispatch", batch)),
            ["batch.confirmed"]
        );
    }
    desk.rings();
    let over = || Event::BatchCancelled {
        batch: "B-7".into(),
        name: "from above".into(),
        by: "4209/P-C".into(),
        reason: "postponed".into(),
        parent: None,
        people: BTreeMap::new(),
    };
    let events = desk.reads("4209", "dispatch", over());
    assert!(
        matches!(
            &events[0],
            Event::BatchCancelled { batch, by, reason, parent: Some(parent), people, .. }
                if *batch == *"B-1" && *by == *"4209/P-C" && reason == "postponed"
                    && parent == "4209/B-7" && !people.is_empty()
        ),
        "{events:?}"
    );
    assert_eq!(count(&events, "task.cancelled"), 3);
    assert_eq!(desk.reads("4209", "dispatch", over()), []);
    assert_eq!(desk.refused("P-C", &cancel_batch("B-1")), "already");
    desk.does("P-C", &cancel_batch("B-2"));
}
