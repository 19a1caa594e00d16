//! A follower of journals: new commits as they come.
//!
//! Readers of other books call [`Follower::next`]. A store fills a follower through a
//! channel; one that can be read cheaply in this process uses [`follow_by_reading`].
//! It does not know why anybody reads, nor how far they have decided anything.

use std::collections::HashMap;
use std::future::Future;

use tokio::sync::mpsc;

use crate::name::BookName;
use crate::port::{Head, ReadError, StoredCommit, Unavailable};
use crate::watchers::JournalWatch;

/// How many commits wait in a follower before its store waits for the reader.
const WAITING: usize = 16;

/// How many commits are read at once when a follower is behind.
const PAGE: usize = 256;

type Item = Result<(BookName, StoredCommit), ReadError>;

/// New commits of the books that are followed.
pub struct Follower {
    items: mpsc::Receiver<Item>,
    ended: Option<Unavailable>,
}

impl Follower {
    /// A follower that yields what `items` brings; it ends when the sender is gone.
    pub fn new(items: mpsc::Receiver<Item>) -> Self {
        Self { items, ended: None }
    }

    /// Waits for the next commit. A caller that stops waiting loses nothing.
    ///
    /// [`ReadError::Shortened`] concerns one book and the follower goes on without it;
    /// after [`ReadError::Unavailable`] it answers the same for ever.
    pub async fn next(&mut self) -> Result<(BookName, StoredCommit), ReadError> {
        if let Some(ended) = &self.ended {
            return Err(ended.clone().into());
        }
        let item = self.items.recv().await.unwrap_or_else(|| {
            Err(ReadError::Unavailable(
                "the journal stopped being followed".to_owned(),
            ))
        });
        if let Err(ReadError::Unavailable(reason)) = &item {
            self.ended = Some(Unavailable(reason.clone()));
        }
        item
    }
}

/// Builds a follower that calls `read` for each book that `watch` says has moved.
///
/// `read` takes a book, where the follower stands in it, and how many commits it may answer.
/// The task behind it ends with the follower, or at the first failure of the store.
pub fn follow_by_reading<R, F>(
    watch: JournalWatch,
    after: Vec<(BookName, Head)>,
    read: R,
) -> Follower
where
    R: Fn(BookName, Head, usize) -> F + Send + 'static,
    F: Future<Output = Result<Vec<StoredCommit>, ReadError>> + Send,
{
    let (items, receiver) = mpsc::channel(WAITING);
    let standing: HashMap<BookName, Head> = after.into_iter().collect();
    tokio::spawn(async move {
        tokio::select! {
            () = items.closed() => {}
            () = feed(&watch, standing, read, &items) => {}
        }
    });
    Follower::new(receiver)
}

/// Reads and hands on until the store or the follower goes away.
async fn feed<R, F>(
    watch: &JournalWatch,
    mut standing: HashMap<BookName, Head>,
    read: R,
    items: &mpsc::Sender<Item>,
) where
    R: Fn(BookName, Head, usize) -> F,
    F: Future<Output = Result<Vec<StoredCommit>, ReadError>>,
{
    loop {
        let page = match watch.next().await {
            Err(gone) => Err(gone.into()),
            Ok(book) => match standing.get(&book) {
                None => continue,
                Some(after) => read(book.clone(), after.clone(), PAGE)
                    .await
                    .map(|page| (book, page)),
            },
        };
        match page {
            Ok((_, page)) if page.is_empty() => {}
            Ok((book, page)) => {
                for stored in page {
                    standing.insert(book.clone(), stored.head.clone());
                    if items.send(Ok((book.clone(), stored))).await.is_err() {
                        return;
                    }
                }
                watch.again(book);
            }
            Err(error) => {
                if let ReadError::Shortened { book, .. } = &error {
                    standing.remove(book);
                }
                let over = matches!(error, ReadError::Unavailable(_));
                if items.send(Err(error)).await.is_err() || over {
                    return;
                }
            }
        }
    }
}
