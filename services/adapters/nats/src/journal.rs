//! The journal itself: single attempts, repeated until their outcome is known.
//!
//! The binary opens it. An append whose answer was lost is looked up before it is tried again, a look that fails
//! is repeated, and a follower begins anew; only when the patience is over does a caller hear of it.
//! It does not know how a single attempt is made.

use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use async_trait::async_trait;
use picket_journal::{
    AppendError, BookName, Bytes, Follower, Head, Journal, NotSaved, Outcome, Patience, ReadError,
    Stored, Unavailable, append_until_known,
};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::direct::Direct;
use crate::follow::follow;
use crate::open::{OpenError, Settings, prepare};

/// The pause before a look is repeated, at first and at the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(250));

/// The journal in one JetStream stream. Dropping it ends its followers.
pub struct NatsJournal {
    direct: Arc<Direct>,
    closed: watch::Sender<bool>,
}

impl NatsJournal {
    /// Opens the journal: checks the servers, makes the stream if there is none, and refuses what could lose facts.
    pub async fn open(client: Client, settings: Settings) -> Result<Self, OpenError> {
        prepare(&client, &settings).await?;
        Ok(Self {
            direct: Arc::new(Direct::new(client, settings)),
            closed: watch::Sender::new(false),
        })
    }

    fn tries(&self) -> Tries {
        Tries {
            end: Instant::now() + self.direct.settings.patience,
            pause: PAUSES.0,
        }
    }

    /// Told by what was seen of the whole stream, where somebody follows it; else each book is asked for. One book is
    /// asked for as quickly.
    async fn last_once(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        if books.len() > 1
            && let Some(heads) = self.direct.ends.of(books, || self.direct.end()).await?
        {
            return Ok(heads);
        }
        self.direct.last(books).await
    }

    async fn last_patiently(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        let mut tries = self.tries();
        loop {
            let heads = self.last_once(books).await;
            if heads.is_ok() || !tries.again().await {
                return heads;
            }
        }
    }
}

/// The pauses between looks that failed.
struct Tries {
    end: Instant,
    pause: Duration,
}

impl Tries {
    /// Waits for the next try; false if there is none.
    async fn again(&mut self) -> bool {
        let next = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(PAUSES.1);
        if next < self.end {
            sleep_until(next).await;
        }
        next < self.end
    }
}

impl Drop for NatsJournal {
    fn drop(&mut self) {
        self.closed.send_replace(true);
    }
}

#[async_trait]
impl Journal for NatsJournal {
    async fn append(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, AppendError> {
        let settings = &self.direct.settings;
        let patience = Patience {
            attempt: settings.answer * 3,
            total: settings.patience,
            first_wait: PAUSES.0,
            longest_wait: PAUSES.1,
        };
        match append_until_known(&*self.direct, book, expected, hash, bytes, &patience).await {
            Outcome::Done(head) => Ok(head),
            Outcome::NotSaved(NotSaved::Full(reason)) => Err(AppendError::Full(reason)),
            Outcome::NotSaved(NotSaved::TooLarge { bytes, limit }) => {
                Err(AppendError::TooLarge { bytes, limit })
            }
            Outcome::NotSaved(NotSaved::Unavailable(reason)) => {
                Err(AppendError::Unavailable(reason))
            }
            Outcome::NotMine { head } | Outcome::Shortened { head } => {
                let last = self
                    .last_patiently(std::slice::from_ref(book))
                    .await
                    .ok()
                    .and_then(|mut heads| heads.pop());
                Err(AppendError::Moved {
                    head: last.unwrap_or(head),
                })
            }
            Outcome::StillUnknown => Err(AppendError::Unknown(
                "JetStream did not say what became of it".to_owned(),
            )),
        }
    }

    async fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<Stored>, ReadError> {
        let mut tries = self.tries();
        loop {
            let page = self.direct.read(book, after, limit).await;
            if !matches!(page, Err(ReadError::Unavailable(_))) || !tries.again().await {
                return page;
            }
        }
    }

    async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        self.last_patiently(books).await
    }

    async fn follow(&self, after: Vec<(BookName, Head)>) -> Result<Follower, Unavailable> {
        self.last_patiently(&[]).await?;
        Ok(follow(
            Arc::clone(&self.direct),
            after,
            self.closed.subscribe(),
        ))
    }
}
