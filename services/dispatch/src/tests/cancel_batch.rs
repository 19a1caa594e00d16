//! Cancelling a batch as a whole.

use picket_schemas::dispatch::{Command, Event, Outcome};
use picket_schemas::registry::Role;

use super::batches::ring_once;
use super::sealed::{RELEASE, sealed_desk};
use super::*;

fn cancel_batch(batch: &str) -> Command {
    Command::CancelBatch {
        batch: batch.into(),
        reason: "the wrong list".into(),
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
        [ended("T-3"), ended("T-4")],
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
        [Event::BatchIssued {
            batch: "B-1".into(),
            count: 0
        }]
    );
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
