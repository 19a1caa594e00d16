//! Lease by which one of several replicas receives updates and carries notices.
//!
//! It is renewed while the bot runs and expires soon after a process died. While the store that keeps it is
//! away, its last holder goes on; after a while anybody may try, and the platform tells two apart, for it answers
//! only the one that asked last. Where replicas share no store the platform alone tells them apart: one that
//! hears that another receives stands by, with backoff. Two for a moment are safe: updates are idempotent, and
//! only the one that receives carries notices.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::shared_store::SharedStore;

/// Expiry of the lease.
const LEASE_TTL: Duration = Duration::from_secs(8);
/// Heartbeat: time between two renewals.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Time without the store after which one may go on without a lease.
const WITHOUT_STORE: Duration = Duration::from_secs(10);
/// Backoff of a replica without a store of all. It has no jitter: the platform says which of two receives, and they need
/// not be spread.
const STANDBY: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_secs(15))
    .with_max_delay(Duration::from_secs(300))
    .without_max_times();

/// Name of the lease.
const NAME: &str = "receiver";

/// Lease as this process knows it.
pub(crate) struct ReceiverLease {
    store: SharedStore,
    holder: String,
    /// Replicas share the store. One of this process alone decides nothing between two.
    shared: bool,
    state: Mutex<LeaseState>,
    /// True while the last long poll was answered: the platform confirms that this process receives.
    pub(crate) receiving: watch::Sender<bool>,
}

/// State of the lease.
#[derive(Debug, Default)]
struct LeaseState {
    held: bool,
    /// Instant since which the store is away.
    away: Option<Instant>,
    /// Stand-by without a store of all: its end, and the lengths of those to come.
    standby: Option<(Instant, ExponentialBackoff)>,
}

impl ReceiverLease {
    pub(crate) fn new(store: SharedStore, holder: String, shared: bool) -> Self {
        Self {
            store,
            holder,
            shared,
            state: Mutex::default(),
            receiving: watch::Sender::new(false),
        }
    }

    /// True where replicas share a store that decides between them.
    pub(crate) fn is_shared(&self) -> bool {
        self.shared
    }

    /// Takes or renews the lease: true where this process may receive now.
    pub(crate) async fn is_ours(&self) -> bool {
        if !self.shared {
            return self
                .state()
                .standby
                .as_ref()
                .is_none_or(|(until, _)| *until <= Instant::now());
        }
        let leased = self.store.lease(NAME, &self.holder, LEASE_TTL).await;
        let mut state = self.state();
        match leased {
            Ok(held) => {
                state.away = None;
                state.held = held;
                held
            }
            Err(_) => {
                state.away.get_or_insert_with(Instant::now).elapsed() > WITHOUT_STORE || state.held
            }
        }
    }

    /// Renews the lease until another process holds it.
    pub(crate) async fn lost(&self) {
        while self.is_ours().await {
            tokio::time::sleep(HEARTBEAT).await;
        }
    }

    /// Takes the platform's word that another process receives: true where this one stands by, for want of a store
    /// of all to decide.
    pub(crate) fn stands_by(&self) -> bool {
        let mut state = self.state();
        if !self.shared {
            let (until, backoff) = state
                .standby
                .get_or_insert_with(|| (Instant::now(), STANDBY.build()));
            *until = Instant::now() + backoff.next().expect("a backoff without a last attempt");
            return true;
        }
        let away = state.away.is_some();
        if away {
            *state = LeaseState {
                held: false,
                away: Some(Instant::now()),
                standby: None,
            };
        }
        away
    }

    /// Releases the lease, so that the next holder need not wait for its expiry.
    pub(crate) async fn release(&self) {
        // It expires where it cannot be released.
        drop(self.store.release(NAME, &self.holder).await);
    }

    fn state(&self) -> parking_lot::MutexGuard<'_, LeaseState> {
        self.state.lock()
    }
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use picket_ephemera::MemoryEphemera;

    use super::*;

    fn lease(shared: bool) -> ReceiverLease {
        let store = SharedStore::new(Arc::new(MemoryEphemera::new()), "telegram/7".into());
        ReceiverLease::new(store, "replica-1".into(), shared)
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_store_of_all_a_replica_stands_by_for_longer_each_time_and_not_for_ever() {
        let lease = lease(false);
        for seconds in [15, 30, 60, 120, 240, 300, 300] {
            assert!(lease.stands_by());
            let state = lease.state();
            let (until, _) = state.standby.as_ref().expect("it stands by");
            assert_eq!(
                until.duration_since(Instant::now()),
                Duration::from_secs(seconds)
            );
        }
    }

    #[tokio::test]
    async fn with_a_store_of_all_the_lease_decides_and_not_the_platform() {
        assert!(!lease(true).stands_by());
    }
}
