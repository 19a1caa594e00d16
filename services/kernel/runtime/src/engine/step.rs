//! One step of a keeper: pull, decide, append, make known.
//!
//! A driver takes the step in one, or decides a group and appends it later while the next one is decided. In either
//! case nobody is answered before the append, neither yes nor no.

use jiff::Timestamp;
use picket_journal::{BookName, Head, ReadError};
use picket_schemas::{Answer, Problem, Refusal, Wish};

use super::pull::PullOutcome;
use super::{Engine, parse};
use crate::keeper::{Culprit, SealedCommit};
use crate::kind::AnyKeeper;

/// The result of a step.
#[derive(Debug, Default)]
pub(crate) struct StepResult {
    /// One for each wish that was taken, in order.
    pub(crate) answers: Vec<Result<Answer, Problem>>,
    /// A commit was appended.
    pub(crate) appended: bool,
    /// Facts or bells are left: another step follows at once.
    pub(crate) has_more: bool,
    /// The keeper must be dropped and its journal folded again.
    pub(crate) dropped: Option<DropReason>,
    /// The store failed: the next step waits for a backoff.
    pub(crate) store_failed: bool,
    /// The next step takes at most so many of the same wishes: the one after them breaks the book.
    pub(crate) wish_limit: Option<usize>,
}

/// A group that was decided and not yet appended: nobody may hear of it.
#[derive(Debug)]
pub(crate) struct UncommittedStep {
    pub(crate) result: StepResult,
    pub(crate) append: Option<SealedCommit>,
}

/// Why a keeper is dropped.
#[derive(Debug)]
pub(crate) enum DropReason {
    /// Its memory is not the fold of its journal, or not for certain; the journal is sound.
    Diverged,
    /// The same, because of commit `n` of this journal (a bell, where the name is empty): it is parked next.
    Poisoned {
        journal: String,
        n: u64,
        why: String,
    },
    /// The journal lost commit `n`: the book stops.
    JournalLost(u64),
}

impl Engine {
    /// One step. Without `awake` no bell rings, and the store is asked where journals end, since nobody in this
    /// process keeps them.
    pub(crate) async fn step(
        &self,
        keeper: &mut dyn AnyKeeper,
        wishes: &[Wish],
        awake: bool,
    ) -> StepResult {
        let UncommittedStep { result, append } = self.decide(keeper, wishes, awake).await;
        match append {
            Some(append) => {
                let mut appended = self
                    .append(
                        keeper,
                        append,
                        result.answers,
                        result.has_more,
                        wishes.len(),
                    )
                    .await;
                appended.store_failed |= result.store_failed;
                appended
            }
            None => self.confirmed(keeper, result).await,
        }
    }

    /// A step without a wish that reads up to where the store itself says that journals end.
    pub(crate) async fn catch_up(&self, keeper: &mut dyn AnyKeeper) -> StepResult {
        let pulled = self.pull(keeper, true).await;
        let mut result = self.step(keeper, &[], true).await;
        result.has_more |= pulled == PullOutcome::More;
        result.store_failed |= pulled == PullOutcome::StoreFailed;
        result
    }

    /// Whether a bell of this book rings at an instant.
    pub(crate) fn rings(&self, keeper: &dyn AnyKeeper, now: Timestamp) -> bool {
        !self.clock.held() && keeper.due().is_some_and(|due| due <= now)
    }

    /// Pulls and lets the keeper decide a group. Nothing is appended and nobody may be answered yet.
    pub(crate) async fn decide(
        &self,
        keeper: &mut dyn AnyKeeper,
        wishes: &[Wish],
        awake: bool,
    ) -> UncommittedStep {
        // A laptop that slept, or a clock that was set: found out before any bell.
        self.clock.check(None);
        let now = self.clock.now();
        let ring = awake && self.rings(keeper, now);
        let pulled = self.pull(keeper, ring || !awake).await;
        if pulled == PullOutcome::NeedsUpgrade {
            // What it has not read may forbid what is wished.
            let why = "it reads what a later version of Picket wrote: upgrade".to_owned();
            let book = keeper.name().to_string();
            let refusal = Refusal::Stopped { book, why }.problem();
            return UncommittedStep {
                result: StepResult {
                    answers: vec![Err(refusal); wishes.len()],
                    store_failed: true,
                    ..StepResult::default()
                },
                append: None,
            };
        }
        // Far behind, it reads first: neither a bell nor a wish is decided before.
        let taken: &[Wish] = match pulled {
            PullOutcome::More => &[],
            PullOutcome::CaughtUp | PullOutcome::StoreFailed | PullOutcome::NeedsUpgrade => wishes,
        };
        let group = keeper.group(now, ring && pulled == PullOutcome::CaughtUp, taken);
        if let Some(culprit) = group.broken {
            self.broken_books().insert(keeper.name().clone());
            return UncommittedStep {
                result: after_break(culprit, wishes),
                append: None,
            };
        }
        UncommittedStep {
            result: StepResult {
                answers: group.answers,
                has_more: group.more || pulled == PullOutcome::More,
                store_failed: pulled == PullOutcome::StoreFailed,
                ..StepResult::default()
            },
            append: group.append,
        }
    }

    /// A step with nothing to append: its answers hold only if the journal still ends where the keeper stands.
    pub(crate) async fn confirmed(
        &self,
        keeper: &mut dyn AnyKeeper,
        mut result: StepResult,
    ) -> StepResult {
        if result.answers.is_empty() || result.dropped.is_some() {
            return result;
        }
        if let Err((problem, dropped)) = self.confirm(keeper.name(), keeper.head()).await {
            result.answers = vec![Err(problem); result.answers.len()];
            result.store_failed = true;
            result.dropped = Some(dropped);
        }
        result
    }

    /// Whether a head is still the last of its journal, which keeps an answer without an append linearizable.
    async fn confirm(&self, name: &BookName, head: &Head) -> Result<(), (Problem, DropReason)> {
        let unknown = || Refusal::OutcomeUnknown.problem();
        let Ok(last) = self.journal.last(std::slice::from_ref(name)).await else {
            return Err((unknown(), DropReason::Diverged));
        };
        let last = last.into_iter().next().unwrap_or_default();
        if last.is_same_commit(head) {
            return Ok(());
        }
        Err(match self.journal.read(name, head, 1).await {
            Err(ReadError::Shortened { .. }) => (unknown(), DropReason::JournalLost(head.number)),
            Ok(_) if !self.sole_writer => (self.lost_race(), DropReason::Diverged),
            Ok(_) | Err(ReadError::Unavailable(_)) => (unknown(), DropReason::Diverged),
        })
    }

    /// Lets a parked keeper go on; with `skip`, past the commit it is parked at. `None` where it cannot.
    pub(crate) async fn unpark(
        &self,
        keeper: &mut dyn AnyKeeper,
        by: &str,
        skip: bool,
    ) -> Option<StepResult> {
        let passed = match keeper.parked_cursor().filter(|_| skip) {
            Some((journal, head)) => Some(
                self.journal
                    .read(&parse(&journal).ok()?, &head, 1)
                    .await
                    .ok()?
                    .pop()?
                    .head,
            ),
            None => None,
        };
        let append = keeper.unpark(self.clock.now(), by, passed.as_ref())?;
        Some(self.append(keeper, append, Vec::new(), true, 0).await)
    }
}

/// The result of a group that broke the book: nothing of it counts, and its culprit is singled out next.
fn after_break(culprit: Culprit, wishes: &[Wish]) -> StepResult {
    let mut result = StepResult {
        has_more: true,
        dropped: Some(DropReason::Diverged),
        ..StepResult::default()
    };
    match culprit {
        // Alone at last: nobody else's wish went with it.
        Culprit::Wish(0) => {
            let what = wishes
                .first()
                .map_or("", |wish| wish.command.verb())
                .to_owned();
            result.answers.push(Err(Refusal::Broken { what }.problem()));
        }
        Culprit::Wish(before) => result.wish_limit = Some(before),
        Culprit::Reading { journal, n, why } => {
            result.dropped = Some(DropReason::Poisoned { journal, n, why });
        }
    }
    result
}
