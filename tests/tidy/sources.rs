//! The sources: how a file opens, what nothing is called, and that each of them is compiled.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::none;
use crate::tree::{crates, root, sources};

/// Files outside the binary that may hold a `static`, and why.
const STATICS: &[(&str, &str)] = &[
    (
        "schemas/phrases/src/texts.rs",
        "the texts compiled in, parsed once and never changed",
    ),
    (
        "services/insight/src/sql.rs",
        "the zone of local days, looked up once and never changed",
    ),
    (
        "services/node/src/version.rs",
        "the build of this very program, read once and never changed",
    ),
    (
        "tests/cluster/main.rs",
        "the servers that tests running at the same time share; they go with the last of these tests",
    ),
    (
        "tests/faults/main.rs",
        "a lock that lets the stories be told one after the other; it holds nothing",
    ),
    (
        "tests/src/xiaogan/days.rs",
        "the working calendar, built once and never changed",
    ),
];

#[test]
fn every_source_file_opens_by_saying_what_it_is() {
    none(
        sources()
            .into_iter()
            .filter(|(_, text)| !text.starts_with("//! "))
            .map(|(path, _)| path)
            .collect(),
        "a file starts with `//!`",
    );
}

#[test]
fn nothing_is_named_after_a_drawer() {
    let drawers = [
        "util", "utils", "common", "core", "types", "misc", "helper", "helpers",
    ];
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let stem = Path::new(&path)
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        if path.split('/').any(|part| drawers.contains(&part))
            || drawers.contains(&stem.as_str())
            || stem == "mod"
        {
            wrong.push(path.clone());
        }
        for line in text.lines() {
            let words: Vec<_> = line
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|word| !word.is_empty())
                .collect();
            for pair in words.windows(2) {
                let named = matches!(pair[0], "struct" | "enum" | "trait" | "type" | "mod")
                    && !line.trim_start().starts_with("//");
                let bad = ["Manager", "Helper", "Impl"]
                    .iter()
                    .any(|tail| pair[1].ends_with(tail))
                    || (pair[0] == "mod" && drawers.contains(&pair[1]));
                if named && bad {
                    wrong.push(format!("{path}: {}", pair[1]));
                }
            }
        }
    }
    none(wrong, "name it after what it is");
}

#[test]
fn nothing_is_global_outside_the_binary() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for line in text.lines().map(str::trim_start) {
            let line = line
                .strip_prefix("pub ")
                .or_else(|| line.strip_prefix("pub(crate) "))
                .unwrap_or(line);
            let held = line.starts_with("static ")
                && !path.starts_with("services/picket/")
                && !STATICS.iter().any(|(file, _)| *file == path);
            if held || line.starts_with("static mut ") || line.starts_with("thread_local!") {
                wrong.push(format!("{path}: {line}"));
            }
        }
    }
    none(wrong, "two Pickets must fit into one process");
}

#[test]
fn every_source_file_is_compiled() {
    let sources = sources();
    let text_of: BTreeMap<_, _> = sources
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let manifests: String = crates()
        .iter()
        .map(|one| fs::read_to_string(root().join(&one.folder).join("Cargo.toml")).unwrap())
        .collect();
    let mut lost = Vec::new();
    for (path, _) in &sources {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = file.trim_end_matches(".rs");
        let entry = matches!(stem, "lib" | "main" | "build")
            || folder.ends_with("/bin")
            || folder.ends_with("/examples")
            || folder.ends_with("/benches");
        let of_cargo = folder.ends_with("/tests") && !folder.contains("/src") && folder != "tests"
            || manifests.contains(&format!("path = \"{file}\""));
        let parents = [
            format!("{folder}.rs"),
            format!("{folder}/lib.rs"),
            format!("{folder}/main.rs"),
        ];
        let named = parents
            .iter()
            .filter_map(|parent| text_of.get(parent.as_str()))
            .any(|text| {
                text.lines()
                    .any(|line| line.trim_end().ends_with(&format!("mod {stem};")))
            });
        if !entry && !of_cargo && !named {
            lost.push(path.clone());
        }
    }
    none(
        lost,
        "a file no `mod` names is never compiled, and a test in it never runs",
    );
}

#[test]
fn no_test_is_left_out() {
    let mark = ["#[ign", "ore"].concat();
    none(
        sources()
            .into_iter()
            .filter(|(_, text)| text.contains(&mark))
            .map(|(path, _)| path)
            .collect(),
        "assert what is so today and say why, or mend it",
    );
}
