//! Appending until the outcome is known.
//!
//! Every keeper writes through [`append_until_known`]. A time-out, a broken connection or a lost
//! race does not say whether the commit was stored, so it looks after the expected head
//! before it tries the same bytes again.
//! It does not know what the commit decided, nor what its callers are told.
//!
//! The price: after an unclear attempt even a plain no of a later one is not believed, since
//! the first may still arrive. Such a group hears that its outcome is not known.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use tokio::time::{Instant, sleep, timeout_at};

use crate::name::BookName;
use crate::port::{AppendError, Bytes, Head, Journal, ReadError};

/// How long an append may take, and how it waits between attempts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RetryPolicy {
    /// How long one attempt, or one look, may take before it counts as unanswered.
    pub attempt: Duration,
    /// How long all of it may take; when it is over the answer is given as it stands.
    pub total: Duration,
    /// The longest wait before the second attempt; it doubles from there.
    pub first_wait: Duration,
    /// The longest wait between two attempts.
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    /// Outlasts the change of a cluster's leader.
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(3),
            total: Duration::from_secs(15),
            first_wait: Duration::from_millis(10),
            longest_wait: Duration::from_millis(500),
        }
    }
}

/// What became of a commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AppendOutcome {
    /// It is stored, and this is its head; others may have written after it.
    Done(Head),
    /// It is not stored and never will be.
    NotSaved(NotSaved),
    /// Somebody else's commit is in its place: the caller is not the keeper.
    NotMine {
        /// The head of that commit.
        head: Head,
    },
    /// The journal lacks the expected head: it lost facts, and a person must recover it.
    Shortened {
        /// Where the journal ends now.
        head: Head,
    },
    /// It may be stored or not; reading after the expected head will tell.
    StillUnknown,
}

/// Why a commit was plainly not saved.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotSaved {
    /// There is no room.
    #[error("the journal is full: {0}")]
    Full(String),
    /// The commit is above the limit.
    #[error("a commit of {bytes} bytes is larger than {limit}")]
    TooLarge {
        /// The size of the commit.
        bytes: usize,
        /// The largest size a journal takes.
        limit: usize,
    },
    /// The store refused or could not be reached the whole time, and took nothing.
    #[error("the journal is unavailable: {0}")]
    Unavailable(String),
}

/// Appends one commit after `expected` and does not return before its outcome is known, or
/// the patience is over.
///
/// Dropping the future leaves the outcome unknown.
pub async fn append_until_known<J: Journal + ?Sized>(
    journal: &J,
    book: &BookName,
    expected: &Head,
    hash: &str,
    bytes: Bytes,
    patience: &RetryPolicy,
) -> AppendOutcome {
    let end = Instant::now() + patience.total;
    let mut backoff = Backoff::new(patience, hash);
    // Set once an attempt may have been stored, or may still be on its way.
    let mut unclear = false;
    loop {
        let attempt_end = end.min(Instant::now() + patience.attempt);
        let attempt = journal.append(book, expected, hash, bytes.clone());
        let refusal = match timeout_at(attempt_end, attempt).await {
            Ok(Ok(head)) => return AppendOutcome::Done(head),
            Ok(Err(AppendError::Full(reason))) => NotSaved::Full(reason),
            Ok(Err(AppendError::TooLarge { bytes, limit })) => NotSaved::TooLarge { bytes, limit },
            Ok(Err(AppendError::Unavailable(reason))) => NotSaved::Unavailable(reason),
            Ok(Err(AppendError::Moved { head })) => NotSaved::Unavailable(format!(
                "it refused the commit with its head at {}",
                head.number
            )),
            Ok(Err(AppendError::Unknown(reason))) => {
                unclear = true;
                NotSaved::Unavailable(reason)
            }
            Err(_) => {
                unclear = true;
                NotSaved::Unavailable("it did not answer in time".to_owned())
            }
        };
        let plain = matches!(refusal, NotSaved::Full(_) | NotSaved::TooLarge { .. });
        if plain && !unclear {
            return AppendOutcome::NotSaved(refusal);
        }
        loop {
            let look_end = end.min(Instant::now() + patience.attempt);
            match timeout_at(look_end, journal.read(book, expected, 1)).await {
                Ok(Ok(after)) => match after.into_iter().next() {
                    Some(stored) if stored.head.hash == hash => {
                        return AppendOutcome::Done(stored.head);
                    }
                    Some(stored) => return AppendOutcome::NotMine { head: stored.head },
                    None => {}
                },
                Ok(Err(ReadError::Shortened { head, .. })) => {
                    return AppendOutcome::Shortened { head };
                }
                Ok(Err(ReadError::Unavailable(_))) | Err(_) => {
                    if backoff.pause_before(end).await {
                        continue;
                    }
                }
            }
            break;
        }
        if !backoff.pause_before(end).await {
            return match unclear {
                true => AppendOutcome::StillUnknown,
                false => AppendOutcome::NotSaved(refusal),
            };
        }
    }
}

/// The backoff between attempts. Its jitter is seeded with the commit's hash: two keepers never step together, and a
/// simulation repeats itself exactly.
struct Backoff(ExponentialBackoff);

impl Backoff {
    fn new(patience: &RetryPolicy, hash: &str) -> Self {
        let seed = hash.bytes().fold(0_u64, |seed, byte| {
            seed.wrapping_mul(31).wrapping_add(byte.into())
        });
        // Jitter at most doubles a pause.
        let policy = ExponentialBuilder::new()
            .with_jitter()
            .with_jitter_seed(seed)
            .with_min_delay(patience.first_wait / 2)
            .with_max_delay(patience.longest_wait / 2)
            .without_max_times();
        Self(policy.build())
    }

    /// Waits between half and all of the next pause; false if `end` comes first.
    async fn pause_before(&mut self, end: Instant) -> bool {
        let pause = self.0.next().expect("a backoff without a last attempt");
        if Instant::now() + pause >= end {
            return false;
        }
        sleep(pause).await;
        true
    }
}

#[cfg(test)]
mod tests;
