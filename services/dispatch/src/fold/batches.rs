//! Batches as facts change them: confirmed, recounted, and issued to their end.

use jiff::Timestamp;
use picket_schemas::BatchId;
use picket_schemas::dispatch::Event;

use crate::batches::Issuing;
use crate::ids::number;
use crate::{Bell, Dispatch};

/// The number of causes of batches that are remembered, so that none acts twice.
const ANSWERED: usize = 1_000;

impl Dispatch {
    pub(super) fn batch_confirmed(&mut self, event: &Event, at: Timestamp) {
        let Event::BatchConfirmed {
            batch,
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

    /// A batch that is still being issued.
    pub(super) fn issuing_mut(&mut self, batch: &BatchId) -> Option<&mut Issuing> {
        self.issuing.get_mut(&number(batch.as_str(), "B-")?)
    }
}
