//! Live: one task a book, woken by commands, by what other journals say, and by bells.
//!
//! The task takes what waits, steps, answers. Callers reach books through [`Live::wish`]. It knows nothing
//! of who the callers are or what the books decide.

mod door;
mod keeping;
mod weight;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use picket_journal::{BookName, ReadError};
use picket_schemas::{Answer, Jurisdiction, Problem, Refusal, Wish};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use door::Door;
use keeping::Keeping;
use weight::weight;

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

/// What keeps a book from its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hindrance {
    /// Its journal is damaged or lost facts: nothing is decided until it is restored.
    Stopped,
    /// It stumbled over a fact or a bell: nothing is decided until a person unparks it.
    Parked,
    /// Its next bell says nothing: bells wait until a person unparks it, wishes go on.
    SilentBell,
}

/// A book that a person must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The book.
    pub book: BookName,
    /// What it does not do.
    pub hindrance: Hindrance,
    /// Why.
    pub why: String,
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
    ///
    /// A book whose journal is damaged or lost facts is stopped and the others are kept; only a store that
    /// cannot be read keeps all of them from starting.
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
            match opened.await.map_err(|why| CannotKeep::Read { book: name.to_string(), source: ReadError::Unavailable(why.to_string()) })? {
                Ok(keeper) => keepers.push(keeper),
                Err(damage) if damage.is_damage() => {
                    live.broken.store(true, Ordering::SeqCst);
                    live.doors.insert(name.clone(), Door::shut(name.clone(), damage.why(name.as_str())));
                }
                Err(why) => return Err(why),
            }
        }
        live.latest = crate::office::latest(keepers.iter().map(|keeper| keeper.last_at()));
        office.clock.check(live.latest);
        for keeper in keepers {
            let (door, asked) = Door::open(keeper.name().clone());
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

    /// Books that a person must look at, each with why.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.doors.values().filter_map(Door::trouble).collect()
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
        // The sum is a guard, not an account: what the wish itself takes, and what its command holds.
        let bytes = std::mem::size_of::<Wish>() + wish.via.len() + wish.trace.len() + weight(&wish.command);
        if door.is_shut() {
            return Err(door.why_stopped());
        }
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
