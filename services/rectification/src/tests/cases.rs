//! Verdicts, and cases with two officers who may answer for them.
//!
//! Orders in a case stand in `orders`.

use picket_schemas::rectification::Event;

use super::world::*;

fn verdict(verdict: &str) -> String {
    format!(r#"{{"do":"rectification.record_verdict","lead":"L-1","verdict":"{verdict}"}}"#)
}

fn file(officers: &str) -> String {
    format!(r#"{{"do":"rectification.file_case","lead":"L-1","officers":"{officers}"}}"#)
}

#[test]
fn what_does_not_hold_is_archived_with_its_verdict() {
    for (said, reason) in [
        ("not", "not substantiated"),
        ("undeterminable", "could not be determined"),
    ] {
        let mut world = World::new();
        world.alone();
        let events = world.ok(HEAD, &verdict(said));
        assert_eq!(kinds(&events), ["verdict.recorded", "lead.archived"]);
        assert!(matches!(&events[1], Event::LeadArchived { reason: why, .. } if why == reason));
        assert_eq!(world.no(HEAD, &verdict(said)), "already");
        assert_eq!(world.no(HEAD, &file("P-0031;P-0032")), "wrong_state");
    }
}

#[test]
fn what_holds_keeps_its_subject_and_codes() {
    let mut world = World::new();
    world.alone();
    let events = world.ok(MARKET, &verdict("partly"));
    assert_eq!(kinds(&events), ["verdict.recorded"]);
    assert!(
        matches!(&events[0], Event::VerdictRecorded { subject: Some(subject), codes, by, .. } if subject.id == "I-0003" && codes == &["H1"] && *by == who(MARKET))
    );
    assert_eq!(world.no(INSPECTOR, &verdict("not")), "already");
}

#[test]
fn only_somebody_with_a_certificate_finds_that_something_holds() {
    let mut world = World::new();
    world.alone();
    for by in [UNCERTIFIED, HEAD] {
        assert_eq!(
            world.no(by, &verdict("substantiated")),
            "not_certified",
            "{by}"
        );
        assert_eq!(world.no(by, &verdict("partly")), "not_certified", "{by}");
    }
    world.ok(UNCERTIFIED, &verdict("not"));
}

#[test]
fn a_verdict_waits_for_routing_and_for_the_joint_decision() {
    let mut world = World::new();
    world.found("T-1");
    assert_eq!(world.no(INSPECTOR, &verdict("not")), "wrong_state");
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"H1"}"#,
    );
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.route_lead","lead":"L-1"}"#,
    );
    assert_eq!(world.no(INSPECTOR, &verdict("not")), "wrong_state");
    for by in [SPORTS, SENTINEL, DISPATCHER, VERIFIER] {
        assert_eq!(world.no(by, &verdict("not")), "not_allowed", "{by}");
    }
    assert_eq!(
        world.no(INSPECTOR, &verdict("not").replace("L-1", "L-9")),
        "unknown"
    );
}

#[test]
fn a_case_names_its_officers_its_owner_and_the_post_that_found_it() {
    let mut world = World::new();
    world.verified();
    let events = world.ok(HEAD, &file("P-0031;P-0041"));
    let Event::CaseFiled {
        case,
        department,
        officers,
        owner,
        post,
        generation,
        codes,
        ..
    } = &events[0]
    else {
        panic!("a case is filed")
    };
    assert_eq!(
        (
            case.as_str(),
            department.as_str(),
            *generation,
            codes.as_slice()
        ),
        ("C-1", "edu", 1, ["H1".to_owned()].as_slice())
    );
    assert_eq!(
        (officers, owner),
        (&vec![who(INSPECTOR), who(MARKET)], &Some(who(OWNER)))
    );
    assert_eq!(post.as_ref().map(|post| post.as_str()), Some("PO-01"));
    assert_eq!(world.no(HEAD, &file("P-0031;P-0041")), "already");
}

#[test]
fn a_case_needs_two_officers_with_different_certificates_of_its_departments() {
    let mut world = World::new();
    world.verified();
    for (officers, code) in [
        ("", "not_certified"),
        ("P-0031", "not_certified"),
        ("P-0031;P-0031", "not_certified"),
        ("P-0031;420902/P-0031", "not_certified"),
        ("P-0031;P-0035", "not_certified"),
        ("P-0031;P-0032;P-0033", "not_certified"),
        ("P-0031;P-0045", "invalid"),
        ("P-0031;P-9999", "unknown_person"),
    ] {
        assert_eq!(world.no(HEAD, &file(officers)), code, "{officers}");
    }
}

#[test]
fn a_case_is_filed_of_what_holds_by_a_handling_department() {
    let mut world = World::new();
    world.alone();
    assert_eq!(world.no(HEAD, &file("P-0031;P-0032")), "wrong_state");
    world.ok(INSPECTOR, &verdict("substantiated"));
    assert_eq!(world.no(SPORTS, &file("P-0031;P-0032")), "not_allowed");
    assert_eq!(world.no(DISPATCHER, &file("P-0031;P-0032")), "not_allowed");
    assert_eq!(
        world.no(HEAD, &file("P-0031;P-0032").replace("L-1", "L-9")),
        "unknown"
    );
    world.ok(MARKET_HEAD, &file("P-0031;P-0032"));
}

#[test]
fn a_case_needs_to_know_whom_it_is_about() {
    let mut world = World::new();
    world
        .command(DISPATCHER, &told(None))
        .expect("a hotline report may name nobody");
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"H1"}"#,
    );
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.route_lead","lead":"L-1"}"#,
    );
    world.ok(DISPATCHER, r#"{"do":"rectification.decide_joint","lead":"L-1","joint":false,"reason":"one is enough"}"#);
    world.ok(INSPECTOR, &verdict("substantiated"));
    assert_eq!(world.no(HEAD, &file("P-0031;P-0032")), "missing");
}

#[test]
fn the_same_violation_after_clearing_starts_at_the_next_generation() {
    let mut world = World::new();
    world.cleared();
    world.found("T-2");
    world.clear_another(2);
    assert!(matches!(
        &world.log.last(),
        Some((Event::CaseFiled { generation: 2, .. }, _))
    ));
}

#[test]
fn another_subject_or_an_open_case_starts_at_the_first_generation() {
    let mut world = World::new();
    world.filed();
    world.found("T-2");
    world.clear_another(2);
    assert!(
        matches!(
            &world.log.last(),
            Some((Event::CaseFiled { generation: 1, .. }, _))
        ),
        "the first case is not cleared"
    );
    world.fact(row("T-3", "I-0004"));
    world.clear_another(3);
    assert!(matches!(
        &world.log.last(),
        Some((Event::CaseFiled { generation: 1, .. }, _))
    ));
}
