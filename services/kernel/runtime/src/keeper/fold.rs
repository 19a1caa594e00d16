//! The fold of a journal into a keeper, by which a start, a takeover and a recovery all begin.
//!
//! Commits go in one after another, each checked against the one before it. It reads no store.

use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Timestamp;
use picket_book::{Book, Provenance, Upstream};
use picket_directory::Directory;
use picket_journal::{BookName, Head, StoredCommit};
use picket_reading::{Damaged, Decoded};
use picket_schemas::event::KeeperEvent;
use picket_schemas::registry::Territory;
use picket_schemas::{Cause, Command, Cursor, Entry, Event, Jurisdiction, PersonId};

use super::births::said;
use super::parking::Parked;
use super::remembered::{IdOwner, Remembered};
use super::{JournalReading, Keeper, cursor_at};
use crate::kind::Opening;

/// Why a book cannot be folded.
#[derive(Debug, thiserror::Error)]
pub enum CannotFold {
    /// The journal is damaged.
    #[error(transparent)]
    Damaged(#[from] Damaged),
    /// An event belongs to another service.
    #[error("commit {n} of `{book}` holds `{kind}`, which is not an event of this book")]
    Foreign {
        /// The book.
        book: String,
        /// The commit.
        n: u64,
        /// The event.
        kind: String,
    },
    /// The book failed over an event of its own journal.
    #[error("commit {n} of `{book}` holds `{kind}`, over which this version fails")]
    Failed {
        /// The book.
        book: String,
        /// The commit.
        n: u64,
        /// The event.
        kind: String,
    },
}

/// A keeper being folded: commits go in one after another, then it is opened.
pub struct BookFold<B: Book> {
    pub(super) name: BookName,
    pub(super) book: B,
    pub(super) head: Head,
    pub(super) at: Timestamp,
    /// What its first commit says of the generation it began in.
    pub(super) began: Option<u32>,
    /// Whether its journal says anything but from where it reads.
    pub(super) concerned: bool,
    pub(super) cursors: BTreeMap<String, Cursor>,
    pub(super) remembered: Remembered,
    pub(super) parked: Option<Parked>,
    pub(super) silent_bell: Option<Timestamp>,
}

impl<B: Book> BookFold<B> {
    /// Nothing folded yet.
    pub fn new(name: BookName) -> Self {
        Self {
            name,
            book: B::default(),
            head: Head::default(),
            at: Timestamp::MIN,
            began: None,
            concerned: false,
            cursors: BTreeMap::new(),
            remembered: Remembered::default(),
            parked: None,
            silent_bell: None,
        }
    }

    /// The last commit that was folded.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The instant of that commit.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The book as it is folded so far.
    pub fn book(&self) -> &B {
        &self.book
    }

    /// The generation it began in; none while it has no commit.
    pub fn began(&self) -> Option<u32> {
        (self.head.number > 0).then(|| said(self.began))
    }

    /// Whether anything ever concerned the book: its journal says more than from where it reads.
    pub fn is_concerned(&self) -> bool {
        self.concerned
    }

    /// Where it has read a journal to.
    pub fn cursor(&self, journal: &str) -> Option<&Cursor> {
        self.cursors.get(journal)
    }

    /// Takes over the position of the last commit in the store, if this is that one; a snapshot does not know it.
    pub fn stands_at(&mut self, head: &Head) {
        if self.head.is_same_commit(head) {
            self.head.position.clone_from(&head.position);
        }
    }

    /// Folds the next commit.
    pub fn take(&mut self, stored: &StoredCommit) -> Result<(), CannotFold> {
        let decoded = Decoded::check(self.name.as_str(), &self.head, stored)?;
        let commit = Arc::unwrap_or_clone(decoded.commit);
        if commit.n == 1 {
            self.began = commit.began;
        }
        for entry in commit.entries {
            self.concerned |= entry.cause != Cause::Keeper;
            if entry.cause == Cause::Command {
                self.remember(&entry, commit.n, commit.at);
            }
            let of = Provenance {
                at: commit.at,
                by: &entry.by,
            };
            for event in entry.events {
                match event {
                    Event::Keeper(event) => self.evolve_keeper(event),
                    event => self.evolve(event, of, commit.n)?,
                }
            }
        }
        self.cursors.extend(commit.seen);
        self.head = decoded.head;
        self.at = commit.at;
        Ok(())
    }

    /// Remembers the id of a command, so that it stays idempotent.
    fn remember(&mut self, entry: &Entry, n: u64, at: Timestamp) {
        self.remembered.accepted(
            entry.id.clone(),
            IdOwner::of(&entry.does, &entry.by),
            at,
            n,
            picket_schemas::event::created(&entry.does, &entry.events),
        );
    }

    fn evolve_keeper(&mut self, event: KeeperEvent) {
        self.concerned |= !matches!(event, KeeperEvent::ReadingBegan { .. });
        match event {
            KeeperEvent::CursorParked {
                journal, reason, ..
            } => {
                self.parked = Some(Parked {
                    journal,
                    why: reason,
                });
            }
            KeeperEvent::CursorUnparked { .. } => (self.parked, self.silent_bell) = (None, None),
            KeeperEvent::BellParked { due, .. } => self.silent_bell = Some(due),
            KeeperEvent::ReadingBegan { journal, .. } => {
                self.cursors.entry(journal).or_default();
            }
        }
    }

    fn evolve(&mut self, event: Event, of: Provenance<'_>, n: u64) -> Result<(), CannotFold> {
        let kind = event.kind();
        let own = B::Event::try_from(event).map_err(|_| CannotFold::Foreign {
            book: self.name.to_string(),
            n,
            kind: kind.into(),
        })?;
        let evolved = catch_unwind(AssertUnwindSafe(|| self.book.evolve(&own, of)));
        evolved.map_err(|_| CannotFold::Failed {
            book: self.name.to_string(),
            n,
            kind: kind.into(),
        })
    }

    /// The registry journals whose layers the directory is made of, own first, with the commit each stands at.
    pub fn registries(&self, territory: &Territory) -> Vec<(String, u64)> {
        registry_journals(territory, &Jurisdiction::from(self.name.jurisdiction()))
            .map(|journal| {
                let n = self.cursors.get(&journal).map_or(0, Cursor::begun);
                // The registry's own book is its own newest layer.
                let n = if journal == self.name.as_str() {
                    self.head.number
                } else {
                    n
                };
                (journal, n)
            })
            .collect()
    }

    /// The journals this book should read that it never read before.
    pub fn unread(&self, territory: &Territory) -> Vec<String> {
        reads_of::<B>(&self.name, territory)
            .into_iter()
            .filter(|journal| !self.cursors.contains_key(journal))
            .collect()
    }

    /// Opens the keeper. The heads are those at which it begins to read; what else was never read before is read from
    /// its beginning.
    pub(crate) fn open(
        mut self,
        opening: Opening<'_>,
        listens: Arc<HashSet<&'static str>>,
        as_command: fn(&Command) -> Option<&B::Command>,
    ) -> Keeper<B> {
        let Opening {
            territory,
            layers,
            heads,
            shared,
            calendar,
            generation,
        } = opening;
        let jurisdiction = Jurisdiction::from(self.name.jurisdiction());
        let (readings, left) = self.readings(territory, &jurisdiction, &heads);
        let directory = Directory::new(layers.clone(), calendar.clone());
        Keeper {
            actor: PersonId::new(&jurisdiction, B::SERVICE),
            name: self.name,
            jurisdiction,
            book: self.book,
            head: self.head,
            at: self.at,
            began: self.began,
            generation,
            readings,
            moved: BTreeMap::new(),
            left,
            unwritten: 0,
            remembered: self.remembered,
            layers,
            directory,
            calendar,
            shared,
            listens,
            parked: self.parked,
            silent_bell: self.silent_bell,
            bell_repeats: 0,
            poisoned_bell: None,
            as_command,
        }
    }

    /// The journals the book reads, each from its cursor, and the cursors of those it no longer reads.
    fn readings(
        &mut self,
        territory: &Territory,
        jurisdiction: &Jurisdiction,
        heads: &BTreeMap<String, Head>,
    ) -> (BTreeMap<String, JournalReading>, BTreeMap<String, Cursor>) {
        let fresh: HashSet<String> = self.unread(territory).into_iter().collect();
        for journal in &fresh {
            let head = heads.get(journal).cloned().unwrap_or_default();
            self.cursors.insert(journal.clone(), cursor_at(&head));
        }
        let registries: Vec<String> = registry_journals(territory, jurisdiction).collect();
        let wanted: HashSet<String> = reads_of::<B>(&self.name, territory).into_iter().collect();
        let (mut readings, mut left) = (BTreeMap::new(), BTreeMap::new());
        for (journal, cursor) in std::mem::take(&mut self.cursors) {
            if !wanted.contains(&journal) {
                left.insert(journal, cursor);
                continue;
            }
            let layer = registries.iter().position(|registry| *registry == journal);
            let fresh = fresh.contains(&journal);
            readings.insert(
                journal,
                JournalReading {
                    cursor,
                    layer,
                    fresh,
                    ..JournalReading::default()
                },
            );
        }
        (readings, left)
    }
}

/// The registry journals of a jurisdiction and all above it, own first.
fn registry_journals(
    territory: &Territory,
    jurisdiction: &Jurisdiction,
) -> impl Iterator<Item = String> {
    territory
        .chain(jurisdiction)
        .into_iter()
        .map(|jurisdiction| format!("registry/{jurisdiction}"))
}

/// The journals a book reads: registries of its own jurisdiction and all above, and what `READS` names.
pub(crate) fn reads_of<B: Book>(name: &BookName, territory: &Territory) -> Vec<String> {
    let jurisdiction = Jurisdiction::from(name.jurisdiction());
    let mut journals: Vec<String> = registry_journals(territory, &jurisdiction).collect();
    for upstream in B::READS {
        match upstream {
            Upstream::Own(service) => journals.push(format!("{service}/{jurisdiction}")),
            Upstream::Parent(service) => journals.extend(
                territory
                    .parent(&jurisdiction)
                    .map(|parent| format!("{service}/{parent}")),
            ),
            Upstream::Children(service) => journals.extend(
                territory
                    .children(&jurisdiction)
                    .map(|child| format!("{service}/{child}")),
            ),
        }
    }
    journals.retain(|journal| journal != name.as_str());
    journals.sort();
    journals.dedup();
    journals
}
