//! Fixes: reported, verified by somebody else, and the case that is cleared by the last of them.
//!
//! Each separation of duties has a test of its own.

use picket_schemas::rectification::{Event, FixResult};

use super::world::*;

const FIX: &str =
    r#"{"do":"rectification.report_fix","order":"Z-1","note":"desks removed","evidence":"ab;cd"}"#;

#[test]
fn a_fix_is_reported_by_the_department_after_service() {
    let mut world = World::new();
    world.issued();
    assert_eq!(world.no(INSPECTOR, FIX), "wrong_state");
    world.ok(
        INSPECTOR,
        r#"{"do":"rectification.serve_order","order":"Z-1","proof":"receipt 7"}"#,
    );
    for by in [SPORTS, VERIFIER, SENTINEL] {
        assert_eq!(world.no(by, FIX), "not_allowed", "{by}");
    }
    assert_eq!(
        world.no(INSPECTOR, &FIX.replace("desks removed", "")),
        "missing"
    );
    assert_eq!(world.no(INSPECTOR, &FIX.replace("Z-1", "Z-9")), "unknown");
    let events = world.ok(INSPECTOR, FIX);
    assert!(
        matches!(&events[0], Event::FixReported { evidence, by, .. } if evidence.len() == 2 && *by == who(INSPECTOR))
    );
    assert_eq!(world.no(INSPECTOR, FIX), "already");
}

#[test]
fn a_passed_fix_clears_the_case() {
    let mut world = World::new();
    world.reported();
    let events = world
        .command(VERIFIER, &verify("Z-1", FixResult::Passed))
        .expect("somebody else verifies");
    assert_eq!(kinds(&events), ["fix.passed", "case.cleared"]);
    assert!(
        matches!(&events[1], Event::CaseCleared { case, lead, subject } if *case == "C-1" && *lead == "L-1" && subject.id == "I-0003")
    );
    assert_eq!(
        world.no(
            VERIFIER,
            r#"{"do":"rectification.verify_fix","order":"Z-1","result":"passed"}"#
        ),
        "wrong_state"
    );
    assert_eq!(world.no(INSPECTOR, FIX), "wrong_state");
    assert_eq!(world.no(INSPECTOR, ORDER), "wrong_state");
}

#[test]
fn a_case_is_cleared_only_when_all_its_orders_passed() {
    let mut world = World::new();
    world.reported();
    world.issue();
    assert_eq!(
        kinds(
            &world
                .command(VERIFIER, &verify("Z-1", FixResult::Passed))
                .expect("somebody else verifies")
        ),
        ["fix.passed"]
    );
    world.ok(
        INSPECTOR,
        r#"{"do":"rectification.serve_order","order":"Z-2","proof":"receipt 8"}"#,
    );
    world.ok(INSPECTOR, &FIX.replace("Z-1", "Z-2"));
    assert_eq!(
        kinds(
            &world
                .command(VERIFIER, &verify("Z-2", FixResult::Passed))
                .expect("somebody else verifies")
        ),
        ["fix.passed", "case.cleared"]
    );
}

#[test]
fn a_failed_fix_puts_the_order_back_to_served() {
    let mut world = World::new();
    world.reported();
    let events = world
        .command(VERIFIER, &verify("Z-1", FixResult::Failed))
        .expect("somebody else verifies");
    assert_eq!(kinds(&events), ["fix.failed"]);
    world.ok(INSPECTOR, FIX);
    assert_eq!(
        kinds(
            &world
                .command(VERIFIER, &verify("Z-1", FixResult::Passed))
                .expect("somebody else verifies")
        ),
        ["fix.passed", "case.cleared"]
    );
}

#[test]
fn who_issued_the_order_does_not_verify_the_fix() {
    let mut world = World::new();
    world.filed();
    world.ok(HEAD, ORDER);
    world.ok(
        INSPECTOR,
        r#"{"do":"rectification.serve_order","order":"Z-1","proof":"receipt 7"}"#,
    );
    world.ok(INSPECTOR, FIX);
    assert_eq!(
        world
            .command(HEAD, &verify("Z-1", FixResult::Passed))
            .expect_err("its own order")
            .code(),
        "same_person"
    );
    world
        .command(MARKET_HEAD, &verify("Z-1", FixResult::Passed))
        .expect("another head may");
}

#[test]
fn who_recorded_the_fix_does_not_verify_it() {
    let mut world = World::new();
    world.reported();
    assert_eq!(
        world
            .command(THIRD, &verify("Z-1", FixResult::Passed))
            .expect_err("its own record")
            .code(),
        "same_person"
    );
}

#[test]
fn an_officer_of_the_case_does_not_verify_its_fix() {
    let mut world = World::new();
    world.reported();
    for by in [INSPECTOR, SECOND] {
        assert_eq!(
            world
                .command(by, &verify("Z-1", FixResult::Failed))
                .expect_err("its own case")
                .code(),
            "same_person",
            "{by}"
        );
    }
}

#[test]
fn a_colleague_with_no_part_in_the_case_may_verify() {
    let mut world = World::new();
    world.served();
    world.ok(INSPECTOR, FIX);
    world
        .command(THIRD, &verify("Z-1", FixResult::Passed))
        .expect("inspector 34 had no part in it");
}

#[test]
fn a_fix_is_verified_by_somebody_of_the_area_once_it_is_reported() {
    let mut world = World::new();
    world.served();
    assert_eq!(
        world
            .command(VERIFIER, &verify("Z-1", FixResult::Passed))
            .expect_err("nothing to verify")
            .code(),
        "wrong_state"
    );
    for by in ["420902/P-0052", SENTINEL, DISPATCHER, SUPERVISOR] {
        assert_eq!(
            world
                .command(by, &verify("Z-1", FixResult::Passed))
                .expect_err("not theirs")
                .code(),
            "not_allowed",
            "{by}"
        );
    }
    assert_eq!(
        world
            .command(VERIFIER, &verify("Z-9", FixResult::Passed))
            .expect_err("no such order")
            .code(),
        "unknown"
    );
}
