//! The store of short-lived things, all of which may be lost: leases, token buckets (rate limits), small values.
//!
//! The port every such store implements, the reference that keeps them in memory, the suite all pass, and the pace of
//! writing to a chat platform, a rate limit counted in its buckets.
//! In one process it is memory, in a cluster Redis. It may be wiped at any instant: whoever uses it must
//! lose no fact, do nothing twice and widen no right when that happens. It knows nothing of books.

pub mod contract;

mod memory;
mod pace;
mod port;

pub use memory::MemoryEphemera;
pub use pace::{Limits, Pace, PacedChat, Rank};
pub use port::{
    Ephemera, EphemeraError, Lease, MAX_KEY_BYTES, MAX_TTL, MAX_VALUE_BYTES, Rate, Taken,
    check_key, check_rate, check_ttl, check_value,
};

/// The source of instants: how long this process has run, or whatever a test says.
pub type Now = std::sync::Arc<dyn Fn() -> std::time::Duration + Send + Sync>;
