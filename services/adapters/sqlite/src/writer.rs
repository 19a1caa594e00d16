//! The one thread that writes.
//!
//! [`SqliteJournal`](crate::SqliteJournal) sends it appends. It takes all that wait, writes
//! them in one transaction, and answers after the disk has it: load makes groups larger, and
//! nobody waits for company. A lost race inside a group fails alone.
//!
//! It does not know who asks, and it never reads commits back.

use std::sync::Arc;

use picket_journal::{AppendError, BookName, Bytes, Head};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::failure::{self, FailureKind};
use crate::open;
use crate::shelf::{Heads, KnownBook, Shelf};

/// How many appends may wait for the writer before their callers wait to be heard.
pub(crate) const WAITING: usize = 1024;

/// A transaction takes no further append beyond this many bytes.
const GROUP_BYTES: usize = 8 * 1024 * 1024;

/// About how many pages are written before they are moved into the main file.
const CHECKPOINT_PAGES: usize = 1000;

const PAGE_BYTES: usize = 4096;

pub(crate) enum WriterRequest {
    Append(WriterAppend),
    LimitPages(u32),
}

pub(crate) struct WriterAppend {
    pub(crate) book: BookName,
    pub(crate) expected: Head,
    pub(crate) hash: String,
    pub(crate) bytes: Bytes,
    pub(crate) reply: oneshot::Sender<AppendResult>,
}

pub(crate) type AppendResult = Result<Head, AppendError>;

pub(crate) struct Writer {
    connection: Connection,
    shelf: Arc<Shelf>,
    pages_since_checkpoint: usize,
    /// Why nothing is written any more, should the process outlive a failure of the disk.
    broken: Option<String>,
}

/// Why a transaction came to nothing.
enum Undone {
    /// There was no room.
    Full(String),
    /// Surely nothing was stored.
    NotStored(String),
    /// The disk failed, and what it holds is not known.
    Broken { sentence: String },
}

impl Writer {
    pub(crate) fn new(connection: Connection, shelf: Arc<Shelf>) -> Self {
        Self {
            connection,
            shelf,
            pages_since_checkpoint: 0,
            broken: None,
        }
    }

    /// Writes until every sender is gone and nothing waits.
    pub(crate) fn run(mut self, mut requests: mpsc::Receiver<WriterRequest>) {
        let mut group = Vec::new();
        while let Some(first) = requests.blocking_recv() {
            let (mut request, mut bytes) = (Some(first), 0);
            while let Some(next) = request {
                match next {
                    WriterRequest::Append(append) => {
                        bytes += append.bytes.len();
                        group.push(append);
                    }
                    WriterRequest::LimitPages(pages) => {
                        // Only tests ask for it; a refusal shows in what they see next.
                        let _ = open::limit_pages(&self.connection, pages);
                    }
                }
                let room = bytes < GROUP_BYTES && group.len() < WAITING;
                request = if room { requests.try_recv().ok() } else { None };
            }
            self.write(&mut group);
            self.checkpoint_if_worthwhile();
        }
    }

    /// Writes a group and answers each of it; empties the group.
    fn write(&mut self, group: &mut Vec<WriterAppend>) {
        let stored = match &self.broken {
            Some(reason) => Err(Undone::NotStored(reason.clone())),
            None => self.store(group),
        };
        match stored {
            Ok((answers, moved)) => {
                let books: Vec<BookName> = moved.keys().cloned().collect();
                self.shelf.heads_mut().extend(moved);
                for (append, answer) in group.drain(..).zip(answers) {
                    // Whoever stopped waiting will look for the commit.
                    let _ = append.reply.send(answer);
                }
                for book in &books {
                    self.shelf.watchers.moved(book);
                }
            }
            Err(undone) => {
                let answer = match undone {
                    Undone::Full(reason) => AppendError::Full(reason),
                    Undone::NotStored(reason) => AppendError::Unavailable(reason),
                    Undone::Broken { sentence } => {
                        self.fail(&sentence);
                        AppendError::Unknown(sentence)
                    }
                };
                for append in group.drain(..) {
                    let _ = append.reply.send(Err(answer.clone()));
                }
            }
        }
    }

    /// One transaction: the answers in order, and where the books that moved end.
    fn store(&mut self, group: &[WriterAppend]) -> Result<(Vec<AppendResult>, Heads), Undone> {
        let mut moved = Heads::new();
        let written = self.fill(group, &mut moved);
        let committed = written.and_then(|answers| {
            if !moved.is_empty() {
                self.run_cached("COMMIT")?;
            }
            Ok(answers)
        });
        match committed {
            Ok(answers) => Ok((answers, moved)),
            Err(error) => Err(self.undo(&error)),
        }
    }

    /// Puts the appends that won into an open transaction; opens none if nobody won.
    fn fill(
        &mut self,
        group: &[WriterAppend],
        moved: &mut Heads,
    ) -> rusqlite::Result<Vec<AppendResult>> {
        let mut answers = Vec::with_capacity(group.len());
        for append in group {
            let known = match moved.get(&append.book) {
                Some(known) => Some(known.clone()),
                None => self.shelf.heads().get(&append.book).cloned(),
            };
            let last = known.as_ref().map(|known| known.head.clone());
            let last = last.unwrap_or_default();
            if !last.is_same_commit(&append.expected) {
                answers.push(Err(AppendError::Moved { head: last }));
                continue;
            }
            if moved.is_empty() {
                self.run_cached("BEGIN IMMEDIATE")?;
            }
            let id = match known {
                Some(known) => known.id,
                None => self.enter(&append.book)?,
            };
            let head = self.insert(id, &last, append)?;
            answers.push(Ok(head.clone()));
            moved.insert(append.book.clone(), KnownBook { id, head });
        }
        Ok(answers)
    }

    /// Gives a new book the number that stands for its name.
    fn enter(&self, book: &BookName) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached("INSERT INTO books(name) VALUES(?1)")?
            .insert([book.as_str()])
    }

    fn insert(&mut self, book: i64, last: &Head, append: &WriterAppend) -> rusqlite::Result<Head> {
        let number = last.number + 1;
        let position = self
            .connection
            .prepare_cached("INSERT INTO commits(book, n, hash, bytes) VALUES(?1, ?2, ?3, ?4)")?
            .insert((
                book,
                i64::try_from(number).unwrap_or(i64::MAX),
                append.hash.as_str(),
                &*append.bytes,
            ))?;
        // The leaf, the index leaf, and the pages of a large commit.
        self.pages_since_checkpoint += 2 + append.bytes.len() / PAGE_BYTES;
        Ok(Head {
            number,
            hash: append.hash.clone(),
            position: position.to_string(),
        })
    }

    /// Takes a transaction back and says what its failure means.
    fn undo(&self, error: &rusqlite::Error) -> Undone {
        let undone = match self.connection.is_autocommit() {
            true => Ok(()),
            false => self.run_cached("ROLLBACK"),
        };
        let broken = |error| Undone::Broken {
            sentence: failure::sentence(&self.shelf.path, error),
        };
        match (failure::kind(error), undone) {
            (FailureKind::Broken, _) => broken(error),
            (_, Err(error)) => broken(&error),
            (FailureKind::Full, Ok(())) => Undone::Full(failure::words(error)),
            (FailureKind::Other, Ok(())) => Undone::NotStored(failure::words(error)),
        }
    }

    /// Moves what was written into the main file, after the answers have left.
    fn checkpoint_if_worthwhile(&mut self) {
        if self.pages_since_checkpoint < CHECKPOINT_PAGES || self.broken.is_some() {
            return;
        }
        self.pages_since_checkpoint = 0;
        // Readers may hold it back and the disk may be full: the next one goes on from there.
        if let Err(error) = self.run_cached("PRAGMA wal_checkpoint(PASSIVE)")
            && failure::kind(&error) == FailureKind::Broken
        {
            self.fail(&failure::sentence(&self.shelf.path, &error));
        }
    }

    /// The disk failed: the process ends here, unless a test told it not to.
    fn fail(&mut self, sentence: &str) {
        self.broken = Some(sentence.to_owned());
        (self.shelf.on_io_error)(sentence);
        self.shelf.watchers.close(sentence);
    }

    fn run_cached(&self, sql: &str) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    }
}
