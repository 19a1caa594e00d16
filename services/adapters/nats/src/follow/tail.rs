//! The tail of the stream as a follower hears it: what comes after its backlog, compared with the leader now and then.
//!
//! A consumer may lose messages and say nothing, so what it brought is held against what the leader has: of a whole
//! journal by the sequences, of a few books by their heads. It does not know how a backlog is read.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use picket_journal::{BookName, Head, Journal as _, ReadError};
use tokio::time::{Instant, sleep};

use super::{Over, Walk};
use crate::ends::Source;
use crate::pull::{Pull, brings_all};
use crate::subject::{Found, subject_of};

/// How often what was heard is compared with what the leader has.
const COMPARING: Duration = Duration::from_secs(3);
/// How often it is looked whether the connection is still the same.
const LOOKING: Duration = Duration::from_millis(100);

/// A consumer, and how what it brought compares with the stream.
struct Tail {
    pull: Pull,
    source: Source,
    /// A book that was not read up to the commit the leader had counted before.
    lacking: Option<(BookName, u64)>,
    /// Everything up to this sequence has come, of a whole journal.
    arrived: u64,
    compared: Compared,
}

/// The last comparison with the leader.
struct Compared {
    at: Instant,
    /// Where the stream ended.
    end: u64,
    /// Where the consumer stood.
    arrived: u64,
    /// Books the leader had more of than was heard, and up to which commit.
    suspects: Vec<(BookName, u64)>,
}

impl Tail {
    /// A consumer that brings what comes after the sequence `before`.
    fn new(pull: Pull, source: Source, before: u64, lacking: Option<(BookName, u64)>) -> Self {
        Self {
            pull,
            source,
            lacking,
            arrived: before,
            compared: Compared {
                at: Instant::now(),
                end: before,
                arrived: before,
                suspects: Vec::new(),
            },
        }
    }

    /// The next message: of a whole journal the sequences have no gap.
    fn arrives(&mut self, seq: u64) -> Result<(), Over> {
        if self.pull.whole && seq > self.arrived + 1 {
            return Err(Over::Again(format!("messages before {seq} did not arrive")));
        }
        self.arrived = self.arrived.max(seq);
        Ok(())
    }
}

impl Walk {
    /// Reads the backlog, then hears what comes. Ends only for a reason.
    pub(super) async fn listen(&mut self) -> Result<Infallible, Over> {
        let mut tail = self.open_tail().await?;
        loop {
            let found = tokio::select! {
                found = tail.pull.next() => found?,
                // The consumer may have gone with the server: its silence need not be waited for.
                () = self.reconnected(tail.source.connection) => return Err(Over::Again("the connection was made anew".to_owned())),
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
    /// between. Stands witness where the whole stream is seen.
    async fn open_tail(&mut self) -> Result<Tail, Over> {
        let connection = self.direct.connection();
        let (end, counts) = if brings_all(self.standing.len()) {
            self.direct.counted().await?
        } else {
            (self.direct.end().await?, None)
        };
        let before = end.seq;
        let source = Source {
            connection,
            ..end.source
        };
        self.heard = Instant::now();
        self.catch_up().await?;
        if self.standing.is_empty() {
            self.items.closed().await;
            return Err(Over::Deaf);
        }
        let sees_all = counts.is_some() && self.unreadable.is_empty();
        let lacking = self.lacking(counts.unwrap_or_default());
        let subjects: Vec<String> = self.standing.keys().map(subject_of).collect();
        let pull = Pull::open(&self.direct, &subjects, before + 1).await?;
        self.witness = (pull.whole && sees_all && lacking.is_none()).then(|| {
            self.direct
                .ends
                .witness(source.clone(), before, self.standing.clone())
        });
        Ok(Tail::new(pull, source, before, lacking))
    }

    /// A book that was not read up to the commit the leader had counted before. Where a book ends may have been answered
    /// by one that led before. What the consumer brings begins after the end, so that all up to there must have been
    /// read by now.
    fn lacking(&self, counts: HashMap<BookName, u64>) -> Option<(BookName, u64)> {
        counts.into_iter().find(|(book, count)| {
            self.standing
                .get(book)
                .is_some_and(|read| read.number < *count)
        })
    }

    async fn reconnected(&self, connection: u64) {
        while self.direct.connection() == connection {
            sleep(LOOKING).await;
        }
    }

    async fn hear(&mut self, found: Found) -> Result<(), Over> {
        let standing = self
            .standing
            .get(&found.book)
            .filter(|_| !self.unreadable.contains_key(&found.book));
        let is_new = standing.is_some_and(|standing| found.number() > standing.number);
        if let Some(standing) = standing.filter(|standing| found.number() > standing.number + 1) {
            return Err(Over::Again(format!(
                "commits of `{}` after {} did not arrive",
                found.book, standing.number
            )));
        }
        if let Some(witness) = &self.witness {
            witness.saw(
                found.seq,
                is_new.then_some((&found.book, &found.stored.head)),
            );
        }
        if is_new {
            self.say(found.book, found.stored).await
        } else {
            Ok(())
        }
    }

    /// Compares what was heard with what the leader has.
    async fn compare_tail(&mut self, tail: &mut Tail) -> Result<(), Over> {
        let end = self.direct.end().await?;
        if end.source != tail.source {
            return Err(Over::Again(
                "the connection, the stream or who leads it is another one".to_owned(),
            ));
        }
        if self
            .witness
            .as_ref()
            .is_some_and(|witness| !witness.counts())
        {
            return Err(Over::Again(
                "what was seen of the stream counts no more".to_owned(),
            ));
        }
        if let Some((book, count)) = &tail.lacking {
            return Err(Over::Again(format!(
                "`{book}` was not read up to commit {count}"
            )));
        }
        let (end, arrived, compared) = (end.seq, tail.arrived, &mut tail.compared);
        // Of a whole journal the sequences tell, and the leader need not be asked for every book.
        if tail.pull.whole && self.unreadable.is_empty() && end >= arrived {
            if arrived < compared.end && arrived == compared.arrived {
                return Err(Over::Again(format!(
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
    ) -> Result<Vec<(BookName, u64)>, Over> {
        let heard = |standing: &HashMap<BookName, Head>, book: &BookName, number| {
            standing.get(book).is_none_or(|head| head.number >= number)
        };
        if let Some((book, number)) = suspects
            .iter()
            .find(|(book, number)| !heard(&self.standing, book, *number))
        {
            return Err(Over::Again(format!(
                "commit {number} of `{book}` did not arrive"
            )));
        }
        if let Some((_, reason)) = self.unreadable.values().next() {
            return Err(Over::Again(reason.clone()));
        }
        let books: Vec<BookName> = self.standing.keys().cloned().collect();
        let heads = self.direct.last(&books).await?;
        let mut missing = Vec::new();
        for (book, head) in books.into_iter().zip(heads) {
            let Some(standing) = self.standing.get(&book) else {
                continue;
            };
            if head.number > standing.number {
                missing.push((book, head.number));
            } else if !head.is_same_commit(standing) {
                // Nothing arrives while this runs, so the leader had less than was heard before.
                self.shortened(ReadError::Shortened { book, head }).await?;
            }
        }
        Ok(missing)
    }
}
