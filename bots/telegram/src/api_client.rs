//! API client: every call to the platform within its rate limits, retried with backoff where that is safe.
//!
//! [`Pace`] spreads calls by chat and over all replicas; the rate limiter keeps apart those that a slow moment
//! bunches. A wait the platform asks for is waited, and edits of one card that wait become one.
//! A call with an unknown outcome is retried only where it is idempotent, or at the worst shows a person the same
//! card twice; that is counted. It does not know what a message says.

mod message;
mod migration;
mod pacing;
mod retry;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use picket_ephemera::{Ephemera, Limits, Pace, Rate};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::api_client::migration::Migrations;
use crate::bot_api::BotApi;
use crate::edits::Edits;
use crate::rate_limiter::RateLimiter;

/// Rate over all: below 30 in any second in the long run. A machine that was busy for a moment catches up; the rate
/// limiter keeps apart the calls that are bunched by that.
const OVERALL: Rate = Rate {
    burst: 6,
    per: Duration::from_millis(210),
};
/// Timeout of one call.
pub(crate) const CALL: Duration = Duration::from_secs(15);

/// Counts of calls since the client was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that succeeded.
    pub done: u64,
    /// Times the platform asked to wait.
    pub waited: u64,
    /// Messages sent a second time because no clear answer came: at most so many were seen twice.
    pub perhaps_twice: u64,
    /// Edits that were not made because a newer one of the same card superseded them.
    pub overtaken: u64,
}

/// Counters of calls.
#[derive(Debug, Default)]
struct CallCounters {
    done: AtomicU64,
    waited: AtomicU64,
    perhaps_twice: AtomicU64,
    overtaken: AtomicU64,
}

/// Client of the platform.
pub(crate) struct ApiClient {
    /// Calls without pace and retries.
    pub(crate) bot_api: BotApi,
    pace: Pace,
    limiter: RateLimiter,
    edits: Edits,
    /// Pauses the platform asked for: chats, and until when they rest.
    pauses: Mutex<HashMap<i64, Instant>>,
    pub(crate) migrations: Migrations,
    /// True once the bot is told to stop: calls that were not begun are not begun any more.
    stopping: watch::Sender<bool>,
    counters: CallCounters,
}

impl ApiClient {
    pub(crate) fn new(bot_api: BotApi, shared: Arc<dyn Ephemera>, prefix: String) -> Self {
        let pace = Pace::new(
            shared,
            prefix,
            Limits {
                overall: OVERALL,
                ..Limits::default()
            },
        );
        Self {
            bot_api,
            pace,
            limiter: RateLimiter::default(),
            edits: Edits::default(),
            pauses: Mutex::default(),
            migrations: Migrations::default(),
            stopping: watch::Sender::new(false),
            counters: CallCounters::default(),
        }
    }

    /// Tells the client that the bot stops.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// True once the bot is told to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Waits until the bot is told to stop.
    pub(crate) async fn stopped(&self) {
        // The sender lives as long as this does.
        drop(
            self.stopping
                .subscribe()
                .wait_for(|stopping| *stopping)
                .await,
        );
    }

    /// Counts so far.
    pub(crate) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (done, waited) = (read(&self.counters.done), read(&self.counters.waited));
        Counts {
            done,
            waited,
            perhaps_twice: read(&self.counters.perhaps_twice),
            overtaken: read(&self.counters.overtaken),
        }
    }
}
