//! The live driver: one task a book, woken by wishes, by the journals it reads, and by bells.
//!
//! Callers reach books through [`Live::wish`]. It knows nothing of who the callers are or what the books decide.

mod book_task;
mod books;
mod inbox;
mod rouser;
mod weight;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use parking_lot::Mutex;
use picket_journal::{BookName, ReadError};
use picket_schemas::{Answer, Jurisdiction, Problem, Refusal, Wish};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use books::{LiveBooks, Roused};
use inbox::{BookInbox, BookRequest, QueuedWish};
use rouser::Rouser;
use weight::weight;

use crate::dormant::OpenedBook;
use crate::engine::{CannotKeep, Engine, LOST_RACE, book_name};
use crate::hindrance::Trouble;

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

/// The books of a process, each with its task; those that nothing has concerned so far have none.
pub struct Live {
    books: Arc<LiveBooks>,
    /// Wakes the dormant ones; there is none while there are none.
    rouser: Mutex<Option<Rouser>>,
    latest: Mutex<Option<Timestamp>>,
}

type Opened = Result<OpenedBook, CannotKeep>;

impl Live {
    /// Opens the books named and starts to keep them. Without `ring` they only answer what they are asked:
    /// they act upon no fact by themselves and ring nothing.
    pub async fn start(
        engine: Arc<Engine>,
        books: &[BookName],
        ring: bool,
    ) -> Result<Self, CannotKeep> {
        let live = Self {
            books: Arc::new(LiveBooks::new(engine, ring)),
            rouser: Mutex::default(),
            latest: Mutex::default(),
        };
        live.keep(books).await?;
        // Judged at a start, by all that is opened then: nothing written for very long is for a person to look at.
        live.engine().clock.check(live.last_commit());
        Ok(live)
    }

    /// Opens more books and starts to keep them; those that are kept already stay as they are.
    ///
    /// A book whose journal is damaged or lost facts is stopped and the others are kept; only a store that
    /// cannot be read keeps all of them from starting.
    pub async fn keep(&self, books: &[BookName]) -> Result<(), CannotKeep> {
        let mut opened = Vec::with_capacity(books.len());
        for (name, opening) in self.open(books) {
            let book = opening.await.unwrap_or_else(|why| {
                Err(CannotKeep::Read {
                    book: name.to_string(),
                    source: ReadError::Unavailable(why.to_string()),
                })
            });
            match book {
                Ok(book) => opened.push(book),
                Err(damage) if damage.is_damage() => self.books.stop_damaged(name, &damage),
                Err(why) => return Err(why),
            }
        }
        self.note_latest(&opened);
        self.begin(opened).await;
        Ok(())
    }

    /// Begins to keep books that were opened.
    async fn begin(&self, opened: Vec<OpenedBook>) {
        let dormant: Vec<_> = opened
            .iter()
            .filter(|book| matches!(book, OpenedBook::Dormant(_)))
            .map(|book| book.name().clone())
            .collect();
        if !dormant.is_empty() {
            self.rouser
                .lock()
                .get_or_insert_with(|| Rouser::start(&self.books));
        }
        for book in opened {
            self.books.begin(book);
        }
        for name in dormant {
            // What came since its journals were looked at, which the rouser has passed.
            self.books.rouse(&name, false).await;
        }
    }

    /// Begins to fold the journals of books that are not kept yet, side by side: a start is as long as the longest.
    fn open(&self, books: &[BookName]) -> Vec<(BookName, JoinHandle<Opened>)> {
        books
            .iter()
            .filter(|name| !self.keeps(name))
            .map(|name| {
                let (engine, opened, ring) = (self.engine().clone(), name.clone(), self.books.ring);
                let opening = async move {
                    if ring {
                        engine.open_or_rest(&opened).await
                    } else {
                        // Kept for as long as somebody asks it something.
                        Ok(OpenedBook::Awake(engine.open(&opened).await?))
                    }
                };
                (name.clone(), tokio::spawn(opening))
            })
            .collect()
    }

    fn note_latest(&self, opened: &[OpenedBook]) {
        let latest = opened
            .iter()
            .map(OpenedBook::last_at)
            .filter(|at| *at > Timestamp::MIN)
            .max();
        let mut known = self.latest.lock();
        *known = latest.max(*known);
    }

    /// Lets these books finish their groups and write their cursors, and keeps them no longer.
    pub async fn leave(&self, books: &[BookName]) {
        let left: Vec<_> = books
            .iter()
            .filter_map(|book| self.books.take_out(book))
            .collect();
        end(left
            .into_iter()
            .filter_map(|open| Some((open.stop, open.task?)))
            .collect())
        .await;
    }

    /// Whether a book is kept here.
    pub fn keeps(&self, book: &BookName) -> bool {
        self.books.keeps(book)
    }

    /// The books kept here that nothing has concerned so far: they have no keeper.
    pub fn dormant(&self) -> Vec<BookName> {
        self.books.dormant()
    }

    /// The engine the books share.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.books.engine
    }

    /// The latest instant that was written in any of the books when they were opened.
    pub fn last_commit(&self) -> Option<Timestamp> {
        *self.latest.lock()
    }

    /// Books that a person must look at, each with why.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.books
            .read()
            .open
            .values()
            .filter_map(|open| open.inbox.trouble())
            .collect()
    }

    /// Whether a book had to be stopped.
    pub fn broken(&self) -> bool {
        self.books.broken.load(Ordering::SeqCst)
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

    fn inbox(&self, service: &str, jurisdiction: &Jurisdiction) -> Result<BookInbox, Problem> {
        let unknown = || {
            Refusal::Unknown {
                kind: "jurisdiction".into(),
                id: jurisdiction.to_string(),
            }
            .problem()
        };
        let name = book_name(service, jurisdiction).map_err(|_| unknown())?;
        self.books.inbox_of(&name).ok_or_else(unknown)
    }

    /// Lets a parked book go on.
    pub async fn unpark(&self, book: &BookName, by: String, skip: bool) -> bool {
        let Some(inbox) = self.books.inbox_of(book) else {
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
        let dormant = self.books.dormant();
        let inboxes: Vec<_> = self
            .books
            .read()
            .open
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
        for book in dormant {
            round.rests &= self.books.rouse(&book, true).await == Roused::Rests;
            round.books.push(book);
        }
        round
    }

    /// A book's state, for the laws that compare it with its fold.
    pub async fn state(&self, book: &BookName) -> Option<serde_json::Value> {
        let (reply, state) = oneshot::channel();
        self.books
            .inbox_of(book)?
            .requests
            .send(BookRequest::State { reply })
            .await
            .ok()?;
        state.await.ok()
    }

    /// Lets every keeper finish its group, write its cursors and go. A wish that comes later hears that Picket goes
    /// down.
    pub async fn stop(&self) {
        drop(self.rouser.lock().take());
        self.books.close_dormant();
        let tasks = self
            .books
            .write()
            .open
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
    inbox: BookInbox,
}

impl PendingAnswer {
    /// Waits for the answer.
    pub async fn answer(self) -> Result<Answer, Problem> {
        self.answer
            .await
            .unwrap_or_else(|_| Err(self.inbox.why_stopped()))
    }
}
