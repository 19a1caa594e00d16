//! Rate limit of answers to strangers: a few an hour for each account.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// Answers to one stranger within an hour.
const ANSWERS: u32 = 5;
const PERIOD: Duration = Duration::from_secs(3_600);
/// Bound on the strangers that are counted at once.
const STRANGERS: usize = 10_000;

/// Rate limit of answers to strangers, in fixed windows.
#[derive(Default)]
pub(super) struct StrangerLimit(Mutex<HashMap<i64, (Instant, u32)>>);

impl StrangerLimit {
    /// Counts an answer to an account; false where it is one too many.
    pub(super) fn allows(&self, account: i64) -> bool {
        let mut strangers = self.0.lock();
        let now = Instant::now();
        strangers.retain(|_, (since, _)| now.duration_since(*since) < PERIOD);
        if strangers.len() >= STRANGERS && !strangers.contains_key(&account) {
            return false;
        }
        let (_, times) = strangers.entry(account).or_insert((now, 0));
        *times += 1;
        *times <= ANSWERS
    }
}
