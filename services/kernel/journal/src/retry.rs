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

use tokio::time::{Instant, sleep, timeout_at};

use crate::name::BookName;
use crate::port::{AppendError, Bytes, Head, Journal, ReadError};

/// How long an append may take, and how it waits between attempts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Patience {
    /// How long one attempt, or one look, may take before it counts as unanswered.
    pub attempt: Duration,
    /// How long all of it may take; when it is over the answer is given as it stands.
    pub total: Duration,
    /// About how long to wait before the second attempt; it doubles from there.
    pub first_wait: Duration,
    /// The longest wait between two attempts.
    pub longest_wait: Duration,
}

impl Default for Patience {
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
pub enum Outcome {
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
    patience: &Patience,
) -> Outcome {
    let end = Instant::now() + patience.total;
    let mut waits = Waits::new(patience, hash);
    // Set once an attempt may have been stored, or may still be on its way.
    let mut unclear = false;
    loop {
        let attempt_end = end.min(Instant::now() + patience.attempt);
        let attempt = journal.append(book, expected, hash, bytes.clone());
        let refusal = match timeout_at(attempt_end, attempt).await {
            Ok(Ok(head)) => return Outcome::Done(head),
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
            return Outcome::NotSaved(refusal);
        }
        loop {
            let look_end = end.min(Instant::now() + patience.attempt);
            match timeout_at(look_end, journal.read(book, expected, 1)).await {
                Ok(Ok(after)) => match after.into_iter().next() {
                    Some(stored) if stored.head.hash == hash => return Outcome::Done(stored.head),
                    Some(stored) => return Outcome::NotMine { head: stored.head },
                    None => {}
                },
                Ok(Err(ReadError::Shortened { head, .. })) => return Outcome::Shortened { head },
                Ok(Err(ReadError::Unavailable(_))) | Err(_) => {
                    if waits.pause_before(end).await {
                        continue;
                    }
                }
            }
            break;
        }
        if !waits.pause_before(end).await {
            return match unclear {
                true => Outcome::StillUnknown,
                false => Outcome::NotSaved(refusal),
            };
        }
    }
}

/// Growing, jittered pauses. The jitter comes from the commit's hash: two keepers never step
/// together, and a simulation repeats itself exactly.
struct Waits {
    next: Duration,
    longest: Duration,
    jitter: u64,
}

impl Waits {
    fn new(patience: &Patience, hash: &str) -> Self {
        Self {
            next: patience.first_wait,
            longest: patience.longest_wait,
            jitter: hash.bytes().fold(0xcbf2_9ce4_8422_2325, |seed, byte| {
                (seed ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            }),
        }
    }

    /// Waits between half and all of the next pause; false if `end` comes first.
    async fn pause_before(&mut self, end: Instant) -> bool {
        self.jitter = self
            .jitter
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let share = u32::try_from(self.jitter >> 48).unwrap_or(0);
        let pause = self.next / 2 + self.next / 2 * share / (1 << 16);
        self.next = (self.next * 2).min(self.longest);
        let until = Instant::now() + pause;
        if until >= end {
            return false;
        }
        sleep(pause).await;
        true
    }
}

#[cfg(test)]
mod tests;
