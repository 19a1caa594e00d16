//! The port: what a store of short-lived things promises.
//!
//! Shard holders, edges and transports meet here. Each sentence of the documentation of [`Ephemera`] is a
//! test of the contract suite in [`crate::contract`]. It does not know what a name, a bucket or a value means.

use std::time::Duration;

use async_trait::async_trait;

/// The longest name of anything, in bytes.
pub const MAX_KEY_BYTES: usize = 200;
/// The largest value.
pub const MAX_VALUE_BYTES: usize = 64 * 1024;
/// The longest time anything lives.
pub const MAX_TTL: Duration = Duration::from_secs(48 * 60 * 60);

/// Leases, token buckets and small values, all with a time to live.
///
/// Everything may be gone at any instant, as if it had never been. Leases, buckets and values of one name are
/// three different things. A name has 1 to [`MAX_KEY_BYTES`] bytes, a value at most [`MAX_VALUE_BYTES`], and a
/// time to live is more than nothing and at most [`MAX_TTL`]; anything else is refused as
/// [`EphemeraError::Unusable`] and changes nothing.
#[async_trait]
pub trait Ephemera: Send + Sync + 'static {
    /// Takes or renews the lease `name` for `holder`.
    ///
    /// Whoever holds it keeps it and has it for `ttl` from now. Nobody else gets it before it ends. Of several
    /// who ask for a free lease one gets it; the others get nothing. Its token grows each time it goes to
    /// somebody new, or to the same one after it had ended, and stays when it is renewed. Tokens start anew
    /// only when everything was lost; they tell holders apart, they guard no fact.
    async fn lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>, EphemeraError>;

    /// Gives a lease back, if `holder` has it.
    ///
    /// The next who asks gets it at once. Giving back what somebody else has, or nobody, does nothing.
    async fn release(&self, name: &str, holder: &str) -> Result<(), EphemeraError>;

    /// Takes `cost` out of a bucket that holds `rate.burst` and is filled from empty in `rate.per`.
    ///
    /// A bucket never seen is full. Either all of `cost` is taken or nothing. What is not allowed says after how
    /// long the same would be, if nobody else came; a bucket filled for so long allows it. A cost above the
    /// burst is never allowed and refused as unusable. A cost of nothing is always allowed and takes nothing.
    async fn take(&self, bucket: &str, cost: u32, rate: Rate) -> Result<Taken, EphemeraError>;

    /// Puts a value, in place of any there is, for `ttl`.
    async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<(), EphemeraError>;

    /// Puts a value only where there is none; tells whether it did.
    ///
    /// Of several who come at once one puts it. What is there keeps its value and its time.
    async fn put_if_absent(
        &self,
        key: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, EphemeraError>;

    /// The value of a key, byte for byte, until its time is over.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, EphemeraError>;
}

/// A lease one holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Grows with each new holding.
    pub token: u64,
    /// The time it is good for, from the moment it was asked for.
    pub ttl: Duration,
}

/// The rate of a bucket: how much it holds, and how long it takes to fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The tokens it holds when full.
    pub burst: u32,
    /// The time it takes to fill from empty.
    pub per: Duration,
}

/// The outcome of taking from a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Whether it was taken.
    pub allowed: bool,
    /// The time after which it would be, where it was not; nothing where it was taken.
    pub retry_after: Duration,
}

/// The reason why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EphemeraError {
    /// The store could not be reached; the caller goes on without it.
    #[error("the store of short-lived things is unavailable: {0}")]
    Unavailable(String),
    /// Asked for what can never be; a mistake of the caller's.
    #[error("`{what}` cannot be used: {why}")]
    Unusable {
        /// The argument.
        what: &'static str,
        /// The reason.
        why: String,
    },
}

fn unusable(what: &'static str, why: String) -> Result<(), EphemeraError> {
    Err(EphemeraError::Unusable { what, why })
}

/// Refuses a name that may not be used; every adapter checks before it acts.
pub fn check_key(key: &str) -> Result<(), EphemeraError> {
    match key.len() {
        1..=MAX_KEY_BYTES => Ok(()),
        0 => unusable("key", "it is empty".into()),
        bytes => unusable(
            "key",
            format!("it has {bytes} bytes, more than {MAX_KEY_BYTES}"),
        ),
    }
}

/// Refuses a value that may not be kept.
pub fn check_value(value: &[u8]) -> Result<(), EphemeraError> {
    if value.len() > MAX_VALUE_BYTES {
        return unusable(
            "value",
            format!("it has {} bytes, more than {MAX_VALUE_BYTES}", value.len()),
        );
    }
    Ok(())
}

/// Refuses a time to live that is none. Stores count milliseconds: what is shorter than one is nothing.
pub fn check_ttl(ttl: Duration) -> Result<(), EphemeraError> {
    if ttl < Duration::from_millis(1) || ttl > MAX_TTL {
        return unusable(
            "ttl",
            format!("{ttl:?} is not between a millisecond and 48 hours"),
        );
    }
    Ok(())
}

/// Refuses a cost that can never be taken at this rate.
pub fn check_rate(cost: u32, rate: Rate) -> Result<(), EphemeraError> {
    if rate.burst == 0 {
        return unusable("burst", "a bucket that holds nothing allows nothing".into());
    }
    if cost > rate.burst {
        return unusable(
            "cost",
            format!("{cost} is more than the {} the bucket holds", rate.burst),
        );
    }
    check_ttl(rate.per)
}
