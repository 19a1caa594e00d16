//! The journal in one SQLite file.
//!
//! The binary opens a [`SqliteJournal`] when Picket runs on one machine; everybody else sees
//! it as a [`Journal`](picket_journal::Journal). One thread writes, a few connections read.
//!
//! It does not know what a commit says, who may write, or which process owns the data
//! folder: that lock is taken by whoever opens the file.

mod failure;
mod journal;
mod open;
mod shelf;
mod writer;

pub use failure::OnIoError;
pub use journal::{Options, SqliteJournal};
pub use open::{FORMAT, OpenError};

#[cfg(test)]
mod tests;
