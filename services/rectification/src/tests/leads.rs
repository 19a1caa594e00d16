//! The dispatcher's desk: classifying with a proposal, merging without losing a report.
//!
//! The department that gets a lead stands in `routing`.

use picket_schemas::rectification::Event;

use super::world::*;

#[test]
fn classifying_shows_what_the_table_proposes_and_why() {
    let mut world = World::new();
    world.found("T-1");
    let events = world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":["H1","H1","A1"]}"#,
    );
    let Event::LeadClassified {
        codes,
        proposal: Some(proposal),
        ..
    } = &events[0]
    else {
        panic!("the table has a row for it")
    };
    assert_eq!(codes, &["H1", "A1"]);
    assert_eq!(
        (
            proposal.lead.as_str(),
            proposal.assist.len(),
            proposal.joint
        ),
        ("edu", 1, true)
    );
    assert_eq!(proposal.matched, Some(row_of_table(3, Some("H1"), None)));
    assert_eq!(proposal.rule, "", "a fact holds data and no sentence");
}

#[test]
fn the_table_looks_at_what_an_institution_trains() {
    let mut world = World::new();
    world.fact(row("T-1", "I-0004"));
    world.found("T-1");
    let events = world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"Q1"}"#,
    );
    assert!(
        matches!(&events[0], Event::LeadClassified { proposal: Some(proposal), .. } if proposal.matched == Some(row_of_table(5, Some("Q1"), Some("sports"))))
    );
    let events = world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-2","codes":"Q1"}"#,
    );
    assert!(
        matches!(&events[0], Event::LeadClassified { proposal: None, .. }),
        "I-0003 trains something else"
    );
}

#[test]
fn a_classified_lead_may_be_classified_again_until_it_is_routed() {
    let mut world = World::new();
    world.found("T-1");
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"A1"}"#,
    );
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"H1"}"#,
    );
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.route_lead","lead":"L-1"}"#,
    );
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"A1"}"#
        ),
        "wrong_state"
    );
}

#[test]
fn a_violation_code_is_up_to_eight_capital_letters_and_digits() {
    let mut world = World::new();
    world.found("T-1");
    for (codes, code) in [
        (r#"[]"#, "missing"),
        (r#"["h1"]"#, "invalid"),
        (r#"["H-1"]"#, "invalid"),
        (r#"["ABCDEFGH9"]"#, "invalid"),
        (r#"["违规"]"#, "invalid"),
        (r#"["H1",""]"#, "invalid"),
    ] {
        assert_eq!(
            world.no(
                DISPATCHER,
                &format!(r#"{{"do":"rectification.classify_lead","lead":"L-1","codes":{codes}}}"#)
            ),
            code,
            "{codes}"
        );
    }
}

#[test]
fn only_a_dispatcher_whose_area_holds_the_place_classifies() {
    let mut world = World::new();
    world.found("T-1");
    for by in [SENTINEL, COORDINATOR, INSPECTOR, FAR_DISPATCHER] {
        assert_eq!(
            world.no(
                by,
                r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"H1"}"#
            ),
            "not_allowed",
            "{by}"
        );
    }
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.classify_lead","lead":"L-9","codes":"H1"}"#
        ),
        "unknown"
    );
    assert_eq!(
        world.no(
            "420902/P-9999",
            r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"H1"}"#
        ),
        "unknown_person"
    );
}

#[test]
fn merged_leads_go_on_as_one() {
    let mut world = World::new();
    for task in ["T-1", "T-2", "T-3"] {
        world.found(task);
    }
    let events = world.ok(
        DISPATCHER,
        r#"{"do":"rectification.merge_leads","into":"L-1","leads":"L-2;L-3;L-2"}"#,
    );
    assert_eq!(kinds(&events), ["lead.merged", "lead.merged"]);
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.classify_lead","lead":"L-2","codes":"H1"}"#
        ),
        "wrong_state"
    );
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.merge_leads","into":"L-1","leads":"L-2"}"#
        ),
        "already"
    );
    assert!(world.found("T-2").is_empty(), "its report stays known");
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"H1"}"#,
    );
}

#[test]
fn merging_is_all_or_nothing() {
    let mut world = World::new();
    world.found("T-1");
    world.found("T-2");
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.merge_leads","into":"L-1","leads":["L-2","L-9"]}"#
        ),
        "unknown"
    );
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.merge_leads","into":"L-1","leads":["L-2","L-1"]}"#
        ),
        "invalid"
    );
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.merge_leads","into":"L-1","leads":[]}"#
        ),
        "missing"
    );
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.merge_leads","into":"L-9","leads":["L-1"]}"#
        ),
        "unknown"
    );
    assert_eq!(
        world.no(
            COORDINATOR,
            r#"{"do":"rectification.merge_leads","into":"L-1","leads":["L-2"]}"#
        ),
        "not_allowed"
    );
}

#[test]
fn a_lead_with_a_verdict_merges_neither_way() {
    let mut world = World::new();
    world.verified();
    world.found("T-2");
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.merge_leads","into":"L-2","leads":["L-1"]}"#
        ),
        "wrong_state"
    );
    assert_eq!(
        world.no(
            DISPATCHER,
            r#"{"do":"rectification.merge_leads","into":"L-1","leads":["L-2"]}"#
        ),
        "wrong_state"
    );
}

#[test]
fn a_lead_without_a_subject_learns_it_from_the_one_merged_into_it() {
    let mut world = World::new();
    world
        .command(DISPATCHER, &told(None))
        .expect("a hotline report may name nobody");
    world.found("T-1");
    world.ok(
        DISPATCHER,
        r#"{"do":"rectification.merge_leads","into":"L-1","leads":"L-2"}"#,
    );
    world.clear_another(1);
    assert!(
        matches!(&world.log.last(), Some((Event::CaseFiled { subject, .. }, _)) if subject.id == "I-0003")
    );
}
