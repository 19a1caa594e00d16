//! Following books: what is there, then what comes, for as long as it takes.
//!
//! A round catches up by reading and then listens to a consumer that starts before the catching up began, so
//! nothing falls in between; what comes twice is known by its number. A gap, a silence, a new connection, another
//! leader or one that has more than was heard ends the round and begins the next. A book that cannot be read holds up no
//! other; when it stays so, the follower ends and says why. It does not know why anybody follows.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use picket_journal::{BookName, Follower, Head, Journal as _, ReadError, Stored, Unavailable};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

use crate::direct::Direct;
use crate::ends::{Source, Witness};
use crate::pull::{Pull, brings_all};
use crate::subject::{Found, subject_of};

/// How many commits wait in a follower before the server waits for its reader.
const WAITING: usize = 64;
/// How many commits are read at once while catching up.
const PAGE: usize = 256;
/// How many books are read side by side then.
const SIDE_BY_SIDE: usize = 16;
/// How often what was heard is compared with what the leader has.
const COMPARING: Duration = Duration::from_secs(3);
/// How often it is looked whether the connection is still the same.
const LOOKING: Duration = Duration::from_millis(100);
/// The pause before the next round.
const PAUSE: Duration = Duration::from_millis(200);

type Item = Result<(BookName, Stored), ReadError>;

/// A follower that ends when `closed` says so, or when the servers have been away for too long.
pub(crate) fn follow(
    direct: Arc<Direct>,
    after: Vec<(BookName, Head)>,
    mut closed: watch::Receiver<bool>,
) -> Follower {
    let (items, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut walk = Walk {
            direct,
            standing: after.into_iter().collect(),
            items: items.clone(),
            heard: Instant::now(),
            unreadable: HashMap::new(),
            witness: None,
        };
        tokio::select! {
            () = items.closed() => {}
            () = ended(&mut closed) => {
                let gone = ReadError::Unavailable("the journal was closed".to_owned());
                drop(items.send(Err(gone)).await);
            }
            () = walk.run() => {}
        }
    });
    Follower::new(receiver)
}

/// Waits until the journal is closed.
async fn ended(closed: &mut watch::Receiver<bool>) {
    // An error says that the journal is gone altogether.
    drop(closed.wait_for(|closed| *closed).await);
}

struct Walk {
    direct: Arc<Direct>,
    /// Where each book was heard up to.
    standing: HashMap<BookName, Head>,
    items: mpsc::Sender<Item>,
    /// When the servers last said anything.
    heard: Instant,
    /// Books that could not be read although the servers answer, since when, and why.
    unreadable: HashMap<BookName, (Instant, String)>,
    /// What tells others where books end, while this sees the whole stream.
    witness: Option<Witness>,
}

/// Why a round is over.
enum Over {
    /// Nobody listens any more.
    Deaf,
    /// It cannot go on.
    Ended(String),
    /// The next round begins.
    Again(String),
}

impl From<Unavailable> for Over {
    fn from(Unavailable(reason): Unavailable) -> Self {
        Self::Again(reason)
    }
}

impl Walk {
    async fn run(&mut self) {
        loop {
            let reason = match self.round().await {
                Over::Deaf => return,
                Over::Again(_) if self.heard.elapsed() < self.direct.settings.give_up => {
                    sleep(PAUSE).await;
                    continue;
                }
                Over::Again(reason) | Over::Ended(reason) => reason,
            };
            drop(self.items.send(Err(ReadError::Unavailable(reason))).await);
            return;
        }
    }

    async fn round(&mut self) -> Over {
        let over = match self.listen().await {
            Err(over) => over,
            Ok(never) => match never {},
        };
        self.witness = None;
        over
    }

    /// Ends only for a reason.
    async fn listen(&mut self) -> Result<Infallible, Over> {
        let connection = self.direct.connection();
        let (end, counts) = if brings_all(self.standing.len()) {
            self.direct.counted().await?
        } else {
            (self.direct.end().await?, None)
        };
        let (from, source) = (
            end.seq + 1,
            Source {
                connection,
                ..end.source
            },
        );
        self.heard = Instant::now();
        self.catch_up().await?;
        // Where a book ends may have been answered by one that led before. What the consumer brings begins after the end,
        // so that all up to there must have been read by now.
        let lacks = |(book, count): &(BookName, u64)| {
            self.standing
                .get(book)
                .is_some_and(|read| read.number < *count)
        };
        let sees_all = counts.is_some() && self.unreadable.is_empty();
        let lacking = counts.into_iter().flatten().find(lacks);
        if self.standing.is_empty() {
            self.items.closed().await;
            return Err(Over::Deaf);
        }
        let subjects: Vec<String> = self.standing.keys().map(subject_of).collect();
        let mut pull = Pull::open(&self.direct, &subjects, from).await?;
        self.witness = (pull.whole && sees_all && lacking.is_none()).then(|| {
            self.direct
                .ends
                .witness(source.clone(), from - 1, self.standing.clone())
        });
        let (mut compared_at, mut compared_to) = (Instant::now(), from - 1);
        // Where the consumer stands in the stream, and where it stood when it was last compared.
        let (mut arrived, mut arrived_before) = (from - 1, from - 1);
        let mut suspects = Vec::new();
        loop {
            let found = tokio::select! {
                found = pull.next() => found?,
                // The consumer may have gone with the server: its silence need not be waited for.
                () = self.reconnected(connection) => return Err(Over::Again("the connection was made anew".to_owned())),
            };
            if let Some(found) = found {
                if pull.whole && found.seq > arrived + 1 {
                    return Err(Over::Again(format!(
                        "messages before {} did not arrive",
                        found.seq
                    )));
                }
                arrived = arrived.max(found.seq);
                self.hear(found).await?;
            }
            self.heard = Instant::now();
            if compared_at.elapsed() >= COMPARING {
                let end = self.direct.end().await?;
                if end.source != source {
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
                if let Some((book, count)) = lacking {
                    return Err(Over::Again(format!(
                        "`{book}` was not read up to commit {count}"
                    )));
                }
                let end = end.seq;
                // Of a whole journal the sequences tell, and the leader need not be asked for every book.
                if pull.whole && self.unreadable.is_empty() && end >= arrived {
                    if arrived < compared_to && arrived == arrived_before {
                        return Err(Over::Again(format!(
                            "messages after {arrived} did not arrive"
                        )));
                    }
                    (compared_to, arrived_before) = (end, arrived);
                } else if end > compared_to || end < arrived || !self.unreadable.is_empty() {
                    suspects = self.compare(&suspects).await?;
                    if suspects.is_empty() {
                        compared_to = end;
                    }
                }
                compared_at = Instant::now();
            }
        }
    }

    async fn reconnected(&self, connection: u64) {
        while self.direct.connection() == connection {
            sleep(LOOKING).await;
        }
    }

    async fn catch_up(&mut self) -> Result<(), Over> {
        let books: Vec<BookName> = self.standing.keys().cloned().collect();
        let heads = self.direct.last_each(&books).await;
        let mut behind = Vec::new();
        for (book, last) in books.into_iter().zip(heads) {
            match last {
                Ok(last) => behind.push((book, last)),
                Err(Unavailable(reason)) => self.cannot_read(book, reason).await?,
            }
        }
        while !behind.is_empty() {
            behind = self.read_on(behind).await?;
        }
        let give_up = self.direct.settings.give_up;
        match self
            .unreadable
            .values()
            .find(|(since, _)| since.elapsed() >= give_up)
        {
            Some((_, reason)) => Err(Over::Ended(reason.clone())),
            None => Ok(()),
        }
    }

    /// Reads a page of each book that is behind, several side by side; gives those that have more.
    async fn read_on(
        &mut self,
        behind: Vec<(BookName, Head)>,
    ) -> Result<Vec<(BookName, Head)>, Over> {
        let (mut looks, mut more) = (Vec::new(), Vec::new());
        for (book, last) in behind {
            match self.standing.get(&book) {
                Some(standing) if !standing.is_same_commit(&last) => {
                    looks.push((book, standing.clone(), last))
                }
                _ => drop(self.unreadable.remove(&book)),
            }
        }
        let direct = &Arc::clone(&self.direct);
        let read = |(book, standing, last): (BookName, Head, Head)| async move {
            (direct.read(&book, &standing, PAGE).await, book, last)
        };
        let mut pages = stream::iter(looks).map(read).buffer_unordered(SIDE_BY_SIDE);
        while let Some((page, book, last)) = pages.next().await {
            match page {
                Ok(page) if page.is_empty() => {
                    self.cannot_read(
                        book,
                        format!("its commits up to {} are not brought", last.number),
                    )
                    .await?
                }
                Ok(page) => {
                    self.heard = Instant::now();
                    let end = page.last().map(|stored| stored.head.number);
                    for stored in page {
                        self.say(book.clone(), stored).await?;
                    }
                    if end.is_some_and(|end| end < last.number) {
                        more.push((book, last));
                    } else {
                        self.unreadable.remove(&book);
                    }
                }
                Err(shortened @ ReadError::Shortened { .. }) => self.shortened(shortened).await?,
                Err(ReadError::Unavailable(reason)) => self.cannot_read(book, reason).await?,
            }
        }
        Ok(more)
    }

    /// Tells a book that cannot be read from servers that do not answer.
    async fn cannot_read(&mut self, book: BookName, reason: String) -> Result<(), Over> {
        self.direct.end().await?;
        self.unreadable
            .entry(book)
            .or_insert_with(|| (Instant::now(), reason));
        Ok(())
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

    /// Compares with the leader. What it has and was not heard is suspect; what was suspect before and has
    /// still not been heard did not arrive.
    async fn compare(
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

    async fn say(&mut self, book: BookName, stored: Stored) -> Result<(), Over> {
        let head = stored.head.clone();
        self.items
            .send(Ok((book.clone(), stored)))
            .await
            .map_err(|_| Over::Deaf)?;
        self.standing.insert(book, head);
        Ok(())
    }

    async fn shortened(&mut self, report: ReadError) -> Result<(), Over> {
        if let ReadError::Shortened { book, .. } = &report {
            if let Some(witness) = &self.witness {
                witness.leaves(book);
            }
            self.standing.remove(book);
            self.unreadable.remove(book);
        }
        self.items.send(Err(report)).await.map_err(|_| Over::Deaf)
    }
}
