//! A complete form becomes a command: JSON as somebody would type it, read by the reader of typed commands.

use picket_schemas::declared::{Ask, Asked, Fills, Then, Thing};
use picket_schemas::{Command, Span, split_id};
use serde_json::{Map, Value};

use crate::forms::OpenForm;
use crate::intent::{Intent, IntentVerb};

/// The command a form sends, with the text and the card that follow it.
pub(crate) struct FormCommand {
    /// The command.
    pub(crate) command: Command,
    /// The intent opened afterwards.
    pub(crate) open: Option<Intent>,
}

/// The command of a complete form; nothing when an answer that must be there is not.
pub(crate) fn command(form: &OpenForm) -> Option<FormCommand> {
    Some(FormCommand {
        command: Command::parse(json(form)).ok()?,
        open: open(form),
    })
}

fn json(form: &OpenForm) -> Value {
    let (kind, made) = (form.kind, form.kind.form());
    let mut json = Map::from_iter([("do".to_owned(), kind.verb().into())]);
    for (field, value) in made.preset {
        put(&mut json, field, *value);
    }
    if let Some(field) = made.card.and_then(|card| card.names) {
        put(&mut json, field, split_id(&form.about).1);
    }
    let optional = |name: &str| {
        let field = kind.fields().iter().find(|field| field.name == name);
        field.is_none_or(|field| field.is_optional())
    };
    for asked in made.answers().filter(|asked| form.is_asked(asked)) {
        for (field, value) in filled(asked, form.value(asked.key)) {
            // What is left out is not there; what may not be left out is there, and the book says what is wrong.
            if !value.is_empty() || !optional(field) {
                put(&mut json, field, value);
            }
        }
    }
    if kind.takes_photos() {
        put(&mut json, "evidence", form.evidence.clone());
    }
    Value::Object(json)
}

/// The fields an answer fills, each with its value.
fn filled(asked: &Asked, answer: &str) -> Vec<(&'static str, String)> {
    match (asked.fills, asked.ask) {
        (Fills::Span { amount, unit }, _) => answer.parse::<Span>().map_or_else(
            |_| Vec::new(),
            |span| {
                let parts = [(amount, span.amount.to_string())];
                let unit = (unit, span.unit.short().to_owned());
                parts.into_iter().chain([unit]).collect()
            },
        ),
        (_, Ask::Id) => {
            let short = split_id(answer).1.to_uppercase();
            asked.fields().map(|field| (field, short.clone())).collect()
        }
        _ => asked
            .fields()
            .map(|field| (field, answer.to_owned()))
            .collect(),
    }
}

/// Puts a value into a field; `select.area` is a field within a field.
fn put(json: &mut Map<String, Value>, field: &str, value: impl Into<Value>) {
    let Some((outer, inner)) = field.split_once('.') else {
        json.insert(field.to_owned(), value.into());
        return;
    };
    let within = json
        .entry(outer)
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(within) = within {
        put(within, inner, value);
    }
}

fn open(form: &OpenForm) -> Option<Intent> {
    let thing = || Some(Intent::new(shows(form.kind.thing()?), &form.about));
    match form.kind.form().then {
        Then::Nothing => None,
        Then::Thing => thing(),
        Then::Answered(key) => thing().map(|intent| intent.with(form.value(key))),
        Then::Inbox => Some(Intent::new(IntentVerb::Inbox, "")),
        Then::Board => Some(Intent::new(IntentVerb::Board, "")),
    }
}

/// The verb that shows a thing.
pub(crate) fn shows(thing: Thing) -> IntentVerb {
    match thing {
        Thing::Task => IntentVerb::Task,
        Thing::Batch => IntentVerb::Batch,
        Thing::Lead => IntentVerb::Lead,
        Thing::Case => IntentVerb::Case,
        Thing::Order => IntentVerb::Order,
        Thing::Step => IntentVerb::Step,
        Thing::Bulletin => IntentVerb::Bulletin,
    }
}
