//! Plan: what the book remembers of one schedule. What is planned, what waits, what still runs, what ended.
//!
//! Plain data with a few questions it can answer about itself. It knows no calendar.

use std::collections::{BTreeMap, VecDeque};

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use picket_schemas::schedule::{Does, Overlap, Schedule};
use picket_schemas::{OccurrenceId, ScheduleCode};
use serde::{Deserialize, Serialize};

/// Wall times remembered, so that no occurrence gets the id of another and none is filled in twice.
const REMEMBERED: usize = 1_000;
/// Occurrences that may wait for the one before.
const MOST_WAITING: usize = 100;
/// The time after which a run no longer holds up the next: it may never come back.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(24);

/// One schedule and how it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SchedulePlan {
    pub(crate) schedule: Schedule,
    /// The instant it was defined as it is.
    pub(crate) since: Timestamp,
    /// The reason it is paused for.
    pub(crate) paused: Option<String>,
    /// The next occurrence.
    pub(crate) planned: Option<PlannedOccurrence>,
    /// The last one planned since it was defined, ended or not.
    pub(crate) last: Option<PlannedOccurrence>,
    /// The year it cannot go on without.
    pub(crate) waiting: Option<i16>,
    /// Occurrences whose time has come and that wait for the one before.
    pub(crate) buffer: VecDeque<PlannedOccurrence>,
    /// The last one fired that has not come back.
    pub(crate) running: Option<RunningOccurrence>,
    /// The endings of the occurrences of each wall time.
    pub(crate) ended: BTreeMap<DateTime, Endings>,
}

/// A planned occurrence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedOccurrence {
    pub(crate) occurrence: OccurrenceId,
    /// Local wall time.
    pub(crate) nominal: DateTime,
    /// The instant, jitter included.
    pub(crate) at: Timestamp,
}

/// An occurrence that has not come back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RunningOccurrence {
    pub(crate) occurrence: OccurrenceId,
    pub(crate) since: Timestamp,
}

/// The number of occurrences of one wall time that ended, and whether one fired.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Endings {
    pub(crate) times: u32,
    pub(crate) fired: bool,
}

impl SchedulePlan {
    pub(crate) fn new(schedule: Schedule, since: Timestamp) -> Self {
        Self {
            schedule,
            since,
            paused: None,
            planned: None,
            last: None,
            waiting: None,
            buffer: VecDeque::new(),
            running: None,
            ended: BTreeMap::new(),
        }
    }

    /// The instant at which it is next looked at.
    pub(crate) fn bell(&self) -> Option<Timestamp> {
        let freed = (!self.buffer.is_empty()).then(|| {
            self.running
                .as_ref()
                .map_or(self.since, RunningOccurrence::given_up)
        });
        [self.planned.as_ref().map(|planned| planned.at), freed]
            .into_iter()
            .flatten()
            .min()
    }

    /// True if the one before still runs, for a schedule whose runs may not overlap.
    pub(crate) fn busy(&self, now: Timestamp) -> bool {
        self.takes_turns()
            && self
                .running
                .as_ref()
                .is_some_and(|running| running.given_up() > now)
    }

    /// True if one run must have come back before the next begins.
    pub(crate) fn takes_turns(&self) -> bool {
        self.schedule.overlap != Overlap::Allow
            && matches!(self.schedule.does, Does::IssueBatch { .. })
    }

    /// The most that may wait for the one before.
    pub(crate) fn room(&self) -> usize {
        match self.schedule.overlap {
            Overlap::BufferOne => 1,
            Overlap::BufferAll => MOST_WAITING,
            Overlap::Skip | Overlap::Allow => 0,
        }
    }

    /// The number of occurrences that have, or had, a wall time.
    pub(crate) fn times(&self, nominal: DateTime) -> u32 {
        let open = self
            .buffer
            .iter()
            .chain(&self.planned)
            .filter(|open| open.nominal == nominal)
            .count();
        self.ended.get(&nominal).map_or(0, |ended| ended.times)
            + u32::try_from(open).unwrap_or(u32::MAX)
    }

    /// The earliest wall time of which it is still known whether it fired, if some were forgotten.
    pub(crate) fn horizon(&self) -> Option<DateTime> {
        let first = self
            .ended
            .first_key_value()
            .filter(|_| self.ended.len() == REMEMBERED);
        first.map(|(nominal, _)| *nominal)
    }

    /// Records how an occurrence ended.
    pub(crate) fn end(&mut self, occurrence: &OccurrenceId, nominal: DateTime, fired: bool) {
        if self
            .planned
            .as_ref()
            .is_some_and(|planned| planned.occurrence == *occurrence)
        {
            self.planned = None;
        }
        self.buffer
            .retain(|waiting| waiting.occurrence != *occurrence);
        let ended = self.ended.entry(nominal).or_default();
        ended.times += 1;
        ended.fired |= fired;
        if self.ended.len() > REMEMBERED {
            self.ended.pop_first();
        }
    }
}

impl RunningOccurrence {
    /// The instant from which it no longer holds up the next.
    pub(crate) fn given_up(&self) -> Timestamp {
        self.since.checked_add(GIVEN_UP).unwrap_or(Timestamp::MAX)
    }
}

/// Gives ids to occurrences, each once.
pub(crate) struct OccurrenceIds<'a> {
    plan: &'a SchedulePlan,
    given: BTreeMap<DateTime, u32>,
}

impl<'a> OccurrenceIds<'a> {
    pub(crate) fn of(plan: &'a SchedulePlan) -> Self {
        Self {
            plan,
            given: BTreeMap::new(),
        }
    }

    /// The id of the next occurrence of a wall time; a second one of the same minute is marked so.
    pub(crate) fn name(&mut self, nominal: DateTime) -> OccurrenceId {
        let times = self
            .given
            .entry(nominal)
            .or_insert_with(|| self.plan.times(nominal));
        *times += 1;
        let again = if *times == 1 {
            String::new()
        } else {
            format!("~{times}")
        };
        OccurrenceId::from(format!(
            "{}@{}{again}",
            self.plan.schedule.code,
            nominal.strftime("%Y-%m-%dT%H:%M")
        ))
    }
}

/// The schedule an occurrence belongs to.
pub(crate) fn schedule_of(occurrence: &OccurrenceId) -> ScheduleCode {
    ScheduleCode::from(
        occurrence
            .as_str()
            .split_once('@')
            .map_or(occurrence.as_str(), |(code, _)| code),
    )
}
