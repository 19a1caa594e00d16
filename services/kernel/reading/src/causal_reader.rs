//! Reading many journals in causal order: a commit comes after everything its writer had seen.
//!
//! What a reader that keeps its own positions does when it starts, or falls behind the hub. A damaged journal
//! is read up to the damage and named; the others are read on, and nothing waits for what nobody can read.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use picket_journal::{BookName, Head, Journal, ReadError, Unavailable};
use picket_schemas::Cursor;

use crate::decoded::Decoded;
use crate::office::CannotKeep;

/// Commits read at a time from one journal.
const CHUNK: usize = 512;

/// Reads journals from where the caller is.
pub struct Causal {
    journal: Arc<dyn Journal>,
    books: BTreeMap<String, Shelf>,
}

struct Shelf {
    name: BookName,
    /// Handed out so far.
    at: u64,
    /// Read so far.
    read: Head,
    ready: VecDeque<Arc<Decoded>>,
    ended: bool,
    /// Where it is known to end; nobody has asked where that is 0.
    ends: u64,
    /// It is known that facts are missing in it.
    lossy: bool,
    /// Why it cannot be read further.
    damage: Option<String>,
}

impl Causal {
    /// From positions: book → (number, hash); a book that is not named is read from its beginning.
    pub fn new(
        journal: Arc<dyn Journal>,
        books: &[BookName],
        positions: &BTreeMap<String, (u64, String)>,
    ) -> Self {
        let shelf = |name: &BookName| {
            let (number, hash) = positions.get(name.as_str()).cloned().unwrap_or_default();
            Shelf {
                name: name.clone(),
                at: number,
                read: Head {
                    number,
                    hash,
                    position: String::new(),
                },
                ready: VecDeque::new(),
                ended: false,
                ends: 0,
                lossy: false,
                damage: None,
            }
        };
        Self {
            journal,
            books: books
                .iter()
                .map(|name| (name.to_string(), shelf(name)))
                .collect(),
        }
    }

    /// Takes these journals as they are: what is missing in them was lost, and is neither complained of nor waited for.
    #[must_use]
    pub fn as_they_are(mut self, books: &[BookName]) -> Self {
        for book in books {
            if let Some(shelf) = self.books.get_mut(book.as_str()) {
                shelf.lossy = true;
            }
        }
        self
    }

    /// Passes over journals that end where the caller is, which the store is asked of all of them together: of thousands
    /// few hold anything new, and each would be read twice, one after the other, to find that out.
    pub async fn past_what_is_read(mut self) -> Result<Self, Unavailable> {
        let names: Vec<BookName> = self
            .books
            .values()
            .map(|shelf| shelf.name.clone())
            .collect();
        let heads = self.journal.last(&names).await?;
        for (shelf, head) in self.books.values_mut().zip(heads) {
            // One that ends before, or with another commit, is read, and found out.
            shelf.ended =
                head.number == shelf.at && (head.number == 0 || head.hash == shelf.read.hash);
            shelf.ends = head.number;
        }
        Ok(self)
    }

    /// The journals that could not be read to their ends because they are damaged, each with why.
    pub fn damaged(&self) -> BTreeMap<String, String> {
        self.books
            .iter()
            .filter_map(|(book, shelf)| Some((book.clone(), shelf.damage.clone()?)))
            .collect()
    }

    /// The next commits, at most about `limit`; empty at the heads as they stood.
    pub async fn next(&mut self, limit: usize) -> Result<Vec<Arc<Decoded>>, CannotKeep> {
        let mut batch = Vec::new();
        loop {
            for shelf in self
                .books
                .values_mut()
                .filter(|shelf| shelf.ready.is_empty() && !shelf.ended)
            {
                shelf.fill(self.journal.as_ref()).await?;
            }
            let mut progress = false;
            let names: Vec<String> = self.books.keys().cloned().collect();
            for name in names {
                while batch.len() < limit {
                    let Some(commit) = self.ready(&name) else {
                        break;
                    };
                    if let Some(shelf) = self.books.get_mut(&name) {
                        shelf.ready.pop_front();
                        shelf.at = commit.head.number;
                    }
                    batch.push(commit);
                    progress = true;
                }
            }
            let drained = self
                .books
                .values()
                .any(|shelf| shelf.ready.is_empty() && !shelf.ended);
            if batch.len() >= limit || (!progress && !drained && !self.read_causes().await?) {
                return Ok(batch);
            }
        }
    }

    /// A commit in hand may have a cause that was appended after its journal was read to the end: reads on there.
    async fn read_causes(&mut self) -> Result<bool, CannotKeep> {
        let fronts = self.books.values().filter_map(|shelf| shelf.ready.front());
        let mut causes: BTreeMap<String, u64> = BTreeMap::new();
        for (other, theirs) in fronts.flat_map(|commit| &commit.commit.seen) {
            let most = causes.entry(other.clone()).or_default();
            *most = needed(theirs).max(*most);
        }
        let mut found = false;
        for (other, needed) in causes {
            if let Some(shelf) = self
                .books
                .get_mut(&other)
                .filter(|shelf| shelf.ready.is_empty() && shelf.at < needed)
            {
                shelf.fill(self.journal.as_ref()).await?;
                found |= !shelf.ready.is_empty();
            }
        }
        Ok(found)
    }

    fn ready(&self, name: &str) -> Option<Arc<Decoded>> {
        let commit = self.books.get(name)?.ready.front()?;
        let met = commit.commit.seen.iter().all(|(other, theirs)| {
            self.books
                .get(other)
                .is_none_or(|shelf| shelf.at >= needed(theirs) || shelf.lacks(needed(theirs)))
        });
        met.then(|| commit.clone())
    }
}

/// The last commit somebody with this cursor has acted upon, be it in part.
fn needed(theirs: &Cursor) -> u64 {
    theirs.n + u64::from(theirs.part.is_some())
}

impl Shelf {
    /// Whether commit `n` is one that nobody can read any more.
    fn lacks(&self, n: u64) -> bool {
        self.ended && (self.lossy || self.damage.is_some()) && n > self.read.number
    }

    async fn fill(&mut self, journal: &dyn Journal) -> Result<(), CannotKeep> {
        let book = self.name.to_string();
        // A caller remembers number and hash; the store's own position is found by number.
        let read = match journal.read(&self.name, &self.read, CHUNK).await {
            Ok(read) => read,
            Err(ReadError::Shortened { .. }) if self.lossy => Vec::new(),
            Err(source) => return Err(CannotKeep::Read { book, source }),
        };
        self.ended = read.is_empty()
            || read
                .last()
                .is_some_and(|last| last.head.number == self.ends);
        for stored in &read {
            match Decoded::check(&book, &self.read, stored) {
                Ok(commit) => {
                    self.read = commit.head.clone();
                    self.ready.push_back(Arc::new(commit));
                }
                Err(why) => {
                    let damage = CannotKeep::Fold {
                        book: book.clone(),
                        source: why.into(),
                    };
                    self.damage = Some(damage.why(&book));
                    self.ended = true;
                    break;
                }
            }
        }
        Ok(())
    }
}
