//! The shelf of a file, shared by the writer and the readers: where books end, who watches, and connections that read.
//!
//! Followers hold it too, so it can outlive the journal it belongs to; then it answers that
//! the journal was closed. It does not know how commits come into the file.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
use picket_journal::{
    BookName, Bytes, Head, MAX_READ_BYTES, ReadError, StoredCommit, Unavailable, Watchers,
};
use rusqlite::{Connection, Row};
use tokio::sync::Semaphore;

use crate::failure::{self, FailureKind, OnIoError};
use crate::open;

/// How many connections are kept for reading, and how many tasks read at once.
const READERS: usize = 4;

/// Where a book ends, and the number that stands for its name in the file.
#[derive(Clone, Debug)]
pub(crate) struct KnownBook {
    pub(crate) id: i64,
    pub(crate) head: Head,
}

pub(crate) type Heads = HashMap<BookName, KnownBook>;

pub(crate) struct Shelf {
    pub(crate) path: PathBuf,
    pub(crate) watchers: Watchers,
    pub(crate) on_io_error: OnIoError,
    heads: RwLock<Heads>,
    /// `None` once the journal was closed.
    idle: Mutex<Option<Vec<Connection>>>,
    turns: Semaphore,
}

impl Shelf {
    /// Shares a file whose books end at `heads`.
    pub(crate) fn new(path: PathBuf, heads: Heads, on_io_error: OnIoError) -> Self {
        Self {
            path,
            watchers: Watchers::default(),
            on_io_error,
            heads: RwLock::new(heads),
            idle: Mutex::new(Some(Vec::new())),
            turns: Semaphore::new(READERS),
        }
    }

    /// Where books end.
    pub(crate) fn heads(&self) -> RwLockReadGuard<'_, Heads> {
        self.heads.read()
    }

    /// For the writer alone.
    pub(crate) fn heads_mut(&self) -> RwLockWriteGuard<'_, Heads> {
        self.heads.write()
    }

    pub(crate) fn last(&self, books: &[BookName]) -> Vec<Head> {
        let heads = self.heads();
        let head = |book| heads.get(book).map(|known: &KnownBook| known.head.clone());
        books
            .iter()
            .map(|book| head(book).unwrap_or_default())
            .collect()
    }

    pub(crate) fn books(&self) -> Vec<BookName> {
        let mut books: Vec<BookName> = self.heads().keys().cloned().collect();
        books.sort();
        books
    }

    /// Reads on the calling thread.
    pub(crate) fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        self.open_for_use()?;
        let shortened = |head| ReadError::Shortened {
            book: book.clone(),
            head,
        };
        let Some(known) = self.heads().get(book).cloned() else {
            return match after.number {
                0 => Ok(Vec::new()),
                _ => Err(shortened(Head::default())),
            };
        };
        // A reader that has caught up, the most frequent one, needs no disk.
        if limit == 0 && after.number == 0 || known.head.is_same_commit(after) {
            return Ok(Vec::new());
        }
        let page = self.with_reader(|reader| page(reader, known.id, after, limit))?;
        page.ok_or_else(|| shortened(known.head))
    }

    /// Reads on a thread where waiting for the disk holds up nobody.
    pub(crate) async fn read_aside(
        self: Arc<Self>,
        book: BookName,
        after: Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        let closed = |_| ReadError::Unavailable("the journal was closed".to_owned());
        let _turn = self.turns.acquire().await.map_err(closed)?;
        let shelf = Arc::clone(&self);
        let read = tokio::task::spawn_blocking(move || shelf.read(&book, &after, limit));
        read.await.unwrap_or_else(|_| {
            let reason = "the runtime that reads it is ending";
            Err(ReadError::Unavailable(reason.to_owned()))
        })
    }

    /// What `PRAGMA quick_check` finds wrong.
    pub(crate) fn check(&self) -> Result<Vec<String>, Unavailable> {
        let found = self.with_reader(|reader| {
            let mut check = reader.prepare("PRAGMA quick_check")?;
            let lines = check.query_map([], |row| row.get(0))?;
            lines.collect::<rusqlite::Result<Vec<String>>>()
        })?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }

    /// Nobody reads after this.
    pub(crate) fn close_readers(&self) {
        *self.idle() = None;
    }

    pub(crate) fn open_for_use(&self) -> Result<(), Unavailable> {
        match *self.idle() {
            Some(_) => Ok(()),
            None => Err(Unavailable("the journal was closed".to_owned())),
        }
    }

    fn with_reader<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Unavailable> {
        self.open_for_use()?;
        let idle = self.idle().as_mut().and_then(Vec::pop);
        let answer = match idle {
            Some(reader) => Ok(reader),
            None => open::open_for_reading(&self.path),
        }
        .and_then(|reader| work(&reader).map(|answer| (answer, reader)));
        match answer {
            Ok((answer, reader)) => {
                if let Some(idle) = self.idle().as_mut()
                    && idle.len() < READERS
                {
                    idle.push(reader);
                }
                Ok(answer)
            }
            Err(error) => {
                if failure::kind(&error) == FailureKind::Broken {
                    (self.on_io_error)(&failure::sentence(&self.path, &error));
                }
                Err(Unavailable(failure::words(&error)))
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, Option<Vec<Connection>>> {
        self.idle.lock()
    }
}

/// Where every book of the file ends.
pub(crate) fn load_heads(connection: &Connection) -> rusqlite::Result<Heads> {
    let mut heads = Heads::new();
    let mut books = connection.prepare("SELECT id, name FROM books")?;
    let mut last = connection
        .prepare("SELECT n, hash, position FROM commits WHERE book = ?1 ORDER BY n DESC LIMIT 1")?;
    let mut rows = books.query([])?;
    while let Some(row) = rows.next()? {
        let (id, name): (i64, String) = (row.get(0)?, row.get(1)?);
        let Ok(book) = BookName::parse(&name) else {
            return Err(damaged(format!("`{name}` is not the name of a book")));
        };
        heads.insert(
            book,
            KnownBook {
                id,
                head: last.query_row([id], head)?,
            },
        );
    }
    Ok(heads)
}

/// The commits of one book after a head; `None` if the book does not hold it.
fn page(
    reader: &Connection,
    book: i64,
    after: &Head,
    limit: usize,
) -> rusqlite::Result<Option<Vec<StoredCommit>>> {
    let mut select = reader.prepare_cached(
        "SELECT n, hash, position, bytes FROM commits WHERE book = ?1 AND n >= ?2 ORDER BY n",
    )?;
    let Ok(from) = i64::try_from(after.number) else {
        return Ok(None);
    };
    let mut rows = select.query([book, from])?;
    if after.number > 0 {
        // The bytes of this row are not touched, so a large commit costs nothing here.
        match rows.next()? {
            Some(row) if head(row)?.is_same_commit(after) => {}
            _ => return Ok(None),
        }
    }
    let (mut commits, mut bytes) = (Vec::new(), 0);
    while commits.len() < limit && bytes < MAX_READ_BYTES {
        let Some(row) = rows.next()? else { break };
        let head = head(row)?;
        let expected = after.number + 1 + commits.len() as u64;
        if head.number != expected {
            return Err(damaged(format!("commit {expected} of a book is missing")));
        }
        let stored: &[u8] = row.get_ref(3)?.as_blob()?;
        bytes += stored.len();
        commits.push(StoredCommit {
            head,
            bytes: Bytes::from(stored),
        });
    }
    Ok(Some(commits))
}

fn head(row: &Row<'_>) -> rusqlite::Result<Head> {
    let (number, position): (i64, i64) = (row.get(0)?, row.get(2)?);
    Ok(Head {
        number: u64::try_from(number).unwrap_or_default(),
        hash: row.get(1)?,
        position: position.to_string(),
    })
}

/// A file that SQLite can read but that cannot be what was written.
fn damaged(what: String) -> rusqlite::Error {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    rusqlite::Error::SqliteFailure(code, Some(what))
}
