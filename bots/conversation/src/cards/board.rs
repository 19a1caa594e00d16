//! The board a coordinator looks at: batches, and the tasks that need somebody.

use picket_schemas::ask::{BatchView, Board, TaskView};
use picket_schemas::declared::Thing;

use crate::card::{Action, Card, Severity};
use crate::cards::{Buttons, IN_A_ROW, open, progress, task};
use crate::intent::IntentVerb;
use crate::look::ViewContext;

/// The limit of batches on the board.
const BATCHES: usize = 4;
/// The limits of tasks a section names, and of buttons that open them.
const NAMED: usize = 4;
const OPENED: usize = 3;

/// The board of a jurisdiction: accepted, silent, late, with nobody. Looked at again it is of the same one, whoever
/// presses: in a group that may be somebody who is at home elsewhere.
pub fn board(board: &Board, of: &str, look: &ViewContext<'_>) -> Card {
    let severity = if !board.late.is_empty() || !board.unassigned.is_empty() {
        Severity::Late
    } else {
        Severity::Quiet
    };
    let title = look.with("board-title", &[("n", board.batches.len().into())]);
    let mut card = Card::new("board", severity, title);
    for batch in board.batches.iter().take(BATCHES) {
        card = card.line(line(batch, look));
    }
    let sections = [
        ("unassigned", &board.unassigned),
        ("late", &board.late),
        ("silent", &board.silent),
        ("accepted", &board.accepted),
        ("submitted", &board.submitted),
    ];
    let mut actions: Vec<Action> = Vec::new();
    for (kind, tasks) in sections {
        let tasks = visible(tasks, look);
        if tasks.is_empty() {
            continue;
        }
        card = card.line(section(kind, &tasks, look));
        if matches!(kind, "unassigned" | "late" | "silent") {
            for id in tasks.iter().take(OPENED) {
                let open = open(id, IntentVerb::Task, look);
                // A late sheet may be one with nobody: one button opens it.
                if !actions.contains(&open) {
                    actions.push(open);
                }
            }
        }
    }
    if board.batches.is_empty() {
        card = card.line(look.say("board-empty"));
    }
    let batches = board.batches.iter().take(BATCHES).map(|batch| {
        let id = look.id(&batch.jurisdiction, &batch.batch);
        open(&id, IntentVerb::Batch, look)
    });
    let mut row = Vec::new();
    if look.me.may("dispatch.issue_batch") {
        row.push(Action::of(
            look.say("do-new-batch"),
            IntentVerb::NewBatch,
            "",
        ));
    }
    row.push(Action::of(look.say("do-refresh"), IntentVerb::Board, of));
    card.grid(actions, 3)
        .grid(batches, 4)
        .row(row)
        .group()
        .silent()
}

/// The ids of the tasks this person may know of.
fn visible(tasks: &[TaskView], look: &ViewContext<'_>) -> Vec<String> {
    tasks
        .iter()
        .filter(|task| !task::is_hidden(task, look.me, look.when.now))
        .map(|task| look.id(&task.jurisdiction, &task.task))
        .collect()
}

/// The number of such tasks, and the first of them.
fn section(kind: &str, tasks: &[String], look: &ViewContext<'_>) -> String {
    let shown = &tasks[..tasks.len().min(NAMED)];
    let more = if tasks.len() > NAMED { " …" } else { "" };
    let ids = format!("{}{more}", shown.join(&look.say("between")));
    look.with(
        "board-section",
        &[
            ("kind", look.words.word("board", kind).into()),
            ("n", tasks.len().into()),
            ("ids", ids.into()),
        ],
    )
}

/// A batch and how far it is.
pub fn batch(batch: &BatchView, look: &ViewContext<'_>) -> Card {
    let id = look.id(&batch.jurisdiction, &batch.batch);
    let title = look.with(
        "batch-title",
        &[
            ("id", id.as_str().into()),
            ("name", crate::plain::plain(&batch.name, 30).into()),
        ],
    );
    let done = batch.approved + batch.submitted;
    let press = Buttons::new(look, &batch.jurisdiction, &batch.batch, batch.rev);
    let card = Card::new(
        format!("batch/{}/{}", batch.jurisdiction, batch.batch),
        if batch.overdue > 0 {
            Severity::Late
        } else {
            Severity::Good
        },
        title,
    )
    .rev(batch.rev);
    let card = match &batch.cancelled_because {
        Some(reason) => card.strong(look.with(
            "batch-cancelled",
            &[("reason", crate::plain::plain(reason, 200).into())],
        )),
        None => card,
    };
    card.line(look.with(
        "batch-tasks",
        &[("bar", progress(done as usize, batch.count as usize).into())],
    ))
    .line(line(batch, look))
    .line(look.with(
        "batch-rows",
        &[
            ("filled", batch.rows_filled.into()),
            ("rows", batch.rows.into()),
            ("problems", batch.problems.into()),
        ],
    ))
    .grid(press.declared(Thing::Batch, &batch.state, &[]), IN_A_ROW)
    .row([
        Action::of(look.say("do-refresh"), IntentVerb::Batch, &id),
        Action::of(look.say("do-timeline"), IntentVerb::Timeline, &id),
        Action::of(look.say("do-board"), IntentVerb::Board, &batch.jurisdiction),
    ])
    .group()
}

fn line(batch: &BatchView, look: &ViewContext<'_>) -> String {
    look.with(
        "batch-line",
        &[
            ("name", crate::plain::plain(&batch.name, 16).into()),
            ("count", batch.count.into()),
            ("accepted", batch.accepted.into()),
            ("submitted", batch.submitted.into()),
            ("approved", batch.approved.into()),
            ("unassigned", batch.unassigned.into()),
            ("overdue", batch.overdue.into()),
        ],
    )
}
