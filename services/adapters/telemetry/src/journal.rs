//! A journal whose appends are timed, and which notes when its store last answered.
//!
//! The binary puts it around the journal of a process; everybody above and below sees a plain [`Journal`]. It looks
//! at the name of a book and at how an answer came out, never at a commit, and changes neither.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use picket_journal::{
    AppendError, BookName, Bytes, Follower, Head, Journal, ReadError, StoredCommit, Unavailable,
};

use crate::metrics::Metrics;

/// A journal that is counted.
pub struct TimedJournal {
    inner: Arc<dyn Journal>,
    metrics: Metrics,
}

impl TimedJournal {
    /// Around a journal.
    pub fn around(inner: Arc<dyn Journal>, metrics: &Metrics) -> Arc<dyn Journal> {
        Arc::new(Self {
            inner,
            metrics: metrics.clone(),
        })
    }

    fn heard<T>(&self, answer: Result<T, ReadError>) -> Result<T, ReadError> {
        if !matches!(answer, Err(ReadError::Unavailable(_))) {
            self.metrics.journal_answered();
        }
        answer
    }
}

/// An append on its way. Whoever stops waiting for it was not told that it is stored, and that is counted too.
struct Underway<'a> {
    metrics: &'a Metrics,
    service: &'a str,
    began: Instant,
    stored: bool,
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.metrics
            .appended(self.service, self.began.elapsed(), self.stored);
    }
}

#[async_trait]
impl Journal for TimedJournal {
    async fn append(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, AppendError> {
        let mut underway = Underway {
            metrics: &self.metrics,
            service: book.service(),
            began: Instant::now(),
            stored: false,
        };
        let answer = self.inner.append(book, expected, hash, bytes).await;
        underway.stored = answer.is_ok();
        if !matches!(
            answer,
            Err(AppendError::Unknown(_) | AppendError::Unavailable(_))
        ) {
            self.metrics.journal_answered();
        }
        answer
    }

    async fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        self.heard(self.inner.read(book, after, limit).await)
    }

    async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        let heads = self.inner.last(books).await;
        // Asked about nothing a store need not be there to answer.
        if heads.is_ok() && !books.is_empty() {
            self.metrics.journal_answered();
        }
        heads
    }

    async fn follow(&self, after: Vec<(BookName, Head)>) -> Result<Follower, Unavailable> {
        self.inner.follow(after).await
    }
}
