//! Laws of the whole book: the story from end to end, folding, snapshots, ids, forgetting.
//!
//! The long story goes through every branch, so that the laws look at all of them.

use picket_schemas::rectification::{Command, Event, FixResult, LookBack};
use picket_schemas::{LeadId, TaskId};

use super::world::*;
use crate::Rectification;

#[test]
fn a_finding_goes_all_the_way_to_a_cleared_case() {
    let mut world = World::new();
    world.cleared();
    let happened: Vec<_> = world.log.iter().map(|(event, _)| event.kind()).collect();
    assert_eq!(
        happened,
        [
            "report.received",
            "lead.opened",
            "lead.classified",
            "lead.routed",
            "joint.decided",
            "verdict.recorded",
            "case.filed",
            "order.issued",
            "order.served",
            "fix.reported",
            "fix.passed",
            "case.cleared"
        ]
    );
}

/// A long story with every branch of the book.
fn long_story() -> World {
    let mut world = World::new();
    world.reported();
    world
        .command(VERIFIER, &verify("Z-1", FixResult::Failed))
        .expect("somebody else verifies");
    world.ok(HEAD, r#"{"do":"rectification.extend_order","order":"Z-1","amount":3,"unit":"working_day","reason":"rain"}"#);
    world.ok(
        SUPERVISOR,
        r#"{"do":"rectification.park_order","order":"Z-1","reason":"works"}"#,
    );
    world.ok(
        SUPERVISOR,
        r#"{"do":"rectification.resume_order","order":"Z-1","reason":"done"}"#,
    );
    world.ok(
        THIRD,
        r#"{"do":"rectification.report_fix","order":"Z-1","note":"desks removed"}"#,
    );
    world
        .command(VERIFIER, &verify("Z-1", FixResult::Passed))
        .expect("somebody else verifies");
    world.ok(
        INSPECTOR,
        r#"{"do":"rectification.suspend_institution","case":"C-1"}"#,
    );
    world.ok(
        INSPECTOR,
        r#"{"do":"rectification.record_refund","case":"C-1","amount_fen":5,"proof":"slip"}"#,
    );
    world
        .command(SENTINEL, &look_back(LookBack::Relapsed))
        .expect("a sentinel may look");
    for n in 2..=5 {
        world.found(&format!("T-{n}"));
    }
    world.fact(place("U-1", false));
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.merge_leads","into":"L-2","leads":"L-3"}"#,
    );
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-2","codes":"H1"}"#,
    );
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.route_lead","lead":"L-2"}"#,
    );
    world.ok(
        HEAD,
        r#"{"do":"rectification.return_lead","lead":"L-2","reason":"not ours"}"#,
    );
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.route_lead","lead":"L-2"}"#,
    );
    let joint = Command::DecideJoint {
        lead: "L-2".into(),
        joint: true,
        reason: "a dwelling".into(),
        date: Some(day("2023-03-06")),
        crew: vec!["P-0031".into(), "P-0032".into()],
    };
    world
        .command(DISPATCHER, &joint)
        .expect("joint action may be decided");
    world.ok(INSPECTOR, r#"{"do":"rectification.report_action","action":"J-1","department":"edu","outcome":"seen"}"#);
    world.ok(
        INSPECTOR,
        r#"{"do":"rectification.record_verdict","lead":"L-2","verdict":"not"}"#,
    );
    world.clear_another(4);
    world
}

#[test]
fn the_book_folded_anew_equals_the_live_one() {
    let world = long_story();
    assert_eq!(world.refolded(), world.bench.book);
    assert_eq!(
        serde_json::to_value(world.refolded()).expect("a book is data"),
        serde_json::to_value(&world.bench.book).expect("a book is data")
    );
}

#[test]
fn a_snapshot_reads_back_as_the_same_book() {
    let world = long_story();
    let json = serde_json::to_string(&world.bench.book).expect("a book is data");
    let back: Rectification = serde_json::from_str(&json).expect("a snapshot reads back");
    assert_eq!(back, world.bench.book);
}

#[test]
fn events_read_back_from_the_wire() {
    for (event, _) in &long_story().log {
        let json = serde_json::to_string(event).expect("an event is data");
        assert_eq!(
            &serde_json::from_str::<Event>(&json).expect("it reads back"),
            event
        );
    }
}

#[test]
fn no_event_but_the_report_names_the_finder() {
    let mut world = World::new();
    world.cleared();
    for (event, _) in &world.log {
        if event.kind() != "report.received" {
            assert!(
                !serde_json::to_string(event)
                    .expect("data")
                    .contains("P-0017"),
                "{} names the finder",
                event.kind()
            );
        }
    }
}

#[test]
fn ids_are_dense_and_of_their_own_series() {
    let mut world = World::new();
    for n in 1..=12 {
        let task = TaskId::from(format!("T-{n}"));
        let events = world.found(task.as_str());
        assert!(
            matches!(&events[1], Event::LeadOpened { lead, .. } if *lead == LeadId::from(format!("L-{n}")))
        );
    }
}

#[test]
fn a_cleared_case_stays_for_look_backs_and_leaves_after_400_days() {
    let mut world = World::new();
    world.cleared();
    world.at("2024-04-08T09:00:00");
    world.found("T-50");
    world
        .command(VERIFIER, &look_back(LookBack::Held))
        .expect("399 days later it is still there");
    world.at("2024-04-10T09:00:00");
    world.found("T-51");
    assert_eq!(
        world
            .command(VERIFIER, &look_back(LookBack::Held))
            .expect_err("it left")
            .code(),
        "unknown"
    );
    assert_eq!(
        world.no(
            INSPECTOR,
            r#"{"do":"rectification.report_fix","order":"Z-1","note":"x"}"#
        ),
        "unknown"
    );
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"H1"}"#
        ),
        "unknown"
    );
    assert_eq!(world.refolded(), world.bench.book);
}

#[test]
fn a_book_that_closed_everything_forgets_everything_but_its_numbers() {
    let mut world = World::new();
    world.cleared();
    world.found("T-2");
    world.found("T-3");
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.merge_leads","into":"L-3","leads":"L-2"}"#,
    );
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-3","codes":"H1"}"#,
    );
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.route_lead","lead":"L-3"}"#,
    );
    world.ok(DISPATCHER, r#"{"do":"rectification.decide_joint","lead":"L-3","joint":true,"reason":"x","date":"2023-03-06","crew":"P-0031;P-0032"}"#);
    world.ok(
        INSPECTOR,
        r#"{"do":"rectification.record_verdict","lead":"L-3","verdict":"not"}"#,
    );
    world.at("2024-05-01T09:00:00");
    let events = world.found("T-9");
    assert!(matches!(&events[1], Event::LeadOpened { lead, .. } if *lead == "L-4"));
    let book = &world.bench.book;
    assert_eq!(
        (book.leads.len(), book.found.len(), book.origins.len()),
        (1, 1, 1),
        "only the new lead is there"
    );
    assert!(
        book.actions.is_empty()
            && book.cases.is_empty()
            && book.orders.is_empty()
            && book.by_subject.is_empty()
            && book.closed.is_empty()
    );
}

#[test]
fn a_reopened_case_does_not_leave() {
    let mut world = World::new();
    world.cleared();
    world
        .command(VERIFIER, &look_back(LookBack::Relapsed))
        .expect("a verifier may look");
    world.at("2024-05-01T09:00:00");
    world.found("T-2");
    world.issue();
}
