//! Files that are wrong in every way files are: all of it is named, none of it is written.

use std::fs;

use crate::harness::{County, run};

/// The rows the import complains about.
fn bad(county: &County, kind: &str, bytes: impl AsRef<[u8]>) -> Vec<(u64, String, String)> {
    let file = county.file(&format!("{kind}.csv"), bytes);
    let said = county.run(&["import", kind, &file, "--yes", "--json"]);
    assert_eq!(said.code(), 2, "{said:?}");
    assert!(!said.err.contains("panicked"), "{said:?}");
    let report: serde_json::Value = said
        .out
        .lines()
        .find_map(|line| serde_json::from_str(line).ok())
        .unwrap_or_else(|| panic!("no report: {said:?}"));
    assert_eq!(report["ok"], false);
    let rows = report["bad"].as_array().unwrap();
    for row in rows {
        for part in ["reason", "hint"] {
            assert!(
                row[part].as_str().is_some_and(|text| text.len() > 5),
                "{part}: {row}"
            );
        }
    }
    rows.iter()
        .map(|row| {
            (
                row["line"].as_u64().unwrap(),
                row["column"].as_str().unwrap().to_owned(),
                row["reason"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

#[test]
fn every_bad_row_is_named_with_its_line_column_reason_and_hint() {
    let county = County::imported();
    let before = county.entries();
    let rows = "code,name,roles,department,area,certificate,language\n\
                P-50,sentinel 50,sentinel,,990101001001,,zh\n\
                P-51,sentinel 51,wizard,,990101001001,,zh\n\
                P-52,inspector 52,inspector,nowhere,990101,SL-9,zh\n\
                P-53,sentinel 53,sentinel,,123,,zh\n\
                ,nobody,sentinel,,990101,,zh\n\
                P-50,twice,sentinel,,990101,,zh\n";
    let found = bad(&county, "people", rows);
    let lines: Vec<_> = found
        .iter()
        .map(|(line, column, _)| (*line, column.as_str()))
        .collect();
    for expected in [
        (3, "roles"),
        (4, "department"),
        (5, "area"),
        (6, "code"),
        (7, "code"),
    ] {
        assert!(
            lines.contains(&expected),
            "{expected:?} is not named: {found:?}"
        );
    }
    let shown = county.run(&[
        "import",
        "people",
        &county.file("people.csv", rows),
        "--yes",
    ]);
    shown.refused(2, &["people.csv:3", "wizard", "nothing was written"]);
    assert_eq!(county.entries(), before, "not even the good row is written");
}

#[test]
fn files_that_are_no_tables_are_refused_in_a_sentence() {
    let county = County::imported();
    let before = county.entries();
    // 编码,名称 as GB18030 writes it.
    let gb: &[u8] = b"code,name,area\nd1,\xbd\xcc\xd3\xfd\xbe\xd6,990101\n";
    let whole_file = bad(&county, "departments", gb);
    assert!(
        whole_file.iter().any(|(.., why)| why.contains("UTF-8")),
        "{whole_file:?}"
    );
    assert!(!bad(&county, "departments", "").is_empty(), "an empty file");
    assert!(
        !bad(&county, "departments", "code,title,area\nd1,x,990101\n").is_empty(),
        "a column of another name"
    );
    assert!(
        !bad(&county, "departments", "code,name,area\nd1,x,990101\nd2,y").is_empty(),
        "a row that breaks off"
    );
    assert!(
        !bad(
            &county,
            "departments",
            "code,name,area\nd1,\"x,990101\nd2,y,990101\n"
        )
        .is_empty(),
        "a quote that never ends"
    );
    assert!(
        !bad(&county, "departments", "code,name,area\nd1,x,990101,more\n").is_empty(),
        "a cell too many"
    );
    assert!(
        !bad(&county, "departments", [0_u8, 159, 146, 150]).is_empty(),
        "no text at all"
    );
    assert!(
        !bad(
            &county,
            "departments",
            "code,name,area\nd1,a\u{1b}[31mb,990101\n"
        )
        .is_empty(),
        "a name that paints the terminal"
    );
    assert_eq!(county.entries(), before);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_fine() {
    let county = County::imported();
    let file = county.file(
        "departments.csv",
        "\u{feff}code,name,area\r\nnew,新部门,990101\r\n",
    );
    county
        .run(&["import", "departments", &file, "--yes"])
        .fine();
}

#[test]
fn a_wrong_file_or_kind_is_named() {
    let county = County::imported();
    county
        .run(&[
            "import",
            "peple",
            &county.path("county/people.csv"),
            "--yes",
        ])
        .refused(2, &["peple", "people"]);
    county
        .run(&["import", "people", &county.path("nowhere.csv"), "--yes"])
        .refused(2, &["nowhere.csv"]);
    county
        .run(&["import", &county.path("nowhere"), "--yes"])
        .refused(2, &["nowhere"]);
    fs::create_dir(county.path("bare")).unwrap();
    county
        .run(&["import", &county.path("bare"), "--yes"])
        .refused(2, &["people.csv"]);
    county
        .run(&[
            "import",
            "people",
            &county.path("county/areas.csv"),
            "--yes",
        ])
        .refused(2, &[]);
}

#[test]
fn the_same_import_twice_doubles_nothing() {
    let county = County::imported();
    let (before, people) = (
        county.entries(),
        county.ask(&["people"]).as_array().unwrap().len(),
    );
    county.run(&["import", &county.files(), "--yes"]).fine();
    assert_eq!(county.ask(&["people"]).as_array().unwrap().len(), people);
    assert_eq!(
        county.entries(),
        before,
        "what is so already is not written again"
    );
    // Another file that says the same.
    let text = fs::read_to_string(county.path("county/people.csv")).unwrap();
    let other = county.file("people.csv", format!("{text}\n"));
    county.run(&["import", "people", &other, "--yes"]).fine();
    assert_eq!(county.ask(&["people"]).as_array().unwrap().len(), people);
}

#[test]
fn without_a_yes_and_without_a_terminal_nothing_is_written() {
    let county = County::written();
    county
        .run(&["import", &county.files()])
        .refused(2, &["nothing was written", "--yes"]);
    county.run(&["ask", "board"]).refused(2, &["picket import"]);
}

#[test]
fn an_import_reaches_the_running_picket() {
    let county = County::imported();
    let up = county.up(&[]);
    let file = county.file("people.csv", "code,name,roles,department,area,certificate,language\nP-60,sentinel 60,sentinel,,990101001001,,zh\n");
    county.run(&["import", "people", &file, "--yes"]).fine();
    crate::harness::until("the new person is on the roster", || {
        county
            .ask(&["people"])
            .as_array()
            .unwrap()
            .iter()
            .any(|person| person["id"] == "990101/P-60")
    });
    let wrong = county.file("people2.csv", "code,name,roles,department,area,certificate,language\nP-61,sentinel 61,wizard,,990101001001,,zh\n");
    county
        .run(&["import", "people", &wrong, "--yes"])
        .refused(2, &["wizard"]);
    up.signal("INT");
    up.ends(std::time::Duration::from_secs(5)).fine();
    county.entries();
}

#[test]
fn the_example_is_never_written_over_anything() {
    let county = County::written();
    run(["example", &county.files()]).refused(2, &["not empty"]);
    let file = county.file("a-file", "text");
    run(["example", &file]).refused(2, &["a-file"]);
    run(["example", &format!("{file}/below")]).refused(4, &["a-file"]);
    assert_eq!(fs::read_to_string(file).unwrap(), "text");
}
