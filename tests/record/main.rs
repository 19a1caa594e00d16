//! The record: every event of a year and of a hundred thousand random walks, as they were when they were recorded.
//!
//! A change of the code that is meant to change no behaviour leaves all of it equal. `walks.txt` and `xiaogan.txt` hold
//! digests; `PICKET_RECORD=accept` writes them anew, which only somebody who means to change what happens does.
//! `PICKET_WALKS=100000` walks all that is recorded; without it the first blocks are walked.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a test fails it, with its place"
)]

mod digest;
mod earlier;
mod fixtures;
mod walk;
mod walks;
mod wishes;
mod year;
