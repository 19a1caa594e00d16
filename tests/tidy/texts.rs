//! The texts: what a translator writes is said by somebody.

use std::collections::BTreeSet;
use std::fs;

use picket_schemas::{Command, Refusal};

use crate::none;
use crate::tree::{is_test, root, sources};

/// Families whose name is itself a value in the code: a field of a form with choices, words of a card's timeline.
const NAMED_BY_A_VALUE: &[&str] = &["assign-", "document-", "result-"];

/// The keys of a language.
fn keys(language: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let folder = root().join("schemas/phrases/locales").join(language);
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let written = text
            .lines()
            .filter(|line| line.starts_with(char::is_alphabetic))
            .filter_map(|line| line.split_once(" =").map(|(key, _)| key.to_owned()));
        keys.extend(written);
    }
    keys
}

/// What the code outside tests names: whole keys, and the beginnings of keys whose end is a value.
fn named() -> (BTreeSet<String>, BTreeSet<String>) {
    let mut whole = BTreeSet::new();
    let mut begun: BTreeSet<_> = NAMED_BY_A_VALUE
        .iter()
        .map(|family| (*family).to_owned())
        .collect();
    for (path, text) in sources() {
        if is_test(&path) {
            continue;
        }
        // Literals are every second part; one that holds an escaped quote is no key.
        let parts: Vec<_> = text.split('"').collect();
        for (before, literal) in parts.iter().step_by(2).zip(parts.iter().skip(1).step_by(2)) {
            if let Some((family, _)) = literal.split_once("-{") {
                begun.insert(format!("{family}-"));
            }
            if before.trim_end().ends_with("word(") {
                begun.insert(format!("{literal}-"));
            }
            whole.insert((*literal).to_owned());
        }
        // Each text of the demo is a method of its words.
        if path == "services/demo/src/words.rs" {
            let methods = text.lines().filter_map(|line| line.trim().split_once('('));
            whole.extend(methods.map(|(name, _)| format!("demo-{}", name.replace('_', "-"))));
        }
    }
    (whole, begun)
}

/// Whether a key of a family that follows names on the wire has such a name.
fn is_known(key: &str) -> bool {
    let kinds = || {
        picket_schemas::event::kinds()
            .into_iter()
            .map(|(_, kind)| kind.replace('.', "-"))
    };
    if let Some(kind) = key.strip_prefix("told-").or(key.strip_prefix("happened-")) {
        return kinds().any(|known| {
            kind.strip_prefix(&known)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        });
    }
    if key.starts_with("demo-") {
        return false;
    }
    if let Some(verb) = key.strip_prefix("act-") {
        return Command::verbs()
            .iter()
            .any(|(known, _)| known.replace('.', "-") == verb);
    }
    if let Some(code) = key.strip_prefix("problem-") {
        return Refusal::CODES.contains(&code) || ["nobody", "gone"].contains(&code);
    }
    true
}

#[test]
fn every_text_is_said_somewhere() {
    let (whole, begun) = named();
    let unsaid: Vec<_> = keys("zh")
        .into_iter()
        .filter(|key| {
            let of_a_family = begun.iter().any(|family| key.starts_with(family.as_str()));
            !(whole.contains(key) || of_a_family && is_known(key))
        })
        .collect();
    none(unsaid, "say it or take it out of both languages");
}
