//! The books of a process: those with a task, and the dormant ones, which have none before something concerns them.
//!
//! Whoever needs a book finds it here, and wakes it by that. It knows nothing of what is asked of a book.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use picket_journal::{BookName, ReadError};
use picket_reading::Decoded;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::book_task::{BookTask, FIRST_PAUSE, LONGEST_PAUSE};
use super::inbox::{BookInbox, BookRequest};
use crate::backoff::Backoff;
use crate::dormant::{DormantBook, Found, OpenedBook};
use crate::engine::{CannotKeep, Engine};
use crate::kind::AnyKeeper;

/// The books of a process.
pub(super) struct LiveBooks {
    pub(super) engine: Arc<Engine>,
    /// Whether books do anything unasked.
    pub(super) ring: bool,
    /// Whether a book had to be stopped.
    pub(super) broken: Arc<AtomicBool>,
    table: RwLock<BookTable>,
}

/// Every book that is kept, in one of the two maps.
#[derive(Default)]
pub(super) struct BookTable {
    pub(super) open: BTreeMap<BookName, OpenBook>,
    pub(super) dormant: BTreeMap<BookName, DormantBook>,
    /// The dormant books by the journals that may concern them. One that woke may be left in it for a while.
    waiting: BTreeMap<String, BTreeSet<BookName>>,
}

/// A book with a task: the way to it, or why it is stopped.
pub(super) struct OpenBook {
    pub(super) inbox: BookInbox,
    pub(super) stop: watch::Sender<bool>,
    pub(super) task: Option<JoinHandle<()>>,
}

/// What became of a dormant book that was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Roused {
    /// Nothing concerns it.
    Rests,
    /// It has a task now, or is gone.
    Awake,
    /// The store could not be read.
    Unknown,
}

impl LiveBooks {
    pub(super) fn new(engine: Arc<Engine>, ring: bool) -> Self {
        Self {
            engine,
            ring,
            broken: Arc::default(),
            table: RwLock::default(),
        }
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, BookTable> {
        // Nothing that panics holds it: each statement leaves it whole.
        self.table.read()
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, BookTable> {
        self.table.write()
    }

    pub(super) fn keeps(&self, book: &BookName) -> bool {
        let table = self.read();
        table.open.contains_key(book) || table.dormant.contains_key(book)
    }

    /// The way to a book, which wakes if it is dormant.
    pub(super) fn inbox_of(&self, book: &BookName) -> Option<BookInbox> {
        let is_dormant = {
            let table = self.read();
            if let Some(open) = table.open.get(book) {
                return Some(open.inbox.clone());
            }
            table.dormant.contains_key(book)
        };
        is_dormant.then(|| self.wake(book)).flatten()
    }

    /// Gives a dormant book a task, which opens it first: what is asked of it waits in its inbox.
    fn wake(&self, book: &BookName) -> Option<BookInbox> {
        let mut table = self.write();
        if table.dormant.remove(book).is_some() {
            let open = Waking::start(self, book, Waking::open);
            table.open.insert(book.clone(), open);
        }
        table.open.get(book).map(|open| open.inbox.clone())
    }

    /// Begins to keep a book that was opened; one that is kept already stays as it is.
    pub(super) fn begin(&self, book: OpenedBook) {
        let mut table = self.write();
        if !table.open.contains_key(book.name()) {
            self.put(&mut table, book);
        }
    }

    fn put(&self, table: &mut BookTable, book: OpenedBook) {
        let name = book.name().clone();
        match book {
            OpenedBook::Awake(keeper) => {
                table.dormant.remove(&name);
                let open = Waking::start(self, &name, |waking| waking.run(keeper));
                table.open.insert(name, open);
            }
            OpenedBook::Dormant(dormant) => {
                for (journal, _) in dormant.watched() {
                    table
                        .waiting
                        .entry(journal)
                        .or_default()
                        .insert(name.clone());
                }
                table.dormant.insert(name, dormant);
            }
        }
    }

    /// Notes a book that cannot be kept, so that wishes to it hear why.
    pub(super) fn stop_damaged(&self, name: BookName, damage: &CannotKeep) {
        if !damage.needs_upgrade() || !self.engine.give_to_a_later_version(&name) {
            self.broken.store(true, Ordering::SeqCst);
        }
        let stopped = OpenBook {
            inbox: BookInbox::closed(name.clone(), damage.why(name.as_str())),
            stop: watch::channel(true).0,
            task: None,
        };
        let mut table = self.write();
        table.dormant.remove(&name);
        table.open.insert(name, stopped);
    }

    /// The dormant books.
    pub(super) fn dormant(&self) -> Vec<BookName> {
        self.read().dormant.keys().cloned().collect()
    }

    /// The dormant books that may be concerned by some commits.
    pub(super) fn concerned_by(&self, commits: &[Arc<Decoded>]) -> BTreeSet<BookName> {
        let table = self.read();
        commits
            .iter()
            .filter_map(|commit| table.waiting.get(&commit.commit.book))
            .flatten()
            .filter(|name| table.dormant.contains_key(*name))
            .cloned()
            .collect()
    }

    /// Looks whether anything concerns a dormant book, which wakes where it does. With `strict` the store itself is
    /// asked where journals end.
    pub(super) async fn rouse(&self, name: &BookName, strict: bool) -> Roused {
        let Some(mut dormant) = self.read().dormant.get(name).cloned() else {
            return Roused::Awake;
        };
        match self.engine.look(&mut dormant, strict).await {
            Ok(Found::Nothing) => {
                if let Some(held) = self.write().dormant.get_mut(name) {
                    *held = dormant;
                }
                Roused::Rests
            }
            // Each is opened by a task of its own: what is said in a province may concern all its counties.
            Ok(Found::Concern) => {
                self.wake(name);
                Roused::Awake
            }
            Ok(Found::FarOn) => self.rest_anew(name).await,
            Err(_) => Roused::Unknown,
        }
    }

    /// Has a dormant book say how far it was looked.
    async fn rest_anew(&self, name: &BookName) -> Roused {
        match self.engine.open_or_rest(name).await {
            Ok(book) => {
                let mut table = self.write();
                // It may have been asked something meanwhile, or be kept here no longer.
                if table.dormant.contains_key(name) {
                    self.put(&mut table, book);
                }
                if table.dormant.contains_key(name) {
                    Roused::Rests
                } else {
                    Roused::Awake
                }
            }
            Err(damage) if damage.is_damage() => {
                self.stop_damaged(name.clone(), &damage);
                Roused::Awake
            }
            Err(_) => Roused::Unknown,
        }
    }

    /// Takes a book out; its task, if it has one, is for the caller to end.
    pub(super) fn take_out(&self, book: &BookName) -> Option<OpenBook> {
        let mut table = self.write();
        if let Some(dormant) = table.dormant.remove(book) {
            for (journal, _) in dormant.watched() {
                if let Some(waiting) = table.waiting.get_mut(&journal) {
                    waiting.remove(book);
                }
            }
        }
        table.open.remove(book)
    }

    /// Wakes nobody any more: whoever asks a dormant book hears that Picket goes down.
    pub(super) fn close_dormant(&self) {
        let mut table = self.write();
        for (name, _) in std::mem::take(&mut table.dormant) {
            let (inbox, _) = BookInbox::open(name.clone());
            let closed = OpenBook {
                inbox,
                stop: watch::channel(true).0,
                task: None,
            };
            table.open.insert(name, closed);
        }
    }
}

/// A book on its way to a task.
struct Waking {
    name: BookName,
    engine: Arc<Engine>,
    inbox: BookInbox,
    requests: mpsc::Receiver<BookRequest>,
    stop: watch::Receiver<bool>,
    ring: bool,
    broken: Arc<AtomicBool>,
}

impl Waking {
    /// Starts the task of a book.
    fn start<F: Future<Output = ()> + Send + 'static>(
        books: &LiveBooks,
        name: &BookName,
        task: impl FnOnce(Self) -> F,
    ) -> OpenBook {
        let (inbox, requests) = BookInbox::open(name.clone());
        let (stop, stopped) = watch::channel(false);
        let waking = Self {
            name: name.clone(),
            engine: books.engine.clone(),
            inbox: inbox.clone(),
            requests,
            stop: stopped,
            ring: books.ring,
            broken: books.broken.clone(),
        };
        OpenBook {
            inbox,
            stop,
            task: Some(tokio::spawn(task(waking))),
        }
    }

    async fn run(self, keeper: Box<dyn AnyKeeper>) {
        let Self {
            engine,
            inbox,
            requests,
            stop,
            ring,
            broken,
            ..
        } = self;
        BookTask::new(engine, keeper, inbox, requests, stop, ring, broken)
            .run()
            .await;
    }

    /// Opens the book and runs it; retried with a backoff while the store cannot be read.
    async fn open(mut self) {
        let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        loop {
            match self.engine.open(&self.name).await {
                Ok(keeper) => return self.run(keeper).await,
                Err(CannotKeep::Read {
                    source: ReadError::Unavailable(_),
                    ..
                }) => {}
                Err(why) => return self.give_up(&why),
            }
            tokio::select! {
                _ = self.stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(backoff.pause()) => {}
            }
        }
    }

    /// It cannot be kept: whoever waits for it hears why.
    fn give_up(self, why: &CannotKeep) {
        if !why.needs_upgrade() || !self.engine.give_to_a_later_version(&self.name) {
            self.broken.store(true, Ordering::SeqCst);
        }
        self.inbox.stop(why.why(self.name.as_str()));
    }
}
