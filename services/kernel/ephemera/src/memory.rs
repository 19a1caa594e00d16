//! The reference store: everything in the memory of this process.
//!
//! What is over is forgotten when it is met, and all of it is swept now and then, so that memory is bounded
//! by what is alive. A holder that asks elsewhere is not seen here: this is for one process only.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use parking_lot::{Mutex, MutexGuard};

use crate::Now;
use crate::port::{
    Ephemera, EphemeraError, Lease, Rate, Taken, check_key, check_rate, check_ttl, check_value,
};

/// The fewest things between two sweeps.
const SWEEP: usize = 1_024;
/// The most bytes of values alive at once; more is refused.
const VALUE_BYTES: usize = 256 * 1024 * 1024;

/// Short-lived things in memory. Clones share them.
#[derive(Clone)]
pub struct MemoryEphemera {
    now: Now,
    inner: Arc<Mutex<MemoryState>>,
}

#[derive(Default)]
struct MemoryState {
    leases: HashMap<String, HeldLease>,
    /// The instant at which a bucket will be full again.
    buckets: HashMap<String, Duration>,
    values: HashMap<String, StoredValue>,
    /// The number of bytes the values have.
    bytes: usize,
    /// The last token given. One count for all leases: a lease that was forgotten never gets an old one.
    token: u64,
    /// Sweep when there are so many things.
    sweep_at: usize,
}

struct HeldLease {
    holder: String,
    token: u64,
    ends: Duration,
}

struct StoredValue {
    bytes: Vec<u8>,
    ends: Duration,
}

impl Default for MemoryEphemera {
    fn default() -> Self {
        let started = Instant::now();
        Self::with_clock(Arc::new(move || started.elapsed()))
    }
}

impl MemoryEphemera {
    /// Nothing yet, on this machine's monotonic time.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing yet, on another clock.
    pub fn with_clock(now: Now) -> Self {
        Self {
            now,
            inner: Arc::default(),
        }
    }

    /// Loses everything, as a store that was wiped does.
    pub fn wipe(&self) {
        *self.lock() = MemoryState::default();
    }

    /// The number of things kept, those not yet swept included.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, MemoryState> {
        // No code under this lock can leave a thing half changed.
        self.inner.lock()
    }

    /// The instant and the things alive at it, swept when there are many.
    fn at(&self) -> (Duration, MutexGuard<'_, MemoryState>) {
        let mut inner = self.lock();
        // Asked under the lock: instants come in the order in which things happen.
        let now = (self.now)();
        if inner.len() >= inner.sweep_at.max(SWEEP) {
            inner.sweep(now);
        }
        (now, inner)
    }
}

impl MemoryState {
    fn len(&self) -> usize {
        self.leases.len() + self.buckets.len() + self.values.len()
    }

    fn sweep(&mut self, now: Duration) {
        self.leases.retain(|_, held| held.ends > now);
        self.buckets.retain(|_, full| *full > now);
        self.values.retain(|_, value| value.ends > now);
        self.bytes = self.values.values().map(|value| value.bytes.len()).sum();
        // Twice what is alive: sweeping costs each thing a constant in the long run.
        self.sweep_at = self.len() * 2;
    }

    fn alive(&self, key: &str, now: Duration) -> Option<&StoredValue> {
        self.values.get(key).filter(|value| value.ends > now)
    }

    fn put(
        &mut self,
        key: &str,
        bytes: &[u8],
        ends: Duration,
        now: Duration,
    ) -> Result<(), EphemeraError> {
        let before = |inner: &Self| inner.values.get(key).map_or(0, |value| value.bytes.len());
        if self.bytes - before(self) + bytes.len() > VALUE_BYTES {
            self.sweep(now);
        }
        let after = self.bytes - before(self) + bytes.len();
        if after > VALUE_BYTES {
            return Err(EphemeraError::Unavailable("it is full".into()));
        }
        self.bytes = after;
        self.values.insert(
            key.to_owned(),
            StoredValue {
                bytes: bytes.to_vec(),
                ends,
            },
        );
        Ok(())
    }
}

#[async_trait]
impl Ephemera for MemoryEphemera {
    async fn lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>, EphemeraError> {
        check_key(name)?;
        check_key(holder)?;
        check_ttl(ttl)?;
        let (now, mut inner) = self.at();
        let held = inner.leases.get_mut(name).filter(|held| held.ends > now);
        let token = match held {
            Some(held) if held.holder != holder => return Ok(None),
            Some(held) => {
                held.ends = now + ttl;
                held.token
            }
            None => {
                inner.token += 1;
                let token = inner.token;
                inner.leases.insert(
                    name.to_owned(),
                    HeldLease {
                        holder: holder.to_owned(),
                        token,
                        ends: now + ttl,
                    },
                );
                token
            }
        };
        Ok(Some(Lease { token, ttl }))
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), EphemeraError> {
        check_key(name)?;
        check_key(holder)?;
        let (_, mut inner) = self.at();
        if inner
            .leases
            .get(name)
            .is_some_and(|held| held.holder == holder)
        {
            inner.leases.remove(name);
        }
        Ok(())
    }

    async fn take(&self, bucket: &str, cost: u32, rate: Rate) -> Result<Taken, EphemeraError> {
        check_key(bucket)?;
        check_rate(cost, rate)?;
        let (now, mut inner) = self.at();
        // The bucket is known by the instant at which it would be full again; full means in the past.
        let full = inner
            .buckets
            .get(bucket)
            .copied()
            .unwrap_or_default()
            .max(now);
        let after = full + share(rate.per, cost, rate.burst);
        let latest = now + rate.per;
        if cost > 0 && after > latest {
            return Ok(Taken {
                allowed: false,
                retry_after: after - latest,
            });
        }
        if cost > 0 {
            inner.buckets.insert(bucket.to_owned(), after);
        }
        Ok(Taken {
            allowed: true,
            retry_after: Duration::ZERO,
        })
    }

    async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<(), EphemeraError> {
        check_key(key)?;
        check_value(value)?;
        check_ttl(ttl)?;
        let (now, mut inner) = self.at();
        inner.put(key, value, now + ttl, now)
    }

    async fn put_if_absent(
        &self,
        key: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, EphemeraError> {
        check_key(key)?;
        check_value(value)?;
        check_ttl(ttl)?;
        let (now, mut inner) = self.at();
        if inner.alive(key, now).is_some() {
            return Ok(false);
        }
        inner.put(key, value, now + ttl, now).map(|()| true)
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, EphemeraError> {
        check_key(key)?;
        let (now, inner) = self.at();
        Ok(inner.alive(key, now).map(|value| value.bytes.clone()))
    }
}

/// The part of the filling time that `cost` stands for, to the nanosecond; rounded down, so that a whole burst
/// taken piece by piece is never refused its last piece.
fn share(per: Duration, cost: u32, burst: u32) -> Duration {
    let nanos = per.as_nanos() * u128::from(cost) / u128::from(burst);
    Duration::from_nanos(
        u64::try_from(nanos).expect("48 hours are fewer nanoseconds than 64 bits hold"),
    )
}

#[cfg(test)]
mod tests;
