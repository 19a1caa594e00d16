//! The line to the platform: every call at the platform's pace, tried again where that is safe.
//!
//! Whose turn it is, by chat and over all replicas, [`Pace`] says; the gate keeps what a slow moment bunches
//! apart. What the platform asks to wait is waited, and edits of one card that wait become one.
//! A call whose outcome is unknown is repeated only where a repeat changes nothing, or at the worst shows a
//! person the same card twice; that is counted. It does not know what a message says.

mod message;
mod migration;
mod rate_limit;
mod retry;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use picket_ephemera::{Ephemera, Limits, Pace, Rate};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::api::Api;
use crate::edits::Edits;
use crate::gate::Gate;
use crate::line::migration::Moves;

/// Below 30 in any second over all in the long run. A machine that was busy for a moment catches up: what that
/// bunches the gate keeps apart.
const OVERALL: Rate = Rate {
    burst: 6,
    per: Duration::from_millis(210),
};
/// How long one call may take.
pub(crate) const CALL: Duration = Duration::from_secs(15);
/// How long an answer to a person is tried.
pub(crate) const ANSWER: Duration = Duration::from_secs(60);

/// What happened on the line since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that did what they should.
    pub done: u64,
    /// Times the platform asked to wait.
    pub waited: u64,
    /// Messages sent a second time because no clear answer came: at most so many were seen twice.
    pub perhaps_twice: u64,
    /// Edits that were not made because a newer one of the same card said it all.
    pub overtaken: u64,
}

#[derive(Debug, Default)]
struct Counters {
    done: AtomicU64,
    waited: AtomicU64,
    perhaps_twice: AtomicU64,
    overtaken: AtomicU64,
}

/// The line.
pub(crate) struct Line {
    pub(crate) api: Api,
    pace: Pace,
    gate: Gate,
    edits: Edits,
    /// Chats the platform asked to leave alone, and until when.
    pauses: Mutex<HashMap<i64, Instant>>,
    moves: Mutex<Moves>,
    /// The bot is told to stop: what was not begun is not begun any more.
    pub(crate) leaving: watch::Sender<bool>,
    counters: Counters,
}

impl Line {
    pub(crate) fn new(api: Api, shared: Arc<dyn Ephemera>, prefix: String) -> Self {
        let pace = Pace::new(
            shared,
            prefix,
            Limits {
                overall: OVERALL,
                ..Limits::default()
            },
        );
        Self {
            api,
            pace,
            gate: Gate::default(),
            edits: Edits::default(),
            pauses: Mutex::default(),
            moves: Mutex::default(),
            leaving: watch::Sender::new(false),
            counters: Counters::default(),
        }
    }

    /// Ends when the bot is told to stop.
    pub(crate) async fn left(&self) {
        // The sender lives as long as this does.
        drop(self.leaving.subscribe().wait_for(|leaving| *leaving).await);
    }

    /// What happened so far.
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
