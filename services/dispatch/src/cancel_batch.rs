//! Cancelling a batch: its open sheets end, and those still to be issued do not come.
//!
//! A batch that is still being issued is issued to its end with the sheets it has. A sealed one is there only for
//! somebody whom all its sheets concern. What became of a single sheet before stands as it is.

use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::dispatch::Event;
use picket_schemas::{BatchId, Refusal};

use crate::batches::Issuing;
use crate::ids::local_number;
use crate::task::{Task, TaskState};
use crate::{Dispatch, selection};

const ACTION: &str = "dispatch.cancel_batch";

impl Dispatch {
    pub(crate) fn cancel_batch(
        &self,
        id: &BatchId,
        reason: &str,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let (issuing, sheets) = self.of_batch(id, cx)?;
        let open: Vec<_> = sheets
            .iter()
            .filter(|sheet| !sheet.state.closed())
            .collect();
        if let Some(batch) = issuing {
            for sheet in selection::sheets(&batch.select, cx.directory) {
                cx.allow(ACTION, Resource::at(sheet.area))?;
            }
        }
        cx.allow(ACTION, Resource::default())?;
        for sheet in &open {
            cx.allow(ACTION, Resource::at(&sheet.area))?;
        }
        if issuing.is_none() && open.is_empty() {
            return Err(over(id, &sheets));
        }
        let reason = fields::reason(reason, "cancelling a batch")?;
        let ended = issuing.map(|batch| Event::BatchIssued {
            batch: batch.id.clone(),
            count: batch.issued,
        });
        let cancelled = open.into_iter().map(|sheet| Event::TaskCancelled {
            task: sheet.id.clone(),
            by: cx.actor.clone(),
            reason: reason.clone(),
        });
        Ok(ended.into_iter().chain(cancelled).collect())
    }

    /// A batch that is there and may be seen by the actor: what is left of its issuing, and its sheets.
    fn of_batch(
        &self,
        id: &BatchId,
        cx: &Decision<'_>,
    ) -> Result<(Option<&Issuing>, Vec<&Task>), Refusal> {
        let unknown = || Refusal::Unknown {
            kind: "batch".into(),
            id: id.to_string(),
        };
        let number = local_number(id.as_str(), "B-", cx).ok_or_else(unknown)?;
        let short = format!("B-{number}");
        let issuing = self.issuing.get(&number);
        let stays = |sheet: &&Task| sheet.leaves().is_none_or(|leaves| leaves > cx.at);
        let sheets: Vec<_> = self
            .tasks
            .values()
            .filter(|sheet| sheet.batch == short.as_str())
            .filter(stays)
            .collect();
        let hidden = |sheet: &&Task| {
            sheet.sealed_until.is_some_and(|until| until > cx.at) && !sheet.concerns(cx.actor)
        };
        // Who its next sheets concern is not known yet.
        let to_be_hidden = issuing
            .and_then(|batch| batch.sealed_until)
            .is_some_and(|until| until > cx.at);
        if issuing.is_none() && sheets.is_empty() || to_be_hidden || sheets.iter().any(hidden) {
            return Err(unknown());
        }
        Ok((issuing, sheets))
    }
}

/// The refusal to cancel a batch without an open sheet.
fn over(id: &BatchId, sheets: &[&Task]) -> Refusal {
    if sheets
        .iter()
        .all(|sheet| sheet.state == TaskState::Cancelled)
    {
        return Refusal::Already {
            what: id.to_string(),
            state: TaskState::Cancelled.name().into(),
        };
    }
    Refusal::WrongState {
        what: id.to_string(),
        state: "closed".into(),
        needs: "open".into(),
    }
}
