//! Retries of the API client: a call is repeated with backoff until it is done, refused or out of time, as far as a
//! repeat is safe.

use std::sync::atomic::Ordering;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use picket_ephemera::Rank;
use tokio::time::Instant;

use crate::api_client::ApiClient;
use crate::api_error::ApiError;

/// Backoff between attempts; with its jitter a pause lasts up to 300 ms at first, and up to five seconds.
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_jitter()
    .with_min_delay(Duration::from_millis(150))
    .with_max_delay(Duration::from_millis(2_500))
    .without_max_times();

/// Retry policy of a call with an unknown outcome.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CallRetry {
    /// Retried as often as there is time: the call is idempotent.
    Idempotent,
    /// Retried once: a repeat may show the same twice.
    Once,
    /// Never retried.
    Never,
}

impl ApiClient {
    /// Reads something, which is idempotent.
    pub(crate) async fn read<T, F, C>(&self, deadline: Instant, call: F) -> Result<T, ApiError>
    where
        F: Fn() -> C,
        C: Future<Output = Result<T, ApiError>>,
    {
        self.retry(None, CallRetry::Idempotent, deadline, call)
            .await
    }

    /// Calls something that counts against the rate limit; its turn has come.
    pub(super) async fn write<T, F, C>(
        &self,
        chat: i64,
        policy: CallRetry,
        rank: Rank,
        deadline: Instant,
        call: F,
    ) -> Result<T, ApiError>
    where
        F: Fn() -> C,
        C: Future<Output = Result<T, ApiError>>,
    {
        self.retry(Some((chat, rank)), policy, deadline, || {
            self.limiter.limited(call())
        })
        .await
    }

    /// Calls until it is done, refused, or past the deadline.
    pub(super) async fn retry<T, F, C>(
        &self,
        chat: Option<(i64, Rank)>,
        policy: CallRetry,
        deadline: Instant,
        call: F,
    ) -> Result<T, ApiError>
    where
        F: Fn() -> C,
        C: Future<Output = Result<T, ApiError>>,
    {
        let mut backoff = BACKOFF.build();
        let mut unclear = 0;
        loop {
            let error = match call().await {
                Ok(done) => {
                    self.counters.done.fetch_add(1, Ordering::Relaxed);
                    return Ok(done);
                }
                Err(error) => error,
            };
            let pause = backoff.next().expect("a backoff without a last attempt");
            let wait = match &error {
                ApiError::RetryAfter(wait) => {
                    self.counters.waited.fetch_add(1, Ordering::Relaxed);
                    if let Some((chat, _)) = chat {
                        self.pause(chat, *wait);
                    }
                    *wait
                }
                ApiError::Unclear(_) => {
                    unclear += 1;
                    if policy == CallRetry::Never || policy == CallRetry::Once && unclear > 1 {
                        return Err(error);
                    }
                    if policy == CallRetry::Once {
                        self.counters.perhaps_twice.fetch_add(1, Ordering::Relaxed);
                    }
                    pause
                }
                other if other.is_passing() => pause,
                _ => return Err(error),
            };
            if Instant::now() + wait >= deadline {
                return Err(error);
            }
            let resumed = async {
                tokio::time::sleep(wait).await;
                // A retry counts against the rate limit once more.
                match chat {
                    Some((chat, rank)) => self.turn(chat, rank, deadline).await,
                    None => Ok(()),
                }
            };
            // A call nobody just asked for is handed back when the bot goes, for it certainly was not done.
            let unasked = chat.is_some_and(|(_, rank)| rank != Rank::Answer)
                && !matches!(error, ApiError::Unclear(_));
            tokio::select! {
                turn = resumed => turn?,
                () = self.stopped(), if unasked => return Err(error),
            }
        }
    }
}
