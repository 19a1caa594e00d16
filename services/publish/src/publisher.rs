//! The publisher: reads commits in causal order, emits what is public and not sealed, then saves its checkpoint.
//!
//! One runs for a territory; of two at once both may emit a fact, under one id, and the slower one ends. Since a fact is
//! emitted before the checkpoint passes it, delivery is at least once. Causal order is what seals rest on: what is
//! sealed is known before anything that follows from it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use jiff::Timestamp;
use picket_journal::{BookName, Head, Journal, ReadError, Unavailable};
use picket_reading::{CannotRead, CausalReader, Damaged, Decoded, LostCommits, chain, lost};
use picket_schemas::Commit;

use crate::checkpoint::{Checkpoint, WithheldCommit};
use crate::checkpoint_store::{CheckpointError, CheckpointStore};
use crate::cloud::{CloudEvent, cloud_event};
use crate::seal;
use crate::sink::{Sink, SinkError};

/// Commits taken at a time.
const BATCH: usize = 256;
/// Commits read ahead of one journal: it holds one short page a book at the most, and nothing at the heads.
const PAGE: usize = 64;
/// Events handed to the sink at a time.
const AT_ONCE: usize = 512;
/// The backoff after failures; with its jitter a pause lasts up to a second at first, and up to ten.
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_jitter()
    .with_min_delay(Duration::from_millis(500))
    .with_max_delay(Duration::from_millis(5_000))
    .without_max_times();

/// Why the publisher cannot go on for now.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The journal could not be read.
    #[error(transparent)]
    Journal(#[from] ReadError),
    /// A journal is damaged: nothing after the damage is emitted, nor what follows from it.
    #[error("{0}: run `picket verify`")]
    Damaged(String),
    /// A journal lacks commits that the checkpoint covers.
    #[error("{0}: run `picket verify`")]
    Lost(#[from] LostCommits),
    /// The sink did not take them.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The checkpoint could not be saved.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl From<Unavailable> for PublishError {
    fn from(why: Unavailable) -> Self {
        Self::Journal(why.into())
    }
}

impl From<Damaged> for PublishError {
    fn from(why: Damaged) -> Self {
        Self::Damaged(chain(&why))
    }
}

/// Why a publisher came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublisherEnd {
    /// It was told to.
    Stopped,
    /// Another one has saved its checkpoint since.
    Overtaken,
}

/// The progress of one round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishProgress {
    /// Commits read.
    pub commits: usize,
    /// Events emitted.
    pub events: usize,
    /// Commits with events that wait for their release.
    pub sealed: usize,
    /// Books whose next commit waits for a cause that was not there yet.
    pub blocked: Vec<String>,
}

/// Emits the facts of a set of books.
pub struct Publisher<S> {
    journal: Arc<dyn Journal>,
    books: Vec<BookName>,
    /// Reads from the checkpoint up to the heads as they stood when it was made.
    reader: Option<CausalReader>,
    checkpoint: Checkpoint,
    store: Box<dyn CheckpointStore>,
    sink: S,
    /// Events of commits the checkpoint already covers, not yet taken by the sink: it is not saved before they are.
    unsent: Vec<CloudEvent>,
    unsaved: bool,
}

impl<S: Sink> Publisher<S> {
    /// A publisher of these books, from the stored checkpoint on.
    ///
    /// All books of a territory belong in one publisher: what a journal seals is known only to who reads it.
    pub async fn open(
        journal: Arc<dyn Journal>,
        books: Vec<BookName>,
        store: impl CheckpointStore,
        sink: S,
    ) -> Result<Self, CheckpointError> {
        let mut store: Box<dyn CheckpointStore> = Box::new(store);
        let checkpoint = Checkpoint::load(store.as_mut()).await?;
        Ok(Self {
            journal,
            books,
            reader: None,
            checkpoint,
            store,
            sink,
            unsent: Vec::new(),
            unsaved: false,
        })
    }

    /// One round: emits what was released by `now` and what is new, then saves the checkpoint.
    ///
    /// After an error nothing is lost: the next round begins with what was not taken.
    pub async fn advance(&mut self, now: Timestamp) -> Result<PublishProgress, PublishError> {
        let mut progress = PublishProgress::default();
        self.send(&mut progress).await?;
        self.release(now).await?;
        self.send(&mut progress).await?;
        for commit in self.read_on(&mut progress).await? {
            progress.commits += 1;
            self.take(&commit, now);
        }
        self.send(&mut progress).await?;
        progress.sealed = self.checkpoint.withheld.len();
        Ok(progress)
    }

    /// Publishes until `stop`, or until another one does. With nothing to read it waits for `news`, which is asked
    /// for before each look. A failure is told once and retried with backoff, at most ten seconds apart.
    pub async fn run<N: Future<Output = ()> + Send>(
        mut self,
        now: impl Fn() -> Timestamp + Send,
        news: impl Fn() -> N + Send,
        stop: impl Future<Output = ()> + Send,
    ) -> PublisherEnd {
        tokio::pin!(stop);
        let mut backoff = BACKOFF.build();
        let mut told: Option<String> = None;
        loop {
            let news = news();
            // A round is never cut: what it emitted, its checkpoint covers.
            let wait = match self.advance(now()).await {
                Ok(progress) => {
                    if told.take().is_some() {
                        tracing::info!("publishing goes on");
                    }
                    backoff = BACKOFF.build();
                    (progress.commits == 0).then_some(None)
                }
                Err(PublishError::Checkpoint(CheckpointError::Overtaken)) => {
                    return PublisherEnd::Overtaken;
                }
                Err(why) => {
                    let why = why.to_string();
                    if told.as_ref() != Some(&why) {
                        tracing::warn!("publishing waits: {why}");
                        told = Some(why);
                    }
                    Some(backoff.next())
                }
            };
            let waited = async {
                match wait {
                    None => {}
                    Some(None) => news.await,
                    Some(Some(pause)) => tokio::time::sleep(pause).await,
                }
            };
            tokio::select! {
                biased;
                () = &mut stop => return PublisherEnd::Stopped,
                () = waited => {}
            }
        }
    }

    /// The next commits in causal order; none at the heads, or while a cause is not there yet. A journal that is damaged
    /// or lost commits does not stop the others: it is an error once nothing else is left to emit.
    async fn read_on(
        &mut self,
        progress: &mut PublishProgress,
    ) -> Result<Vec<Arc<Decoded>>, PublishError> {
        // A reader made in an earlier round knows older heads: where it has nothing left, a new one asks again.
        for anew in [self.reader.is_none(), true] {
            let mut reader = match self.reader.take() {
                Some(reader) => reader,
                None => self.reader_from_checkpoint().await?,
            };
            let read = reader.next(BATCH).await;
            progress.blocked = reader.waiting();
            match read {
                Ok(commits) if !commits.is_empty() => {
                    self.reader = Some(reader);
                    return Ok(commits);
                }
                _ if !anew => {}
                Ok(_) => {
                    return match reader.damaged().into_values().next() {
                        Some(why) => Err(PublishError::Damaged(why)),
                        None => Ok(Vec::new()),
                    };
                }
                Err(why) => return Err(self.cannot_read(why).await),
            }
        }
        Ok(Vec::new())
    }

    async fn reader_from_checkpoint(&self) -> Result<CausalReader, Unavailable> {
        CausalReader::new(self.journal.clone(), &self.books, &self.checkpoint.read)
            .reading_ahead(PAGE)
            // A damaged commit may have sealed what follows from it.
            .isolating_failures()
            .skipping_unchanged()
            .await
    }

    /// The error of a journal that cannot be read on; a loss where the store says so twice.
    async fn cannot_read(&self, why: CannotRead) -> PublishError {
        let book = self.books.iter().find(|book| book.as_str() == why.book);
        if let (ReadError::Shortened { .. }, Some(book)) = (&why.source, book) {
            let (number, hash) = self
                .checkpoint
                .read
                .get(book.as_str())
                .cloned()
                .unwrap_or_default();
            if let Some(loss) = lost(self.journal.as_ref(), book, &head(number, hash)).await {
                return loss.into();
            }
        }
        why.source.into()
    }

    /// Emits the events made so far and then saves the checkpoint.
    async fn send(&mut self, progress: &mut PublishProgress) -> Result<(), PublishError> {
        while !self.unsent.is_empty() {
            let some = self.unsent.len().min(AT_ONCE);
            self.sink.emit(&self.unsent[..some]).await?;
            self.unsent.drain(..some);
            progress.events += some;
        }
        if self.unsaved {
            self.checkpoint.save(self.store.as_mut()).await?;
            self.unsaved = false;
        }
        Ok(())
    }

    /// Makes the events of one commit, and notes which of them are withheld.
    fn take(&mut self, decoded: &Decoded, now: Timestamp) {
        let commit = decoded.commit.as_ref();
        let waits = seal::seal(&mut self.checkpoint.sealed, commit, now);
        let mut until: BTreeMap<Timestamp, Vec<(usize, usize)>> = BTreeMap::new();
        for (entry, index) in seal::places(commit) {
            let Some(event) = cloud_event(commit, entry, index) else {
                continue;
            };
            match waits.get(&(entry, index)) {
                Some(release) => until.entry(*release).or_default().push((entry, index)),
                None => self.unsent.push(event),
            }
        }
        if !until.is_empty() {
            self.checkpoint.withheld.push(WithheldCommit {
                book: commit.book.clone(),
                n: commit.n,
                prev: commit.prev.clone(),
                until,
            });
        }
        self.checkpoint
            .read
            .insert(commit.book.clone(), (commit.n, decoded.head.hash.clone()));
        self.unsaved = true;
    }

    /// Makes the events whose release has come, in the order they happened.
    async fn release(&mut self, now: Timestamp) -> Result<(), PublishError> {
        seal::release(&mut self.checkpoint.sealed, now);
        for at in 0..self.checkpoint.withheld.len() {
            let withheld = &self.checkpoint.withheld[at];
            if withheld
                .until
                .first_key_value()
                .is_none_or(|(release, _)| *release > now)
            {
                continue;
            }
            let commit = self.read_again(withheld).await?;
            let withheld = &mut self.checkpoint.withheld[at];
            let later = withheld.until.split_off(&now);
            // What is released this very instant is released.
            let mut ready: Vec<_> = std::mem::replace(&mut withheld.until, later)
                .into_values()
                .flatten()
                .collect();
            ready.extend(withheld.until.remove(&now).unwrap_or_default());
            ready.sort_unstable();
            self.unsent.extend(
                ready
                    .into_iter()
                    .filter_map(|(entry, index)| cloud_event(&commit, entry, index)),
            );
            self.unsaved = true;
        }
        self.checkpoint
            .withheld
            .retain(|withheld| !withheld.until.is_empty());
        Ok(())
    }

    /// Reads a commit again, by the one before it.
    async fn read_again(&self, withheld: &WithheldCommit) -> Result<Arc<Commit>, PublishError> {
        let WithheldCommit { book, n, prev, .. } = withheld;
        let damaged = |what: &str| PublishError::Damaged(format!("commit {n} of `{book}` {what}"));
        let name = BookName::parse(book).map_err(|why| damaged(&why.to_string()))?;
        let before = head(n - 1, prev.clone());
        let stored = self.journal.read(&name, &before, 1).await?.pop();
        let stored = stored.ok_or_else(|| damaged("is gone"))?;
        Ok(Decoded::check(book, &before, &stored)?.commit)
    }
}

/// The head of a commit that is known by number and hash; the store finds its own position by them.
fn head(number: u64, hash: String) -> Head {
    Head {
        number,
        hash,
        position: String::new(),
    }
}
