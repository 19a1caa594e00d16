//! Digest of events: how many of each kind there are, and one hash over all that is stored of them.
//!
//! Kinds are kept apart, so that a new version of one event leaves the lines of all others as they are. Hashes of
//! commits are left out: they follow from the events. What later versions say as data stands as the sentence it was.

use std::collections::BTreeMap;

use picket_schemas::commit::{hash, hex};
use picket_schemas::{Commit, Event, Part};
use sha2::{Digest as _, Sha256};

use crate::earlier::Earlier;

/// The format that was written when the digests were recorded; which one a commit needs is no part of them.
const FORMAT: u32 = 1;

fn within(part: Part) -> (u32, u32) {
    match part {
        Part::Events(done, step) | Part::Listened(done, step) => (done, step),
    }
}

/// Digests by service and event kind.
#[derive(Default)]
pub(crate) struct Digests {
    kinds: BTreeMap<(String, &'static str), (u64, Sha256)>,
    cursors: Sha256,
    answers: Sha256,
    earlier: Earlier,
}

impl Digests {
    /// Begins another world: what was learnt of the one before does not hold in it.
    pub(crate) fn begin(&mut self) {
        self.earlier = Earlier::default();
    }

    /// Notes what is needed to say events as they were said when they were recorded, before their commits are added.
    pub(crate) fn learn<'a>(&mut self, commits: impl Iterator<Item = &'a Commit> + Clone) {
        self.earlier.learn(commits);
    }

    /// An event as it was said when it was recorded.
    pub(crate) fn recorded(&self, commit: &Commit, event: &Event) -> Event {
        self.earlier.event(commit, event)
    }

    /// Adds all a commit says: its events with who, when and why, how far it read, when it next rings.
    pub(crate) fn commit(&mut self, commit: &Commit) {
        let service = commit.book.split('/').next().unwrap_or_default();
        for (place, entry) in commit.entries.iter().enumerate() {
            for event in &entry.events {
                let line = serde_json::to_string(&(
                    (&commit.book, commit.n, commit.at, place),
                    (
                        &entry.id,
                        &entry.by,
                        &entry.via,
                        entry.cause,
                        &entry.of,
                        &entry.does,
                        entry.made,
                        &entry.trace,
                        entry.hops,
                    ),
                    self.earlier.event(commit, event),
                ))
                .unwrap();
                let (count, sum) = self
                    .kinds
                    .entry((service.to_owned(), event.kind()))
                    .or_default();
                *count += 1;
                sum.update(line.as_bytes());
                sum.update(b"\n");
            }
        }
        let seen: Vec<_> = commit
            .seen
            .iter()
            .map(|(journal, cursor)| (journal, cursor.n, cursor.part.map(within)))
            .collect();
        self.cursors.update(
            serde_json::to_vec(&(&commit.book, commit.n, commit.due, FORMAT, seen)).unwrap(),
        );
    }

    /// Adds what somebody was answered.
    pub(crate) fn answer(&mut self, answer: &impl serde::Serialize) {
        self.answers.update(serde_json::to_vec(answer).unwrap());
    }

    /// A line a kind, then one for cursors and bells, then one for answers.
    pub(crate) fn lines(self) -> String {
        let mut text = String::new();
        for ((service, kind), (count, sum)) in self.kinds {
            text.push_str(&format!(
                "{service} {kind} {count} {}\n",
                hex(&sum.finalize())
            ));
        }
        text + &format!(
            "cursors {}\nanswers {}\n",
            hex(&self.cursors.finalize()),
            hex(&self.answers.finalize())
        )
    }
}

/// Many lines in one hash, but for those of the kinds that are kept apart.
pub(crate) fn in_short(lines: &str, apart: &[&str]) -> String {
    let is_apart = |line: &&str| apart.iter().any(|kind| line.contains(&format!(" {kind} ")));
    let rest: Vec<_> = lines.lines().filter(|line| !is_apart(line)).collect();
    let mut short = hash(rest.join("\n").as_bytes())[..24].to_owned();
    for kind in apart {
        let of: Vec<_> = lines
            .lines()
            .filter(|line| line.contains(&format!(" {kind} ")))
            .collect();
        short.push_str(&format!(
            " {kind}={}",
            &hash(of.join("\n").as_bytes())[..12]
        ));
    }
    short
}
