//! The task that keeps one book: it gathers wishes, lets the keeper decide a group, appends its commit and answers.
//!
//! It knows nothing of who the callers are, and of the book only what a keeper shows of any book.

mod pipeline;
mod requests;
mod upkeep;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use picket_journal::AppendOutcome;
use picket_schemas::Wish;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinError;
use tokio::time::{Instant, sleep, sleep_until};

use super::inbox::{BookInbox, BookRequest, MOST_WISHES};
use crate::backoff::Backoff;
use crate::engine::Engine;
use crate::hindrance::Hindrance;
use crate::kind::AnyKeeper;

use pipeline::{InFlight, StepEnd};
use requests::PendingReply;

/// How often an idle book takes a step although nothing woke it.
const IDLE_POLL: Duration = Duration::from_secs(30);
/// How soon a book takes a step again that holds a fact whose cause it has not seen.
const CAUSE_POLL: Duration = Duration::from_millis(200);
/// How long nothing must happen before a book that is due for a snapshot counts as quiet.
const QUIET: Duration = Duration::from_secs(1);
/// The backoff after the store failed, at first and at most.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(20);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// After so many commits a snapshot is taken when the book is quiet.
const SNAPSHOT_WHEN_QUIET: u64 = 2_000;
/// After so many commits a snapshot is taken when the book goes.
const SNAPSHOT_AT_END: u64 = 256;

/// The task that keeps one book.
///
/// It has exclusive ownership of the book's keeper, so there are no locks. In normal operation it repeats one loop
/// until it is told to stop:
///
/// ```text
/// while !self.is_stopping() {
///     if there is nothing to do {
///         let event = self.next_event().await;
///         self.on_event(event).await
///     }
///     self.step().await
/// }
/// ```
///
/// A step gathers the wishes that wait, lets the keeper decide them in one group after the facts and the bells, and
/// sends the group's commit to the store. Pipelined: while that commit is in flight the next group is decided as if it
/// were stored already, but sent, and its callers answered, only when it has landed. At most one commit is in flight.
///
/// Everything that can wake an idle book is one [`BookEvent`]:
/// - the commit in flight has landed, or failed;
/// - a request has come in: a wish, or a person who unparks the book;
/// - a journal it reads has a commit it listens to;
/// - its next bell is due;
/// - a fact it holds may have got its cause;
/// - nothing has happened for a while: it takes a step all the same, or a snapshot;
/// - it is told to stop.
///
/// Facts and bells yield: nobody waits for what follows from them, so they leave the store alone for a multiple of the
/// time the last commit took, and then go together. A wish waits for none of that, and takes them along.
///
/// When the store fails, the task backs off. When an append fails or a book breaks, the keeper is dropped and its
/// journal folded again; nothing in memory is repaired. When the journal is damaged or lost facts, the book stops.
///
/// The price: a wish may be decided on a commit that is then not stored. It is never told so and never written; it is
/// decided again.
///
/// Decisions 0001 (one keeper, one order), 0014 (one commit in flight) and 0023 (what nobody waits for yields).
pub(super) struct BookTask {
    engine: Arc<Engine>,
    keeper: Box<dyn AnyKeeper>,
    inbox: BookInbox,
    requests: mpsc::Receiver<BookRequest>,
    /// The request that ended a wait; it comes before those in the queue.
    woken_by: Option<BookRequest>,
    /// Wishes taken from the inbox and not yet answered; their callers stand at the same places in `replies`.
    wishes: VecDeque<Wish>,
    replies: VecDeque<PendingReply>,
    /// The commit on its way to the store while the next group is decided.
    in_flight: Option<InFlight>,
    /// Until when facts and bells leave the store to others.
    yields_until: Instant,
    /// Woken when a journal the book reads has a commit it listens to.
    journal_grew: Arc<Notify>,
    stop: watch::Receiver<bool>,
    /// Whether it does anything unasked.
    ring: bool,
    /// Whether there is more to do at once, without an event.
    has_more: bool,
    /// How many wishes the next group takes at most: the one after them broke the book.
    wish_limit: usize,
    /// How many callers were answered together last time: about so many will ask again at once.
    last_answered: usize,
    /// How long it waits when the store fails.
    backoff: Backoff,
    /// Shared by all books: one of them had to be stopped.
    broken: Arc<AtomicBool>,
    /// It stopped only because this version is too old for it: another process goes on.
    outdated: bool,
}

/// Everything that wakes an idle book.
enum BookEvent {
    /// The append of the commit in flight has ended.
    AppendEnded(Result<AppendOutcome, JoinError>),
    /// A request has come in.
    Requested(BookRequest),
    /// A journal it reads has a commit it listens to.
    JournalGrew,
    /// Its next bell may be due.
    BellDue,
    /// A fact waits for its cause. Written by another process, that comes a moment later and wakes nobody.
    CausePoll,
    /// Nothing woke it for long.
    IdlePoll,
    /// It is due for a snapshot, and nothing has happened for a while.
    Quiet,
    /// It is told to stop.
    Stopped,
}

impl BookTask {
    pub(super) fn new(
        engine: Arc<Engine>,
        keeper: Box<dyn AnyKeeper>,
        inbox: BookInbox,
        requests: mpsc::Receiver<BookRequest>,
        stop: watch::Receiver<bool>,
        ring: bool,
        broken: Arc<AtomicBool>,
    ) -> Self {
        Self {
            engine,
            keeper,
            inbox,
            requests,
            woken_by: None,
            wishes: VecDeque::new(),
            replies: VecDeque::new(),
            in_flight: None,
            yields_until: Instant::now(),
            journal_grew: Arc::default(),
            stop,
            ring,
            has_more: ring,
            wish_limit: MOST_WISHES,
            last_answered: 0,
            backoff: Backoff::new(FIRST_PAUSE, LONGEST_PAUSE),
            broken,
            outdated: false,
        }
    }

    pub(super) async fn run(mut self) {
        if let Err(why) = self.serve().await {
            self.stop_book(why);
        }
    }

    /// The loop; an error is why the book must stop. A caller who still waits when it ends hears that nothing was done.
    async fn serve(&mut self) -> Result<(), String> {
        if self.ring {
            self.subscribe();
        }
        while !self.is_stopping() {
            self.inbox.set_hindrance(self.keeper.hindrance());
            if self.is_idle() {
                let event = self.next_event().await;
                if !self.on_event(event).await? {
                    continue;
                }
            }
            if self.step().await? == StepEnd::Discarded {
                return Ok(());
            }
        }
        self.land().await?;
        if self.flush().await.is_none() {
            self.snapshot(SNAPSHOT_AT_END).await;
        }
        Ok(())
    }

    fn is_stopping(&self) -> bool {
        *self.stop.borrow() || self.stop.has_changed().is_err()
    }

    /// Whether there is nothing to do before an event.
    fn is_idle(&self) -> bool {
        !self.has_more && self.replies.is_empty()
    }

    /// Has the cache wake this book when a journal it reads has a commit it listens to.
    fn subscribe(&self) {
        let Some(kind) = self.engine.kind(self.keeper.name().service()) else {
            return;
        };
        // A book that listens to nothing is still woken by its registry now and then, through commands.
        if kind.listened.is_empty() {
            return;
        }
        for (journal, _) in self.keeper.reads(&|_, _| true) {
            self.engine
                .cache
                .subscribe(&journal, &self.journal_grew, kind.listened.clone());
        }
    }

    async fn next_event(&mut self) -> BookEvent {
        if let Some(in_flight) = &mut self.in_flight {
            return tokio::select! {
                biased;
                Some(request) = self.requests.recv() => BookEvent::Requested(request),
                outcome = &mut in_flight.append.outcome => BookEvent::AppendEnded(outcome),
            };
        }
        let due = self.keeper.due().filter(|_| self.ring);
        let clock = self.engine.clock.clone();
        let bell = async {
            match due {
                Some(_) if clock.held() => clock.confirmed().await,
                Some(due) => clock.wait_until(due).await,
                None => std::future::pending().await,
            }
        };
        let unasked = async {
            let event = tokio::select! {
                () = self.journal_grew.notified() => BookEvent::JournalGrew,
                () = bell => BookEvent::BellDue,
            };
            sleep_until(self.yields_until).await;
            event
        };
        let waits_for_cause = self.ring && self.keeper.waiting();
        let (patience, silence) = if self.is_due_for_snapshot(SNAPSHOT_WHEN_QUIET) {
            (QUIET, BookEvent::Quiet)
        } else {
            (IDLE_POLL, BookEvent::IdlePoll)
        };
        tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => BookEvent::Stopped,
            Some(request) = self.requests.recv() => BookEvent::Requested(request),
            event = unasked => event,
            () = sleep(CAUSE_POLL), if waits_for_cause => BookEvent::CausePoll,
            () = sleep(patience) => silence,
        }
    }

    /// Acts upon an event; true where there may be something to decide now.
    async fn on_event(&mut self, event: BookEvent) -> Result<bool, String> {
        match event {
            // Landed, it leaves nothing to do. Otherwise everything is decided again, also what followed from facts.
            BookEvent::AppendEnded(outcome) => Ok(!self.on_append_ended(outcome).await?),
            BookEvent::Requested(request) => {
                self.woken_by = Some(request);
                Ok(true)
            }
            BookEvent::JournalGrew
            | BookEvent::BellDue
            | BookEvent::CausePoll
            | BookEvent::IdlePoll => Ok(true),
            BookEvent::Quiet => {
                self.on_quiet().await?;
                Ok(true)
            }
            BookEvent::Stopped => Ok(false),
        }
    }

    async fn on_quiet(&mut self) -> Result<(), String> {
        match self.flush().await {
            Some(dropped) => self.fold_again(dropped).await,
            None => {
                self.snapshot(SNAPSHOT_WHEN_QUIET).await;
                Ok(())
            }
        }
    }

    /// Stops the book until a person has restored its journal; whoever waits hears why.
    fn stop_book(&mut self, why: String) {
        if !self.outdated {
            self.broken.store(true, Ordering::SeqCst);
        }
        self.inbox.set_hindrance(Some((Hindrance::Stopped, why)));
        for reply in self.replies.drain(..) {
            reply.send(&self.inbox, Err(self.inbox.why_stopped()));
        }
    }
}
