//! Answers as text: one way to write the same thing everywhere.

use jiff::Timestamp;
use picket_schemas::ask::{Deadline, Inbox, StepView};

use super::*;

#[test]
fn the_end_of_a_day_is_24_00_in_steps_as_in_tasks() {
    let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
    let at = |text: &str| -> Timestamp { text.parse().expect("an instant") };
    let step = |step: &str, due: &str| StepView {
        jurisdiction: "990101".into(),
        step: step.into(),
        level: "B1".into(),
        kind: "task.submit".into(),
        on: "T-1".into(),
        what: "sweep".into(),
        due: at(due),
        taken: at("2026-03-03T00:30:00Z"),
        why: "late".into(),
        because: None,
        to: Vec::new(),
        duty: Vec::new(),
        promise: None,
        proposed: false,
        signed: false,
        open: true,
    };
    let inbox = Inbox {
        steps: vec![
            step("S-1", "2026-03-02T16:00:00Z"),
            step("S-2", "2026-03-02T09:00:00Z"),
        ],
        ..Inbox::default()
    };
    let text = view(&View::Inbox(inbox), &zone);
    let deadline = Deadline {
        clock: "c".into(),
        kind: "task.submit".into(),
        due: at("2026-03-02T16:00:00Z"),
        provisional: false,
        paused: false,
        overdue: false,
        stopped: None,
    };
    assert_eq!(Zone(&zone).due(Some(&deadline)), "2026-03-02 24:00");
    assert!(
        text.contains("2026-03-02 24:00")
            && text.contains("2026-03-02 17:00")
            && !text.contains("00:00\n"),
        "{text}"
    );
}
