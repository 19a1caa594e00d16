//! A journal that fails as it is told to, around any other journal.
//!
//! Tests of keepers and of the append rule script it; nothing else uses it.
//! It does not know what the journal beneath it is.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{mpsc, watch};

use crate::follower::Follower;
use crate::name::BookName;
use crate::port::{
    AppendError, Bytes, Head, Journal, ReadError, StoredCommit, Unavailable, hash_of,
};

/// What happens to one append.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fault {
    /// Nothing: it goes through.
    Pass,
    /// It is stored, but the answer is lost.
    AckLost,
    /// It is stored, a stranger's commit follows it, and the answer is lost.
    AckLostThenStranger(Bytes),
    /// The request is lost: nothing is stored, and the caller cannot know.
    RequestLost,
    /// The store surely refuses.
    Unavailable,
    /// There is no room.
    Full,
    /// It goes through after a while; a caller that stops waiting prevents it.
    Late(Duration),
    /// It is stored at once, but the answer takes a while.
    LateAck(Duration),
    /// A stranger's commit sneaks in just before it.
    Stranger(Bytes),
}

/// A journal with scripted faults.
pub struct FaultyJournal<J> {
    inner: Arc<J>,
    script: Mutex<Script>,
    appends: AtomicUsize,
    gone: watch::Sender<bool>,
}

#[derive(Default)]
struct Script {
    appends: VecDeque<Fault>,
    failing_reads: usize,
    shortened: HashMap<BookName, Head>,
}

impl<J: Journal> FaultyJournal<J> {
    /// A journal without faults so far.
    pub fn new(inner: Arc<J>) -> Self {
        Self {
            inner,
            script: Mutex::default(),
            appends: AtomicUsize::new(0),
            gone: watch::Sender::new(false),
        }
    }

    /// The journal beneath.
    pub fn inner(&self) -> &J {
        &self.inner
    }

    /// The faults of the next appends, one each, after those already planned.
    pub fn plan(&self, faults: impl IntoIterator<Item = Fault>) {
        self.script().appends.extend(faults);
    }

    /// The next `count` reads, and questions for heads, find the store unavailable.
    pub fn fail_reads(&self, count: usize) {
        self.script().failing_reads = count;
    }

    /// From now on the book seems to end at `head`, which it once had; it takes no append.
    pub fn shorten(&self, book: &BookName, head: Head) {
        self.script().shortened.insert(book.clone(), head);
    }

    /// All followers, present and future, find that the store went away.
    pub fn end_following(&self) {
        self.gone.send_replace(true);
    }

    /// How many appends were asked for so far.
    pub fn appends(&self) -> usize {
        self.appends.load(Ordering::SeqCst)
    }

    async fn stranger(
        &self,
        book: &BookName,
        expected: &Head,
        bytes: Bytes,
    ) -> Result<Head, AppendError> {
        let hash = hash_of(&bytes);
        self.inner.append(book, expected, &hash, bytes).await
    }

    fn reading(&self) -> Result<(), Unavailable> {
        let mut script = self.script();
        match script.failing_reads.checked_sub(1) {
            None => Ok(()),
            Some(left) => {
                script.failing_reads = left;
                Err(Unavailable("a planned fault".to_owned()))
            }
        }
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock()
    }
}

#[async_trait]
impl<J: Journal> Journal for FaultyJournal<J> {
    async fn append(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, AppendError> {
        self.appends.fetch_add(1, Ordering::SeqCst);
        let fault = {
            let mut script = self.script();
            if let Some(head) = script.shortened.get(book) {
                return Err(AppendError::Moved { head: head.clone() });
            }
            script.appends.pop_front().unwrap_or(Fault::Pass)
        };
        let lost = || AppendError::Unknown("a planned fault".to_owned());
        match fault {
            Fault::Pass => self.inner.append(book, expected, hash, bytes).await,
            Fault::AckLost => {
                self.inner.append(book, expected, hash, bytes).await?;
                Err(lost())
            }
            Fault::AckLostThenStranger(strange) => {
                let head = self.inner.append(book, expected, hash, bytes).await?;
                self.stranger(book, &head, strange).await?;
                Err(lost())
            }
            Fault::RequestLost => Err(lost()),
            Fault::Unavailable => Err(AppendError::Unavailable("a planned fault".to_owned())),
            Fault::Full => Err(AppendError::Full("a planned fault".to_owned())),
            Fault::Late(pause) => {
                tokio::time::sleep(pause).await;
                self.inner.append(book, expected, hash, bytes).await
            }
            Fault::LateAck(pause) => {
                let answer = self.inner.append(book, expected, hash, bytes).await;
                tokio::time::sleep(pause).await;
                answer
            }
            Fault::Stranger(strange) => {
                self.stranger(book, expected, strange).await?;
                self.inner.append(book, expected, hash, bytes).await
            }
        }
    }

    async fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        self.reading()?;
        let end = self.script().shortened.get(book).cloned();
        if let Some(head) = &end
            && head.number < after.number
        {
            return Err(ReadError::Shortened {
                book: book.clone(),
                head: head.clone(),
            });
        }
        let mut commits = self.inner.read(book, after, limit).await?;
        if let Some(head) = end {
            commits.retain(|stored| stored.head.number <= head.number);
        }
        Ok(commits)
    }

    async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        self.reading()?;
        let mut heads = self.inner.last(books).await?;
        let script = self.script();
        for (book, head) in books.iter().zip(&mut heads) {
            if let Some(end) = script.shortened.get(book) {
                head.clone_from(end);
            }
        }
        Ok(heads)
    }

    /// Follows the journal beneath; a book that was shortened is not cut short here.
    async fn follow(&self, after: Vec<(BookName, Head)>) -> Result<Follower, Unavailable> {
        let mut beneath = self.inner.follow(after).await?;
        let mut gone = self.gone.subscribe();
        let (items, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            loop {
                let item = tokio::select! {
                    biased;
                    () = items.closed() => return,
                    _ = gone.wait_for(|gone| *gone) => {
                        Err(ReadError::Unavailable("the journal went away".to_owned()))
                    }
                    item = beneath.next() => item,
                };
                let over = matches!(item, Err(ReadError::Unavailable(_)));
                if items.send(item).await.is_err() || over {
                    return;
                }
            }
        });
        Ok(Follower::new(receiver))
    }
}

#[cfg(test)]
mod tests;
