//! The queue: notices not yet done with, found by bell, by subject, by clock and by person.
//!
//! The indices are kept in step here and nowhere else; every look-up is logarithmic. Notices that clocks and
//! schedules cause have an index of bells of their own, so that a hold silences them without a scan; those that
//! wait for a channel or a person to be back have one as well, so that they go the moment these are.
//! It decides nothing: events tell it what happened.

mod lanes;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use picket_schemas::courier::{Bundled, Next, Priority};
use picket_schemas::{ClockId, NoticeId, PersonId, RecordId};
use serde::{Deserialize, Serialize};

use crate::notice::{Awaits, NoticeState, PendingNotice, at_person, is_bundled};
use lanes::PriorityLanes;
pub(crate) use lanes::{ORDER, Slots};

/// The most times a notice is handed to a transport, where nobody says when to try again.
pub(crate) const ATTEMPTS: u32 = 3;

/// Notices not yet done with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Queue {
    notices: BTreeMap<NoticeId, PendingNotice>,
    lanes: PriorityLanes,
    by_subject: BTreeMap<RecordId, BTreeSet<NoticeId>>,
    by_clock: BTreeMap<ClockId, BTreeSet<NoticeId>>,
    /// Those that may be bundled.
    by_person: BTreeMap<PersonId, BTreeSet<NoticeId>>,
    /// Those that wait for a channel, or for a person on a channel.
    awaiting: BTreeMap<String, BTreeSet<NoticeId>>,
}

impl Queue {
    pub(crate) fn get(&self, id: &NoticeId) -> Option<&PendingNotice> {
        self.notices.get(id)
    }

    /// All about one thing.
    pub(crate) fn about(&self, about: &str) -> impl Iterator<Item = (&NoticeId, &PendingNotice)> {
        self.named(self.by_subject.get(about).into_iter().flatten())
    }

    /// All that say something of one clock.
    pub(crate) fn of_clock(
        &self,
        clock: &str,
    ) -> impl Iterator<Item = (&NoticeId, &PendingNotice)> {
        self.named(self.by_clock.get(clock).into_iter().flatten())
    }

    /// All to one person of the kinds that are bundled.
    pub(crate) fn bundled_for(
        &self,
        person: &PersonId,
    ) -> impl Iterator<Item = (&NoticeId, &PendingNotice)> {
        self.named(self.by_person.get(person).into_iter().flatten())
    }

    /// The number of those that wait for somebody to serve a channel.
    pub(crate) fn awaiting(&self, channel: &str) -> usize {
        self.awaiting.get(channel).map_or(0, BTreeSet::len)
    }

    /// The earliest bell.
    pub(crate) fn due(&self, held: bool) -> Option<Timestamp> {
        self.lanes.due(held)
    }

    /// The notices that are out.
    pub(crate) fn slots(&self) -> Slots {
        self.lanes.slots()
    }

    /// Those a transport has whose time is up.
    pub(crate) fn given_up_by(
        &self,
        at: Timestamp,
    ) -> impl Iterator<Item = (&NoticeId, &PendingNotice)> {
        self.named(self.lanes.given_up_by(at))
    }

    /// Those of a lane whose bell is not later than an instant, whether or not the lane has room.
    pub(crate) fn waiting_by(
        &self,
        priority: Priority,
        at: Timestamp,
        held: bool,
    ) -> impl Iterator<Item = (&NoticeId, &PendingNotice)> {
        self.named(self.lanes.waiting_by(priority, at, held))
    }

    fn named<'a>(
        &'a self,
        ids: impl Iterator<Item = &'a NoticeId>,
    ) -> impl Iterator<Item = (&'a NoticeId, &'a PendingNotice)> {
        ids.filter_map(|id| self.notices.get_key_value(id))
    }

    pub(crate) fn insert(&mut self, id: NoticeId, notice: PendingNotice) {
        self.remove(&id);
        self.by_subject
            .entry(notice.about.clone())
            .or_default()
            .insert(id.clone());
        if let Some(clock) = &notice.clock {
            self.by_clock
                .entry(clock.clone())
                .or_default()
                .insert(id.clone());
        }
        if is_bundled(notice.kind) {
            self.by_person
                .entry(notice.to.clone())
                .or_default()
                .insert(id.clone());
        }
        self.lanes.add(&id, &notice);
        self.notices.insert(id, notice);
    }

    pub(crate) fn remove(&mut self, id: &NoticeId) {
        let Some(notice) = self.notices.remove(id) else {
            return;
        };
        self.lanes.remove(id, &notice);
        if let Some(awaited) = notice.awaited() {
            leave(&mut self.awaiting, awaited.as_str(), id);
        }
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
            notice.state = NoticeState::Handed {
                attempt,
                riders: also.iter().map(|one| one.notice.clone()).collect(),
            };
            notice.bell = until;
            notice.awaits = None;
        });
        for one in also {
            self.change(&one.notice, |notice| {
                notice.state = NoticeState::Riding {
                    attempt: notice.state.attempt() + 1,
                };
                notice.awaits = None;
            });
        }
    }

    /// After a failure it waits for the next attempt, or leaves; and so does all that went with it.
    pub(crate) fn fail(
        &mut self,
        id: &NoticeId,
        attempt: u32,
        next: Option<Next>,
        also: &[NoticeId],
        channel: &str,
        at: Timestamp,
    ) {
        // Before it was said what follows, three attempts followed one another.
        let next = next.unwrap_or_else(|| match self.notices.get(id) {
            Some(notice) if !notice.overtaken && attempt < ATTEMPTS => Next::Again(
                at.checked_add(pause_after(attempt))
                    .unwrap_or(Timestamp::MAX),
            ),
            _ => Next::Never,
        });
        let (bell, awaits) = match next {
            Next::Never => return self.finish(id, also),
            Next::Again(bell) => (bell, None),
            Next::Served(bell) => (bell, Some(Awaits::Served(channel.to_owned()))),
            Next::Reachable(bell) => (bell, Some(Awaits::Reachable(channel.to_owned()))),
        };
        for id in std::iter::once(id).chain(also) {
            self.change(id, |notice| {
                notice.state = NoticeState::Waiting {
                    attempts: notice.state.attempt(),
                };
                notice.bell = bell;
                notice.spared += u32::from(awaits.is_some());
                notice.awaits.clone_from(&awaits);
            });
        }
    }

    /// A channel is served: what waited for that goes now.
    pub(crate) fn served(&mut self, channel: &str, at: Timestamp) {
        self.let_go(channel, at);
    }

    /// Somebody can be written to again: what waited for that goes now.
    pub(crate) fn reachable(&mut self, person: &PersonId, channel: &str, at: Timestamp) {
        self.let_go(&at_person(channel, person), at);
    }

    fn let_go(&mut self, awaited: &str, at: Timestamp) {
        for id in self.awaiting.get(awaited).cloned().unwrap_or_default() {
            self.change(&id, |notice| {
                notice.awaits = None;
                notice.bell = notice.bell.min(at);
            });
        }
    }

    fn change(&mut self, id: &NoticeId, change: impl FnOnce(&mut PendingNotice)) {
        let Some(mut notice) = self.notices.remove(id) else {
            return;
        };
        self.lanes.remove(id, &notice);
        let before = notice.awaited();
        change(&mut notice);
        let after = notice.awaited();
        if before != after {
            if let Some(awaited) = before {
                leave(&mut self.awaiting, awaited.as_str(), id);
            }
            if let Some(awaited) = after {
                self.awaiting.entry(awaited).or_default().insert(id.clone());
            }
        }
        self.lanes.add(id, &notice);
        self.notices.insert(id.clone(), notice);
    }
}

/// The backoff after a failed attempt where nobody says when to try again.
pub(crate) fn pause_after(attempt: u32) -> SignedDuration {
    SignedDuration::from_mins(if attempt == 1 { 1 } else { 10 })
}

fn leave<K: Ord + std::borrow::Borrow<Q>, Q: Ord + ?Sized>(
    index: &mut BTreeMap<K, BTreeSet<NoticeId>>,
    key: &Q,
    id: &NoticeId,
) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}
