//! Who may see what, at the edge: a sealed sheet is not there for others, and what an overseer reads is on record.

use std::time::Duration;

use crate::harness::{County, until};

/// A year in which nobody reads this any more.
const RELEASE: &str = "sealed_until=2090-01-01T00:00:00+08:00";

/// A county with an overseer, and a sealed sheet that only sentinel 4 has.
fn sealed(county: &County) -> String {
    county.wish(
        "operator",
        &[
            "registry.enrol_person",
            "code=P-90",
            "name=overseer 90",
            "roles=overseer",
            "area=990101",
        ],
    );
    county.wish(
        "P-07",
        &[
            "dispatch.issue_batch",
            "name=behind the curtain",
            "select.post=PO-03",
            "window=5wd",
            RELEASE,
        ],
    );
    let mut task = String::new();
    until("the offer of the sealed sheet", || {
        task = county.ask(&["inbox", "--as", "P-04"])["offers"][0]["task"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        !task.is_empty()
    });
    task
}

#[test]
fn a_sealed_sheet_is_there_for_its_crew_and_for_the_owner_who_says_so_on_record() {
    let county = County::imported();
    let up = county.up(&[]);
    let task = sealed(&county);
    for who in ["P-07", "P-15", "P-06", "P-90", "operator"] {
        county
            .run(&["ask", "task", &task, "--as", who])
            .refused(1, &[&task]);
        let board = county.run(&["ask", "board", "--as", who]).fine();
        assert!(
            !board.contains(&task) && !board.contains("curtain"),
            "{who}: {board}"
        );
    }
    county
        .run(&[
            "do",
            "dispatch.cancel_task",
            "--as",
            "P-07",
            &format!("task={task}"),
            "reason=no need",
        ])
        .refused(1, &["there is no task"]);
    assert_eq!(county.ask(&["task", &task, "--as", "P-04"])["task"], *task);
    county
        .run(&["ask", "task", &task, "--sealed", "--as", "P-07"])
        .refused(2, &["--sealed"]);
    assert_eq!(county.ask(&["task", &task, "--sealed"])["task"], *task);
    let log = county.ask(&["readings"]);
    assert!(
        log.as_array()
            .unwrap()
            .iter()
            .any(|one| one["person"]["code"] == "990101/operator"
                && one["what"]
                    .as_str()
                    .unwrap()
                    .starts_with(&format!("task {task} "))),
        "{log}"
    );
    up.signal("INT");
    let said = up.ends(Duration::from_secs(5));
    assert!(
        said.err
            .contains(&format!("990101/operator read task {task}")),
        "{said:?}"
    );
}

#[test]
fn each_look_of_an_overseer_is_on_record_once_running_or_not() {
    let county = County::imported();
    county.wish(
        "operator",
        &[
            "registry.enrol_person",
            "code=P-90",
            "name=overseer 90",
            "roles=overseer",
            "area=990101",
        ],
    );
    let before = county.entries();
    county.run(&["ask", "overdue", "--as", "P-90"]).fine();
    assert_eq!(
        county.entries(),
        before + 1,
        "the folder was opened for a moment"
    );
    let up = county.up(&[]);
    county.run(&["ask", "board", "--as", "P-90"]).fine();
    county
        .run(&["ask", "task", "T-77", "--as", "P-90"])
        .refused(1, &["T-77"]);
    county.run(&["ask", "inbox", "--as", "P-90"]).fine();
    let log = county.ask(&["readings", "--as", "P-15"]);
    let read: Vec<_> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["person"]["name"].as_str().unwrap(),
                one["what"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        read,
        [
            ("overseer 90", "task T-77"),
            ("overseer 90", "board"),
            ("overseer 90", "what is overdue")
        ],
        "the latest first; the own inbox is nobody's to log"
    );
    county
        .run(&["ask", "readings", "--as", "P-90"])
        .refused(1, &["readings"]);
    up.signal("INT");
    up.ends(Duration::from_secs(5));
}

#[test]
fn people_see_as_far_as_their_part_goes_and_visitors_for_as_long_as_they_are_admitted() {
    let county = County::imported();
    let up = county.up(&[]);
    county.wish(
        "P-07",
        &[
            "dispatch.issue_batch",
            "name=trial",
            "select.post=PO-03",
            "window=5wd",
        ],
    );
    let task = crate::tour::first_task(&county);
    county.run(&["ask", "task", &task, "--as", "P-04"]).fine();
    for who in ["P-01", "P-09", "P-14", "P-17", "990102/P-01"] {
        county
            .run(&["ask", "task", &task, "--as", who, "--in", "990101"])
            .refused(1, &[&task]);
    }
    county
        .run(&["ask", "board", "--as", "P-04"])
        .refused(1, &["board", "P-04"]);
    let admit = |until: &str| {
        county.wish(
            "P-07",
            &[
                "registry.admit_visitor",
                "person=990102/P-01",
                "from=2020-01-01T00:00:00Z",
                until,
                "roles=supervisor",
                "reason=a campaign of two counties",
            ],
        )
    };
    admit("until=2020-02-01T00:00:00Z");
    county
        .run(&[
            "ask",
            "task",
            &task,
            "--as",
            "990102/P-01",
            "--in",
            "990101",
        ])
        .refused(1, &[&task]);
    county
        .run(&[
            "do",
            "registry.admit_visitor",
            "--as",
            "P-07",
            "person=990102/P-01",
            "from=2020-01-01T00:00:00Z",
            "until=2090-01-01T00:00:00Z",
            "roles=supervisor",
            "reason=for good",
        ])
        .refused(1, &["a year at most"]);
    up.signal("INT");
    up.ends(Duration::from_secs(5));
}
