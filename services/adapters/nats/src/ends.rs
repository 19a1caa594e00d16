//! Ends of books, told by one question for the whole stream.
//!
//! Who follows the whole stream has seen every commit up to a sequence. Once that is where the leader says that the
//! stream ends, the last commit seen of each book is its last. All who ask at one moment share one question to the
//! leader, which begins after each of them asked: nobody hears an older end than a question of its own would have
//! told. What was seen counts for one connection, one stream and one leader of it; where the stream turns out to end
//! before it, it counts no more. It does not know how the stream is asked or followed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use picket_journal::{BookName, Head, Unavailable};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

/// How long what was stored may take to arrive here before each book is asked for.
const ARRIVING: Duration = Duration::from_millis(250);
/// The first pause, and how many there are, before what was seen is given up because the stream seems to end before it.
/// Each is twice as long as the one before.
const LAGGING: (Duration, u32) = (Duration::from_millis(5), 6);

/// Which stream was seen, and from where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Source {
    /// How often the client had connected.
    pub(crate) connection: u64,
    /// When the stream was created, as the server tells it.
    pub(crate) created: String,
    /// Who leads it, by name; empty where the server tells no name.
    pub(crate) leader: String,
}

/// Where the stream ends, and which one that is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct End {
    pub(crate) source: Source,
    pub(crate) seq: u64,
}

/// What a connection knows of the ends of books.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    /// How many questions have begun.
    begun: AtomicU64,
    /// The question that was answered last, by its number, and its answer.
    answered: tokio::sync::Mutex<(u64, Option<Result<Answer, Unavailable>>)>,
    seen: Mutex<Seen>,
}

/// What a question came to, and who stood witness when it began.
#[derive(Clone, Debug)]
struct Answer {
    end: End,
    witness: u64,
}

/// Whether everything up to an end was seen.
enum Arrives {
    /// It was.
    Now,
    /// It was when this says so.
    Later(oneshot::Receiver<()>),
    /// That cannot be told from what was seen.
    Unknown,
}

#[derive(Debug, Default)]
struct Seen {
    /// How many have stood witness.
    witnesses: u64,
    standing: Option<Standing>,
}

/// What the present witness saw.
#[derive(Debug)]
struct Standing {
    witness: u64,
    source: Source,
    /// Everything up to this sequence was seen.
    arrived: u64,
    heads: HashMap<BookName, Head>,
    /// Who waits until a sequence has arrived.
    waiting: BTreeMap<u64, Vec<oneshot::Sender<()>>>,
}

impl Ends {
    /// Begins to be told what is in the stream: everything up to `arrived` was seen, and so these books end here.
    /// Whoever stood witness before does so no longer: one follower of everything is meant, and two would take turns.
    pub(crate) fn witness(
        self: &Arc<Self>,
        source: Source,
        arrived: u64,
        heads: HashMap<BookName, Head>,
    ) -> Witness {
        let mut seen = self.seen();
        seen.witnesses += 1;
        let witness = seen.witnesses;
        seen.standing = Some(Standing {
            witness,
            source,
            arrived,
            heads,
            waiting: BTreeMap::new(),
        });
        Witness {
            ends: self.clone(),
            witness,
        }
    }

    /// Where each of these books ends. `None` if they must be asked for one by one: somebody else may have written
    /// what was not seen here, or nobody follows the whole stream. `ask` asks the leader.
    pub(crate) async fn of<F>(
        &self,
        books: &[BookName],
        ask: impl Fn() -> F,
    ) -> Result<Option<Vec<Head>>, Unavailable>
    where
        F: Future<Output = Result<End, Unavailable>>,
    {
        if books.is_empty() || !self.knows(books) {
            return Ok(None);
        }
        let answer = self.share(ask).await?;
        let arrived = match self.arrives(&answer) {
            Arrives::Now => true,
            Arrives::Later(arrives) => matches!(timeout(ARRIVING, arrives).await, Ok(Ok(()))),
            Arrives::Unknown => false,
        };
        if !arrived {
            return Ok(None);
        }
        let end = answer.end;
        let seen = self.seen();
        let standing = seen
            .standing
            .as_ref()
            .filter(|standing| standing.source == end.source && standing.arrived >= end.seq);
        Ok(standing.and_then(|standing| {
            books
                .iter()
                .map(|book| standing.heads.get(book).cloned())
                .collect()
        }))
    }

    fn knows(&self, books: &[BookName]) -> bool {
        self.seen()
            .standing
            .as_ref()
            .is_some_and(|standing| books.iter().all(|book| standing.heads.contains_key(book)))
    }

    /// The answer to a question that began after this call.
    async fn share<F>(&self, ask: impl Fn() -> F) -> Result<Answer, Unavailable>
    where
        F: Future<Output = Result<End, Unavailable>>,
    {
        let before = self.begun.load(Ordering::SeqCst);
        let mut answered = self.answered.lock().await;
        if let (number, Some(answer)) = &*answered
            && *number > before
        {
            return answer.clone();
        }
        // Whoever stops waiting in the middle leaves the question to the next.
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let answer = self.ask(ask).await;
        *answered = (number, Some(answer.clone()));
        answer
    }

    /// Asks, and forgets what was seen if the stream ends before it.
    async fn ask<F>(&self, ask: impl Fn() -> F) -> Result<Answer, Unavailable>
    where
        F: Future<Output = Result<End, Unavailable>>,
    {
        let (witness, arrived) = self
            .seen()
            .standing
            .as_ref()
            .map(|standing| (standing.witness, standing.arrived))
            .unwrap_or_default();
        let mut end = ask().await?;
        for again in 0..LAGGING.1 {
            if end.seq >= arrived {
                break;
            }
            // A leader may be the last to do what it made the others do.
            sleep(LAGGING.0 * 2_u32.pow(again)).await;
            end = ask().await?;
        }
        if end.seq < arrived {
            self.seen().forget(witness);
        }
        Ok(Answer { end, witness })
    }

    /// Whether everything up to an end was seen, or will be.
    fn arrives(&self, Answer { end, witness }: &Answer) -> Arrives {
        let mut seen = self.seen();
        let Some(standing) = seen.standing.as_mut() else {
            return Arrives::Unknown;
        };
        if standing.source != end.source {
            // One that began to stand since has seen what is there now.
            seen.forget(*witness);
            return Arrives::Unknown;
        }
        if standing.arrived >= end.seq {
            return Arrives::Now;
        }
        let (comes, arrives) = oneshot::channel();
        standing.waiting.entry(end.seq).or_default().push(comes);
        Arrives::Later(arrives)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Each statement under this lock leaves it whole.
        self.seen.lock()
    }
}

impl Seen {
    fn forget(&mut self, witness: u64) {
        // Whoever waits hears that nothing comes any more.
        self.standing
            .take_if(|standing| standing.witness == witness);
    }
}

/// Whoever sees the whole stream. When it is dropped nothing of what it saw counts any more.
#[derive(Debug)]
pub(crate) struct Witness {
    ends: Arc<Ends>,
    witness: u64,
}

impl Witness {
    /// The next message of the stream has arrived; `commit` is what it said, where that counts.
    pub(crate) fn saw(&self, seq: u64, commit: Option<(&BookName, &Head)>) {
        let mut seen = self.ends.seen();
        let Some(standing) = seen
            .standing
            .as_mut()
            .filter(|standing| standing.witness == self.witness)
        else {
            return;
        };
        if let Some((book, head)) = commit
            && let Some(known) = standing.heads.get_mut(book)
        {
            *known = head.clone();
        }
        standing.arrived = standing.arrived.max(seq);
        while let Some(first) = standing
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

    /// Where this book ends is not known from here on.
    pub(crate) fn leaves(&self, book: &BookName) {
        if let Some(standing) = self
            .ends
            .seen()
            .standing
            .as_mut()
            .filter(|standing| standing.witness == self.witness)
        {
            standing.heads.remove(book);
        }
    }

    /// Whether what it saw still counts.
    pub(crate) fn counts(&self) -> bool {
        self.ends
            .seen()
            .standing
            .as_ref()
            .is_some_and(|standing| standing.witness == self.witness)
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.ends.seen().forget(self.witness);
    }
}

#[cfg(test)]
mod tests;
