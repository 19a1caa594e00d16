//! Rate limiter in front of the platform: a sliding window of one second over all calls of this process.
//!
//! Pace spreads calls evenly, but a slow moment can bunch calls that had their turns one after another. So a
//! call takes a slot here and frees it a second after its response came: between two that shared a slot a
//! second has passed wherever on the way the platform counted them. It does not know whose turn it is.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

/// Slots of one window: the platform allows 30 calls.
const SLOTS: usize = 29;
const WINDOW: Duration = Duration::from_secs(1);

/// Slots for calls that count against the limit over all.
#[derive(Debug)]
pub(crate) struct RateLimiter(Arc<Semaphore>);

impl Default for RateLimiter {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(SLOTS)))
    }
}

impl RateLimiter {
    /// Makes a call once a slot is free.
    pub(crate) async fn limited<T>(&self, call: impl Future<Output = T>) -> T {
        let slot = self.0.clone().acquire_owned().await;
        let result = call.await;
        tokio::spawn(async move {
            tokio::time::sleep(WINDOW).await;
            drop(slot);
        });
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::task::JoinSet;
    use tokio::time::{Instant, sleep};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn however_calls_are_held_up_no_second_sees_more_than_the_limit() {
        let (limiter, seen) = (
            Arc::new(RateLimiter::default()),
            Arc::new(Mutex::new(Vec::new())),
        );
        let mut calls = JoinSet::new();
        for n in 0_u64..300 {
            let (limiter, seen) = (limiter.clone(), seen.clone());
            calls.spawn(async move {
                limiter
                    .limited(async {
                        // Counted somewhere between the request and its response.
                        sleep(Duration::from_millis(n * 37 % 400)).await;
                        seen.lock().expect("unbroken").push(Instant::now());
                        sleep(Duration::from_millis(n * 53 % 300)).await;
                    })
                    .await;
            });
        }
        while calls.join_next().await.is_some() {}
        let mut seen = seen.lock().expect("unbroken").clone();
        seen.sort();
        assert_eq!(seen.len(), 300);
        let most = (0..seen.len())
            .map(|first| {
                seen[first..]
                    .iter()
                    .take_while(|at| **at < seen[first] + WINDOW)
                    .count()
            })
            .max();
        assert!(most <= Some(SLOTS), "{most:?} in a second");
    }
}
