//! Appending: the commit of a group goes to the store, and is made known once it is there.
//!
//! Every append is a compare-and-append on the head the keeper stands at: of two processes that write one book, one
//! wins. Whatever else goes wrong, the keeper is dropped and its journal folded again (decision 0001).

use std::sync::Arc;

use picket_journal::{AppendOutcome, BookName, Head, append_until_known};
use picket_reading::Decoded;
use picket_schemas::{Answer, Commit, Problem, Refusal};
use tokio::task::JoinHandle;

use super::{DropReason, Engine, StepResult};
use crate::keeper::SealedCommit;
use crate::kind::AnyKeeper;

/// A commit on its way to the store.
#[derive(Debug)]
pub(crate) struct PendingAppend {
    pub(crate) outcome: JoinHandle<AppendOutcome>,
    pub(crate) commit: Commit,
}

/// A commit that did not land: the answer to everybody who waited for it, and why the keeper is dropped.
#[derive(Debug)]
pub(crate) struct FailedAppend {
    pub(crate) problem: Problem,
    pub(crate) dropped: DropReason,
}

impl Engine {
    /// Appends a commit and makes it known. `waiting` wishes wait at all: where the append fails and none of them was
    /// in the group yet, all of them hear of it.
    pub(crate) async fn append(
        &self,
        keeper: &mut dyn AnyKeeper,
        append: SealedCommit,
        answers: Vec<Result<Answer, Problem>>,
        has_more: bool,
        waiting: usize,
    ) -> StepResult {
        let SealedCommit {
            bytes,
            hash,
            commit,
        } = append;
        let (name, before) = (keeper.name().clone(), keeper.head().clone());
        let outcome = append_until_known(
            self.journal.as_ref(),
            &name,
            &before,
            &hash,
            bytes.into(),
            &self.patience,
        )
        .await;
        match self.landed(keeper, commit, outcome) {
            Ok(()) => StepResult {
                answers,
                appended: true,
                has_more,
                ..StepResult::default()
            },
            Err(failed) => {
                let concerned = if answers.is_empty() {
                    waiting
                } else {
                    answers.len()
                };
                StepResult {
                    answers: vec![Err(failed.problem); concerned],
                    has_more: true,
                    dropped: Some(failed.dropped),
                    store_failed: true,
                    ..StepResult::default()
                }
            }
        }
    }

    /// Sends a commit on its way to the store; the keeper may decide the next group meanwhile.
    pub(crate) fn launch(
        self: &Arc<Self>,
        name: BookName,
        before: Head,
        append: SealedCommit,
    ) -> PendingAppend {
        let SealedCommit {
            bytes,
            hash,
            commit,
        } = append;
        let engine = self.clone();
        let outcome = tokio::spawn(async move {
            append_until_known(
                engine.journal.as_ref(),
                &name,
                &before,
                &hash,
                bytes.into(),
                &engine.patience,
            )
            .await
        });
        PendingAppend { outcome, commit }
    }

    /// Takes note of how an append ended: the commit is made known, or the keeper must be dropped.
    pub(crate) fn landed(
        &self,
        keeper: &mut dyn AnyKeeper,
        commit: Commit,
        outcome: AppendOutcome,
    ) -> Result<(), Box<FailedAppend>> {
        self.note_save_error(&outcome);
        let (problem, dropped) = match outcome {
            AppendOutcome::Done(head) => {
                self.make_known(keeper, commit, head);
                return Ok(());
            }
            AppendOutcome::NotSaved(why) => {
                let why = why.to_string();
                (Refusal::NotSaved { why }.problem(), DropReason::Diverged)
            }
            AppendOutcome::NotMine { .. } => (self.lost_race(), DropReason::Diverged),
            AppendOutcome::StillUnknown => {
                (Refusal::OutcomeUnknown.problem(), DropReason::Diverged)
            }
            AppendOutcome::Shortened { .. } => {
                let refusal = Refusal::Stopped {
                    book: keeper.name().to_string(),
                    why: "its journal lost facts".to_owned(),
                };
                let last = commit.n.saturating_sub(1);
                (refusal.problem(), DropReason::JournalLost(last))
            }
        };
        Err(Box::new(FailedAppend { problem, dropped }))
    }

    /// Publishes a commit that is stored, never before: to its keeper, the high-water mark and the cache.
    fn make_known(&self, keeper: &mut dyn AnyKeeper, commit: Commit, head: Head) {
        let commit = Arc::new(Decoded {
            commit: Arc::new(commit),
            head,
        });
        keeper.committed(&commit);
        if let Some(marks) = &self.marks {
            marks.saw(keeper.name().as_str(), &commit.head);
        }
        self.cache.publish_own(&commit);
    }

    fn note_save_error(&self, outcome: &AppendOutcome) {
        let error = match outcome {
            AppendOutcome::NotSaved(why) => Some(why.to_string()),
            AppendOutcome::StillUnknown => {
                Some("it is not known whether the store has what it was given last".to_owned())
            }
            AppendOutcome::Done(_)
            | AppendOutcome::NotMine { .. }
            | AppendOutcome::Shortened { .. } => None,
        };
        *self.save_error.lock() = error;
    }
}
