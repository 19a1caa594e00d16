//! Ringing: what the book says by itself, bounded, and what becomes of a bell that goes wrong.
//!
//! A bell that fails or never ends parks the book. One that says nothing is parked alone: the book decides on,
//! and whatever moves its next bell lets it ring again. It does not know why a book wants to be woken.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use picket_book::Book;
use picket_schemas::event::KeeperEvent;

use super::draft::{Draft, NewEntry};
use super::{GROUP_BYTES, Keeper, Recorded};

/// A bell that rang so often for one instant never ends.
const SAME_BELL: u32 = 100_000;

/// Why a silent bell is not rung again.
pub(super) fn says_nothing(due: Timestamp) -> String {
    format!(
        "its bell of {due} says nothing; no bell of it rings until that is put right, wishes are decided"
    )
}

impl<B: Book> Keeper<B> {
    /// Rings what is due; true where more is left for another group, an error where the book broke.
    pub(super) fn ring(&mut self, draft: &mut Draft, limit: usize) -> Result<bool, String> {
        let mut rung = 0_u32;
        while let Some(due) = self.due().filter(|due| *due <= draft.at()) {
            if draft.bytes() >= limit {
                return Ok(true);
            }
            if let Some(why) = self.bad_bell.take() {
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
                Recorded::Yes => {
                    self.same_bell = if self.book.due() == Some(due) {
                        self.same_bell + 1
                    } else {
                        0
                    };
                    if self.same_bell > SAME_BELL {
                        self.park(
                            draft,
                            String::new(),
                            0,
                            format!("its bell of {due} does not come to an end"),
                        );
                        return Ok(false);
                    }
                }
                Recorded::Later => return Ok(true),
                Recorded::TooLarge => {
                    self.park(
                        draft,
                        String::new(),
                        0,
                        format!("its bell of {due} says more than one commit may hold"),
                    );
                    return Ok(false);
                }
                Recorded::Broken => return Err(format!("its bell of {due} failed")),
            }
            rung += 1;
        }
        Ok(false)
    }

    /// Rung again at once it would say nothing again, for ever.
    fn silence(&mut self, draft: &mut Draft, due: Timestamp) {
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
