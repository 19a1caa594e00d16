//! Upkeep of a book: its cursors and snapshots while it is quiet, a backoff when the store fails, and a fresh fold of
//! its journal when its keeper is dropped.

use std::time::Duration;

use super::{BookTask, FIRST_PAUSE, LONGEST_PAUSE};
use crate::backoff::Backoff;
use crate::engine::{CannotKeep, DropReason};

impl BookTask {
    /// Writes cursors that merely moved; why the keeper must be dropped, if that went wrong.
    pub(super) async fn flush(&mut self) -> Option<DropReason> {
        let append = self.keeper.flush(self.engine.clock.now())?;
        self.engine
            .append(self.keeper.as_mut(), append, Vec::new(), false, 0)
            .await
            .dropped
    }

    /// Whether `after` commits have come since the last snapshot.
    pub(super) fn is_due_for_snapshot(&self, after: u64) -> bool {
        let (name, n) = (self.keeper.name(), self.keeper.head().number);
        self.engine
            .snapshots
            .as_ref()
            .is_some_and(|snapshots| n >= snapshots.kept(name) + after)
    }

    /// Takes a snapshot where `after` commits have come since the last. It costs the book a moment, so it is
    /// taken while nobody waits for it.
    pub(super) async fn snapshot(&mut self, after: u64) {
        let Some(snapshots) = self
            .engine
            .snapshots
            .clone()
            .filter(|_| self.is_due_for_snapshot(after))
        else {
            return;
        };
        let (name, head) = (self.keeper.name().clone(), self.keeper.head().clone());
        // Tried again when as many have come once more, whatever comes of it now.
        snapshots.note_kept(&name, head.number);
        let Some(memory) = self.keeper.memory() else {
            return;
        };
        let saving = tokio::task::spawn_blocking(move || {
            if let Err(why) = snapshots.save(&name, head.number, &head.hash, &memory) {
                snapshots.tell(&format!(
                    "no snapshot of `{name}` could be kept, the next start takes longer: {why}"
                ));
            }
        });
        // A panic there was printed by its hook; a snapshot can be taken again.
        drop(saving.await);
    }

    /// Waits after the store failed, longer each time it fails again.
    pub(super) async fn back_off(&mut self) {
        let pause = self.backoff.pause();
        self.pause(pause).await;
    }

    /// Waits before the store is tried again, or until it is time to go.
    pub(super) async fn pause(&mut self, pause: Duration) {
        tokio::select! {
            _ = self.stop.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep(pause) => {}
        }
    }

    /// Folds the journal anew; retried with a backoff while the store cannot be read. An error is why the book stops.
    pub(super) async fn fold_again(&mut self, dropped: DropReason) -> Result<(), String> {
        if let DropReason::JournalLost(n) = dropped {
            return Err(format!(
                "its journal lost facts, commit {n} is not there any more"
            ));
        }
        let name = self.keeper.name().clone();
        let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        loop {
            match self.engine.open(&name).await {
                Ok(keeper) => {
                    self.keeper = keeper;
                    if let DropReason::Poisoned { journal, n, why } = &dropped {
                        self.keeper.park_reading(journal, *n, why);
                    }
                    return Ok(());
                }
                Err(CannotKeep::Read { .. }) if !self.is_stopping() => {
                    self.pause(backoff.pause()).await;
                }
                Err(why) => {
                    self.outdated =
                        why.needs_upgrade() && self.engine.give_to_a_later_version(&name);
                    return Err(why.why(name.as_str()));
                }
            }
        }
    }
}
