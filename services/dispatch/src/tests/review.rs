//! The check of a sheet, revisits, and cancelling.

use picket_schemas::Span;
use picket_schemas::dispatch::{Event, Outcome};
use picket_schemas::registry::Role;

use super::*;

#[test]
fn the_leader_of_the_post_approves() {
    let mut desk = Desk::submitted(Outcome::Ok, Outcome::Problem);
    assert_eq!(
        desk.does("P-1L", &approve("T-1")),
        [Event::TaskApproved {
            task: "T-1".into(),
            by: full("P-1L"),
            revisit: None
        }]
    );
    assert_eq!(desk.refused("P-1L", &approve("T-1")), "wrong_state");
}

#[test]
fn a_coordinator_may_approve_and_a_leader_of_another_post_may_not() {
    let mut desk = Desk::submitted(Outcome::Ok, Outcome::Ok);
    assert_eq!(desk.refused("P-2L", &approve("T-1")), "not_allowed");
    assert_eq!(desk.refused("P-1B", &approve("T-1")), "not_allowed");
    desk.person("P-XL", &[Role::PostLeader], TOWN);
    assert_eq!(desk.refused("P-XL", &approve("T-1")), "not_yours");
    desk.does("P-C", &approve("T-1"));
}

#[test]
fn only_a_submitted_sheet_is_checked() {
    let mut desk = Desk::taken_sheet();
    assert_eq!(desk.refused("P-1L", &approve("T-1")), "wrong_state");
    assert_eq!(desk.refused("P-1L", &give_back("T-1", &[])), "wrong_state");
}

#[test]
fn nobody_checks_their_own_work() {
    let mut desk = Desk::county();
    desk.redefine(1, "P-1L", &["P-1L"]);
    desk.batch(of_post(1), Assign::default());
    desk.does("P-1L", &accept("T-1"));
    desk.does("P-1L", &fill("T-1", "I-11", Outcome::Ok));
    desk.does("P-1L", &fill("T-1", "I-12", Outcome::Ok));
    desk.does("P-1L", &submit("T-1"));
    assert_eq!(desk.refused("P-1L", &approve("T-1")), "same_person");
    assert_eq!(desk.refused("P-1L", &give_back("T-1", &[])), "same_person");
    desk.does("P-C", &approve("T-1"));
}

#[test]
fn a_named_row_that_is_returned_must_be_answered_anew() {
    let mut desk = Desk::submitted(Outcome::Ok, Outcome::Ok);
    let events = desk.does("P-1L", &give_back("T-1", &["I-12"]));
    assert!(matches!(&events[0], Event::TaskReturned { rows, .. } if rows == &["I-12"]));
    assert_eq!(desk.refused("P-1A", &submit("T-1")), "rows_open");
    desk.does("P-1A", &fill("T-1", "I-12", Outcome::ClosedDoor));
    desk.does("P-1A", &submit("T-1"));
}

#[test]
fn a_sheet_returned_as_a_whole_keeps_its_answers() {
    let mut desk = Desk::submitted(Outcome::Ok, Outcome::Ok);
    let events = desk.does("P-1L", &give_back("T-1", &[]));
    assert!(matches!(&events[0], Event::TaskReturned { rows, .. } if rows == &["I-11", "I-12"]));
    desk.does("P-1A", &submit("T-1"));
}

#[test]
fn returning_needs_a_reason_and_rows_that_are_there() {
    let mut desk = Desk::submitted(Outcome::Ok, Outcome::Ok);
    assert_eq!(
        desk.refused("P-1L", &give_back("T-1", &["I-99"])),
        "unknown_row"
    );
    assert_eq!(
        desk.refused(
            "P-1L",
            &Command::ReturnTask {
                task: "T-1".into(),
                reason: String::new(),
                rows: Vec::new()
            }
        ),
        "reason_needed"
    );
}

#[test]
fn places_nobody_got_into_become_a_revisit_of_the_same_people() {
    let mut desk = Desk::submitted(Outcome::ClosedDoor, Outcome::NotVisited);
    let events = desk.does("P-1L", &approve("T-1"));
    assert_eq!(kinds(&events), ["task.issued", "task.approved"]);
    assert_eq!(
        issued(&events)[0],
        Issued {
            task: "T-2".into(),
            post: Some("PO-1".into()),
            rows: vec!["I-11".into(), "I-12".into()],
            offered: vec!["P-1A".into()],
            need: 1
        }
    );
    assert!(
        matches!(&events[0], Event::TaskIssued { window, revisit_of: Some(before), campaign: Some(_), .. } if *window == Span::working_days(5) && *before == "T-1")
    );
    assert!(
        matches!(&events[1], Event::TaskApproved { revisit: Some(revisit), .. } if *revisit == "T-2")
    );
    desk.does("P-1A", &accept("T-2"));
}

#[test]
fn a_revisit_of_people_who_are_away_waits_for_the_coordinator() {
    let mut desk = Desk::submitted(Outcome::ClosedDoor, Outcome::Ok);
    desk.away("P-1A", None);
    assert_eq!(
        kinds(&desk.does("P-1L", &approve("T-1"))),
        ["task.issued", "task.unassigned", "task.approved"]
    );
}

#[test]
fn an_open_sheet_is_cancelled_with_a_reason() {
    let mut desk = Desk::one_sheet();
    assert_eq!(desk.refused("P-1A", &cancel("T-1")), "not_allowed");
    assert_eq!(
        desk.refused(
            "P-C",
            &Command::CancelTask {
                task: "T-1".into(),
                reason: String::new()
            }
        ),
        "reason_needed"
    );
    desk.does("P-C", &cancel("T-1"));
    assert_eq!(desk.refused("P-C", &cancel("T-1")), "already");
    assert_eq!(desk.refused("P-1A", &accept("T-1")), "wrong_state");
    assert_eq!(
        desk.later("2023-03-20T00:00:00Z"),
        [],
        "nobody is asked for it any more"
    );
}

#[test]
fn an_approved_sheet_is_not_cancelled() {
    let mut desk = Desk::submitted(Outcome::Ok, Outcome::Ok);
    desk.does("P-1L", &approve("T-1"));
    assert_eq!(desk.refused("P-C", &cancel("T-1")), "wrong_state");
}
