//! Batches as facts change them: confirmed, recounted, issued to their end, cancelled.

use std::collections::BTreeSet;

use jiff::Timestamp;
use picket_schemas::dispatch::Event;
use picket_schemas::{BatchId, TaskId};

use crate::batches::Issuing;
use crate::cancel_batch::{Cancelling, KnownBatch};
use crate::ids::number;
use crate::{Bell, Dispatch};

/// The number of causes of batches that are remembered, so that none acts twice.
const ANSWERED: usize = 1_000;
/// How many batches are known by more than their sheets.
const KNOWN: usize = 1_000;

impl Dispatch {
    pub(super) fn batch_confirmed(&mut self, event: &Event, at: Timestamp) {
        let Event::BatchConfirmed {
            batch,
            name,
            campaign,
            round,
            select,
            assign,
            checklist,
            window,
            sealed_until,
            roster_hash,
            count,
            occurrence,
            parent,
            ..
        } = event
        else {
            return;
        };
        let Some(number) = number(batch.as_str(), "B-") else {
            return;
        };
        self.last.batch = self.last.batch.max(number);
        self.answered.extend(
            occurrence
                .iter()
                .map(ToString::to_string)
                .chain(parent.as_ref().map(ToString::to_string)),
        );
        while self.answered.len() > ANSWERED {
            self.answered.pop_front();
        }
        let known = KnownBatch {
            name: name.clone(),
            parent: parent.clone(),
            sealed_until: *sealed_until,
            sheets: 0,
            cancelled: false,
        };
        self.batches.insert(number, known);
        while self.batches.len() > KNOWN {
            self.batches.pop_first();
        }
        let issuing = Issuing {
            id: batch.clone(),
            campaign: campaign.clone(),
            round: *round,
            select: select.clone(),
            assign: assign.clone(),
            checklist: checklist.clone(),
            window: *window,
            sealed_until: *sealed_until,
            roster_hash: roster_hash.clone(),
            count: *count,
            confirmed: at,
            issued: 0,
            last: None,
        };
        self.issuing.insert(number, issuing);
        self.bells.insert((at, Bell::Issue(number)));
    }

    pub(super) fn batch_recounted(&mut self, event: &Event) {
        let Event::BatchRecounted {
            batch,
            roster_hash,
            count,
        } = event
        else {
            return;
        };
        if let Some(issuing) = self.issuing_mut(batch) {
            issuing.roster_hash.clone_from(roster_hash);
            issuing.count = *count;
        }
    }

    pub(super) fn batch_issued(&mut self, batch: &BatchId) {
        let Some(number) = number(batch.as_str(), "B-") else {
            return;
        };
        if let Some(issuing) = self.issuing.remove(&number) {
            self.bells.remove(&(issuing.confirmed, Bell::Issue(number)));
        }
    }

    pub(super) fn batch_cancelled(&mut self, event: &Event, at: Timestamp) {
        let Event::BatchCancelled {
            batch, by, reason, ..
        } = event
        else {
            return;
        };
        self.batch_issued(batch);
        let Some(number) = number(batch.as_str(), "B-") else {
            return;
        };
        if let Some(known) = self.batches.get_mut(&number) {
            known.cancelled = true;
        }
        let open: BTreeSet<_> = self
            .tasks
            .iter()
            .filter(|(_, task)| task.batch == *batch && !task.state.closed())
            .map(|(number, _)| *number)
            .collect();
        if open.is_empty() {
            return;
        }
        let cancelling = Cancelling {
            at,
            by: by.clone(),
            reason: reason.clone(),
            open,
        };
        self.cancelling.insert(number, cancelling);
        self.bells.insert((at, Bell::Cancel(number)));
    }

    /// Counts a sheet of a batch. One that comes while the batch is cancelled ends with it.
    pub(super) fn sheet_of(&mut self, batch: &BatchId, sheet: u64) {
        let Some(number) = number(batch.as_str(), "B-") else {
            return;
        };
        if let Some(known) = self.batches.get_mut(&number) {
            known.sheets = known.sheets.saturating_add(1);
        }
        if let Some(cancelling) = self.cancelling.get_mut(&number) {
            cancelling.open.insert(sheet);
        }
    }

    /// A sheet is over; with its last one a cancelled batch has nothing left to end.
    pub(super) fn sheet_ended(&mut self, sheet: &TaskId) {
        let Some(batch) = self.task_mut(sheet).map(|task| task.batch.clone()) else {
            return;
        };
        let (Some(sheet), Some(batch)) =
            (number(sheet.as_str(), "T-"), number(batch.as_str(), "B-"))
        else {
            return;
        };
        let Some(cancelling) = self.cancelling.get_mut(&batch) else {
            return;
        };
        cancelling.open.remove(&sheet);
        if cancelling.open.is_empty() {
            self.bells.remove(&(cancelling.at, Bell::Cancel(batch)));
            self.cancelling.remove(&batch);
        }
    }

    /// A batch that is still being issued.
    pub(super) fn issuing_mut(&mut self, batch: &BatchId) -> Option<&mut Issuing> {
        self.issuing.get_mut(&number(batch.as_str(), "B-")?)
    }
}
