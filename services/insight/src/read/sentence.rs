//! Sentences: one plain English sentence for each event of a timeline, one file per service.
//!
//! Names come from the registry, codes stand where nobody named them. People whose name must not be
//! said go by their post. It knows the events and nothing of how they were found.

mod bulletin;
mod dispatch;
mod escalation;
mod rectification;
mod schedule;

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};
use picket_schemas::{Event, PersonId, Subject};

use super::Reader;
use crate::sql::{local_zone, word};
use crate::tables::Answered;

/// People whose name must not be said, each with what is said instead.
pub(super) type Hidden = BTreeMap<String, String>;

/// Puts events into words.
pub(super) struct Words<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) j: &'a str,
    pub(super) hidden: &'a Hidden,
}

/// A deadline as people write it: midnight is 24:00 of the day that ends.
fn due(at: Timestamp) -> String {
    let local = at.to_zoned(local_zone()).datetime();
    if local.time() == jiff::civil::Time::midnight() {
        let day = local.date().checked_sub(1.day()).unwrap_or(local.date());
        return format!("{day} 24:00");
    }
    local.strftime("%Y-%m-%d %H:%M").to_string()
}

/// `: note`, or nothing.
fn noted(note: &str) -> String {
    if note.trim().is_empty() {
        String::new()
    } else {
        format!(": {}", note.trim())
    }
}

fn coded(codes: &[String]) -> String {
    if codes.is_empty() {
        String::new()
    } else {
        format!(" ({})", codes.join(", "))
    }
}

fn plain<T: serde::Serialize>(value: &T) -> String {
    word(value).replace('_', " ")
}

fn plural(n: u32, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

impl Words<'_> {
    /// A person by name, or by what stands in its place.
    pub(super) fn person(&self, id: &str) -> Answered<String> {
        match self.hidden.get(id) {
            Some(instead) => Ok(instead.clone()),
            None => Ok(self.reader.who(id)?.name),
        }
    }

    fn people(&self, ids: &[PersonId]) -> Answered<String> {
        let names = ids
            .iter()
            .map(|id| self.person(id.as_str()))
            .collect::<Answered<Vec<_>>>()?;
        Ok(if names.is_empty() {
            "nobody".to_owned()
        } else {
            names.join(", ")
        })
    }

    fn at(&self, subject: &Subject) -> Answered<String> {
        Ok(self.reader.subject(self.j, &subject.id)?.0.name)
    }

    fn department(&self, code: &str) -> Answered<String> {
        Ok(self.reader.department(self.j, code)?.name)
    }

    fn departments<S: AsRef<str>>(&self, lead: &str, assist: &[S]) -> Answered<String> {
        let mut text = self.department(lead)?;
        if !assist.is_empty() {
            let names = assist
                .iter()
                .map(|code| self.department(code.as_ref()))
                .collect::<Answered<Vec<_>>>()?;
            text.push_str(", assisted by ");
            text.push_str(&names.join(", "));
        }
        Ok(text)
    }

    /// One sentence.
    pub(super) fn sentence(&self, event: &Event) -> Answered<String> {
        match event {
            Event::Dispatch(event) => self.dispatch(event),
            Event::Rectification(event) => self.rectification(event),
            Event::Escalation(event) => self.escalation(event),
            Event::Schedule(event) => Ok(self.schedule(event)),
            Event::Bulletin(event) => self.bulletin(event),
            other => Ok(other.kind().replace('.', " ")),
        }
    }

    /// The due instant an order had when it was served.
    pub(super) fn first_due(&self, order: &str) -> Answered<Option<Timestamp>> {
        self.reader.tables.one(
            "SELECT d.due FROM clocks c JOIN dues d ON d.j = c.j AND d.clock = c.id WHERE c.j = ?1 AND c.on_id = ?2 AND c.kind = 'order.fix' ORDER BY d.ord LIMIT 1",
            (self.j, order),
            |row| row.get(0).map(crate::sql::instant),
        )
    }
}
