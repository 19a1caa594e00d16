//! Wrong words on the command line: each is one sentence with a hint, and nothing is written.

use std::fs;

use crate::harness::{County, run};

#[test]
fn a_verb_that_is_none_is_named_and_the_near_ones_are_shown() {
    let said = run(["swep"]);
    assert_eq!(said.code(), 2, "{said:?}");
    assert!(said.err.contains("swep"), "{said:?}");
    let county = County::imported();
    county
        .run(&["do", "dispatch.acept_task", "--as", "P-01", "task=T-1"])
        .refused(2, &["dispatch.acept_task", "dispatch.accept_task"]);
    county
        .run(&["ask", "weather"])
        .refused(2, &["weather", "inbox"]);
}

#[test]
fn a_field_that_is_none_is_named_with_those_there_are() {
    let county = County::imported();
    county
        .run(&["do", "dispatch.accept_task", "--as", "P-01", "tusk=T-1"])
        .refused(2, &["dispatch.accept_task", "task", "tusk"]);
    county
        .run(&["do", "dispatch.accept_task", "--as", "P-01", "T-1"])
        .refused(2, &["T-1", "name=value"]);
    county
        .run(&["do", "dispatch.accept_task", "--as", "P-01"])
        .refused(2, &["task"]);
    county
        .run(&[
            "do",
            "dispatch.fill_row",
            "--as",
            "P-01",
            "task=T-1",
            "row=I-01",
            "outcome=dunno",
        ])
        .refused(2, &["dunno", "closed_door"]);
    county
        .run(&["do", "--as", "P-01", "--command", "{\"do\":"])
        .refused(2, &["JSON"]);
    county
        .run(&["do", "dispatch.accept_task", "task=T-1"])
        .refused(2, &["--as"]);
}

#[test]
fn somebody_or_something_that_is_not_there_is_named() {
    let county = County::imported();
    // A book that was never awake first notes whom it reads.
    county.wish("P-07", &["dispatch.issue_batch", "name=awake"]);
    let before = county.entries();
    county
        .run(&["do", "dispatch.accept_task", "--as", "P-99", "task=T-1"])
        .refused(1, &["P-99"]);
    county
        .run(&["do", "dispatch.accept_task", "--as", "P-01", "task=T-77"])
        .refused(1, &["T-77"]);
    county.run(&["ask", "task", "T-77"]).refused(1, &["T-77"]);
    county
        .run(&["ask", "board", "--in", "123456"])
        .refused(2, &["123456", "990101"]);
    assert_eq!(county.entries(), before, "a no writes nothing");
}

#[test]
fn a_command_out_of_its_state_or_of_somebody_else_is_refused() {
    let county = County::imported();
    let up = county.up(&[]);
    county.wish(
        "P-07",
        &[
            "dispatch.issue_batch",
            "name=trial",
            "select.post=PO-01",
            "window=5wd",
        ],
    );
    let task = crate::tour::first_task(&county);
    let field = format!("task={task}");
    county
        .run(&["do", "dispatch.submit_task", "--as", "P-01", &field])
        .refused(1, &[&task]);
    county
        .run(&["do", "dispatch.approve_task", "--as", "P-06", &field])
        .refused(1, &[&task]);
    county
        .run(&["do", "dispatch.accept_task", "--as", "P-03", &field])
        .refused(1, &[]);
    county.wish("P-01", &["dispatch.accept_task", &field]);
    county
        .run(&[
            "do",
            "dispatch.fill_row",
            "--as",
            "P-02",
            &field,
            "row=I-01",
            "outcome=ok",
        ])
        .refused(1, &[&task]);
    county
        .run(&["do", "dispatch.issue_batch", "--as", "P-01", "name=mine"])
        .refused(1, &["may not issue a batch"]);
    county
        .run(&[
            "do",
            "registry.define_area",
            "--as",
            "P-01",
            "code=990101001009",
            "name=x",
            "level=community",
            "parent=990101001",
        ])
        .refused(1, &["may not"]);
    up.signal("INT");
    up.ends(std::time::Duration::from_secs(5)).fine();
}

#[test]
fn the_same_id_twice_is_done_once() {
    let county = County::imported();
    let words = [
        "--id",
        "by-hand-1",
        "dispatch.issue_batch",
        "name=once",
        "select.area=990101",
    ];
    let first = county.wish("P-07", &words);
    let before = county.entries();
    assert_eq!(county.wish("P-07", &words), first);
    assert_eq!(county.entries(), before);
}

#[test]
fn a_setting_that_is_none_is_an_error_and_names_the_line() {
    let county = County::imported();
    fs::write(
        format!("{}/picket.toml", county.data()),
        "colour = \"green\"\n",
    )
    .unwrap();
    county.run(&["ask", "board"]).refused(2, &["colour"]);
}

#[test]
fn help_teaches_by_example_and_fits_a_narrow_terminal() {
    for verb in [
        "", "up", "import", "do", "ask", "chat", "bulletin", "replay", "example", "verify",
        "bench", "demo",
    ] {
        let words: Vec<_> = [verb, "--help"]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect();
        let help = run(words).fine();
        assert!(help.contains("picket"), "{verb}: {help}");
        assert!(
            !help.contains('\u{1b}'),
            "{verb}: no escape codes in a pipe"
        );
        let wide: Vec<_> = help
            .lines()
            .filter(|line| line.chars().count() > 100)
            .collect();
        assert!(wide.is_empty(), "{verb}: {wide:?}");
    }
}
