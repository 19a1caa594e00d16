//! Choices: the answers offered to a question, fetched for it or known beforehand.

use picket_schemas::ask::Named;
use picket_schemas::lenient::parts;
use picket_schemas::{Span, split_id};

use crate::forms::{Ask, Field, OpenForm};
use crate::look::ViewContext;

/// The limit of people or places taken of those fetched.
const FETCHED: usize = 48;

/// Departments of the default catalogue, for naming those that assist.
const DEPARTMENTS: [&str; 15] = [
    "edu", "mkt", "cul", "spo", "sci", "pol", "ndr", "urb", "fir", "pbc", "civ", "str", "hou",
    "net", "gua",
];

impl OpenForm {
    /// The people or places to choose from are still to be fetched.
    pub(crate) fn wants_offered(&self) -> Option<Ask> {
        let field = self.current()?;
        (field.ask.is_fetched() && self.offered_for != Some(self.field)).then_some(field.ask)
    }

    /// Keeps what was fetched for the present question.
    pub(crate) fn offer(&mut self, named: impl IntoIterator<Item = Named>) {
        self.offered = named
            .into_iter()
            .take(FETCHED)
            .map(|one| (one.code, one.name))
            .collect();
        self.offered_for = Some(self.field);
    }

    /// The answers offered for a question: value and label.
    pub(crate) fn choices(&self, field: &Field, look: &ViewContext<'_>) -> Vec<(String, String)> {
        match field.ask {
            Ask::Text | Ask::Id | Ask::Codes | Ask::Money => Vec::new(),
            Ask::Choice(values) => values
                .iter()
                .map(|value| ((*value).to_owned(), look.words.word(field.key, value)))
                .collect(),
            Ask::Suggest(keys) => keys
                .iter()
                .map(|key| {
                    (
                        look.words.word("suggest", key),
                        look.words.word("suggest", key),
                    )
                })
                .collect(),
            Ask::Offered => self.offered.clone(),
            Ask::Area | Ask::Person(_) | Ask::People(_) => self.named(str::to_owned),
            Ask::Department => self.named(|code| look.words.word("department", code)),
            Ask::Departments => {
                // One that was typed stands among the others, so that it can be taken back.
                let typed: Vec<_> = parts(self.value(field.key))
                    .filter(|code| !DEPARTMENTS.contains(code))
                    .collect();
                DEPARTMENTS
                    .iter()
                    .copied()
                    .chain(typed)
                    .map(|code| (code.to_owned(), look.words.word("department", code)))
                    .collect()
            }
            Ask::Span(days) => days
                .iter()
                .map(|days| {
                    (
                        format!("{days}wd"),
                        look.when.span(Span::working_days(*days)),
                    )
                })
                .collect(),
            Ask::Promise => promises(look),
            Ask::Day => (0..3)
                .filter_map(|days| look.when.on(days, 9, 0))
                .map(|at| {
                    (
                        look.when.zone.to_datetime(at).date().to_string(),
                        look.when.day(look.when.zone.to_datetime(at).date()),
                    )
                })
                .collect(),
            Ask::YesNo => [("true", "yes"), ("false", "no")]
                .map(|(value, key)| (value.to_owned(), look.say(key)))
                .to_vec(),
        }
    }

    /// The choices fetched, with their names; where one has none, with what is said instead.
    fn named(&self, unnamed: impl Fn(&str) -> String) -> Vec<(String, String)> {
        self.offered
            .iter()
            .map(|(code, name)| {
                let label = if name.is_empty() {
                    unnamed(code)
                } else {
                    name.clone()
                };
                (code.clone(), label)
            })
            .collect()
    }

    /// Takes out of an answer whoever is not offered: nobody is sent who is not shown.
    pub(crate) fn drop_unoffered(&mut self) {
        let Some(field) = self
            .current()
            .filter(|field| matches!(field.ask, Ask::People(_)))
        else {
            return;
        };
        let known: Vec<&str> = parts(self.value(field.key))
            .filter(|id| self.offered.iter().any(|(offered, _)| offered == id))
            .collect();
        let known = known.join(";");
        if !self.value(field.key).is_empty() {
            self.values.insert(field.key.to_owned(), known);
        }
    }

    /// The names behind a typed answer, where it was one of those offered.
    pub(crate) fn label(
        &self,
        field: &Field,
        value: &str,
        look: &ViewContext<'_>,
    ) -> Option<String> {
        if !field.ask.is_fetched() {
            return None;
        }
        let choices = self.choices(field, look);
        let names: Vec<_> = parts(value)
            .map(|id| {
                choices
                    .iter()
                    .find(|(known, _)| known == id)
                    .map_or(id, |(_, label)| label.as_str())
            })
            .collect();
        Some(names.join(&look.say("between")))
    }

    /// One of the people offered, by id, code or name: nobody is taken who is not shown.
    pub(super) fn person(&self, text: &str) -> Option<String> {
        let named = |(id, name): &&(String, String)| {
            id.eq_ignore_ascii_case(text)
                || split_id(id).1.eq_ignore_ascii_case(text)
                || name == text
        };
        let mut found = self.offered.iter().filter(named).map(|(id, _)| id.clone());
        found.next().filter(|_| found.next().is_none())
    }
}

/// Instants one may promise: in two hours, tonight, tomorrow at noon and in the evening.
fn promises(look: &ViewContext<'_>) -> Vec<(String, String)> {
    let in_two_hours = look.when.now.checked_add(jiff::Span::new().hours(2)).ok();
    [
        in_two_hours,
        look.when.on(0, 17, 30),
        look.when.on(1, 12, 0),
        look.when.on(1, 17, 30),
    ]
    .into_iter()
    .flatten()
    .filter(|at| *at > look.when.now)
    .map(|at| (at.to_string(), look.when.moment(at)))
    .collect()
}

/// Departments to choose from: those the table proposes first, then the catalogue's.
pub(crate) fn departments(proposed: impl IntoIterator<Item = Named>) -> Vec<Named> {
    let mut all: Vec<Named> = proposed.into_iter().collect();
    for code in DEPARTMENTS {
        if all.iter().all(|known| known.code != code) {
            all.push(Named {
                code: code.to_owned(),
                name: String::new(),
            });
        }
    }
    all
}
