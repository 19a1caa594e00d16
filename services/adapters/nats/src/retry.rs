//! The pauses between attempts at an idempotent request: exponential backoff with jitter, up to a deadline.
//!
//! The journal, its opening and its tail retry with it. Jitter keeps many processes that lost one server from coming
//! back to it at one instant. It does not know what is tried.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use tokio::time::{Instant, sleep_until};

/// Pauses that begin at `first` and double, each up to as much longer by jitter, and never above `longest`.
pub(crate) fn backoff(first: Duration, longest: Duration) -> ExponentialBuilder {
    // The library adds up to the whole pause once more.
    ExponentialBuilder::default()
        .with_min_delay(first)
        .with_max_delay(longest / 2)
        .with_jitter()
        .without_max_times()
}

/// The attempts that are left of one request.
pub(crate) struct Retries {
    deadline: Instant,
    pauses: ExponentialBackoff,
}

impl Retries {
    /// Attempts until `patience` is over, with pauses from `first` to `longest`.
    pub(crate) fn new(patience: Duration, first: Duration, longest: Duration) -> Self {
        Self {
            deadline: Instant::now() + patience,
            pauses: backoff(first, longest).build(),
        }
    }

    /// Waits for the next attempt; false, at once, where it would come after the deadline.
    pub(crate) async fn again(&mut self) -> bool {
        let Some(next) = self.pauses.next().map(|pause| Instant::now() + pause) else {
            return false;
        };
        if next < self.deadline {
            sleep_until(next).await;
        }
        next < self.deadline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[tokio::test(start_paused = true)]
    async fn attempts_come_further_and_further_apart_and_end_at_the_deadline() {
        let (began, mut retries) = (Instant::now(), Retries::new(MS * 2_000, MS * 10, MS * 250));
        let mut pauses = Vec::new();
        let mut before = began;
        while retries.again().await {
            pauses.push(before.elapsed());
            before = Instant::now();
        }
        assert!(began.elapsed() < MS * 2_000);
        assert!(pauses[0] >= MS * 10 && pauses[0] < MS * 22, "{pauses:?}");
        // Timers of the runtime count whole milliseconds.
        assert!(pauses.iter().all(|pause| *pause <= MS * 252), "{pauses:?}");
        assert!(pauses.iter().rev().take(3).all(|pause| *pause >= MS * 125));
    }
}
