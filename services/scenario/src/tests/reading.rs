//! Reading a folder: every mistake is named with file and line.

use super::*;

fn whats(folder: &Folder) -> Vec<String> {
    folder.faults().iter().map(ToString::to_string).collect()
}

#[test]
fn a_folder_on_disk_is_read_as_a_whole() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in Folder::new().0 {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    std::fs::write(dir.path().join("README.md"), "what this is").unwrap();
    let scenario = Scenario::read(dir.path()).unwrap();
    assert_eq!((scenario.lines.len(), scenario.imports.len()), (10, 6));
    let missing = Scenario::read(&dir.path().join("nowhere")).unwrap_err();
    assert!(missing.to_string().contains("cannot be read"), "{missing}");
    std::fs::remove_file(dir.path().join("scenario.toml")).unwrap();
    assert_eq!(
        Scenario::read(dir.path()).unwrap_err().to_string(),
        "scenario.toml: the file is not there"
    );
}

#[test]
fn a_script_and_expectations_may_be_left_out() {
    let mut folder = Folder::new();
    folder.0.remove("script.jsonl");
    assert!(folder.run().ok());
}

#[test]
fn a_key_that_does_not_exist_is_named_with_its_path() {
    let mut folder = Folder::new();
    folder.manifest("freez = \"x\"\n[override]\nlead = \"70\"\n");
    assert_eq!(
        whats(&folder),
        [
            "scenario.toml: there is no figure `override.lead`",
            "scenario.toml: there is no key `freez`"
        ]
    );
    assert!(folder.faults()[1].hint.contains("freeze_by"));
    folder.put(
        "scenario.toml",
        &MANIFEST
            .replace("jurisdictions = [\"420902\"]\n", "")
            .replace(
                "freeze = \"March\"",
                "[jurisdictions]\n\"420902\" = { name = \"county\", above = \"4209\" }",
            ),
    );
    assert_eq!(
        whats(&folder),
        ["scenario.toml: there is no key `jurisdictions.420902.above`"]
    );
}

#[test]
fn what_the_manifest_lacks_is_named_all_at_once() {
    let mut folder = Folder::new();
    folder.put("scenario.toml", "start = \"soon\"\n");
    assert_eq!(
        whats(&folder),
        [
            "scenario.toml: `name` is missing",
            "scenario.toml: `jurisdictions` is missing",
            "scenario.toml: `start` is `soon`, which is no instant",
            "scenario.toml: `as_of` is missing"
        ]
    );
    folder.put("scenario.toml", "name = \"x\"\njurisdictions = 7 7\n");
    assert!(
        whats(&folder)[0].starts_with("scenario.toml:2: "),
        "{:?}",
        whats(&folder)
    );
}

#[test]
fn jurisdictions_are_a_list_by_prefix_or_a_table_with_parents() {
    let chain = |text: &str| {
        let manifest = MANIFEST
            .replace("jurisdictions = [\"420902\"]\n", "")
            .replace("freeze = \"March\"\n", "in = \"420902\"\n");
        let manifest = match text.strip_prefix('[') {
            Some(table) => format!("{manifest}[jurisdictions]\n{table}"),
            None => format!("{manifest}{text}"),
        };
        crate::Manifest::parse(&manifest)
            .map(|manifest| {
                manifest
                    .territory
                    .chain(&"420902".into())
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(" < ")
            })
            .map_err(|faults| {
                faults
                    .iter()
                    .map(|fault| fault.what.clone())
                    .collect::<Vec<_>>()
                    .join("; ")
            })
    };
    assert_eq!(
        chain("jurisdictions = [\"42\", \"420902\", \"4209\"]\n"),
        Ok("420902 < 4209 < 42".to_owned())
    );
    assert_eq!(
        chain("[\"420902\" = { parent = \"7\" }\n7 = {}\n"),
        Ok("420902 < 7".to_owned())
    );
    assert_eq!(
        chain("[\"420902\" = { parent = \"8\" }\n"),
        Err("`420902` lies below `8`, which is not among the jurisdictions".to_owned())
    );
    assert_eq!(
        chain("[\"420902\" = { parent = \"8\" }\n8 = { parent = \"420902\" }\n"),
        Err("`420902` lies below itself; `8` lies below itself".to_owned())
    );
}

#[test]
fn every_bad_line_of_the_script_is_named() {
    let mut folder = Folder::new();
    folder.script(&[
        "not json",
        "[1]",
        r#"{"do":"dispatch.accept_task","task":"T-1"}"#,
        r#"{"at":"yesterday","do":"dispatch.accept_task","task":"T-1"}"#,
        r#"{"at":"2023-03-01T09:00:00+08:00","do":"dispatch.accept","task":"T-1"}"#,
        r#"{"at":"2023-03-01T09:00:00+08:00","do":"dispatch.accept_task","tusk":"T-1"}"#,
        r#"{"at":"2023-03-01T09:00:00+08:00","in":"4301","do":"dispatch.accept_task","task":"T-1"}"#,
        r#"{"at":"2022-03-01T09:00:00+08:00","do":"dispatch.accept_task","task":"T-1"}"#,
        r#"{"at":"2023-03-02T09:00:00+08:00","received":"2023-03-01T09:00:00+08:00","do":"dispatch.accept_task","task":"T-1"}"#,
        r#"{"at":"2023-03-02T09:00:00+08:00","do":"dispatch.accept_task","task":"T-1","expect":"maybe"}"#,
        r#"{"at":"2023-03-02T09:00:00+08:00","do":"dispatch.accept_task","task":"T-1","expect":"refused:because"}"#,
        r#"{"at":"2023-03-02T09:00:00+08:00","do":"dispatch.accept_task","task":"$t7"}"#,
        r#"{"at":"2023-03-02T09:00:00+08:00","do":"dispatch.accept_task","task":{"find":"task","batch":["B-1"]}}"#,
        r#"{"at":"2023-03-02T09:00:00+08:00","do":"dispatch.accept_task","task":"T-1","bind":"7 up"}"#,
        "",
        r#"{"at":"2023-03-02T09:00:00+08:00","as":7,"do":"dispatch.accept_task","task":"T-1"}"#,
    ]);
    let faults = folder.faults();
    let mut lines: Vec<_> = faults.iter().map(|fault| fault.line).collect();
    lines.sort_unstable();
    assert_eq!(lines, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16]);
    assert!(
        faults
            .iter()
            .all(|fault| fault.file == "script.jsonl" && !fault.hint.is_empty())
    );
    assert!(faults.iter().any(
        |fault| fault.line == 5 && fault.what.contains("there is no command `dispatch.accept`")
    ));
}

#[test]
fn an_id_stands_for_one_wish_and_a_name_for_one_id() {
    let mut folder = Folder::new();
    folder.script(&[
        r#"{"id":"a","at":"2023-03-01T09:00:00+08:00","do":"dispatch.issue_batch","name":"one","bind":"b"}"#,
        r#"{"id":"a","at":"2023-03-01T09:00:00+08:00","do":"dispatch.issue_batch","name":"two"}"#,
        r#"{"at":"2023-03-01T09:00:00+08:00","do":"dispatch.issue_batch","name":"three","bind":"b"}"#,
    ]);
    assert_eq!(
        whats(&folder),
        [
            "script.jsonl:2: the id `a` stands in line 1 with another wish",
            "script.jsonl:3: `b` is bound in line 1 already"
        ]
    );
}

#[test]
fn somebody_must_make_a_wish() {
    let mut folder = Folder::new();
    folder
        .put("scenario.toml", &MANIFEST.replace("as = \"P-0002\"\n", ""))
        .script(&SCRIPT[..1]);
    assert_eq!(
        whats(&folder),
        ["script.jsonl:1: `as` is missing, and scenario.toml names nobody"]
    );
}

#[test]
fn mistakes_in_import_files_are_named_by_file_and_line() {
    let mut folder = Folder::new();
    folder
        .put(
            "posts.csv",
            "code,name,kind,area,leader,members\nPO-01,post one,community,420902003001,P-0404,\n",
        )
        .put("peeple.csv", "");
    assert_eq!(
        whats(&folder)[1],
        "posts.csv:2: `leader`: 420902 knows no person `P-0404`"
    );
    assert!(whats(&folder)[0].starts_with("peeple.csv: there is no import file"));
}

#[test]
fn an_expectation_of_something_that_cannot_be_is_a_mistake() {
    let mut folder = Folder::new();
    folder.put("expect.json", r#"{"figures": {"leeds": 1, "leads": {"edu": 1}}, "areas": {"9": {}}, "notices": [{"to": "P-1", "kind": "letter", "count": 1}], "timelines": {"$x": ["lead.open"]}}"#);
    let faults = whats(&folder);
    for (fault, word) in faults.iter().zip([
        "figures.leads",
        "figures.leeds",
        "areas.9",
        "`letter`",
        "`$x`",
        "`lead.open`",
    ]) {
        assert!(fault.contains(word), "{fault}");
    }
    assert_eq!(faults.len(), 6, "{faults:#?}");
    folder.put("expect.json", "{\n\"figurs\": {}}");
    assert!(
        whats(&folder)[0].starts_with("expect.json:2: there is no field `figurs`"),
        "{:?}",
        whats(&folder)
    );
}

#[test]
fn time_without_a_working_calendar_is_refused_until_one_is_given() {
    let mut folder = Folder::new();
    folder
        .put("scenario.toml", &MANIFEST.replace("2023", "2031"))
        .script(&[]);
    assert_eq!(
        whats(&folder),
        ["scenario.toml: there is no working calendar for 2031"]
    );
    folder.put("calendar.csv", "date,kind,note\n2031-01-01,off,New Year\n");
    assert!(folder.run().ok());
}

#[test]
fn a_bulletin_needs_somebody_to_freeze_it() {
    let mut folder = Folder::new();
    folder.put(
        "people.csv",
        &PEOPLE.replace("dispatcher;clerk", "dispatcher"),
    );
    assert_eq!(
        whats(&folder),
        ["scenario.toml: nobody can freeze the bulletin: 420902 has no clerk"]
    );
    folder.manifest("freeze_by = \"P-0002\"\n");
    assert!(folder.run().ok());
    folder.manifest("freeze_by = \"P-0001\"\n");
    let Err(CannotRun::NotFrozen(problem)) = folder.on(Arc::new(MemoryJournal::new())) else {
        panic!("a sentinel freezes no bulletin")
    };
    assert_eq!(problem.code, "not_allowed");
}

#[test]
fn a_wording_of_one_language_only_is_a_mistake_with_a_way_out() {
    let mut folder = Folder::new();
    folder.manifest(
        "[override]\nvisits = \"近两家次\"\nvisit = { value = 2 }\nleads = { zh = \"一条\" }\n",
    );
    let faults = folder.faults();
    let said: Vec<_> = faults.iter().map(|fault| fault.what.as_str()).collect();
    assert_eq!(
        said,
        [
            "`override.leads`: the English wording is missing, and each language prints its own",
            "there is no figure `override.visit`",
            "`override.visits`: `近两家次` says nothing in the other language"
        ]
    );
    assert!(
        faults[0].hint.contains("value = 1198"),
        "{}",
        faults[0].hint
    );
}
