//! Lanes: the bells of notices that wait, by how pressing they are, and how many are out at once.
//!
//! What a transport has is kept short: only so many are out, the next go as outcomes come back. The less
//! pressing lanes leave room for the more pressing ones, so that nothing waits behind thousands of digests.
//! A lane that has no room has no bell: what waits in it waits for an outcome.
//! It does not know what a notice says.

use std::collections::BTreeSet;

use jiff::Timestamp;
use picket_schemas::NoticeId;
use picket_schemas::courier::Priority;
use serde::{Deserialize, Serialize};

use crate::notice::{NoticeState, PendingNotice};

/// The most that may be out at once.
const ALL: usize = 400;
/// The most of these that may be anything but urgent.
const CALM: usize = 200;
/// The most of these that may be mere news.
const NEWS: usize = 100;

/// The lanes, the most pressing first.
pub(crate) const ORDER: [Priority; 3] = [Priority::Urgent, Priority::Work, Priority::News];

/// The number of notices that are out; a bundle is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Slots {
    urgent: usize,
    work: usize,
    news: usize,
}

impl Slots {
    /// True if one more may go out. Where a lane has room, every more pressing one has.
    pub(crate) fn has_room(self, priority: Priority) -> bool {
        let calm = self.work + self.news;
        let calm_has_room = self.urgent + calm < ALL && calm < CALM;
        match priority {
            Priority::Urgent => self.urgent + calm < ALL,
            Priority::Work => calm_has_room,
            Priority::News => calm_has_room && self.news < NEWS,
        }
    }

    pub(crate) fn take(&mut self, priority: Priority) {
        *self.of(priority) += 1;
    }

    pub(crate) fn free(&mut self, priority: Priority) {
        let slots = self.of(priority);
        *slots = slots.saturating_sub(1);
    }

    fn of(&mut self, priority: Priority) -> &mut usize {
        match priority {
            Priority::Urgent => &mut self.urgent,
            Priority::Work => &mut self.work,
            Priority::News => &mut self.news,
        }
    }
}

type Bells = BTreeSet<(Timestamp, NoticeId)>;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct PriorityLane {
    bells: Bells,
    /// Bells a hold keeps from ringing.
    holdable: Bells,
}

/// Every bell of every notice.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct PriorityLanes {
    urgent: PriorityLane,
    work: PriorityLane,
    news: PriorityLane,
    /// The instants at which those a transport has are given up.
    out: Bells,
    slots: Slots,
}

impl PriorityLanes {
    pub(crate) fn slots(&self) -> Slots {
        self.slots
    }

    pub(super) fn add(&mut self, id: &NoticeId, notice: &PendingNotice) {
        let bell = (notice.bell, id.clone());
        match &notice.state {
            NoticeState::Waiting { .. } => drop(self.bells_for(notice).insert(bell)),
            NoticeState::Handed { .. } => {
                self.slots.take(notice.priority());
                self.out.insert(bell);
            }
            // Its bundle has a bell.
            NoticeState::Riding { .. } => {}
        }
    }

    pub(super) fn remove(&mut self, id: &NoticeId, notice: &PendingNotice) {
        let bell = (notice.bell, id.clone());
        match &notice.state {
            NoticeState::Waiting { .. } => drop(self.bells_for(notice).remove(&bell)),
            NoticeState::Handed { .. } => {
                self.slots.free(notice.priority());
                self.out.remove(&bell);
            }
            NoticeState::Riding { .. } => {}
        }
    }

    /// The earliest bell at which something can be done.
    pub(super) fn due(&self, held: bool) -> Option<Timestamp> {
        let first = |bells: &Bells| bells.first().map(|(at, _)| *at);
        let lanes = ORDER
            .into_iter()
            .filter(|priority| self.slots.has_room(*priority))
            .map(|priority| self.lane(priority));
        lanes
            .flat_map(|lane| [first(&lane.bells), first(&lane.holdable).filter(|_| !held)])
            .chain([first(&self.out)])
            .flatten()
            .min()
    }

    /// Those a transport has whose time is up.
    pub(super) fn given_up_by(&self, at: Timestamp) -> impl Iterator<Item = &NoticeId> {
        early(&self.out, at).map(|(_, id)| id)
    }

    /// Those of a lane that may go, the earliest first.
    pub(super) fn waiting_by(
        &self,
        priority: Priority,
        at: Timestamp,
        held: bool,
    ) -> impl Iterator<Item = &NoticeId> {
        let lane = self.lane(priority);
        let (mut free, mut holdable) = (
            early(&lane.bells, at).peekable(),
            early(&lane.holdable, at).filter(move |_| !held).peekable(),
        );
        std::iter::from_fn(move || match (free.peek(), holdable.peek()) {
            (Some(one), Some(other)) if other < one => holdable.next(),
            (Some(_), _) => free.next(),
            (None, _) => holdable.next(),
        })
        .map(|(_, id)| id)
    }

    fn lane(&self, priority: Priority) -> &PriorityLane {
        match priority {
            Priority::Urgent => &self.urgent,
            Priority::Work => &self.work,
            Priority::News => &self.news,
        }
    }

    fn bells_for(&mut self, notice: &PendingNotice) -> &mut Bells {
        let lane = match notice.priority() {
            Priority::Urgent => &mut self.urgent,
            Priority::Work => &mut self.work,
            Priority::News => &mut self.news,
        };
        if notice.is_automatic() {
            &mut lane.holdable
        } else {
            &mut lane.bells
        }
    }
}

fn early(bells: &Bells, at: Timestamp) -> impl Iterator<Item = &(Timestamp, NoticeId)> {
    bells.iter().take_while(move |(bell, _)| *bell <= at)
}
