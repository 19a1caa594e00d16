//! What stored events name: records, places, people and seals, by the types of their fields.
//!
//! The golden files hold every event with every field set, so nothing here has to be told of a new one: whatever
//! looks like an id in them must be found by its type. `mentions.txt` holds what is found; after an addition it is
//! written by `PICKET_GOLDEN=accept cargo test -p picket-schemas`, to be read before it is committed.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a test fails it, with its place"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use picket_schemas::event::created;
use picket_schemas::{Event, Mentioned, RecordKind};
use serde_json::{Value, json};

/// Fields whose ids need no type, and why.
const TEXTS: &[(&str, &str)] = &[
    ("row", "a part of the sheet that is named beside it"),
    ("rows", "parts of the sheet that is named beside it"),
    ("people", "as whoever wished a batch wrote them"),
    ("certificate", "a number on paper"),
    ("with", "what a card shows, as text"),
];

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every golden event, by the name of its file.
fn golden() -> Vec<(String, String, Event)> {
    let mut all = Vec::new();
    for service in fs::read_dir(here("golden")).unwrap() {
        let service = service.unwrap().path();
        if !service.is_dir() {
            continue;
        }
        let name = service.file_name().unwrap().to_str().unwrap().to_owned();
        for file in fs::read_dir(&service).unwrap() {
            let file = file.unwrap().path();
            let text = fs::read_to_string(&file).unwrap();
            // The keeper's own events stand in any journal.
            let journal = if name == "keeper" { "dispatch" } else { &name };
            let event = Event::decode(journal, &text).unwrap();
            let file = file.file_name().unwrap().to_str().unwrap();
            all.push((format!("{name}/{file}"), text, event));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(all.len() > 130, "the golden files are not found");
    all
}

/// `T-7`, `420902/P-0017`, `weekly-sweep@2023-03-06T08:30`: what an id looks like.
fn looks_like_an_id(text: &str) -> bool {
    let short = text.rsplit('/').next().unwrap_or(text);
    let numbered = short.split_once('-').is_some_and(|(letters, number)| {
        (1..=2).contains(&letters.len())
            && letters.bytes().all(|byte| byte.is_ascii_uppercase())
            && number.starts_with(|first: char| first.is_ascii_digit())
    });
    // Posts have codes of the same form, and are no records.
    (numbered && !short.starts_with("PO-")) || short.contains('@')
}

/// Each text of an event that does not stand in one of [`TEXTS`].
fn texts(value: &Value, each: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(list) => list.iter().for_each(|one| texts(one, each)),
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| TEXTS.iter().all(|(field, _)| field != key))
            .for_each(|(_, value)| texts(value, each)),
        _ => {}
    }
}

fn shown(event: &Event) -> Vec<String> {
    let mut all = Vec::new();
    event.mentions(&mut |mention| {
        let new = if mention.new { ", new" } else { "" };
        all.push(format!(
            "  {}: {:?} {:?}{new}",
            mention.field, mention.within, mention.of
        ));
    });
    all
}

#[test]
fn whatever_looks_like_an_id_in_a_stored_event_is_found_by_its_type() {
    let mut missing = Vec::new();
    for (file, text, event) in golden() {
        let mut found = BTreeSet::new();
        event.mentions(&mut |mention| match mention.of {
            Mentioned::Record(_, id) | Mentioned::Subject(id) | Mentioned::Person(id) => {
                found.insert(id);
            }
            Mentioned::Seal(_) => {}
        });
        texts(&serde_json::from_str(&text).unwrap(), &mut |text| {
            if looks_like_an_id(text) && !found.contains(text) {
                missing.push(format!("{file}: `{text}`"));
            }
        });
    }
    assert!(
        missing.is_empty(),
        "give the field the type of the id it holds:\n{}",
        missing.join("\n")
    );
}

#[test]
fn whatever_a_stored_event_says_of_its_release_is_a_seal() {
    fn seals(value: &Value) -> usize {
        match value {
            Value::Object(map) => map
                .iter()
                .map(|(key, value)| usize::from(key == "sealed_until") + seals(value))
                .sum(),
            Value::Array(list) => list.iter().map(seals).sum(),
            _ => 0,
        }
    }
    let mut sealed = 0;
    for (file, text, event) in golden() {
        let mut found = 0;
        event.mentions(&mut |mention| {
            found += usize::from(matches!(mention.of, Mentioned::Seal(_)));
        });
        assert_eq!(
            found,
            seals(&serde_json::from_str(&text).unwrap()),
            "{file}"
        );
        sealed += found;
    }
    assert!(sealed >= 7, "only {sealed} golden events are sealed");
}

#[test]
fn what_stored_events_name_is_what_they_were_read_to_name() {
    let mut now = String::new();
    for (file, _, event) in golden() {
        let about = event
            .about()
            .map_or(String::new(), |(kind, id)| format!(" about {kind:?} {id}"));
        writeln!(now, "{file}{about}").unwrap();
        shown(&event)
            .iter()
            .for_each(|line| writeln!(now, "{line}").unwrap());
    }
    let path = here("tests/mentions.txt");
    if std::env::var("PICKET_GOLDEN").is_ok_and(|word| word == "accept") {
        fs::write(path, now).unwrap();
        return;
    }
    let before = fs::read_to_string(path).unwrap();
    let differ: Vec<_> = now.lines().filter(|line| !before.contains(line)).collect();
    assert_eq!(now, before, "these lines are new: {differ:#?}");
}

#[test]
fn an_answer_names_what_was_brought_into_the_world_and_an_outing_only_where_it_was_wished() {
    let sortie = json!({"type":"sortie.opened","sortie":"S-1","members":[],"kind":"sweep","date":"2026-03-04"});
    let place = json!({"type":"place.reported","place":"U-7","area":"420902003004","address":"a","seen":"b","codes":["H2"],"urgent":true,"finder":"420902/P-0017","sortie":"S-1","observed":"2026-03-04T02:40:00Z"});
    let taken = json!({"type":"task.accepted","task":"T-1","person":"420902/P-0017","taken":true});
    let events =
        [sortie, place, taken].map(|json| Event::decode("dispatch", &json.to_string()).unwrap());
    assert_eq!(created("dispatch.report_place", &events), ["U-7"]);
    assert_eq!(created("dispatch.open_sortie", &events[..1]), ["S-1"]);
}

#[test]
fn every_kind_of_record_is_kept_by_a_service_there_is() {
    for (file, _, event) in golden() {
        event.mentions(&mut |mention| {
            if let Mentioned::Record(kind, _) = mention.of {
                let known = kind
                    .service()
                    .map(|service| picket_schemas::event::SERVICES.contains(&service));
                assert_eq!(known, (kind != RecordKind::Any).then_some(true), "{file}");
            }
        });
    }
}
