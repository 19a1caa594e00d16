//! Single attempts at the stream: one append, one read, one question for heads.
//!
//! [`NatsJournal`](crate::NatsJournal) repeats them until their outcome is known. Every look goes to the leader of
//! the stream, which has all that was acknowledged; a replica may lag. What is remembered here is only where
//! books ended, to spare a look before an append: the server compares, whatever is remembered.
//! It does not know when to give up.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_nats::Client;
use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};
use parking_lot::{Mutex, MutexGuard};
use picket_journal::{
    AppendError, BookName, Bytes, Follower, Head, Journal, MAX_COMMIT_BYTES, MAX_READ_BYTES,
    ReadError, Stored, Unavailable,
};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use crate::call::{CallError, call, code};
use crate::ends::{End, Ends, Source};
use crate::open::Settings;
use crate::pull::Pull;
use crate::stream::Info;
use crate::subject::{Found, ROOT, RawMessage, book_of, head, subject_of};
use crate::writer::{self, Verdict, Wanted};

/// How many questions to the leader are under way at once.
const AT_ONCE: usize = 64;
/// From this many commits on a consumer is cheaper than one question for each.
const WORTH_A_CONSUMER: u64 = 6;
/// What does no more when it is asked twice is asked again after these parts of the time an answer may take, and then all of
/// that is waited. One message that was lost costs a moment, and a server that is slow still has its time.
const SOON: [u32; 2] = [8, 4];
/// How many consumers in a row may bring nothing while commits are known to be there.
const MOST_IN_VAIN: usize = 5;

/// One connection's view of the stream.
pub(crate) struct Direct {
    pub(crate) client: Client,
    pub(crate) settings: Settings,
    /// Where books end, as whoever follows the whole stream has seen it.
    pub(crate) ends: Arc<Ends>,
    appends: mpsc::Sender<Wanted>,
    /// Where books ended when last seen, and the sequence of that commit.
    known: Mutex<HashMap<BookName, (Head, u64)>>,
}

#[derive(Deserialize)]
struct Answered {
    message: RawMessage,
}

impl Direct {
    pub(crate) fn new(client: Client, settings: Settings) -> Self {
        let appends = writer::start(client.clone(), settings.answer);
        Self {
            client,
            settings,
            ends: Arc::default(),
            appends,
            known: Mutex::default(),
        }
    }

    /// The last sequence of the whole stream, as its leader says it, and which stream that is.
    pub(crate) async fn end(&self) -> Result<End, Unavailable> {
        self.info(&[]).await.map(|info| self.end_of(info))
    }

    /// The same, and how many commits each book has up to there, or a few more; `None` where the list was cut.
    pub(crate) async fn counted(
        &self,
    ) -> Result<(End, Option<HashMap<BookName, u64>>), Unavailable> {
        let body = serde_json::to_vec(&json!({"subjects_filter": format!("{ROOT}.>")}))
            .expect("a request holds only strings");
        let mut info = self.info(&body).await?;
        let subjects = std::mem::take(&mut info.state.subjects);
        let whole = subjects.len() >= info.total;
        let counts = whole.then(|| {
            subjects
                .into_iter()
                .filter_map(|(subject, count)| Some((book_of(&subject)?, count)))
                .collect()
        });
        Ok((self.end_of(info), counts))
    }

    fn end_of(&self, info: Info) -> End {
        let source = Source {
            connection: self.connection(),
            created: info.created,
            leader: info.cluster.unwrap_or_default().leader,
        };
        End {
            source,
            seq: info.state.last_seq,
        }
    }

    /// What the leader says of the stream.
    async fn info(&self, body: &[u8]) -> Result<Info, Unavailable> {
        let info: Result<Info, CallError> = self
            .look(
                &format!("$JS.API.STREAM.INFO.{}", self.settings.stream),
                body,
            )
            .await;
        let info = info.map_err(|error| Unavailable(error.to_string()))?;
        if info.is_the_leaders() {
            Ok(info)
        } else {
            Err(Unavailable(
                "whoever answered does not lead the stream".to_owned(),
            ))
        }
    }

    /// How often the client has connected; messages may be lost whenever it changes.
    pub(crate) fn connection(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::Relaxed)
    }

    /// The last commit of a book.
    pub(crate) async fn last_of(&self, book: &BookName) -> Result<Option<Found>, Unavailable> {
        let found = self.get(&json!({"last_by_subj": subject_of(book)})).await?;
        self.learn(
            book,
            found
                .as_ref()
                .map(|found| (found.stored.head.clone(), found.seq)),
        );
        Ok(found)
    }

    /// Where each of these books ends, or why that cannot be told.
    pub(crate) async fn last_each(&self, books: &[BookName]) -> Vec<Result<Head, Unavailable>> {
        let heads = stream::iter(books.to_vec()).map(|book| async move {
            self.last_of(&book)
                .await
                .map(|found| found.map(|found| found.stored.head).unwrap_or_default())
        });
        heads.buffered(AT_ONCE).collect().await
    }

    /// The first commit of a book at or after a sequence.
    async fn next_of(&self, book: &BookName, seq: u64) -> Result<Option<Found>, Unavailable> {
        self.get(&json!({"seq": seq, "next_by_subj": subject_of(book)}))
            .await
    }

    async fn get(&self, which: &serde_json::Value) -> Result<Option<Found>, Unavailable> {
        let body = serde_json::to_vec(which).expect("a request holds only strings and numbers");
        let subject = format!("$JS.API.STREAM.MSG.GET.{}", self.settings.stream);
        match self.look::<Answered>(&subject, &body).await {
            Ok(answered) => Found::answered(answered.message)
                .map(Some)
                .map_err(|strange| Unavailable(strange.to_string())),
            Err(CallError::Refused {
                code: code::NO_MESSAGE,
                ..
            }) => Ok(None),
            Err(error) => Err(Unavailable(error.to_string())),
        }
    }

    /// Asks what does no more when it is asked twice.
    pub(crate) async fn look<T: serde::de::DeserializeOwned>(
        &self,
        subject: &str,
        body: &[u8],
    ) -> Result<T, CallError> {
        let answer = self.settings.answer;
        for part in SOON {
            match call(
                &self.client,
                subject.to_owned(),
                body.to_vec(),
                answer / part,
            )
            .await
            {
                Err(CallError::TimedOut) => {}
                answered => return answered,
            }
        }
        call(&self.client, subject.to_owned(), body.to_vec(), answer).await
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

    /// Where the commit `after` of a book stands; `None` if the store does not hold it.
    async fn seat(&self, book: &BookName, after: &Head) -> Result<Option<u64>, Unavailable> {
        let held = |found: &Found| found.book == *book && found.stored.head.is_same_commit(after);
        if let Ok(seq) = after.position.parse::<u64>()
            && seq > 0
            && let Some(found) = self.get(&json!({"seq": seq})).await?
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
                // What is searched stands before the place that was looked at.
                Some(_) | None => high = middle - 1,
            }
        }
        Ok(None)
    }

    /// Reads on after a commit with a consumer, up to the last commit there is.
    ///
    /// What a consumer loses it does not send again, so another one begins where this one stopped.
    async fn page(
        &self,
        book: &BookName,
        first: Found,
        last: &Found,
        limit: usize,
    ) -> Result<Vec<Stored>, Unavailable> {
        let (mut at, mut bytes) = (first.seq, first.stored.bytes.len());
        let mut commits = vec![first.stored];
        let mut vain = 0;
        loop {
            let before = commits.len();
            let stopped = self
                .pour(book, &mut at, &mut bytes, &mut commits, last, limit)
                .await;
            vain = if commits.len() > before { 0 } else { vain + 1 };
            match stopped {
                Ok(()) => return Ok(commits),
                Err(why) if vain == MOST_IN_VAIN => return Err(why),
                Err(_) => {}
            }
        }
    }

    /// What one consumer brings of a page.
    async fn pour(
        &self,
        book: &BookName,
        at: &mut u64,
        bytes: &mut usize,
        commits: &mut Vec<Stored>,
        last: &Found,
        limit: usize,
    ) -> Result<(), Unavailable> {
        let mut pull = Pull::open(self, &[subject_of(book)], *at + 1).await?;
        while *at < last.seq && commits.len() < limit && *bytes < MAX_READ_BYTES {
            // The leader has them, so whoever has nothing to send lost them or lags behind.
            let Some(found) = pull.next().await? else {
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
impl Journal for Direct {
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
        let (reply, verdict) = oneshot::channel();
        let wanted = Wanted {
            subject: subject_of(book),
            expected: seq,
            number,
            hash: hash.to_owned(),
            bytes: bytes::Bytes::from_owner(bytes),
            reply,
        };
        let closed = |_| AppendError::Unavailable("the journal was closed".to_owned());
        self.appends.send(wanted).await.map_err(closed)?;
        match verdict
            .await
            .unwrap_or_else(|_| Verdict::Unknown("the writer ended before it answered".to_owned()))
        {
            Verdict::Stored(seq) => {
                let head = head(number, hash, seq);
                self.learn(book, Some((head.clone(), seq)));
                Ok(head)
            }
            Verdict::Moved => {
                // What was remembered is out of date. The caller looks: it may even be this very commit.
                self.learn(book, None);
                Err(AppendError::Moved {
                    head: expected.clone(),
                })
            }
            Verdict::Full(reason) => Err(AppendError::Full(reason)),
            Verdict::TooLarge => Err(AppendError::TooLarge {
                bytes: size,
                limit: MAX_COMMIT_BYTES,
            }),
            Verdict::Unavailable(reason) => Err(AppendError::Unavailable(reason)),
            Verdict::Unknown(reason) => {
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
    ) -> Result<Vec<Stored>, ReadError> {
        let seat = match after.number {
            0 => 0,
            _ => match self.seat(book, after).await? {
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
        let Some(first) = self.next_of(book, seat + 1).await? else {
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
            return Ok(self.page(book, first, &last, limit).await?);
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
            "{} books cannot be followed with one look",
            after.len()
        )))
    }
}
