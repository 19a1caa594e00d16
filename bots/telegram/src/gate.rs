//! The gate: the platform never sees more calls in a second than it allows, whatever holds them up on the way.
//!
//! Turns are given evenly, but a slow moment can bunch calls that had theirs one after another. So a call takes
//! a place here and leaves it a second after its answer came: between two that shared a place a second has
//! passed wherever on the way the platform counted them. It does not know whose turn it is.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

/// How many calls may fall into one window: the platform allows 30.
const PLACES: usize = 29;
const WINDOW: Duration = Duration::from_secs(1);

/// Calls that count against the limit over all.
#[derive(Debug)]
pub(crate) struct Gate(Arc<Semaphore>);

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(PLACES)))
    }
}

impl Gate {
    /// Makes a call once there is a place for it.
    pub(crate) async fn through<T>(&self, call: impl Future<Output = T>) -> T {
        let place = self.0.clone().acquire_owned().await;
        let result = call.await;
        tokio::spawn(async move {
            tokio::time::sleep(WINDOW).await;
            drop(place);
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
        let (gate, seen) = (Arc::new(Gate::default()), Arc::new(Mutex::new(Vec::new())));
        let mut calls = JoinSet::new();
        for n in 0_u64..300 {
            let (gate, seen) = (gate.clone(), seen.clone());
            calls.spawn(async move {
                gate.through(async {
                    // Counted somewhere between the start and the answer.
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
        assert!(most <= Some(PLACES), "{most:?} in a second");
    }
}
