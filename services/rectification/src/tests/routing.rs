//! Routing of a lead: the department, when a reason is needed, and how long it may be given back.
//!
//! The days are those of the built-in calendar of 2023, holidays included.

use picket_schemas::rectification::Event;

use super::world::*;

const RETURN: &str =
    r#"{"do":"rectification.return_lead","lead":"L-1","reason":"no premises of ours"}"#;

#[test]
fn without_departments_the_table_routes_and_says_which_row() {
    let mut world = World::new();
    world.found("T-1");
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"H1"}"#,
    );
    let events = world.ok(
        DISPATCHER,
        r#"{"do":"rectification.route_lead","lead":"L-1"}"#,
    );
    let Event::LeadRouted {
        department,
        assist,
        reason,
        matched,
        ..
    } = &events[0]
    else {
        panic!("it is routed")
    };
    assert_eq!(
        (department.as_str(), assist.len(), assist[0].as_str()),
        ("edu", 1, "mkt")
    );
    assert_eq!(
        (reason.as_str(), matched),
        ("", &Some(row_of_table(3, Some("H1"), None)))
    );
}

#[test]
fn another_department_than_the_tables_needs_a_reason() {
    let mut world = World::new();
    world.found("T-1");
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"H1"}"#,
    );
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.route_lead","lead":"L-1","lead_department":"mkt"}"#
        ),
        "reason_needed"
    );
    let events = world.ok(DISPATCHER, r#"{"do":"rectification.route_lead","lead":"L-1","lead_department":"mkt","reason":"it is an advertisement"}"#);
    let Event::LeadRouted {
        department,
        assist,
        reason,
        matched,
        ..
    } = &events[0]
    else {
        panic!("it is routed")
    };
    assert_eq!(
        (department.as_str(), assist.len(), reason.as_str()),
        ("mkt", 0, "it is an advertisement"),
        "nobody assists itself"
    );
    assert_eq!(*matched, None, "the dispatcher says why");
}

#[test]
fn naming_the_tables_own_department_needs_no_reason() {
    let mut world = World::new();
    world.found("T-1");
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"H1"}"#,
    );
    let events = world.ok(DISPATCHER, r#"{"do":"rectification.route_lead","lead":"L-1","lead_department":"edu","assist":"fir;fir;edu"}"#);
    assert!(
        matches!(&events[0], Event::LeadRouted { assist, matched: Some(matched), .. } if assist.len() == 1 && assist[0] == "fir" && matched.row == 3)
    );
}

#[test]
fn without_a_row_the_dispatcher_must_name_the_department() {
    let mut world = World::new();
    world.found("T-1");
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"S1"}"#,
    );
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.route_lead","lead":"L-1"}"#
        ),
        "no_route"
    );
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.route_lead","lead":"L-1","lead_department":""}"#
        ),
        "no_route"
    );
    let events = world.ok(
        DISPATCHER,
        r#"{"do":"rectification.route_lead","lead":"L-1","lead_department":"fir"}"#,
    );
    assert!(
        matches!(&events[0], Event::LeadRouted { department, reason, matched: None, .. } if *department == "fir" && reason.is_empty())
    );
}

#[test]
fn a_row_set_after_classifying_is_found() {
    let mut world = World::new();
    world.found("T-1");
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"S1"}"#,
    );
    world.route(9, "*", "*", "fir", &["edu"], false);
    let events = world.ok(
        DISPATCHER,
        r#"{"do":"rectification.route_lead","lead":"L-1"}"#,
    );
    assert!(
        matches!(&events[0], Event::LeadRouted { department, matched, .. } if *department == "fir" && *matched == Some(row_of_table(9, None, None)))
    );
}

#[test]
fn a_lead_is_routed_to_departments_that_exist_once_it_has_codes() {
    let mut world = World::new();
    world.found("T-1");
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.route_lead","lead":"L-1"}"#
        ),
        "wrong_state"
    );
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"H1"}"#,
    );
    assert_eq!(world.no(DISPATCHER, r#"{"do":"rectification.route_lead","lead":"L-1","lead_department":"xyz","reason":"why not"}"#), "invalid");
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.route_lead","lead":"L-1","assist":"xyz"}"#
        ),
        "invalid"
    );
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.route_lead","lead":"L-9"}"#
        ),
        "unknown"
    );
    assert_eq!(
        world.no(
            INSPECTOR,
            r#"{"do":"rectification.route_lead","lead":"L-1"}"#
        ),
        "not_allowed"
    );
}

#[test]
fn routing_again_needs_a_reason_and_forgets_the_joint_decision() {
    let mut world = World::new();
    world.alone();
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.route_lead","lead":"L-1","lead_department":"mkt"}"#
        ),
        "reason_needed"
    );
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.route_lead","lead":"L-1"}"#
        ),
        "reason_needed"
    );
    world.ok(DISPATCHER, r#"{"do":"rectification.route_lead","lead":"L-1","lead_department":"mkt","reason":"theirs after all"}"#);
    assert_eq!(
        world.no(
            INSPECTOR,
            r#"{"do":"rectification.record_verdict","lead":"L-1","verdict":"not"}"#
        ),
        "not_allowed"
    );
    assert_eq!(
        world.no(
            MARKET,
            r#"{"do":"rectification.record_verdict","lead":"L-1","verdict":"not"}"#
        ),
        "wrong_state"
    );
    world.ok(DISPATCHER, r#"{"do":"rectification.decide_joint","lead":"L-1","joint":false,"reason":"still not needed"}"#);
    world.ok(
        MARKET,
        r#"{"do":"rectification.record_verdict","lead":"L-1","verdict":"not"}"#,
    );
}

#[test]
fn a_department_gives_a_lead_back_and_the_dispatcher_routes_it_anew() {
    let mut world = World::new();
    world.routed();
    let events = world.ok(HEAD, RETURN);
    assert!(
        matches!(&events[0], Event::LeadReturned { department, reason, .. } if *department == "edu" && reason == "no premises of ours")
    );
    assert_eq!(world.no(HEAD, RETURN), "wrong_state");
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"A1"}"#,
    );
    let events = world.ok(
        DISPATCHER,
        r#"{"do":"rectification.route_lead","lead":"L-1"}"#,
    );
    assert!(matches!(&events[0], Event::LeadRouted { department, .. } if *department == "mkt"));
}

#[test]
fn only_the_leading_department_gives_a_lead_back_and_says_why() {
    let mut world = World::new();
    world.routed();
    for by in [MARKET, MARKET_HEAD, SPORTS, DISPATCHER] {
        assert_eq!(world.no(by, RETURN), "not_allowed", "{by}");
    }
    assert_eq!(
        world.no(
            INSPECTOR,
            r#"{"do":"rectification.return_lead","lead":"L-1","reason":" "}"#
        ),
        "reason_needed"
    );
    assert_eq!(
        world.no(
            INSPECTOR,
            r#"{"do":"rectification.return_lead","lead":"L-9","reason":"x"}"#
        ),
        "unknown"
    );
}

#[test]
fn a_lead_may_be_returned_until_the_end_of_the_second_working_day() {
    let mut world = World::new();
    world.routed();
    world.at("2023-03-08T23:59:59");
    world.ok(INSPECTOR, RETURN);
}

#[test]
fn after_the_second_working_day_it_is_too_late() {
    let mut world = World::new();
    world.routed();
    world.at("2023-03-09T00:00:00");
    assert_eq!(world.no(INSPECTOR, RETURN), "too_late");
}

#[test]
fn a_holiday_does_not_count_among_the_two_days() {
    let mut world = World::new();
    // Labour Day 2023: off from 29 April to 3 May; Saturday 6 May is worked. 28 April is a Friday.
    world.at("2023-04-28T10:00:00").routed();
    world.at("2023-05-05T23:59:00");
    world.ok(INSPECTOR, RETURN);
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.route_lead","lead":"L-1"}"#,
    );
    // From Friday 5 May: Saturday the 6th is the first day, Monday the 8th the second.
    world.at("2023-05-09T00:00:00");
    assert_eq!(world.no(INSPECTOR, RETURN), "too_late");
}

#[test]
fn the_two_days_begin_anew_with_each_routing() {
    let mut world = World::new();
    world.routed();
    world.at("2023-03-09T09:00:00");
    world.ok(DISPATCHER, r#"{"do":"rectification.route_lead","lead":"L-1","reason":"fire safety assists","assist":"fir"}"#);
    world.ok(INSPECTOR, RETURN);
}
