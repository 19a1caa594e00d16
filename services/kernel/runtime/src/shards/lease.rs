//! The lease on a shard, as the process that holds it sees it: a server of its books asks before each answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::time::Instant;

/// Whether a shard is still this replica's. A server of its books asks before each answer, and stays silent when not.
#[derive(Clone, Debug)]
pub struct ShardLease {
    base: Instant,
    /// Milliseconds from `base`.
    until: Arc<AtomicU64>,
    contested: Arc<AtomicBool>,
    outdated: Arc<AtomicBool>,
    unopenable: Arc<AtomicBool>,
}

impl ShardLease {
    pub(super) fn new(base: Instant, until: Instant) -> Self {
        let lease = Self {
            base,
            until: Arc::default(),
            contested: Arc::default(),
            outdated: Arc::default(),
            unopenable: Arc::default(),
        };
        lease.extend(until);
        lease
    }

    pub(super) fn extend(&self, until: Instant) {
        let millis = u64::try_from(until.duration_since(self.base).as_millis()).unwrap_or(u64::MAX);
        self.until.store(millis, Ordering::SeqCst);
    }

    pub(super) fn end(&self) {
        self.until.store(0, Ordering::SeqCst);
    }

    /// Whether the lease still runs. A process that stood still for longer than that finds it expired.
    pub fn holds(&self) -> bool {
        let now =
            u64::try_from(Instant::now().duration_since(self.base).as_millis()).unwrap_or(u64::MAX);
        now < self.until.load(Ordering::SeqCst)
    }

    /// Whether another replica is heard to answer for it as well: then only what is in the journal is said, since a
    /// refusal here may be a yes there.
    pub fn contested(&self) -> bool {
        self.contested.load(Ordering::SeqCst)
    }

    pub(super) fn set_contested(&self, is: bool) {
        self.contested.store(is, Ordering::SeqCst);
    }

    /// Marks the shard as one whose books this process is too old for: it is given up, and never acquired again.
    pub fn mark_outdated(&self) {
        self.outdated.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_outdated(&self) -> bool {
        self.outdated.load(Ordering::SeqCst)
    }

    /// Marks the shard as one whose books could not be opened here, and perhaps can be elsewhere: it is given up, and
    /// left to the others for a while where one of them can keep it.
    pub fn mark_unopenable(&self) {
        self.unopenable.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_unopenable(&self) -> bool {
        self.unopenable.load(Ordering::SeqCst)
    }
}
