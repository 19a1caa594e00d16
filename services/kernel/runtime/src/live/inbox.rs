//! The inbox of a book: a queue bounded in number and in bytes, and what callers are told while nobody reads it.
//!
//! It knows neither the keeper behind it nor what the wishes want.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use picket_journal::BookName;
use picket_schemas::{Answer, Problem, Refusal, Wish};
use tokio::sync::{mpsc, oneshot};

use crate::hindrance::{Hindrance, Trouble};

/// How many wishes may wait before a keeper.
pub(super) const MOST_WISHES: usize = 4_096;
/// How many bytes of wishes may wait before a keeper.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// A request to the task of a book.
pub(super) enum BookRequest {
    Wish(Box<QueuedWish>),
    /// A person lets a parked book go on; the answer is whether that is on record.
    Unpark {
        by: String,
        skip: bool,
        reply: oneshot::Sender<bool>,
    },
    /// The state of the book, for tests.
    State {
        reply: oneshot::Sender<serde_json::Value>,
    },
    /// Reads all that the store holds; the answer is whether nothing came of it.
    CatchUp {
        reply: oneshot::Sender<bool>,
    },
}

/// A wish not yet answered.
pub(super) struct QueuedWish {
    pub(super) wish: Wish,
    pub(super) bytes: usize,
    pub(super) reply: oneshot::Sender<Result<Answer, Problem>>,
}

/// The way to a book, for everybody in this process.
#[derive(Clone)]
pub(super) struct BookInbox {
    pub(super) requests: mpsc::Sender<BookRequest>,
    name: BookName,
    /// The bytes of wishes posted and not yet answered.
    bytes: Arc<AtomicUsize>,
    /// Their number.
    wishes: Arc<AtomicUsize>,
    hindrance: Arc<Mutex<Option<(Hindrance, String)>>>,
}

impl BookInbox {
    /// An inbox, and the end at which requests are received.
    pub(super) fn open(name: BookName) -> (Self, mpsc::Receiver<BookRequest>) {
        let (requests, received) = mpsc::channel(MOST_WISHES);
        (
            Self {
                requests,
                name,
                bytes: Arc::default(),
                wishes: Arc::default(),
                hindrance: Arc::default(),
            },
            received,
        )
    }

    /// An inbox that nobody reads, since the book is stopped.
    pub(super) fn closed(name: BookName, why: String) -> Self {
        let (inbox, _) = Self::open(name);
        inbox.set_hindrance(Some((Hindrance::Stopped, why)));
        inbox
    }

    /// The book is stopped, until a person has restored its journal.
    pub(super) fn stop(&self, why: String) {
        self.set_hindrance(Some((Hindrance::Stopped, why)));
    }

    pub(super) fn is_closed(&self) -> bool {
        self.requests.is_closed()
    }

    /// Reserves room for a wish; false where too much waits. A single one always has room, however large.
    pub(super) fn reserve(&self, bytes: usize) -> bool {
        let wishes = self.wishes.fetch_add(1, Ordering::Relaxed);
        let held = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let room = wishes < MOST_WISHES && (held == 0 || held.saturating_add(bytes) <= MOST_BYTES);
        if !room {
            self.release(bytes);
        }
        room
    }

    pub(super) fn release(&self, bytes: usize) {
        self.wishes.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Sets the hindrance that keeps the book from its work now; a book that is stopped stays so.
    pub(super) fn set_hindrance(&self, by: Option<(Hindrance, String)>) {
        let mut now = self.hindrance.lock();
        if *now != by {
            *now = by;
        }
    }

    pub(super) fn trouble(&self) -> Option<Trouble> {
        let (hindrance, why) = self.hindrance.lock().clone()?;
        Some(Trouble {
            book: self.name.clone(),
            hindrance,
            why,
        })
    }

    /// The answer to a wish that nobody decides any more.
    pub(super) fn why_stopped(&self) -> Problem {
        let why = self
            .trouble()
            .filter(|trouble| trouble.hindrance == Hindrance::Stopped)
            .map(|trouble| trouble.why);
        Refusal::Stopped {
            book: self.name.to_string(),
            why: why.unwrap_or_else(|| "Picket is going down".into()),
        }
        .problem()
    }
}
