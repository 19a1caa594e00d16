//! Facts the sentence of a timeline is made of, in any language.
//!
//! The fields of an event by their names on the wire: people, places and departments by name, codes,
//! numbers, instants and spans. Of these an answer carries the [`SHOWN`]; who went on a joint action,
//! and when, is said in its sentence alone. It knows no language but the
//! English that bots of the version before read.

use std::collections::BTreeMap;

use picket_phrases::timeline::{EventFields, FieldValue, Name, rule};
use picket_schemas::escalation::Because;
use picket_schemas::rectification::Routing;
use picket_schemas::registry::Target;
use picket_schemas::{Event, PersonId, Span, rectification};
use serde_json::Value;

use super::sentence::{SentenceWriter, english};
use crate::tables::InsightResult;

/// In front of the post that stands for somebody who must not be named.
const UNNAMED: &str = "@";

/// The fields an answer carries beside its English sentence.
const SHOWN: &[&str] = &[
    "action",
    "actor",
    "address",
    "amount_fen",
    "as_of",
    "assist",
    "batch",
    "bulletin",
    "by",
    "case",
    "clock",
    "codes",
    "count",
    "deadline",
    "department",
    "due",
    "finder",
    "focus",
    "generation",
    "instead_of",
    "into",
    "joint",
    "kind",
    "late",
    "lead",
    "level",
    "name",
    "nil",
    "note",
    "number",
    "occurrence",
    "offered",
    "officers",
    "on",
    "order",
    "outcome",
    "person",
    "place",
    "problems",
    "promise",
    "provisional",
    "reason",
    "result",
    "revisit",
    "row",
    "rows",
    "seen",
    "sortie",
    "source",
    "span",
    "step",
    "subject",
    "task",
    "to",
    "urgent",
    "verdict",
    "year",
];

impl SentenceWriter<'_> {
    /// The fields of an event, and whose entry it stands in.
    pub(super) fn facts(&self, event: &Event, by: &str) -> InsightResult<EventFields> {
        let mut facts = EventFields::new();
        if by.contains('/') {
            facts.insert("actor".to_owned(), self.names([by])?);
        }
        if let Value::Object(fields) = serde_json::to_value(event)? {
            for (key, value) in fields {
                self.fact(key, value, &mut facts)?;
            }
        }
        if let Event::Rectification(rectification::Event::OrderServed { order, .. }) = event
            && let Some(due) = self.first_due(order.as_str())?
        {
            facts.insert("due".to_owned(), FieldValue::At(due));
        }
        Ok(facts)
    }

    fn fact(&self, key: String, value: Value, facts: &mut EventFields) -> InsightResult<()> {
        let fact = match (key.as_str(), value) {
            ("by" | "person" | "finder" | "instead_of", Value::String(id)) => {
                Some(self.names([id.as_str()])?)
            }
            ("to" | "offered" | "officers" | "members" | "crew", Value::Array(ids)) => {
                Some(self.names(ids.iter().filter_map(Value::as_str))?)
            }
            ("duty", Value::Object(duty)) => {
                let people = duty.get("people").and_then(Value::as_array);
                let people = people.into_iter().flatten().filter_map(Value::as_str);
                facts.insert("people".to_owned(), self.names(people)?);
                None
            }
            ("hazards", Value::Object(hazards)) => {
                for count in ["found", "fixed"] {
                    let number = hazards.get(count).and_then(Value::as_i64);
                    facts.insert(
                        format!("hazards_{count}"),
                        FieldValue::Number(number.unwrap_or_default()),
                    );
                }
                None
            }
            ("proposal", proposal @ Value::Object(_)) => {
                let proposal: Routing = serde_json::from_value(proposal)?;
                let rule = match proposal.matched() {
                    Some(matched) => FieldValue::Rule(matched),
                    None => FieldValue::Text(proposal.rule),
                };
                facts.insert("rule".to_owned(), rule);
                None
            }
            ("matched", matched @ Value::Object(_)) => {
                Some(FieldValue::Rule(serde_json::from_value(matched)?))
            }
            ("because", because @ Value::Object(_)) => {
                let because: Because = serde_json::from_value(because)?;
                let names = self.named_in(&because)?;
                Some(FieldValue::Because(because, names))
            }
            ("schedule", Value::Object(schedule)) => text(schedule.get("code")),
            ("subject", Value::Object(subject)) => {
                match subject.get("id").and_then(Value::as_str) {
                    Some(id) => Some(FieldValue::Text(self.reader.subject(self.j, id)?.0.name)),
                    None => None,
                }
            }
            ("department", Value::String(code)) => Some(FieldValue::Text(
                self.reader.department(self.j, &code)?.name,
            )),
            ("assist", Value::Array(codes)) => {
                let names = codes
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|code| Ok(Name::Full(self.reader.department(self.j, code)?.name)))
                    .collect::<InsightResult<Vec<_>>>()?;
                Some(FieldValue::Names(names))
            }
            ("rows", Value::Array(rows)) => i64::try_from(rows.len()).ok().map(FieldValue::Number),
            (_, value) => plain(&key, value),
        };
        // A value that is empty is not said.
        let said =
            |fact: &FieldValue| !matches!(fact, FieldValue::Names(names) if names.is_empty());
        if let Some(fact) = fact.filter(said) {
            facts.insert(key, fact);
        }
        Ok(())
    }

    /// The people a reason names.
    fn named_in(&self, because: &Because) -> InsightResult<BTreeMap<PersonId, Name>> {
        people_in(because)
            .map(|person| Ok((person.clone(), self.name(person.as_str())?)))
            .collect()
    }

    /// People by name; whoever must not be named by the post, so that each language says it its own way.
    fn names<'n>(&self, ids: impl IntoIterator<Item = &'n str>) -> InsightResult<FieldValue> {
        ids.into_iter()
            .map(|id| self.name(id))
            .collect::<InsightResult<_>>()
            .map(FieldValue::Names)
    }
}

/// The people a reason names.
pub(super) fn people_in(because: &Because) -> impl Iterator<Item = &PersonId> {
    let targets = because.targets.iter().filter_map(|target| match target {
        Target::Person(person) => Some(person),
        _ => None,
    });
    because.duty.people.iter().chain(targets)
}

/// A field that names nothing the registry knows.
fn plain(key: &str, value: Value) -> Option<FieldValue> {
    match (key, value) {
        ("codes", Value::Array(codes)) => {
            let codes: Vec<_> = codes
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
            (!codes.is_empty()).then_some(FieldValue::Codes(codes))
        }
        ("span" | "deadline", value) => serde_json::from_value::<Span>(value)
            .ok()
            .map(FieldValue::Length),
        ("as_of" | "due" | "promise", Value::String(at)) => at
            .parse()
            .map_or(Some(FieldValue::Text(at)), |at| Some(FieldValue::At(at))),
        (_, value @ Value::String(_)) => text(Some(&value)),
        (_, Value::Number(number)) => number.as_i64().map(FieldValue::Number),
        (_, Value::Bool(flag)) => Some(FieldValue::Flag(flag)),
        _ => None,
    }
}

fn text(value: Option<&Value>) -> Option<FieldValue> {
    let text = value?.as_str()?.trim();
    (!text.is_empty()).then(|| FieldValue::Text(text.to_owned()))
}

/// The facts an answer carries, each as it is written there.
pub(super) fn shown(facts: &EventFields) -> BTreeMap<String, String> {
    let shown = facts
        .iter()
        .filter(|(key, _)| SHOWN.contains(&key.as_str()));
    let mut shown: BTreeMap<_, _> = shown
        .map(|(key, fact)| (key.clone(), written(fact)))
        .filter(|(_, text)| !text.is_empty())
        .collect();
    if let Some(FieldValue::Rule(matched)) = facts.get("matched") {
        // The sentence of version 1, for bots that read no rows.
        shown.insert("reason".to_owned(), rule(matched, english()));
        shown.insert("rule_row".to_owned(), matched.row.to_string());
        shown.insert("rule_of".to_owned(), matched.jurisdiction.to_string());
        let on = [
            ("rule_violation", &matched.violation),
            ("rule_training", &matched.training),
        ];
        shown.extend(
            on.into_iter()
                .filter_map(|(key, value)| value.clone().map(|value| (key.to_owned(), value))),
        );
    }
    shown
}

fn written(fact: &FieldValue) -> String {
    match fact {
        FieldValue::Text(text) => text.clone(),
        FieldValue::Number(number) => number.to_string(),
        FieldValue::Flag(flag) => flag.to_string(),
        FieldValue::Names(names) => {
            let names: Vec<_> = names
                .iter()
                .map(|name| match name {
                    Name::Full(name) => name.clone(),
                    Name::Finder(post) => format!("{UNNAMED}{post}"),
                })
                .collect();
            names.join(";")
        }
        FieldValue::Codes(codes) => codes.join(";"),
        FieldValue::At(at) => at.to_string(),
        FieldValue::Length(span) => format!("{}{}", span.amount, span.unit.short()),
        // What is said of these has fields of its own.
        FieldValue::Rule(_) | FieldValue::Because(..) => String::new(),
    }
}
