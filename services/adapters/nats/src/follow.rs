//! A follower of books: what is there, then what comes, for as long as it takes.
//!
//! A round reads the backlog and then hears the tail, through a consumer that starts before the reading began, so that
//! nothing falls in between; what comes twice is known by its number. A gap, a silence, a new connection, another
//! leader or one that has more than was heard ends the round and begins the next. A book that cannot be read holds up no
//! other; when it stays so, the follower ends and says why. It does not know why anybody follows.

mod backlog;
mod tail;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use picket_journal::{BookName, Follower, Head, ReadError, Stored, Unavailable};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

use crate::direct::Direct;
use crate::ends::Witness;

/// How many commits wait in a follower before the server waits for its reader.
const WAITING: usize = 64;
/// The pause before the next round.
const PAUSE: Duration = Duration::from_millis(200);

type Item = Result<(BookName, Stored), ReadError>;

/// A follower that ends when `closed` says so, or when the servers have been away for too long.
pub(crate) fn follow(
    direct: Arc<Direct>,
    after: Vec<(BookName, Head)>,
    mut closed: watch::Receiver<bool>,
) -> Follower {
    let (items, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut walk = Walk {
            direct,
            standing: after.into_iter().collect(),
            items: items.clone(),
            heard: Instant::now(),
            unreadable: HashMap::new(),
            witness: None,
        };
        tokio::select! {
            () = items.closed() => {}
            () = ended(&mut closed) => {
                let gone = ReadError::Unavailable("the journal was closed".to_owned());
                drop(items.send(Err(gone)).await);
            }
            () = walk.run() => {}
        }
    });
    Follower::new(receiver)
}

/// Waits until the journal is closed.
async fn ended(closed: &mut watch::Receiver<bool>) {
    // An error says that the journal is gone altogether.
    drop(closed.wait_for(|closed| *closed).await);
}

struct Walk {
    direct: Arc<Direct>,
    /// Where each book was heard up to.
    standing: HashMap<BookName, Head>,
    items: mpsc::Sender<Item>,
    /// When the servers last said anything.
    heard: Instant,
    /// Books that could not be read although the servers answer, since when, and why.
    unreadable: HashMap<BookName, (Instant, String)>,
    /// What tells others where books end, while this sees the whole stream.
    witness: Option<Witness>,
}

/// Why a round is over.
enum Over {
    /// Nobody listens any more.
    Deaf,
    /// It cannot go on.
    Ended(String),
    /// The next round begins.
    Again(String),
}

impl From<Unavailable> for Over {
    fn from(Unavailable(reason): Unavailable) -> Self {
        Self::Again(reason)
    }
}

impl Walk {
    async fn run(&mut self) {
        loop {
            let reason = match self.round().await {
                Over::Deaf => return,
                Over::Again(_) if self.heard.elapsed() < self.direct.settings.give_up => {
                    sleep(PAUSE).await;
                    continue;
                }
                Over::Again(reason) | Over::Ended(reason) => reason,
            };
            drop(self.items.send(Err(ReadError::Unavailable(reason))).await);
            return;
        }
    }

    async fn round(&mut self) -> Over {
        let over = match self.listen().await {
            Err(over) => over,
            Ok(never) => match never {},
        };
        self.witness = None;
        over
    }

    async fn say(&mut self, book: BookName, stored: Stored) -> Result<(), Over> {
        let head = stored.head.clone();
        self.items
            .send(Ok((book.clone(), stored)))
            .await
            .map_err(|_| Over::Deaf)?;
        self.standing.insert(book, head);
        Ok(())
    }

    async fn shortened(&mut self, report: ReadError) -> Result<(), Over> {
        if let ReadError::Shortened { book, .. } = &report {
            if let Some(witness) = &self.witness {
                witness.leaves(book);
            }
            self.standing.remove(book);
            self.unreadable.remove(book);
        }
        self.items.send(Err(report)).await.map_err(|_| Over::Deaf)
    }
}
