//! The wizard through a sheet: one card that changes, a row at a time, and the summary at its end.
//!
//! Progress stands in the first line. An answer that is no problem is one press; a problem asks for
//! codes, then for words, a photo and whether it is urgent.

use picket_schemas::ask::TaskView;
use picket_schemas::dispatch::Outcome;

use crate::card::{Action, Card, Severity, Wants};
use crate::cards::{Buttons, progress, task};
use crate::codes;
use crate::intent::Verb;
use crate::look::Look;
use crate::sheet::{Draft, Stage};

/// The outcomes in the order they are offered.
pub const OUTCOMES: [Outcome; 7] = [
    Outcome::Ok,
    Outcome::Problem,
    Outcome::ClosedDoor,
    Outcome::Moved,
    Outcome::NotFound,
    Outcome::Refused,
    Outcome::NotVisited,
];

/// The key of the wizard's card.
pub fn key(task: &TaskView) -> String {
    format!("sheet/{}/{}", task.jurisdiction, task.task)
}

/// The row the draft is at.
pub fn row(task: &TaskView, draft: &Draft, look: &Look<'_>) -> Card {
    let Some(row) = task.rows.get(draft.row) else {
        return summary(task, look);
    };
    let title = format!(
        "{}  {}",
        progress(draft.row + 1, task.rows.len()),
        crate::plain::plain(&row.name, 24)
    );
    let mut card = Card::new(
        key(task),
        if row.outcome.is_some() {
            Severity::Good
        } else {
            Severity::New
        },
        title,
    )
    .rev(task.rev)
    .field(look.say("label-place"), &row.address);
    if let Some(outcome) = row.outcome {
        card = card.line(look.with(
            "row-now",
            &[(
                "outcome",
                format!("{} {}", task::mark(outcome), outcome_word(outcome, look)).into(),
            )],
        ));
    }
    if !draft.note.is_empty() {
        card = card.line(look.with(
            "row-note",
            &[("note", crate::plain::plain(&draft.note, 60).into())],
        ));
    }
    if !draft.place.is_empty() {
        card = card.line(look.with("row-place", &[("place", draft.place.as_str().into())]));
    }
    if !draft.evidence.is_empty() {
        card = card.line(look.with("row-photos", &[("n", draft.evidence.len().into())]));
    }
    let buttons = Buttons::new(look, &task.jurisdiction, &task.task, task.rev);
    let at = draft.row.to_string();
    match draft.stage {
        Stage::Outcome => outcomes(card, &buttons, draft.row, look),
        Stage::Codes => codes_of(card, &buttons, draft, look),
        Stage::Detail => card
            .strong(
                look.with(
                    "row-codes",
                    &[(
                        "codes",
                        if draft.codes.is_empty() {
                            look.say("codes-unsure")
                        } else {
                            look.codes(&draft.codes)
                        }
                        .into(),
                    )],
                ),
            )
            .line(look.say("row-detail"))
            .row([
                buttons.with(
                    if draft.urgent {
                        "do-urgent-on"
                    } else {
                        "do-urgent-off"
                    },
                    Verb::Urgent,
                    &at,
                ),
                buttons.with("do-save", Verb::Save, &at),
            ])
            .row([
                buttons.with("do-back", Verb::Back, &at),
                buttons.with("do-later", Verb::Later, &at),
            ])
            .wants(Wants::Photo),
    }
}

fn outcomes(card: Card, buttons: &Buttons<'_>, row: usize, look: &Look<'_>) -> Card {
    let label =
        |outcome: Outcome| format!("{} {}", task::mark(outcome), outcome_word(outcome, look));
    let choices = OUTCOMES.into_iter().map(|outcome| {
        Action::new(
            label(outcome),
            buttons
                .intent(Verb::Fill)
                .with(format!("{row}.{}", wire(outcome))),
        )
    });
    card.grid(choices, 2)
        .row([
            buttons.with("do-previous-row", Verb::Back, row.to_string()),
            buttons.with("do-next-row", Verb::Row, row.to_string()),
            buttons.with("do-later", Verb::Later, row.to_string()),
        ])
        .wants(Wants::Photo)
}

fn codes_of(card: Card, buttons: &Buttons<'_>, draft: &Draft, look: &Look<'_>) -> Card {
    let (page, before, after) = codes::page(draft.page);
    let choices = page.iter().map(|code| {
        let box_ = if draft.codes.iter().any(|chosen| chosen == code) {
            "☑"
        } else {
            "☐"
        };
        Action::new(
            format!("{box_} {}", look.code(code)),
            buttons
                .intent(Verb::Code)
                .with(format!("{}.{code}", draft.row)),
        )
    });
    let turn =
        |key: &str, page: usize| buttons.with(key, Verb::Page, format!("{}.{page}", draft.row));
    let mut pages = Vec::new();
    if before {
        pages.push(turn("do-page-before", draft.page.saturating_sub(1)));
    }
    if after {
        pages.push(turn("do-page-after", draft.page + 1));
    }
    let at = draft.row.to_string();
    let done = look.with("do-picked", &[("n", draft.codes.len().into())]);
    let done = if draft.codes.is_empty() {
        look.say("do-unsure")
    } else {
        done
    };
    card.strong(look.say("row-pick-codes"))
        .grid(choices, 2)
        .row(pages)
        .row([
            Action::new(done, buttons.intent(Verb::Picked).with(&at)),
            buttons.with("do-back", Verb::Back, &at),
            buttons.with("do-later", Verb::Later, &at),
        ])
}

/// The whole sheet before it is handed in: counts, what is missing, what was found.
pub fn summary(task: &TaskView, look: &Look<'_>) -> Card {
    let (filled, rows, problems) = (task::filled(task), task.rows.len(), task::problems(task));
    let buttons = Buttons::new(look, &task.jurisdiction, &task.task, task.rev);
    let id = look.id(&task.jurisdiction, &task.task);
    let mut card = Card::new(
        key(task),
        if filled == rows {
            Severity::Good
        } else {
            Severity::Soon
        },
        format!(
            "{}  {}",
            progress(filled, rows),
            look.with("summary-title", &[("id", id.into())])
        ),
    )
    .rev(task.rev);
    let counts: Vec<_> = OUTCOMES
        .into_iter()
        .filter_map(|outcome| {
            let n = task
                .rows
                .iter()
                .filter(|row| row.outcome == Some(outcome))
                .count();
            (n > 0).then(|| format!("{} {n}", outcome_word(outcome, look)))
        })
        .collect();
    card = card.line(counts.join(" · "));
    for row in task
        .rows
        .iter()
        .filter(|row| row.outcome == Some(Outcome::Problem))
        .take(4)
    {
        card = card.line(look.with(
            "row-problem",
            &[
                ("name", crate::plain::plain(&row.name, 20).into()),
                ("codes", look.codes(&row.codes).into()),
            ],
        ));
    }
    let bare = task
        .rows
        .iter()
        .filter(|row| row.outcome == Some(Outcome::Problem) && row.evidence.is_empty())
        .count();
    if bare > 0 {
        card = card.faint(look.with("summary-bare", &[("n", bare.into())]));
    }
    let open: Vec<_> = task
        .rows
        .iter()
        .filter(|row| row.outcome.is_none())
        .map(|row| crate::plain::plain(&row.name, 12))
        .take(5)
        .collect();
    if filled < rows {
        card = card.strong(look.with(
            "summary-open",
            &[
                ("n", (rows - filled).into()),
                ("names", open.join(&look.say("between")).into()),
            ],
        ));
        return card.row([
            buttons.of("do-continue", Verb::Start),
            buttons.of("do-later", Verb::Later),
        ]);
    }
    if problems == 0 {
        card = card.strong(look.say("summary-nil"));
        return card.row([
            buttons.of("do-nil", Verb::Nil),
            buttons.with("do-back", Verb::Back, rows.to_string()),
        ]);
    }
    card.row([
        buttons.of("do-submit", Verb::Submit),
        buttons.with("do-back", Verb::Back, rows.to_string()),
    ])
}

/// The word for an outcome.
pub(crate) fn outcome_word(outcome: Outcome, look: &Look<'_>) -> String {
    look.words.word("outcome", wire(outcome))
}

/// The name of an outcome in a button and on the wire.
pub(crate) fn wire(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Problem => "problem",
        Outcome::ClosedDoor => "closed_door",
        Outcome::Moved => "moved",
        Outcome::NotFound => "not_found",
        Outcome::Refused => "refused",
        Outcome::NotVisited => "not_visited",
    }
}
