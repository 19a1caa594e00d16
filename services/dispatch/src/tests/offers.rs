//! Offers: taken, declined, unanswered, handed over.

use picket_schemas::dispatch::{Accept, AssignTo, Event, OfferReason, Outcome, Select};
use picket_schemas::registry::Role;

use super::*;

const AFTER_ANSWER: &str = "2023-03-02T16:00:00Z";

fn taken(events: &[Event]) -> Option<(String, Option<String>, bool)> {
    events.iter().find_map(|event| match event {
        Event::TaskAccepted {
            person,
            instead_of,
            taken,
            ..
        } => Some((
            person.code().to_owned(),
            instead_of.as_ref().map(|before| before.code().to_owned()),
            *taken,
        )),
        _ => None,
    })
}

#[test]
fn the_first_to_accept_takes_the_sheet() {
    let mut desk = Desk::one_sheet();
    assert_eq!(
        taken(&desk.does("P-1A", &accept("T-1"))),
        Some(("P-1A".into(), None, true))
    );
    let refusal = desk.wish("P-1B", &accept("T-1")).expect_err("taken");
    assert_eq!(refusal.code(), "wrong_state");
    assert!(
        refusal.to_string().contains("taken by somebody else"),
        "{refusal}"
    );
}

#[test]
fn only_those_asked_may_accept() {
    let mut desk = Desk::one_sheet();
    assert_eq!(desk.refused("P-2A", &accept("T-1")), "not_yours");
    assert_eq!(desk.refused("P-1A", &accept("T-9")), "unknown");
    assert_eq!(desk.refused("P-1A", &accept("T-01")), "unknown");
    assert_eq!(desk.refused("P-1A", &accept("420903/T-1")), "unknown");
    desk.does("P-1A", &accept("420902/T-1"));
    assert_eq!(desk.refused("P-1A", &accept("T-1")), "already");
}

#[test]
fn where_two_are_needed_the_second_takes_it() {
    let mut desk = Desk::county();
    desk.batch(
        of_post(1),
        assign(AssignTo::PostSentinel, &[], Accept::N(2)),
    );
    assert_eq!(
        taken(&desk.does("P-1B", &accept("T-1"))),
        Some(("P-1B".into(), None, false))
    );
    assert_eq!(
        desk.refused("P-1B", &fill("T-1", "I-11", Outcome::Ok)),
        "wrong_state"
    );
    assert_eq!(
        taken(&desk.does("P-1A", &accept("T-1"))),
        Some(("P-1A".into(), None, true))
    );
    desk.does("P-1B", &fill("T-1", "I-11", Outcome::Ok));
}

#[test]
fn where_each_has_one_of_their_own_nobody_takes_anothers() {
    let mut desk = Desk::county();
    desk.batch(
        of_post(1),
        assign(AssignTo::PostSentinel, &[], Accept::Each),
    );
    assert_eq!(desk.refused("P-1B", &accept("T-1")), "not_yours");
    desk.does("P-1A", &accept("T-1"));
    desk.does("P-1B", &accept("T-2"));
}

#[test]
fn declining_ones_own_sheet_leaves_it_to_the_coordinator() {
    let mut desk = Desk::county();
    desk.batch(
        of_post(1),
        assign(AssignTo::PostSentinel, &[], Accept::Each),
    );
    assert_eq!(
        kinds(&desk.does("P-1A", &decline("T-1"))),
        ["task.declined", "task.unassigned"]
    );
}

#[test]
fn declining_needs_a_reason_and_an_offer() {
    let mut desk = Desk::one_sheet();
    assert_eq!(desk.refused("P-2A", &decline("T-1")), "not_yours");
    assert_eq!(
        desk.refused(
            "P-1A",
            &Command::DeclineTask {
                task: "T-1".into(),
                reason: "  ".into()
            }
        ),
        "reason_needed"
    );
    desk.does("P-1A", &decline("T-1"));
    assert_eq!(desk.refused("P-1A", &decline("T-1")), "already");
}

#[test]
fn one_of_two_declines_and_the_other_is_still_asked() {
    let mut desk = Desk::one_sheet();
    assert_eq!(
        kinds(&desk.does("P-1A", &decline("T-1"))),
        ["task.declined"]
    );
    desk.does("P-1B", &accept("T-1"));
}

#[test]
fn a_declined_offer_goes_to_the_next_then_to_the_coordinator() {
    let mut desk = Desk::county();
    desk.batch(
        of_post(1),
        assign(AssignTo::LeastLoaded, &[], Accept::First),
    );
    let events = desk.does("P-1A", &decline("T-1"));
    assert_eq!(
        (kinds(&events), offered(&events)),
        (
            vec!["task.declined", "task.offered"],
            vec!["P-1B".to_owned()]
        )
    );
    let events = desk.does("P-1B", &decline("T-1"));
    assert_eq!(
        offered(&events),
        ["P-1L"],
        "the leader is the last of a post"
    );
    let events = desk.does("P-1L", &decline("T-1"));
    assert_eq!(kinds(&events), ["task.declined", "task.unassigned"]);
}

#[test]
fn whoever_declined_by_mistake_may_still_accept() {
    let mut desk = Desk::one_sheet();
    desk.does("P-1A", &decline("T-1"));
    assert_eq!(
        taken(&desk.does("P-1A", &accept("T-1"))),
        Some(("P-1A".into(), None, true))
    );
}

#[test]
fn a_holder_who_leaves_makes_room_for_those_asked_before() {
    let mut desk = Desk::taken_sheet();
    let events = desk.does("P-1A", &decline("T-1"));
    assert_eq!(
        (kinds(&events), offered(&events)),
        (
            vec!["task.declined", "task.offered"],
            vec!["P-1B".to_owned()]
        )
    );
    desk.does("P-1B", &accept("T-1"));
    desk.does("P-1B", &fill("T-1", "I-11", Outcome::Ok));
}

#[test]
fn one_of_two_holders_may_leave_and_the_work_goes_on() {
    let mut desk = Desk::county();
    desk.batch(
        of_post(1),
        assign(AssignTo::PostSentinel, &[], Accept::N(2)),
    );
    desk.does("P-1A", &accept("T-1"));
    desk.does("P-1B", &accept("T-1"));
    assert_eq!(
        kinds(&desk.does("P-1A", &decline("T-1"))),
        ["task.declined"]
    );
    desk.does("P-1B", &fill("T-1", "I-11", Outcome::Ok));
}

#[test]
fn an_unanswered_offer_goes_to_the_leader_then_is_unassigned_once() {
    let mut desk = Desk::one_sheet();
    assert_eq!(desk.later("2023-03-02T15:59:59Z"), []);
    let events = desk.later(AFTER_ANSWER);
    assert_eq!(
        (kinds(&events), offered(&events)),
        (vec!["task.offered"], vec!["P-1L".to_owned()])
    );
    let events = desk.later("2023-03-06T16:00:00Z");
    assert_eq!(
        events,
        [Event::TaskUnassigned {
            task: "T-1".into(),
            reason: "nobody answered".into()
        }]
    );
    assert_eq!(desk.later("2023-04-06T16:00:00Z"), []);
    assert_eq!(
        taken(&desk.does("P-1B", &accept("T-1"))),
        Some(("P-1B".into(), None, true)),
        "those asked keep the offer"
    );
}

#[test]
fn unanswered_offers_of_one_evening_are_spread_over_the_members() {
    let mut desk = Desk::bare();
    desk.post(1, &["A", "B"]);
    desk.institution("I-11", 1);
    for _ in 0..2 {
        desk.batch(
            of_post(1),
            assign(AssignTo::Person, &["P-D"], Accept::First),
        );
    }
    let people: Vec<_> = desk
        .later(AFTER_ANSWER)
        .iter()
        .map(|event| offered(std::slice::from_ref(event)))
        .collect();
    assert_eq!(people, [["P-1A"], ["P-1B"]]);
}

#[test]
fn an_accepted_sheet_rings_no_more() {
    let mut desk = Desk::taken_sheet();
    assert_eq!(desk.later("2023-06-01T00:00:00Z"), []);
}

#[test]
fn a_sheet_handed_over_stays_with_its_holder_until_it_is_taken() {
    let mut desk = Desk::taken_sheet();
    let events = desk.does("P-1A", &hand_over("T-1", "P-2A"));
    assert!(
        matches!(&events[0], Event::TaskOffered { reason: OfferReason::HandOver, by: Some(by), .. } if *by == full("P-1A"))
    );
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
    assert_eq!(
        desk.refused("P-2A", &fill("T-1", "I-12", Outcome::Ok)),
        "not_yours"
    );
    assert_eq!(
        taken(&desk.does("P-2A", &accept("T-1"))),
        Some(("P-2A".into(), Some("P-1A".into()), true))
    );
    assert_eq!(
        desk.refused("P-1A", &fill("T-1", "I-12", Outcome::Ok)),
        "not_yours"
    );
    desk.does("P-2A", &fill("T-1", "I-12", Outcome::Ok));
    desk.does("P-2A", &submit("T-1"));
}

#[test]
fn a_hand_over_that_is_declined_changes_nothing() {
    let mut desk = Desk::taken_sheet();
    desk.does("P-1A", &hand_over("T-1", "P-2A"));
    assert_eq!(
        kinds(&desk.does("P-2A", &decline("T-1"))),
        ["task.declined"]
    );
    assert_eq!(desk.refused("P-2A", &accept("T-1")), "wrong_state");
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
}

#[test]
fn handing_over_is_for_holders_and_coordinators() {
    let mut desk = Desk::taken_sheet();
    assert_eq!(desk.refused("P-1B", &hand_over("T-1", "P-2A")), "not_yours");
    assert_eq!(
        desk.refused("P-1A", &hand_over("T-1", "P-99")),
        "unknown_person"
    );
    assert_eq!(desk.refused("P-1A", &hand_over("T-1", "P-1A")), "already");
    desk.does("P-1A", &hand_over("T-1", "P-2A"));
    assert_eq!(desk.refused("P-1A", &hand_over("T-1", "P-2A")), "already");
}

#[test]
fn a_second_choice_takes_the_place_of_the_first() {
    let mut desk = Desk::taken_sheet();
    desk.does("P-1A", &hand_over("T-1", "P-2A"));
    desk.does("P-1A", &hand_over("T-1", "P-2B"));
    assert_eq!(desk.refused("P-2A", &accept("T-1")), "wrong_state");
    desk.does("P-2B", &accept("T-1"));
}

#[test]
fn a_coordinator_gives_an_unassigned_sheet_to_anybody() {
    let mut desk = Desk::county();
    desk.registered(institution("I-91", TOWN));
    desk.batch(
        Select {
            institutions: vec![code("I-91")],
            ..Select::default()
        },
        Assign::default(),
    );
    let events = desk.does("P-C", &hand_over("T-1", "P-3B"));
    assert!(matches!(
        &events[0],
        Event::TaskOffered {
            reason: OfferReason::Assigned,
            ..
        }
    ));
    assert_eq!(
        taken(&desk.does("P-3B", &accept("T-1"))),
        Some(("P-3B".into(), None, true))
    );
}

#[test]
fn a_free_sheet_is_taken_by_the_first_even_if_the_coordinator_asked_another() {
    let mut desk = Desk::one_sheet();
    desk.does("P-C", &hand_over("T-1", "P-2A"));
    desk.does("P-1A", &accept("T-1"));
    assert_eq!(desk.refused("P-2A", &accept("T-1")), "wrong_state");
}

#[test]
fn a_coordinator_takes_a_sheet_from_one_and_gives_it_to_another() {
    let mut desk = Desk::taken_sheet();
    desk.does("P-C", &hand_over("T-1", "P-2A"));
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
    assert_eq!(
        taken(&desk.does("P-2A", &accept("T-1"))),
        Some(("P-2A".into(), Some("P-1A".into()), true))
    );
}

#[test]
fn a_street_gives_sheets_in_its_own_area_only() {
    let mut desk = Desk::one_sheet();
    desk.person("P-ST", &[Role::Street], &community(2));
    assert_eq!(desk.refused("P-ST", &hand_over("T-1", "P-2A")), "not_yours");
    desk.person("P-ST", &[Role::Street], TOWN);
    desk.does("P-ST", &hand_over("T-1", "P-2A"));
}

#[test]
fn a_sheet_for_somebody_away_goes_to_the_substitute() {
    let mut desk = Desk::taken_sheet();
    desk.away("P-2A", Some("P-2B"));
    desk.away("P-3A", None);
    assert_eq!(desk.refused("P-1A", &hand_over("T-1", "P-3A")), "invalid");
    let events = desk.does("P-1A", &hand_over("T-1", "P-2A"));
    assert!(
        matches!(&events[0], Event::TaskOffered { reason: OfferReason::Substitute, to, .. } if codes(to) == ["P-2B"])
    );
    assert_eq!(
        taken(&desk.does("P-2B", &accept("T-1"))),
        Some(("P-2B".into(), Some("P-1A".into()), true))
    );
}
