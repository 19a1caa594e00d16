//! The data folder: empty, occupied, owned by somebody else, not to be written.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use crate::harness::{County, run, run_under};

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
    run(["import", &county.files(), "--yes", "--data", &format!("{file}/data")]).refused(4, &["a-file"]);
    run(["import", &county.files(), "--yes", "--data", "/proc/picket"]).refused(4, &["/proc/picket"]);
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
    assert_eq!(socket.permissions().mode() & 0o777, 0o600, "nobody else reaches it");
    up.signal("TERM");
    up.ends(Duration::from_secs(5)).fine();
    county.run(&["ask", "board"]).fine();
}

#[test]
fn a_socket_left_behind_by_a_killed_process_is_in_nobodys_way() {
    let county = County::imported();
    county.up(&[]).kill_9();
    assert!(fs::exists(format!("{}/picket.sock", county.data())).unwrap(), "kill leaves it behind");
    county.run(&["ask", "board"]).fine();
    let up = county.up(&[]);
    county.run(&["ask", "board"]).fine();
    up.signal("INT");
    up.ends(Duration::from_secs(5)).fine();
}

#[test]
fn a_full_disk_is_said_and_what_was_answered_stays() {
    let county = County::imported();
    let before = county.entries();
    let largest = fs::read_dir(county.data()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).max().unwrap();
    // No file of this process may grow past the largest there is; what the system then says is what a full disk says.
    let limit = format!("trap '' XFSZ; ulimit -f {}", largest / 1024 + 8);
    let data = county.data();
    let mut refused = false;
    for number in 0..400 {
        let name = format!("name=sweep {number} {}", "长".repeat(1_500));
        let said = run_under(&limit, &["do", "dispatch.issue_batch", "--as", "P-07", &name, "--data", &data]);
        if said.code() != 0 {
            assert!(said.code() == 4 || said.code() == 5, "{said:?}");
            assert!(said.err.contains("picket: ") && said.err.contains("hint: ") && !said.err.contains("panicked"), "{said:?}");
            refused = true;
            break;
        }
    }
    assert!(refused, "the limit was never reached");
    assert!(county.entries() >= before, "with room again everything answered is there");
    county.wish("P-07", &["dispatch.issue_batch", "name=room again"]);
}

#[test]
fn a_disk_that_fills_up_under_load_takes_no_answer_back() {
    let place = tempfile::tempdir().unwrap();
    let [data, acks] = ["data", "acks.txt"].map(|name| place.path().join(name).to_str().unwrap().to_owned());
    let said = run_under("trap '' XFSZ; ulimit -f 6000", &["bench", "--data", &data, "--acks", &acks]);
    assert!(matches!(said.code(), 1..=5), "it does not go on without a disk, and ends as the help says: {said:?}");
    assert!(said.err.contains("picket: ") && !said.err.contains("panicked"), "{said:?}");
    let report = run(["verify", "--json", "--data", &data, "--acks", &acks]).json();
    assert!(report["acks"]["acked"].as_u64().unwrap() > 100, "{report}");
    assert_eq!((&report["acks"]["missing"], &report["acks"]["doubled"]), (&serde_json::json!([]), &serde_json::json!([])));
}
