//! The live driver: one task a book, woken by wishes, by the journals it reads, and by bells.
//!
//! Callers reach books through [`Live::wish`]. It knows nothing of who the callers are or what the books decide.

mod book_task;
mod inbox;
mod weight;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use parking_lot::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};
use picket_journal::{BookName, ReadError};
use picket_schemas::{Answer, Jurisdiction, Problem, Refusal, Wish};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use book_task::BookTask;
use inbox::{BookRequest, Inbox, QueuedWish};
use weight::weight;

use crate::engine::{CannotKeep, Engine, LOST_RACE, book_name};
use crate::hindrance::Trouble;
use crate::kind::AnyKeeper;

/// How often a wish is sent again after it lost a race against another process.
const RACES: usize = 8;

/// One round of all books of a process, in which each of them caught up with the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// The books kept here.
    pub books: Vec<BookName>,
    /// Whether none of them had anything to say.
    pub rests: bool,
}

/// The books of a process, each with its task.
pub struct Live {
    engine: Arc<Engine>,
    /// Whether books do anything unasked.
    ring: bool,
    books: RwLock<BTreeMap<BookName, OpenBook>>,
    /// Whether a book had to be stopped.
    broken: Arc<AtomicBool>,
    latest: Mutex<Option<Timestamp>>,
}

/// A book that is kept here: the way to its task, or why it is stopped.
struct OpenBook {
    inbox: Inbox,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

type Opened = Result<Box<dyn AnyKeeper>, CannotKeep>;

impl Live {
    /// Opens the books named and starts to keep them. Without `ring` they only answer what they are asked:
    /// they act upon no fact by themselves and ring nothing.
    pub async fn start(
        engine: Arc<Engine>,
        books: &[BookName],
        ring: bool,
    ) -> Result<Self, CannotKeep> {
        let live = Self {
            engine,
            ring,
            books: RwLock::default(),
            broken: Arc::default(),
            latest: Mutex::default(),
        };
        live.keep(books).await?;
        // Judged at a start, by all that is opened then: nothing written for very long is for a person to look at.
        live.engine.clock.check(live.last_commit());
        Ok(live)
    }

    /// Opens more books and starts to keep them; those that are kept already stay as they are.
    ///
    /// A book whose journal is damaged or lost facts is stopped and the others are kept; only a store that
    /// cannot be read keeps all of them from starting.
    pub async fn keep(&self, books: &[BookName]) -> Result<(), CannotKeep> {
        let mut keepers = Vec::with_capacity(books.len());
        for (name, opening) in self.open(books) {
            let opened = opening.await.unwrap_or_else(|why| {
                Err(CannotKeep::Read {
                    book: name.to_string(),
                    source: ReadError::Unavailable(why.to_string()),
                })
            });
            match opened {
                Ok(keeper) => keepers.push(keeper),
                Err(damage) if damage.is_damage() => self.stop_damaged(name, &damage),
                Err(why) => return Err(why),
            }
        }
        self.note_latest(&keepers);
        for keeper in keepers {
            self.spawn(keeper);
        }
        Ok(())
    }

    /// Begins to fold the journals of books that are not kept yet, side by side: a start is as long as the longest.
    fn open(&self, books: &[BookName]) -> Vec<(BookName, JoinHandle<Opened>)> {
        books
            .iter()
            .filter(|name| !self.keeps(name))
            .map(|name| {
                let (engine, opened) = (self.engine.clone(), name.clone());
                (
                    name.clone(),
                    tokio::spawn(async move { engine.open(&opened).await }),
                )
            })
            .collect()
    }

    /// Notes a book that cannot be kept, so that wishes to it hear why.
    fn stop_damaged(&self, name: BookName, damage: &CannotKeep) {
        if !damage.needs_upgrade() || !self.engine.give_to_a_later_version(&name) {
            self.broken.store(true, Ordering::SeqCst);
        }
        let stopped = OpenBook {
            inbox: Inbox::closed(name.clone(), damage.why(name.as_str())),
            stop: watch::channel(true).0,
            task: None,
        };
        self.write().insert(name, stopped);
    }

    fn note_latest(&self, keepers: &[Box<dyn AnyKeeper>]) {
        let latest = keepers
            .iter()
            .map(|keeper| keeper.last_at())
            .filter(|at| *at > Timestamp::MIN)
            .max();
        let mut known = self.latest.lock();
        *known = latest.max(*known);
    }

    /// Starts the task of a book.
    fn spawn(&self, keeper: Box<dyn AnyKeeper>) {
        let name = keeper.name().clone();
        let (inbox, requests) = Inbox::open(name.clone());
        let (stop, stopped) = watch::channel(false);
        let task = BookTask::new(
            self.engine.clone(),
            keeper,
            inbox.clone(),
            requests,
            stopped,
            self.ring,
            self.broken.clone(),
        );
        let open = OpenBook {
            inbox,
            stop,
            task: Some(tokio::spawn(task.run())),
        };
        self.write().insert(name, open);
    }

    /// Lets these books finish their groups and write their cursors, and keeps them no longer.
    pub async fn leave(&self, books: &[BookName]) {
        let left: Vec<_> = books
            .iter()
            .filter_map(|book| self.write().remove(book))
            .collect();
        end(left
            .into_iter()
            .filter_map(|open| Some((open.stop, open.task?)))
            .collect())
        .await;
    }

    /// Whether a book is kept here.
    pub fn keeps(&self, book: &BookName) -> bool {
        self.read().contains_key(book)
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<BookName, OpenBook>> {
        // Nothing that panics holds it: each statement leaves it whole.
        self.books.read()
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<BookName, OpenBook>> {
        self.books.write()
    }

    /// The engine the books share.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// The latest instant that was written in any of the books when they were opened.
    pub fn last_commit(&self) -> Option<Timestamp> {
        *self.latest.lock()
    }

    /// Books that a person must look at, each with why.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.read()
            .values()
            .filter_map(|open| open.inbox.trouble())
            .collect()
    }

    /// Whether a book had to be stopped.
    pub fn broken(&self) -> bool {
        self.broken.load(Ordering::SeqCst)
    }

    /// Sends a wish to the book it belongs to and waits for the answer. Idempotent: where another process wrote the
    /// book meanwhile, it is sent again under its id, and has one outcome whichever process decides it.
    pub async fn wish(&self, jurisdiction: &Jurisdiction, wish: Wish) -> Result<Answer, Problem> {
        let mut answer = self.post(jurisdiction, wish.clone())?.answer().await;
        for _ in 0..RACES {
            if !answer
                .as_ref()
                .is_err_and(|problem| problem.code == LOST_RACE)
            {
                break;
            }
            answer = self.post(jurisdiction, wish.clone())?.answer().await;
        }
        answer
    }

    /// Puts a wish into the inbox of its book without waiting: wishes posted one after another are decided in that
    /// order.
    pub fn post(&self, jurisdiction: &Jurisdiction, wish: Wish) -> Result<PendingAnswer, Problem> {
        let inbox = self.inbox(wish.command.service(), jurisdiction)?;
        // The sum is a guard, not an account: what the wish itself takes, and what its command holds.
        let bytes =
            std::mem::size_of::<Wish>() + wish.via.len() + wish.trace.len() + weight(&wish.command);
        if inbox.is_closed() {
            return Err(inbox.why_stopped());
        }
        if !inbox.reserve(bytes) {
            return Err(too_much_waits());
        }
        let (reply, answer) = oneshot::channel();
        let queued = BookRequest::Wish(Box::new(QueuedWish { wish, bytes, reply }));
        if let Err(refused) = inbox.requests.try_send(queued) {
            inbox.release(bytes);
            return Err(match refused {
                mpsc::error::TrySendError::Full(_) => too_much_waits(),
                mpsc::error::TrySendError::Closed(_) => inbox.why_stopped(),
            });
        }
        Ok(PendingAnswer { answer, inbox })
    }

    fn inbox(&self, service: &str, jurisdiction: &Jurisdiction) -> Result<Inbox, Problem> {
        let unknown = || {
            Refusal::Unknown {
                kind: "jurisdiction".into(),
                id: jurisdiction.to_string(),
            }
            .problem()
        };
        let name = book_name(service, jurisdiction).map_err(|_| unknown())?;
        self.inbox_of(&name).ok_or_else(unknown)
    }

    fn inbox_of(&self, book: &BookName) -> Option<Inbox> {
        self.read().get(book).map(|open| open.inbox.clone())
    }

    /// Lets a parked book go on.
    pub async fn unpark(&self, book: &BookName, by: String, skip: bool) -> bool {
        let Some(inbox) = self.inbox_of(book) else {
            return false;
        };
        let (reply, done) = oneshot::channel();
        if inbox
            .requests
            .send(BookRequest::Unpark { by, skip, reply })
            .await
            .is_err()
        {
            return false;
        }
        done.await.unwrap_or(false)
    }

    /// Lets every book kept here read all that the store holds, ring what is due and say what follows from it.
    /// Books that read each other are at rest when none of them had anything to say in one round.
    pub async fn run_round(&self) -> Round {
        let inboxes: Vec<_> = self
            .read()
            .iter()
            .map(|(book, open)| (book.clone(), open.inbox.clone()))
            .collect();
        let mut asked = Vec::with_capacity(inboxes.len());
        for (book, inbox) in inboxes {
            let (reply, rests) = oneshot::channel();
            let sent = inbox.requests.send(BookRequest::CatchUp { reply }).await;
            asked.push((book, sent.is_ok().then_some(rests)));
        }
        let mut round = Round {
            books: Vec::with_capacity(asked.len()),
            rests: true,
        };
        for (book, rests) in asked {
            let rests = match rests {
                Some(rests) => rests.await.unwrap_or(false),
                None => false,
            };
            round.rests &= rests;
            round.books.push(book);
        }
        round
    }

    /// A book's state, for the laws that compare it with its fold.
    pub async fn state(&self, book: &BookName) -> Option<serde_json::Value> {
        let (reply, state) = oneshot::channel();
        self.inbox_of(book)?
            .requests
            .send(BookRequest::State { reply })
            .await
            .ok()?;
        state.await.ok()
    }

    /// Lets every keeper finish its group, write its cursors and go. A wish that comes later hears that Picket goes
    /// down.
    pub async fn stop(&self) {
        let tasks = self
            .write()
            .values_mut()
            .filter_map(|open| Some((open.stop.clone(), open.task.take()?)))
            .collect();
        end(tasks).await;
    }
}

async fn end(tasks: Vec<(watch::Sender<bool>, JoinHandle<()>)>) {
    for (stop, _) in &tasks {
        stop.send_replace(true);
    }
    for (_, task) in tasks {
        // A panic outside a book ends the process; one that got here was already reported by its hook.
        drop(task.await);
    }
}

/// The refusal of a wish by backpressure.
fn too_much_waits() -> Problem {
    Refusal::Busy {
        retry_ms: "200".into(),
    }
    .problem()
}

/// The answer to a wish that is in the inbox of its book.
pub struct PendingAnswer {
    answer: oneshot::Receiver<Result<Answer, Problem>>,
    inbox: Inbox,
}

impl PendingAnswer {
    /// Waits for the answer.
    pub async fn answer(self) -> Result<Answer, Problem> {
        self.answer
            .await
            .unwrap_or_else(|_| Err(self.inbox.why_stopped()))
    }
}
