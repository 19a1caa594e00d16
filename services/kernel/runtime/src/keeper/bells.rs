//! Bells: the book says something by itself, in bounded steps; a bell that goes wrong is parked.
//!
//! A bell that fails or never ends parks the book. One that says nothing is parked alone: the book decides on,
//! and its bells ring again once the next one is another. It does not know why a book wants to be woken.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use picket_book::Book;
use picket_schemas::event::KeeperEvent;

use super::draft::{CommitDraft, NewEntry};
use super::group::RecordOutcome;
use super::{GROUP_BYTES, Keeper};

/// A bell that rang so often for one instant never ends.
const MOST_REPEATS: u32 = 100_000;

/// The reason on record for a silent bell.
pub(super) fn says_nothing(due: Timestamp) -> String {
    format!(
        "its bell of {due} says nothing; no bell of it rings until that is put right, wishes are decided"
    )
}

impl<B: Book> Keeper<B> {
    /// Rings what is due; true where more is left for another group, an error where the book broke.
    pub(super) fn ring(&mut self, draft: &mut CommitDraft, limit: usize) -> Result<bool, String> {
        let mut rung = 0_u32;
        while let Some(due) = self.due().filter(|due| *due <= draft.at()) {
            if draft.bytes() >= limit {
                return Ok(true);
            }
            if let Some(why) = self.poisoned_bell.take() {
                self.park(draft, String::new(), 0, why);
                return Ok(false);
            }
            let id = format!("bell:{}:{}:{rung}", self.name, self.head.number + 1);
            let entry = NewEntry::bell(&self.name, id, due, draft.at());
            let cx = self.decision(&entry.id, draft.at(), draft.at(), &self.actor);
            let Ok(step) = catch_unwind(AssertUnwindSafe(|| self.book.ring(&cx))) else {
                self.park(draft, String::new(), 0, format!("its bell of {due} failed"));
                return Ok(false);
            };
            let events = step.into_events();
            if events.is_empty() {
                self.silence(draft, due);
                return Ok(false);
            }
            match self.record(draft, entry, events, GROUP_BYTES) {
                RecordOutcome::Recorded => {
                    self.bell_repeats = if self.book.due() == Some(due) {
                        self.bell_repeats + 1
                    } else {
                        0
                    };
                    if self.bell_repeats > MOST_REPEATS {
                        self.park(
                            draft,
                            String::new(),
                            0,
                            format!("its bell of {due} does not come to an end"),
                        );
                        return Ok(false);
                    }
                }
                RecordOutcome::GroupFull => return Ok(true),
                RecordOutcome::TooLarge => {
                    self.park(
                        draft,
                        String::new(),
                        0,
                        format!("its bell of {due} says more than one commit may hold"),
                    );
                    return Ok(false);
                }
                RecordOutcome::Broken => return Err(format!("its bell of {due} failed")),
            }
            rung += 1;
        }
        Ok(false)
    }

    /// Parks a bell that says nothing: rung again at once it would spin.
    fn silence(&mut self, draft: &mut CommitDraft, due: Timestamp) {
        let event = KeeperEvent::BellParked {
            due,
            reason: says_nothing(due),
        };
        draft.push(
            NewEntry::keeper(&self.name, "keeper.park", draft.at()),
            vec![event.into()],
        );
        self.silent_bell = Some(due);
    }
}
