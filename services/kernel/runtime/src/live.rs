//! Live: one task a book, woken by commands, by what other journals say, and by bells.
//!
//! The task takes what waits, steps, answers. Callers reach books through [`Live::wish`]. It knows nothing
//! of who the callers are or what the books decide.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use picket_journal::{BookName, Outcome};
use picket_schemas::{Answer, Jurisdiction, Problem, Refusal, Wish};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::{JoinError, JoinHandle};

use crate::kind::Kept;
use crate::keeper::Append;
use crate::office::{CannotKeep, Decided, Flight, Gone, Office, book_name};

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
        for name in books {
            keepers.push(office.open(name).await?);
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

/// Who waits for an answer.
struct Held {
    bytes: usize,
    reply: oneshot::Sender<Result<Answer, Problem>>,
}

impl Held {
    fn hear(self, door: &Door, answer: Result<Answer, Problem>) {
        door.leave(self.bytes);
        // Somebody who left does not want the answer; the id remembers it.
        drop(self.reply.send(answer));
    }
}

/// A commit on its way, with those it answers.
type Underway = (Flight, Vec<(Held, Result<Answer, Problem>)>);

struct Keeping {
    office: Arc<Office>,
    keeper: Box<dyn Kept>,
    asked: mpsc::Receiver<Asked>,
    /// What ended a wait.
    early: Option<Asked>,
    /// Taken from the mailbox, not yet answered; what each waits for stands at the same place in `held`.
    wishes: VecDeque<Wish>,
    held: VecDeque<Held>,
    /// At most one commit is on its way while the next group is decided.
    flight: Option<Underway>,
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
            self.tell();
            if !more && self.held.is_empty() {
                match self.idle().await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(why) => return self.end(why),
                }
            }
            if let Err(why) = self.gather(busy).await {
                return self.end(why);
            }
            let Self { office, keeper, wishes, ring, .. } = &mut self;
            let wishes = &*wishes.make_contiguous();
            let decided = office.decide(keeper.as_mut(), &wishes[..only.min(wishes.len())], *ring).await;
            // The group before must be in the journal before this one may follow, or anybody is answered.
            match self.land().await {
                Ok(true) => {}
                // It is not, and this one was built upon it: decided anew.
                Ok(false) => continue,
                Err(why) => return self.end(why),
            }
            if self.going() {
                // Decided, not written, told to nobody: as if it had never been asked.
                return;
            }
            let Decided { stepped, append } = decided;
            busy = stepped.answers.len();
            let stepped = match append {
                Some(append) => {
                    more = (self.ring && stepped.more) || !self.asked.is_empty();
                    only = WAITING;
                    self.launch(append, stepped.answers);
                    // A registry decides with its own newest records, which are there only when they are stored.
                    if self.keeper.name().service() == "registry"
                        && let Err(why) = self.land().await
                    {
                        return self.end(why);
                    }
                    if stepped.failed {
                        self.pause(pause).await;
                        pause = (pause * 2).min(LONGEST_PAUSE);
                    }
                    continue;
                }
                None => self.office.confirmed(self.keeper.as_mut(), stepped).await,
            };
            more = (self.ring && stepped.more) || !self.asked.is_empty();
            only = stepped.only.unwrap_or(WAITING);
            for answer in stepped.answers {
                self.wishes.pop_front();
                if let Some(held) = self.held.pop_front() {
                    held.hear(&self.door, answer);
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
        if let Err(why) = self.land().await {
            return self.end(why);
        }
        let now = self.office.clock.now();
        if let Some(append) = self.keeper.flush(now) {
            self.office.append(self.keeper.as_mut(), append, Vec::new(), false, 0).await;
        }
    }

    /// Says whether the book waits for a person.
    fn tell(&self) {
        let mut told = self.door.parked.lock().unwrap_or_else(PoisonError::into_inner);
        if told.as_deref() != self.keeper.parked() {
            *told = self.keeper.parked().map(str::to_owned);
        }
    }

    /// Sends a commit on its way; those it answers hear of it when it has landed.
    fn launch(&mut self, append: Append, answers: Vec<Result<Answer, Problem>>) {
        let (name, before) = (self.keeper.name().clone(), self.keeper.head().clone());
        self.keeper.ahead(&append);
        let flight = self.office.launch(name, before, append);
        let waiting = answers.len();
        self.wishes.drain(..waiting);
        let replies = self.held.drain(..waiting).zip(answers).collect();
        self.flight = Some((flight, replies));
    }

    /// Waits until what is on its way has landed and answers who waits for it. False where it did not land:
    /// the book was folded anew, and what was decided since does not count.
    async fn land(&mut self) -> Result<bool, String> {
        let Some((flight, _)) = &mut self.flight else { return Ok(true) };
        let outcome = (&mut flight.outcome).await;
        self.arrived(outcome).await
    }

    async fn arrived(&mut self, outcome: Result<Outcome, JoinError>) -> Result<bool, String> {
        let Some((flight, replies)) = self.flight.take() else { return Ok(true) };
        // A task that failed says nothing of what the store did.
        let outcome = outcome.unwrap_or(Outcome::StillUnknown);
        match self.office.landed(self.keeper.as_mut(), flight.commit, outcome) {
            Ok(()) => {
                for (held, answer) in replies {
                    held.hear(&self.door, answer);
                }
                Ok(true)
            }
            Err(lost) => {
                let (problem, gone) = *lost;
                if replies.is_empty() {
                    // Those who wait for it in vain, though they were not in the group yet, hear so too.
                    self.wishes.clear();
                    for held in self.held.drain(..) {
                        held.hear(&self.door, Err(problem.clone()));
                    }
                }
                for (held, _) in replies {
                    held.hear(&self.door, Err(problem.clone()));
                }
                self.fold_again(gone).await?;
                self.pause(FIRST_PAUSE).await;
                Ok(false)
            }
        }
    }

    /// Nothing to decide: what is on its way lands, or something comes first. False when it is time to go.
    async fn idle(&mut self) -> Result<bool, String> {
        let Some((flight, _)) = &mut self.flight else { return Ok(self.wait().await) };
        let outcome = tokio::select! {
            biased;
            asked = self.asked.recv() => {
                self.early = asked;
                return Ok(true);
            }
            () = self.woken.notified() => return Ok(true),
            outcome = &mut flight.outcome => outcome,
        };
        self.arrived(outcome).await.map(|_| true)
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
        if !matches!(asked, Asked::Wish(_)) {
            self.land().await?;
        }
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
