//! Causal reader: reads many journals in causal order, a commit after everything its writer had seen.
//!
//! For readers that keep positions of their own, when they start or fall behind the journals they follow. A damaged
//! journal is read up to the damage and named; the others are read on, and nothing waits for a commit nobody can read,
//! unless the caller isolates failures.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use picket_journal::{BookName, Head, Journal, ReadError, Unavailable};

use crate::decoded::Decoded;
use crate::error::{CannotRead, chain};
use crate::order::is_ready;

/// Commits read at a time from one journal.
const CHUNK: usize = 512;
/// A store that fails for so many journals in a row is unavailable as a whole, and no further one is tried.
const FAILED_IN_A_ROW: usize = 4;

/// Reads journals from where the caller is, in causal order.
pub struct CausalReader {
    store: Arc<dyn Journal>,
    journals: BTreeMap<String, JournalReader>,
    /// Commits read at a time from one journal.
    chunk: usize,
    /// Whether a journal that cannot be read stops what follows from it, and nothing else.
    isolates: bool,
}

/// One of the journals, read ahead.
struct JournalReader {
    name: BookName,
    /// The last commit that was handed out.
    at: u64,
    /// The last commit that was read.
    read: Head,
    /// Commits read and not yet handed out.
    pending: VecDeque<Arc<Decoded>>,
    /// Whether it was read to its end.
    ended: bool,
    /// The commit it is known to end at; nobody has asked where that is 0.
    ends: u64,
    /// Whether it is known that facts are missing in it.
    lossy: bool,
    /// Why it cannot be read further.
    damage: Option<String>,
}

impl CausalReader {
    /// From positions: book → (number, hash); a book that is not named is read from its beginning.
    pub fn new(
        store: Arc<dyn Journal>,
        books: &[BookName],
        positions: &BTreeMap<String, (u64, String)>,
    ) -> Self {
        let reader = |name: &BookName| {
            let (number, hash) = positions.get(name.as_str()).cloned().unwrap_or_default();
            JournalReader {
                name: name.clone(),
                at: number,
                read: Head {
                    number,
                    hash,
                    position: String::new(),
                },
                pending: VecDeque::new(),
                ended: false,
                ends: 0,
                lossy: false,
                damage: None,
            }
        };
        Self {
            store,
            chunk: CHUNK,
            isolates: false,
            journals: books
                .iter()
                .map(|name| (name.to_string(), reader(name)))
                .collect(),
        }
    }

    /// Reads so many commits at a time from one journal, which bounds what is held of each.
    #[must_use]
    pub fn reading_ahead(mut self, commits: usize) -> Self {
        self.chunk = commits.max(1);
        self
    }

    /// Isolates failures: a journal that is damaged or cannot be read stops what follows from it, and nothing else. For
    /// readers to whom a cause says what may be told of its effects; a projection is better stopped before it mixes two
    /// histories, and passes over what is damaged.
    #[must_use]
    pub fn isolating_failures(mut self) -> Self {
        self.isolates = true;
        self
    }

    /// Accepts that these journals lost commits: those that are missing in them are neither an error nor waited for.
    #[must_use]
    pub fn accepting_losses(mut self, books: &[BookName]) -> Self {
        for book in books {
            if let Some(reader) = self.journals.get_mut(book.as_str()) {
                reader.lossy = true;
            }
        }
        self
    }

    /// Skips journals that end where the caller is. The store is asked where all of them end in one question: of
    /// thousands few hold anything new, and each would be read twice, one after the other, to find that out.
    pub async fn skipping_unchanged(mut self) -> Result<Self, Unavailable> {
        let names: Vec<BookName> = self
            .journals
            .values()
            .map(|reader| reader.name.clone())
            .collect();
        let heads = self.store.last(&names).await?;
        for (reader, head) in self.journals.values_mut().zip(heads) {
            // One that ends before, or with another commit, is read, which finds the loss.
            reader.ended =
                head.number == reader.at && (head.number == 0 || head.hash == reader.read.hash);
            reader.ends = head.number;
        }
        Ok(self)
    }

    /// The journals that could not be read to their ends because they are damaged, each with why.
    pub fn damaged(&self) -> BTreeMap<String, String> {
        self.journals
            .iter()
            .filter_map(|(book, reader)| Some((book.clone(), reader.damage.clone()?)))
            .collect()
    }

    /// The journals whose next commit waits for a cause that has not been delivered.
    pub fn waiting(&self) -> Vec<String> {
        self.journals
            .iter()
            .filter(|(name, reader)| !reader.pending.is_empty() && self.next_ready(name).is_none())
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The next commits, at most about `limit`; empty at the heads as they stood. An error comes after what was ready
    /// before it.
    pub async fn next(&mut self, limit: usize) -> Result<Vec<Arc<Decoded>>, CannotRead> {
        let mut batch = Vec::new();
        loop {
            let failed = self.read_on().await;
            let before = batch.len();
            if self.isolates || failed.is_none() {
                self.deliver(limit, &mut batch);
            }
            if batch.len() >= limit {
                return Ok(batch);
            }
            if batch.len() > before {
                continue;
            }
            let why = match (failed, self.read_causes().await) {
                (None, Ok(true)) => continue,
                (None, Ok(false)) => return Ok(batch),
                (Some(why), _) | (None, Err(why)) => why,
            };
            return if batch.is_empty() {
                Err(why)
            } else {
                Ok(batch)
            };
        }
    }

    /// Reads on in every journal of which nothing is pending; why the first of those failed that cannot be read.
    async fn read_on(&mut self) -> Option<CannotRead> {
        let mut failed = None;
        let mut in_a_row = 0;
        for reader in self
            .journals
            .values_mut()
            .filter(|reader| reader.pending.is_empty() && !reader.ended)
        {
            match reader.fill(self.store.as_ref(), self.chunk).await {
                Ok(()) => in_a_row = 0,
                Err(why) => {
                    if matches!(why.source, ReadError::Unavailable(_)) {
                        in_a_row += 1;
                    }
                    failed.get_or_insert(why);
                    if !self.isolates || in_a_row == FAILED_IN_A_ROW {
                        break;
                    }
                }
            }
        }
        failed
    }

    /// Moves the commits that are ready into the batch.
    fn deliver(&mut self, limit: usize, batch: &mut Vec<Arc<Decoded>>) {
        let names: Vec<String> = self.journals.keys().cloned().collect();
        for name in names {
            while batch.len() < limit {
                let Some(commit) = self.next_ready(&name) else {
                    break;
                };
                if let Some(reader) = self.journals.get_mut(&name) {
                    reader.pending.pop_front();
                    reader.at = commit.head.number;
                }
                batch.push(commit);
            }
        }
    }

    /// Reads on where a pending commit has a cause that was appended after its journal was read to the end. True where
    /// that brought something.
    async fn read_causes(&mut self) -> Result<bool, CannotRead> {
        let fronts = self
            .journals
            .values()
            .filter_map(|reader| reader.pending.front());
        let mut causes: BTreeMap<String, u64> = BTreeMap::new();
        for (other, theirs) in fronts.flat_map(|commit| &commit.commit.seen) {
            let most = causes.entry(other.clone()).or_default();
            *most = theirs.begun().max(*most);
        }
        let mut found = false;
        for (other, needed) in causes {
            if let Some(reader) = self
                .journals
                .get_mut(&other)
                .filter(|reader| reader.ended && reader.pending.is_empty() && reader.at < needed)
            {
                reader.fill(self.store.as_ref(), self.chunk).await?;
                found |= !reader.pending.is_empty();
            }
        }
        Ok(found)
    }

    /// The next commit of a journal, if everything its writer had seen was handed out.
    fn next_ready(&self, name: &str) -> Option<Arc<Decoded>> {
        let commit = self.journals.get(name)?.pending.front()?;
        let ready = is_ready(&commit.commit, |other, n| {
            self.journals.get(other).is_none_or(|reader| {
                reader.at >= n || (reader.lacks(n) && (reader.lossy || !self.isolates))
            })
        });
        ready.then(|| commit.clone())
    }
}

impl JournalReader {
    /// Whether commit `n` is lost or beyond the damage: nobody can read it any more.
    fn lacks(&self, n: u64) -> bool {
        self.ended && (self.lossy || self.damage.is_some()) && n > self.read.number
    }

    /// Reads the next commits.
    async fn fill(&mut self, store: &dyn Journal, chunk: usize) -> Result<(), CannotRead> {
        let book = self.name.to_string();
        // A caller keeps number and hash; the store's own position is found by number.
        let read = match store.read(&self.name, &self.read, chunk).await {
            Ok(read) => read,
            Err(ReadError::Shortened { .. }) if self.lossy => Vec::new(),
            Err(source) => return Err(CannotRead { book, source }),
        };
        self.ended = read.is_empty()
            || read
                .last()
                .is_some_and(|last| last.head.number == self.ends);
        for stored in &read {
            match Decoded::check(&book, &self.read, stored) {
                Ok(commit) => {
                    self.read = commit.head.clone();
                    self.pending.push_back(Arc::new(commit));
                }
                Err(why) => {
                    self.damage = Some(chain(&why));
                    self.ended = true;
                    break;
                }
            }
        }
        Ok(())
    }
}
