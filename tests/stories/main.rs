//! Stories told to the real binary: what a person on a terminal does, and what a bad day does to them.
//!
//! Every story has a folder of its own, ends each process it started by that process's own id, and waits
//! for things, never for time. The binary is `PICKET_BIN`, else the release or debug build beside this test.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a test fails it, with its place"
)]

mod bench_chat;
mod bench_nats;
mod crash;
mod damage;
mod folder;
mod harness;
mod import;
mod map;
mod operating;
mod replay;
mod rights;
mod serve;
mod stopping;
mod telegram;
mod tour;
mod words;
