//! The error of a book that cannot be kept, and whether it concerns this book alone.
//!
//! A damaged journal stops its own book; a store that cannot be read stops a start.

use picket_journal::{BookName, ReadError};
use picket_reading::{CannotRead, Damaged, chain};

use crate::keeper::CannotFold;

/// Why a book cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum CannotKeep {
    /// Its journal cannot be folded.
    #[error("`{book}` cannot be folded")]
    Fold {
        /// The book.
        book: String,
        /// Why.
        #[source]
        source: CannotFold,
    },
    /// The journal cannot be read.
    #[error("`{book}` cannot be read")]
    Read {
        /// The book.
        book: String,
        /// Why.
        #[source]
        source: ReadError,
    },
    /// The journal lost facts.
    #[error("the journal of `{book}` lost facts: commit {n} was seen before and is not there")]
    Lost {
        /// The book.
        book: String,
        /// The commit that is missing.
        n: u64,
    },
    /// No service of that name, or not a name.
    #[error("there is no book `{0}`")]
    NoBook(String),
}

impl CannotKeep {
    pub(super) fn fold(book: &BookName, source: CannotFold) -> Self {
        Self::Fold {
            book: book.to_string(),
            source,
        }
    }

    /// Whether a journal is damaged or short of facts: nothing is wrong with the store around it.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Fold { .. }
            | Self::Lost { .. }
            | Self::Read {
                source: ReadError::Shortened { .. },
                ..
            } => true,
            Self::Read {
                source: ReadError::Unavailable(_),
                ..
            }
            | Self::NoBook(_) => false,
        }
    }

    /// Whether only a later version can read it: nothing is wrong with the journal, this process is too old for it.
    pub fn needs_upgrade(&self) -> bool {
        matches!(
            self,
            Self::Fold {
                source: CannotFold::Damaged(Damaged::Undecodable(why)),
                ..
            } if why.is_newer()
        )
    }

    /// Why `book` is stopped, in one sentence that a sentence about the book ends with.
    pub fn why(&self, book: &str) -> String {
        let (damaged, why) = match self {
            Self::Fold { book, source } => (book, chain(source)),
            Self::Read { book, source } => (book, chain(source)),
            Self::Lost { book, n } => (
                book,
                format!("its journal lost facts, commit {n} was seen before and is not there"),
            ),
            Self::NoBook(_) => return self.to_string(),
        };
        if damaged == book {
            why
        } else {
            format!("it cannot do without `{damaged}`: {why}")
        }
    }
}

impl From<CannotRead> for CannotKeep {
    fn from(CannotRead { book, source }: CannotRead) -> Self {
        Self::Read { book, source }
    }
}
