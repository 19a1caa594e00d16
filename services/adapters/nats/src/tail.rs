//! The tails of books, told by one request for the whole stream.
//!
//! Who follows the whole stream has seen every commit up to a sequence. Once that is where the leader says that the
//! stream ends, the last commit seen of each book is its last. All who ask at one moment share one request to the
//! leader, which begins after each of them asked: the answer is as linearizable as that of a request of one's own,
//! nobody hears of an older tail than that would have told. What was seen counts for one connection, one stream and one
//! leader of it; where the stream turns out to end before it, it counts no more.
//!
//! Its price: an asker waits up to [`ARRIVING`] for what is stored to arrive here, before each book is asked for. Why:
//! `services/decisions/0023-who-waits-goes-first.md`. It does not know how the stream is asked or followed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use backon::BackoffBuilder as _;
use parking_lot::{Mutex, MutexGuard};
use picket_journal::{BookName, Head, Unavailable};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::retry::backoff;

/// The time that what was stored may take to arrive here before each book is asked for.
const ARRIVING: Duration = Duration::from_millis(250);
/// The number of times a leader is asked again before what was seen is given up because the stream seems to end before
/// it, and the first and the longest pause meanwhile.
const LAGGING: (usize, Duration, Duration) =
    (6, Duration::from_millis(5), Duration::from_millis(160));

/// The identity of a stream as it was seen, and from where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct StreamIdentity {
    /// The count of connections the client had made.
    pub(crate) connection: u64,
    /// The instant at which the stream was created, as the server tells it.
    pub(crate) created: String,
    /// The name of its leader; empty where the server tells no name.
    pub(crate) leader: String,
}

/// The tail of a stream: where it ends, and which one that is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct StreamTail {
    pub(crate) identity: StreamIdentity,
    pub(crate) seq: u64,
}

/// The tails of books, as far as a connection knows them.
#[derive(Debug, Default)]
pub(crate) struct BookTails {
    /// The number of requests that have begun.
    begun: AtomicU64,
    /// The request that was answered last, by its number, and its answer.
    answered: tokio::sync::Mutex<(u64, Option<Result<TailAnswer, Unavailable>>)>,
    slot: Mutex<ObserverSlot>,
}

/// The answer to a request, and the observer there was when it began.
#[derive(Clone, Debug)]
struct TailAnswer {
    tail: StreamTail,
    observer: u64,
}

/// The arrival of everything up to a tail.
enum TailArrival {
    /// It has been seen.
    Now,
    /// It has when this says so.
    Later(oneshot::Receiver<()>),
    /// That cannot be told from what was seen.
    Unknown,
}

/// The observer of a connection: there is one at most.
#[derive(Debug, Default)]
struct ObserverSlot {
    /// The number of observers there have been.
    observers: u64,
    view: Option<TailView>,
}

/// The view of the present observer: all it saw.
#[derive(Debug)]
struct TailView {
    observer: u64,
    identity: StreamIdentity,
    /// Everything up to this sequence was seen.
    arrived: u64,
    heads: HashMap<BookName, Head>,
    /// The askers that wait until a sequence has arrived.
    waiting: BTreeMap<u64, Vec<oneshot::Sender<()>>>,
}

impl BookTails {
    /// Begins to be told what is in the stream: everything up to `arrived` was seen, and so these books end here.
    /// It takes the place of the observer before: one follower of everything is meant, and two would take turns.
    pub(crate) fn observe(
        self: &Arc<Self>,
        identity: StreamIdentity,
        arrived: u64,
        heads: HashMap<BookName, Head>,
    ) -> TailObserver {
        let mut slot = self.slot();
        slot.observers += 1;
        let observer = slot.observers;
        slot.view = Some(TailView {
            observer,
            identity,
            arrived,
            heads,
            waiting: BTreeMap::new(),
        });
        TailObserver {
            tails: self.clone(),
            observer,
        }
    }

    /// The head of each of these books. `None` if they must be asked for one by one: somebody else may have written
    /// what was not seen here, or nobody follows the whole stream. `ask` asks the leader.
    pub(crate) async fn heads_of<F>(
        &self,
        books: &[BookName],
        ask: impl Fn() -> F,
    ) -> Result<Option<Vec<Head>>, Unavailable>
    where
        F: Future<Output = Result<StreamTail, Unavailable>>,
    {
        if books.is_empty() || !self.covers(books) {
            return Ok(None);
        }
        let answer = self.shared_answer(ask).await?;
        let arrived = match self.arrival_of(&answer) {
            TailArrival::Now => true,
            TailArrival::Later(arrives) => matches!(timeout(ARRIVING, arrives).await, Ok(Ok(()))),
            TailArrival::Unknown => false,
        };
        if !arrived {
            return Ok(None);
        }
        let tail = answer.tail;
        let slot = self.slot();
        let view = slot
            .view
            .as_ref()
            .filter(|view| view.identity == tail.identity && view.arrived >= tail.seq);
        Ok(view.and_then(|view| {
            books
                .iter()
                .map(|book| view.heads.get(book).cloned())
                .collect()
        }))
    }

    fn covers(&self, books: &[BookName]) -> bool {
        self.slot()
            .view
            .as_ref()
            .is_some_and(|view| books.iter().all(|book| view.heads.contains_key(book)))
    }

    /// The answer to a request that began after this call.
    async fn shared_answer<F>(&self, ask: impl Fn() -> F) -> Result<TailAnswer, Unavailable>
    where
        F: Future<Output = Result<StreamTail, Unavailable>>,
    {
        let before = self.begun.load(Ordering::SeqCst);
        let mut answered = self.answered.lock().await;
        if let (number, Some(answer)) = &*answered
            && *number > before
        {
            return answer.clone();
        }
        // Whoever stops waiting in the middle leaves the request to the next.
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let answer = self.answer(ask).await;
        *answered = (number, Some(answer.clone()));
        answer
    }

    /// Asks, and forgets what was seen if the stream ends before it.
    async fn answer<F>(&self, ask: impl Fn() -> F) -> Result<TailAnswer, Unavailable>
    where
        F: Future<Output = Result<StreamTail, Unavailable>>,
    {
        let (observer, arrived) = self
            .slot()
            .view
            .as_ref()
            .map(|view| (view.observer, view.arrived))
            .unwrap_or_default();
        let mut tail = ask().await?;
        let (times, first, longest) = LAGGING;
        for pause in backoff(first, longest).with_max_times(times).build() {
            if tail.seq >= arrived {
                break;
            }
            // A leader may be the last to do what it made the others do.
            sleep(pause).await;
            tail = ask().await?;
        }
        if tail.seq < arrived {
            self.slot().forget(observer);
        }
        Ok(TailAnswer { tail, observer })
    }

    /// Whether everything up to a tail was seen, or will be.
    fn arrival_of(&self, TailAnswer { tail, observer }: &TailAnswer) -> TailArrival {
        let mut slot = self.slot();
        let Some(view) = slot.view.as_mut() else {
            return TailArrival::Unknown;
        };
        if view.identity != tail.identity {
            // One that came since has seen what is there now.
            slot.forget(*observer);
            return TailArrival::Unknown;
        }
        if view.arrived >= tail.seq {
            return TailArrival::Now;
        }
        let (comes, arrives) = oneshot::channel();
        view.waiting.entry(tail.seq).or_default().push(comes);
        TailArrival::Later(arrives)
    }

    fn slot(&self) -> MutexGuard<'_, ObserverSlot> {
        // Each statement under this lock leaves it whole.
        self.slot.lock()
    }
}

impl ObserverSlot {
    fn forget(&mut self, observer: u64) {
        // Whoever waits hears that nothing comes any more.
        self.view.take_if(|view| view.observer == observer);
    }
}

/// The observer of the whole stream: its one follower. When it is dropped nothing of what it saw counts any more.
#[derive(Debug)]
pub(crate) struct TailObserver {
    tails: Arc<BookTails>,
    observer: u64,
}

impl TailObserver {
    /// The next message of the stream has arrived; `commit` is what it said, where that counts.
    pub(crate) fn record(&self, seq: u64, commit: Option<(&BookName, &Head)>) {
        let mut slot = self.tails.slot();
        let Some(view) = slot
            .view
            .as_mut()
            .filter(|view| view.observer == self.observer)
        else {
            return;
        };
        if let Some((book, head)) = commit
            && let Some(known) = view.heads.get_mut(book)
        {
            *known = head.clone();
        }
        view.arrived = view.arrived.max(seq);
        while let Some(first) = view
            .waiting
            .first_entry()
            .filter(|first| *first.key() <= seq)
        {
            for comes in first.remove() {
                // Who asked may have gone.
                let _ = comes.send(());
            }
        }
    }

    /// The head of this book is not known from here on.
    pub(crate) fn forget_book(&self, book: &BookName) {
        if let Some(view) = self
            .tails
            .slot()
            .view
            .as_mut()
            .filter(|view| view.observer == self.observer)
        {
            view.heads.remove(book);
        }
    }

    /// Whether what it saw still counts.
    pub(crate) fn is_current(&self) -> bool {
        self.tails
            .slot()
            .view
            .as_ref()
            .is_some_and(|view| view.observer == self.observer)
    }
}

impl Drop for TailObserver {
    fn drop(&mut self) {
        self.tails.slot().forget(self.observer);
    }
}

#[cfg(test)]
mod tests;
