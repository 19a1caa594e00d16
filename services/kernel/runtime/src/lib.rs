//! The runtime: keepers that own books, and the drivers that run them.
//!
//! A keeper takes what waits (facts read, bells due, commands), decides it one by one, writes one commit,
//! and only then is anybody answered. The live driver gives each book a task; the lockstep runs all of
//! them in one, for replays. The runtime knows nothing of the trade: what a book decides is the book's.

mod causal;
mod clock;
mod decoded;
mod feed;
mod gate;
mod highwater;
mod hub;
mod keeper;
mod kind;
mod layers;
mod live;
mod lockstep;
mod office;
mod replica;
mod snapshots;
mod verify;

#[cfg(test)]
mod tests;

pub use causal::Causal;
pub use clock::Clock;
pub use decoded::{Damaged, Decoded};
pub use feed::Feed;
pub use gate::{Gate, Missing};
pub use highwater::HighWater;
pub use hub::Hub;
pub use keeper::{
    Append, CannotFold, Culprit, DECISION_BYTES, Folding, GROUP_BYTES, Group, HOPS, Keeper,
};
pub use kind::ServiceKind;
pub use layers::Layers;
pub use live::{Hindrance, Live, Looked, Posted, Trouble};
pub use lockstep::{Lockstep, Stuck};
pub use office::{CannotKeep, LOST_RACE, Office, book_name};
pub use replica::{Beat, Current, Host, Hosting, Replica, Shard};
pub use snapshots::Snapshots;
pub use verify::{BookReport, verify_book};
