//! The follower of books: what is there, then what comes, for as long as it takes.
//!
//! The loop: a round reads the backlog, then hears the live tail through a consumer that starts before the reading
//! began, so that nothing falls in between; what comes twice is known by its number. Its events are a commit, the
//! idle heartbeat of a server that has none, a comparison with the leader that is due, and a reader that goes or a
//! journal that closes. A gap, a silence, a new connection, another leader or one that has more than was heard ends the
//! round and begins the next.
//!
//! A book that cannot be read holds up no other; when it stays so, the follower ends and says why. Backpressure: a few
//! commits wait for the reader, then the server does. Its price: every round asks the leader for every book once. Why:
//! `services/decisions/0023-who-waits-goes-first.md`. It does not know why anybody follows.

mod backlog;
mod live;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use picket_journal::{BookName, Follower, Head, ReadError, StoredCommit, Unavailable};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

use crate::single_attempt::SingleAttemptJournal;
use crate::tail::TailObserver;

/// The bound of commits that wait in a follower before the server waits for its reader.
const WAITING: usize = 64;
/// The pause before the next round.
const PAUSE: Duration = Duration::from_millis(200);

type FollowedItem = Result<(BookName, StoredCommit), ReadError>;

/// A follower that ends when `closed` says so, or when the servers have been away for too long.
pub(crate) fn follow(
    attempts: Arc<SingleAttemptJournal>,
    after: Vec<(BookName, Head)>,
    mut closed: watch::Receiver<bool>,
) -> Follower {
    let (items, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut task = FollowerTask {
            attempts,
            positions: after.into_iter().collect(),
            items: items.clone(),
            heard: Instant::now(),
            unreadable: HashMap::new(),
            observer: None,
        };
        tokio::select! {
            () = items.closed() => {}
            () = ended(&mut closed) => {
                let gone = ReadError::Unavailable("the journal was closed".to_owned());
                drop(items.send(Err(gone)).await);
            }
            () = task.run() => {}
        }
    });
    Follower::new(receiver)
}

/// Waits until the journal is closed.
async fn ended(closed: &mut watch::Receiver<bool>) {
    // An error says that the journal is gone altogether.
    drop(closed.wait_for(|closed| *closed).await);
}

/// The task of one follower.
struct FollowerTask {
    attempts: Arc<SingleAttemptJournal>,
    /// The position up to which each book was heard.
    positions: HashMap<BookName, Head>,
    items: mpsc::Sender<FollowedItem>,
    /// The instant at which the servers last said anything.
    heard: Instant,
    /// Books that could not be read although the servers answer, since when, and why.
    unreadable: HashMap<BookName, (Instant, String)>,
    /// The observer through which others hear where books end, while this sees the whole stream.
    observer: Option<TailObserver>,
}

/// The end of a round.
enum RoundEnd {
    /// Nobody listens any more.
    Deaf,
    /// It cannot go on.
    Ended(String),
    /// The next round begins.
    Again(String),
}

impl From<Unavailable> for RoundEnd {
    fn from(Unavailable(reason): Unavailable) -> Self {
        Self::Again(reason)
    }
}

impl FollowerTask {
    async fn run(&mut self) {
        loop {
            let reason = match self.round().await {
                RoundEnd::Deaf => return,
                RoundEnd::Again(_) if self.heard.elapsed() < self.attempts.settings.give_up => {
                    sleep(PAUSE).await;
                    continue;
                }
                RoundEnd::Again(reason) | RoundEnd::Ended(reason) => reason,
            };
            drop(self.items.send(Err(ReadError::Unavailable(reason))).await);
            return;
        }
    }

    async fn round(&mut self) -> RoundEnd {
        let over = match self.listen().await {
            Err(over) => over,
            Ok(never) => match never {},
        };
        self.observer = None;
        over
    }

    /// Hands a commit to the reader, waiting for room.
    async fn deliver(&mut self, book: BookName, stored: StoredCommit) -> Result<(), RoundEnd> {
        let head = stored.head.clone();
        self.items
            .send(Ok((book.clone(), stored)))
            .await
            .map_err(|_| RoundEnd::Deaf)?;
        self.positions.insert(book, head);
        Ok(())
    }

    /// Reports a book that lost commits, and follows it no further.
    async fn report_shortened(&mut self, report: ReadError) -> Result<(), RoundEnd> {
        if let ReadError::Shortened { book, .. } = &report {
            if let Some(observer) = &self.observer {
                observer.forget_book(book);
            }
            self.positions.remove(book);
            self.unreadable.remove(book);
        }
        self.items
            .send(Err(report))
            .await
            .map_err(|_| RoundEnd::Deaf)
    }
}
