//! Penalties, refunds, suspension, papers and look-backs.
//!
//! Figures made of them are insight's and not tried here.

use picket_schemas::rectification::{DocumentKind, Event, LookBack};

use super::world::*;

#[test]
fn penalties_refunds_and_papers_are_recorded_on_the_case() {
    let mut world = World::new();
    world.filed();
    let events = world.ok(INSPECTOR, r#"{"do":"rectification.record_penalty","case":"C-1","kind":"fine","amount_fen":"5000000"}"#);
    assert!(
        matches!(&events[0], Event::PenaltyRecorded { subject, kind, amount_fen: 5_000_000, .. } if subject.id == "I-0003" && kind == "fine")
    );
    world.ok(
        INSPECTOR,
        r#"{"do":"rectification.record_penalty","case":"C-1","kind":"warning"}"#,
    );
    let events = world.ok(MARKET, r#"{"do":"rectification.record_refund","case":"C-1","amount_fen":170348000,"proof":"bank slip 3"}"#);
    assert!(
        matches!(&events[0], Event::RefundRecorded { amount_fen: 170_348_000, by, .. } if *by == who(MARKET))
    );
    let events = world.ok(
        HEAD,
        r#"{"do":"rectification.issue_notice","case":"C-1","kind":"public_notice"}"#,
    );
    assert!(matches!(
        &events[0],
        Event::DocumentIssued {
            kind: DocumentKind::PublicNotice,
            ..
        }
    ));
}

#[test]
fn photos_of_a_service_a_refund_and_a_verification_stay_with_the_record() {
    let evidence = |events: &[Event]| {
        serde_json::to_value(&events[0]).expect("an event is data")["evidence"].clone()
    };
    let photos = serde_json::json!(["ab12", "cd34"]);
    let mut world = World::new();
    world.issued();
    let events = world.ok(SECOND, r#"{"do":"rectification.serve_order","order":"Z-1","proof":"receipt 7","evidence":["ab12","cd34"]}"#);
    assert_eq!(evidence(&events), photos);
    let events = world.ok(MARKET, r#"{"do":"rectification.record_refund","case":"C-1","amount_fen":100,"proof":"slip","evidence":"ab12;cd34"}"#);
    assert_eq!(evidence(&events), photos);
    world.ok(
        SECOND,
        r#"{"do":"rectification.report_fix","order":"Z-1","note":"closed"}"#,
    );
    let events = world.ok(VERIFIER, r#"{"do":"rectification.verify_fix","order":"Z-1","result":"failed","note":"open","evidence":["ab12","cd34"]}"#);
    assert_eq!(evidence(&events), photos);
}

#[test]
fn a_refund_needs_an_amount_and_proof_and_a_penalty_its_kind() {
    let mut world = World::new();
    world.filed();
    assert_eq!(
        world.no(
            INSPECTOR,
            r#"{"do":"rectification.record_refund","case":"C-1","amount_fen":0,"proof":"slip"}"#
        ),
        "invalid"
    );
    assert_eq!(
        world.no(
            INSPECTOR,
            r#"{"do":"rectification.record_refund","case":"C-1","amount_fen":100}"#
        ),
        "missing"
    );
    assert_eq!(
        world.no(
            INSPECTOR,
            r#"{"do":"rectification.record_penalty","case":"C-1","kind":" "}"#
        ),
        "missing"
    );
}

#[test]
fn an_institution_is_suspended_once_a_case() {
    let mut world = World::new();
    world.filed();
    assert_eq!(
        kinds(&world.ok(
            INSPECTOR,
            r#"{"do":"rectification.suspend_institution","case":"C-1"}"#
        )),
        ["institution.suspended"]
    );
    assert_eq!(
        world.no(
            INSPECTOR,
            r#"{"do":"rectification.suspend_institution","case":"C-1"}"#
        ),
        "already"
    );
}

#[test]
fn what_is_recorded_on_a_case_is_recorded_by_its_departments() {
    let mut world = World::new();
    world.filed();
    for json in [
        r#"{"do":"rectification.record_penalty","case":"C-1","kind":"fine","amount_fen":1}"#,
        r#"{"do":"rectification.record_refund","case":"C-1","amount_fen":1,"proof":"slip"}"#,
        r#"{"do":"rectification.suspend_institution","case":"C-1"}"#,
        r#"{"do":"rectification.issue_notice","case":"C-1","kind":"notice"}"#,
    ] {
        for by in [SPORTS, SENTINEL, SUPERVISOR] {
            assert_eq!(world.no(by, json), "not_allowed", "{by} {json}");
        }
        assert_eq!(world.no(INSPECTOR, &json.replace("C-1", "C-9")), "unknown");
    }
}

#[test]
fn money_may_come_after_a_case_is_cleared() {
    let mut world = World::new();
    world.cleared();
    world.at("2023-06-01T09:00:00");
    world.ok(
        INSPECTOR,
        r#"{"do":"rectification.record_refund","case":"C-1","amount_fen":100,"proof":"slip"}"#,
    );
    world.ok(
        INSPECTOR,
        r#"{"do":"rectification.record_penalty","case":"C-1","kind":"fine","amount_fen":100}"#,
    );
}

#[test]
fn a_look_back_that_finds_order_leaves_the_case_cleared() {
    let mut world = World::new();
    world.cleared();
    world.at("2023-06-01T09:00:00");
    assert_eq!(
        kinds(
            &world
                .command(SENTINEL, &look_back(LookBack::Held))
                .expect("a sentinel may look")
        ),
        ["look_back.recorded"]
    );
    assert_eq!(
        kinds(
            &world
                .command(SUPERVISOR, &look_back(LookBack::Held))
                .expect("and again")
        ),
        ["look_back.recorded"]
    );
}

#[test]
fn a_relapse_reopens_the_case_and_new_orders_may_follow() {
    let mut world = World::new();
    world.cleared();
    world.at("2023-06-01T09:00:00");
    let events = world
        .command(VERIFIER, &look_back(LookBack::Relapsed))
        .expect("a verifier may look");
    assert_eq!(kinds(&events), ["look_back.recorded", "case.reopened"]);
    assert!(matches!(
        &events[1],
        Event::CaseReopened { generation: 2, .. }
    ));
    assert_eq!(
        world
            .command(VERIFIER, &look_back(LookBack::Held))
            .expect_err("it is open again")
            .code(),
        "wrong_state"
    );
    world.issue();
    world.ok(
        INSPECTOR,
        r#"{"do":"rectification.serve_order","order":"Z-2","proof":"receipt 9"}"#,
    );
    world.ok(
        INSPECTOR,
        r#"{"do":"rectification.report_fix","order":"Z-2","note":"closed for good"}"#,
    );
    assert_eq!(
        kinds(&world.ok(
            VERIFIER,
            r#"{"do":"rectification.verify_fix","order":"Z-2","result":"passed"}"#
        )),
        ["fix.passed", "case.cleared"]
    );
    let events = world
        .command(VERIFIER, &look_back(LookBack::Relapsed))
        .expect("it is cleared again");
    assert!(matches!(
        &events[1],
        Event::CaseReopened { generation: 3, .. }
    ));
}

#[test]
fn one_looks_back_at_cleared_cases_only_and_within_ones_area() {
    let mut world = World::new();
    world.reported();
    assert_eq!(
        world
            .command(VERIFIER, &look_back(LookBack::Held))
            .expect_err("not cleared")
            .code(),
        "wrong_state"
    );
    assert_eq!(
        world
            .command("420902/P-0052", &look_back(LookBack::Held))
            .expect_err("another town's")
            .code(),
        "not_allowed"
    );
    assert_eq!(
        world
            .command(COORDINATOR, &look_back(LookBack::Held))
            .expect_err("no such role")
            .code(),
        "not_allowed"
    );
}
