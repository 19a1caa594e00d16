//! The year of Xiaogan, replayed: every expectation holds, and the same year twice is the same bytes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{Said, run};

fn scenario() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/xiaogan")
}

fn replay(folder: &Path) -> Said {
    run(["replay".as_ref(), folder.as_os_str(), "--json".as_ref()])
}

#[test]
fn the_year_of_xiaogan_comes_out_as_expected_and_the_same_every_time() {
    let first = replay(&scenario());
    let report: serde_json::Value =
        serde_json::from_str(&first.out).unwrap_or_else(|why| panic!("{why}: {first:?}"));
    assert_eq!(report["ok"], true, "{}", report["misses"]);
    assert_eq!(first.code(), 0);
    assert_eq!(
        replay(&scenario()).fine(),
        first.out,
        "the same year twice is the same bytes"
    );
    // Lines may stand in any order: the instants in them decide.
    let shuffled = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(scenario()).unwrap().map(Result::unwrap) {
        if entry.path().is_file() {
            fs::copy(entry.path(), shuffled.path().join(entry.file_name())).unwrap();
        }
    }
    let script = shuffled.path().join("script.jsonl");
    let text = fs::read_to_string(&script).unwrap();
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_by_key(|line| picket_schemas::commit::hash(line.as_bytes()));
    fs::write(&script, lines.join("\n")).unwrap();
    assert_eq!(
        replay(shuffled.path()).fine(),
        first.out,
        "shuffled lines tell the same year"
    );
}

#[test]
fn a_scenario_that_cannot_be_read_names_the_line() {
    let folder = tempfile::tempdir().unwrap();
    run(["replay", folder.path().to_str().unwrap()]).refused(2, &["scenario.toml"]);
    for entry in fs::read_dir(scenario()).unwrap().map(Result::unwrap) {
        if entry.path().is_file() {
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
    }
    let script = folder.path().join("script.jsonl");
    fs::write(
        &script,
        "{\"at\":\"2023-03-04T09:12:00+08:00\",\"do\":\"dispatch.acept_task\"}\n",
    )
    .unwrap();
    let said = replay(folder.path());
    assert_ne!(said.code(), 0, "{said:?}");
    assert!(
        said.err.contains("script.jsonl") && !said.err.contains("panicked"),
        "{said:?}"
    );
}

#[test]
fn a_demo_without_a_terminal_tells_its_story_and_ends() {
    let said = run(["demo"]);
    let out = said.out.clone();
    said.fine();
    assert!(out.lines().count() > 20, "a story has more to say: {out}");
    assert!(
        !out.contains('\u{1b}'),
        "no escape codes without a terminal"
    );
}
