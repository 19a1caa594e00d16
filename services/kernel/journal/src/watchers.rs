//! Watchers of a journal, told which books have moved.
//!
//! Journals that live in this process call [`Watchers::moved`] after each commit; each
//! follower waits on its own [`Watch`]. It does not know what was appended or where a
//! follower stands: it only says where looking is worth while, so that nobody polls.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Weak};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

use crate::name::BookName;
use crate::port::Unavailable;

/// All who want to know when a book moves.
#[derive(Default)]
pub struct Watchers(Mutex<Register>);

#[derive(Default)]
struct Register {
    by_book: HashMap<BookName, Vec<Weak<Slate>>>,
    closed: Option<String>,
}

/// One follower's list of books to look at.
pub struct JournalWatch(Arc<Slate>);

#[derive(Default)]
struct Slate {
    state: Mutex<Moved>,
    wake: Notify,
}

#[derive(Default)]
struct Moved {
    order: VecDeque<BookName>,
    listed: HashSet<BookName>,
    closed: Option<String>,
}

impl Watchers {
    /// Starts to watch `books`; each of them counts as moved at once.
    pub fn watch(&self, books: impl IntoIterator<Item = BookName>) -> JournalWatch {
        let slate = Arc::new(Slate::default());
        let mut register = lock(&self.0);
        for book in books {
            if slate.list(book.clone()) {
                let watching = register.by_book.entry(book).or_default();
                watching.retain(|slate| slate.strong_count() > 0);
                watching.push(Arc::downgrade(&slate));
            }
        }
        if let Some(reason) = &register.closed {
            slate.close(reason);
        }
        JournalWatch(slate)
    }

    /// A commit was appended to `book` and can be read.
    pub fn moved(&self, book: &BookName) {
        let mut register = lock(&self.0);
        let Some(watching) = register.by_book.get_mut(book) else {
            return;
        };
        watching.retain(|slate| {
            slate
                .upgrade()
                .map(|slate| slate.list(book.clone()))
                .is_some()
        });
        if watching.is_empty() {
            register.by_book.remove(book);
        }
    }

    /// The store goes away: every watch, present or future, ends with `reason`.
    pub fn close(&self, reason: &str) {
        let mut register = lock(&self.0);
        register.closed = Some(reason.to_owned());
        for slate in register.by_book.drain().flat_map(|(_, slates)| slates) {
            if let Some(slate) = slate.upgrade() {
                slate.close(reason);
            }
        }
    }
}

impl JournalWatch {
    /// The next book worth looking at; books that moved earlier come first.
    pub async fn next(&self) -> Result<BookName, Unavailable> {
        loop {
            {
                let mut state = lock(&self.0.state);
                if let Some(reason) = &state.closed {
                    return Err(Unavailable(reason.clone()));
                }
                if let Some(book) = state.order.pop_front() {
                    state.listed.remove(&book);
                    return Ok(book);
                }
            }
            self.0.wake.notified().await;
        }
    }

    /// Puts a book back at the end, because there is more to read in it.
    pub fn again(&self, book: BookName) {
        self.0.list(book);
    }
}

impl Slate {
    /// Lists a book; false if it was listed already.
    fn list(&self, book: BookName) -> bool {
        let mut state = lock(&self.state);
        let new = state.listed.insert(book.clone());
        if new {
            state.order.push_back(book);
            self.wake.notify_one();
        }
        new
    }

    fn close(&self, reason: &str) {
        lock(&self.state).closed = Some(reason.to_owned());
        self.wake.notify_one();
    }
}

/// No code runs under these locks that could leave them half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(name: &str) -> BookName {
        BookName::parse(name).unwrap()
    }

    #[tokio::test]
    async fn every_watched_book_counts_as_moved_at_first() {
        let watchers = Watchers::default();
        let watch = watchers.watch([book("dispatch/1"), book("dispatch/2"), book("dispatch/1")]);
        assert_eq!(watch.next().await.unwrap(), book("dispatch/1"));
        assert_eq!(watch.next().await.unwrap(), book("dispatch/2"));
        watchers.moved(&book("dispatch/3"));
        watchers.moved(&book("dispatch/2"));
        watchers.moved(&book("dispatch/2"));
        assert_eq!(watch.next().await.unwrap(), book("dispatch/2"));
        assert!(lock(&watch.0.state).order.is_empty());
    }

    #[tokio::test]
    async fn a_waiting_watch_is_woken() {
        let watchers = Arc::new(Watchers::default());
        let watch = watchers.watch([book("dispatch/1")]);
        watch.next().await.unwrap();
        let waiting = tokio::spawn(async move { watch.next().await });
        tokio::task::yield_now().await;
        watchers.moved(&book("dispatch/1"));
        assert_eq!(waiting.await.unwrap().unwrap(), book("dispatch/1"));
    }

    #[tokio::test]
    async fn a_watch_that_was_dropped_is_forgotten() {
        let watchers = Watchers::default();
        drop(watchers.watch([book("dispatch/1")]));
        watchers.moved(&book("dispatch/1"));
        assert!(lock(&watchers.0).by_book.is_empty());
    }

    #[tokio::test]
    async fn closing_ends_present_and_future_watches() {
        let watchers = Watchers::default();
        let early = watchers.watch([book("dispatch/1")]);
        watchers.close("gone");
        let late = watchers.watch([book("dispatch/1")]);
        assert_eq!(early.next().await, Err(Unavailable("gone".into())));
        assert_eq!(late.next().await, Err(Unavailable("gone".into())));
    }
}
