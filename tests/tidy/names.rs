//! The names of types: one noun for one thing in the whole workspace.
//!
//! Whoever reads a name in one crate and meets it again in another must be able to rely on its being the same type.
//! Names a crate keeps to a module are its own business. A re-export is no second name.

use std::collections::{BTreeMap, BTreeSet};

use crate::none;
use crate::tree::{is_test, sources};

/// Names that stand in two crates, each with the reason.
const TWICE: &[(&str, &str)] = &[];

#[test]
fn no_type_name_stands_in_two_crates() {
    let mut crates: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources() {
        if is_test(&path) || path.starts_with("tests/") {
            continue;
        }
        let (folder, _) = path.split_once("/src/").unwrap_or((&path, ""));
        for name in shared_types(outside_tests(&text)) {
            crates.entry(name).or_default().insert(folder.to_owned());
        }
    }
    assert!(crates.contains_key("Insight"), "no types were read");
    let listed = |name: &str| TWICE.iter().any(|(twice, _)| *twice == name);
    let repeats = |name: &str| crates.get(name).is_some_and(|all| all.len() > 1);
    let mut wrong: Vec<_> = crates
        .iter()
        .filter(|(name, all)| all.len() > 1 && !listed(name))
        .map(|(name, all)| format!("`{name}` stands in {all:?}"))
        .collect();
    wrong.extend(
        TWICE
            .iter()
            .filter(|(name, _)| !repeats(name))
            .map(|(name, _)| format!("`{name}` no longer stands twice, take it from the list")),
    );
    none(wrong, "a type has a name of its own in the workspace");
}

#[test]
fn types_others_can_name_are_read_from_a_source() {
    let text = "pub struct A;\n    pub(crate) enum B<T> {\npub(super) trait C: D {\npub type E<T> = F;\n\
                struct G;\n    type H = I;\npub fn struct_j() {}\n// pub struct K;\npub unsafe trait L {\n";
    assert_eq!(shared_types(text), ["A", "B", "E", "L"]);
}

/// A source without the module of its tests at its end.
fn outside_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]\nmod tests {")
        .map_or(text, |(before, _)| before)
}

/// Names of types that all of the crate, or others, can name.
fn shared_types(text: &str) -> Vec<String> {
    text.lines().filter_map(shared_type).collect()
}

fn shared_type(line: &str) -> Option<String> {
    let line = line.trim_start();
    let rest = line
        .strip_prefix("pub ")
        .or_else(|| line.strip_prefix("pub(crate) "))?;
    let rest = rest.strip_prefix("unsafe ").unwrap_or(rest);
    let rest = ["struct ", "enum ", "trait ", "type ", "union "]
        .iter()
        .find_map(|keyword| rest.strip_prefix(keyword))?;
    let name: String = rest
        .chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect();
    Some(name)
}
