//! The causal order of many journals: a commit comes after everything its writer had seen.
//!
//! The publisher asks for the next commits; what is sealed is then known before anything that follows from it.
//! It holds one short page a book at the most, and nothing while it stands at the heads.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use picket_journal::{BookName, Head, Journal, ReadError, Unavailable, hash_of};
use picket_schemas::{Commit, Cursor};

use crate::publisher::PublishError;

/// Commits read at a time from one journal.
const PAGE: usize = 64;

/// A commit and its hash.
pub(crate) type Read = (Commit, String);

/// Reads journals from where the caller is.
pub(crate) struct Order {
    journal: Arc<dyn Journal>,
    books: Vec<BookName>,
    at: BTreeMap<String, (u64, String)>,
    pages: BTreeMap<String, VecDeque<Read>>,
}

impl Order {
    pub(crate) fn new(
        journal: Arc<dyn Journal>,
        books: Vec<BookName>,
        at: BTreeMap<String, (u64, String)>,
    ) -> Self {
        Self {
            journal,
            books,
            at,
            pages: BTreeMap::new(),
        }
    }

    /// The next commits, about `limit` at most; none at the heads as they stand, or while a cause is not there yet.
    ///
    /// A book that cannot be read does not stop the others: it is told of when nothing else is left to do.
    pub(crate) async fn next(&mut self, limit: usize) -> Result<Vec<Read>, PublishError> {
        let heads = self.journal.last(&self.books).await?;
        let lost = self.lost(&heads).await;
        let mut batch = Vec::new();
        loop {
            let before = batch.len();
            let mut failed = None;
            for (book, head) in self.books.clone().iter().zip(&heads) {
                let filled = match lost.get(book.as_str()) {
                    Some(n) => Err(PublishError::Damaged {
                        book: book.to_string(),
                        n: *n,
                        what: "was read before and is not there any more".into(),
                    }),
                    None => self.fill(book, head.number).await,
                };
                if let Err(why) = filled {
                    failed.get_or_insert(why);
                }
                while batch.len() < limit
                    && let Some(read) = self.ready(book.as_str())
                {
                    self.at.insert(book.to_string(), (read.0.n, read.1.clone()));
                    batch.push(read);
                }
            }
            match failed {
                Some(why) if batch.is_empty() => return Err(why),
                _ if batch.len() == before || batch.len() >= limit => return Ok(batch),
                _ => {}
            }
        }
    }

    /// Books with a commit in hand whose cause is not there yet.
    pub(crate) fn blocked(&self) -> Vec<String> {
        self.pages.keys().cloned().collect()
    }

    /// Journals that end before what was read of them, or with something else, and the commit that is not there.
    async fn lost(&self, heads: &[Head]) -> BTreeMap<String, u64> {
        let mut lost = BTreeMap::new();
        for (book, head) in self.books.iter().zip(heads) {
            let Some((number, hash)) = self.at.get(book.as_str()).filter(|(number, hash)| {
                head.number < *number || (head.number == *number && head.hash != *hash)
            }) else {
                continue;
            };
            let read = Head {
                number: *number,
                hash: hash.clone(),
                position: String::new(),
            };
            // The store says so twice, since a person is called for it.
            if matches!(
                self.journal.read(book, &read, 1).await,
                Err(ReadError::Shortened { .. })
            ) {
                lost.insert(book.to_string(), *number);
            }
        }
        lost
    }

    async fn fill(&mut self, book: &BookName, head: u64) -> Result<(), PublishError> {
        let (number, hash) = self.at.get(book.as_str()).cloned().unwrap_or_default();
        if head <= number || self.pages.contains_key(book.as_str()) {
            return Ok(());
        }
        // Number and hash are remembered; the store finds its own position by them.
        let mut last = Head {
            number,
            hash,
            position: String::new(),
        };
        let mut page = VecDeque::new();
        for stored in self.journal.read(book, &last, PAGE).await? {
            let n = stored.head.number;
            let damaged = |what: &str| PublishError::Damaged {
                book: book.to_string(),
                n,
                what: what.to_owned(),
            };
            if hash_of(&stored.bytes) != stored.head.hash {
                return Err(damaged("is not what was hashed when it was written"));
            }
            let commit = Commit::decode(&stored.bytes)
                .map_err(|why| damaged(&format!("cannot be read: {why}")))?;
            if commit.book != book.as_str()
                || commit.n != last.number + 1
                || commit.prev != last.hash
            {
                return Err(damaged("does not follow the commit before it"));
            }
            last = stored.head.clone();
            page.push_back((commit, stored.head.hash));
        }
        if !page.is_empty() {
            self.pages.insert(book.to_string(), page);
        }
        Ok(())
    }

    /// The next commit of a book, if everything its writer had seen was handed out.
    fn ready(&mut self, book: &str) -> Option<Read> {
        let (commit, _) = self.pages.get(book)?.front()?;
        let followed = |other: &str| self.books.iter().any(|book| book.as_str() == other);
        let met = commit.seen.iter().all(|(other, theirs)| {
            self.at.get(other).map_or(0, |(n, _)| *n) >= needed(theirs) || !followed(other)
        });
        if !met {
            return None;
        }
        let page = self.pages.get_mut(book)?;
        let read = page.pop_front();
        if page.is_empty() {
            self.pages.remove(book);
        }
        read
    }

    /// One commit again, by the one before it.
    pub(crate) async fn again(
        &self,
        book: &str,
        n: u64,
        prev: &str,
    ) -> Result<Commit, PublishError> {
        let damaged = |what: &str| PublishError::Damaged {
            book: book.to_owned(),
            n,
            what: what.to_owned(),
        };
        let name = BookName::parse(book).map_err(|why| damaged(&why.to_string()))?;
        let before = Head {
            number: n - 1,
            hash: prev.to_owned(),
            position: String::new(),
        };
        let stored = self
            .journal
            .read(&name, &before, 1)
            .await?
            .pop()
            .ok_or_else(|| damaged("is gone"))?;
        Commit::decode(&stored.bytes).map_err(|why| damaged(&format!("cannot be read: {why}")))
    }
}

/// The last commit somebody with this cursor has acted upon, be it in part.
fn needed(theirs: &Cursor) -> u64 {
    theirs.n + u64::from(theirs.part.is_some())
}

impl From<Unavailable> for PublishError {
    fn from(why: Unavailable) -> Self {
        Self::Journal(why.into())
    }
}

impl From<ReadError> for PublishError {
    fn from(why: ReadError) -> Self {
        Self::Journal(why)
    }
}
