//! The journal on JetStream: single attempts, repeated until their outcome is known.
//!
//! The binary opens it. An append whose answer was lost is looked up before it is tried again, a read, which is
//! idempotent, is repeated with backoff, and a follower begins anew; only when the patience is over does a caller hear
//! of it. It does not know how a single attempt is made.

use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use async_trait::async_trait;
use picket_journal::{
    AppendError, AppendOutcome, BookName, Bytes, Follower, Head, Journal, NotSaved, ReadError,
    RetryPolicy, StoredCommit, Unavailable, append_until_known,
};
use tokio::sync::watch;

use crate::follow::follow;
use crate::open::{NatsOpenError, prepare};
use crate::retry::Retries;
use crate::settings::JournalSettings;
use crate::single_attempt::SingleAttemptJournal;

/// The pause before an attempt is repeated, at first and at the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(250));

/// The journal in one JetStream stream. Dropping it ends its followers.
pub struct NatsJournal {
    attempts: Arc<SingleAttemptJournal>,
    closed: watch::Sender<bool>,
}

impl NatsJournal {
    /// Opens the journal: checks the servers, makes the stream if there is none, and refuses what could lose facts.
    pub async fn open(client: Client, settings: JournalSettings) -> Result<Self, NatsOpenError> {
        prepare(&client, &settings).await?;
        Ok(Self {
            attempts: Arc::new(SingleAttemptJournal::new(client, settings)),
            closed: watch::Sender::new(false),
        })
    }

    fn retries(&self) -> Retries {
        Retries::new(self.attempts.settings.patience, PAUSES.0, PAUSES.1)
    }

    /// The heads of books, once: from what was seen of the whole stream, where somebody follows it; else each book is
    /// asked for. One book is asked for as quickly.
    async fn heads_once(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        if books.len() > 1
            && let Some(heads) = self
                .attempts
                .tails
                .heads_of(books, || self.attempts.leader.tail())
                .await?
        {
            return Ok(heads);
        }
        self.attempts.last(books).await
    }

    async fn heads_retrying(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        let mut retries = self.retries();
        loop {
            let heads = self.heads_once(books).await;
            if heads.is_ok() || !retries.again().await {
                return heads;
            }
        }
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
        let settings = &self.attempts.settings;
        let patience = RetryPolicy {
            attempt: settings.answer * 3,
            total: settings.patience,
            first_wait: PAUSES.0,
            longest_wait: PAUSES.1,
        };
        match append_until_known(&*self.attempts, book, expected, hash, bytes, &patience).await {
            AppendOutcome::Done(head) => Ok(head),
            AppendOutcome::NotSaved(NotSaved::Full(reason)) => Err(AppendError::Full(reason)),
            AppendOutcome::NotSaved(NotSaved::TooLarge { bytes, limit }) => {
                Err(AppendError::TooLarge { bytes, limit })
            }
            AppendOutcome::NotSaved(NotSaved::Unavailable(reason)) => {
                Err(AppendError::Unavailable(reason))
            }
            AppendOutcome::NotMine { head } | AppendOutcome::Shortened { head } => {
                let last = self
                    .heads_retrying(std::slice::from_ref(book))
                    .await
                    .ok()
                    .and_then(|mut heads| heads.pop());
                Err(AppendError::Moved {
                    head: last.unwrap_or(head),
                })
            }
            AppendOutcome::StillUnknown => Err(AppendError::Unknown(
                "JetStream did not say what became of it".to_owned(),
            )),
        }
    }

    async fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        let mut retries = self.retries();
        loop {
            let page = self.attempts.read(book, after, limit).await;
            if !matches!(page, Err(ReadError::Unavailable(_))) || !retries.again().await {
                return page;
            }
        }
    }

    async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        self.heads_retrying(books).await
    }

    async fn follow(&self, after: Vec<(BookName, Head)>) -> Result<Follower, Unavailable> {
        self.heads_retrying(&[]).await?;
        Ok(follow(
            Arc::clone(&self.attempts),
            after,
            self.closed.subscribe(),
        ))
    }
}
