//! Sentences: one plain English sentence for each event of a timeline.
//!
//! Names come from the registry, codes stand where nobody named them. People whose name must not be
//! said go by their post. The texts stand in the phrases; here is what they are made of.
//! It knows nothing of how events were found.

use std::collections::BTreeMap;

use jiff::Timestamp;
use picket_phrases::timeline::{EventFields, Name, sentence};
use picket_phrases::{Language, Texts};
use picket_schemas::Event;

use super::Reader;
use crate::sql::local_zone;
use crate::tables::InsightResult;

/// People whose name must not be said, each with the post that is said instead; empty where none is known.
pub(super) type HiddenNames = BTreeMap<String, String>;

/// A writer of the sentences of events.
pub(super) struct SentenceWriter<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) j: &'a str,
    pub(super) hidden: &'a HiddenNames,
}

impl SentenceWriter<'_> {
    /// A person by name, or by the post that stands in its place.
    pub(super) fn name(&self, id: &str) -> InsightResult<Name> {
        Ok(match self.hidden.get(id) {
            Some(post) => Name::Finder(post.clone()),
            None => Name::Full(self.reader.who(id)?.name),
        })
    }

    /// The writer of an entry, in English.
    pub(super) fn author(&self, by: &str) -> InsightResult<String> {
        Ok(if by.contains('/') {
            self.name(by)?.say(english())
        } else {
            by.to_owned()
        })
    }

    /// The English sentence of an event, which answers carry for readers that make none themselves.
    pub(super) fn sentence(&self, event: &Event, facts: &EventFields) -> String {
        sentence(event.kind(), facts, english(), &local_zone())
    }

    /// The due instant an order had when it was served.
    pub(super) fn first_due(&self, order: &str) -> InsightResult<Option<Timestamp>> {
        self.reader.tables.one(
            "SELECT d.due FROM clocks c JOIN dues d ON d.j = c.j AND d.clock = c.id WHERE c.j = ?1 AND c.on_id = ?2 AND c.kind = 'order.fix' ORDER BY d.ord LIMIT 1",
            (self.j, order),
            |row| row.get(0).map(crate::sql::instant),
        )
    }
}

/// The texts in English.
pub(super) fn english() -> &'static Texts {
    Texts::of(Language::En)
}
