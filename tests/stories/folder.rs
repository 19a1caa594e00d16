//! The data folder: empty, occupied, owned by somebody else, not to be written.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use crate::harness::{County, run, run_under, until};

#[test]
fn up_on_an_empty_folder_explains_the_first_import() {
    let county = County::written();
    let said = county.run(&["up"]);
    assert_eq!(said.code(), 2, "{said:?}");
    for word in ["picket example", "picket import", "picket up"] {
        assert!(said.out.contains(word), "{word}: {said:?}");
    }
}

#[test]
fn a_folder_that_is_a_file_or_cannot_be_made_is_named() {
    let county = County::written();
    let file = county.file("a-file", "text");
    run(["up", "--data", &file]).refused(2, &["a-file"]);
    run(["import", &county.files(), "--yes", "--data", &file]).refused(2, &["a-file"]);
    // A folder below a file cannot be made by anybody, not even by root.
    run([
        "import",
        &county.files(),
        "--yes",
        "--data",
        &format!("{file}/data"),
    ])
    .refused(4, &["a-file"]);
    run(["import", &county.files(), "--yes", "--data", "/proc/picket"])
        .refused(4, &["/proc/picket"]);
    run(["ask", "board", "--data", &county.path("nowhere")]).refused(2, &["nowhere"]);
    run(["verify", "--data", &county.path("nowhere")]).refused(2, &["nowhere"]);
    assert_eq!(fs::read_to_string(file).unwrap(), "text");
}

#[test]
fn one_process_owns_a_folder_and_the_others_reach_it() {
    let county = County::imported();
    let up = county.up(&[]);
    county.run(&["up"]).refused(3, &["owns"]);
    county.run(&["verify"]).refused(2, &["owns"]);
    county.run(&["ask", "board"]).fine();
    county.wish("P-07", &["dispatch.issue_batch", "name=reached"]);
    let socket = fs::metadata(format!("{}/picket.sock", county.data())).unwrap();
    assert_eq!(
        socket.permissions().mode() & 0o777,
        0o600,
        "nobody else reaches it"
    );
    up.signal("TERM");
    up.ends(Duration::from_secs(5)).fine();
    county.run(&["ask", "board"]).fine();
}

#[test]
fn a_socket_left_behind_by_a_killed_process_is_in_nobodys_way() {
    let county = County::imported();
    county.up(&[]).kill_9();
    assert!(
        fs::exists(format!("{}/picket.sock", county.data())).unwrap(),
        "kill leaves it behind"
    );
    county.run(&["ask", "board"]).fine();
    let up = county.up(&[]);
    county.run(&["ask", "board"]).fine();
    up.signal("INT");
    up.ends(Duration::from_secs(5)).fine();
}

#[test]
fn an_import_onto_a_full_disk_says_so_and_goes_on_when_there_is_room() {
    let county = County::imported();
    let before = county.ask(&["people"]).as_array().unwrap().len();
    let mut rows = String::from("code,name,roles,department,area,certificate,language\n");
    for number in 0..6_000 {
        rows.push_str(&format!(
            "P-X{number},sentinel {number},sentinel,,990101001001,,zh\n"
        ));
    }
    let file = county.file("people.csv", rows);
    let largest = fs::read_dir(county.data())
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .max()
        .unwrap();
    // No file of this process may grow much past the largest there is; the system then answers as a full disk does.
    let limit = format!("trap '' XFSZ; ulimit -f {}", largest / 1024 + 200);
    let said = run_under(
        &limit,
        &["import", "people", &file, "--yes", "--data", &county.data()],
    );
    assert_eq!(said.code(), 4, "{said:?}");
    assert!(
        said.err.contains("picket: ")
            && said.err.contains("hint: ")
            && !said.err.contains("panicked"),
        "{said:?}"
    );
    county.entries();
    county.run(&["import", "people", &file, "--yes"]).fine();
    assert_eq!(
        county.ask(&["people"]).as_array().unwrap().len(),
        before + 6_000,
        "none is missing and none is there twice"
    );
}

#[test]
fn a_disk_that_fills_up_under_load_takes_no_answer_back() {
    let place = tempfile::tempdir().unwrap();
    let [data, acks] =
        ["data", "acks.txt"].map(|name| place.path().join(name).to_str().unwrap().to_owned());
    let said = run_under(
        "trap '' XFSZ; ulimit -f 6000",
        &["bench", "--data", &data, "--acks", &acks],
    );
    assert!(
        matches!(said.code(), 1..=5),
        "it does not go on without a disk, and ends as the help says: {said:?}"
    );
    assert!(
        said.err.contains("picket: ") && !said.err.contains("panicked"),
        "{said:?}"
    );
    let first = said
        .err
        .lines()
        .find(|line| line.starts_with("picket: "))
        .unwrap();
    assert!(
        !first.contains("insight") && !first.contains("projection"),
        "the store of the facts is what matters: {said:?}"
    );
    let report = run(["verify", "--json", "--data", &data, "--acks", &acks]).json();
    assert!(report["acks"]["acked"].as_u64().unwrap() > 100, "{report}");
    assert_eq!(
        (&report["acks"]["missing"], &report["acks"]["doubled"]),
        (&serde_json::json!([]), &serde_json::json!([]))
    );
}

#[test]
fn a_year_without_a_calendar_is_told_to_whoever_answers_for_deadlines() {
    let county = County::imported();
    let words = "there is no working calendar for 2027";
    let up = county.up(&[
        "--clock",
        "fast",
        "--factor",
        "1",
        "--from",
        "2026-12-31T02:00:00Z",
    ]);
    assert!(!county.run(&["ask", "overdue"]).err.contains(words));
    county.wish("P-07", &["dispatch.issue_batch", "name=across the year"]);
    until("the clocks that wait", || {
        county.run(&["ask", "overdue"]).err.contains(words)
    });
    let inbox = |person: &str| {
        county
            .run(&["ask", "inbox", "--as", person])
            .err
            .contains(words)
    };
    assert!(
        inbox("P-07") && !inbox("P-01"),
        "a sentinel can do nothing about it"
    );
    up.signal("INT");
    up.ends(Duration::from_secs(5)).fine();
    // At a start it is said as well, and once.
    let up = county.up(&["--clock", "fast", "--factor", "1"]);
    county.run(&["ask", "overdue"]).fine();
    up.signal("INT");
    let said = up.ends(Duration::from_secs(5));
    assert_eq!(said.err.matches(words).count(), 1, "{said:?}");
    assert!(said.err.contains("picket import calendar"), "{said:?}");
    said.fine();
}
