//! A decoded commit, with the head it is known by, checked against the one before it.
//!
//! The keeper that wrote it publishes it decoded; readers that come later decode it from the store.

use std::sync::Arc;

use picket_journal::{Head, StoredCommit};
use picket_schemas::Commit;
use picket_schemas::commit::Undecodable;

/// A decoded commit.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The commit.
    pub commit: Arc<Commit>,
    /// Its number, hash and position in the store.
    pub head: Head,
}

/// Why stored bytes cannot be taken as the next commit of a book.
#[derive(Debug, thiserror::Error)]
pub enum Damaged {
    /// The bytes do not have the hash they are stored under.
    #[error("commit {n} of `{book}` is not what was hashed when it was written")]
    Hash {
        /// The book.
        book: String,
        /// The commit.
        n: u64,
    },
    /// It does not follow the commit before it.
    #[error("commit {n} of `{book}` does not follow the commit before it")]
    Chain {
        /// The book.
        book: String,
        /// The commit.
        n: u64,
    },
    /// It stands in the wrong journal or at the wrong number.
    #[error("commit {n} of `{book}` says it is {says}")]
    Place {
        /// The book.
        book: String,
        /// The commit.
        n: u64,
        /// The commit and the book it says it is.
        says: String,
    },
    /// It is something else.
    #[error("commit {n} of `{book}` is not a commit of this format")]
    Shape {
        /// The book.
        book: String,
        /// The commit.
        n: u64,
    },
    /// It cannot be decoded.
    #[error(transparent)]
    Undecodable(#[from] Undecodable),
}

/// Checks that a stored commit follows the one before it, without reading what it says.
pub fn follows(book: &str, before: &Head, stored: &StoredCommit) -> Result<(), Damaged> {
    let prev = format!("\"prev\":\"{}\"", before.hash);
    let start = &stored.bytes[..stored.bytes.len().min(512)];
    // `prev` stands near the beginning; where it does not, the whole is decoded.
    if stored.head.number != before.number + 1
        || !start
            .windows(prev.len())
            .any(|there| there == prev.as_bytes())
    {
        return Decoded::check(book, before, stored).map(drop);
    }
    if picket_journal::hash_of(&stored.bytes) != stored.head.hash {
        return Err(Damaged::Hash {
            book: book.to_owned(),
            n: stored.head.number,
        });
    }
    Ok(())
}

impl Decoded {
    /// Checks a stored commit against the one before it and decodes it.
    pub fn check(book: &str, before: &Head, stored: &StoredCommit) -> Result<Self, Damaged> {
        let n = stored.head.number;
        let book = book.to_owned();
        if picket_journal::hash_of(&stored.bytes) != stored.head.hash {
            return Err(Damaged::Hash { book, n });
        }
        let commit = match Commit::decode(&stored.bytes) {
            Err(Undecodable::Shape(_)) => return Err(Damaged::Shape { book, n }),
            decoded => decoded?,
        };
        if commit.book != book || commit.n != n {
            return Err(Damaged::Place {
                book,
                n,
                says: format!("commit {} of `{}`", commit.n, commit.book),
            });
        }
        if commit.prev != before.hash || n != before.number + 1 {
            return Err(Damaged::Chain { book, n });
        }
        Ok(Self {
            commit: Arc::new(commit),
            head: stored.head.clone(),
        })
    }
}
