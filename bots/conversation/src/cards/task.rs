//! A sweep task: offered, taken, waiting for sign-off, done.
//!
//! One card per task, edited as the task moves on. Which of the forms a person sees follows from the
//! state and from whether the task is offered to or held by the person.

use jiff::Timestamp;
use picket_schemas::ask::TaskView;
use picket_schemas::declared::Thing;
use picket_schemas::dispatch::Outcome;

use crate::card::{Card, Severity};
use crate::cards::{Buttons, IN_A_ROW};
use crate::intent::IntentVerb;
use crate::look::{Profile, ViewContext, pressing};

/// The key of a task's card.
pub fn key(task: &TaskView) -> String {
    format!("task/{}/{}", task.jurisdiction, task.task)
}

/// The card that fits the state of the task and the person.
pub fn card(task: &TaskView, look: &ViewContext<'_>) -> Card {
    match task.state.as_str() {
        "issued" if look.me.among(&task.offered) && !look.me.among(&task.holders) => {
            offer(task, look)
        }
        "submitted" if look.me.may("dispatch.approve_task") && !look.me.among(&task.holders) => {
            review(task, look)
        }
        _ => taken(task, look),
    }
}

/// True if a task is none of the person's business: still sealed, or a sheet that names its finder.
pub(crate) fn is_hidden(task: &TaskView, me: &Profile, now: Timestamp) -> bool {
    let sealed = task.sealed_until.is_some_and(|until| now < until);
    (sealed || !me.reads_sheets()) && !me.among(&task.offered) && !me.among(&task.holders)
}

/// The card for somebody who was asked to take a task, also one that another person hands on.
pub fn asked(task: &TaskView, look: &ViewContext<'_>) -> Card {
    let open = matches!(task.state.as_str(), "issued" | "accepted" | "returned");
    if open && look.me.among(&task.offered) && !look.me.among(&task.holders) {
        offer(task, look)
    } else {
        card(task, look)
    }
}

/// An offer: who, where, how much, until when.
pub fn offer(task: &TaskView, look: &ViewContext<'_>) -> Card {
    let press = Buttons::new(look, &task.jurisdiction, &task.task, task.rev);
    let (late, _) = pressing(task.deadline.as_ref(), look.when.now);
    let severity = if late { Severity::Late } else { Severity::New };
    let card = people(head(task, look, severity), task, look)
        .row([
            press.of("do-accept", IntentVerb::Accept),
            press.of("do-rows", IntentVerb::Rows),
        ])
        .row([press.of("do-decline", IntentVerb::Decline)]);
    // Who may see a sealed sheet is in a group with those who may not.
    if task.sealed_until.is_some_and(|until| look.when.now < until) {
        card
    } else {
        card.group()
    }
}

/// A task in somebody's hands, or one that is over.
pub fn taken(task: &TaskView, look: &ViewContext<'_>) -> Card {
    let mut card = head(task, look, severity(task, look)).field(
        look.say("label-state"),
        look.words.word("state", &task.state),
    );
    card = if task.holders.is_empty() {
        people(card, task, look)
    } else {
        card.field(
            look.say("label-holders"),
            look.with(
                "task-holders",
                &[
                    ("names", look.names(&task.holders).into()),
                    ("taken", task.holders.len().into()),
                    ("need", task.need.into()),
                ],
            ),
        )
    };
    card = card.line(tally(task, look));
    if let Some(reason) = task
        .returned_because
        .as_deref()
        .filter(|_| task.state == "returned")
    {
        card = card.strong(look.with("task-returned", &[("reason", reason.into())]));
    }
    with_buttons(card, task, look)
}

fn severity(task: &TaskView, look: &ViewContext<'_>) -> Severity {
    let (late, soon) = pressing(task.deadline.as_ref(), look.when.now);
    match task.state.as_str() {
        _ if late => Severity::Late,
        "returned" => Severity::Soon,
        _ if soon => Severity::Soon,
        "issued" => Severity::New,
        "cancelled" => Severity::Quiet,
        _ => Severity::Good,
    }
}

/// The numbers of people a task needs and has.
fn people(card: Card, task: &TaskView, look: &ViewContext<'_>) -> Card {
    card.field(
        look.say("label-people"),
        look.with(
            "task-need",
            &[
                ("need", task.need.into()),
                ("taken", task.holders.len().into()),
            ],
        ),
    )
}

/// The buttons of the holder of a task, and of those who answer for it.
fn with_buttons(mut card: Card, task: &TaskView, look: &ViewContext<'_>) -> Card {
    let press = Buttons::new(look, &task.jurisdiction, &task.task, task.rev);
    let mine = look.me.among(&task.holders);
    if mine && matches!(task.state.as_str(), "accepted" | "returned") {
        let next = match filled(task) {
            all if all == task.rows.len() => press.of("do-summary", IntentVerb::Summary),
            0 => press.of("do-start", IntentVerb::Start),
            _ => press.of("do-continue", IntentVerb::Start),
        };
        card = card.row([next]).row([
            press.of("do-hand-over", IntentVerb::HandOver),
            press.of("do-give-back", IntentVerb::Decline),
            press.of("do-rows", IntentVerb::Rows),
        ]);
    } else {
        card = card.row([
            press.of("do-rows", IntentVerb::Rows),
            press.of("do-timeline", IntentVerb::Timeline),
        ]);
    }
    card.grid(press.declared(Thing::Task, &task.state, &[]), IN_A_ROW)
}

/// A sheet for sign-off.
pub fn review(task: &TaskView, look: &ViewContext<'_>) -> Card {
    let press = Buttons::new(look, &task.jurisdiction, &task.task, task.rev);
    let (late, _) = pressing(task.deadline.as_ref(), look.when.now);
    let mut card = head(
        task,
        look,
        if late { Severity::Late } else { Severity::New },
    )
    .field(look.say("label-holders"), look.names(&task.holders))
    .strong(look.with("task-review", &[("name", look.names(&task.holders).into())]))
    .line(tally(task, look));
    for row in task
        .rows
        .iter()
        .filter(|row| row.outcome == Some(Outcome::Problem))
        .take(5)
    {
        card = card.line(look.with(
            "row-problem",
            &[
                ("name", row.name.as_str().into()),
                ("codes", look.codes(&row.codes).into()),
            ],
        ));
    }
    card.row([
        press.of("do-approve", IntentVerb::Approve),
        press.of("do-return", IntentVerb::Return),
    ])
    .grid(press.declared(Thing::Task, &task.state, &[]), IN_A_ROW)
    .row([
        press.of("do-rows", IntentVerb::Rows),
        press.of("do-timeline", IntentVerb::Timeline),
    ])
}

/// The rows of a sheet with what was found so far.
pub fn rows(task: &TaskView, look: &ViewContext<'_>) -> Card {
    const SHOWN: usize = 10;
    let press = Buttons::new(look, &task.jurisdiction, &task.task, task.rev);
    let id = look.id(&task.jurisdiction, &task.task);
    let title = look.with(
        "rows-title",
        &[("id", id.into()), ("rows", task.rows.len().into())],
    );
    let mut card = Card::new(
        format!("rows/{}/{}", task.jurisdiction, task.task),
        Severity::Quiet,
        title,
    )
    .rev(task.rev);
    for (n, row) in task.rows.iter().enumerate().take(SHOWN) {
        let mark = row.outcome.map_or("▫️", mark);
        card = card.line(format!(
            "{mark} {} {} · {}",
            n + 1,
            crate::plain::plain(&row.name, 16),
            crate::plain::plain(&row.address, 20)
        ));
    }
    if task.rows.len() > SHOWN {
        card = card.faint(look.with("and-more", &[("n", (task.rows.len() - SHOWN).into())]));
    }
    if !task.checklist.is_empty() {
        card = card.faint(look.with(
            "rows-checklist",
            &[("name", task.checklist.as_str().into())],
        ));
    }
    card.row([press.of("do-open-task", IntentVerb::Task)])
}

/// `回执 T-2041 · 08:57 · 12 户 · 问题 2`.
pub fn receipt(task: &TaskView, look: &ViewContext<'_>) -> Card {
    let press = Buttons::new(look, &task.jurisdiction, &task.task, task.rev);
    let title = look.with(
        "receipt",
        &[
            ("id", look.id(&task.jurisdiction, &task.task).into()),
            ("time", look.when.time(look.when.now).into()),
            ("rows", task.rows.len().into()),
            ("problems", problems(task).into()),
        ],
    );
    Card::new(key(task), Severity::Good, title)
        .rev(task.rev)
        .faint(look.say("receipt-next"))
        .row([
            press.of("do-timeline", IntentVerb::Timeline),
            press.of("do-inbox", IntentVerb::Inbox),
        ])
        .silent()
}

fn head(task: &TaskView, look: &ViewContext<'_>, severity: Severity) -> Card {
    let title = look.with(
        "task-title",
        &[
            ("id", look.id(&task.jurisdiction, &task.task).into()),
            ("batch", crate::plain::plain(&task.batch.name, 24).into()),
        ],
    );
    let mut place = look.names([&task.area]);
    if let Some(post) = &task.post {
        place = format!("{place} · {}", look.names([post]));
    }
    Card::new(key(task), severity, title)
        .rev(task.rev)
        .field(look.say("label-place"), place)
        .field(
            look.say("label-rows"),
            look.with("task-rows", &[("rows", task.rows.len().into())]),
        )
        .field(
            look.say("label-deadline"),
            look.deadline(task.deadline.as_ref()),
        )
}

/// The number of rows with an answer.
pub(crate) fn filled(task: &TaskView) -> usize {
    task.rows.iter().filter(|row| row.outcome.is_some()).count()
}

/// The number of rows that are a problem.
pub(crate) fn problems(task: &TaskView) -> usize {
    task.rows
        .iter()
        .filter(|row| row.outcome == Some(Outcome::Problem))
        .count()
}

fn tally(task: &TaskView, look: &ViewContext<'_>) -> String {
    look.with(
        "task-tally",
        &[
            ("done", filled(task).into()),
            ("rows", task.rows.len().into()),
            ("problems", problems(task).into()),
        ],
    )
}

/// The sign of an outcome.
pub(crate) fn mark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "✅",
        Outcome::Problem => "⚠️",
        Outcome::ClosedDoor => "🚪",
        Outcome::Moved => "🚚",
        Outcome::NotFound => "❓",
        Outcome::Refused => "⛔",
        Outcome::NotVisited => "⏭",
    }
}
