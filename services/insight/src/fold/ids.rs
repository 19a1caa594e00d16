//! Ids an event is filed under, so that a timeline finds it.
//!
//! An event stands under the record it is about and under what it happened to; links between books (a clock and what it
//! waits for, a lead and the row it came from) are followed when somebody asks. How often a thing is named is its
//! revision. What an event names is read from the types of its fields: rules here are over kinds of records, so that
//! a new event is filed before anybody thinks of it.

use std::borrow::Cow;

use picket_schemas::{Event, Mentioned, RecordKind, Within};

/// The key of an institution or place, kept apart from ids of records.
pub(crate) fn subject_key(id: &str) -> String {
    format!("i:{id}")
}

/// True if an event is part of any timeline: it is, where it is about a record that has one.
pub(super) fn has_timeline(event: &Event) -> bool {
    // What became of a notice is looked up where notices are.
    event
        .about()
        .is_some_and(|(kind, _)| kind != RecordKind::Notice)
}

/// Hands over the ids an event that is part of a timeline stands under.
pub(super) fn each<'a>(event: &'a Event, mut file: impl FnMut(Cow<'a, str>)) {
    let Some(about) = event.about() else { return };
    file(about.1.into());
    event.mentions(&mut |mention| match mention.of {
        Mentioned::Record(RecordKind::Place, id) if about == (RecordKind::Place, id) => {
            file(subject_key(id).into());
        }
        Mentioned::Record(kind, id)
            if mention.within == Within::Alone
                && kind.service() == Some(event.service())
                && gathers(kind) =>
        {
            file(id.into());
        }
        Mentioned::Subject(id) if mention.within == Within::Alone => file(subject_key(id).into()),
        _ => {}
    });
}

/// True if the history of such a record holds what became of it in others: in a case its orders, in a schedule its
/// occurrences. A batch gathers its sheets when it is asked for; of a report, an outing and a sheet's second round each
/// has a history of its own.
fn gathers(kind: RecordKind) -> bool {
    match kind {
        RecordKind::Lead | RecordKind::Case | RecordKind::Clock | RecordKind::Schedule => true,
        RecordKind::Batch
        | RecordKind::Task
        | RecordKind::Place
        | RecordKind::Sortie
        | RecordKind::Report
        | RecordKind::Action
        | RecordKind::Order
        | RecordKind::Step
        | RecordKind::Notice
        | RecordKind::Occurrence
        | RecordKind::Bulletin
        | RecordKind::Any => false,
    }
}

#[cfg(test)]
mod tests;
