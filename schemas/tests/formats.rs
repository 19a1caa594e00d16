//! Whatever older programs cannot read raises the format: `golden/FORMATS` lists the lowest format that reads each
//! golden name, and each word that stands in one.
//!
//! A line is a format and a name. `any` in place of the format is for the next version of an event that programs from
//! before it read as well, since all it adds is fields with a default. What a release lists is sealed by
//! [`RELEASED`]; what comes later stands under the next format, and with it `READER` goes up.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a test fails it, with its place"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use picket_schemas::commit::{self, READER};
use picket_schemas::formats::{LATER, UNSAID, needed_by};
use picket_schemas::{Event, event};

/// The formats that were released, each with the hash of all that is listed under it. A release adds its own.
const RELEASED: &[(u32, &str)] = &[
    (
        1,
        "34b1db07f4e4c85b2990d782545bf68c319e21a868094fc3954e5083b263fa31",
    ),
    (
        2,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ),
];

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// Every listed name with its format; none where any program reads it.
fn listed() -> BTreeMap<String, Option<u32>> {
    let mut names = BTreeMap::new();
    for line in read(&golden().join("FORMATS")).lines() {
        let (format, name) = line
            .split_once(' ')
            .unwrap_or_else(|| panic!("`{line}` in FORMATS is not a format and a name"));
        let format = (format != "any").then(|| {
            format
                .parse()
                .unwrap_or_else(|_| panic!("`{line}` in FORMATS has no format"))
        });
        let before = names.insert(name.to_owned(), format);
        assert!(before.is_none(), "`{name}` is listed twice in FORMATS");
    }
    names
}

/// The golden events by name: `dispatch/batch.issued.v1.json`.
fn events() -> BTreeMap<String, Event> {
    let mut all = BTreeMap::new();
    let services = event::SERVICES.iter().copied().chain(["keeper"]);
    for service in services {
        for file in fs::read_dir(golden().join(service)).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            // The keeper's own stand in any journal.
            let journal = if service == "keeper" {
                "dispatch"
            } else {
                service
            };
            let event = Event::decode(journal, &read(&path)).unwrap();
            all.insert(format!("{service}/{name}"), event);
        }
    }
    all
}

/// Every word of the wire with its list: `registry.Role coordinator`.
fn words() -> Vec<String> {
    let text = read(&golden().join("words.txt"));
    let of = |line: &str| {
        let (list, words) = line.split_once(": ").unwrap();
        words
            .split_whitespace()
            .map(|word| format!("{list} {word}"))
            .collect::<Vec<_>>()
    };
    text.lines().flat_map(of).collect()
}

#[test]
fn what_is_new_is_listed_under_a_format_that_reader_has_reached() {
    let listed = listed();
    let there: BTreeSet<String> = events().into_keys().chain(words()).collect();
    let next = RELEASED.last().unwrap().0 + 1;
    let missing: Vec<_> = there
        .iter()
        .filter(|name| !listed.contains_key(*name))
        .map(|name| format!("{next} {name}\n"))
        .collect();
    assert!(
        missing.is_empty(),
        "golden/FORMATS does not list what was added. List it and have READER say {next}, with a row in \
         src/formats.rs for each event; or list the next version of an event as `any`, if all it adds is fields with \
         a default:\n{}",
        missing.concat()
    );
    let gone: Vec<_> = listed
        .keys()
        .filter(|name| !there.contains(*name))
        .collect();
    assert!(
        gone.is_empty(),
        "listed in FORMATS and nowhere else: {gone:?}"
    );
    for (name, format) in &listed {
        assert!(
            format.is_none_or(|format| format <= READER),
            "`{name}` needs a later format than READER, which says {READER}: raise it"
        );
    }
}

#[test]
fn what_a_release_could_read_stays_as_it_was() {
    let listed = listed();
    for (format, hash) in RELEASED {
        let names: Vec<_> = listed
            .iter()
            .filter(|(_, listed)| **listed == Some(*format))
            .map(|(name, _)| format!("{name}\n"))
            .collect();
        assert_eq!(
            commit::hash(names.concat().as_bytes()),
            *hash,
            "programs of format {format} are out: they cannot read what was listed under it since; the next format is \
             {}",
            RELEASED.last().unwrap().0 + 1
        );
    }
}

#[test]
fn only_the_next_version_of_an_event_is_read_by_programs_from_before_it() {
    let listed = listed();
    for name in listed.iter().filter(|(_, format)| format.is_none()) {
        let (stem, version) = name.0.rsplit_once(".v").unwrap_or((name.0, ""));
        let stem = stem.split('+').next().unwrap();
        let first = listed.contains_key(&format!("{stem}.v1.json"));
        assert!(
            first && version != "1.json",
            "`{}` is new: programs from before it cannot read it, so it has a format",
            name.0
        );
    }
}

#[test]
fn a_commit_says_the_format_that_each_of_its_events_is_listed_under() {
    let listed = listed();
    for (name, event) in events() {
        let format = listed.get(&name).copied().flatten().unwrap_or(1);
        assert_eq!(
            needed_by(&event),
            format,
            "`{name}`: the rows in src/formats.rs and golden/FORMATS differ"
        );
    }
    for row in LATER {
        assert!(
            event::kinds().contains(&(row.service, row.kind)),
            "there is no `{}` of {}",
            row.kind,
            row.service
        );
    }
}

#[test]
fn no_service_came_with_a_format_that_books_do_not_say() {
    for service in event::SERVICES {
        let since = event::since(service);
        let is_said = since == 1 || since > UNSAID;
        assert!(
            is_said && since <= READER,
            "`{service}` came with format {since}, and READER says {READER}"
        );
    }
}
