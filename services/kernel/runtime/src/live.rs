//! Live: one task a book, woken by commands, by what other journals say, and by bells.
//!
//! The task takes what waits, steps, answers. Callers reach books through [`Live::wish`]. It knows nothing
//! of who the callers are or what the books decide.

mod door;
mod keeping;
mod weight;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use jiff::Timestamp;
use picket_journal::{BookName, ReadError};
use picket_schemas::{Answer, Jurisdiction, Problem, Refusal, Wish};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use door::Door;
use keeping::Keeping;
use weight::weight;

use crate::office::{CannotKeep, LOST_RACE, Office, book_name};

/// How many commands may wait before a keeper.
const WAITING: usize = 4_096;
/// How many bytes of commands may wait before a keeper.
const WAITING_BYTES: usize = 4 * 1024 * 1024;
/// How often a wish is asked again after another process wrote its book.
const RACES: usize = 8;
/// How many turns a keeper gives callers it just answered.
const TURNS: usize = 4;
/// How often a keeper looks again although nobody woke it.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
/// How long it waits after the store failed, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

enum Asked {
    Wish(Box<Waiting>),
    Unpark {
        by: String,
        skip: bool,
        reply: oneshot::Sender<bool>,
    },
    State {
        reply: oneshot::Sender<serde_json::Value>,
    },
    Look {
        reply: oneshot::Sender<bool>,
    },
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

/// How the books of a process stand, after each of them looked at all there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// The books kept here.
    pub books: Vec<BookName>,
    /// Whether none of them had anything to say.
    pub rests: bool,
}

/// The books of a process, each with its task.
pub struct Live {
    office: Arc<Office>,
    /// Whether books do anything unasked.
    ring: bool,
    kept: RwLock<BTreeMap<BookName, Kept>>,
    broken: Arc<AtomicBool>,
    latest: Mutex<Option<Timestamp>>,
}

/// A book that is kept here.
struct Kept {
    door: Door,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Live {
    /// Opens the books named and starts to keep them. Without `ring` they only answer what they are asked:
    /// they act upon no fact by themselves and ring nothing.
    pub async fn start(
        office: Arc<Office>,
        books: &[BookName],
        ring: bool,
    ) -> Result<Self, CannotKeep> {
        let live = Self {
            office,
            ring,
            kept: RwLock::default(),
            broken: Arc::default(),
            latest: Mutex::default(),
        };
        live.keep(books).await?;
        office_clock(&live);
        Ok(live)
    }

    /// Opens more books and starts to keep them; those that are kept already stay as they are.
    ///
    /// A book whose journal is damaged or lost facts is stopped and the others are kept; only a store that
    /// cannot be read keeps all of them from starting.
    pub async fn keep(&self, books: &[BookName]) -> Result<(), CannotKeep> {
        // Journals are folded side by side; a start is as long as the longest.
        let opening: Vec<_> = books
            .iter()
            .filter(|name| !self.keeps(name))
            .map(|name| {
                let (office, opened) = (self.office.clone(), name.clone());
                (
                    name.clone(),
                    tokio::spawn(async move { office.open(&opened).await }),
                )
            })
            .collect();
        let mut keepers = Vec::with_capacity(opening.len());
        for (name, opened) in opening {
            match opened.await.map_err(|why| CannotKeep::Read {
                book: name.to_string(),
                source: ReadError::Unavailable(why.to_string()),
            })? {
                Ok(keeper) => keepers.push(keeper),
                Err(damage) if damage.is_damage() => {
                    if !damage.needs_upgrade() || !self.office.give_to_a_later_version(&name) {
                        self.broken.store(true, Ordering::SeqCst);
                    }
                    let door = Door::shut(name.clone(), damage.why(name.as_str()));
                    self.write().insert(
                        name,
                        Kept {
                            door,
                            stop: watch::channel(true).0,
                            task: None,
                        },
                    );
                }
                Err(why) => return Err(why),
            }
        }
        let latest = crate::office::latest(keepers.iter().map(|keeper| keeper.last_at()));
        {
            let mut known = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
            *known = latest.max(*known);
        }
        for keeper in keepers {
            let (door, asked) = Door::open(keeper.name().clone());
            let (stop, stopped) = watch::channel(false);
            let name = keeper.name().clone();
            let task = Keeping {
                office: self.office.clone(),
                keeper,
                asked,
                early: None,
                wishes: VecDeque::new(),
                held: VecDeque::new(),
                flight: None,
                launched: Instant::now(),
                yields: Instant::now(),
                door: door.clone(),
                stop: stopped,
                ring: self.ring,
                woken: Arc::new(Notify::new()),
                broken: self.broken.clone(),
                outdated: false,
            };
            self.write().insert(
                name,
                Kept {
                    door,
                    stop,
                    task: Some(tokio::spawn(task.run())),
                },
            );
        }
        Ok(())
    }

    /// Lets these books finish their groups and write their cursors, and keeps them no longer.
    pub async fn leave(&self, books: &[BookName]) {
        let left: Vec<_> = books
            .iter()
            .filter_map(|book| self.write().remove(book))
            .collect();
        end(left
            .into_iter()
            .filter_map(|kept| Some((kept.stop, kept.task?)))
            .collect())
        .await;
    }

    /// Whether a book is kept here.
    pub fn keeps(&self, book: &BookName) -> bool {
        self.read().contains_key(book)
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<BookName, Kept>> {
        // Nothing that panics holds it: each statement leaves it whole.
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<BookName, Kept>> {
        self.kept.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the books share.
    pub fn office(&self) -> &Arc<Office> {
        &self.office
    }

    /// The latest instant that was written in any of the books when they were opened.
    pub fn last_commit(&self) -> Option<Timestamp> {
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Books that a person must look at, each with why.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.read()
            .values()
            .filter_map(|kept| kept.door.trouble())
            .collect()
    }

    /// Whether a book had to be stopped.
    pub fn broken(&self) -> bool {
        self.broken.load(Ordering::SeqCst)
    }

    /// Sends a wish to the book it belongs to and waits for the answer. Where another process wrote the book
    /// meanwhile it is asked again, under its id: whoever of the two decided it, its outcome is one.
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

    /// Puts a wish before its book without waiting: wishes posted one after another are decided in that order.
    pub fn post(&self, jurisdiction: &Jurisdiction, wish: Wish) -> Result<Posted, Problem> {
        let door = self.door(wish.command.service(), jurisdiction)?;
        // The sum is a guard, not an account: what the wish itself takes, and what its command holds.
        let bytes =
            std::mem::size_of::<Wish>() + wish.via.len() + wish.trace.len() + weight(&wish.command);
        if door.is_shut() {
            return Err(door.why_stopped());
        }
        if !door.enter(bytes) {
            return Err(Refusal::Busy {
                retry_ms: "200".into(),
            }
            .problem());
        }
        let (reply, answer) = oneshot::channel();
        if let Err(refused) =
            door.mailbox
                .try_send(Asked::Wish(Box::new(Waiting { wish, bytes, reply })))
        {
            door.leave(bytes);
            return Err(match refused {
                mpsc::error::TrySendError::Full(_) => Refusal::Busy {
                    retry_ms: "200".into(),
                }
                .problem(),
                mpsc::error::TrySendError::Closed(_) => door.why_stopped(),
            });
        }
        Ok(Posted { answer, door })
    }

    fn door(&self, service: &str, jurisdiction: &Jurisdiction) -> Result<Door, Problem> {
        let unknown = || {
            Refusal::Unknown {
                kind: "jurisdiction".into(),
                id: jurisdiction.to_string(),
            }
            .problem()
        };
        let name = book_name(service, jurisdiction).map_err(|_| unknown())?;
        self.door_of(&name).ok_or_else(unknown)
    }

    fn door_of(&self, book: &BookName) -> Option<Door> {
        self.read().get(book).map(|kept| kept.door.clone())
    }

    /// Lets a parked book go on.
    pub async fn unpark(&self, book: &BookName, by: String, skip: bool) -> bool {
        let Some(door) = self.door_of(book) else {
            return false;
        };
        let (reply, done) = oneshot::channel();
        if door
            .mailbox
            .send(Asked::Unpark { by, skip, reply })
            .await
            .is_err()
        {
            return false;
        }
        done.await.unwrap_or(false)
    }

    /// Lets every book kept here read all that the store holds, ring what is due and say what follows from it.
    /// Books that read each other are at rest when all of them had nothing to say in one round.
    pub async fn look(&self) -> Looked {
        let doors: Vec<_> = self
            .read()
            .iter()
            .map(|(book, kept)| (book.clone(), kept.door.clone()))
            .collect();
        let mut looking = Vec::with_capacity(doors.len());
        for (book, door) in doors {
            let (reply, rests) = oneshot::channel();
            looking.push((
                book,
                door.mailbox
                    .send(Asked::Look { reply })
                    .await
                    .is_ok()
                    .then_some(rests),
            ));
        }
        let mut looked = Looked {
            books: Vec::with_capacity(looking.len()),
            rests: true,
        };
        for (book, rests) in looking {
            let rests = match rests {
                Some(rests) => rests.await.unwrap_or(false),
                None => false,
            };
            looked.rests &= rests;
            looked.books.push(book);
        }
        looked
    }

    /// A book's state, for the laws that compare it with its fold.
    pub async fn state(&self, book: &BookName) -> Option<serde_json::Value> {
        let (reply, state) = oneshot::channel();
        self.door_of(book)?
            .mailbox
            .send(Asked::State { reply })
            .await
            .ok()?;
        state.await.ok()
    }

    /// Lets every keeper finish its group, write its cursors and go. Who comes later hears that Picket goes down.
    pub async fn stop(&self) {
        let tasks = self
            .write()
            .values_mut()
            .filter_map(|kept| Some((kept.stop.clone(), kept.task.take()?)))
            .collect();
        end(tasks).await;
    }
}

/// Whether nothing was written for so long that a person is to look: judged at a start, by all that is opened then.
fn office_clock(live: &Live) {
    live.office.clock.check(live.last_commit());
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

/// A wish before its book.
pub struct Posted {
    answer: oneshot::Receiver<Result<Answer, Problem>>,
    door: Door,
}

impl Posted {
    /// Waits for the answer.
    pub async fn answer(self) -> Result<Answer, Problem> {
        self.answer
            .await
            .unwrap_or_else(|_| Err(self.door.why_stopped()))
    }
}
