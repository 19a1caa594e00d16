//! The seal: what nobody outside may hear of before its release, and until when.
//!
//! A fact may say so itself (`sealed_until`), or it may name a record that an earlier sealed fact named: the
//! clock of a sealed task, the case of a sealed lead. Whatever a sealed decision names is sealed with it. It
//! knows what an event names by the types of its fields, so that a new event is sealed before anybody thinks of it,
//! and a few kinds of records, not the trade: a fact too many waits, none leaks.

use std::collections::BTreeMap;

use jiff::Timestamp;
use picket_schemas::{Cause, Commit, Entry, Event, Mention, Mentioned, RecordKind, Within};

use crate::cloud::in_full;
use crate::public::public;

/// The records that are sealed, in full, each with its release.
pub(crate) type Sealed = BTreeMap<String, Timestamp>;

/// Takes a commit's seals into account and tells which of its events wait, by entry and index, and until when.
///
/// To be called once for each commit, causes before effects.
pub(crate) fn seal(
    sealed: &mut Sealed,
    commit: &Commit,
    now: Timestamp,
) -> BTreeMap<(usize, usize), Timestamp> {
    let (service, jurisdiction) = commit.book.split_once('/').unwrap_or_default();
    let mut waiting = BTreeMap::new();
    for (place, entry) in commit.entries.iter().enumerate() {
        let named: Vec<NamedThings> = entry
            .events
            .iter()
            .map(|event| NamedThings::of(event, service, jurisdiction))
            .collect();
        // What was decided together is sealed together. A bell is no decision: it speaks of unrelated things at once.
        let groups: Vec<Vec<usize>> = if entry.cause == Cause::Bell {
            (0..named.len()).map(|one| vec![one]).collect()
        } else {
            vec![(0..named.len()).collect()]
        };
        for group in groups {
            let until = group
                .iter()
                .filter_map(|index| named[*index].until(sealed))
                .max()
                .filter(|until| *until > now);
            let Some(until) = until else {
                let told = group
                    .into_iter()
                    .filter_map(|index| Some((index, named[index].alone_until(sealed)?)));
                waiting.extend(
                    told.filter(|(_, until)| *until > now)
                        .map(|(index, until)| ((place, index), until)),
                );
                continue;
            };
            for index in group {
                for record in &named[index].seals {
                    let release = sealed.entry(record.clone()).or_insert(until);
                    *release = until.max(*release);
                }
                waiting.insert((place, index), until);
            }
        }
    }
    waiting
}

/// Forgets what was released.
pub(crate) fn release(sealed: &mut Sealed, now: Timestamp) {
    sealed.retain(|_, until| *until > now);
}

/// The names in an event, by their part in a seal, and what the event says of its own release.
#[derive(Default)]
struct NamedThings {
    /// Sealed together with the event.
    seals: Vec<String>,
    /// Where one of these is sealed, the event is, and all that was decided with it.
    sealed_by: Vec<String>,
    /// Where one of these is sealed, the event waits, and nothing else for its sake.
    waits_for: Vec<String>,
    says: Option<Timestamp>,
}

impl NamedThings {
    fn of(event: &Event, service: &str, jurisdiction: &str) -> Self {
        let line = public(service, event.kind());
        let tells = |field| line.is_some_and(|line| line.ids.contains(&field));
        let mut named = Self::default();
        event.mentions(&mut |mention| named.add(&mention, jurisdiction, tells(mention.field)));
        named
    }

    /// Adds a mention; `told` is whether others are told of it.
    fn add(&mut self, mention: &Mention<'_>, jurisdiction: &str, told: bool) {
        match mention.of {
            Mentioned::Seal(until) => self.says = self.says.max(Some(until)),
            // A place somebody found comes back as a subject; an institution on the list is no secret and seals nothing.
            Mentioned::Subject(id) => self.sealed_by.push(in_full(jurisdiction, id)),
            Mentioned::Record(kind, id) => {
                let id = in_full(jurisdiction, id);
                match (kind, mention.within) {
                    // It comes round for sealed batches and open ones alike.
                    (RecordKind::Schedule, _) => {}
                    // Notices go out together that have nothing else to do with each other; nobody is told of a draft.
                    (_, Within::Bundled | Within::Draft) | (RecordKind::Notice, Within::Listed) => {
                        self.waits_for.push(id)
                    }
                    // One outing serves sealed sheets and open ones: who tells of the outing itself waits, what else
                    // was found on it does not.
                    (RecordKind::Sortie, _) => {
                        if told {
                            self.waits_for.push(id.clone());
                        }
                        self.seals.push(id);
                    }
                    _ => {
                        self.sealed_by.push(id.clone());
                        self.seals.push(id);
                    }
                }
            }
            Mentioned::Person(_) => {}
        }
    }

    /// Until when the event waits for its own sake alone.
    fn alone_until(&self, sealed: &Sealed) -> Option<Timestamp> {
        latest(&self.waits_for, sealed)
    }

    /// The latest release of the event itself and of anything that seals it.
    fn until(&self, sealed: &Sealed) -> Option<Timestamp> {
        latest(&self.sealed_by, sealed).max(self.says)
    }
}

/// The latest release of any of these.
fn latest(ids: &[String], sealed: &Sealed) -> Option<Timestamp> {
    ids.iter().filter_map(|id| sealed.get(id).copied()).max()
}

/// How many events an entry has, for marks that are kept by entry and index.
pub(crate) fn places(commit: &Commit) -> impl Iterator<Item = (usize, usize)> + '_ {
    commit
        .entries
        .iter()
        .enumerate()
        .flat_map(|(place, entry): (usize, &Entry)| {
            (0..entry.events.len()).map(move |index| (place, index))
        })
}
