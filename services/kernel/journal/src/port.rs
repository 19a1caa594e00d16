//! The port: what a store of commits promises.
//!
//! Keepers, followers and adapters meet here. Each sentence of the documentation of
//! [`Journal`] is a test of the contract suite in [`crate::contract`].
//! It does not know how a store keeps its promises, nor what the bytes say.

use std::sync::Arc;

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use crate::follower::Follower;
use crate::name::BookName;

/// The bytes of one commit, shared and never changed.
pub type Bytes = Arc<[u8]>;

/// The largest commit a journal takes.
pub const MAX_COMMIT_BYTES: usize = 1024 * 1024;

/// About how many bytes one read answers; the commit that crosses it is still part of the answer.
pub const MAX_READ_BYTES: usize = 4 * 1024 * 1024;

/// Where a journal ends, or how far somebody has read it.
///
/// Stores compare the number and the hash. The position is a note the store leaves for
/// itself; everybody else carries it unread.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Head {
    /// How many commits the book has; 0 means none yet.
    pub number: u64,
    /// SHA-256 of the last commit's bytes in lower-case hex; empty at 0.
    pub hash: String,
    /// The store's own sequence; opaque.
    pub position: String,
}

impl Head {
    /// Whether both mean the same commit, wherever a store keeps it.
    pub fn is_same_commit(&self, other: &Head) -> bool {
        self.number == other.number && self.hash == other.hash
    }
}

/// One commit as a journal holds it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredCommit {
    /// The head of the book when this commit was its last.
    pub head: Head,
    /// The bytes that were appended.
    pub bytes: Bytes,
}

/// The hash of a commit: SHA-256 of its bytes in lower-case hex.
pub fn hash_of(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        hex.push(char::from(DIGITS[usize::from(byte >> 4)]));
        hex.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    hex
}

/// Where facts are kept: one ordered log of commits for each book.
///
/// Books are independent of each other. Nothing is ever changed or taken away.
#[async_trait]
pub trait Journal: Send + Sync + 'static {
    /// Appends one commit only if `book` still ends at `expected`.
    ///
    /// The answer is the new head: its number is one more, its hash is `hash`, which the
    /// caller computed from `bytes`. The bytes are kept exactly. Of several appends to one
    /// head exactly one wins; the others hear [`AppendError::Moved`]. A refused append
    /// stores nothing and disturbs no other. A commit of [`MAX_COMMIT_BYTES`] is taken, a
    /// larger one is refused as [`AppendError::TooLarge`]. After [`AppendError::Unknown`],
    /// or when the caller stops waiting, reading after `expected` tells what became of it.
    async fn append(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, AppendError>;

    /// Reads the commits after `after`, in order, up to the end at the time of the call.
    ///
    /// Number 0 reads from the beginning. It answers at most `limit` commits, and stops
    /// early once it has [`MAX_READ_BYTES`]; at the end it answers none. A store that does
    /// not hold `after` with its hash answers [`ReadError::Shortened`].
    async fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError>;

    /// Tells where books end now, in the order asked; never an older head.
    ///
    /// A book without a commit answers [`Head::default`].
    async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable>;

    /// Follows books from where the caller is.
    ///
    /// The follower yields what is already there and then what is appended, each book in
    /// order, no commit twice. It reports a book that lacks its starting head once as
    /// [`ReadError::Shortened`] and goes on with the others. It ends with
    /// [`ReadError::Unavailable`] when the store goes away.
    async fn follow(&self, after: Vec<(BookName, Head)>) -> Result<Follower, Unavailable>;
}

/// Why an append did not answer with a head.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AppendError {
    /// The book does not end at the expected head; nothing was stored.
    #[error("the book ends at commit {}", head.number)]
    Moved {
        /// Where it ends, as far as the store can say.
        head: Head,
    },
    /// There is no room; nothing was stored.
    #[error("the journal is full: {0}")]
    Full(String),
    /// The commit is above the limit; nothing was stored.
    #[error("a commit of {bytes} bytes is larger than {limit}")]
    TooLarge {
        /// The size of the commit.
        bytes: usize,
        /// The largest size a journal takes.
        limit: usize,
    },
    /// It is not known whether the commit was stored; the caller must look.
    #[error("the outcome of the append is not known: {0}")]
    Unknown(String),
    /// The store could not be reached; nothing was stored.
    #[error("the journal is unavailable: {0}")]
    Unavailable(String),
}

/// Why commits could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReadError {
    /// The journal does not hold the commit the reader stands on: it lost facts.
    #[error("`{book}` lacks the commit to read after; it ends at commit {}", head.number)]
    Shortened {
        /// The book that lacks it.
        book: BookName,
        /// Where that book ends now.
        head: Head,
    },
    /// The store could not be reached.
    #[error("the journal is unavailable: {0}")]
    Unavailable(String),
}

/// The store could not be reached.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the journal is unavailable: {0}")]
pub struct Unavailable(pub String);

impl From<Unavailable> for ReadError {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_sha_256_in_lower_case_hex() {
        assert_eq!(
            hash_of(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn errors_are_fragments_that_fit_after_could_not() {
        let error = AppendError::TooLarge { bytes: 2, limit: 1 };
        assert_eq!(error.to_string(), "a commit of 2 bytes is larger than 1");
        let error = ReadError::Shortened {
            book: BookName::parse("dispatch/420902").unwrap(),
            head: Head::default(),
        };
        assert_eq!(
            error.to_string(),
            "`dispatch/420902` lacks the commit to read after; it ends at commit 0"
        );
    }
}
