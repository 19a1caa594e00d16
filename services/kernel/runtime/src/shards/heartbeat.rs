//! Heartbeats: once a second each replica says what it holds, and all of them hear it, itself included.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Shard;

/// How often a replica says what it holds and renews its leases.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);
/// How long a replica must not be heard before it counts as gone, and a shard before it is taken without a lease.
pub(super) const SILENCE: Duration = Duration::from_secs(5);
/// The subject of heartbeats on the bus.
pub(super) const SUBJECT: &str = picket_bus::subjects::HEARTBEAT;

/// The state of a replica, as it says it of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The replica's name.
    pub replica: String,
    /// How many shards a service has there.
    pub shards: u32,
    /// The services it can keep.
    pub services: Vec<String>,
    /// The shards it keeps.
    pub holds: Vec<Shard>,
    /// Those of them it does not answer for: another replica may have them by now.
    #[serde(default)]
    pub lapsed: Vec<Shard>,
    /// The shards it cannot keep, for now or since it is too old for them: another replica must.
    #[serde(default)]
    pub cannot: Vec<Shard>,
    /// Whether a lease stands behind what it keeps.
    #[serde(default)]
    pub leased: bool,
    /// Its last heartbeat: what it held is free.
    #[serde(default)]
    pub leaving: bool,
}
