//! The clock: one struct, real or virtual. Nothing else in Picket asks the machine for the time.
//!
//! The reference is monotonic time anchored once to the wall clock. Where the two drift more than five
//! minutes apart, or a start lies more than seven days after the last commit, bells wait until a person
//! confirms; commands go on. It knows nothing of books.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

/// How far wall clock and reference may drift apart.
const DRIFT: SignedDuration = SignedDuration::from_mins(5);
/// How long a place may have been asleep before its bells wait for a person.
const ASLEEP: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The source of instants, real or virtual.
#[derive(Clone, Debug)]
pub struct Clock {
    source: ClockSource,
    held: Arc<AtomicBool>,
    /// Milliseconds the reference was moved on when a person confirmed the wall clock.
    moved_on: Arc<AtomicI64>,
    moved: Arc<Notify>,
}

#[derive(Clone, Debug)]
enum ClockSource {
    Real {
        anchor: Timestamp,
        started: Instant,
    },
    /// Runs `factor` times as fast as real time, from a given instant.
    Fast {
        from: Timestamp,
        started: Instant,
        factor: u32,
    },
    /// Stands still until it is set, in milliseconds.
    Driven(Arc<AtomicI64>),
}

impl Clock {
    fn of(source: ClockSource) -> Self {
        Self {
            source,
            held: Arc::default(),
            moved_on: Arc::default(),
            moved: Arc::default(),
        }
    }

    /// The machine's.
    pub fn real() -> Self {
        Self::of(ClockSource::Real {
            anchor: Timestamp::now(),
            started: Instant::now(),
        })
    }

    /// The machine's pace, from the instant a journal's server says it is.
    pub fn anchored(at: Timestamp) -> Self {
        Self::of(ClockSource::Real {
            anchor: at,
            started: Instant::now(),
        })
    }

    /// Starts at an instant and runs `factor` times as fast as real time.
    pub fn fast(from: Timestamp, factor: u32) -> Self {
        Self::of(ClockSource::Fast {
            from,
            started: Instant::now(),
            factor: factor.max(1),
        })
    }

    /// Stands at an instant until it is set.
    pub fn driven(at: Timestamp) -> Self {
        Self::of(ClockSource::Driven(Arc::new(AtomicI64::new(
            at.as_millisecond(),
        ))))
    }

    /// Moves a driven clock; others go their own way. It never goes back.
    pub fn set(&self, at: Timestamp) {
        if let ClockSource::Driven(now) = &self.source {
            // Rounded up: what is due between two milliseconds is due then.
            let rounded = at.as_millisecond() + i64::from(at.subsec_nanosecond() % 1_000_000 > 0);
            now.fetch_max(rounded, Ordering::SeqCst);
            self.moved.notify_waiters();
        }
    }

    /// The instant, to the millisecond.
    pub fn now(&self) -> Timestamp {
        let at = match &self.source {
            ClockSource::Real { anchor, started } => {
                *anchor
                    + started.elapsed()
                    + SignedDuration::from_millis(self.moved_on.load(Ordering::SeqCst))
            }
            ClockSource::Fast {
                from,
                started,
                factor,
            } => *from + started.elapsed() * *factor,
            ClockSource::Driven(now) => {
                return Timestamp::from_millisecond(now.load(Ordering::SeqCst))
                    .unwrap_or(Timestamp::MAX);
            }
        };
        Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
    }

    /// Waits until an instant may have come; the caller asks again.
    pub async fn wait_until(&self, at: Timestamp) {
        let factor = match &self.source {
            ClockSource::Real { .. } => 1,
            ClockSource::Fast { factor, .. } => *factor,
            ClockSource::Driven(_) => {
                let moved = self.moved.notified();
                if self.now() < at {
                    moved.await;
                }
                return;
            }
        };
        let left = Duration::try_from(at.duration_since(self.now())).unwrap_or(Duration::ZERO);
        // The caller wakes every minute: a laptop that slept has a wall clock that went on without us.
        tokio::time::sleep((left / factor + Duration::from_millis(1)).min(Duration::from_secs(60)))
            .await;
    }

    /// Waits until bells need not wait for a person any more.
    pub async fn confirmed(&self) {
        let moved = self.moved.notified();
        if self.held() {
            moved.await;
        }
    }

    /// Holds bells back where they must wait for a person: the wall clock jumped, or nothing was written for more than a week.
    pub fn check(&self, last_commit: Option<Timestamp>) {
        if !matches!(self.source, ClockSource::Real { .. }) {
            return;
        }
        let drift = Timestamp::now().duration_since(self.now()).abs();
        let asleep = last_commit.is_some_and(|last| self.now().duration_since(last) > ASLEEP);
        if drift > DRIFT || asleep {
            self.held.store(true, Ordering::SeqCst);
        }
    }

    /// Whether bells wait for a person.
    pub fn held(&self) -> bool {
        self.held.load(Ordering::SeqCst)
    }

    /// A person has looked: bells ring again, by the wall clock where that is ahead. Time never goes back.
    pub fn confirm(&self) {
        if matches!(self.source, ClockSource::Real { .. }) {
            let ahead = Timestamp::now().duration_since(self.now());
            if ahead > SignedDuration::ZERO {
                self.moved_on.fetch_add(
                    i64::try_from(ahead.as_millis()).unwrap_or_default(),
                    Ordering::SeqCst,
                );
            }
        }
        self.held.store(false, Ordering::SeqCst);
        self.moved.notify_waiters();
    }
}
