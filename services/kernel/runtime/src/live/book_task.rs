//! The task that keeps one book: gathers what waits, lets the keeper decide, appends, answers.
//!
//! While one commit is on its way to the store the next group is decided upon it; it is appended, and anybody
//! answered, only when the one before is there. It knows nothing of who the callers are.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use picket_journal::Outcome;
use picket_schemas::{Answer, Problem, Wish};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinError;
use tokio::time::{Instant, sleep_until};

use super::{
    Asked, Door, FIRST_PAUSE, Hindrance, LONGEST_PAUSE, LOOK_AGAIN, TURNS, WAITING, Waiting,
};
use crate::keeper::Append;
use crate::kind::Kept;
use crate::office::{CannotKeep, Decided, Flight, Gone, Office};

/// After so many commits a snapshot is taken when the book is quiet, and when it goes.
const MANY: u64 = 2_000;
const WORTH_KEEPING: u64 = 256;
/// How soon a keeper looks again that holds a fact whose cause it has not seen.
const CAUSE: Duration = Duration::from_millis(200);
/// What follows from facts and bells is waited for by nobody. It leaves the store to others for so many times as long
/// as the book's last commit took, and for so long at the most: a store that is busy gets fewer and larger commits.
const YIELDS: u32 = 8;
const LONGEST_YIELD: Duration = Duration::from_millis(500);
/// How long nothing must happen before a book counts as quiet.
const QUIET: Duration = Duration::from_secs(1);

/// Who waits for an answer.
pub(super) struct Held {
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
pub(super) type Underway = (Flight, Vec<(Held, Result<Answer, Problem>)>);

pub(super) struct Keeping {
    pub(super) office: Arc<Office>,
    pub(super) keeper: Box<dyn Kept>,
    pub(super) asked: mpsc::Receiver<Asked>,
    /// What ended a wait.
    pub(super) early: Option<Asked>,
    /// Taken from the mailbox, not yet answered; what each waits for stands at the same place in `held`.
    pub(super) wishes: VecDeque<Wish>,
    pub(super) held: VecDeque<Held>,
    /// At most one commit is on its way while the next group is decided.
    pub(super) flight: Option<Underway>,
    /// When the last commit left, and until when nothing leaves that nobody waits for.
    pub(super) launched: Instant,
    pub(super) yields: Instant,
    pub(super) door: Door,
    pub(super) stop: watch::Receiver<bool>,
    /// Whether it does anything unasked.
    pub(super) ring: bool,
    pub(super) woken: Arc<Notify>,
    pub(super) broken: Arc<AtomicBool>,
    /// It stopped only because this version is too old for it: another process goes on.
    pub(super) outdated: bool,
}

impl Keeping {
    pub(super) async fn run(mut self) {
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
            let decided = match self.decide(only).await {
                Ok(Some(decided)) => decided,
                Ok(None) => {
                    more = self.ring;
                    continue;
                }
                Err(why) => return self.end(why),
            };
            if self.going() {
                match decided {
                    // What follows from facts and bells is true whenever it is written, and nobody waits for it.
                    Decided {
                        stepped,
                        append: Some(append),
                    } if stepped.answers.is_empty() && stepped.gone.is_none() => {
                        self.launch(append, Vec::new())
                    }
                    Decided {
                        stepped,
                        append: None,
                    } if stepped.gone.is_none() => {}
                    // Decided, not written, told to nobody: as if it had never been asked.
                    Decided { .. } => return,
                }
                break;
            }
            let Decided { stepped, append } = decided;
            busy = stepped.answers.len();
            let stepped = match append {
                Some(append) => {
                    more =
                        (self.ring && (stepped.more || stepped.failed)) || !self.asked.is_empty();
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
            more = (self.ring && (stepped.more || stepped.failed)) || !self.asked.is_empty();
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
        if self.flush().await.is_none() {
            self.remember(WORTH_KEEPING).await;
        }
    }

    /// Decides a group of so many wishes at the most. Nothing, where what was on its way did not land: the book was folded
    /// anew, and everything is decided again, also what followed from facts.
    async fn decide(&mut self, only: usize) -> Result<Option<Decided>, String> {
        // A bell waits for what others said, and some of them may wait for what is on its way from here.
        if self.ring
            && self
                .office
                .rings(self.keeper.as_ref(), self.office.clock.now())
            && !self.land().await?
        {
            return Ok(None);
        }
        let Self {
            office,
            keeper,
            wishes,
            ring,
            ..
        } = self;
        let wishes = &*wishes.make_contiguous();
        let decided = office
            .decide(keeper.as_mut(), &wishes[..only.min(wishes.len())], *ring)
            .await;
        // The group before must be in the journal before this one may follow, or anybody is answered.
        Ok(self.land().await?.then_some(decided))
    }

    /// Writes cursors that merely moved; what became of the keeper if that went wrong.
    async fn flush(&mut self) -> Option<Gone> {
        let append = self.keeper.flush(self.office.clock.now())?;
        self.office
            .append(self.keeper.as_mut(), append, Vec::new(), false, 0)
            .await
            .gone
    }

    /// Keeps a snapshot where `many` commits have come since the last. It costs the book a moment, so it is
    /// taken while nobody waits for it.
    async fn remember(&mut self, many: u64) {
        let (name, head) = (self.keeper.name().clone(), self.keeper.head().clone());
        let Some(snapshots) = self
            .office
            .snapshots
            .clone()
            .filter(|snapshots| head.number >= snapshots.kept(&name) + many)
        else {
            return;
        };
        // Tried again when as many have come once more, whatever comes of it now.
        snapshots.keeps(&name, head.number);
        let Some(memory) = self.keeper.memory() else {
            return;
        };
        let saving = tokio::task::spawn_blocking(move || {
            if let Err(why) = snapshots.save(&name, head.number, &head.hash, &memory) {
                snapshots.tell(&format!(
                    "no snapshot of `{name}` could be kept, the next start takes longer: {why}"
                ));
            }
        });
        // A panic there was printed by its hook; a snapshot can be taken again.
        drop(saving.await);
    }

    /// Says whether the book waits for a person.
    fn tell(&self) {
        self.door.hinder(self.keeper.hindrance());
    }

    /// Sends a commit on its way; those it answers hear of it when it has landed.
    fn launch(&mut self, append: Append, answers: Vec<Result<Answer, Problem>>) {
        let (name, before) = (self.keeper.name().clone(), self.keeper.head().clone());
        self.keeper.ahead(&append);
        self.launched = Instant::now();
        let flight = self.office.launch(name, before, append);
        let waiting = answers.len();
        self.wishes.drain(..waiting);
        let replies = self.held.drain(..waiting).zip(answers).collect();
        self.flight = Some((flight, replies));
    }

    /// Waits until what is on its way has landed and answers who waits for it. False where it did not land:
    /// the book was folded anew, and what was decided since does not count.
    async fn land(&mut self) -> Result<bool, String> {
        let Some((flight, _)) = &mut self.flight else {
            return Ok(true);
        };
        let outcome = (&mut flight.outcome).await;
        self.arrived(outcome).await
    }

    async fn arrived(&mut self, outcome: Result<Outcome, JoinError>) -> Result<bool, String> {
        let Some((flight, replies)) = self.flight.take() else {
            return Ok(true);
        };
        // A task that failed says nothing of what the store did.
        let outcome = outcome.unwrap_or(Outcome::StillUnknown);
        match self
            .office
            .landed(self.keeper.as_mut(), flight.commit, outcome)
        {
            Ok(()) => {
                for (held, answer) in replies {
                    held.hear(&self.door, answer);
                }
                let now = Instant::now();
                self.yields = now + (now.duration_since(self.launched) * YIELDS).min(LONGEST_YIELD);
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
        while let Some((flight, _)) = &mut self.flight {
            let outcome = tokio::select! {
                biased;
                asked = self.asked.recv() => {
                    self.early = asked;
                    return Ok(true);
                }
                outcome = &mut flight.outcome => outcome,
            };
            if !self.arrived(outcome).await? {
                return Ok(true);
            }
        }
        self.wait().await
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
        let Some(kind) = self.office.kind(self.keeper.name().service()) else {
            return;
        };
        let listens: Arc<HashSet<&'static str>> = Arc::new(kind.listens.iter().copied().collect());
        for (journal, _) in self.keeper.reads(&|_, _| true) {
            // A book that listens to nothing is still woken by its registry now and then, through commands.
            if !listens.is_empty() {
                self.office.hub.wake(&journal, &self.woken, listens.clone());
            }
        }
    }

    /// Waits for something to do; false when it is time to go.
    async fn wait(&mut self) -> Result<bool, String> {
        let due = self.keeper.due().filter(|_| self.ring);
        let (name, n) = (self.keeper.name(), self.keeper.head().number);
        let long = self
            .office
            .snapshots
            .as_ref()
            .is_some_and(|snapshots| n >= snapshots.kept(name) + MANY);
        let clock = self.office.clock.clone();
        let bell = async {
            match due {
                Some(_) if clock.held() => clock.confirmed().await,
                Some(due) => clock.wait_until(due).await,
                None => std::future::pending().await,
            }
        };
        let unasked = async {
            tokio::select! {
                () = self.woken.notified() => {}
                () = bell => {}
            }
            sleep_until(self.yields).await;
        };
        let asked = tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => return Ok(false),
            asked = self.asked.recv() => Some(asked),
            () = unasked => return Ok(true),
            // A cause that another process wrote comes a moment after its consequence, and wakes nobody.
            () = tokio::time::sleep(CAUSE), if self.ring && self.keeper.waiting() => return Ok(true),
            () = tokio::time::sleep(if long { QUIET } else { LOOK_AGAIN }) => None,
        };
        let Some(asked) = asked else {
            if !long {
                return Ok(true);
            }
            match self.flush().await {
                Some(gone) => self.fold_again(gone).await?,
                None => self.remember(MANY).await,
            }
            return Ok(true);
        };
        let there = asked.is_some();
        self.early = asked;
        Ok(there)
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
            Asked::Look { reply } => {
                let stepped = self.office.look(self.keeper.as_mut()).await;
                let rests = !(stepped.wrote
                    || stepped.more
                    || stepped.failed
                    || stepped.gone.is_some()
                    || self.keeper.waiting());
                // Somebody who left does not want the answer.
                let _ = reply.send(rests);
                if let Some(gone) = stepped.gone {
                    self.fold_again(gone).await?;
                }
            }
        }
        Ok(())
    }

    /// Folds the journal anew; tried again while the store cannot be read.
    async fn fold_again(&mut self, gone: Gone) -> Result<(), String> {
        if let Gone::Lost(n) = gone {
            return Err(format!(
                "its journal lost facts, commit {n} is not there any more"
            ));
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
                Err(why) => {
                    self.outdated =
                        why.needs_upgrade() && self.office.give_to_a_later_version(&name);
                    return Err(why.why(name.as_str()));
                }
            }
        }
    }

    fn end(&mut self, why: String) {
        if !self.outdated {
            self.broken.store(true, Ordering::SeqCst);
        }
        self.door.hinder(Some((Hindrance::Stopped, why)));
        for waiting in self.held.drain(..) {
            waiting.hear(&self.door, Err(self.door.why_stopped()));
        }
    }
}
