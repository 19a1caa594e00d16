//! Joint action: decided once a routing, a certified crew, sealed until its day, closed by every outcome.
//!
//! The crew's certificates are those of the roster in `world`.

use picket_schemas::rectification::Event;

use super::world::*;

const JOINT: &str = r#"{"do":"rectification.decide_joint","lead":"L-1","joint":true,"reason":"a dwelling must be entered","date":"2023-03-11","crew":"P-0031;P-0032;P-0041;P-0042;P-0017"}"#;

fn joint(world: &mut World) -> Vec<Event> {
    world.routed();
    world.ok(DISPATCHER, JOINT)
}

fn report(department: &str) -> String {
    format!(
        r#"{{"do":"rectification.report_action","action":"J-1","department":"{department}","outcome":"two rooms seen"}}"#
    )
}

#[test]
fn joint_action_has_departments_a_crew_and_a_day_until_which_it_is_sealed() {
    let mut world = World::new();
    let events = joint(&mut world);
    assert_eq!(kinds(&events), ["joint.decided", "action.opened"]);
    assert!(
        matches!(&events[0], Event::JointDecided { joint: true, by, .. } if *by == who(DISPATCHER))
    );
    let Event::ActionOpened {
        action,
        department,
        assist,
        crew,
        date,
        sealed_until,
        ..
    } = &events[1]
    else {
        panic!("an action opens")
    };
    assert_eq!(
        (
            action.as_str(),
            department.as_str(),
            assist.len(),
            crew.len(),
            *date
        ),
        ("J-1", "edu", 1, 5, day("2023-03-11"))
    );
    assert_eq!(
        sealed_until.map(|until| until.to_string()).as_deref(),
        Some("2023-03-10T16:00:00Z"),
        "it opens when the day begins here"
    );
}

#[test]
fn deciding_against_joint_action_is_a_decision_with_a_reason_too() {
    let mut world = World::new();
    world.routed();
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.decide_joint","lead":"L-1","joint":false,"reason":""}"#
        ),
        "reason_needed"
    );
    let events = world.ok(DISPATCHER, r#"{"do":"rectification.decide_joint","lead":"L-1","joint":"false","reason":"one room, one operator"}"#);
    assert_eq!(kinds(&events), ["joint.decided"]);
    assert_eq!(world.no(DISPATCHER, JOINT), "already");
}

#[test]
fn joint_action_is_decided_after_routing_and_by_a_dispatcher() {
    let mut world = World::new();
    world.found("T-1");
    assert_eq!(world.no(DISPATCHER, JOINT), "wrong_state");
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"H1"}"#,
    );
    assert_eq!(world.no(DISPATCHER, JOINT), "wrong_state");
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.route_lead","lead":"L-1"}"#,
    );
    assert_eq!(world.no(HEAD, JOINT), "not_allowed");
    assert_eq!(
        world.no(DISPATCHER, &JOINT.replace("L-1", "L-9")),
        "unknown"
    );
}

#[test]
fn a_crew_needs_two_different_certificates_of_each_department_that_inspects() {
    let mut world = World::new();
    world.routed();
    let with = |crew: &str| JOINT.replace("P-0031;P-0032;P-0041;P-0042;P-0017", crew);
    for (crew, why) in [
        ("", "nobody"),
        ("P-0031", "one"),
        ("P-0031;P-0031", "the same person twice"),
        ("P-0031;P-0035", "the same certificate twice"),
        ("P-0031;P-0033", "one without a certificate"),
        ("P-0041;P-0042", "nobody of the leading department"),
        ("P-0031;P-0032;P-0041", "one of the assisting department"),
    ] {
        assert_eq!(world.no(DISPATCHER, &with(crew)), "not_certified", "{why}");
    }
    assert_eq!(
        world.no(DISPATCHER, &with("P-0031;P-9999")),
        "unknown_person"
    );
    world.ok(DISPATCHER, &with("P-0031;P-0032;P-0033"));
}

#[test]
fn joint_action_needs_a_day_that_is_not_past() {
    let mut world = World::new();
    world.routed();
    assert_eq!(
        world.no(DISPATCHER, &JOINT.replace(r#""date":"2023-03-11","#, "")),
        "missing"
    );
    assert_eq!(
        world.no(DISPATCHER, &JOINT.replace("2023-03-11", "2023-03-05")),
        "invalid"
    );
    world.ok(DISPATCHER, &JOINT.replace("2023-03-11", "2023-03-06"));
}

#[test]
fn a_joint_action_closes_only_when_each_department_has_reported() {
    let mut world = World::new();
    joint(&mut world);
    world.at("2023-03-11T15:00:00");
    assert_eq!(
        kinds(&world.ok(INSPECTOR, &report("edu"))),
        ["action.reported"]
    );
    assert_eq!(world.no(HEAD, &report("edu")), "already");
    assert_eq!(
        kinds(&world.ok(MARKET_HEAD, &report("mkt"))),
        ["action.reported", "action.closed"]
    );
    assert_eq!(world.no(MARKET, &report("mkt")), "already");
}

#[test]
fn each_department_reports_for_itself() {
    let mut world = World::new();
    joint(&mut world);
    world.at("2023-03-11T15:00:00");
    assert_eq!(world.no(INSPECTOR, &report("mkt")), "not_allowed");
    assert_eq!(world.no(SPORTS, &report("spo")), "invalid");
    assert_eq!(
        world.no(INSPECTOR, &report("edu").replace("two rooms seen", " ")),
        "missing"
    );
    assert_eq!(
        world.no(INSPECTOR, &report("edu").replace("J-1", "J-9")),
        "unknown"
    );
}

#[test]
fn until_the_day_a_joint_action_is_not_there_for_outsiders() {
    let mut world = World::new();
    joint(&mut world);
    world.at("2023-03-10T15:00:00");
    let no = |world: &mut World, who: &str, command: &str| {
        world.wish(who, command).expect_err("sealed").problem()
    };
    let (hidden, nothing) = (
        no(&mut world, THIRD, &report("edu")),
        no(&mut world, THIRD, &report("edu").replace("J-1", "J-9")),
    );
    assert_eq!(
        hidden.title.replace("J-1", "J-9"),
        nothing.title,
        "it sounds as if nothing were there"
    );
    assert_eq!((hidden.code, hidden.hint), (nothing.code, nothing.hint));
    assert_eq!(
        world.no(DISPATCHER, &report("edu")),
        "unknown",
        "nor does a lack of rights tell that it is"
    );
    world.at("2023-03-11T00:00:00");
    world.ok(THIRD, &report("edu"));
}

#[test]
fn a_verdict_may_come_while_the_action_is_open_and_the_action_stays() {
    let mut world = World::new();
    joint(&mut world);
    world.at("2023-03-11T15:00:00");
    world.ok(MARKET, r#"{"do":"rectification.record_verdict","lead":"L-1","verdict":"undeterminable","note":"nobody opened"}"#);
    world.ok(MARKET, &report("mkt"));
    assert_eq!(
        kinds(&world.ok(INSPECTOR, &report("edu"))),
        ["action.reported", "action.closed"]
    );
}

#[test]
fn a_second_routing_allows_a_second_decision_and_the_first_action_goes_on() {
    let mut world = World::new();
    joint(&mut world);
    world.ok(DISPATCHER, r#"{"do":"rectification.route_lead","lead":"L-1","reason":"fire safety assists","assist":"fir"}"#);
    let events = world.ok(DISPATCHER, &JOINT.replace(";P-0041;P-0042", ""));
    assert!(
        matches!(&events[1], Event::ActionOpened { action, assist, .. } if *action == "J-2" && assist[0] == "fir")
    );
    world.at("2023-03-11T15:00:00");
    world.ok(INSPECTOR, &report("edu"));
    assert_eq!(
        kinds(&world.ok(MARKET, &report("mkt"))),
        ["action.reported", "action.closed"]
    );
}
