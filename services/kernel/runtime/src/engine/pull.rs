//! Pulling: handing a keeper the commits of the journals it reads, from the cache of this process or from the store.
//!
//! A wish is decided with what this process has seen. A bell is not: before it rings, the store itself is asked where
//! the journals end, and they are read up to there (decision 0023).

use std::sync::Arc;
use std::time::Duration;

use picket_journal::{BookName, Head, ReadError, Unavailable};
use picket_reading::{Damaged, Decoded};
use tokio::time::Instant;

use super::{CHUNK, Engine, parse};
use crate::kind::AnyKeeper;

/// About how many commits of one journal a keeper takes in hand at a time.
const IN_HAND: usize = 4_096;
/// How long a commit that the store holds may take to arrive in the cache of this process, until the store is read.
const ARRIVING: Duration = Duration::from_millis(250);
/// Why a commit is not taken from a journal.
const NOT_THE_NEXT: &str = "it does not follow what was read before";

/// How far a pull came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PullOutcome {
    /// The keeper has everything up to the ends in hand.
    CaughtUp,
    /// There is more, for another step.
    More,
    /// The store could not be asked.
    StoreFailed,
    /// Only a later version can read on, and there is nobody to leave the book to.
    NeedsUpgrade,
}

impl Engine {
    /// Hands a keeper the commits it has not read yet. With `strict` the store itself is asked where the journals
    /// end, which a bell needs; otherwise the cache of this process is enough.
    pub(super) async fn pull(&self, keeper: &mut dyn AnyKeeper, strict: bool) -> PullOutcome {
        let reads = keeper.reads(&|journal, held| strict || self.cache.number(journal) > held);
        let arriving = Instant::now() + ARRIVING;
        let ends = if strict {
            match self.ends_in_store(&reads).await {
                Ok(ends) => ends.into_iter().map(Some).collect(),
                Err(_) => return PullOutcome::StoreFailed,
            }
        } else {
            vec![None; reads.len()]
        };
        let mut pulled = PullOutcome::CaughtUp;
        for ((journal, held), end) in reads.into_iter().zip(ends) {
            let end = self.end_of(&journal, &held, end, arriving).await;
            if end <= held.number || self.pull_from_cache(keeper, &journal, held.number, end) {
                continue;
            }
            match self
                .pull_from_store(keeper, &journal, held, end, strict)
                .await
            {
                PullOutcome::CaughtUp => {}
                PullOutcome::More => pulled = PullOutcome::More,
                failed @ (PullOutcome::StoreFailed | PullOutcome::NeedsUpgrade) => return failed,
            }
        }
        pulled
    }

    /// The ends of journals as the store has them, in one question.
    async fn ends_in_store(&self, reads: &[(String, Head)]) -> Result<Vec<Head>, Unavailable> {
        let names: Vec<BookName> = reads
            .iter()
            .filter_map(|(journal, _)| parse(journal).ok())
            .collect();
        self.journal.last(&names).await
    }

    /// The number up to which a journal is to be read: its end in the store, where that was asked for, else its end
    /// in the cache.
    async fn end_of(
        &self,
        journal: &str,
        held: &Head,
        in_store: Option<Head>,
        arriving: Instant,
    ) -> u64 {
        let Some(end) = in_store else {
            return self.cache.number(journal);
        };
        if !self.sole_writer && end.number > held.number {
            self.cache.wait_for(journal, end.number, arriving).await;
        }
        // It ends before what was read of it, or with another commit: reading on lets the store say what became of
        // that.
        let is_short =
            end.number < held.number || (end.number == held.number && !end.is_same_commit(held));
        if is_short {
            held.number + 1
        } else {
            end.number
        }
    }

    /// Hands over the commits after `held`, where the cache reaches from there to `end`; false where it does not.
    fn pull_from_cache(
        &self,
        keeper: &mut dyn AnyKeeper,
        journal: &str,
        held: u64,
        end: u64,
    ) -> bool {
        if self.cache.number(journal) < end {
            return false;
        }
        let Some(commits) = self.cache.after(journal, held) else {
            return false;
        };
        for commit in commits {
            let n = commit.head.number;
            if !keeper.offer(commit) {
                keeper.park_reading(journal, n, NOT_THE_NEXT);
                break;
            }
        }
        true
    }

    async fn pull_from_store(
        &self,
        keeper: &mut dyn AnyKeeper,
        journal: &str,
        mut held: Head,
        end: u64,
        strict: bool,
    ) -> PullOutcome {
        let Ok(name) = parse(journal) else {
            return PullOutcome::StoreFailed;
        };
        let mut in_hand = 0;
        while held.number < end {
            if in_hand >= IN_HAND {
                return PullOutcome::More;
            }
            // No further than asked: a commit beyond may be damaged, and concerns only those who must read it.
            let missing = usize::try_from(end - held.number).unwrap_or(CHUNK);
            match self.journal.read(&name, &held, missing.min(CHUNK)).await {
                // A stale read: the store said that the journal goes on, and brings nothing. No bell is decided upon it.
                Ok(read) if read.is_empty() && strict => return PullOutcome::StoreFailed,
                Ok(read) if read.is_empty() => return PullOutcome::CaughtUp,
                Ok(read) => {
                    in_hand += read.len();
                    for stored in &read {
                        let n = held.number + 1;
                        match Decoded::check(journal, &held, stored) {
                            Ok(commit) => {
                                held = commit.head.clone();
                                if !keeper.offer(Arc::new(commit)) {
                                    keeper.park_reading(journal, n, NOT_THE_NEXT);
                                    return PullOutcome::CaughtUp;
                                }
                            }
                            Err(why) => return self.cannot_take(keeper, journal, n, &why),
                        }
                    }
                }
                Err(ReadError::Shortened { .. }) => {
                    let why = "the journal no longer holds what was read before";
                    keeper.park_reading(journal, held.number + 1, why);
                    return PullOutcome::CaughtUp;
                }
                Err(ReadError::Unavailable(_)) => return PullOutcome::StoreFailed,
            }
        }
        PullOutcome::CaughtUp
    }

    /// A commit cannot be decoded: the reader is parked in front of it, unless a later version can read it.
    fn cannot_take(
        &self,
        keeper: &mut dyn AnyKeeper,
        journal: &str,
        n: u64,
        why: &Damaged,
    ) -> PullOutcome {
        match why {
            // Nothing is wrong with it: nothing is put on record, a newer program reads on.
            Damaged::Undecodable(undecodable) if undecodable.is_newer() => {
                if self.give_to_a_later_version(keeper.name()) {
                    PullOutcome::StoreFailed
                } else {
                    PullOutcome::NeedsUpgrade
                }
            }
            _ => {
                keeper.park_reading(journal, n, &why.to_string());
                PullOutcome::CaughtUp
            }
        }
    }
}
