//! The journal in memory: the reference every other store is compared with.
//!
//! Tests, simulations and replays use it. It does not know disks or processes: what it
//! holds ends with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::{Mutex, MutexGuard};

use crate::follower::{Follower, follow_by_reading};
use crate::name::BookName;
use crate::port::{
    AppendError, Bytes, Head, Journal, MAX_COMMIT_BYTES, MAX_READ_BYTES, ReadError, StoredCommit,
    Unavailable,
};
use crate::watchers::Watchers;

/// A journal in memory. Clones share one store.
#[derive(Clone, Default)]
pub struct MemoryJournal(Arc<MemoryStore>);

#[derive(Default)]
struct MemoryStore {
    facts: Mutex<Facts>,
    watchers: Watchers,
}

#[derive(Default)]
struct Facts {
    books: BTreeMap<BookName, Vec<StoredCommit>>,
    position: u64,
    closed: Option<Unavailable>,
}

impl MemoryJournal {
    /// A journal that holds nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// [`Journal::append`] for callers without a runtime.
    pub fn append_blocking(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, AppendError> {
        if bytes.len() > MAX_COMMIT_BYTES {
            return Err(AppendError::TooLarge {
                bytes: bytes.len(),
                limit: MAX_COMMIT_BYTES,
            });
        }
        let head = {
            let mut facts = self.facts();
            if let Some(Unavailable(reason)) = &facts.closed {
                return Err(AppendError::Unavailable(reason.clone()));
            }
            let last = facts.last(book);
            if !last.is_same_commit(expected) {
                return Err(AppendError::Moved { head: last });
            }
            facts.position += 1;
            let head = Head {
                number: last.number + 1,
                hash: hash.to_owned(),
                position: facts.position.to_string(),
            };
            let stored = StoredCommit {
                head: head.clone(),
                bytes,
            };
            facts.books.entry(book.clone()).or_default().push(stored);
            head
        };
        self.0.watchers.moved(book);
        Ok(head)
    }

    /// [`Journal::read`] for callers without a runtime.
    pub fn read_blocking(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        let facts = self.facts();
        if let Some(closed) = &facts.closed {
            return Err(closed.clone().into());
        }
        let commits = facts.books.get(book).map_or(&[][..], Vec::as_slice);
        let start = usize::try_from(after.number).unwrap_or(usize::MAX);
        let held = match start.checked_sub(1) {
            None => true,
            Some(at) => commits.get(at).is_some_and(|c| c.head.hash == after.hash),
        };
        if !held {
            return Err(ReadError::Shortened {
                book: book.clone(),
                head: facts.last(book),
            });
        }
        let mut bytes = 0;
        Ok(commits[start..]
            .iter()
            .take(limit)
            .take_while(|stored| {
                let room = bytes < MAX_READ_BYTES;
                bytes += stored.bytes.len();
                room
            })
            .cloned()
            .collect())
    }

    /// [`Journal::last`] for callers without a runtime.
    pub fn last_blocking(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        let facts = self.facts();
        match &facts.closed {
            Some(closed) => Err(closed.clone()),
            None => Ok(books.iter().map(|book| facts.last(book)).collect()),
        }
    }

    /// The books that have a commit, in the order of their names.
    pub fn books(&self) -> Vec<BookName> {
        self.facts().books.keys().cloned().collect()
    }

    /// Loses all commits of a book after the first `kept`, as a store restored from an older
    /// copy does. For tests.
    pub fn forget_after(&self, book: &BookName, kept: usize) {
        let mut facts = self.facts();
        if let Some(commits) = facts.books.get_mut(book) {
            commits.truncate(kept);
        }
        facts.books.retain(|_, commits| !commits.is_empty());
    }

    /// The store goes away, for all clones. For tests.
    pub fn close(&self) {
        const REASON: &str = "the journal was closed";
        self.facts().closed = Some(Unavailable(REASON.to_owned()));
        self.0.watchers.close(REASON);
    }

    /// No code that runs under this lock can leave the facts half changed.
    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.facts.lock()
    }
}

impl Facts {
    fn last(&self, book: &BookName) -> Head {
        let last = self.books.get(book).and_then(|commits| commits.last());
        last.map_or_else(Head::default, |stored| stored.head.clone())
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn append(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, AppendError> {
        self.append_blocking(book, expected, hash, bytes)
    }

    async fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        self.read_blocking(book, after, limit)
    }

    async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        self.last_blocking(books)
    }

    async fn follow(&self, after: Vec<(BookName, Head)>) -> Result<Follower, Unavailable> {
        if let Some(closed) = &self.facts().closed {
            return Err(closed.clone());
        }
        let watch = self
            .0
            .watchers
            .watch(after.iter().map(|(book, _)| book.clone()));
        let journal = self.clone();
        Ok(follow_by_reading(
            watch,
            after,
            move |book, after, limit| {
                std::future::ready(journal.read_blocking(&book, &after, limit))
            },
        ))
    }
}

#[cfg(test)]
mod tests;
