//! Errors of reading.

use picket_journal::ReadError;

/// The journal of a book cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("`{book}` cannot be read")]
pub struct CannotRead {
    /// The book.
    pub book: String,
    /// Why.
    #[source]
    pub source: ReadError,
}

/// An error with all its causes, in one sentence.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}
