//! One sentence for each thing that happened, in the language of whoever reads it.
//!
//! The texts stand under `told-` and the event's name, with a flag behind it where the sentence depends on
//! one. An event without a text, or one read from an insight that gave no facts, keeps its English sentence.

use fluent_bundle::FluentValue;
use jiff::Timestamp;
use picket_schemas::Span;
use picket_schemas::ask::TimelineItem;

use crate::look::Look;
use crate::when::yuan;

/// Facts whose truth makes another sentence.
const FLAGS: &[&str] = &["nil", "urgent", "late", "provisional", "joint"];
/// Facts given as they stand; those that are not there are empty.
const PLAIN: &[&str] = &[
    "action",
    "address",
    "batch",
    "bulletin",
    "case",
    "count",
    "department",
    "into",
    "lead",
    "name",
    "number",
    "occurrence",
    "order",
    "place",
    "problems",
    "row",
    "rows",
    "sortie",
    "step",
    "subject",
    "task",
    "year",
];
/// Facts that name one person, and several.
const PEOPLE: &[&str] = &["by", "finder", "instead_of", "person"];
const SEVERAL: &[&str] = &["offered", "to"];
/// Instants, and spans.
const INSTANTS: &[&str] = &["as_of", "due", "promise"];
const SPANS: &[&str] = &["deadline", "span"];

/// The sentence of an item.
pub fn sentence(item: &TimelineItem, look: &Look<'_>) -> String {
    let base = format!("told-{}", item.kind.replace('.', "-"));
    if item.with.is_empty() || !look.words.has(&base) {
        return item.text.clone();
    }
    let is = |flag: &str| item.with.get(flag).is_some_and(|value| value == "true");
    let flag = FLAGS
        .iter()
        .copied()
        .find(|flag| is(flag))
        .or(item.with.get("instead_of").map(|_| "over"));
    let key = flag
        .map(|flag| format!("{base}-{flag}"))
        .filter(|key| look.words.has(key))
        .unwrap_or(base);
    look.with(&key, &facts(item, look))
}

fn facts(item: &TimelineItem, look: &Look<'_>) -> Vec<(&'static str, FluentValue<'static>)> {
    let value = |key: &str| item.with.get(key).map(String::as_str).unwrap_or_default();
    let mut facts: Vec<(&'static str, FluentValue<'static>)> = Vec::new();
    let mut put = |key: &'static str, text: String| facts.push((key, text.into()));
    for key in PLAIN {
        put(key, value(key).to_owned());
    }
    for key in PEOPLE {
        let who = if value(key).is_empty() && *key == "by" {
            value("actor")
        } else {
            value(key)
        };
        put(key, person(who, look));
    }
    for key in SEVERAL {
        let names: Vec<_> = picket_schemas::lenient::parts(value(key))
            .map(|name| person(name, look))
            .collect();
        put(
            key,
            if names.is_empty() {
                "–".to_owned()
            } else {
                names.join(&look.say("between"))
            },
        );
    }
    for key in INSTANTS {
        put(
            key,
            value(key)
                .parse::<Timestamp>()
                .map_or_else(|_| value(key).to_owned(), |at| look.when.end(at)),
        );
    }
    for key in SPANS {
        put(
            key,
            value(key)
                .parse::<Span>()
                .map_or_else(|_| value(key).to_owned(), |span| look.when.span(span)),
        );
    }
    for (key, kind) in [
        ("level", "level"),
        ("outcome", "outcome"),
        ("result", "result"),
        ("verdict", "verdict"),
    ] {
        put(key, look.words.word(kind, value(key)));
    }
    let kinds = match item.kind.as_str() {
        "penalty.recorded" => "penalty",
        "document.issued" => "document",
        _ => "clock",
    };
    put("kind", look.words.word(kinds, value("kind")));
    put(
        "yuan",
        value("amount_fen")
            .parse()
            .map(|fen: i64| look.with("yuan", &[("yuan", yuan(fen).into())]))
            .unwrap_or_default(),
    );
    let assist: Vec<_> = picket_schemas::lenient::parts(value("assist")).collect();
    put(
        "assisted",
        if assist.is_empty() {
            String::new()
        } else {
            look.with(
                "told-assisted",
                &[("departments", assist.join(&look.say("between")).into())],
            )
        },
    );
    let codes: Vec<_> = picket_schemas::lenient::parts(value("codes"))
        .map(str::to_owned)
        .collect();
    put(
        "coded",
        if codes.is_empty() {
            String::new()
        } else {
            look.with("told-coded", &[("codes", look.codes(&codes).into())])
        },
    );
    let note = ["reason", "note", "seen"]
        .into_iter()
        .map(value)
        .find(|text| !text.is_empty());
    put(
        "noted",
        note.map(|text| look.with("told-noted", &[("text", look.rule(text).into())]))
            .unwrap_or_default(),
    );
    facts
}

/// A name; a post in its place stands for the finder, who is not named.
fn person(name: &str, look: &Look<'_>) -> String {
    match name.strip_prefix('@') {
        Some("") => look.say("told-somebody"),
        Some(post) => look.with("told-somebody-of", &[("post", post.to_owned().into())]),
        None => name.to_owned(),
    }
}
