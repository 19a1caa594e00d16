//! Facts the sentence of a timeline is made of, for other languages than English.
//!
//! The fields of an event by their names on the wire: people, places and departments by name, codes,
//! numbers, instants and spans as they are written. Only fields named here leave; who went on a joint action,
//! and when, is not among them. It knows no language.

use std::collections::BTreeMap;

use picket_schemas::{Event, Span, rectification};
use serde_json::Value;

use super::sentence::Words;
use crate::tables::Answered;

/// In front of the post that stands for somebody who must not be named.
const UNNAMED: &str = "@";

/// Fields that say what something is called, how many, when, or why, as they stand.
const AS_THEY_ARE: &[&str] = &[
    "action",
    "address",
    "amount_fen",
    "as_of",
    "batch",
    "bulletin",
    "case",
    "clock",
    "count",
    "due",
    "focus",
    "generation",
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
    "on",
    "order",
    "outcome",
    "place",
    "problems",
    "promise",
    "provisional",
    "reason",
    "result",
    "revisit",
    "row",
    "seen",
    "sortie",
    "source",
    "step",
    "task",
    "urgent",
    "verdict",
    "year",
];

impl Words<'_> {
    /// The fields of an event, and whose entry it stands in.
    pub(super) fn facts(&self, event: &Event, by: &str) -> Answered<BTreeMap<String, String>> {
        let mut facts = BTreeMap::new();
        if by.contains('/') {
            facts.insert("actor".to_owned(), self.unnamed(by)?);
        }
        if let Value::Object(fields) = serde_json::to_value(event)? {
            for (key, value) in fields {
                if let Some(text) = self.fact(&key, &value)?.filter(|text| !text.is_empty()) {
                    facts.insert(key, text);
                }
            }
        }
        if let Event::Rectification(rectification::Event::OrderServed { order, .. }) = event
            && let Some(due) = self.first_due(order.as_str())?
        {
            facts.insert("due".to_owned(), due.to_string());
        }
        Ok(facts)
    }

    fn fact(&self, key: &str, value: &Value) -> Answered<Option<String>> {
        Ok(match (key, value) {
            ("by" | "person" | "finder" | "instead_of", Value::String(id)) => {
                Some(self.unnamed(id)?)
            }
            ("to" | "offered" | "officers", Value::Array(ids)) => {
                let names = ids
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|id| self.unnamed(id))
                    .collect::<Answered<Vec<_>>>()?;
                Some(names.join(";"))
            }
            ("subject", Value::Object(subject)) => {
                match subject.get("id").and_then(Value::as_str) {
                    Some(id) => Some(self.reader.subject(self.j, id)?.0.name),
                    None => None,
                }
            }
            ("department", Value::String(code)) => Some(self.reader.department(self.j, code)?.name),
            ("assist", Value::Array(codes)) => {
                let names = codes
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|code| Ok(self.reader.department(self.j, code)?.name))
                    .collect::<Answered<Vec<_>>>()?;
                Some(names.join(";"))
            }
            ("codes", Value::Array(codes)) => Some(
                codes
                    .iter()
                    .filter_map(Value::as_str)
                    .collect::<Vec<_>>()
                    .join(";"),
            ),
            ("rows", Value::Array(rows)) => Some(rows.len().to_string()),
            ("rows", Value::Number(rows)) => Some(rows.to_string()),
            ("span" | "deadline", value) => serde_json::from_value::<Span>(value.clone())
                .ok()
                .map(|span| format!("{}{}", span.amount, span.unit.short())),
            (key, Value::String(text)) if AS_THEY_ARE.contains(&key) => {
                Some(text.trim().to_owned())
            }
            (key, Value::Number(number)) if AS_THEY_ARE.contains(&key) => Some(number.to_string()),
            (key, Value::Bool(flag)) if AS_THEY_ARE.contains(&key) => Some(flag.to_string()),
            _ => None,
        })
    }

    /// A person by name; whoever must not be named by the post, so that each language says it its own way.
    fn unnamed(&self, id: &str) -> Answered<String> {
        Ok(match self.hidden.get(id) {
            Some(instead) => {
                let post = instead
                    .split_once('(')
                    .map_or("", |(_, post)| post.trim_end_matches(')'));
                format!("{UNNAMED}{post}")
            }
            None => self.person(id)?,
        })
    }
}
