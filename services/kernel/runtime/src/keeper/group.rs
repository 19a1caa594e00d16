//! A group: facts, bells and wishes decided one after another on the book as it then stands, sealed into one commit.
//!
//! Nothing of a group is answered here; the driver does that when the commit is stored.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use picket_book::{Book, Provenance, STEP_EVENTS};
use picket_schemas::event::KeeperEvent;
use picket_schemas::{Answer, Commit, Event, Problem, Wish};

use super::draft::{CommitDraft, NewEntry};
use super::{DECISION_BYTES, GROUP_BYTES, Keeper};

/// After so many facts that brought nothing, a commit is written for the cursors alone.
const MOST_UNWRITTEN: u32 = 4_096;

/// A group, decided and not yet appended.
#[derive(Debug)]
pub struct Group {
    /// The commit to append, if anything happened.
    pub append: Option<SealedCommit>,
    /// One for each wish that was taken, in order.
    pub answers: Vec<Result<Answer, Problem>>,
    /// Facts or bells are left for another group.
    pub more: bool,
    /// The book broke: drop the keeper and fold it anew. Nothing of this group counts.
    pub broken: Option<Culprit>,
}

/// The cause of a break: evolving failed, so the book in memory is no longer the fold of its journal.
#[derive(Debug)]
pub enum Culprit {
    /// The wish at this place of the group.
    Wish(usize),
    /// A commit of a journal it reads; a bell where the name is empty.
    Reading {
        /// The journal.
        journal: String,
        /// The commit.
        n: u64,
        /// Why.
        why: String,
    },
}

impl Culprit {
    fn bell(why: String) -> Self {
        Self::Reading {
            journal: String::new(),
            n: 0,
            why,
        }
    }
}

/// A commit ready to be appended.
#[derive(Debug)]
pub struct SealedCommit {
    /// The stored bytes.
    pub bytes: Vec<u8>,
    /// Their hash.
    pub hash: String,
    /// The same, decoded.
    pub commit: Commit,
}

/// Evolving failed: the book in memory is no longer the fold of its journal.
pub(super) struct EvolveFailed;

/// How recording a step came out. Only `Recorded` changed anything, but for `Broken`, after which nothing is to be
/// trusted.
pub(super) enum RecordOutcome {
    Recorded,
    GroupFull,
    TooLarge,
    Broken,
}

/// How far facts were taken.
pub(super) enum FactsOutcome {
    /// Nothing is left that could be taken.
    AllTaken,
    GroupFull,
    /// A registry has more to say; this group must end first, since it decides with one directory.
    DirectoryMoves,
    /// Evolving what followed from a commit failed.
    Broken(Culprit),
}

impl<B: Book> Keeper<B> {
    /// Decides a group at `now`: facts read, then bells due (where `ring`), then wishes.
    ///
    /// Takes wishes in order until the group is full; as many answers come back as were taken.
    pub fn group(&mut self, now: Timestamp, ring: bool, mut wishes: &[Wish]) -> Group {
        let mut draft = CommitDraft::new(self.at.max(now));
        if self.head.number == 0 || self.readings.values().any(|reading| reading.fresh) {
            self.begin(&mut draft);
        }
        let mut group = Group {
            append: None,
            answers: Vec::with_capacity(wishes.len()),
            more: false,
            broken: None,
        };
        // Half of it is left to those who wait.
        let limit = if wishes.is_empty() {
            GROUP_BYTES
        } else {
            GROUP_BYTES / 2
        };
        if self.parked.is_none() {
            match self.take_facts(&mut draft, limit) {
                FactsOutcome::AllTaken if ring && self.parked.is_none() => {
                    match self.ring(&mut draft, limit) {
                        Ok(more) => group.more = more,
                        Err(why) => group.broken = Some(Culprit::bell(why)),
                    }
                }
                FactsOutcome::AllTaken => {}
                FactsOutcome::GroupFull => group.more = true,
                FactsOutcome::DirectoryMoves => {
                    // A wish is decided with what the registry has said, not with what it said a group ago.
                    group.more = true;
                    wishes = &[];
                }
                FactsOutcome::Broken(culprit) => group.broken = Some(culprit),
            }
        }
        if group.broken.is_none() {
            self.take_wishes(wishes, &mut draft, &mut group);
        }
        if group.broken.is_none() && (!draft.is_empty() || self.unwritten >= MOST_UNWRITTEN) {
            group.append = Some(self.seal(draft));
        }
        group
    }

    fn take_wishes(&mut self, wishes: &[Wish], draft: &mut CommitDraft, group: &mut Group) {
        for (index, wish) in wishes.iter().enumerate() {
            if draft.bytes() >= GROUP_BYTES {
                break;
            }
            match self.wish(wish, draft) {
                Ok(Some(answer)) => group.answers.push(answer),
                Ok(None) => break,
                Err(EvolveFailed) => {
                    group.broken = Some(Culprit::Wish(index));
                    break;
                }
            }
        }
    }

    /// The first commit after a book began to read a journal says from where.
    fn begin(&mut self, draft: &mut CommitDraft) {
        let mut events = Vec::new();
        for (journal, reading) in self
            .readings
            .iter_mut()
            .filter(|(_, reading)| reading.fresh)
        {
            reading.fresh = false;
            events.push(Event::from(KeeperEvent::ReadingBegan {
                journal: journal.clone(),
                from: reading.cursor.n,
            }));
            if reading.cursor.n > 0 {
                self.moved.insert(journal.clone(), reading.cursor.clone());
            }
        }
        draft.push(
            NewEntry::keeper(&self.name, "keeper.begin", draft.at()),
            events,
        );
    }

    /// A commit of cursors that moved without anything happening, written before the keeper sleeps or stops.
    pub fn flush(&mut self, now: Timestamp) -> Option<SealedCommit> {
        (self.unwritten > 0 && self.head.number > 0)
            .then(|| self.seal(CommitDraft::new(self.at.max(now))))
    }

    /// Evolves the book by the events of a reaction or a bell, and records them.
    pub(super) fn record(
        &mut self,
        draft: &mut CommitDraft,
        entry: NewEntry,
        events: Vec<B::Event>,
        limit: usize,
    ) -> RecordOutcome {
        debug_assert!(
            events.len() <= STEP_EVENTS,
            "a step of {} brought {} events",
            self.name,
            events.len()
        );
        let json = draft.encode(&entry, &events);
        if json.len() > DECISION_BYTES {
            return RecordOutcome::TooLarge;
        }
        if !draft.has_room(json.len(), limit) {
            return RecordOutcome::GroupFull;
        }
        let of = Provenance {
            at: draft.at(),
            by: &entry.by,
        };
        let Ok(events) = self.evolve(events, of) else {
            return RecordOutcome::Broken;
        };
        draft.push_encoded(entry, events, json);
        RecordOutcome::Recorded
    }

    /// Evolves the book by events it brought, and gives them back as a commit carries them.
    pub(super) fn evolve(
        &mut self,
        events: Vec<B::Event>,
        of: Provenance<'_>,
    ) -> Result<Vec<Event>, EvolveFailed> {
        for event in &events {
            catch_unwind(AssertUnwindSafe(|| self.book.evolve(event, of)))
                .map_err(|_| EvolveFailed)?;
        }
        Ok(events.into_iter().map(Into::into).collect())
    }

    pub(super) fn seal(&mut self, draft: CommitDraft) -> SealedCommit {
        let due = self.due();
        let seen = std::mem::take(&mut self.moved);
        draft.seal(&self.name, &self.head, self.generation, due, seen)
    }
}
