//! Records that arrive late, wishes delivered twice, clocks and bells.

use super::*;

#[test]
fn a_record_that_was_synced_late_arrives_later_and_counts_when_it_was_seen() {
    let mut lines = SCRIPT.map(str::to_owned);
    lines[2] = lines[2].replace(
        "10:00:00+08:00\"",
        "10:00:00+08:00\",\"received\":\"2023-03-02T15:00:00+08:00\"",
    );
    let mut folder = Folder::new();
    folder.script(&lines.each_ref().map(String::as_str));
    let outcome = folder.run();
    assert_eq!(outcome.misses, []);
    let entries = entries(&outcome, "dispatch/420902");
    let filled = entries
        .iter()
        .find(|entry| {
            entry["does"] == "dispatch.fill_row" && entry["events"].to_string().contains("I-0001")
        })
        .unwrap();
    assert_eq!(
        (filled["made"].as_str(), filled["at"].as_str()),
        (Some("2023-03-02T07:00:00Z"), Some("2023-03-02T07:00:00Z"))
    );
    assert!(
        filled["events"]
            .to_string()
            .contains(r#""observed":"2023-03-02T02:00:00Z""#),
        "{filled}"
    );
    assert_eq!(outcome.figures.get("person_times"), 1);
}

#[test]
fn a_record_may_be_synced_days_later() {
    let mut folder = Folder::new();
    folder.script(&[
        &SCRIPT[..2],
        &[r#"{"at":"2023-03-01T17:00:00+08:00","received":"2023-03-06T08:00:00+08:00","as":"P-0001","do":"dispatch.fill_row","task":"T-1","row":"I-0001","outcome":"ok"}"#],
    ].concat());
    assert_eq!(folder.misses(), [""; 0]);
}

#[test]
fn bells_ring_on_the_way_to_the_next_wish() {
    let mut folder = Folder::new();
    folder.script(&SCRIPT[..2]).put("expect.json", r#"{"figures": {"tasks_overdue": 1}, "timelines": {"T-1": ["task.issued", "task.accepted", "reminder.due", "deadline.passed", "ladder.stepped"]}}"#);
    let mut manifest = MANIFEST.replace("2023-03-10", "2023-03-17");
    manifest.push_str("from = \"2023-01-01\"\n");
    folder.put("scenario.toml", &manifest);
    assert_eq!(folder.misses(), [""; 0]);
}

#[test]
fn schedules_issue_and_freeze_by_themselves() {
    let mut folder = Folder::new();
    folder.script(&[]).put(
        "schedules.csv",
        "code,cron,zone,days,overlap,catch_up,does\nsweep,30 8 * * MON,,working,,,\"{\"\"issue_batch\"\":{\"\"name\"\":\"\"weekly sweep\"\"}}\"\nweek,0 17 * * FRI,,,,,\"{\"\"freeze\"\":{\"\"name\"\":\"\"the week\"\"}}\"\n",
    );
    let outcome = folder.run();
    assert_eq!(outcome.misses, []);
    assert_eq!(outcome.figures.get("tasks_issued"), 2);
    let frozen = entries(&outcome, "bulletin/420902")
        .iter()
        .flat_map(|entry| entry["events"].as_array().unwrap().clone())
        .filter(|event| event["type"] == "bulletin.frozen")
        .count();
    // Friday the third, Friday the tenth, and the one at the end.
    assert_eq!(frozen, 3);
    assert_eq!(outcome.bulletin.name, "March");
}

#[test]
fn what_comes_after_the_as_of_instant_is_done_and_not_counted() {
    let mut folder = Folder::new();
    folder.and(&[
        r#"{"at":"2023-03-13T09:00:00+08:00","as":"P-0003","do":"rectification.receive_report","source":"hotline","area":"420902003001","text":"late","bind":"r1"}"#,
        r#"{"at":"2023-03-10T09:00:00+08:00","received":"2023-03-13T10:00:00+08:00","do":"dispatch.issue_batch","name":"second","bind":"b2"}"#,
    ]);
    folder.put("expect.json", r#"{"figures": {"leads": 1, "raw_reports": 1, "tasks_issued": 1}, "timelines": {"$r1": ["report.received"], "$b2": ["batch.issued"]}}"#);
    let outcome = folder.run();
    assert_eq!(outcome.misses, []);
    assert_eq!(outcome.ended.to_string(), "2023-03-13T02:00:00Z");
}

#[test]
fn figures_begin_with_the_year_of_the_as_of_instant_unless_said_otherwise() {
    let manifest = |more: &str| Folder::new().manifest(more).read().manifest;
    assert_eq!(manifest("").from.to_string(), "2022-12-31T16:00:00Z");
    assert_eq!(
        manifest("from = \"2023-03-02\"\n").from.to_string(),
        "2023-03-01T16:00:00Z"
    );
    let mut folder = Folder::new();
    folder.manifest("from = 2023-03-03\n").put(
        "expect.json",
        r#"{"figures": {"leads": 0, "tasks_issued": 0, "visits": 0}}"#,
    );
    assert_eq!(folder.misses(), [""; 0]);
}

#[test]
fn a_date_alone_is_its_whole_day() {
    let mut folder = Folder::new();
    folder.put(
        "scenario.toml",
        &MANIFEST
            .replace("\"2023-03-01T00:00:00+08:00\"", "\"2023-03-01\"")
            .replace("\"2023-03-10T23:59:59+08:00\"", "2023-12-31"),
    );
    let manifest = folder.read().manifest;
    assert_eq!(
        (
            manifest.start.to_string().as_str(),
            manifest.as_of.to_string().as_str()
        ),
        ("2023-02-28T16:00:00Z", "2023-12-31T16:00:00Z")
    );
    assert_eq!(manifest.from.to_string(), "2022-12-31T16:00:00Z");
}
