//! Standstill: when a clock that stood still falls due, once it runs again.
//!
//! The rest is counted in the clock's own unit. It does not know why the clock stood still.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use picket_calendar::{Calendar, Due};
use picket_schemas::{Span, Unit};

use crate::clock::{DeadlineClock, just_before};

/// A clock that stood still from `since` to `at`.
pub(crate) struct Standstill<'a> {
    pub(crate) clock: &'a DeadlineClock,
    pub(crate) since: Timestamp,
    pub(crate) at: Timestamp,
    pub(crate) calendar: &'a Calendar,
}

impl Standstill<'_> {
    /// The due instant after a standstill: what was left is given again from `at`; what it was overdue by stays so.
    pub(crate) fn due_again(&self) -> Due {
        match self.clock.span.unit {
            Unit::WorkingDay => self.working_days_again(),
            unit @ (Unit::NaturalDay | Unit::RolledDay) => self.days_again(unit),
            Unit::WorkingHour => self.working_hours_again(),
            Unit::UrgentHour => self.time_again(),
        }
    }

    fn stopped_on(&self) -> Date {
        self.calendar.date_of(self.since)
    }

    /// The day that ended at the due instant it had.
    fn last_day(&self) -> Date {
        self.calendar.date_of(just_before(self.clock.due))
    }

    fn today(&self) -> Date {
        self.calendar.date_of(self.at)
    }

    fn counted_on(&self, amount: u32, unit: Unit) -> Due {
        self.calendar.due(self.at, Span { amount, unit })
    }

    fn end_of(&self, day: Date) -> Due {
        Due {
            at: self.calendar.end_of_day(day),
            last_day: day,
            provisional: false,
            skipped: Vec::new(),
        }
    }

    /// Later by as long as it stood still.
    fn time_again(&self) -> Due {
        let stood = self.at.duration_since(self.since);
        let due = self.clock.due.checked_add(stood).unwrap_or(Timestamp::MAX);
        Due {
            at: due,
            last_day: self.calendar.date_of(just_before(due)),
            provisional: self.clock.provisional,
            skipped: Vec::new(),
        }
    }

    fn working_days_again(&self) -> Due {
        match self
            .calendar
            .working_days_between(self.stopped_on(), self.last_day())
        {
            Ok(left) if left > 0 => self.counted_on(left.unsigned_abs(), Unit::WorkingDay),
            Ok(0) => self.counted_on(0, Unit::RolledDay),
            Ok(over) => self
                .calendar
                .add_working_days(self.today(), over)
                .map_or_else(|_| self.time_again(), |day| self.end_of(day)),
            Err(_) => Due {
                provisional: true,
                ..self.time_again()
            },
        }
    }

    fn days_again(&self, unit: Unit) -> Due {
        let left = self
            .stopped_on()
            .until(self.last_day())
            .map_or(0, |days| days.get_days());
        match u32::try_from(left) {
            Ok(left) => self.counted_on(left, unit),
            Err(_) => self.end_of(self.today().saturating_add(left.days())),
        }
    }

    fn working_hours_again(&self) -> Due {
        let enough = |hours: &u32| {
            let span = Span {
                amount: *hours,
                unit: Unit::WorkingHour,
            };
            self.calendar.due(self.since, span).at >= self.clock.due
        };
        let left = (0..=self.clock.span.amount)
            .find(enough)
            .filter(|_| self.since < self.clock.due);
        left.map_or_else(
            || self.time_again(),
            |hours| self.counted_on(hours, Unit::WorkingHour),
        )
    }
}
