//! The queue: notices not yet done with, found by bell, by subject and by clock.
//!
//! The indices are kept in step here and nowhere else; every look-up is logarithmic.
//! What clocks and schedules say has an index of bells of its own, so that a hold silences it without a scan.
//! It decides nothing: events tell it what happened.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use picket_schemas::courier::NoticeKind;
use picket_schemas::{NoticeId, PersonId};
use serde::{Deserialize, Serialize};

/// How often a notice is handed to a transport at most.
pub(crate) const ATTEMPTS: u32 = 3;

/// A notice that is not done with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Notice {
    pub(crate) to: PersonId,
    pub(crate) kind: NoticeKind,
    pub(crate) about: String,
    pub(crate) clock: Option<String>,
    pub(crate) urgent: bool,
    pub(crate) with: BTreeMap<String, String>,
    pub(crate) cause: String,
    /// When something is to be done with it: sent, or given up.
    pub(crate) bell: Timestamp,
    pub(crate) state: State,
    /// Its reason ended while a transport had it.
    pub(crate) overtaken: bool,
}

/// ```text
///            ┌──────── failed, attempts left ────────┐
///            ▼                                       │
/// queued ▶ Waiting ── handed ──▶ Handed ── sent, failed for good, unknown ──▶ (leaves)
///            └── suppressed ──▶ (leaves)
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Until its bell, after so many attempts.
    Waiting { attempts: u32 },
    /// A transport has it and has not answered.
    Handed { attempt: u32 },
}

impl Notice {
    /// Whether no person but a clock or a schedule caused it. A signed step is a person's.
    fn is_automatic(&self) -> bool {
        match self.kind {
            NoticeKind::Reminder | NoticeKind::Proposal | NoticeKind::Digest => true,
            NoticeKind::Ladder => !self.with.contains_key("signed"),
            _ => false,
        }
    }

    /// Whether a hold keeps its bell from ringing; what a transport already has is waited for all the same.
    fn may_be_held(&self) -> bool {
        self.is_automatic() && matches!(self.state, State::Waiting { .. })
    }
}

/// Notices not yet done with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Queue {
    notices: BTreeMap<NoticeId, Notice>,
    bells: BTreeSet<(Timestamp, NoticeId)>,
    /// Bells a hold keeps from ringing.
    holdable: BTreeSet<(Timestamp, NoticeId)>,
    by_subject: BTreeMap<String, BTreeSet<NoticeId>>,
    by_clock: BTreeMap<String, BTreeSet<NoticeId>>,
}

impl Queue {
    pub(crate) fn get(&self, id: &NoticeId) -> Option<&Notice> {
        self.notices.get(id)
    }

    /// All about one thing.
    pub(crate) fn about(&self, about: &str) -> impl Iterator<Item = (&NoticeId, &Notice)> {
        self.named(self.by_subject.get(about))
    }

    /// All that say something of one clock.
    pub(crate) fn of_clock(&self, clock: &str) -> impl Iterator<Item = (&NoticeId, &Notice)> {
        self.named(self.by_clock.get(clock))
    }

    fn named(&self, ids: Option<&BTreeSet<NoticeId>>) -> impl Iterator<Item = (&NoticeId, &Notice)> {
        ids.into_iter().flatten().filter_map(|id| self.notices.get_key_value(id))
    }

    /// The earliest bell.
    pub(crate) fn due(&self, held: bool) -> Option<Timestamp> {
        let first = |bells: &BTreeSet<(Timestamp, NoticeId)>| bells.first().map(|(at, _)| *at);
        match first(&self.holdable).filter(|_| !held) {
            None => first(&self.bells),
            Some(automatic) => Some(first(&self.bells).map_or(automatic, |other| other.min(automatic))),
        }
    }

    /// All whose bell is not later than an instant.
    pub(crate) fn due_by(&self, at: Timestamp, held: bool) -> impl Iterator<Item = (&NoticeId, &Notice)> {
        let holdable = (!held).then_some(&self.holdable);
        let early = move |bells: &BTreeSet<(Timestamp, NoticeId)>| bells.first().is_some_and(|(bell, _)| *bell <= at);
        let holdable = holdable.filter(|bells| early(bells)).into_iter().flatten().take_while(move |(bell, _)| *bell <= at);
        self.bells.iter().take_while(move |(bell, _)| *bell <= at).chain(holdable).filter_map(|(_, id)| self.notices.get_key_value(id))
    }

    pub(crate) fn insert(&mut self, id: NoticeId, notice: Notice) {
        self.remove(&id);
        self.by_subject.entry(notice.about.clone()).or_default().insert(id.clone());
        if let Some(clock) = &notice.clock {
            self.by_clock.entry(clock.clone()).or_default().insert(id.clone());
        }
        self.bells_for(&notice).insert((notice.bell, id.clone()));
        self.notices.insert(id, notice);
    }

    pub(crate) fn remove(&mut self, id: &NoticeId) {
        let Some(notice) = self.notices.remove(id) else { return };
        self.bells_for(&notice).remove(&(notice.bell, id.clone()));
        leave(&mut self.by_subject, &notice.about, id);
        if let Some(clock) = &notice.clock {
            leave(&mut self.by_clock, clock, id);
        }
    }

    pub(crate) fn defer(&mut self, id: &NoticeId, after: Timestamp) {
        self.change(id, |notice| notice.bell = after);
    }

    pub(crate) fn overtake(&mut self, id: &NoticeId) {
        self.change(id, |notice| notice.overtaken = true);
    }

    pub(crate) fn hand(&mut self, id: &NoticeId, attempt: u32, until: Timestamp) {
        self.change(id, |notice| {
            notice.state = State::Handed { attempt };
            notice.bell = until;
        });
    }

    /// After a failure it waits for the next attempt, or leaves.
    pub(crate) fn fail(&mut self, id: &NoticeId, attempt: u32, at: Timestamp) {
        if attempt >= ATTEMPTS || self.notices.get(id).is_some_and(|notice| notice.overtaken) {
            return self.remove(id);
        }
        self.change(id, |notice| {
            notice.state = State::Waiting { attempts: attempt };
            notice.bell = at.checked_add(pause_after(attempt)).unwrap_or(Timestamp::MAX);
        });
    }

    fn change(&mut self, id: &NoticeId, change: impl FnOnce(&mut Notice)) {
        let Some(mut notice) = self.notices.remove(id) else { return };
        self.bells_for(&notice).remove(&(notice.bell, id.clone()));
        change(&mut notice);
        self.bells_for(&notice).insert((notice.bell, id.clone()));
        self.notices.insert(id.clone(), notice);
    }

    fn bells_for(&mut self, notice: &Notice) -> &mut BTreeSet<(Timestamp, NoticeId)> {
        if notice.may_be_held() { &mut self.holdable } else { &mut self.bells }
    }
}

fn pause_after(attempt: u32) -> SignedDuration {
    SignedDuration::from_mins(if attempt == 1 { 1 } else { 10 })
}

fn leave(index: &mut BTreeMap<String, BTreeSet<NoticeId>>, key: &str, id: &NoticeId) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}
