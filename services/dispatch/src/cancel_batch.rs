//! Cancelling a batch: its open sheets end, those still to be issued do not come, and what was issued from it
//! below ends with it.
//!
//! The batch is cancelled in one event, which says why and names whom it concerns; its sheets end in bounded steps
//! after that, the first of them in the same commit. A sealed one is there only for somebody whom all its sheets
//! concern. What became of a single sheet before stands as it is. Nobody is told here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use picket_book::{Decision, Fact, Step, fields};
use picket_directory::Resource;
use picket_schemas::dispatch::Event;
use picket_schemas::{BatchId, PersonId, Refusal};
use serde::{Deserialize, Serialize};

use crate::ids::local_number;
use crate::task::{Task, TaskState};
use crate::{Dispatch, selection};

const ACTION: &str = "dispatch.cancel_batch";

/// At most so many sheets end in one step, and so many bytes: each of them says the reason.
const SHEETS_A_STEP: usize = 400;
const BYTES_A_STEP: usize = 256 * 1024;
/// The bytes of an event without its reason, and the most that a byte of the reason may take in JSON.
const BYTES_A_SHEET: usize = 256;
const BYTES_ESCAPED: usize = 6;

/// A batch as it is known beside its sheets, which a batch for those below has none of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KnownBatch {
    pub(crate) name: String,
    /// The batch above that issued it, in full.
    pub(crate) parent: Option<BatchId>,
    pub(crate) sealed_until: Option<Timestamp>,
    /// How many were issued.
    pub(crate) sheets: u64,
    pub(crate) cancelled: bool,
}

/// A batch that was cancelled and has sheets that did not end yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Cancelling {
    /// Since when, which is when its bell rings.
    pub(crate) at: Timestamp,
    pub(crate) by: PersonId,
    pub(crate) reason: String,
    /// The sheets still open.
    pub(crate) open: BTreeSet<u64>,
}

/// A cancelled batch of the jurisdiction above.
pub(crate) struct Above<'a> {
    by: &'a PersonId,
    reason: &'a str,
    /// In full.
    batch: BatchId,
}

impl Dispatch {
    pub(crate) fn cancel_batch(
        &self,
        id: &BatchId,
        reason: &str,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let (number, sheets) = self.of_batch(id, cx)?;
        let issuing = self.issuing.get(&number);
        let known = self.batches.get(&number);
        if let Some(batch) = issuing {
            for sheet in selection::sheets(&batch.select, cx.directory) {
                cx.allow(ACTION, Resource::at(sheet.area))?;
            }
        }
        cx.allow(ACTION, Resource::default())?;
        let is_open = |sheet: &&&Task| !sheet.state.closed();
        for sheet in sheets.iter().filter(is_open) {
            cx.allow(ACTION, Resource::at(&sheet.area))?;
        }
        // Without posts of its own a batch was for those below, and theirs may be open.
        let serves_below = known.is_some() && cx.directory.posts().next().is_none();
        let open = issuing.is_some() || serves_below || sheets.iter().any(|s| !s.state.closed());
        if !open || known.is_some_and(|known| known.cancelled) {
            return Err(over(id, known, &sheets));
        }
        let reason = fields::reason(reason, "cancelling a batch")?;
        Ok(self.cancelled(number, cx.actor, &reason, None))
    }

    /// A cancelled batch of the jurisdiction above, where the fact is one.
    pub(crate) fn cancelled_above<'a>(&self, fact: &Fact<'a>) -> Option<Above<'a>> {
        let picket_schemas::Event::Dispatch(Event::BatchCancelled {
            batch, by, reason, ..
        }) = fact.event
        else {
            return None;
        };
        Some(Above {
            by,
            reason,
            batch: BatchId::from(format!("{}/{batch}", fact.jurisdiction)),
        })
    }

    /// The end of the batch that was issued here from one above: it ends with it, once.
    pub(crate) fn cancel_below(&self, above: &Above<'_>) -> Vec<Event> {
        let below = self
            .batches
            .iter()
            .find(|(_, known)| !known.cancelled && known.parent.as_ref() == Some(&above.batch));
        below.map_or_else(Vec::new, |(number, _)| {
            self.cancelled(*number, above.by, above.reason, Some(above.batch.clone()))
        })
    }

    /// The end of a batch: no more sheets come, it is cancelled, and the first of its open sheets end.
    fn cancelled(
        &self,
        number: u64,
        by: &PersonId,
        reason: &str,
        parent: Option<BatchId>,
    ) -> Vec<Event> {
        let batch = BatchId::from(format!("B-{number}"));
        let issued = self.issuing.get(&number).map(|issuing| Event::BatchIssued {
            batch: batch.clone(),
            count: issuing.issued,
        });
        let open: BTreeMap<_, _> = self
            .tasks
            .iter()
            .filter(|(_, sheet)| sheet.batch == batch && !sheet.state.closed())
            .collect();
        let name = self.batches.get(&number).map(|known| known.name.clone());
        let cancelled = Event::BatchCancelled {
            name: name.unwrap_or_else(|| batch.to_string()),
            batch,
            by: by.clone(),
            reason: reason.to_owned(),
            parent,
            people: people(open.values().copied()),
        };
        let ended = self.ended(open.into_keys().copied(), by, reason);
        issued.into_iter().chain([cancelled]).chain(ended).collect()
    }

    /// The next sheets of a cancelled batch that end.
    pub(crate) fn next_ended(&self, number: u64) -> Step<Event> {
        let Some(cancelling) = self.cancelling.get(&number) else {
            return Step::nothing();
        };
        let Cancelling {
            by, reason, open, ..
        } = cancelling;
        let events = self.ended(open.iter().copied(), by, reason);
        if events.len() < open.len() {
            Step::More(events)
        } else {
            Step::Done(events)
        }
    }

    /// The end of as many of these sheets as one step may hold.
    fn ended(&self, sheets: impl Iterator<Item = u64>, by: &PersonId, reason: &str) -> Vec<Event> {
        let each = BYTES_A_SHEET + reason.len() * BYTES_ESCAPED;
        let most = (BYTES_A_STEP / each).clamp(1, SHEETS_A_STEP);
        sheets
            .filter_map(|sheet| self.tasks.get(&sheet))
            .take(most)
            .map(|sheet| Event::TaskCancelled {
                task: sheet.id.clone(),
                by: by.clone(),
                reason: reason.to_owned(),
            })
            .collect()
    }

    /// The number of a batch that is there and may be seen by the actor, and its sheets.
    fn of_batch(&self, id: &BatchId, cx: &Decision<'_>) -> Result<(u64, Vec<&Task>), Refusal> {
        let unknown = || Refusal::Unknown {
            kind: "batch".into(),
            id: id.to_string(),
        };
        let number = local_number(id.as_str(), "B-", cx).ok_or_else(unknown)?;
        let short = format!("B-{number}");
        let stays = |sheet: &&Task| sheet.leaves().is_none_or(|leaves| leaves > cx.at);
        let sheets: Vec<_> = self
            .tasks
            .values()
            .filter(|sheet| sheet.batch == short.as_str())
            .filter(stays)
            .collect();
        let is_sealed = |until: Option<Timestamp>| until.is_some_and(|until| until > cx.at);
        let hidden = |sheet: &&Task| is_sealed(sheet.sealed_until) && !sheet.concerns(cx.actor);
        let (issuing, known) = (self.issuing.get(&number), self.batches.get(&number));
        // Whom its next sheets concern is not known yet, and one without a sheet concerns nobody.
        let to_be_hidden = issuing.is_some_and(|batch| is_sealed(batch.sealed_until))
            || sheets.is_empty() && known.is_some_and(|known| is_sealed(known.sealed_until));
        let there = issuing.is_some() || known.is_some() || !sheets.is_empty();
        if !there || to_be_hidden || sheets.iter().any(hidden) {
            return Err(unknown());
        }
        Ok((number, sheets))
    }
}

/// Holders of these sheets and those who could still take one, each with how many.
fn people<'a>(sheets: impl Iterator<Item = &'a Task>) -> BTreeMap<PersonId, u32> {
    let mut people = BTreeMap::new();
    for sheet in sheets {
        let free = matches!(sheet.state, TaskState::Issued);
        let willing = sheet.willing().filter(|_| free);
        let handed = sheet.transfers.iter().map(|transfer| &transfer.to);
        let of_sheet: BTreeSet<_> = sheet.holders.iter().chain(willing).chain(handed).collect();
        for person in of_sheet {
            *people.entry(person.clone()).or_default() += 1;
        }
    }
    people
}

/// Why a batch that is over is not cancelled.
fn over(id: &BatchId, known: Option<&KnownBatch>, sheets: &[&Task]) -> Refusal {
    let cancelled = known.is_some_and(|known| known.cancelled)
        || !sheets.is_empty()
            && sheets
                .iter()
                .all(|sheet| sheet.state == TaskState::Cancelled);
    if cancelled {
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
