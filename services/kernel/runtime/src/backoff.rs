//! Backoff: the pauses before the store is tried again, exponential and with jitter.
//!
//! The live driver and the tailer wait by it. Jitter keeps many books, and many processes, that lost one store from
//! coming back to it at one instant. No fact depends on how long anybody waits: replays and the simulation run in
//! lockstep, which never does.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};

/// The pauses of one loop, each about twice as long as the one before, up to the longest.
#[derive(Debug)]
pub(crate) struct Backoff {
    policy: ExponentialBuilder,
    longest: Duration,
    pauses: ExponentialBackoff,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        let policy = ExponentialBuilder::default()
            .with_min_delay(first)
            // The library adds up to the whole pause once more.
            .with_max_delay(longest / 2)
            .with_jitter()
            .without_max_times();
        Self {
            policy,
            longest,
            pauses: policy.build(),
        }
    }

    /// The next pause.
    pub(crate) fn pause(&mut self) -> Duration {
        self.pauses.next().unwrap_or(self.longest)
    }

    /// Begins again with the shortest: the store works.
    pub(crate) fn reset(&mut self) {
        self.pauses = self.policy.build();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_with_jitter_and_begin_again_after_a_success() {
        let ms = Duration::from_millis;
        let mut backoff = Backoff::new(ms(20), ms(1_000));
        for _ in 0..2 {
            for least in [20, 40, 80, 160, 320, 500, 500] {
                let pause = backoff.pause();
                assert!(
                    (ms(least)..=ms(2 * least)).contains(&pause),
                    "{pause:?} for {least} ms"
                );
            }
            backoff.reset();
        }
    }
}
