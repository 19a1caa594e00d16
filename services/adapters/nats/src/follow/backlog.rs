//! The backlog of a follower: what its books have and it has not heard, read page by page.
//!
//! Each round begins with it. A book that cannot be read is noted and holds up no other, until it has been so for too
//! long. It does not know what comes while it reads: that is the tail.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};
use picket_journal::{BookName, Head, Journal as _, ReadError, Unavailable};
use tokio::time::Instant;

use super::{FollowerTask, RoundEnd};

/// The number of commits read at once.
const PAGE: usize = 256;
/// The number of books read side by side.
const SIDE_BY_SIDE: usize = 16;

impl FollowerTask {
    /// Reads every book up to where it ends now.
    pub(super) async fn catch_up(&mut self) -> Result<(), RoundEnd> {
        let books: Vec<BookName> = self.positions.keys().cloned().collect();
        let heads = self.attempts.last_each(&books).await;
        let mut behind = Vec::new();
        for (book, last) in books.into_iter().zip(heads) {
            match last {
                Ok(last) => behind.push((book, last)),
                Err(Unavailable(reason)) => self.cannot_read(book, reason).await?,
            }
        }
        while !behind.is_empty() {
            behind = self.read_on(behind).await?;
        }
        let give_up = self.attempts.settings.give_up;
        match self
            .unreadable
            .values()
            .find(|(since, _)| since.elapsed() >= give_up)
        {
            Some((_, reason)) => Err(RoundEnd::Ended(reason.clone())),
            None => Ok(()),
        }
    }

    /// Reads a page of each book that is behind, several side by side; gives those that have more.
    async fn read_on(
        &mut self,
        behind: Vec<(BookName, Head)>,
    ) -> Result<Vec<(BookName, Head)>, RoundEnd> {
        let (mut reads, mut more) = (Vec::new(), Vec::new());
        for (book, last) in behind {
            match self.positions.get(&book) {
                Some(position) if !position.is_same_commit(&last) => {
                    reads.push((book, position.clone(), last))
                }
                _ => drop(self.unreadable.remove(&book)),
            }
        }
        let attempts = &Arc::clone(&self.attempts);
        let read = |(book, position, last): (BookName, Head, Head)| async move {
            (attempts.read(&book, &position, PAGE).await, book, last)
        };
        let mut pages = stream::iter(reads).map(read).buffer_unordered(SIDE_BY_SIDE);
        while let Some((page, book, last)) = pages.next().await {
            match page {
                Ok(page) if page.is_empty() => {
                    self.cannot_read(
                        book,
                        format!("its commits up to {} are not brought", last.number),
                    )
                    .await?
                }
                Ok(page) => {
                    self.heard = Instant::now();
                    let end = page.last().map(|stored| stored.head.number);
                    for stored in page {
                        self.deliver(book.clone(), stored).await?;
                    }
                    if end.is_some_and(|end| end < last.number) {
                        more.push((book, last));
                    } else {
                        self.unreadable.remove(&book);
                    }
                }
                Err(shortened @ ReadError::Shortened { .. }) => {
                    self.report_shortened(shortened).await?
                }
                Err(ReadError::Unavailable(reason)) => self.cannot_read(book, reason).await?,
            }
        }
        Ok(more)
    }

    /// Notes a book that cannot be read, unless it is the servers that do not answer.
    async fn cannot_read(&mut self, book: BookName, reason: String) -> Result<(), RoundEnd> {
        self.attempts.leader.tail().await?;
        self.unreadable
            .entry(book)
            .or_insert_with(|| (Instant::now(), reason));
        Ok(())
    }
}
