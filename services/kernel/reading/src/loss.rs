//! Loss of commits: a position that is ahead of its journal, because the journal lost its tail or was replaced by an
//! older copy.
//!
//! Every reader that keeps positions asks here: the publisher of its checkpoint, insight's feed of the high-water mark.
//! It does not know what is done about a loss.

use picket_journal::{BookName, Head, Journal, ReadError};

/// The loss of commits that were seen in a journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "commit {seen} of `{book}` was read before and is not there any more: its journal ends at commit {ends}"
)]
pub struct LostCommits {
    /// The book.
    pub book: String,
    /// The commit that was seen.
    pub seen: u64,
    /// The commit its journal ends at now.
    pub ends: u64,
}

/// The loss, where a journal lacks the commit that was seen last. The store is asked even if it has just said so: a
/// person is called for a loss, and a replica that lags behind for a moment is none.
pub async fn lost(journal: &dyn Journal, book: &BookName, seen: &Head) -> Option<LostCommits> {
    match journal.read(book, seen, 1).await {
        Err(ReadError::Shortened { head, .. }) => Some(LostCommits {
            book: book.to_string(),
            seen: seen.number,
            ends: head.number,
        }),
        Ok(_) | Err(ReadError::Unavailable(_)) => None,
    }
}
