//! Ctrl-C: every command that stays ends within three seconds and leaves a sound folder.

use std::time::Duration;

use crate::harness::{County, Running};

const SOON: Duration = Duration::from_secs(3);

#[test]
fn up_ends_at_once_and_says_so() {
    let county = County::imported();
    for signal in ["INT", "TERM"] {
        let up = county.up(&["--clock", "fast"]);
        county.wish("P-07", &["dispatch.issue_batch", "name=before the end"]);
        up.signal(signal);
        let said = up.ends(SOON).fine();
        assert!(said.contains("stopped"), "{said}");
        county.entries();
    }
}

#[test]
fn a_phone_ends_with_its_owner() {
    let county = County::imported();
    let up = county.up(&[]);
    let mut chat = county.start(&["chat", "--as", "P-01"]);
    chat.types("/inbox");
    chat.signal("INT");
    let said = chat.ends(SOON);
    assert!(!said.err.contains("panicked"), "{said:?}");
    county.run(&["ask", "board"]).fine();
    up.signal("INT");
    up.ends(SOON).fine();
    county.entries();
}

#[test]
fn an_import_that_is_interrupted_can_be_made_again() {
    let county = County::imported();
    let mut rows = String::from("code,name,roles,department,area,certificate,language\n");
    for number in 0..6_000 {
        rows.push_str(&format!(
            "P-X{number},sentinel {number},sentinel,,990101001001,,zh\n"
        ));
    }
    let file = county.file("people.csv", rows);
    let before = county.ask(&["people"]).as_array().unwrap().len();
    let import = county.start(&["import", "people", &file, "--yes"]);
    import.signal("INT");
    let said = import.ends(SOON);
    assert!(!said.err.contains("panicked"), "{said:?}");
    county.entries();
    county.run(&["import", "people", &file, "--yes"]).fine();
    assert_eq!(
        county.ask(&["people"]).as_array().unwrap().len(),
        before + 6_000
    );
}

#[test]
fn the_demo_ends_when_it_is_told_to() {
    let demo = Running::start(["demo", "--pace", "30"]);
    std::thread::sleep(Duration::from_millis(200));
    demo.signal("INT");
    let said = demo.ends(SOON);
    assert!(!said.err.contains("panicked"), "{said:?}");
}
