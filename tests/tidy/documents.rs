//! The documents: what they list is what there is, and they speak of nobody else.

use std::collections::BTreeSet;
use std::fs;

use crate::none;
use crate::tree::{Crate, crates, is_test, root, texts};

#[test]
fn the_map_of_the_code_names_every_crate() {
    let map = fs::read_to_string(root().join("services/ARCHITECTURE.md"))
        .expect("services/ARCHITECTURE.md is there");
    // A crate is named by its folder: `services/kernel/book` or, shorter, `kernel/book`.
    let named = |one: &Crate| {
        map.contains(&one.folder)
            || one
                .folder
                .strip_prefix("services/")
                .is_some_and(|short| map.contains(short))
    };
    none(
        crates()
            .into_iter()
            .filter(|one| !named(one))
            .map(|one| one.folder)
            .collect(),
        "ARCHITECTURE.md says what each crate is and does not know",
    );
}

#[test]
fn the_readme_lists_the_services_there_are() {
    let books: BTreeSet<_> = picket_schemas::event::SERVICES
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    let beside: BTreeSet<_> = ["insight", "import", "publish", "archive", "console"]
        .into_iter()
        .collect();
    for file in ["README.md", "README.zh-CN.md"] {
        let text =
            fs::read_to_string(root().join(file)).unwrap_or_else(|why| panic!("{file}: {why}"));
        let cell = |line: &str| {
            line.trim()
                .strip_prefix('|')
                .and_then(|rest| rest.split('|').next())
                .map(|cell| cell.trim().trim_matches('`').to_owned())
        };
        let mut rows = text
            .lines()
            .skip_while(|line| !cell(line).is_some_and(|cell| cell == "service" || cell == "服务"))
            .skip(2);
        let listed: BTreeSet<_> = rows
            .by_ref()
            .map_while(cell)
            .filter(|name| !beside.contains(name.as_str()))
            .collect();
        assert_eq!(
            listed, books,
            "{file}: the table whose first column is `service` (服务) lists what `picket map` prints"
        );
    }
}

#[test]
fn nothing_names_a_machine_or_a_stranger() {
    // Put together here, so that this file does not hold them.
    let places = [["/wo", "rk/"], ["/ho", "me/"]].map(|halves| halves.concat());
    let scratch = ["/t", "mp/"].concat();
    let phrases = [
        ["iss", "ue #"],
        ["Cla", "ude"],
        ["sub", "agent"],
        ["index.", "crates.io"],
        ["static.", "crates.io"],
        ["registry.", "npmjs"],
        ["py", "pi.org"],
        ["proxy.", "golang"],
        ["Co-Auth", "ored"],
        ["TO", "DO("],
    ]
    .map(|halves| halves.concat());
    let word = ["L", "LM"].concat();
    let mut wrong = Vec::new();
    for (path, text) in texts() {
        for (number, line) in text.lines().enumerate() {
            let whole = line
                .split(|c: char| !c.is_alphanumeric())
                .any(|part| part == word);
            let named = phrases
                .iter()
                .chain(&places)
                .find(|phrase| line.to_lowercase().contains(&phrase.to_lowercase()));
            let temporary =
                line.contains(&scratch) && !is_test(&path) && !path.starts_with("schemas/tests");
            if whole || temporary || named.is_some() {
                wrong.push(format!(
                    "{path}:{}: {}",
                    number + 1,
                    line.trim().chars().take(100).collect::<String>()
                ));
            }
        }
    }
    none(wrong, "the project speaks of itself alone");
}

#[test]
fn the_files_a_stranger_looks_for_are_there() {
    let needed = [
        "README.md",
        "README.zh-CN.md",
        "LICENSE",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        ".git-blame-ignore-revs",
        "tests/run",
        ".ci/run",
        "services/ARCHITECTURE.md",
    ];
    none(
        needed
            .into_iter()
            .filter(|file| !root().join(file).is_file())
            .map(str::to_owned)
            .collect(),
        "missing",
    );
}
