//! Tests of the ids stored events are filed under: how often a thing is named is the revision on its card.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use picket_schemas::event::SERVICES;

use super::*;

/// Every golden event, by the name of its file.
fn golden() -> Vec<(String, Event)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/golden");
    let mut all = Vec::new();
    for service in SERVICES {
        for file in fs::read_dir(folder.join(service)).unwrap() {
            let file = file.unwrap().path();
            let event = Event::decode(service, &fs::read_to_string(&file).unwrap()).unwrap();
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            all.push((format!("{service}/{name}"), event));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn filed(event: &Event) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    if has_timeline(event) {
        each(event, |id| {
            ids.insert(id.into_owned());
        });
    }
    ids
}

#[test]
fn a_stored_event_counts_for_the_same_things_as_ever() {
    let mut now = String::new();
    for (file, event) in golden() {
        let ids: Vec<_> = filed(&event).into_iter().collect();
        writeln!(now, "{}", format!("{file}: {}", ids.join(" ")).trim_end()).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/fold/ids/filed.txt");
    if std::env::var("PICKET_GOLDEN").is_ok_and(|word| word == "accept") {
        fs::write(path, now).unwrap();
        return;
    }
    let before = fs::read_to_string(path).unwrap();
    let differ: Vec<_> = now.lines().filter(|line| !before.contains(line)).collect();
    assert_eq!(
        now, before,
        "a card's revision would be another one; lines only added are written by \
         `PICKET_GOLDEN=accept cargo test -p picket-insight`: {differ:#?}"
    );
}

#[test]
fn nobody_finds_half_an_answer_or_a_notice_in_a_timeline() {
    for (file, event) in golden() {
        if file.contains("/draft.") || file.starts_with("courier/") {
            assert!(filed(&event).is_empty(), "{file}");
        }
    }
}
