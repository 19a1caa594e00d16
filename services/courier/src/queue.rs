//! The queue: notices not yet done with, found by bell, by subject, by clock and by person.
//!
//! The indices are kept in step here and nowhere else; every look-up is logarithmic.
//! What clocks and schedules say has an index of bells of its own, so that a hold silences it without a scan.
//! It decides nothing: events tell it what happened.

mod lanes;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use picket_schemas::courier::{Bundled, Next, NoticeKind, Priority};
use picket_schemas::{NoticeId, PersonId};
use serde::{Deserialize, Serialize};

use lanes::Lanes;
pub(crate) use lanes::{ORDER, Slots};

/// How often a notice is handed to a transport at most, where nobody says when to try again.
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
///            ┌──────── failed, to be tried again ────┐
///            ▼                                       │
/// queued ▶ Waiting ── handed ──▶ Handed ── sent, failed for good, unknown ──▶ (leaves)
///            │  └──── with one ─▶ Riding ── as the one it goes with ──▶
///            └── suppressed ──▶ (leaves)
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Until its bell, after so many attempts.
    Waiting { attempts: u32 },
    /// A transport has it, with those that go with it, and has not answered.
    Handed { attempt: u32, riders: Vec<NoticeId> },
    /// It goes with another one.
    Riding { attempt: u32 },
}

impl State {
    /// Which attempt is under way, or was the last.
    pub(crate) fn attempt(&self) -> u32 {
        match self {
            Self::Waiting { attempts } => *attempts,
            Self::Handed { attempt, .. } | Self::Riding { attempt } => *attempt,
        }
    }
}

impl Notice {
    /// How pressing it is.
    pub(crate) fn priority(&self) -> Priority {
        priority(self.kind, self.urgent)
    }

    pub(crate) fn waits(&self) -> bool {
        matches!(self.state, State::Waiting { .. })
    }

    /// Whether no person but a clock or a schedule caused it. A signed step is a person's.
    fn is_automatic(&self) -> bool {
        match self.kind {
            NoticeKind::Reminder | NoticeKind::Proposal | NoticeKind::Digest => true,
            NoticeKind::Ladder => !self.with.contains_key("signed"),
            _ => false,
        }
    }
}

/// How pressing a notice of a kind is.
pub(crate) fn priority(kind: NoticeKind, urgent: bool) -> Priority {
    match kind {
        _ if urgent => Priority::Urgent,
        NoticeKind::Ladder => Priority::Urgent,
        NoticeKind::Digest | NoticeKind::Bulletin | NoticeKind::FindingRouted | NoticeKind::FindingCleared => Priority::News,
        _ => Priority::Work,
    }
}

/// Whether several of a kind to one person become one.
pub(crate) fn is_bundled(kind: NoticeKind) -> bool {
    matches!(kind, NoticeKind::Offer | NoticeKind::Digest)
}

/// Notices not yet done with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Queue {
    notices: BTreeMap<NoticeId, Notice>,
    lanes: Lanes,
    by_subject: BTreeMap<String, BTreeSet<NoticeId>>,
    by_clock: BTreeMap<String, BTreeSet<NoticeId>>,
    /// Those that may be bundled.
    by_person: BTreeMap<PersonId, BTreeSet<NoticeId>>,
}

impl Queue {
    pub(crate) fn get(&self, id: &NoticeId) -> Option<&Notice> {
        self.notices.get(id)
    }

    /// All about one thing.
    pub(crate) fn about(&self, about: &str) -> impl Iterator<Item = (&NoticeId, &Notice)> {
        self.named(self.by_subject.get(about).into_iter().flatten())
    }

    /// All that say something of one clock.
    pub(crate) fn of_clock(&self, clock: &str) -> impl Iterator<Item = (&NoticeId, &Notice)> {
        self.named(self.by_clock.get(clock).into_iter().flatten())
    }

    /// All to one person of the kinds that are bundled.
    pub(crate) fn bundled_for(&self, person: &PersonId) -> impl Iterator<Item = (&NoticeId, &Notice)> {
        self.named(self.by_person.get(person).into_iter().flatten())
    }

    /// The earliest bell.
    pub(crate) fn due(&self, held: bool) -> Option<Timestamp> {
        self.lanes.due(held)
    }

    /// How many are out.
    pub(crate) fn slots(&self) -> Slots {
        self.lanes.slots()
    }

    /// Those a transport has whose time is up.
    pub(crate) fn given_up_by(&self, at: Timestamp) -> impl Iterator<Item = (&NoticeId, &Notice)> {
        self.named(self.lanes.given_up_by(at))
    }

    /// Those of a lane whose bell is not later than an instant, whether or not the lane has room.
    pub(crate) fn waiting_by(&self, priority: Priority, at: Timestamp, held: bool) -> impl Iterator<Item = (&NoticeId, &Notice)> {
        self.named(self.lanes.waiting_by(priority, at, held))
    }

    fn named<'a>(&'a self, ids: impl Iterator<Item = &'a NoticeId>) -> impl Iterator<Item = (&'a NoticeId, &'a Notice)> {
        ids.filter_map(|id| self.notices.get_key_value(id))
    }

    pub(crate) fn insert(&mut self, id: NoticeId, notice: Notice) {
        self.remove(&id);
        self.by_subject.entry(notice.about.clone()).or_default().insert(id.clone());
        if let Some(clock) = &notice.clock {
            self.by_clock.entry(clock.clone()).or_default().insert(id.clone());
        }
        if is_bundled(notice.kind) {
            self.by_person.entry(notice.to.clone()).or_default().insert(id.clone());
        }
        self.lanes.add(&id, &notice);
        self.notices.insert(id, notice);
    }

    pub(crate) fn remove(&mut self, id: &NoticeId) {
        let Some(notice) = self.notices.remove(id) else { return };
        self.lanes.remove(id, &notice);
        leave(&mut self.by_subject, notice.about.as_str(), id);
        if let Some(clock) = &notice.clock {
            leave(&mut self.by_clock, clock.as_str(), id);
        }
        leave(&mut self.by_person, &notice.to, id);
    }

    /// It is done with, and so is all that went with it.
    pub(crate) fn finish(&mut self, id: &NoticeId, also: &[NoticeId]) {
        for id in std::iter::once(id).chain(also) {
            self.remove(id);
        }
    }

    pub(crate) fn defer(&mut self, id: &NoticeId, after: Timestamp) {
        self.change(id, |notice| notice.bell = after);
    }

    pub(crate) fn overtake(&mut self, id: &NoticeId) {
        self.change(id, |notice| notice.overtaken = true);
    }

    pub(crate) fn hand(&mut self, id: &NoticeId, attempt: u32, until: Timestamp, also: &[Bundled]) {
        self.change(id, |notice| {
            notice.state = State::Handed { attempt, riders: also.iter().map(|one| one.notice.clone()).collect() };
            notice.bell = until;
        });
        for one in also {
            self.change(&one.notice, |notice| notice.state = State::Riding { attempt: notice.state.attempt() + 1 });
        }
    }

    /// After a failure it waits for the next attempt, or leaves; and so does all that went with it.
    pub(crate) fn fail(&mut self, id: &NoticeId, attempt: u32, next: Option<Next>, also: &[NoticeId], at: Timestamp) {
        // Before it was said what follows, three attempts followed one another.
        let next = next.unwrap_or_else(|| match self.notices.get(id) {
            Some(notice) if !notice.overtaken && attempt < ATTEMPTS => Next::Again(at.checked_add(pause_after(attempt)).unwrap_or(Timestamp::MAX)),
            _ => Next::Never,
        });
        match next {
            Next::Never => self.finish(id, also),
            Next::Again(bell) => {
                for id in std::iter::once(id).chain(also) {
                    self.change(id, |notice| {
                        notice.state = State::Waiting { attempts: notice.state.attempt() };
                        notice.bell = bell;
                    });
                }
            }
        }
    }

    fn change(&mut self, id: &NoticeId, change: impl FnOnce(&mut Notice)) {
        let Some(mut notice) = self.notices.remove(id) else { return };
        self.lanes.remove(id, &notice);
        change(&mut notice);
        self.lanes.add(id, &notice);
        self.notices.insert(id.clone(), notice);
    }
}

/// How long to wait after a failed attempt where nobody says.
pub(crate) fn pause_after(attempt: u32) -> SignedDuration {
    SignedDuration::from_mins(if attempt == 1 { 1 } else { 10 })
}

fn leave<K: Ord + std::borrow::Borrow<Q>, Q: Ord + ?Sized>(index: &mut BTreeMap<K, BTreeSet<NoticeId>>, key: &Q, id: &NoticeId) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}
