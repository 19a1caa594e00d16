//! The store of leases, token buckets (rate limits) and small values in Redis (6 or later) or Valkey.
//!
//! The binary opens a [`RedisEphemera`] when Picket runs in several processes; everybody else sees it as
//! [`Ephemera`](picket_ephemera::Ephemera). Every key has a prefix and a time to live, no call waits longer
//! than its patience, and a server that is away, restarted or wiped is an answer, never a panic.
//!
//! It does not know what a lease guards, what a bucket paces or what a value means.

mod connection;
mod scripts;
mod store;

pub use store::{RedisEphemera, RedisOpenError, RedisSettings};

#[cfg(test)]
mod tests;
