//! The seal: what nobody outside may hear of before its release, and until when.
//!
//! A fact may say so itself (`sealed_until`), or it may name a thing that an earlier sealed fact named: the
//! clock of a sealed task, the case of a sealed lead. Whatever a sealed decision names is sealed with it. It
//! knows fields, not the trade: a fact too many waits, none leaks.

use std::collections::BTreeMap;

use jiff::Timestamp;
use picket_schemas::{Cause, Commit, Entry, Event};
use serde_json::Value;

use crate::cloud::in_full;
use crate::public::public;

/// Fields that name a thing of the jurisdiction, or of another one in full.
const THINGS: &[&str] = &[
    "batch",
    "task",
    "revisit",
    "revisit_of",
    "place",
    "report",
    "lead",
    "into",
    "action",
    "case",
    "order",
    "clock",
    "step",
    "notice",
    "on",
    "about",
    "caused",
    "parent",
    "occurrence",
];
/// The field that names an outing. One outing serves sealed sheets and open ones: who tells of the outing itself
/// waits, what else was found on it does not.
const OUTING: &str = "sortie";

/// The things that are sealed, in full, each with its release.
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
        let named: Vec<Named> = entry
            .events
            .iter()
            .map(|event| Named::of(event, service, jurisdiction))
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
                    .filter_map(|index| Some((index, named[index].outing_until(sealed)?)));
                waiting.extend(
                    told.filter(|(_, until)| *until > now)
                        .map(|(index, until)| ((place, index), until)),
                );
                continue;
            };
            for index in group {
                for thing in named[index].things.iter().chain(&named[index].outing) {
                    let release = sealed.entry(thing.clone()).or_insert(until);
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

/// What an event names, and what it says of its own release.
struct Named {
    things: Vec<String>,
    outing: Option<String>,
    /// Whether others are told of the outing.
    tells_outing: bool,
    subject: Option<String>,
    says: Option<Timestamp>,
}

impl Named {
    fn of(event: &Event, service: &str, jurisdiction: &str) -> Self {
        let stored = serde_json::to_value(event).unwrap_or_default();
        let text = |field: &str| stored.get(field).and_then(Value::as_str);
        let outing = text(OUTING).map(|id| in_full(jurisdiction, id));
        let tells_outing =
            public(service, event.kind()).is_some_and(|line| line.ids.contains(&OUTING));
        let things = THINGS
            .iter()
            .filter_map(|field| text(field))
            .map(|id| in_full(jurisdiction, id))
            .collect();
        let subject = stored
            .get("subject")
            .and_then(|subject| subject.get("id"))
            .and_then(Value::as_str)
            .map(|id| in_full(jurisdiction, id));
        let says = [
            stored.get("sealed_until"),
            stored
                .get("matter")
                .and_then(|matter| matter.get("sealed_until")),
        ];
        let says = says
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .filter_map(|text| text.parse().ok())
            .max();
        Self {
            things,
            outing,
            tells_outing,
            subject,
            says,
        }
    }

    /// The release of the outing, where the event would tell of it.
    fn outing_until(&self, sealed: &Sealed) -> Option<Timestamp> {
        self.outing
            .as_ref()
            .filter(|_| self.tells_outing)
            .and_then(|outing| sealed.get(outing))
            .copied()
    }

    /// The latest release of the event itself and of anything it names. A place somebody found comes back as a
    /// subject; an institution on the list is no secret and seals nothing.
    fn until(&self, sealed: &Sealed) -> Option<Timestamp> {
        self.things
            .iter()
            .chain(&self.subject)
            .filter_map(|thing| sealed.get(thing).copied())
            .chain(self.says)
            .max()
    }
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
