//! The journal: where facts are kept.
//!
//! The port every store of commits implements, the reference that keeps them in memory,
//! and the suite that all stores pass. Keepers append through [`append_until_known`], readers
//! follow; adapters such as the SQLite journal implement [`Journal`].
//!
//! It does not know what a commit says: it sees a book's name, a number, a hash and bytes.
//! It does not know any vendor, and no other crate of this workspace.

pub mod contract;
pub mod faulty;

mod follower;
mod memory;
mod name;
mod port;
mod retry;
mod watchers;

pub use follower::{Follower, follow_by_reading};
pub use memory::MemoryJournal;
pub use name::{BookName, BookNameError, MAX_NAME_BYTES};
pub use port::{
    AppendError, Bytes, Head, Journal, MAX_COMMIT_BYTES, MAX_READ_BYTES, ReadError, StoredCommit,
    Unavailable, hash_of,
};
pub use retry::{AppendOutcome, NotSaved, RetryPolicy, append_until_known};
pub use watchers::{JournalWatch, Watchers};
