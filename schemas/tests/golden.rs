//! What was stored, sent or said once keeps its meaning: the golden files hold it.
//!
//! `golden/<service>/<event.type>.v<n>.json` is an event as a journal holds it; `+word` behind the type is
//! another form of the same event. Files may be added, never edited: `HASHES` has the SHA-256 of each.
//! `commands.txt`, `refusals.txt` and `words.txt` hold the rest of the wire. What is only an addition is
//! written by `PICKET_GOLDEN=accept cargo test -p picket-schemas`; nothing else is.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a test fails it, with its place"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use picket_schemas::{Command, Commit, Event, Refusal, commit, event};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn accepting() -> bool {
    std::env::var("PICKET_GOLDEN").is_ok_and(|word| word == "accept")
}

/// The stored commits; the second is a first one, which says the format its book began under.
const COMMITS: [&str; 2] = ["commit.v1.json", "commit.v2.json"];

/// One stored event.
struct Golden {
    service: String,
    kind: String,
    variant: String,
    version: u32,
    name: String,
    text: String,
}

fn files() -> Vec<Golden> {
    let mut all = Vec::new();
    for folder in fs::read_dir(golden())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
    {
        let service = folder.file_name().unwrap().to_str().unwrap().to_owned();
        for path in fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            let file = path.file_name().unwrap().to_str().unwrap().to_owned();
            let name = format!("{service}/{file}");
            let (stem, version) = file
                .strip_suffix(".json")
                .and_then(|rest| rest.rsplit_once(".v"))
                .unwrap_or_else(|| panic!("`{name}` is not <event.type>.v<n>.json"));
            let (kind, variant) = stem.split_once('+').unwrap_or((stem, ""));
            let version = version
                .parse()
                .unwrap_or_else(|_| panic!("`{name}` has no version"));
            all.push(Golden {
                service: service.clone(),
                kind: kind.into(),
                variant: variant.into(),
                version,
                name,
                text: read(&path),
            });
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

#[test]
fn every_event_kind_has_its_golden_file() {
    let there: BTreeSet<_> = files()
        .into_iter()
        .filter(|file| file.variant.is_empty())
        .map(|file| (file.service, file.kind))
        .collect();
    let kinds: BTreeSet<_> = event::kinds()
        .into_iter()
        .map(|(service, kind)| (service.to_owned(), kind.to_owned()))
        .collect();
    let missing: Vec<_> = kinds
        .difference(&there)
        .map(|(service, kind)| format!("golden/{service}/{kind}.v1.json"))
        .collect();
    assert!(
        missing.is_empty(),
        "add one event with every field set:\n{}",
        missing.join("\n")
    );
    let gone: Vec<_> = there.difference(&kinds).collect();
    assert!(
        gone.is_empty(),
        "journals hold these events, and nothing reads them any more: {gone:?}"
    );
}

#[test]
fn every_golden_event_is_read_and_written_as_it_stands() {
    for file in files() {
        // The keeper's own events stand in any journal.
        let journal = if file.service == "keeper" {
            "dispatch"
        } else {
            &file.service
        };
        let event = Event::decode(journal, &file.text)
            .unwrap_or_else(|why| panic!("`{}` is not read: {why}", file.name));
        assert_eq!(
            event.kind(),
            file.kind,
            "`{}` holds another event",
            file.name
        );
        let stored: Value = serde_json::from_str(&file.text).unwrap();
        assert_eq!(
            serde_json::to_value(&event).unwrap(),
            stored,
            "`{}` comes out otherwise than it went in",
            file.name
        );
    }
}

#[test]
fn the_latest_golden_file_of_an_event_sets_every_field() {
    let mut latest: BTreeMap<(String, String, String), Golden> = BTreeMap::new();
    for file in files() {
        let key = (
            file.service.clone(),
            file.kind.clone(),
            file.variant.clone(),
        );
        if latest
            .get(&key)
            .is_none_or(|held| held.version < file.version)
        {
            latest.insert(key, file);
        }
    }
    let mut bare = Vec::new();
    for ((service, ..), file) in latest {
        let journal = if service == "keeper" {
            "dispatch".to_owned()
        } else {
            service
        };
        let shown = format!("{:?}", Event::decode(&journal, &file.text).unwrap());
        // What is left out shows in the debug form: an absent option, an empty list, text or map, a flag that is down.
        for absent in [": None", ": []", ": {}", ": \"\"", ": false,", ": false }"] {
            if let Some(at) = shown
                .find(absent)
                .filter(|_| !deliberate(&file.kind, absent))
            {
                let field = shown[..at].rsplit([' ', '{']).next().unwrap_or_default();
                bare.push(format!("{}: `{field}`", file.name));
            }
        }
    }
    assert!(
        bare.is_empty(),
        "add the next version with these set (a file that is listed is never edited):\n{}",
        bare.join("\n")
    );
}

/// A ladder shows both an automatic rung and one that is signed.
fn deliberate(kind: &str, absent: &str) -> bool {
    kind == "ladder.set" && absent.starts_with(": false")
}

#[test]
fn the_golden_commit_is_read_and_written_byte_for_byte() {
    for name in COMMITS {
        let text = read(&golden().join(name));
        let commit = Commit::decode(text.trim_end().as_bytes()).unwrap();
        assert_eq!(
            String::from_utf8(commit.encode()).unwrap(),
            text.trim_end(),
            "stored commits are hashed: not one byte of `{name}` may move"
        );
    }
}

#[test]
fn no_golden_file_was_edited_or_removed() {
    let path = golden().join("HASHES");
    let listed = fs::read_to_string(&path).unwrap_or_default();
    let now: BTreeMap<String, String> = files()
        .into_iter()
        .map(|file| (file.name, file.text))
        .chain(COMMITS.map(|name| (name.to_owned(), read(&golden().join(name)))))
        .map(|(name, text)| (name, commit::hash(text.as_bytes())))
        .collect();
    let mut known = BTreeSet::new();
    for line in listed.lines() {
        let (hash, name) = line
            .split_once("  ")
            .unwrap_or_else(|| panic!("`{line}` in HASHES is not a hash and a name"));
        let is = now
            .get(name)
            .unwrap_or_else(|| panic!("`golden/{name}` is gone; journals still hold such events"));
        assert_eq!(
            is, hash,
            "`golden/{name}` was edited; add the next version instead"
        );
        assert!(
            known.insert(name.to_owned()),
            "`{name}` is listed twice in HASHES"
        );
    }
    let added: Vec<_> = now
        .iter()
        .filter(|(name, _)| !known.contains(*name))
        .map(|(name, hash)| format!("{hash}  {name}\n"))
        .collect();
    accept_additions(&path, &listed, &added.concat());
}

/// Appends what is new where that was asked for; else it is an unlisted addition.
fn accept_additions(path: &Path, listed: &str, added: &str) {
    if added.is_empty() {
        return;
    }
    assert!(
        accepting(),
        "{} does not list what was added; run with PICKET_GOLDEN=accept, or add:\n{added}",
        path.display()
    );
    fs::write(path, format!("{listed}{added}")).unwrap();
}

#[test]
fn no_command_lost_its_verb_or_a_field() {
    let path = golden().join("commands.txt");
    let listed = fs::read_to_string(&path).unwrap_or_default();
    let verbs: BTreeMap<_, _> = Command::verbs().into_iter().collect();
    let mut known = BTreeSet::new();
    let mut stale = Vec::new();
    for line in listed.lines() {
        let mut words = line.split_whitespace();
        let verb = words.next().unwrap_or_default();
        let fields = verbs.get(verb).unwrap_or_else(|| {
            panic!("`{verb}` is a command no more; whoever scripts it would stand still")
        });
        let kept: BTreeSet<_> = words.collect();
        for field in &kept {
            assert!(fields.contains(field), "`{verb}` lost its field `{field}`");
        }
        if kept.len() != fields.len() {
            stale.push(format!("{verb} {}", fields.join(" ")));
        }
        known.insert(verb);
    }
    let new = verbs
        .iter()
        .filter(|(verb, _)| !known.contains(*verb))
        .map(|(verb, fields)| format!("{verb} {}", fields.join(" ")).trim_end().to_owned());
    let added: Vec<_> = new.chain(stale).collect();
    if accepting() && !added.is_empty() {
        let all: Vec<_> = Command::verbs()
            .iter()
            .map(|(verb, fields)| {
                format!("{verb} {}", fields.join(" ")).trim_end().to_owned() + "\n"
            })
            .collect();
        fs::write(&path, all.concat()).unwrap();
        return;
    }
    assert!(
        added.is_empty(),
        "commands.txt does not list what was added; run with PICKET_GOLDEN=accept, or write:\n{}",
        added.join("\n")
    );
}

#[test]
fn every_refusal_says_a_sentence_and_a_hint_as_listed() {
    let path = golden().join("refusals.txt");
    let now: Vec<_> = Refusal::SENTENCES
        .iter()
        .map(|(code, title, hint)| format!("{code}\n  {title}\n  {hint}\n"))
        .collect();
    let listed = fs::read_to_string(&path).unwrap_or_default();
    for code in listed.lines().filter(|line| !line.starts_with(' ')) {
        assert!(
            Refusal::CODES.contains(&code),
            "the refusal `{code}` is gone; programs branch on its code"
        );
    }
    for (code, title, hint) in Refusal::SENTENCES {
        assert!(
            !title.ends_with('.'),
            "{code}: the sentence stands without its full stop"
        );
        assert!(
            hint.ends_with('.') || hint.ends_with('`'),
            "{code}: the hint is a whole sentence"
        );
    }
    if accepting() {
        fs::write(&path, now.concat()).unwrap();
        return;
    }
    assert_eq!(
        listed,
        now.concat(),
        "refusals.txt holds every sentence a person may read; accept the new wording with PICKET_GOLDEN=accept"
    );
}

/// Whether a word of the wire is still read, and written back the same.
fn holds<T: Serialize + DeserializeOwned>(word: &str) -> bool {
    let text = Value::String(word.to_owned());
    serde_json::from_value::<T>(text.clone())
        .is_ok_and(|value| serde_json::to_value(value).is_ok_and(|back| back == text))
}

macro_rules! words {
    ($($name:literal $type:ty),* $(,)?) => {
        const WORDS: &[(&str, fn(&str) -> bool)] = &[$(($name, holds::<$type>)),*];
    };
}

words! {
    "subject.SubjectKind" picket_schemas::SubjectKind,
    "span.Unit" picket_schemas::Unit,
    "commit.Cause" picket_schemas::Cause,
    "registry.Level" picket_schemas::registry::Level,
    "registry.PostKind" picket_schemas::registry::PostKind,
    "registry.Role" picket_schemas::registry::Role,
    "registry.Training" picket_schemas::registry::Training,
    "registry.Target" picket_schemas::registry::Target,
    "schedule.Days" picket_schemas::schedule::Days,
    "schedule.Gap" picket_schemas::schedule::Gap,
    "schedule.Fold" picket_schemas::schedule::Fold,
    "schedule.Overlap" picket_schemas::schedule::Overlap,
    "schedule.CatchUp" picket_schemas::schedule::CatchUp,
    "schedule.RemindOf" picket_schemas::schedule::RemindOf,
    "schedule.Ended" picket_schemas::schedule::Ended,
    "dispatch.AssignTo" picket_schemas::dispatch::AssignTo,
    "dispatch.Accept" picket_schemas::dispatch::Accept,
    "dispatch.Outcome" picket_schemas::dispatch::Outcome,
    "dispatch.OfferReason" picket_schemas::dispatch::OfferReason,
    "dispatch.SortieKind" picket_schemas::dispatch::SortieKind,
    "rectification.Source" picket_schemas::rectification::Source,
    "rectification.Verdict" picket_schemas::rectification::Verdict,
    "rectification.FixResult" picket_schemas::rectification::FixResult,
    "rectification.LookBack" picket_schemas::rectification::LookBack,
    "rectification.DocumentKind" picket_schemas::rectification::DocumentKind,
    "escalation.ClockKind" picket_schemas::escalation::ClockKind,
    "bulletin.Rounding" picket_schemas::bulletin::Rounding,
    "courier.NoticeKind" picket_schemas::courier::NoticeKind,
    "courier.Delivery" picket_schemas::courier::Delivery,
    "courier.Priority" picket_schemas::courier::Priority,
}

#[test]
fn no_word_of_the_wire_was_renamed() {
    let text = read(&golden().join("words.txt"));
    let mut listed = BTreeSet::new();
    for line in text.lines() {
        let (name, words) = line
            .split_once(": ")
            .unwrap_or_else(|| panic!("`{line}` in words.txt is not a name and its words"));
        let (_, holds) = WORDS
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("nothing checks the words of `{name}`"));
        listed.insert(name);
        for word in words.split_whitespace() {
            assert!(
                holds(word),
                "`{name}` does not know `{word}` any more, and journals hold it"
            );
        }
    }
    for (name, _) in WORDS {
        assert!(listed.contains(name), "words.txt does not list `{name}`");
    }
}
