//! The table of public fields, held against every event there is.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use picket_schemas::{Commit, Event, Mentioned, event};
use serde_json::Value;

use crate::cloud_event;
use crate::public::{PUBLIC, public};

/// Fields that hold people, sentences, addresses or proof. None of them may ever stand in the table.
const NEVER: &[&str] = &[
    "person",
    "by",
    "to",
    "finder",
    "owner",
    "duty",
    "officers",
    "crew",
    "members",
    "offered",
    "holders",
    "people",
    "leader",
    "substitute",
    "instead_of",
    "account",
    "channel",
    "token_hash",
    "certificate",
    "note",
    "text",
    "reason",
    "why",
    "words",
    "rule",
    "name",
    "address",
    "seen",
    "content",
    "focus",
    "requirement",
    "ground",
    "proof",
    "evidence",
    "outcome_text",
    "with",
    "cause",
    "campaign",
    "checklist",
    "row",
    "does",
    "positions",
    "figures",
    "areas",
];

/// Every golden event: service, event type, JSON with every field set.
fn golden() -> Vec<(String, String, Value)> {
    golden_texts()
        .into_iter()
        .map(|(service, text)| (service, serde_json::from_str::<Value>(&text).unwrap()))
        .map(|(service, value)| (service, value["type"].as_str().unwrap().to_owned(), value))
        .collect()
}

pub(super) fn golden_texts() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/golden");
    let mut all = Vec::new();
    for service in event::SERVICES.iter().copied().chain(["keeper"]) {
        for entry in fs::read_dir(folder.join(service)).unwrap() {
            let path = entry.unwrap().path();
            all.push((service.to_owned(), fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(all.len() > 90, "{} golden events", all.len());
    all
}

/// A commit with one event, as its journal holds it.
pub(super) fn commit_of(service: &str, event: &str) -> Commit {
    let journal = if service == "keeper" {
        "dispatch"
    } else {
        service
    };
    let bytes = format!(
        r#"{{"book":"{journal}/420902","n":7,"at":"2026-03-04T02:00:00Z","prev":"","reader":1,"entries":[{{"id":"c-1","by":"420902/P-0017","via":"telegram","cause":"command","does":"x","made":"2026-03-04T02:00:00Z","events":[{event}]}}]}}"#
    );
    Commit::decode(bytes.as_bytes()).unwrap()
}

#[test]
fn every_line_of_the_table_names_an_event_and_fields_it_has() {
    let golden = golden();
    let mut lines = BTreeSet::new();
    for line in PUBLIC {
        assert!(
            lines.insert((line.service, line.kind)),
            "{} {} stands twice",
            line.service,
            line.kind
        );
        let forms: Vec<_> = golden
            .iter()
            .filter(|(service, kind, _)| service == line.service && kind == line.kind)
            .collect();
        assert!(
            !forms.is_empty(),
            "{} says no `{}`",
            line.service,
            line.kind
        );
        for field in line.ids.iter().chain(line.plain) {
            assert!(
                forms
                    .iter()
                    .any(|(_, _, value)| value.get(*field).is_some()),
                "`{}` has no `{field}`",
                line.kind
            );
            assert!(
                !NEVER.contains(field),
                "`{}` would tell `{field}`",
                line.kind
            );
        }
    }
}

#[test]
fn no_person_no_sentence_and_no_proof_ever_leaves() {
    // Golden events set every field, so whoever adds a field to an event adds it to this test.
    for (service, text) in golden_texts() {
        let value: Value = serde_json::from_str(&text).unwrap();
        let kind = value["type"].as_str().unwrap().to_owned();
        let Some(event) = cloud_event(&commit_of(&service, &text), 0, 0) else {
            assert!(
                public(&service, &kind).is_none(),
                "`{kind}` is in the table and not published"
            );
            continue;
        };
        let line = public(&service, &kind).expect("what is published stands in the table");
        let data: Value = serde_json::from_slice(&event.data).unwrap();
        let told: Vec<String> = texts(&data)
            .into_iter()
            .chain(event.about.clone())
            .collect();
        for text in &told {
            assert!(!text.contains("P-00"), "`{kind}` tells a person: {text}");
            assert!(
                text.chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_.:/@+".contains(c)),
                "`{kind}` tells a sentence: `{text}`"
            );
        }
        let secret = value.as_object().unwrap().iter().filter(|(field, _)| {
            *field != "type"
                && !line.ids.contains(&field.as_str())
                && !line.plain.contains(&field.as_str())
        });
        for (field, text) in secret
            .flat_map(|(field, value)| texts(value).into_iter().map(move |text| (field, text)))
            .filter(|(_, text)| !kept(line, &value, text))
        {
            assert!(
                !told.iter().any(|told| told.contains(&text)),
                "`{kind}` tells `{text}` of `{field}`: {told:?}"
            );
        }
    }
}

/// Whether a text also stands in a public field of the same event: one area may be named twice.
fn kept(line: &crate::public::PublicFields, value: &Value, text: &str) -> bool {
    line.ids
        .iter()
        .chain(line.plain)
        .filter_map(|field| value.get(*field))
        .any(|told| texts(told).iter().any(|other| other.contains(text)))
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn an_event_without_a_line_is_told_to_nobody() {
    for (service, kind) in [
        ("registry", "person.enrolled"),
        ("registry", "identity.bound"),
        ("courier", "notice.queued"),
        ("dispatch", "row.filled"),
        ("dispatch", "row.found"),
        ("keeper", "cursor.parked"),
    ] {
        let (_, text) = golden_texts()
            .into_iter()
            .find(|(of, text)| of == service && text.contains(&format!(r#""type":"{kind}""#)))
            .unwrap();
        assert_eq!(
            cloud_event(&commit_of(service, &text), 0, 0),
            None,
            "{kind}"
        );
    }
}

#[test]
fn a_subject_that_is_a_person_is_left_out() {
    let case = |kind: &str| {
        let json = format!(
            r#"{{"type":"case.cleared","case":"C-21","lead":"L-69","subject":{{"kind":"{kind}","id":"X-9"}}}}"#
        );
        String::from_utf8(
            cloud_event(&commit_of("rectification", &json), 0, 0)
                .unwrap()
                .data,
        )
        .unwrap()
    };
    assert_eq!(
        case("institution"),
        r#"{"case":"420902/C-21","lead":"420902/L-69","subject":{"id":"420902/X-9","kind":"institution"}}"#
    );
    assert_eq!(
        case("person"),
        r#"{"case":"420902/C-21","lead":"420902/L-69"}"#
    );
}

#[test]
fn the_golden_commit_leaves_as_listeners_know_it() {
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/golden/commit.v1.json"),
    )
    .unwrap();
    let commit = Commit::decode(text.trim_end().as_bytes()).unwrap();
    let event = cloud_event(&commit, 0, 0).expect("`task.accepted` is public");
    assert_eq!(event.subject(), "picket.event.420902.task.accepted");
    let headers: Vec<_> = event
        .headers()
        .into_iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    assert_eq!(
        headers,
        [
            "ce-specversion: 1.0",
            "ce-id: dispatch/420902/1834/0/0",
            "ce-source: /picket/dispatch/420902",
            "ce-type: task.accepted",
            "ce-time: 2026-03-04T02:12:00.123Z",
            "ce-datacontenttype: application/json",
            "content-type: application/json",
            "ce-subject: 420902/T-2041",
        ]
    );
    assert_eq!(
        String::from_utf8(event.data).unwrap(),
        r#"{"taken":true,"task":"420902/T-2041"}"#
    );
    assert_eq!(cloud_event(&commit, 9, 0), None);
}

#[test]
fn no_public_field_names_a_person() {
    for (service, text) in golden_texts() {
        let event = Event::decode(&service, &text).unwrap();
        let Some(line) = public(&service, event.kind()) else {
            continue;
        };
        event.mentions(&mut |mention| {
            if let Mentioned::Person(person) = mention.of {
                let told = line.ids.contains(&mention.field) || line.plain.contains(&mention.field);
                assert!(!told, "{}: `{}` is {person}", event.kind(), mention.field);
            }
        });
    }
}

#[test]
fn the_first_public_id_is_what_the_event_is_about() {
    for (service, text) in golden_texts() {
        let event = Event::decode(&service, &text).unwrap();
        let Some(first) = public(&service, event.kind()).and_then(|line| Some(*line.ids.first()?))
        else {
            continue;
        };
        let stored: Value = serde_json::from_str(&text).unwrap();
        let about = event.about().map(|(_, id)| id);
        assert_eq!(about, stored[first].as_str(), "{}", event.kind());
    }
}
