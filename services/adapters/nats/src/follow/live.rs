//! The live tail of the stream as a follower hears it: what comes after its backlog, compared with the leader now and
//! then.
//!
//! The loop: hear a message, or an idle heartbeat, and compare when that is due. A consumer may lose messages and say
//! nothing, so what it brought is held against what the leader has: of a whole journal by the sequences, of a few books
//! by their heads. Its price is one request to the leader every three seconds, and for a few books one for each of them
//! where the stream grew. It does not know how a backlog is read.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use picket_journal::{BookName, Head, Journal as _, ReadError};
use tokio::time::{Instant, sleep};

use super::{FollowerTask, RoundEnd};
use crate::commit_message::{CommitMessage, subject_of};
use crate::consumer::{PullConsumer, brings_all};
use crate::tail::StreamIdentity;

/// The interval at which what was heard is compared with what the leader has.
const COMPARING: Duration = Duration::from_secs(3);
/// The interval at which it is looked whether the connection is still the same.
const LOOKING: Duration = Duration::from_millis(100);

/// The consumer of a round, and how what it brought compares with the stream.
struct LiveTail {
    consumer: PullConsumer,
    identity: StreamIdentity,
    /// A book that was not read up to the commit the leader had counted before.
    lacking: Option<(BookName, u64)>,
    /// Everything up to this sequence has come, of a whole journal.
    arrived: u64,
    compared: LeaderComparison,
}

/// The last comparison with the leader.
struct LeaderComparison {
    at: Instant,
    /// The sequence at which the stream ended.
    end: u64,
    /// The sequence up to which the consumer had brought it.
    arrived: u64,
    /// Books the leader had more of than was heard, and up to which commit.
    suspects: Vec<(BookName, u64)>,
}

impl LiveTail {
    /// A consumer that brings what comes after the sequence `before`.
    fn new(
        consumer: PullConsumer,
        identity: StreamIdentity,
        before: u64,
        lacking: Option<(BookName, u64)>,
    ) -> Self {
        Self {
            consumer,
            identity,
            lacking,
            arrived: before,
            compared: LeaderComparison {
                at: Instant::now(),
                end: before,
                arrived: before,
                suspects: Vec::new(),
            },
        }
    }

    /// The next message: of a whole journal the sequences have no gap.
    fn arrives(&mut self, seq: u64) -> Result<(), RoundEnd> {
        if self.consumer.whole && seq > self.arrived + 1 {
            return Err(RoundEnd::Again(format!(
                "messages before {seq} did not arrive"
            )));
        }
        self.arrived = self.arrived.max(seq);
        Ok(())
    }
}

impl FollowerTask {
    /// Reads the backlog, then hears what comes. Ends only for a reason.
    pub(super) async fn listen(&mut self) -> Result<Infallible, RoundEnd> {
        let mut tail = self.open_tail().await?;
        loop {
            let found = tokio::select! {
                found = tail.consumer.next() => found?,
                // The consumer may have gone with the server: its silence need not be waited for.
                () = self.reconnected(tail.identity.connection) => return Err(RoundEnd::Again("the connection was made anew".to_owned())),
            };
            if let Some(found) = found {
                tail.arrives(found.seq)?;
                self.hear(found).await?;
            }
            self.heard = Instant::now();
            if tail.compared.at.elapsed() >= COMPARING {
                self.compare_tail(&mut tail).await?;
                tail.compared.at = Instant::now();
            }
        }
    }

    /// Reads the backlog, and opens a consumer that begins where the stream ended before that, so that nothing falls in
    /// between. Observes for others where the whole stream is seen.
    async fn open_tail(&mut self) -> Result<LiveTail, RoundEnd> {
        let connection = self.attempts.leader.connection();
        let (tail, counts) = if brings_all(self.positions.len()) {
            self.attempts.leader.tail_and_counts().await?
        } else {
            (self.attempts.leader.tail().await?, None)
        };
        let before = tail.seq;
        let identity = StreamIdentity {
            connection,
            ..tail.identity
        };
        self.heard = Instant::now();
        self.catch_up().await?;
        if self.positions.is_empty() {
            self.items.closed().await;
            return Err(RoundEnd::Deaf);
        }
        let sees_all = counts.is_some() && self.unreadable.is_empty();
        let lacking = self.lacking(counts.unwrap_or_default());
        let subjects: Vec<String> = self.positions.keys().map(subject_of).collect();
        let consumer = PullConsumer::open(&self.attempts.leader, &subjects, before + 1).await?;
        self.observer = (consumer.whole && sees_all && lacking.is_none()).then(|| {
            self.attempts
                .tails
                .observe(identity.clone(), before, self.positions.clone())
        });
        Ok(LiveTail::new(consumer, identity, before, lacking))
    }

    /// A book that was not read up to the commit the leader had counted before. Where a book ends may have been
    /// answered by one that led before. What the consumer brings begins after the end, so that all up to there must
    /// have been read by now.
    fn lacking(&self, counts: HashMap<BookName, u64>) -> Option<(BookName, u64)> {
        counts.into_iter().find(|(book, count)| {
            self.positions
                .get(book)
                .is_some_and(|read| read.number < *count)
        })
    }

    async fn reconnected(&self, connection: u64) {
        while self.attempts.leader.connection() == connection {
            sleep(LOOKING).await;
        }
    }

    async fn hear(&mut self, found: CommitMessage) -> Result<(), RoundEnd> {
        let position = self
            .positions
            .get(&found.book)
            .filter(|_| !self.unreadable.contains_key(&found.book));
        let is_new = position.is_some_and(|position| found.number() > position.number);
        if let Some(position) = position.filter(|position| found.number() > position.number + 1) {
            return Err(RoundEnd::Again(format!(
                "commits of `{}` after {} did not arrive",
                found.book, position.number
            )));
        }
        if let Some(observer) = &self.observer {
            observer.record(
                found.seq,
                is_new.then_some((&found.book, &found.stored.head)),
            );
        }
        if is_new {
            self.deliver(found.book, found.stored).await
        } else {
            Ok(())
        }
    }

    /// Compares what was heard with what the leader has.
    async fn compare_tail(&mut self, tail: &mut LiveTail) -> Result<(), RoundEnd> {
        let end = self.attempts.leader.tail().await?;
        if end.identity != tail.identity {
            return Err(RoundEnd::Again(
                "the connection, the stream or who leads it is another one".to_owned(),
            ));
        }
        if self
            .observer
            .as_ref()
            .is_some_and(|observer| !observer.is_current())
        {
            return Err(RoundEnd::Again(
                "what was seen of the stream counts no more".to_owned(),
            ));
        }
        if let Some((book, count)) = &tail.lacking {
            return Err(RoundEnd::Again(format!(
                "`{book}` was not read up to commit {count}"
            )));
        }
        let (end, arrived, compared) = (end.seq, tail.arrived, &mut tail.compared);
        // Of a whole journal the sequences tell, and the leader need not be asked for every book.
        if tail.consumer.whole && self.unreadable.is_empty() && end >= arrived {
            if arrived < compared.end && arrived == compared.arrived {
                return Err(RoundEnd::Again(format!(
                    "messages after {arrived} did not arrive"
                )));
            }
            (compared.end, compared.arrived) = (end, arrived);
        } else if end > compared.end || end < arrived || !self.unreadable.is_empty() {
            compared.suspects = self.compare_heads(&compared.suspects).await?;
            if compared.suspects.is_empty() {
                compared.end = end;
            }
        }
        Ok(())
    }

    /// Compares book by book. What the leader has and was not heard is suspect; what was suspect before and has still
    /// not been heard did not arrive.
    async fn compare_heads(
        &mut self,
        suspects: &[(BookName, u64)],
    ) -> Result<Vec<(BookName, u64)>, RoundEnd> {
        let heard = |positions: &HashMap<BookName, Head>, book: &BookName, number| {
            positions.get(book).is_none_or(|head| head.number >= number)
        };
        if let Some((book, number)) = suspects
            .iter()
            .find(|(book, number)| !heard(&self.positions, book, *number))
        {
            return Err(RoundEnd::Again(format!(
                "commit {number} of `{book}` did not arrive"
            )));
        }
        if let Some((_, reason)) = self.unreadable.values().next() {
            return Err(RoundEnd::Again(reason.clone()));
        }
        let books: Vec<BookName> = self.positions.keys().cloned().collect();
        let heads = self.attempts.last(&books).await?;
        let mut missing = Vec::new();
        for (book, head) in books.into_iter().zip(heads) {
            let Some(position) = self.positions.get(&book) else {
                continue;
            };
            if head.number > position.number {
                missing.push((book, head.number));
            } else if !head.is_same_commit(position) {
                // Nothing arrives while this runs, so the leader had less than was heard before.
                self.report_shortened(ReadError::Shortened { book, head })
                    .await?;
            }
        }
        Ok(missing)
    }
}
