//! The wizard through a sheet: one card that changes, a row at a time, and the summary at its end.
//!
//! Progress stands in the first line. An answer that is no problem is one press; a problem asks for
//! codes, then for words, a photo and whether it is urgent.

use picket_schemas::ask::TaskView;
use picket_schemas::dispatch::Outcome;

use crate::card::{Action, AwaitedInput, Card, Severity};
use crate::cards::{Buttons, progress, task, turns};
use crate::codes;
use crate::intent::IntentVerb;
use crate::look::ViewContext;
use crate::sheet::{RowDraft, RowStage};

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
pub fn row(task: &TaskView, draft: &RowDraft, look: &ViewContext<'_>) -> Card {
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
    match draft.stage {
        RowStage::Outcome => outcomes(card, &buttons, draft.row, look),
        RowStage::Codes => codes_of(card, &buttons, draft, look),
        RowStage::Detail => detail(card, &buttons, draft, look),
    }
}

fn outcomes(card: Card, buttons: &Buttons<'_>, row: usize, look: &ViewContext<'_>) -> Card {
    let label =
        |outcome: Outcome| format!("{} {}", task::mark(outcome), outcome_word(outcome, look));
    let choices = OUTCOMES.into_iter().map(|outcome| {
        Action::new(
            label(outcome),
            buttons
                .intent(IntentVerb::Fill)
                .with(format!("{row}.{}", wire(outcome))),
        )
    });
    card.grid(choices, 2)
        .row([
            buttons.with("do-previous-row", IntentVerb::Back, row.to_string()),
            buttons.with("do-next-row", IntentVerb::Row, row.to_string()),
            buttons.with("do-later", IntentVerb::Later, row.to_string()),
        ])
        .wants(AwaitedInput::Photo)
}

fn codes_of(card: Card, buttons: &Buttons<'_>, draft: &RowDraft, look: &ViewContext<'_>) -> Card {
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
                .intent(IntentVerb::Code)
                .with(format!("{}.{code}", draft.row)),
        )
    });
    let pages = turns(draft.page, before, after, |key, page| {
        buttons.with(key, IntentVerb::Page, format!("{}.{page}", draft.row))
    });
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
            Action::new(done, buttons.intent(IntentVerb::Picked).with(&at)),
            buttons.with("do-back", IntentVerb::Back, &at),
            buttons.with("do-later", IntentVerb::Later, &at),
        ])
}

fn detail(card: Card, buttons: &Buttons<'_>, draft: &RowDraft, look: &ViewContext<'_>) -> Card {
    let codes = if draft.codes.is_empty() {
        look.say("codes-unsure")
    } else {
        look.codes(&draft.codes)
    };
    let urgent = if draft.urgent {
        "do-urgent-on"
    } else {
        "do-urgent-off"
    };
    let at = draft.row.to_string();
    card.strong(look.with("row-codes", &[("codes", codes.into())]))
        .line(look.say("row-detail"))
        .row([
            buttons.with(urgent, IntentVerb::Urgent, &at),
            buttons.with("do-save", IntentVerb::Save, &at),
        ])
        .row([
            buttons.with("do-back", IntentVerb::Back, &at),
            buttons.with("do-later", IntentVerb::Later, &at),
        ])
        .wants(AwaitedInput::Photo)
}

/// The whole sheet before it is handed in: counts, what is missing, what was found.
pub fn summary(task: &TaskView, look: &ViewContext<'_>) -> Card {
    let (filled, rows) = (task::filled(task), task.rows.len());
    let buttons = Buttons::new(look, &task.jurisdiction, &task.task, task.rev);
    let title = look.with(
        "summary-title",
        &[("id", look.id(&task.jurisdiction, &task.task).into())],
    );
    let severity = if filled == rows {
        Severity::Good
    } else {
        Severity::Soon
    };
    let head = format!("{}  {title}", progress(filled, rows));
    let card = Card::new(key(task), severity, head).rev(task.rev);
    let card = found(card, task, look);
    let back = buttons.with("do-back", IntentVerb::Back, rows.to_string());
    if filled < rows {
        card.strong(missing(task, look)).row([
            buttons.of("do-continue", IntentVerb::Start),
            buttons.of("do-later", IntentVerb::Later),
        ])
    } else if task::problems(task) == 0 {
        card.strong(look.say("summary-nil"))
            .row([buttons.of("do-nil", IntentVerb::Nil), back])
    } else {
        card.row([buttons.of("do-submit", IntentVerb::Submit), back])
    }
}

/// The counts of outcomes, the first problems, and the number of problems without a photo.
fn found(mut card: Card, task: &TaskView, look: &ViewContext<'_>) -> Card {
    let with = |outcome| {
        let rows = task.rows.iter();
        rows.filter(move |row| row.outcome == Some(outcome))
    };
    let counts: Vec<_> = OUTCOMES
        .into_iter()
        .map(|outcome| (outcome, with(outcome).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(outcome, n)| format!("{} {n}", outcome_word(outcome, look)))
        .collect();
    card = card.line(counts.join(" · "));
    for row in with(Outcome::Problem).take(4) {
        card = card.line(look.with(
            "row-problem",
            &[
                ("name", crate::plain::plain(&row.name, 20).into()),
                ("codes", look.codes(&row.codes).into()),
            ],
        ));
    }
    let bare = with(Outcome::Problem)
        .filter(|row| row.evidence.is_empty())
        .count();
    if bare > 0 {
        card = card.faint(look.with("summary-bare", &[("n", bare.into())]));
    }
    card
}

/// The number of rows without an answer, and the first of them.
fn missing(task: &TaskView, look: &ViewContext<'_>) -> String {
    let open = || task.rows.iter().filter(|row| row.outcome.is_none());
    let names: Vec<_> = open()
        .take(5)
        .map(|row| crate::plain::plain(&row.name, 12))
        .collect();
    look.with(
        "summary-open",
        &[
            ("n", open().count().into()),
            ("names", names.join(&look.say("between")).into()),
        ],
    )
}

/// The word for an outcome.
pub(crate) fn outcome_word(outcome: Outcome, look: &ViewContext<'_>) -> String {
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
