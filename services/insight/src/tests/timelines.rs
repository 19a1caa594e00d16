//! Timelines: complete across books, in order, in plain words, and without the finder's name.

use picket_schemas::ask::{Question, View};
use serde_json::json;

use super::{World, t};

fn kinds(world: &World, of: &str) -> Vec<String> {
    world
        .timeline(of)
        .into_iter()
        .map(|item| item.kind)
        .collect()
}

fn texts(world: &World, of: &str) -> Vec<String> {
    world
        .timeline(of)
        .into_iter()
        .map(|item| item.text)
        .collect()
}

#[test]
fn a_case_tells_its_whole_story_across_books() {
    let mut world = World::new();
    world.cleared();
    assert_eq!(
        kinds(&world, "C-1"),
        [
            "row.filled",
            "row.found",
            "report.received",
            "lead.opened",
            "clock.started",
            "lead.classified",
            "lead.routed",
            "clock.stopped",
            "clock.started",
            "joint.decided",
            "verdict.recorded",
            "case.filed",
            "order.issued",
            "order.served",
            "clock.started",
            "fix.reported",
            "fix.passed",
            "case.cleared"
        ]
    );
    let journals: std::collections::BTreeSet<_> = world
        .timeline("C-1")
        .into_iter()
        .map(|item| item.journal)
        .collect();
    assert_eq!(
        journals.into_iter().collect::<Vec<_>>(),
        [
            "dispatch/420902",
            "escalation/420902",
            "rectification/420902"
        ]
    );
}

#[test]
fn other_rows_of_the_sheet_are_not_part_of_the_case() {
    let mut world = World::new();
    world.cleared();
    assert!(
        texts(&world, "C-1")
            .iter()
            .all(|text| !text.contains("机构1") && !text.contains("机构2"))
    );
}

#[test]
fn sentences_are_plain() {
    let mut world = World::new();
    world.cleared();
    let task = texts(&world, "T-1");
    assert!(
        task.contains(&"sentinel 17 took T-1".to_owned()),
        "{task:#?}"
    );
    assert!(
        task.contains(&"sentinel 17 submitted T-1: 3 rows, 1 problem".to_owned()),
        "{task:#?}"
    );
    let order = texts(&world, "Z-1");
    assert!(
        order.contains(&"order Z-1 was served; due 2023-03-20 24:00".to_owned()),
        "{order:#?}"
    );
    assert!(
        order.contains(&"verifier 50 verified order Z-1: in order: seen".to_owned()),
        "{order:#?}"
    );
    let lead = texts(&world, "L-1");
    assert!(
        lead.contains(
            &"lead L-1 was routed to 教育局, assisted by 市场监管局: row 3: H1".to_owned()
        ),
        "{lead:#?}"
    );
    assert_eq!(
        lead.last().map(String::as_str),
        Some("case C-1 was cleared")
    );
}

#[test]
fn the_finders_name_is_never_told_and_the_post_is() {
    let mut world = World::new();
    world.cleared();
    let institution = world.ask(&Question::Institution {
        jurisdiction: "420902".into(),
        code: "I-3".into(),
    });
    for told in [
        serde_json::to_string(&world.lead("L-1")),
        serde_json::to_string(&world.case("C-1")),
        serde_json::to_string(&world.order("Z-1")),
        serde_json::to_string(&world.timeline("L-1")),
        serde_json::to_string(&world.timeline("R-1")),
        serde_json::to_string(&world.timeline("S-1")),
        serde_json::to_string(&institution),
        serde_json::to_string(&world.inbox("420902/P-40")),
    ] {
        let told = told.expect("json");
        assert!(
            !told.contains("sentinel 17") && !told.contains("P-17"),
            "{told}"
        );
    }
    assert!(
        texts(&world, "C-1")[0].starts_with("the finder (书院哨点) answered row I-3"),
        "{:?}",
        texts(&world, "C-1")[0]
    );
}

#[test]
fn a_finder_who_also_gets_a_step_is_not_named_there_either() {
    let mut world = World::new();
    world.cleared().escalate(json!([{"type":"ladder.stepped","step":"E-1","clock":"K-3","kind":"lead.handle","on":"L-1","level":"B1","to":["420902/P-17","420902/P-40"],"due":t("2023-03-23 00:00"),"nominal":t("2023-03-24 08:30"),"why":"late","next":null}]));
    let told = texts(&world, "L-1").join("\n");
    assert!(
        told.contains(
            "step B1 (E-1) on L-1 was taken, to the finder (书院哨点), inspector 40: late"
        ),
        "{told}"
    );
}

#[test]
fn a_step_and_a_route_that_say_why_as_data_are_told_like_those_that_said_it_in_a_sentence() {
    let mut world = World::new();
    world.cleared().escalate(json!([{"type":"ladder.stepped","step":"E-1","clock":"K-3","kind":"lead.handle","on":"L-1","level":"B1","to":["420902/P-40"],"due":t("2023-03-23 00:00"),"nominal":t("2023-03-24 08:30"),"why":"",
        "because":{"duty":{"people":["420902/P-17"],"department":"edu"},"since":t("2023-03-08 09:00"),"after":1,"targets":["duty",{"person":"420902/P-40"}]},"next":null}]));
    world.rectify(json!([
        {"type":"lead.routed","lead":"L-1","department":"edu","assist":[],"reason":"","matched":{"jurisdiction":"4209","row":3,"violation":"H1"}},
    ]));
    let told = texts(&world, "L-1").join("\n");
    let why = "L-1 was due to be decided by a verdict by 2023-03-22 24:00 and is not; it has been with the finder (书院哨点) and department edu since 2023-03-08 09:00. Step B1, 1 working day after, goes to whoever owes it and inspector 40.";
    assert!(
        told.contains(&format!(
            "step B1 (E-1) on L-1 was taken, to inspector 40: {why}"
        )),
        "{told}"
    );
    assert!(
        told.contains("lead L-1 was routed to 教育局: row 3: H1, any training (of 4209)"),
        "{told}"
    );
    let items = world.timeline("L-1");
    let routed = items.iter().rfind(|item| item.kind == "lead.routed");
    let with = &routed.expect("it was routed").with;
    assert_eq!(
        (
            with["reason"].as_str(),
            with["rule_row"].as_str(),
            with["rule_of"].as_str()
        ),
        ("row 3: H1, any training (of 4209)", "3", "4209"),
        "as data, and for bots of the version before as the sentence it was"
    );
}

#[test]
fn a_merged_leads_report_stays_in_the_story() {
    let mut world = World::new();
    world.found().at("2023-03-07 12:00").rectify(json!([
        {"type":"report.received","report":"R-2","source":"hotline","area":"420902003","text":"lessons next door","urgent":false,"observed":t("2023-03-07 12:00")},
        {"type":"lead.opened","lead":"L-2","report":"R-2","area":"420902003","urgent":false},
        {"type":"lead.merged","lead":"L-2","into":"L-1"},
    ]));
    let told = texts(&world, "L-1");
    assert!(
        told.contains(&"report R-2 came in (hotline): lessons next door".to_owned()),
        "{told:#?}"
    );
    assert!(told.contains(&"lead L-2 was merged into L-1".to_owned()));
    assert_eq!(world.lead("L-2").merged_into.as_deref(), Some("L-1"));
}

#[test]
fn a_task_tells_its_clocks_and_that_a_lead_was_opened() {
    let mut world = World::new();
    world.routed();
    let kinds = kinds(&world, "T-1");
    assert!(
        kinds.iter().any(|kind| kind == "clock.started")
            && kinds.iter().any(|kind| kind == "lead.opened"),
        "{kinds:?}"
    );
    assert!(!kinds.iter().any(|kind| kind == "lead.routed"));
}

#[test]
fn a_batch_tells_its_tasks_and_a_timeline_is_found_by_full_id() {
    let mut world = World::new();
    world.accepted();
    assert_eq!(
        kinds(&world, "B-1"),
        [
            "batch.confirmed",
            "batch.issued",
            "task.issued",
            "task.accepted"
        ]
    );
    let View::Timeline(items) = world.ask(&Question::Timeline {
        jurisdiction: "4209".into(),
        of: "420902/B-1".into(),
    }) else {
        panic!("unknown")
    };
    assert_eq!(items.len(), 4);
    assert_eq!(
        (items[3].by.as_str(), items[0].by.as_str()),
        ("sentinel 17", "dispatch")
    );
}

#[test]
fn what_a_sentence_is_made_of_stands_beside_it_without_the_finder() {
    let mut world = World::new();
    world.cleared();
    let task = world.timeline("T-1");
    let taken = task
        .iter()
        .find(|item| item.kind == "task.accepted")
        .expect("it was taken");
    assert_eq!(
        (taken.with["person"].as_str(), taken.with["task"].as_str()),
        ("sentinel 17", "T-1")
    );
    let case = world.timeline("C-1");
    let with = |kind: &str| {
        case.iter()
            .find(|item| item.kind == kind)
            .map(|item| item.with.clone())
            .unwrap_or_default()
    };
    assert_eq!(
        (
            with("lead.routed")["department"].as_str(),
            with("lead.routed")["assist"].as_str()
        ),
        ("教育局", "市场监管局")
    );
    assert_eq!(
        with("order.served")["due"],
        "2023-03-20T16:00:00Z",
        "the due instant it had when it was served"
    );
    assert!(
        with("row.filled")["by"].starts_with('@'),
        "{:?}",
        with("row.filled")
    );
    assert!(
        !serde_json::to_string(&case)
            .expect("json")
            .contains("sentinel 17")
    );
}
