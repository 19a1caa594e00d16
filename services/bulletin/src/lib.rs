//! The bulletin book: which figures were frozen, who approved them, and what had to be corrected.
//!
//! A clerk or a schedule asks for a freeze; insight reads the figures and settles it; somebody other than
//! the drafter approves. A correction is a new bulletin with the same window, never a change of the old one.
//! It does not know how a figure is counted and keeps none: the journal does, and insight shows them.

mod draft;
mod publish;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use picket_book::{Book, Decision, Fact, Provenance, Step, Upstream};
use picket_schemas::bulletin::{Command, Event, Rounding};
use picket_schemas::{
    BulletinId, Event as Any, OccurrenceId, Overrides, PersonId, Refusal, schedule,
};
use serde::{Deserialize, Serialize};

/// The number of occurrences that are remembered, so that each asks only once.
const OCCURRENCES: usize = 1_000;

/// Everything the bulletin service knows about one jurisdiction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bulletin {
    /// The number given last.
    last: u64,
    bulletins: BTreeMap<BulletinId, BulletinRecord>,
    /// Bulletins whose correction waits for its figures.
    in_correction: BTreeSet<BulletinId>,
    /// Occurrences that asked already, oldest first.
    asked: VecDeque<OccurrenceId>,
    asked_for: BTreeSet<OccurrenceId>,
}

/// The record of a bulletin: its window and its state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct BulletinRecord {
    name: String,
    from: Timestamp,
    as_of: Timestamp,
    rounding: Rounding,
    /// The person who asked for it; nobody when a schedule did.
    by: Option<PersonId>,
    corrects: Option<BulletinId>,
    #[serde(default)]
    overrides: Overrides,
    state: BulletinState,
}

/// ```text
/// Requested ── settle ──▶ Frozen ── approve ──▶ Approved
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BulletinState {
    Requested,
    Frozen,
    Approved,
}

impl BulletinState {
    fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Frozen => "frozen",
            Self::Approved => "approved",
        }
    }
}

impl Bulletin {
    fn next_id(&self) -> BulletinId {
        BulletinId::from(format!("BU-{}", self.last + 1))
    }

    fn known(&self, bulletin: &BulletinId) -> Result<&BulletinRecord, Refusal> {
        self.bulletins
            .get(bulletin)
            .ok_or_else(|| Refusal::Unknown {
                kind: "bulletin".into(),
                id: bulletin.to_string(),
            })
    }
}

impl Book for Bulletin {
    const SERVICE: &'static str = "bulletin";
    const READS: &'static [Upstream] = &[Upstream::Own("schedule")];
    const LISTENS: &'static [&'static str] = &["occurrence.fired", "occurrence.late"];
    type Command = Command;
    type Event = Event;

    fn decide(&self, command: &Command, cx: &Decision<'_>) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Freeze {
                name,
                from,
                as_of,
                rounding,
                overrides,
            } => self.freeze(name, *from, *as_of, *rounding, overrides, cx),
            Command::Settle {
                bulletin,
                positions,
                figures,
                areas,
                code_version,
            } => self.settle(bulletin, positions, figures, areas, code_version, cx),
            Command::Approve { bulletin } => self.approve(bulletin, cx),
            Command::Correct {
                bulletin,
                reason,
                overrides,
            } => self.correct(bulletin, reason, overrides.as_ref(), cx),
        }
    }

    fn evolve(&mut self, event: &Event, _of: Provenance<'_>) {
        match event {
            Event::BulletinRequested {
                bulletin,
                name,
                from,
                as_of,
                rounding,
                occurrence,
                by,
                corrects,
                overrides,
                ..
            } => {
                self.last += 1;
                self.in_correction.extend(corrects.clone());
                if let Some(occurrence) = occurrence {
                    self.remember(occurrence);
                }
                let draft = BulletinRecord {
                    name: name.clone(),
                    from: *from,
                    as_of: *as_of,
                    rounding: *rounding,
                    by: by.clone(),
                    corrects: corrects.clone(),
                    overrides: overrides.clone(),
                    state: BulletinState::Requested,
                };
                self.bulletins.insert(bulletin.clone(), draft);
            }
            Event::BulletinFrozen { bulletin, .. } => {
                if let Some(draft) = self.bulletins.get_mut(bulletin) {
                    draft.state = BulletinState::Frozen;
                    if let Some(corrects) = &draft.corrects {
                        self.in_correction.remove(corrects);
                    }
                }
            }
            Event::BulletinApproved { bulletin, .. } => {
                if let Some(draft) = self.bulletins.get_mut(bulletin) {
                    draft.state = BulletinState::Approved;
                }
            }
        }
    }

    fn react(&self, fact: &Fact<'_>, _step: u32, cx: &Decision<'_>) -> Step<Event> {
        match fact.event {
            Any::Schedule(
                schedule::Event::OccurrenceFired {
                    occurrence,
                    due,
                    does,
                    ..
                }
                | schedule::Event::OccurrenceLate {
                    occurrence,
                    due,
                    does,
                    ..
                },
            ) => Step::Done(self.occurred(occurrence, *due, does, cx)),
            _ => Step::nothing(),
        }
    }

    fn due(&self) -> Option<Timestamp> {
        None
    }

    fn ring(&self, _cx: &Decision<'_>) -> Step<Event> {
        Step::nothing()
    }
}
