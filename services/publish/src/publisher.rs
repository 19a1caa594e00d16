//! The publisher: reads on, emits what is public and not sealed, remembers its place.
//!
//! One runs for a territory; of two at once both may emit a fact, under one id, and the slower one ends. The order
//! of its work makes a fact arrive at least once: first emitted, then passed over in the place.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use picket_journal::{BookName, Journal, ReadError};
use picket_schemas::Commit;

use crate::cloud::{CloudEvent, cloud_event};
use crate::order::Order;
use crate::place::{Place, Waiting};
use crate::seal;
use crate::shelf::{PlaceError, Shelf};
use crate::sink::{Sink, SinkError};

/// Commits taken at a time.
const BATCH: usize = 256;
/// Events handed to the sink at a time.
const AT_ONCE: usize = 512;
/// The first pause after a failure, and the longest.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(10);

/// Why the publisher cannot go on for now.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The journal could not be read.
    #[error(transparent)]
    Journal(ReadError),
    /// A commit is not what it should be: nothing after it is emitted.
    #[error("commit {n} of `{book}` {what}: run `picket verify`")]
    Damaged {
        /// The book.
        book: String,
        /// The commit.
        n: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The sink did not take them.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The place could not be kept.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

/// Why a publisher came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was told to.
    Stopped,
    /// Another one has written the place since.
    Overtaken,
}

/// What one round did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Commits read.
    pub commits: usize,
    /// Events emitted.
    pub events: usize,
    /// Commits with events that wait for their release.
    pub sealed: usize,
    /// Books that wait for a cause that was not there yet.
    pub blocked: Vec<String>,
}

/// Emits the facts of a set of books.
pub struct Publisher<S> {
    order: Order,
    place: Place,
    shelf: Box<dyn Shelf>,
    sink: S,
    /// Made of what the place already covers, not yet taken by the sink; the place is not written before it is.
    unsent: Vec<CloudEvent>,
    unsaved: bool,
}

impl<S: Sink> Publisher<S> {
    /// For these books, from where the shelf says.
    ///
    /// All books of a territory belong in one publisher: what a journal seals is known only to who reads it.
    pub async fn open(
        journal: Arc<dyn Journal>,
        books: Vec<BookName>,
        shelf: impl Shelf,
        sink: S,
    ) -> Result<Self, PlaceError> {
        let mut shelf: Box<dyn Shelf> = Box::new(shelf);
        let place = Place::load(shelf.as_mut()).await?;
        Ok(Self {
            order: Order::new(journal, books, place.read.clone()),
            place,
            shelf,
            sink,
            unsent: Vec::new(),
            unsaved: false,
        })
    }

    /// One round: emits what was released by `now` and what is new, then writes down how far it is.
    ///
    /// After an error nothing is lost: the next round begins with what was not taken.
    pub async fn advance(&mut self, now: Timestamp) -> Result<Progress, PublishError> {
        let mut progress = Progress::default();
        self.send(&mut progress).await?;
        self.release(now).await?;
        self.send(&mut progress).await?;
        for (commit, hash) in self.order.next(BATCH).await? {
            progress.commits += 1;
            self.take(&commit, hash, now);
        }
        self.send(&mut progress).await?;
        progress.sealed = self.place.waiting.len();
        progress.blocked = self.order.blocked();
        Ok(progress)
    }

    /// Publishes until `stop`, or until another one does. With nothing to read it waits for `news`, which is asked
    /// for before each look. A failure is told once and tried again, at most ten seconds apart.
    pub async fn run<N: Future<Output = ()> + Send>(
        mut self,
        now: impl Fn() -> Timestamp + Send,
        news: impl Fn() -> N + Send,
        stop: impl Future<Output = ()> + Send,
    ) -> Ended {
        tokio::pin!(stop);
        let mut pause = FIRST;
        let mut told: Option<String> = None;
        loop {
            let news = news();
            // A round is never cut: what it emitted, it also writes down.
            let wait = match self.advance(now()).await {
                Ok(progress) => {
                    if told.take().is_some() {
                        tracing::info!("publishing goes on");
                    }
                    pause = FIRST;
                    (progress.commits == 0).then_some(None)
                }
                Err(PublishError::Place(PlaceError::Overtaken)) => return Ended::Overtaken,
                Err(why) => {
                    let why = why.to_string();
                    if told.as_ref() != Some(&why) {
                        tracing::warn!("publishing waits: {why}");
                        told = Some(why);
                    }
                    let wait = pause;
                    pause = (pause * 2).min(LONGEST);
                    Some(Some(wait))
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
                () = &mut stop => return Ended::Stopped,
                () = waited => {}
            }
        }
    }

    /// Emits what is made and then writes the place.
    async fn send(&mut self, progress: &mut Progress) -> Result<(), PublishError> {
        while !self.unsent.is_empty() {
            let some = self.unsent.len().min(AT_ONCE);
            self.sink.emit(&self.unsent[..some]).await?;
            self.unsent.drain(..some);
            progress.events += some;
        }
        if self.unsaved {
            self.place.save(self.shelf.as_mut()).await?;
            self.unsaved = false;
        }
        Ok(())
    }

    /// Makes the events of one commit, and notes which of them wait.
    fn take(&mut self, commit: &Commit, hash: String, now: Timestamp) {
        let waits = seal::seal(&mut self.place.sealed, commit, now);
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
            self.place.waiting.push(Waiting {
                book: commit.book.clone(),
                n: commit.n,
                prev: commit.prev.clone(),
                until,
            });
        }
        self.place
            .read
            .insert(commit.book.clone(), (commit.n, hash));
        self.unsaved = true;
    }

    /// Makes the events whose release has come, in the order they happened.
    async fn release(&mut self, now: Timestamp) -> Result<(), PublishError> {
        seal::release(&mut self.place.sealed, now);
        for at in 0..self.place.waiting.len() {
            let waiting = &self.place.waiting[at];
            if waiting
                .until
                .first_key_value()
                .is_none_or(|(release, _)| *release > now)
            {
                continue;
            }
            let commit = self
                .order
                .again(&waiting.book, waiting.n, &waiting.prev)
                .await?;
            let waiting = &mut self.place.waiting[at];
            let later = waiting.until.split_off(&now);
            // What is released this very instant is released.
            let mut ready: Vec<_> = std::mem::replace(&mut waiting.until, later)
                .into_values()
                .flatten()
                .collect();
            ready.extend(waiting.until.remove(&now).unwrap_or_default());
            ready.sort_unstable();
            self.unsent.extend(
                ready
                    .into_iter()
                    .filter_map(|(entry, index)| cloud_event(&commit, entry, index)),
            );
            self.unsaved = true;
        }
        self.place
            .waiting
            .retain(|waiting| !waiting.until.is_empty());
        Ok(())
    }
}
