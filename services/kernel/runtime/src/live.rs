//! Live: one task a book, woken by commands, by what other journals say, and by bells.
//!
//! The task takes what waits, steps, answers. Callers reach books through [`Live::wish`]. It knows nothing
//! of who the callers are or what the books decide.

mod keeping;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use picket_journal::{BookName, ReadError};
use picket_schemas::{Answer, Jurisdiction, Problem, Refusal, Wish};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use keeping::Keeping;

use crate::office::{CannotKeep, Office, book_name};

/// How many commands may wait before a keeper.
const WAITING: usize = 4_096;
/// How many bytes of commands may wait before a keeper.
const WAITING_BYTES: usize = 4 * 1024 * 1024;
/// How many turns a keeper gives callers it just answered.
const TURNS: usize = 4;
/// How often a keeper looks again although nobody woke it.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// How long it waits after the store failed, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

enum Asked {
    Wish(Box<Waiting>),
    Unpark { by: String, skip: bool, reply: oneshot::Sender<bool> },
    State { reply: oneshot::Sender<serde_json::Value> },
}

/// A wish not yet answered.
struct Waiting {
    wish: Wish,
    bytes: usize,
    reply: oneshot::Sender<Result<Answer, Problem>>,
}

#[derive(Clone)]
struct Door {
    mailbox: mpsc::Sender<Asked>,
    bytes: Arc<AtomicUsize>,
    /// Wishes posted and not yet answered.
    waiting: Arc<AtomicUsize>,
    stopped: Arc<Mutex<Option<String>>>,
    /// Why the book waits for a person, while it does.
    parked: Arc<Mutex<Option<String>>>,
}

/// The books of a process, each with its task.
pub struct Live {
    office: Arc<Office>,
    doors: BTreeMap<BookName, Door>,
    stop: watch::Sender<bool>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    broken: Arc<AtomicBool>,
    latest: Option<Timestamp>,
}

impl Live {
    /// Opens the books named and starts to keep them. Without `ring` they only answer what they are asked:
    /// they act upon no fact by themselves and ring nothing.
    pub async fn start(office: Arc<Office>, books: &[BookName], ring: bool) -> Result<Self, CannotKeep> {
        let (stop, stopped) = watch::channel(false);
        let mut live = Self { office: office.clone(), doors: BTreeMap::new(), stop, tasks: Mutex::default(), broken: Arc::default(), latest: None };
        let mut keepers = Vec::with_capacity(books.len());
        // Journals are folded side by side; a start is as long as the longest.
        let opening: Vec<_> = books
            .iter()
            .map(|name| {
                let (office, name) = (office.clone(), name.clone());
                tokio::spawn(async move { office.open(&name).await })
            })
            .collect();
        for (name, opened) in books.iter().zip(opening) {
            keepers.push(opened.await.map_err(|why| CannotKeep::Read { book: name.to_string(), source: ReadError::Unavailable(why.to_string()) })??);
        }
        live.latest = crate::office::latest(keepers.iter().map(|keeper| keeper.last_at()));
        office.clock.check(live.latest);
        for keeper in keepers {
            let (mailbox, asked) = mpsc::channel(WAITING);
            let door = Door { mailbox, bytes: Arc::default(), waiting: Arc::default(), stopped: Arc::default(), parked: Arc::default() };
            live.doors.insert(keeper.name().clone(), door.clone());
            let task = Keeping { office: office.clone(), keeper, asked, early: None, wishes: VecDeque::new(), held: VecDeque::new(), flight: None, door, stop: stopped.clone(), ring, woken: Arc::new(Notify::new()), broken: live.broken.clone() };
            live.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(tokio::spawn(task.run()));
        }
        Ok(live)
    }

    /// What the books share.
    pub fn office(&self) -> &Arc<Office> {
        &self.office
    }

    /// The latest instant that was written in any of the books when they were opened.
    pub fn last_commit(&self) -> Option<Timestamp> {
        self.latest
    }

    /// Books that are stopped or wait for a person, each with why.
    pub fn troubles(&self) -> Vec<(BookName, String)> {
        let why = |door: &Door| {
            let stopped = door.stopped.lock().unwrap_or_else(PoisonError::into_inner).clone();
            stopped.or_else(|| door.parked.lock().unwrap_or_else(PoisonError::into_inner).clone())
        };
        self.doors.iter().filter_map(|(name, door)| Some((name.clone(), why(door)?))).collect()
    }

    /// Whether a book had to be stopped.
    pub fn broken(&self) -> bool {
        self.broken.load(Ordering::SeqCst)
    }

    /// Sends a wish to the book it belongs to and waits for the answer.
    pub async fn wish(&self, jurisdiction: &Jurisdiction, wish: Wish) -> Result<Answer, Problem> {
        self.post(jurisdiction, wish)?.answer().await
    }

    /// Puts a wish before its book without waiting: wishes posted one after another are decided in that order.
    pub fn post(&self, jurisdiction: &Jurisdiction, wish: Wish) -> Result<Posted, Problem> {
        let door = self.door(wish.command.service(), jurisdiction)?;
        // What a wish takes in memory is about what its command takes on the wire; the sum is a guard, not an account.
        let bytes = std::mem::size_of::<Wish>() + wish.via.len() + wish.trace.len() + 256;
        if !door.enter(bytes) {
            return Err(Refusal::Busy { retry_ms: "200".into() }.problem());
        }
        let (reply, answer) = oneshot::channel();
        if let Err(refused) = door.mailbox.try_send(Asked::Wish(Box::new(Waiting { wish, bytes, reply }))) {
            door.leave(bytes);
            return Err(match refused {
                mpsc::error::TrySendError::Full(_) => Refusal::Busy { retry_ms: "200".into() }.problem(),
                mpsc::error::TrySendError::Closed(_) => door.why_stopped(),
            });
        }
        Ok(Posted { answer, door: door.clone() })
    }

    fn door(&self, service: &str, jurisdiction: &Jurisdiction) -> Result<&Door, Problem> {
        let unknown = || Refusal::Unknown { kind: "jurisdiction".into(), id: jurisdiction.to_string() }.problem();
        let name = book_name(service, jurisdiction).map_err(|_| unknown())?;
        self.doors.get(&name).ok_or_else(unknown)
    }

    /// Lets a parked book go on.
    pub async fn unpark(&self, book: &BookName, by: String, skip: bool) -> bool {
        let Some(door) = self.doors.get(book) else { return false };
        let (reply, done) = oneshot::channel();
        if door.mailbox.send(Asked::Unpark { by, skip, reply }).await.is_err() {
            return false;
        }
        done.await.unwrap_or(false)
    }

    /// A book's state, for the laws that compare it with its fold.
    pub async fn state(&self, book: &BookName) -> Option<serde_json::Value> {
        let (reply, state) = oneshot::channel();
        self.doors.get(book)?.mailbox.send(Asked::State { reply }).await.ok()?;
        state.await.ok()
    }

    /// Lets every keeper finish its group, write its cursors and go.
    pub async fn stop(&self) {
        // Nobody listens any more only when all tasks have ended.
        let _ = self.stop.send(true);
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            // A panic outside a book ends the process; one that got here was already reported by its hook.
            drop(task.await);
        }
    }
}

/// A wish before its book.
pub struct Posted {
    answer: oneshot::Receiver<Result<Answer, Problem>>,
    door: Door,
}

impl Posted {
    /// Waits for the answer.
    pub async fn answer(self) -> Result<Answer, Problem> {
        self.answer.await.unwrap_or_else(|_| Err(self.door.why_stopped()))
    }
}

impl Door {
    /// Makes room for a wish; false where too much waits.
    fn enter(&self, bytes: usize) -> bool {
        let waiting = self.waiting.fetch_add(1, Ordering::Relaxed);
        let room = self.bytes.fetch_add(bytes, Ordering::Relaxed) <= WAITING_BYTES && waiting < WAITING;
        if !room {
            self.leave(bytes);
        }
        room
    }

    fn leave(&self, bytes: usize) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn why_stopped(&self) -> Problem {
        let why = self.stopped.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Refusal::Stopped { book: "this book".into(), why: why.unwrap_or_else(|| "Picket is going down".into()) }.problem()
    }
}
