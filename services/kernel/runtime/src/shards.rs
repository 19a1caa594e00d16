//! Shards: the books of a service, spread over the replicas of a cluster, each shard kept by one of them at a time.
//!
//! A shard is kept by the replica that holds its lease. Leases may be lost at any moment, and two replicas may believe
//! to hold one shard: the journal lets only one of them write, so that costs time and never a fact. Where no lease can
//! be had, a replica takes a shard that no heartbeat has claimed for a while (decision 0019). Nothing here knows what a
//! book is; the [`Host`] opens and closes them.

mod assignment;
mod heartbeat;
mod lease;
mod membership;

use picket_schemas::Jurisdiction;
use serde::{Deserialize, Serialize};

pub use assignment::{Host, HostFuture, Replica};
pub use heartbeat::Heartbeat;
pub use lease::ShardLease;

/// A part of a service's books.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Shard {
    /// The service.
    pub service: String,
    /// The number of the part, from 0.
    pub index: u32,
}

impl Shard {
    /// The shard of a service's book of a jurisdiction, of so many.
    pub fn of(service: &str, jurisdiction: &Jurisdiction, shards: u32) -> Self {
        let index =
            u32::try_from(spread(jurisdiction.as_str()) % u64::from(shards.max(1))).unwrap_or(0);
        Self {
            service: service.to_owned(),
            index,
        }
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.service, self.index)
    }
}

/// A hash that spreads names evenly (FNV-1a); the same in every replica and every version.
fn spread(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
