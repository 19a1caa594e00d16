//! The journal with single attempts: one append, one read, one request for heads.
//!
//! [`NatsJournal`](crate::NatsJournal) repeats them until their outcome is known. Every read goes to the leader of
//! the stream, which has all that was acknowledged. What is remembered here is only where books ended,
//! to spare a read before an append: the server compares, whatever is remembered. It does not know when to give up.

use std::collections::HashMap;
use std::sync::Arc;

use async_nats::Client;
use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};
use parking_lot::{Mutex, MutexGuard};
use picket_journal::{
    AppendError, BookName, Bytes, Follower, Head, Journal, MAX_COMMIT_BYTES, MAX_READ_BYTES,
    ReadError, StoredCommit, Unavailable,
};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use crate::append::{AppendReply, AppendRequest};
use crate::commit_message::{CommitMessage, head, subject_of};
use crate::consumer::PullConsumer;
use crate::leader::StreamLeader;
use crate::settings::JournalSettings;
use crate::tail::BookTails;
use crate::writer;

/// The bound of requests to the leader in flight at once.
const AT_ONCE: usize = 64;
/// From this many commits on a consumer is cheaper than one request for each.
const WORTH_A_CONSUMER: u64 = 6;
/// The number of consumers in a row that may bring nothing while commits are known to be there.
const MOST_IN_VAIN: usize = 5;

/// The journal of one connection, each verb tried once.
pub(crate) struct SingleAttemptJournal {
    pub(crate) leader: StreamLeader,
    pub(crate) settings: JournalSettings,
    /// The tails of books, as whoever follows the whole stream has seen them.
    pub(crate) tails: Arc<BookTails>,
    appends: mpsc::Sender<AppendRequest>,
    /// The heads of books when last seen, and the sequences of those commits.
    known: Mutex<HashMap<BookName, (Head, u64)>>,
}

impl SingleAttemptJournal {
    pub(crate) fn new(client: Client, settings: JournalSettings) -> Self {
        let appends = writer::start(client.clone(), settings.answer);
        Self {
            leader: StreamLeader::new(client, &settings),
            settings,
            tails: Arc::default(),
            appends,
            known: Mutex::default(),
        }
    }

    /// The last commit of a book.
    pub(crate) async fn last_of(
        &self,
        book: &BookName,
    ) -> Result<Option<CommitMessage>, Unavailable> {
        let found = self
            .leader
            .get(&json!({"last_by_subj": subject_of(book)}))
            .await?;
        self.learn(
            book,
            found
                .as_ref()
                .map(|found| (found.stored.head.clone(), found.seq)),
        );
        Ok(found)
    }

    /// The head of each of these books, or why it cannot be told.
    pub(crate) async fn last_each(&self, books: &[BookName]) -> Vec<Result<Head, Unavailable>> {
        let heads = stream::iter(books.to_vec()).map(|book| async move {
            self.last_of(&book)
                .await
                .map(|found| found.map(|found| found.stored.head).unwrap_or_default())
        });
        heads.buffered(AT_ONCE).collect().await
    }

    /// The first commit of a book at or after a sequence.
    async fn next_of(
        &self,
        book: &BookName,
        seq: u64,
    ) -> Result<Option<CommitMessage>, Unavailable> {
        self.leader
            .get(&json!({"seq": seq, "next_by_subj": subject_of(book)}))
            .await
    }

    fn known(&self) -> MutexGuard<'_, HashMap<BookName, (Head, u64)>> {
        // No code that runs under this lock can leave the map half changed.
        self.known.lock()
    }

    fn learn(&self, book: &BookName, seen: Option<(Head, u64)>) {
        let mut known = self.known();
        match seen {
            Some(seen) => known.insert(book.clone(), seen),
            None => known.remove(book),
        };
    }

    /// The sequence an append after `expected` must find last, or where the book ends instead.
    async fn expectation(
        &self,
        book: &BookName,
        expected: &Head,
    ) -> Result<Result<u64, Head>, Unavailable> {
        if expected.number == 0 {
            return Ok(Ok(0));
        }
        if let Some((_, seq)) = self
            .known()
            .get(book)
            .filter(|(head, _)| head.is_same_commit(expected))
        {
            return Ok(Ok(*seq));
        }
        // A position may be a note of another store, so it proves nothing; the leader's last commit does.
        Ok(match self.last_of(book).await? {
            Some(found) if found.stored.head.is_same_commit(expected) => Ok(found.seq),
            other => Err(other.map(|found| found.stored.head).unwrap_or_default()),
        })
    }

    /// The sequence of the commit `after` of a book; `None` if the store does not hold it.
    async fn sequence_of(&self, book: &BookName, after: &Head) -> Result<Option<u64>, Unavailable> {
        let held =
            |found: &CommitMessage| found.book == *book && found.stored.head.is_same_commit(after);
        if let Ok(seq) = after.position.parse::<u64>()
            && seq > 0
            && let Some(found) = self.leader.get(&json!({"seq": seq})).await?
            && held(&found)
        {
            return Ok(Some(seq));
        }
        // Numbers grow with sequences, so that the commit is found by halving.
        let Some(last) = self.last_of(book).await? else {
            return Ok(None);
        };
        let (mut low, mut high) = (1, last.seq);
        while low <= high {
            let middle = low + (high - low) / 2;
            match self.next_of(book, middle).await? {
                Some(found) if found.number() == after.number => {
                    return Ok(held(&found).then_some(found.seq));
                }
                Some(found) if found.number() < after.number => low = found.seq + 1,
                // What is searched stands before the place that was read.
                Some(_) | None => high = middle - 1,
            }
        }
        Ok(None)
    }

    /// Reads on after a commit with a consumer, up to the last commit there is.
    ///
    /// What a consumer loses it does not send again, so another one begins where this one stopped.
    async fn read_page(
        &self,
        book: &BookName,
        first: CommitMessage,
        last: &CommitMessage,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, Unavailable> {
        let (mut at, mut bytes) = (first.seq, first.stored.bytes.len());
        let mut commits = vec![first.stored];
        let mut vain = 0;
        loop {
            let before = commits.len();
            let stopped = self
                .read_batch(book, &mut at, &mut bytes, &mut commits, last, limit)
                .await;
            vain = if commits.len() > before { 0 } else { vain + 1 };
            match stopped {
                Ok(()) => return Ok(commits),
                Err(why) if vain == MOST_IN_VAIN => return Err(why),
                Err(_) => {}
            }
        }
    }

    /// Reads a batch of a page: as much as one consumer brings.
    async fn read_batch(
        &self,
        book: &BookName,
        at: &mut u64,
        bytes: &mut usize,
        commits: &mut Vec<StoredCommit>,
        last: &CommitMessage,
        limit: usize,
    ) -> Result<(), Unavailable> {
        let mut consumer = PullConsumer::open(&self.leader, &[subject_of(book)], *at + 1).await?;
        while *at < last.seq && commits.len() < limit && *bytes < MAX_READ_BYTES {
            // The leader has them, so whoever has nothing to send lost them or lags behind.
            let Some(found) = consumer.next().await? else {
                return Err(Unavailable(format!(
                    "the commits of `{book}` did not arrive"
                )));
            };
            let expected = commits.last().map_or(0, |stored| stored.head.number) + 1;
            if found.number() != expected {
                return Err(gap(book, expected, found.number()));
            }
            *at = found.seq;
            *bytes += found.stored.bytes.len();
            commits.push(found.stored);
        }
        Ok(())
    }
}

/// A number is missing, or one is there twice: not a store that can be read on.
pub(crate) fn gap(book: &BookName, expected: u64, found: u64) -> Unavailable {
    Unavailable(format!(
        "commit {expected} of `{book}` is missing in the stream, which goes on with {found}; stop and run `picket verify`"
    ))
}

#[async_trait]
impl Journal for SingleAttemptJournal {
    async fn append(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, AppendError> {
        if bytes.len() > MAX_COMMIT_BYTES {
            return Err(AppendError::TooLarge {
                bytes: bytes.len(),
                limit: MAX_COMMIT_BYTES,
            });
        }
        let seq = match self.expectation(book, expected).await {
            Ok(Ok(seq)) => seq,
            Ok(Err(head)) => return Err(AppendError::Moved { head }),
            Err(Unavailable(reason)) => return Err(AppendError::Unavailable(reason)),
        };
        let (number, size) = (expected.number + 1, bytes.len());
        let (reply, outcome) = oneshot::channel();
        let append = AppendRequest {
            subject: subject_of(book),
            expected: seq,
            number,
            hash: hash.to_owned(),
            bytes: bytes::Bytes::from_owner(bytes),
            reply,
        };
        let closed = |_| AppendError::Unavailable("the journal was closed".to_owned());
        self.appends.send(append).await.map_err(closed)?;
        match outcome.await.unwrap_or_else(|_| {
            AppendReply::Unknown("the writer ended before it answered".to_owned())
        }) {
            AppendReply::Stored(seq) => {
                let head = head(number, hash, seq);
                self.learn(book, Some((head.clone(), seq)));
                Ok(head)
            }
            AppendReply::Moved => {
                // What was remembered is out of date. The caller looks: it may even be this very commit.
                self.learn(book, None);
                Err(AppendError::Moved {
                    head: expected.clone(),
                })
            }
            AppendReply::Full(reason) => Err(AppendError::Full(reason)),
            AppendReply::TooLarge => Err(AppendError::TooLarge {
                bytes: size,
                limit: MAX_COMMIT_BYTES,
            }),
            AppendReply::Unavailable(reason) => Err(AppendError::Unavailable(reason)),
            AppendReply::Unknown(reason) => {
                self.learn(book, None);
                Err(AppendError::Unknown(reason))
            }
        }
    }

    async fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        let start = match after.number {
            0 => 0,
            _ => match self.sequence_of(book, after).await? {
                Some(seq) => seq,
                None => {
                    let head = self
                        .last_of(book)
                        .await?
                        .map(|found| found.stored.head)
                        .unwrap_or_default();
                    return Err(ReadError::Shortened {
                        book: book.clone(),
                        head,
                    });
                }
            },
        };
        if limit == 0 {
            return Ok(Vec::new());
        }
        let Some(first) = self.next_of(book, start + 1).await? else {
            return Ok(Vec::new());
        };
        if first.number() != after.number + 1 {
            return Err(gap(book, after.number + 1, first.number()).into());
        }
        if limit == 1 {
            return Ok(vec![first.stored]);
        }
        let Some(last) = self.last_of(book).await? else {
            return Ok(vec![first.stored]);
        };
        if last
            .number()
            .saturating_sub(first.number())
            .min(limit as u64)
            >= WORTH_A_CONSUMER
        {
            return Ok(self.read_page(book, first, &last, limit).await?);
        }
        let mut bytes = first.stored.bytes.len();
        let mut at = first.seq;
        let mut commits = vec![first.stored];
        while at < last.seq && commits.len() < limit && bytes < MAX_READ_BYTES {
            let Some(next) = self.next_of(book, at + 1).await? else {
                break;
            };
            let expected = after.number + 1 + commits.len() as u64;
            if next.number() != expected {
                return Err(gap(book, expected, next.number()).into());
            }
            bytes += next.stored.bytes.len();
            at = next.seq;
            commits.push(next.stored);
        }
        Ok(commits)
    }

    async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        self.last_each(books).await.into_iter().collect()
    }

    async fn follow(&self, after: Vec<(BookName, Head)>) -> Result<Follower, Unavailable> {
        // Following takes many attempts: `follow.rs` makes them with the verbs above.
        Err(Unavailable(format!(
            "{} books cannot be followed with one attempt",
            after.len()
        )))
    }
}
