//! The end of a clock, counted in its unit.
//!
//! Books call `Calendar::due` when a clock starts and keep the answer as a fact.
//! Day clocks do not count the day they start on and end at 24:00 of their last
//! day; working hours run inside office hours, urgent hours always.
//!
//! It does not know why a clock runs, nor what is paused, moved or extended.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, MOST_DAYS, is_weekend};
use picket_schemas::span::{Span, Unit};

/// The number of days passed over that are listed. A clock names the holidays that delayed it; longer
/// lists are of no use to a reader.
const MOST_SKIPPED: usize = 40;

/// The end of a clock. It is overdue once now ≥ `at`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The instant at which it is over.
    pub at: Timestamp,
    /// The last day on which it can be met.
    pub last_day: Date,
    /// True if a year without a table was reached. Then `at` is a guess by the weekend, to be
    /// shown as such and never rung.
    pub provisional: bool,
    /// The days off that were passed over, the first 40 of them.
    pub skipped: Vec<Date>,
}

impl Calendar {
    /// Returns when a clock of this length, started at `from`, ends.
    ///
    /// It never fails: an unknown year makes the answer provisional, and a length beyond 3650 days
    /// (working hours: 3650 working days) is cut off there.
    pub fn due(&self, from: Timestamp, span: Span) -> Due {
        let mut walk = DayWalk::from(self, self.date_of(from));
        let days = span.amount.min(MOST_DAYS);
        match span.unit {
            Unit::WorkingDay => {
                for _ in 0..days {
                    walk.step();
                    walk.roll();
                }
                walk.end_of_day()
            }
            Unit::NaturalDay => {
                walk.day = walk.day.saturating_add(i64::from(days).days());
                walk.end_of_day()
            }
            Unit::RolledDay => {
                walk.day = walk.day.saturating_add(i64::from(days).days());
                walk.roll();
                walk.end_of_day()
            }
            Unit::WorkingHour => working_hours(walk, from, span.amount),
            Unit::UrgentHour => {
                let hours = span.amount.min(MOST_DAYS * 24);
                let at = later(from, SignedDuration::from_hours(i64::from(hours)));
                walk.day = if hours == 0 {
                    walk.day
                } else {
                    self.day_ended_by(at)
                };
                walk.end_at(at)
            }
        }
    }
}

fn working_hours(mut walk: DayWalk<'_>, from: Timestamp, hours: u32) -> Due {
    let calendar = walk.calendar;
    let most = MOST_DAYS * u32::from(calendar.hours().minutes_a_day());
    let minutes = hours.saturating_mul(60).min(most);
    let mut left = SignedDuration::from_mins(i64::from(minutes));
    loop {
        walk.roll();
        for (open, close) in calendar.hours().spells() {
            let open = calendar.at_minute(walk.day, i64::from(open)).max(from);
            let close = calendar.at_minute(walk.day, i64::from(close));
            if open >= close {
                continue;
            }
            let room = close.duration_since(open);
            if left <= room {
                return walk.end_at(later(open, left));
            }
            left -= room;
        }
        if walk.day == Date::MAX {
            return walk.end_of_day();
        }
        walk.step();
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// A walk over the days, which remembers what it met on the way.
struct DayWalk<'a> {
    calendar: &'a Calendar,
    day: Date,
    provisional: bool,
    skipped: Vec<Date>,
}

impl<'a> DayWalk<'a> {
    fn from(calendar: &'a Calendar, day: Date) -> DayWalk<'a> {
        DayWalk {
            calendar,
            day,
            provisional: false,
            skipped: Vec::new(),
        }
    }

    fn step(&mut self) {
        self.day = self.day.saturating_add(1.day());
    }

    /// Goes on to the first working day that is not before the present one.
    fn roll(&mut self) {
        while !self.is_working_day() && self.day < Date::MAX {
            if self.skipped.len() < MOST_SKIPPED {
                self.skipped.push(self.day);
            }
            self.step();
        }
    }

    fn is_working_day(&mut self) -> bool {
        self.calendar.is_working_day(self.day).unwrap_or_else(|_| {
            self.provisional = true;
            !is_weekend(self.day)
        })
    }

    fn end_of_day(self) -> Due {
        let at = self.calendar.end_of_day(self.day);
        self.end_at(at)
    }

    fn end_at(self, at: Timestamp) -> Due {
        Due {
            at,
            last_day: self.day,
            provisional: self.provisional,
            skipped: self.skipped,
        }
    }
}
