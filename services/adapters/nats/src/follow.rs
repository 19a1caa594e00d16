//! Following books: what is there, then what comes, for as long as it takes.
//!
//! A round catches up by reading and then listens to a consumer that starts before the catching up began, so
//! nothing falls in between; what comes twice is known by its number. A gap, a silence, a new connection or a
//! leader that has more than was heard ends the round and begins the next. A book that cannot be read holds up no
//! other; when it stays so, the follower ends and says why. It does not know why anybody follows.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use picket_journal::{BookName, Follower, Head, Journal as _, ReadError, Stored, Unavailable};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

use crate::direct::Direct;
use crate::pull::Pull;
use crate::subject::{Found, subject_of};

/// How many commits wait in a follower before the server waits for its reader.
const WAITING: usize = 64;
/// How many commits are read at once while catching up.
const PAGE: usize = 256;
/// How often what was heard is compared with what the leader has.
const COMPARING: Duration = Duration::from_secs(3);
/// The pause before the next round.
const PAUSE: Duration = Duration::from_millis(200);

type Item = Result<(BookName, Stored), ReadError>;

/// A follower that ends when `closed` says so, or when the servers have been away for too long.
pub(crate) fn follow(direct: Arc<Direct>, after: Vec<(BookName, Head)>, mut closed: watch::Receiver<bool>) -> Follower {
    let (items, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut walk = Walk { direct, standing: after.into_iter().collect(), items: items.clone(), heard: Instant::now(), unreadable: HashMap::new() };
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
        match self.listen().await {
            Err(over) => over,
            Ok(never) => match never {},
        }
    }

    /// Ends only for a reason.
    async fn listen(&mut self) -> Result<Infallible, Over> {
        let connection = self.connection();
        let from = self.direct.end().await? + 1;
        self.heard = Instant::now();
        self.catch_up().await?;
        if self.standing.is_empty() {
            self.items.closed().await;
            return Err(Over::Deaf);
        }
        let subjects: Vec<String> = self.standing.keys().map(subject_of).collect();
        let mut pull = Pull::open(&self.direct, &subjects, from).await?;
        let (mut compared_at, mut compared_to) = (Instant::now(), from - 1);
        let mut suspects = Vec::new();
        loop {
            if let Some(found) = pull.next().await? {
                self.hear(found).await?;
            }
            self.heard = Instant::now();
            if self.connection() != connection {
                return Err(Over::Again("the connection was made anew".to_owned()));
            }
            if compared_at.elapsed() >= COMPARING {
                let end = self.direct.end().await?;
                if end > compared_to || !self.unreadable.is_empty() {
                    suspects = self.compare(&suspects).await?;
                    if suspects.is_empty() {
                        compared_to = end;
                    }
                }
                compared_at = Instant::now();
            }
        }
    }

    /// How often the client has connected; messages may be lost whenever it changes.
    fn connection(&self) -> u64 {
        self.direct.client.statistics().connects.load(Ordering::Relaxed)
    }

    async fn catch_up(&mut self) -> Result<(), Over> {
        let books: Vec<BookName> = self.standing.keys().cloned().collect();
        let heads = self.direct.last_each(&books).await;
        for (book, last) in books.into_iter().zip(heads) {
            match last {
                Ok(last) => self.catch_up_with(&book, &last).await?,
                Err(Unavailable(reason)) => self.cannot_read(book, reason).await?,
            }
        }
        let give_up = self.direct.settings.give_up;
        match self.unreadable.values().find(|(since, _)| since.elapsed() >= give_up) {
            Some((_, reason)) => Err(Over::Ended(reason.clone())),
            None => Ok(()),
        }
    }

    async fn catch_up_with(&mut self, book: &BookName, last: &Head) -> Result<(), Over> {
        while let Some(standing) = self.standing.get(book).filter(|standing| !standing.is_same_commit(last)).cloned() {
            let page = match self.direct.read(book, &standing, PAGE).await {
                Ok(page) => page,
                Err(shortened @ ReadError::Shortened { .. }) => return self.shortened(shortened).await,
                Err(ReadError::Unavailable(reason)) => return self.cannot_read(book.clone(), reason).await,
            };
            self.heard = Instant::now();
            let Some(end) = page.last().map(|stored| stored.head.number) else { break };
            for stored in page {
                self.say(book.clone(), stored).await?;
            }
            if end >= last.number {
                break;
            }
        }
        self.unreadable.remove(book);
        Ok(())
    }

    /// Tells a book that cannot be read from servers that do not answer.
    async fn cannot_read(&mut self, book: BookName, reason: String) -> Result<(), Over> {
        self.direct.end().await?;
        self.unreadable.entry(book).or_insert_with(|| (Instant::now(), reason));
        Ok(())
    }

    async fn hear(&mut self, found: Found) -> Result<(), Over> {
        let Some(standing) = self.standing.get(&found.book) else { return Ok(()) };
        match found.number() {
            known if known <= standing.number || self.unreadable.contains_key(&found.book) => Ok(()),
            next if next == standing.number + 1 => self.say(found.book, found.stored).await,
            far => Err(Over::Again(format!("commits of `{}` before {far} did not arrive", found.book))),
        }
    }

    /// Compares with the leader. What it has and was not heard is suspect; what was suspect before and has
    /// still not been heard did not arrive.
    async fn compare(&mut self, suspects: &[(BookName, u64)]) -> Result<Vec<(BookName, u64)>, Over> {
        let heard = |standing: &HashMap<BookName, Head>, book: &BookName, number| standing.get(book).is_none_or(|head| head.number >= number);
        if let Some((book, number)) = suspects.iter().find(|(book, number)| !heard(&self.standing, book, *number)) {
            return Err(Over::Again(format!("commit {number} of `{book}` did not arrive")));
        }
        if let Some((_, reason)) = self.unreadable.values().next() {
            return Err(Over::Again(reason.clone()));
        }
        let books: Vec<BookName> = self.standing.keys().cloned().collect();
        let heads = self.direct.last(&books).await?;
        let mut missing = Vec::new();
        for (book, head) in books.into_iter().zip(heads) {
            let Some(standing) = self.standing.get(&book) else { continue };
            if head.number > standing.number {
                missing.push((book, head.number));
            } else if !head.is_same_commit(standing) {
                // Nothing arrives while this runs, so the leader had less than was heard before.
                self.shortened(ReadError::Shortened { book, head }).await?;
            }
        }
        Ok(missing)
    }

    async fn say(&mut self, book: BookName, stored: Stored) -> Result<(), Over> {
        let head = stored.head.clone();
        self.items.send(Ok((book.clone(), stored))).await.map_err(|_| Over::Deaf)?;
        self.standing.insert(book, head);
        Ok(())
    }

    async fn shortened(&mut self, report: ReadError) -> Result<(), Over> {
        if let ReadError::Shortened { book, .. } = &report {
            self.standing.remove(book);
            self.unreadable.remove(book);
        }
        self.items.send(Err(report)).await.map_err(|_| Over::Deaf)
    }
}
