//! Orders: complete, numbered by year, served with proof, extended once, parked and resumed.
//!
//! The clocks themselves are escalation's and not tried here.

use picket_schemas::Unit;
use picket_schemas::rectification::{Command, Event};
use picket_schemas::registry::Role;

use super::world::*;

const SERVE: &str = r#"{"do":"rectification.serve_order","order":"Z-1","proof":"receipt 7"}"#;
const EXTEND: &str = r#"{"do":"rectification.extend_order","order":"Z-1","amount":"3","unit":"wd","reason":"the landlord is away"}"#;
const PARK: &str =
    r#"{"do":"rectification.park_order","order":"Z-1","reason":"works until the thaw"}"#;
const RESUME: &str =
    r#"{"do":"rectification.resume_order","order":"Z-1","reason":"the thaw came"}"#;

fn numbers(world: &mut World) -> (u32, i16) {
    match world.issue().as_slice() {
        [Event::OrderIssued { number, year, .. }] => (*number, *year),
        other => panic!("one order is issued, not {other:?}"),
    }
}

#[test]
fn an_order_carries_what_is_printed_on_it() {
    let mut world = World::new();
    world.filed();
    let events = world.issue();
    let Event::OrderIssued {
        order,
        number,
        year,
        case,
        department,
        focus,
        ground,
        deadline,
        by,
        ..
    } = &events[0]
    else {
        panic!("an order is issued")
    };
    assert_eq!(
        (
            order.as_str(),
            *number,
            *year,
            case.as_str(),
            department.as_str()
        ),
        ("Z-1", 1, 2023, "C-1", "edu")
    );
    assert_eq!(
        (focus.as_str(), ground.as_str(), *deadline, by),
        (
            "teaching without a licence",
            "Order 53, article 18",
            working_days(5),
            &who(INSPECTOR)
        )
    );
}

#[test]
fn an_order_without_one_of_its_four_fields_is_refused_by_name() {
    let mut world = World::new();
    world.filed();
    for (full, field) in [
        (r#""focus":"teaching without a licence","#, "focus"),
        (r#""requirement":"stop and refund","#, "requirement"),
        (r#""content":"six desks, a price list","#, "content"),
        (r#","deadline":{"amount":5,"unit":"wd"}"#, "deadline"),
    ] {
        let refusal = world
            .wish(INSPECTOR, &ORDER.replace(full, ""))
            .expect_err("a field is missing");
        assert_eq!(
            refusal.problem().title,
            format!("an order to rectify needs its {field}")
        );
    }
    assert_eq!(
        world.no(INSPECTOR, &ORDER.replace("stop and refund", "  ")),
        "order_incomplete"
    );
    assert_eq!(
        world.no(INSPECTOR, &ORDER.replace(r#""amount":5"#, r#""amount":0"#)),
        "invalid"
    );
    assert_eq!(
        world.no(INSPECTOR, &ORDER.replace("six desks", &"x".repeat(4001))),
        "invalid"
    );
    assert_eq!(world.no(INSPECTOR, &ORDER.replace("C-1", "C-9")), "unknown");
    world.ok(
        INSPECTOR,
        &ORDER.replace(r#""ground":"Order 53, article 18","#, ""),
    );
}

#[test]
fn orders_are_numbered_by_local_year() {
    let mut world = World::new();
    world.at("2023-12-29T09:00:00").filed();
    assert_eq!(numbers(&mut world), (1, 2023));
    world.at("2023-12-31T23:59:59");
    assert_eq!(numbers(&mut world), (2, 2023));
    world.at("2024-01-01T00:00:00");
    assert_eq!(
        numbers(&mut world),
        (1, 2024),
        "it is the New Year here, and not yet in Greenwich"
    );
    assert_eq!(numbers(&mut world), (2, 2024));
}

#[test]
fn only_the_leading_department_or_a_named_officer_writes_an_order() {
    let mut world = World::new();
    world.verified();
    world.ok(
        HEAD,
        r#"{"do":"rectification.file_case","lead":"L-1","officers":"P-0031;P-0041"}"#,
    );
    for by in [MARKET_SECOND, SPORTS, VERIFIER, SENTINEL, SUPERVISOR] {
        assert_eq!(world.no(by, ORDER), "not_allowed", "{by}");
    }
    for by in [MARKET, HEAD, THIRD] {
        world.ok(by, ORDER);
    }
}

#[test]
fn service_names_who_answers_for_the_order() {
    let mut world = World::new();
    world.issued();
    let events = world.ok(SECOND, SERVE);
    let Event::OrderServed {
        proof,
        area,
        department,
        deadline,
        duty,
        owner,
        post,
        by,
        ..
    } = &events[0]
    else {
        panic!("it is served")
    };
    assert_eq!(
        (
            proof.as_str(),
            area.as_str(),
            department.as_str(),
            *deadline
        ),
        ("receipt 7", AREA, "edu", working_days(5))
    );
    assert_eq!(
        (duty, by, owner),
        (&who(SECOND), &who(SECOND), &Some(who(OWNER)))
    );
    assert_eq!(post.as_ref().map(|post| post.as_str()), Some("PO-01"));
    assert_eq!(world.no(INSPECTOR, SERVE), "already");
}

#[test]
fn service_needs_proof_and_a_handling_department() {
    let mut world = World::new();
    world.issued();
    assert_eq!(
        world.no(
            INSPECTOR,
            r#"{"do":"rectification.serve_order","order":"Z-1"}"#
        ),
        "missing"
    );
    assert_eq!(world.no(SPORTS, SERVE), "not_allowed");
    assert_eq!(world.no(INSPECTOR, &SERVE.replace("Z-1", "Z-9")), "unknown");
}

#[test]
fn an_order_is_extended_once_in_its_own_unit() {
    let mut world = World::new();
    world.served();
    let hours = Command::ExtendOrder {
        order: "Z-1".into(),
        amount: 8,
        unit: Unit::WorkingHour,
        reason: "a little more".into(),
    };
    assert_eq!(
        world
            .command(HEAD, &hours)
            .expect_err("units do not convert")
            .code(),
        "invalid"
    );
    assert_eq!(world.no(HEAD, &EXTEND.replace(r#""3""#, "0")), "invalid");
    assert_eq!(
        world.no(HEAD, &EXTEND.replace("the landlord is away", "")),
        "reason_needed"
    );
    let events = world.ok(HEAD, EXTEND);
    assert!(
        matches!(&events[0], Event::OrderExtended { span, by, .. } if *span == working_days(3) && *by == who(HEAD))
    );
    assert_eq!(world.no(SUPERVISOR, EXTEND), "already");
}

#[test]
fn more_time_is_given_from_above_and_within_the_own_department() {
    let mut world = World::new();
    world.served();
    world.enrol(
        "420902/P-0046",
        "head of sports",
        &[Role::Head],
        Some("spo"),
        COUNTY,
        None,
    );
    for by in [INSPECTOR, VERIFIER, DISPATCHER, "420902/P-0046"] {
        assert_eq!(world.no(by, EXTEND), "not_allowed", "{by}");
        assert_eq!(world.no(by, PARK), "not_allowed", "{by}");
    }
    world.ok(SUPERVISOR, EXTEND);
    world.ok(MARKET_HEAD, PARK);
    world.ok(COORDINATOR, RESUME);
}

#[test]
fn an_order_is_extended_after_service_and_before_a_fix_is_reported() {
    let mut world = World::new();
    world.issued();
    assert_eq!(world.no(HEAD, EXTEND), "wrong_state");
    world.ok(INSPECTOR, SERVE);
    world.ok(
        INSPECTOR,
        r#"{"do":"rectification.report_fix","order":"Z-1","note":"done"}"#,
    );
    assert_eq!(world.no(HEAD, EXTEND), "wrong_state");
    assert_eq!(world.no(HEAD, &EXTEND.replace("Z-1", "Z-9")), "unknown");
}

#[test]
fn a_parked_order_rests_until_it_is_resumed() {
    let mut world = World::new();
    world.issued();
    assert_eq!(world.no(SUPERVISOR, PARK), "wrong_state");
    world.ok(INSPECTOR, SERVE);
    assert_eq!(world.no(SUPERVISOR, RESUME), "wrong_state");
    assert_eq!(
        world.no(SUPERVISOR, &PARK.replace("works until the thaw", "")),
        "reason_needed"
    );
    assert_eq!(kinds(&world.ok(SUPERVISOR, PARK)), ["order.parked"]);
    assert_eq!(world.no(SUPERVISOR, PARK), "already");
    assert_eq!(world.no(HEAD, EXTEND), "wrong_state");
    assert_eq!(
        world.no(
            INSPECTOR,
            r#"{"do":"rectification.report_fix","order":"Z-1","note":"done"}"#
        ),
        "wrong_state"
    );
    assert_eq!(
        world.no(SUPERVISOR, &RESUME.replace("the thaw came", "")),
        "reason_needed"
    );
    assert_eq!(kinds(&world.ok(SUPERVISOR, RESUME)), ["order.resumed"]);
    world.ok(HEAD, EXTEND);
    world.ok(
        INSPECTOR,
        r#"{"do":"rectification.report_fix","order":"Z-1","note":"done"}"#,
    );
}
