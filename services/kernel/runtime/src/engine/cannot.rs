//! Why a book cannot be kept, and whether that concerns this book alone.
//!
//! Whoever starts books asks: one that is damaged stops by itself, a store that cannot be read stops everything.

use picket_journal::ReadError;

use picket_schemas::commit::Undecodable;

use crate::decoded::Damaged;
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
                source: CannotFold::Damaged(Damaged::Undecodable(Undecodable::Newer { .. })),
                ..
            }
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

/// An error with all its causes, in one sentence.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}
