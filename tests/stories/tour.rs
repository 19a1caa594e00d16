//! The tour a newcomer takes: a county from files, a sweep, a finding, and everybody sees it.

use std::time::Duration;

use crate::harness::{County, until};

/// The first open task on the board, once there is one.
pub(crate) fn first_task(county: &County) -> String {
    let mut task = String::new();
    until("a task on the board", || {
        let board = county.ask(&["board"]);
        task = ["silent", "accepted", "unassigned"]
            .iter()
            .find_map(|column| board[column][0]["task"].as_str())
            .unwrap_or_default()
            .to_owned();
        !task.is_empty()
    });
    task
}

#[test]
fn a_sentinel_takes_a_task_in_chat_and_the_finding_is_on_the_board() {
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
    let task = first_task(&county);
    // The inbox shows the offer; the first button takes it.
    let phone = county.typed(&["chat", "--as", "P-04"], "/inbox\na\na\n");
    assert!(
        phone.out.contains(&task),
        "the offer is in the inbox: {phone:?}"
    );
    assert!(
        !phone.out.contains('\u{1b}'),
        "no escape codes without a terminal"
    );
    until("the task is taken", || {
        county.ask(&["task", &task])["state"] == "accepted"
    });

    let field = format!("task={task}");
    let rows: Vec<_> = county.ask(&["task", &task])["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["row"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(rows.len(), 3, "{rows:?}");
    for (number, row) in rows.iter().enumerate() {
        let row = format!("row={row}");
        let outcome = if number == 0 {
            vec!["outcome=problem", "codes=H1", "note=lessons on Saturday"]
        } else {
            vec!["outcome=ok"]
        };
        let mut words = vec!["dispatch.fill_row", &field, &row];
        words.extend(outcome);
        county.wish("P-04", &words);
    }
    county.wish("P-04", &["dispatch.submit_task", &field]);
    let mut lead = String::new();
    until("the finding is a lead for the dispatcher", || {
        let inbox = county.ask(&["inbox", "--as", "P-08"]);
        lead = inbox["triage"][0]["lead"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        !lead.is_empty()
    });
    county.wish("P-06", &["dispatch.approve_task", &field]);
    until("the timeline tells it all", || {
        let told: Vec<_> = county
            .ask(&["timeline", &task])
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|item| item["kind"].as_str().map(str::to_owned))
            .collect();
        [
            "task.issued",
            "task.accepted",
            "row.filled",
            "task.submitted",
            "task.approved",
        ]
        .iter()
        .all(|kind| told.iter().any(|one| one == kind))
    });
    let figures = county.run(&["ask", "figures", "--json"]).json();
    let counts = figures.to_string();
    assert!(counts.contains("\"leads\":1"), "{counts}");
    up.signal("INT");
    up.ends(Duration::from_secs(5)).fine();
    county.entries();
}

#[test]
fn on_a_fast_clock_the_late_one_is_seen_to_be_late() {
    let county = County::imported();
    // Deadlines ring only in years whose calendar is known: this one and the next, whenever this runs.
    let year = jiff::Zoned::now().year();
    let calendar = county.file(
        "calendar.csv",
        format!(
            "date,kind,note\n{year}-01-01,off,\n{}-01-01,off,\n",
            year + 1
        ),
    );
    county
        .run(&["import", "calendar", &calendar, "--yes"])
        .fine();
    let up = county.up(&["--clock", "fast", "--factor", "200000"]);
    county.wish(
        "P-07",
        &[
            "dispatch.issue_batch",
            "name=trial",
            "select.post=PO-03",
            "window=1wd",
        ],
    );
    let task = first_task(&county);
    until("somebody is late and the ladder says so", || {
        !county.ask(&["overdue"]).as_array().unwrap().is_empty()
    });
    until("the coordinator's phone shows it", || {
        county
            .typed(&["chat", "--as", "P-07"], "/inbox\n")
            .out
            .contains(&task)
    });
    up.signal("INT");
    up.ends(Duration::from_secs(5)).fine();
    county.entries();
}
