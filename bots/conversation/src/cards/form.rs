//! A form, one question at a time, and what was answered before it is sent.

use crate::card::{Action, AwaitedInput, Card, Severity};
use crate::cards::{progress, turns};
use crate::codes;
use crate::forms::{Ask, Field, OpenForm};
use crate::intent::{Intent, IntentVerb};
use crate::layout;
use crate::look::ViewContext;

/// The limit of people or places on one card.
const OFFERED: usize = 8;

/// The question a form is at, or its preview when all are answered.
pub fn card(form: &OpenForm, look: &ViewContext<'_>) -> Card {
    let fields = form.fields();
    match fields.get(form.field) {
        Some(field) if !form.confirming => question(form, field, fields.len(), look),
        _ => preview(form, &fields, look),
    }
}

fn key(form: &OpenForm) -> String {
    format!("form/{}", form.serial)
}

fn pick(form: &OpenForm, label: impl AsRef<str>, verb: IntentVerb, argument: &str) -> Action {
    let argument = if argument.is_empty() {
        form.field.to_string()
    } else {
        format!("{}.{argument}", form.field)
    };
    Action::new(label, Intent::new(verb, "").with(argument).at(form.serial))
}

fn title(form: &OpenForm, look: &ViewContext<'_>) -> String {
    let title = look.words.word("form", form.kind.as_str());
    if form.about.is_empty() {
        title
    } else {
        format!("{title} · {}", form.about)
    }
}

fn question(form: &OpenForm, field: &Field, of: usize, look: &ViewContext<'_>) -> Card {
    let head = if of > 1 {
        format!("{}  {}", progress(form.field + 1, of), title(form, look))
    } else {
        title(form, look)
    };
    let specific = format!("ask-{}-{}", form.kind.as_str(), field.key);
    let prompt = if look.words.has(&specific) {
        look.say(&specific)
    } else {
        look.words.word("ask", field.key)
    };
    let mut card = Card::new(key(form), Severity::New, head)
        .rev(form.serial)
        .line(&form.subject)
        .strong(prompt);
    if !form.evidence.is_empty() {
        card = card.line(look.with("row-photos", &[("n", form.evidence.len().into())]));
    }
    let known = form
        .values
        .get(field.key)
        .map(String::as_str)
        .unwrap_or_default();
    card = match field.ask {
        Ask::Codes => with_codes(card, form, known, look),
        _ => with_choices(card, form, field, known, look),
    };
    let mut row = Vec::new();
    if form.field > 0 {
        row.push(pick(form, look.say("do-back"), IntentVerb::FormBack, ""));
    }
    if field.optional && field.ask != Ask::Codes {
        row.push(pick(
            form,
            look.say("do-leave-out"),
            IntentVerb::LeaveOut,
            "",
        ));
    }
    row.push(pick(form, look.say("do-drop-form"), IntentVerb::Drop, ""));
    card.row(row)
        .wants(if matches!(field.ask, Ask::Money | Ask::Span(_)) {
            AwaitedInput::Number
        } else {
            AwaitedInput::Text
        })
}

fn with_choices(
    card: Card,
    form: &OpenForm,
    field: &Field,
    known: &str,
    look: &ViewContext<'_>,
) -> Card {
    let choices = form.choices(field, look);
    let many = field.ask.is_many();
    let chosen: Vec<&str> = picket_schemas::lenient::parts(known).collect();
    let pages = choices.len().div_ceil(OFFERED);
    let page = form.page.min(pages.saturating_sub(1));
    let shown = choices
        .iter()
        .enumerate()
        .skip(page * OFFERED)
        .take(OFFERED);
    let actions: Vec<_> = shown
        .map(|(n, (value, label))| {
            let label = match (many, chosen.contains(&value.as_str())) {
                (true, true) => format!("☑ {label}"),
                (true, false) => format!("☐ {label}"),
                _ => label.clone(),
            };
            pick(form, label, IntentVerb::Pick, &n.to_string())
        })
        .collect();
    let widest = actions
        .iter()
        .map(|action| layout::width(&action.label))
        .max()
        .unwrap_or_default();
    let card = card
        .grid(actions, if widest > 22 { 1 } else { 2 })
        .row(pages_of(form, page, page > 0, page + 1 < pages, look));
    if many {
        let done = look.with("do-picked", &[("n", chosen.len().into())]);
        card.row([pick(form, done, IntentVerb::Pick, "done")])
    } else {
        card
    }
}

fn pages_of(
    form: &OpenForm,
    page: usize,
    before: bool,
    after: bool,
    look: &ViewContext<'_>,
) -> Vec<Action> {
    turns(page, before, after, |key, page| {
        pick(form, look.say(key), IntentVerb::FormPage, &page.to_string())
    })
}

fn with_codes(card: Card, form: &OpenForm, known: &str, look: &ViewContext<'_>) -> Card {
    let chosen: Vec<&str> = picket_schemas::lenient::parts(known).collect();
    let (page, before, after) = codes::page(form.page);
    let choices = page.iter().map(|code| {
        pick(
            form,
            format!(
                "{} {}",
                if chosen.contains(code) { "☑" } else { "☐" },
                look.code(code)
            ),
            IntentVerb::Pick,
            code,
        )
    });
    let done = if chosen.is_empty() {
        look.say("do-unsure")
    } else {
        look.with("do-picked", &[("n", chosen.len().into())])
    };
    card.grid(choices, 2)
        .row(pages_of(form, form.page, before, after, look))
        .row([pick(form, done, IntentVerb::Pick, "done")])
}

/// Everything that was answered, to be confirmed or gone through again.
fn preview(form: &OpenForm, fields: &[Field], look: &ViewContext<'_>) -> Card {
    let severity = if form.kind.is_final() {
        Severity::Late
    } else {
        Severity::New
    };
    let mut card = Card::new(
        key(form),
        severity,
        look.with("form-check", &[("title", title(form, look).into())]),
    )
    .rev(form.serial)
    .field(look.say("label-what"), &form.subject);
    for field in fields {
        if let Some(value) = form.values.get(field.key) {
            card = card.field(
                look.words.word("field", field.key),
                crate::plain::plain(&form.shown(field, value, look), 60),
            );
        }
    }
    if !form.evidence.is_empty() {
        card = card.line(look.with("row-photos", &[("n", form.evidence.len().into())]));
    }
    if let Some((institutions, posts)) = form.counted {
        card = card.strong(look.with(
            "batch-preview",
            &[
                ("institutions", institutions.into()),
                ("posts", posts.into()),
            ],
        ));
    } else if form.kind.selects().next().is_some() {
        card = card.faint(look.say("batch-preview-later"));
    }
    if form.kind.is_final() {
        card = card.strong(look.say("form-final"));
    }
    let mut row = vec![pick(form, look.say("do-confirm"), IntentVerb::Confirm, "")];
    if !fields.is_empty() {
        row.push(pick(form, look.say("do-change"), IntentVerb::FormBack, ""));
    }
    row.push(pick(form, look.say("do-drop-form"), IntentVerb::Drop, ""));
    card.row(row)
}
