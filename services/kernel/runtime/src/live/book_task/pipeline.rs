//! One step of a book: gather, decide, append, answer, with one commit in flight while the next group is decided.

use std::time::Duration;

use picket_journal::AppendOutcome;
use picket_schemas::{Answer, Problem};
use tokio::task::JoinError;
use tokio::time::Instant;

use super::requests::PendingReply;
use super::{BookTask, FIRST_PAUSE};
use crate::engine::{PendingAppend, StepResult, UncommittedStep};
use crate::keeper::SealedCommit;
use crate::live::inbox::MOST_WISHES;

/// How long facts and bells leave the store to others: so many times as long as the book's last commit took, and so
/// long at the most. A store that is busy gets fewer and larger commits.
const YIELDS: u32 = 8;
const LONGEST_YIELD: Duration = Duration::from_millis(500);

/// A commit on its way to the store, with the callers it answers.
pub(super) struct InFlight {
    pub(super) append: PendingAppend,
    since: Instant,
    replies: Vec<(PendingReply, Result<Answer, Problem>)>,
}

/// How a step of the loop ended.
#[derive(PartialEq, Eq)]
pub(super) enum StepEnd {
    Done,
    /// The book is stopping, and callers wait for the group that was decided: neither written nor told to anybody, it is
    /// as if they had never asked. The keeper is ahead of its journal, or broken, and not used any more.
    Discarded,
}

impl BookTask {
    /// Gathers a group, decides it and sends its commit on its way.
    pub(super) async fn step(&mut self) -> Result<StepEnd, String> {
        self.gather().await?;
        let Some(UncommittedStep { result, append }) = self.decide().await? else {
            self.has_more = self.ring;
            return Ok(StepEnd::Done);
        };
        if self.is_stopping() {
            return Ok(self.last_step(result, append));
        }
        self.last_answered = result.answers.len();
        match append {
            Some(append) => self.commit(result, append).await?,
            None => self.answer(result).await?,
        }
        Ok(StepEnd::Done)
    }

    /// Decides a group. `None` where the commit in flight did not land: the book was folded anew, and everything is
    /// decided again, also what followed from facts.
    async fn decide(&mut self) -> Result<Option<UncommittedStep>, String> {
        // A bell waits for what others said, and some of them may wait for the commit in flight from here.
        let now = self.engine.clock.now();
        let rings = self.ring && self.engine.rings(self.keeper.as_ref(), now);
        if rings && !self.land().await? {
            return Ok(None);
        }
        let wishes = &*self.wishes.make_contiguous();
        let wishes = &wishes[..self.wish_limit.min(wishes.len())];
        let decided = self
            .engine
            .decide(self.keeper.as_mut(), wishes, self.ring)
            .await;
        // The group before must be in the journal before this one may follow, or anybody is answered.
        Ok(self.land().await?.then_some(decided))
    }

    /// The last step before the book goes: what follows from facts and bells is true whenever it is written, and
    /// nobody waits for it.
    fn last_step(&mut self, result: StepResult, append: Option<SealedCommit>) -> StepEnd {
        match append {
            None if result.dropped.is_none() => StepEnd::Done,
            Some(append) if result.dropped.is_none() && result.answers.is_empty() => {
                self.launch(append, Vec::new());
                StepEnd::Done
            }
            Some(_) | None => StepEnd::Discarded,
        }
    }

    /// Sends a group's commit on its way; its callers are answered when it has landed.
    async fn commit(&mut self, result: StepResult, append: SealedCommit) -> Result<(), String> {
        self.note_more(&result);
        self.wish_limit = MOST_WISHES;
        self.launch(append, result.answers);
        // A registry decides with its own newest records, which are there only when they are stored.
        if self.keeper.name().service() == "registry" {
            self.land().await?;
        }
        if result.store_failed {
            self.back_off().await;
        } else {
            self.backoff.reset();
        }
        Ok(())
    }

    /// Answers a group that wrote nothing, once the store has confirmed that the book is at its head.
    async fn answer(&mut self, result: StepResult) -> Result<(), String> {
        let result = self.engine.confirmed(self.keeper.as_mut(), result).await;
        self.note_more(&result);
        self.wish_limit = result.wish_limit.unwrap_or(MOST_WISHES);
        for answer in result.answers {
            self.wishes.pop_front();
            if let Some(reply) = self.replies.pop_front() {
                reply.send(&self.inbox, answer);
            }
        }
        if let Some(dropped) = result.dropped {
            self.fold_again(dropped).await?;
        }
        if result.store_failed {
            self.back_off().await;
        } else {
            self.backoff.reset();
        }
        Ok(())
    }

    fn note_more(&mut self, result: &StepResult) {
        self.has_more =
            (self.ring && (result.has_more || result.store_failed)) || !self.requests.is_empty();
    }

    fn launch(&mut self, append: SealedCommit, answers: Vec<Result<Answer, Problem>>) {
        let (name, before) = (self.keeper.name().clone(), self.keeper.head().clone());
        self.keeper.ahead(&append);
        let since = Instant::now();
        let append = self.engine.launch(name, before, append);
        let answered = answers.len();
        self.wishes.drain(..answered);
        let replies = self.replies.drain(..answered).zip(answers).collect();
        self.in_flight = Some(InFlight {
            append,
            since,
            replies,
        });
    }

    /// Waits until the commit in flight has landed and answers its callers. False where it did not land: the book was
    /// folded anew, and what was decided since does not count.
    pub(super) async fn land(&mut self) -> Result<bool, String> {
        let Some(in_flight) = &mut self.in_flight else {
            return Ok(true);
        };
        let outcome = (&mut in_flight.append.outcome).await;
        self.on_append_ended(outcome).await
    }

    /// The append of the commit in flight has ended; true where the commit is stored.
    pub(super) async fn on_append_ended(
        &mut self,
        outcome: Result<AppendOutcome, JoinError>,
    ) -> Result<bool, String> {
        let Some(InFlight {
            append,
            since,
            replies,
        }) = self.in_flight.take()
        else {
            return Ok(true);
        };
        // A task that failed says nothing of what the store did.
        let outcome = outcome.unwrap_or(AppendOutcome::StillUnknown);
        match self
            .engine
            .landed(self.keeper.as_mut(), append.commit, outcome)
        {
            Ok(()) => {
                for (reply, answer) in replies {
                    reply.send(&self.inbox, answer);
                }
                let now = Instant::now();
                self.yields_until = now + (now.duration_since(since) * YIELDS).min(LONGEST_YIELD);
                Ok(true)
            }
            Err(failed) => {
                if replies.is_empty() {
                    // Callers who wait for it in vain, though they were not in the group yet, hear so too.
                    self.wishes.clear();
                    for reply in self.replies.drain(..) {
                        reply.send(&self.inbox, Err(failed.problem.clone()));
                    }
                }
                for (reply, _) in replies {
                    reply.send(&self.inbox, Err(failed.problem.clone()));
                }
                self.fold_again(failed.dropped).await?;
                self.pause(FIRST_PAUSE).await;
                Ok(false)
            }
        }
    }
}
