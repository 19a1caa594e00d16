//! The sentence for each thing that happened, in the language of whoever reads it.
//!
//! The texts stand under `told-` and the event's name, with a flag behind it where the sentence depends on
//! one. An event without a text, or one read from an insight that gave no facts, keeps its English sentence.

use jiff::Timestamp;
use picket_phrases::FluentValue;
use picket_schemas::Span;
use picket_schemas::ask::TimelineItem;
use picket_schemas::lenient::parts;
use picket_schemas::rectification::RouteMatch;

use crate::look::ViewContext;
use crate::when::yuan;

/// The name of a fact in the texts, and what it says.
type LabelledFact = (&'static str, String);

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
pub fn sentence(item: &TimelineItem, look: &ViewContext<'_>) -> String {
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

fn facts(item: &TimelineItem, look: &ViewContext<'_>) -> Vec<(&'static str, FluentValue<'static>)> {
    let plain = PLAIN.iter().map(|key| (*key, value(item, key).to_owned()));
    plain
        .chain(people(item, look))
        .chain(times(item, look))
        .chain(terms(item, look))
        .chain(clauses(item, look))
        .map(|(key, text)| (key, text.into()))
        .collect()
}

/// A fact as it stands in the item; empty where it is not there.
fn value<'a>(item: &'a TimelineItem, key: &str) -> &'a str {
    item.with.get(key).map(String::as_str).unwrap_or_default()
}

/// The actor and those acted upon; the actor may stand under an older name.
fn people(item: &TimelineItem, look: &ViewContext<'_>) -> Vec<LabelledFact> {
    let one = PEOPLE.iter().map(|key| {
        let who = match value(item, key) {
            "" if *key == "by" => value(item, "actor"),
            who => who,
        };
        (*key, person(who, look))
    });
    let several = SEVERAL.iter().map(|key| {
        let names: Vec<_> = parts(value(item, key))
            .map(|name| person(name, look))
            .collect();
        let names = if names.is_empty() {
            "–".to_owned()
        } else {
            names.join(&look.say("between"))
        };
        (*key, names)
    });
    one.chain(several).collect()
}

/// Instants and spans; what does not read as one stays as it is.
fn times(item: &TimelineItem, look: &ViewContext<'_>) -> Vec<LabelledFact> {
    let instants = INSTANTS.iter().map(|key| {
        let text = value(item, key);
        let at = text.parse::<Timestamp>();
        (*key, at.map_or(text.to_owned(), |at| look.when.end(at)))
    });
    let spans = SPANS.iter().map(|key| {
        let text = value(item, key);
        let span = text.parse::<Span>();
        (
            *key,
            span.map_or(text.to_owned(), |span| look.when.span(span)),
        )
    });
    instants.chain(spans).collect()
}

/// Values of the trade in the reader's language.
fn terms(item: &TimelineItem, look: &ViewContext<'_>) -> Vec<LabelledFact> {
    let kinds = match item.kind.as_str() {
        "penalty.recorded" => "penalty",
        "document.issued" => "document",
        _ => "clock",
    };
    [
        ("level", "level"),
        ("outcome", "outcome"),
        ("result", "result"),
        ("verdict", "verdict"),
        ("kind", kinds),
    ]
    .map(|(key, kind)| (key, look.words.word(kind, value(item, key))))
    .to_vec()
}

/// Parts of the sentence that are there only with what they say.
fn clauses(item: &TimelineItem, look: &ViewContext<'_>) -> Vec<LabelledFact> {
    let amount = value(item, "amount_fen").parse().ok();
    let yuan = amount.map(|fen| look.with("yuan", &[("yuan", yuan(fen).into())]));
    let assist: Vec<_> = parts(value(item, "assist")).collect();
    let assisted = (!assist.is_empty()).then(|| {
        let departments = assist.join(&look.say("between"));
        look.with("told-assisted", &[("departments", departments.into())])
    });
    let codes: Vec<_> = parts(value(item, "codes")).map(str::to_owned).collect();
    let coded = (!codes.is_empty())
        .then(|| look.with("told-coded", &[("codes", look.codes(&codes).into())]));
    let note = ["reason", "note", "seen"]
        .into_iter()
        .map(|key| value(item, key))
        .find(|text| !text.is_empty());
    let rule = row_of_a_table(item).map(|matched| look.rule(&matched));
    let noted = rule.or(note.map(|text| look.reason(text)));
    let noted = noted.map(|text| look.with("told-noted", &[("text", text.into())]));
    [
        ("yuan", yuan),
        ("assisted", assisted),
        ("coded", coded),
        ("noted", noted),
    ]
    .map(|(key, clause)| (key, clause.unwrap_or_default()))
    .to_vec()
}

/// The row of a routing table that was the reason.
fn row_of_a_table(item: &TimelineItem) -> Option<RouteMatch> {
    let one = |key: &str| item.with.get(key).cloned();
    Some(RouteMatch {
        jurisdiction: one("rule_of")?.into(),
        row: one("rule_row")?.parse().ok()?,
        violation: one("rule_violation"),
        training: one("rule_training"),
    })
}

/// A name; a post in its place stands for the finder, who is not named.
fn person(name: &str, look: &ViewContext<'_>) -> String {
    match name.strip_prefix('@') {
        Some("") => look.say("told-somebody"),
        Some(post) => look.with("told-somebody-of", &[("post", post.to_owned().into())]),
        None => name.to_owned(),
    }
}
