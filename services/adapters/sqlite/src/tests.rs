//! Tests of the journal as its callers see it: the contract, and what only a file can do.

mod crash;
mod disk;
mod keeping;
mod opening;

use std::path::PathBuf;
use std::sync::Arc;

use picket_journal::contract::JournalUnderTest;
use picket_journal::{AppendError, BookName, Bytes, Head, StoredCommit, hash_of};
use tempfile::TempDir;

use crate::SqliteJournal;

async fn sqlite() -> JournalUnderTest<SqliteJournal> {
    let place = Place::new();
    JournalUnderTest {
        journal: Arc::new(place.open()),
        take_away: Box::new(move |journal| {
            drop(journal);
            drop(place);
        }),
    }
}

picket_journal::journal_contract!(sqlite);

/// A folder of its own for one journal; it goes when the test ends.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("journal.db")
    }

    fn open(&self) -> SqliteJournal {
        SqliteJournal::open(&self.path()).unwrap()
    }
}

fn book(name: &str) -> BookName {
    BookName::parse(name).unwrap()
}

fn append(
    journal: &SqliteJournal,
    book: &BookName,
    expected: &Head,
    bytes: impl Into<Bytes>,
) -> Result<Head, AppendError> {
    let bytes = bytes.into();
    journal.append_blocking(book, expected, &hash_of(&bytes), bytes)
}

/// All commits of a book, checked: numbers dense from 1, hashes fit.
fn sound(journal: &SqliteJournal, book: &BookName) -> Vec<StoredCommit> {
    let mut all: Vec<StoredCommit> = Vec::new();
    loop {
        let after = all.last().map(|stored| stored.head.clone());
        let page = journal.read_blocking(book, &after.unwrap_or_default(), 1000);
        let page = page.unwrap();
        if page.is_empty() {
            return all;
        }
        for stored in page {
            assert_eq!(stored.head.number, all.len() as u64 + 1);
            assert_eq!(stored.head.hash, hash_of(&stored.bytes));
            all.push(stored);
        }
    }
}
