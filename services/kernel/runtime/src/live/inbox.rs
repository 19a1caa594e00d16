//! The door of a book: where wishes wait for it, how much may wait, and what it says while nobody opens.
//!
//! It knows neither the keeper behind it nor what the wishes want.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use picket_journal::BookName;
use picket_schemas::{Problem, Refusal};
use tokio::sync::mpsc;

use super::{Asked, Hindrance, Trouble, WAITING, WAITING_BYTES};

/// The way to a book, for everybody in this process.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) mailbox: mpsc::Sender<Asked>,
    name: BookName,
    bytes: Arc<AtomicUsize>,
    /// Wishes posted and not yet answered.
    waiting: Arc<AtomicUsize>,
    hindrance: Arc<Mutex<Option<(Hindrance, String)>>>,
}

impl Door {
    /// A door, and where what is put through it arrives.
    pub(super) fn open(name: BookName) -> (Self, mpsc::Receiver<Asked>) {
        let (mailbox, asked) = mpsc::channel(WAITING);
        (
            Self {
                mailbox,
                name,
                bytes: Arc::default(),
                waiting: Arc::default(),
                hindrance: Arc::default(),
            },
            asked,
        )
    }

    /// A door that nobody is behind, since the book is stopped.
    pub(super) fn shut(name: BookName, why: String) -> Self {
        let (door, _) = Self::open(name);
        door.hinder(Some((Hindrance::Stopped, why)));
        door
    }

    pub(super) fn is_shut(&self) -> bool {
        self.mailbox.is_closed()
    }

    /// Makes room for a wish; false where too much waits. A single one always has room, however large.
    pub(super) fn enter(&self, bytes: usize) -> bool {
        let waiting = self.waiting.fetch_add(1, Ordering::Relaxed);
        let held = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let room = waiting < WAITING && (held == 0 || held.saturating_add(bytes) <= WAITING_BYTES);
        if !room {
            self.leave(bytes);
        }
        room
    }

    pub(super) fn leave(&self, bytes: usize) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// What keeps the book from its work now; a book that is stopped stays so.
    pub(super) fn hinder(&self, by: Option<(Hindrance, String)>) {
        let mut now = self
            .hindrance
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if *now != by {
            *now = by;
        }
    }

    pub(super) fn trouble(&self) -> Option<Trouble> {
        let (hindrance, why) = self
            .hindrance
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()?;
        Some(Trouble {
            book: self.name.clone(),
            hindrance,
            why,
        })
    }

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
