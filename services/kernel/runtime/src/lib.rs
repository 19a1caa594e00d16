//! The runtime: keepers that own books, and the drivers that run them.
//!
//! A keeper takes facts that were read, bells that are due and wishes, decides them one by one, writes one commit,
//! and only then is anybody answered. The live driver gives each book a task; the lockstep runs all of them in one,
//! for replays. The runtime knows nothing of the trade: the decisions are the book's.

mod backoff;
mod clock;
mod commit_cache;
mod dormant;
mod engine;
mod highwater;
mod hindrance;
mod keeper;
mod kind;
mod layers;
mod live;
mod lockstep;
mod shards;
mod snapshots;
mod tailer;

#[cfg(test)]
mod tests;

pub use clock::Clock;
pub use commit_cache::CommitCache;
pub use engine::{CannotKeep, Engine, LOST_RACE, book_name};
pub use highwater::HighWater;
pub use hindrance::{Hindrance, Trouble};
pub use keeper::{
    BookFold, CannotFold, Culprit, DECISION_BYTES, GROUP_BYTES, Group, HOPS, Keeper, SealedCommit,
};
pub use kind::ServiceKind;
pub use layers::Layers;
pub use live::{Live, PendingAnswer, Round};
pub use lockstep::{Lockstep, Stuck};
pub use shards::{Heartbeat, Host, HostFuture, Replica, Shard, ShardLease};
pub use snapshots::Snapshots;
pub use tailer::Tailer;
