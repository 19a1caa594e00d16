//! Live: one task a book, woken by commands, by what other journals say, and by bells.
//!
//! The task takes what waits, steps, answers. Callers reach books through [`Live::wish`]. It knows nothing
//! of who the callers are or what the books decide.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use picket_journal::BookName;
use picket_schemas::{Answer, Jurisdiction, Problem, Refusal, Wish};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::kind::Kept;
use crate::office::{CannotKeep, Gone, Office, book_name};

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
}

/// The books of a process, each with its task.
pub struct Live {
    office: Arc<Office>,
    doors: BTreeMap<BookName, Door>,
    stop: watch::Sender<bool>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    broken: Arc<AtomicBool>,
}

impl Live {
    /// Opens the books named and starts to keep them. Without `ring` they only answer what they are asked:
    /// they act upon no fact by themselves and ring nothing.
    pub async fn start(office: Arc<Office>, books: &[BookName], ring: bool) -> Result<Self, CannotKeep> {
        let (stop, stopped) = watch::channel(false);
        let mut live = Self { office: office.clone(), doors: BTreeMap::new(), stop, tasks: Mutex::default(), broken: Arc::default() };
        let mut keepers = Vec::with_capacity(books.len());
        for name in books {
            keepers.push(office.open(name).await?);
        }
        office.clock.check(crate::office::latest(keepers.iter().map(|keeper| keeper.last_at())));
        for keeper in keepers {
            let (mailbox, asked) = mpsc::channel(WAITING);
            let door = Door { mailbox, bytes: Arc::default(), waiting: Arc::default(), stopped: Arc::default() };
            live.doors.insert(keeper.name().clone(), door.clone());
            let task = Keeping { office: office.clone(), keeper, asked, early: None, wishes: VecDeque::new(), held: VecDeque::new(), door, stop: stopped.clone(), ring, woken: Arc::new(Notify::new()), broken: live.broken.clone() };
            live.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(tokio::spawn(task.run()));
        }
        Ok(live)
    }

    /// What the books share.
    pub fn office(&self) -> &Arc<Office> {
        &self.office
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

/// Who waits for an answer.
struct Held {
    bytes: usize,
    reply: oneshot::Sender<Result<Answer, Problem>>,
}

struct Keeping {
    office: Arc<Office>,
    keeper: Box<dyn Kept>,
    asked: mpsc::Receiver<Asked>,
    /// What ended a wait.
    early: Option<Asked>,
    /// Taken from the mailbox, not yet answered; what each waits for stands at the same place in `held`.
    wishes: VecDeque<Wish>,
    held: VecDeque<Held>,
    door: Door,
    stop: watch::Receiver<bool>,
    /// Whether it does anything unasked.
    ring: bool,
    woken: Arc<Notify>,
    broken: Arc<AtomicBool>,
}

impl Keeping {
    async fn run(mut self) {
        if self.ring {
            self.listen();
        }
        let mut more = self.ring;
        let mut only = WAITING;
        // How many were answered together last time: about so many will ask again at once.
        let mut busy = 0;
        let mut pause = FIRST_PAUSE;
        // Whoever still waits when it is time to go hears that nothing was done.
        while !self.going() {
            if !more && self.held.is_empty() && !self.wait().await {
                break;
            }
            if let Err(why) = self.gather(busy).await {
                return self.end(why);
            }
            let Self { office, keeper, wishes, ring, .. } = &mut self;
            let wishes = &*wishes.make_contiguous();
            let stepped = office.step(keeper.as_mut(), &wishes[..only.min(wishes.len())], *ring).await;
            more = (self.ring && stepped.more) || !self.asked.is_empty();
            only = stepped.only.unwrap_or(WAITING);
            busy = stepped.answers.len();
            for answer in stepped.answers {
                self.wishes.pop_front();
                if let Some(held) = self.held.pop_front() {
                    self.door.leave(held.bytes);
                    // Somebody who left does not want the answer; the id remembers it.
                    drop(held.reply.send(answer));
                }
            }
            if let Some(gone) = stepped.gone
                && let Err(why) = self.fold_again(gone).await
            {
                return self.end(why);
            }
            if stepped.failed {
                self.pause(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            } else {
                pause = FIRST_PAUSE;
            }
        }
        let now = self.office.clock.now();
        if let Some(append) = self.keeper.flush(now) {
            self.office.append(self.keeper.as_mut(), append, Vec::new(), false, 0).await;
        }
    }

    /// Whether it is time to go.
    fn going(&self) -> bool {
        *self.stop.borrow() || self.stop.has_changed().is_err()
    }

    /// Waits before the store is tried again, or until it is time to go.
    async fn pause(&mut self, pause: Duration) {
        tokio::select! {
            _ = self.stop.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep(pause) => {}
        }
    }

    fn listen(&self) {
        let Some(kind) = self.office.kind(self.keeper.name().service()) else { return };
        let listens: Arc<HashSet<&'static str>> = Arc::new(kind.listens.iter().copied().collect());
        for (journal, _) in self.keeper.reads() {
            // A book that listens to nothing is still woken by its registry now and then, through commands.
            if !listens.is_empty() {
                self.office.hub.wake(&journal, self.woken.clone(), listens.clone());
            }
        }
    }

    /// Waits for something to do; false when it is time to go.
    async fn wait(&mut self) -> bool {
        let due = self.keeper.due().filter(|_| self.ring);
        let clock = self.office.clock.clone();
        let bell = async {
            match due {
                Some(_) if clock.held() => clock.confirmed().await,
                Some(due) => clock.wait_until(due).await,
                None => std::future::pending().await,
            }
        };
        let asked = tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => return false,
            asked = self.asked.recv() => asked,
            () = self.woken.notified() => return true,
            () = bell => return true,
            () = tokio::time::sleep(LOOK_AGAIN) => return true,
        };
        match asked {
            Some(asked) => {
                self.early = Some(asked);
                true
            }
            None => false,
        }
    }

    /// Takes what waits. Callers that were just answered are let through first, a few turns at the most:
    /// one larger group costs one flush where two smaller ones would cost two.
    async fn gather(&mut self, busy: usize) -> Result<(), String> {
        self.drain().await?;
        for _ in 0..TURNS {
            if self.held.len() >= busy {
                break;
            }
            tokio::task::yield_now().await;
            self.drain().await?;
        }
        Ok(())
    }

    async fn drain(&mut self) -> Result<(), String> {
        while self.held.len() < WAITING {
            match self.early.take().map_or_else(|| self.asked.try_recv(), Ok) {
                Ok(asked) => self.take(asked).await?,
                Err(_) => break,
            }
        }
        Ok(())
    }

    async fn take(&mut self, asked: Asked) -> Result<(), String> {
        match asked {
            Asked::Wish(waiting) => {
                let Waiting { wish, bytes, reply } = *waiting;
                self.wishes.push_back(wish);
                self.held.push_back(Held { bytes, reply });
            }
            Asked::Unpark { by, skip, reply } => {
                let unparked = self.office.unpark(self.keeper.as_mut(), &by, skip).await;
                // Somebody who left does not want the answer; the journal tells.
                let _ = reply.send(unparked.as_ref().is_some_and(|stepped| stepped.wrote));
                if let Some(gone) = unparked.and_then(|stepped| stepped.gone) {
                    self.fold_again(gone).await?;
                }
            }
            Asked::State { reply } => drop(reply.send(self.keeper.state())),
        }
        Ok(())
    }

    /// Folds the journal anew; tried again while the store cannot be read.
    async fn fold_again(&mut self, gone: Gone) -> Result<(), String> {
        if let Gone::Lost(n) = gone {
            return Err(format!("the journal lost facts: commit {n} is not there any more"));
        }
        let name = self.keeper.name().clone();
        let mut wait = FIRST_PAUSE;
        loop {
            match self.office.open(&name).await {
                Ok(keeper) => {
                    self.keeper = keeper;
                    if let Gone::Park { journal, n, why } = &gone {
                        self.keeper.park_reading(journal, *n, why);
                    }
                    return Ok(());
                }
                Err(CannotKeep::Read { .. }) if !self.going() => {
                    self.pause(wait).await;
                    wait = (wait * 2).min(LONGEST_PAUSE);
                }
                Err(why) => return Err(why.to_string()),
            }
        }
    }

    fn end(&mut self, why: String) {
        self.broken.store(true, Ordering::SeqCst);
        let problem = Refusal::Stopped { book: self.keeper.name().to_string(), why: why.clone() }.problem();
        *self.door.stopped.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
        for waiting in self.held.drain(..) {
            drop(waiting.reply.send(Err(problem.clone())));
        }
    }
}
