//! Bytes of a file that keeps what a book was: a later program uses its first line, the same program all of it.

use super::*;

/// The whole file: the head, a line feed, and the book's memory as it is.
const FILE: &str = concat!(
    r#"{"format":1,"program":"picket 0.1.0 one","book":"dispatch/420902","n":1834,"hash":"ab12","body":"015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862","sum":"61d4e3262d3b0b0c2b0104563acc69c63bd7010f71329f4ca178a36ad74add8b"}"#,
    "\n",
    r#"{"a":1}"#
);

fn book() -> BookName {
    BookName::parse("dispatch/420902").unwrap()
}

fn of(folder: &Path, program: &'static str) -> Snapshots {
    Snapshots::new(folder, move || program.to_owned(), |why| panic!("{why}"))
}

#[test]
fn a_snapshot_is_written_as_it_always_was() {
    let folder = tempfile::tempdir().unwrap();
    of(&folder.path().join("snapshots"), "picket 0.1.0 one")
        .save(&book(), 1834, "ab12", br#"{"a":1}"#)
        .unwrap();
    let names: Vec<_> = fs::read_dir(folder.path().join("snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["dispatch.420902.snapshot"]);
    assert_eq!(
        fs::read_to_string(folder.path().join("snapshots/dispatch.420902.snapshot")).unwrap(),
        FILE
    );
}

#[test]
fn a_snapshot_is_read_as_it_always_was() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("dispatch.420902.snapshot"), FILE).unwrap();
    let body = Some(br#"{"a":1}"#.to_vec());
    assert_eq!(
        of(folder.path(), "picket 0.1.0 one").load(&book()),
        Some(Snapshot {
            n: 1834,
            hash: "ab12".to_owned(),
            body
        })
    );
    assert_eq!(
        of(folder.path(), "another").load(&book()),
        Some(Snapshot {
            n: 1834,
            hash: "ab12".to_owned(),
            body: None
        })
    );
}
