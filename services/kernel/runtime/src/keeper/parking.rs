//! Parking: a book that stumbled over a fact or a bell waits for a person, on record, until it is unparked.
//!
//! The person may let it try again or skip the commit. While it is parked its wishes are refused.

use jiff::Timestamp;
use picket_book::Book;
use picket_journal::Head;
use picket_schemas::event::KeeperEvent;
use serde::{Deserialize, Serialize};

use super::draft::{CommitDraft, NewEntry};
use super::{Keeper, SealedCommit, bells, cursor_at, head_of};
use crate::hindrance::Hindrance;

/// Why a book waits for a person, and in which journal; a bell has none.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Parked {
    pub(super) journal: String,
    pub(super) why: String,
}

impl<B: Book> Keeper<B> {
    /// Why it waits for a person, if it does.
    pub fn parked(&self) -> Option<&str> {
        self.parked.as_ref().map(|parked| parked.why.as_str())
    }

    /// The hindrance a person must look at, and why.
    pub fn hindrance(&self) -> Option<(Hindrance, String)> {
        let parked = self.parked().map(|why| (Hindrance::Parked, why.to_owned()));
        parked.or_else(|| {
            self.silent_bell()
                .map(|due| (Hindrance::SilentBell, bells::says_nothing(due)))
        })
    }

    /// The bell that waits for a person, while the book still wants it rung.
    fn silent_bell(&self) -> Option<Timestamp> {
        self.silent_bell
            .filter(|silent| self.book.due() == Some(*silent))
    }

    /// Parks the cursor of a journal it reads before commit `n`, once everything before that is taken. Without a
    /// journal it is the next bell that is parked and not rung.
    pub fn park_reading(&mut self, journal: &str, n: u64, reason: &str) {
        if journal.is_empty() {
            self.poisoned_bell = Some(reason.to_owned());
        } else if let Some(reading) = self.readings.get_mut(journal)
            && reading.poisoned.is_none()
        {
            reading.poisoned = Some((n, reason.to_owned()));
        }
    }

    pub(super) fn park(
        &mut self,
        draft: &mut CommitDraft,
        journal: String,
        n: u64,
        reason: String,
    ) {
        let event = KeeperEvent::CursorParked {
            journal: journal.clone(),
            n,
            reason: reason.clone(),
        };
        draft.push(
            NewEntry::keeper(&self.name, "keeper.park", draft.at()),
            vec![event.into()],
        );
        self.parked = Some(Parked {
            journal,
            why: reason,
        });
    }

    /// The journal it is parked in, with the last commit it took there as a whole.
    pub fn parked_cursor(&self) -> Option<(String, Head)> {
        let journal = &self.parked.as_ref()?.journal;
        let cursor = &self.readings.get(journal)?.cursor;
        Some((journal.clone(), head_of(cursor)))
    }

    /// Lets a parked book or a silent bell go on; `passed` is the commit it is parked before, where that is skipped.
    pub fn unpark(
        &mut self,
        now: Timestamp,
        by: &str,
        passed: Option<&Head>,
    ) -> Option<SealedCommit> {
        let silent = self.silent_bell();
        let journal = match self.parked.take() {
            Some(Parked { journal, .. }) => journal,
            None => silent.map(|_| String::new())?,
        };
        self.silent_bell = None;
        let at = self.at.max(now);
        let mut draft = CommitDraft::new(at);
        let mut n = 0;
        let skip = passed.is_some();
        if let Some(reading) = self.readings.get_mut(&journal) {
            n = reading.cursor.n + 1;
            reading.poisoned = None;
            if let Some(passed) = passed {
                reading.pending.clear();
                reading.cursor = cursor_at(passed);
                self.moved.insert(journal.clone(), reading.cursor.clone());
            }
        }
        let event = KeeperEvent::CursorUnparked {
            journal,
            n,
            by: by.to_owned(),
            skip,
        };
        draft.push(
            NewEntry::keeper(&self.name, "keeper.unpark", at),
            vec![event.into()],
        );
        Some(self.seal(draft))
    }
}
