//! Running a small scenario to its end, twice and shuffled.

use super::*;

#[test]
fn a_lead_goes_from_a_row_of_a_sheet_to_the_bulletin() {
    let mut folder = Folder::new();
    folder.put(
        "expect.json",
        r#"{
            "figures": {"person_times": 1, "visits": 2, "institutions": 2, "rounds": 1, "raw_reports": 1, "leads": 1, "substantiated": 1,
                        "hidden_variant_occasions": 1, "tasks_issued": 1, "tasks_submitted": 1, "orders": 0, "leads_by_department": {"edu": 1}},
            "areas": {"420902": {"leads": 1}},
            "notices": [{"to": "P-0001", "kind": "offer", "count": 1}],
            "timelines": {"$b1": ["batch.confirmed", "task.issued", "batch.issued", "task.accepted", "task.submitted", "task.approved"],
                          "L-1": ["lead.opened", "lead.classified", "lead.routed", "joint.decided", "verdict.recorded"]},
            "bulletin_contains": ["March", "1条", "H1"]
        }"#,
    );
    let outcome = folder.run();
    let misses: Vec<_> = outcome.misses.iter().map(|miss| miss.at.as_str()).collect();
    assert_eq!(misses, ["bulletin_contains"], "{:#?}", outcome.misses);
    assert_eq!(outcome.misses[0].expected, "H1");
    assert!(!outcome.ok());
    assert_eq!(outcome.figures.get("leads"), 1);
    assert_eq!(outcome.bound["b1"].1, "B-1");
}

#[test]
fn every_figure_that_differs_is_a_miss_with_both_sides() {
    let mut folder = Folder::new();
    folder.put("expect.json", r#"{"figures": {"leads": 69, "leads_by_department": {"edu": 2, "mkt": 0}}, "areas": {"420902": {"visits": 3}}, "notices": [{"to": "P-0001", "kind": "offer", "count": 7}], "timelines": {"L-1": ["lead.opened", "case.filed"]}}"#);
    let misses = folder.misses();
    assert_eq!(
        misses[..4],
        [
            "figures.leads: expected 69, got 1",
            "figures.leads_by_department.edu: expected 2, got 1",
            "areas.420902.visits: expected 3, got 2",
            "notices.P-0001.offer: expected 7, got 1"
        ]
    );
    assert!(
        misses[4].starts_with("timelines.L-1: expected lead.opened case.filed, got "),
        "{}",
        misses[4]
    );
}

#[test]
fn the_same_folder_gives_the_same_bytes() {
    assert_eq!(bytes(&Folder::new()), bytes(&Folder::new()));
}

#[test]
fn lines_in_any_order_give_the_same_bytes() {
    let straight = bytes(&Folder::new());
    let mut lines = SCRIPT;
    lines.reverse();
    assert_eq!(bytes(Folder::new().script(&lines)), straight);
    lines.rotate_left(3);
    lines.swap(0, 4);
    assert_eq!(bytes(Folder::new().script(&lines)), straight);
}

#[test]
fn the_outcome_is_one_json_object_in_four_parts() {
    let json: serde_json::Value = serde_json::from_str(&Folder::new().run().to_json()).unwrap();
    assert_eq!(
        json.as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<std::collections::BTreeSet<_>>(),
        ["bulletin", "figures", "misses", "ok"]
            .map(str::to_owned)
            .into()
    );
    assert_eq!(
        (
            &json["ok"],
            &json["figures"]["leads"],
            &json["bulletin"]["name"]
        ),
        (
            &serde_json::json!(true),
            &serde_json::json!(1),
            &serde_json::json!("March")
        )
    );
    assert!(
        json["bulletin"]["text"]["zh"]
            .as_str()
            .unwrap()
            .contains("March")
    );
}

#[test]
fn a_refusal_that_is_expected_is_no_miss() {
    let mut folder = Folder::new();
    folder.and(&[
        r#"{"at":"2023-03-01T08:45:00+08:00","as":"P-0001","do":"dispatch.submit_task","task":"T-1","expect":"refused"}"#,
        r#"{"at":"2023-03-01T09:30:00+08:00","as":"P-0004","do":"dispatch.submit_task","task":"T-1","expect":"refused:not_yours"}"#,
        r#"{"at":"2023-03-01T09:31:00+08:00","as":"P-0404","do":"dispatch.submit_task","task":"T-1","expect":"refused:unknown_person"}"#,
    ]);
    assert_eq!(folder.misses(), [""; 0]);
}

#[test]
fn a_wish_that_goes_otherwise_than_expected_is_a_miss_of_its_line() {
    let mut folder = Folder::new();
    folder.and(&[
        r#"{"at":"2023-03-01T09:30:00+08:00","as":"P-0004","do":"dispatch.submit_task","task":"T-1"}"#,
        r#"{"at":"2023-03-01T09:31:00+08:00","as":"P-0004","do":"dispatch.submit_task","task":"T-1","expect":"refused:rows_open"}"#,
        r#"{"at":"2023-03-01T09:32:00+08:00","do":"dispatch.issue_batch","name":"second","expect":"refused"}"#,
    ]);
    let misses = folder.misses();
    assert_eq!(misses.len(), 3, "{misses:#?}");
    assert!(
        misses[0].starts_with("script.jsonl:11: expected done, got refused:not_yours: "),
        "{}",
        misses[0]
    );
    assert!(
        misses[1]
            .starts_with("script.jsonl:12: expected refused:rows_open, got refused:not_yours: "),
        "{}",
        misses[1]
    );
    assert_eq!(misses[2], "script.jsonl:13: expected refused, got done");
}

#[test]
fn a_find_that_matches_nothing_or_too_much_is_a_miss_and_the_rest_goes_on() {
    let mut folder = Folder::new();
    folder.and(&[
        r#"{"at":"2023-03-02T17:00:00+08:00","do":"dispatch.issue_batch","name":"second","bind":"b2"}"#,
        r#"{"at":"2023-03-02T17:01:00+08:00","as":"P-0001","do":"dispatch.accept_task","task":{"find":"task","batch":"$b2","post":"PO-77"}}"#,
        r#"{"at":"2023-03-02T17:02:00+08:00","as":"P-0001","do":"dispatch.accept_task","task":{"find":"task","batch":"$b2"}}"#,
    ]);
    let outcome = folder.run();
    let misses: Vec<_> = outcome.misses.iter().map(ToString::to_string).collect();
    assert_eq!(
        misses,
        [
            "script.jsonl:12: expected a command, got no task matches batch=B-2 post=PO-77",
            "script.jsonl:13: expected a command, got 2 match: T-2, T-3; task batch=B-2 must be exactly one"
        ]
    );
    assert_eq!(
        (
            outcome.figures.get("leads"),
            outcome.figures.get("tasks_issued")
        ),
        (1, 3)
    );
}

#[test]
fn a_name_that_is_bound_later_stands_for_nothing_yet() {
    let mut folder = Folder::new();
    folder.and(&[r#"{"at":"2023-03-01T08:00:00+08:00","as":"P-0001","do":"dispatch.accept_task","task":"$b1"}"#]);
    assert_eq!(
        folder.misses(),
        [
            "script.jsonl:11: expected a command, got $b1 stands for nothing yet: the line that binds it comes later, or was refused"
        ]
    );
}

#[test]
fn a_name_needs_something_new_to_stand_for() {
    let mut folder = Folder::new();
    folder.and(&[r#"{"at":"2023-03-08T10:00:00+08:00","as":"P-0003","do":"rectification.receive_report","source":"hotline","area":"420902003001","text":"noise","bind":"r1"}"#, r#"{"at":"2023-03-08T10:01:00+08:00","as":"P-0003","do":"rectification.classify_lead","lead":{"find":"lead","report":"$r1"},"codes":"H2","bind":"x"}"#]);
    let outcome = folder.run();
    assert_eq!(outcome.bound["r1"].1, "R-2");
    assert_eq!(
        outcome
            .misses
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["script.jsonl:12: expected a new id for $x, got nothing was created"]
    );
}

#[test]
fn an_id_on_two_lines_is_one_wish_delivered_twice() {
    let mut folder = Folder::new();
    folder.and(&[
        r#"{"id":"press-1","at":"2023-03-06T10:00:00+08:00","do":"dispatch.issue_batch","name":"second","bind":"b2"}"#,
        r#"{"id":"press-1","at":"2023-03-06T10:00:05+08:00","do":"dispatch.issue_batch","name":"second","bind":"b2"}"#,
        r#"{"id":"press-1","at":"2023-03-07T22:00:00+08:00","do":"dispatch.issue_batch","name":"second"}"#,
    ]);
    let outcome = folder.run();
    assert_eq!(outcome.misses, []);
    assert_eq!(outcome.bound["b2"].1, "B-2");
    let batches = entries(&outcome, "dispatch/420902")
        .iter()
        .filter(|entry| entry["does"] == "dispatch.issue_batch")
        .count();
    assert_eq!(batches, 2);
}

#[test]
fn every_entry_has_an_id_and_a_trace_derived_from_the_script() {
    let outcome = Folder::new().run();
    let entries = entries(&outcome, "dispatch/420902");
    let wished: Vec<_> = entries
        .iter()
        .filter(|entry| entry["cause"] == "command")
        .collect();
    assert_eq!(wished.len(), 6);
    for entry in wished {
        assert!(
            entry["id"].as_str().unwrap().starts_with("s-")
                && entry["trace"].as_str().unwrap().len() == 55,
            "{entry}"
        );
        assert_eq!(entry["via"], "replay");
    }
}

#[test]
fn imports_are_made_by_the_operator_when_the_clock_starts() {
    let outcome = Folder::new().run();
    let imported: Vec<_> = entries(&outcome, "registry/420902")
        .into_iter()
        .filter(|entry| entry["via"] == "import")
        .collect();
    assert_eq!(imported.len(), 15);
    assert!(
        imported.iter().all(
            |entry| entry["by"] == "420902/operator" && entry["made"] == "2023-02-28T16:00:00Z"
        )
    );
}

#[test]
fn the_bulletin_is_frozen_by_the_clerk_and_settled_where_every_journal_ends() {
    let outcome = Folder::new().run();
    let entries = entries(&outcome, "bulletin/420902");
    let by: Vec<_> = entries
        .iter()
        .filter(|entry| entry["cause"] == "command")
        .map(|entry| {
            (
                entry["does"].as_str().unwrap(),
                entry["by"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        by,
        [
            ("bulletin.freeze", "420902/P-0003"),
            ("bulletin.settle", "420902/system")
        ]
    );
    let frozen = &entries.last().unwrap()["events"][0];
    assert_eq!(
        (
            &frozen["figures"]["leads"],
            frozen["positions"].as_object().unwrap().len()
        ),
        (&serde_json::json!(1), 7)
    );
    assert_eq!(
        (
            outcome.bulletin.bulletin.as_str(),
            &outcome.bulletin.figures
        ),
        ("BU-1", &outcome.figures)
    );
}

#[test]
fn without_a_freeze_the_bulletin_is_a_draft_of_the_same_figures() {
    let mut folder = Folder::new();
    folder.put(
        "scenario.toml",
        &MANIFEST.replace(
            "freeze = \"March\"",
            "rounding = \"over\"\n[override]\nleads = \"70余条\"\n",
        ),
    );
    let outcome = folder.run();
    assert_eq!(
        (
            outcome.bulletin.bulletin.as_str(),
            outcome.bulletin.name.as_str()
        ),
        ("", "a day in the county")
    );
    assert!(outcome.text_zh.contains("70余条"), "{}", outcome.text_zh);
    assert_eq!(
        entries(&outcome, "bulletin/420902")
            .iter()
            .filter(|entry| entry["cause"] == "command")
            .count(),
        0
    );
}

#[test]
fn a_worded_figure_is_frozen_with_the_bulletin_and_printed_in_both_languages() {
    let mut folder = Folder::new();
    folder.manifest("rounding = \"over\"\n[override]\nvisits = { value = 2, plus = true }\ninstitutions = { zh = \"两家\", en = \"two\" }\n");
    let outcome = folder.run();
    let frozen = &entries(&outcome, "bulletin/420902").pop().unwrap()["events"][0];
    assert_eq!(
        frozen["overrides"],
        serde_json::json!({"institutions": {"zh": "两家", "en": "two"}, "visits": {"value": 2, "plus": true}})
    );
    assert_eq!(
        frozen["figures"]["visits"], 2,
        "the exact figure is kept beside it"
    );
    assert!(
        outcome.text_zh.contains("检查2余家次，排查机构两家"),
        "{}",
        outcome.text_zh
    );
    assert!(
        outcome
            .text_en
            .contains("visits: over 2; institutions: two"),
        "{}",
        outcome.text_en
    );
}

#[test]
fn a_run_begins_with_an_empty_journal_and_leaves_one_to_go_on_with() {
    let journal = Arc::new(MemoryJournal::new());
    let folder = Folder::new();
    let outcome = folder.on(journal.clone()).unwrap();
    assert_eq!(outcome.ended.to_string(), "2023-03-10T15:59:59Z");
    let books = journal.books();
    let heads = block(outcome.journal.last(&books)).unwrap();
    let read = outcome.insight.positions();
    assert!(
        books
            .iter()
            .zip(&heads)
            .all(|(book, head)| read[book.as_str()].0 == head.number)
    );
    let Err(CannotRun::NotEmpty(book)) = folder.on(journal) else {
        panic!("a journal with facts in it is no place for a replay")
    };
    assert_eq!(book, "registry/420902");
}

#[test]
fn a_city_and_its_county_share_departments_and_count_together() {
    let mut folder = Folder::new();
    folder.put(
        "scenario.toml",
        &MANIFEST
            .replace("[\"420902\"]", "[\"420902\", \"4209\"]")
            .replace("as = \"P-0002\"", "in = \"420902\"\nas = \"P-0002\""),
    );
    folder.put(
        "areas.csv",
        &AREAS.replace(
            "420902,county,county,\n",
            "420902,county,county,4209\n4209,city,city,\n",
        ),
    );
    folder.put(
        "departments.csv",
        "code,name,area\nedu,education bureau,4209\n",
    );
    folder.put(
        "people.csv",
        &format!("{PEOPLE}P-0003,clerk of the city,clerk;dispatcher,,4209,,\n"),
    );
    folder.and(&[
        r#"{"at":"2023-03-06T09:00:00+08:00","in":"4209","as":"P-0003","do":"rectification.receive_report","source":"letter","area":"4209","text":"a letter","bind":"r1"}"#,
        r#"{"at":"2023-03-06T09:01:00+08:00","in":"4209","as":"P-0003","do":"rectification.classify_lead","lead":{"find":"lead","report":"$r1"},"codes":["H2"]}"#,
        r#"{"at":"2023-03-06T09:02:00+08:00","in":"420902","as":"4209/P-0003","do":"rectification.receive_report","source":"letter","area":"420902003002","text":"from above","bind":"r2"}"#,
    ]);
    folder.put("expect.json", r#"{"figures": {"leads": 3}, "areas": {"420902": {"leads": 2}}, "timelines": {"$r1": ["report.received"], "4209/L-1": ["lead.opened", "lead.classified"], "$r2": ["report.received"]}}"#);
    let outcome = folder.run();
    assert_eq!(outcome.misses, []);
    assert_eq!(outcome.bulletin.jurisdiction, "4209");
}

#[test]
fn progress_is_told_from_the_first_row_to_the_end() {
    let mut seen = Vec::new();
    let scenario = Folder::new().read();
    let done = block(Box::pin(run(
        &scenario,
        Arc::new(MemoryJournal::new()),
        &mut |progress| seen.push(progress),
    )));
    assert!(done.is_ok());
    let last = |phase| {
        seen.iter()
            .rfind(|progress| progress.phase == phase)
            .map(|progress| (progress.done, progress.of))
    };
    assert_eq!(
        (
            last(crate::Phase::Importing),
            last(crate::Phase::Wishing),
            last(crate::Phase::Closing)
        ),
        (Some((15, 15)), Some((10, 10)), Some((10, 10)))
    );
}
