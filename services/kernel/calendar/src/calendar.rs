//! The working calendar of one place: its zone, its days and its office hours.
//!
//! Books receive one with every decision and ask it whether a day is worked and
//! when a morning comes. An unknown year is an answer of its own; the weekend is
//! never silently taken for the calendar.
//!
//! It does not know clocks of cases, schedules, or where its tables came from.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::hours::OfficeHours;
use crate::local;
use crate::table::{self, UnknownYear, YearTable};

/// The longest count of days. Longer ones are cut off, so that every walk ends.
pub(crate) const MOST_DAYS: u32 = 3650;

/// Working days and office hours of one place. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    inner: Arc<CalendarData>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct CalendarData {
    zone: TimeZone,
    hours: OfficeHours,
    years: BTreeMap<i16, Arc<YearTable>>,
}

impl Calendar {
    /// Returns the calendar of China with the tables of 2021–2026.
    ///
    /// It reads the built-in tables each time; make one and clone it.
    pub fn china() -> Calendar {
        let zone = TimeZone::get("Asia/Shanghai").expect("the zone database is compiled in");
        let years = table::china()
            .into_iter()
            .map(|table| (table.year, Arc::new(table)));
        Calendar {
            inner: Arc::new(CalendarData {
                zone,
                hours: OfficeHours::default(),
                years: years.collect(),
            }),
        }
    }

    /// Returns a calendar that knows no year.
    pub fn new(zone: TimeZone) -> Calendar {
        Calendar {
            inner: Arc::new(CalendarData {
                zone,
                hours: OfficeHours::default(),
                years: BTreeMap::new(),
            }),
        }
    }

    /// Returns this calendar in another zone.
    pub fn with_zone(&self, zone: TimeZone) -> Calendar {
        self.changed(|inner| inner.zone = zone)
    }

    /// Returns this calendar with one more table, or with that year's table replaced.
    pub fn with_year(&self, table: YearTable) -> Calendar {
        self.changed(|inner| {
            inner.years.insert(table.year, Arc::new(table));
        })
    }

    /// Returns this calendar with other office hours.
    pub fn with_hours(&self, hours: OfficeHours) -> Calendar {
        self.changed(|inner| inner.hours = hours)
    }

    fn changed(&self, change: impl FnOnce(&mut CalendarData)) -> Calendar {
        let mut next = self.clone();
        change(Arc::make_mut(&mut next.inner));
        next
    }

    /// Returns the zone in which days begin and end.
    pub fn zone(&self) -> &TimeZone {
        &self.inner.zone
    }

    /// Returns the office hours of a working day.
    pub fn hours(&self) -> &OfficeHours {
        &self.inner.hours
    }

    /// Returns whether there is a table for the year.
    pub fn knows(&self, year: i16) -> bool {
        self.inner.years.contains_key(&year)
    }

    /// Returns the names of the tables, shortened: `cn-2021..2026`, or `none`.
    pub fn version(&self) -> String {
        let mut runs: Vec<YearRun<'_>> = Vec::new();
        for table in self.inner.years.values() {
            match runs.last_mut() {
                Some(run) if run.goes_on_with(table) => run.last = table.year,
                _ => runs.push(YearRun::of(table)),
            }
        }
        if runs.is_empty() {
            return "none".to_owned();
        }
        runs.iter().map(YearRun::name).collect::<Vec<_>>().join("+")
    }

    /// Returns whether people work on that day.
    ///
    /// The notice of the following year may rename days of December, so its table is asked first.
    pub fn is_working_day(&self, date: Date) -> Result<bool, UnknownYear> {
        let year = date.year();
        let own = self.inner.years.get(&year).ok_or(UnknownYear { year })?;
        let next = match date.month() {
            12 => year
                .checked_add(1)
                .and_then(|next| self.inner.years.get(&next)),
            _ => None,
        };
        Ok(next
            .and_then(|table| table.says(date))
            .or_else(|| own.says(date))
            .unwrap_or_else(|| !is_weekend(date)))
    }

    /// Returns the local date of an instant.
    pub fn date_of(&self, at: Timestamp) -> Date {
        self.zone().to_datetime(at).date()
    }

    /// Returns the instant of a local wall time.
    ///
    /// A time that a clock change passes over becomes the first instant after it; of a time that
    /// comes twice it is the first. Hours above 23 run into the days after.
    pub fn at(&self, date: Date, hour: i8, minute: i8) -> Timestamp {
        self.at_minute(date, i64::from(hour) * 60 + i64::from(minute))
    }

    pub(crate) fn at_minute(&self, date: Date, minute_of_day: i64) -> Timestamp {
        let local = date
            .to_datetime(Time::midnight())
            .saturating_add(SignedDuration::from_mins(minute_of_day));
        local::instant_of(self.zone(), local)
    }

    /// Returns 24:00 of that day.
    pub fn end_of_day(&self, date: Date) -> Timestamp {
        self.at(date, 24, 0)
    }

    /// Returns the `n`th working day after `from`, or before it when `n` is negative.
    ///
    /// `from` itself is never counted, worked or not; zero returns it. Counts beyond 3650 are cut
    /// off.
    pub fn add_working_days(&self, from: Date, n: i32) -> Result<Date, UnknownYear> {
        let mut date = from;
        let mut left = n.unsigned_abs().min(MOST_DAYS);
        while left > 0 {
            date = if n > 0 {
                day_after(date)?
            } else {
                day_before(date)?
            };
            if self.is_working_day(date)? {
                left -= 1;
            }
        }
        Ok(date)
    }

    /// Returns how many working days lie after `from`, up to and with `to`.
    ///
    /// It undoes `add_working_days`: when `to` is a working day, adding the result to `from` leads
    /// there. So the result is negative when `to` comes first, and `to` is the day counted then.
    pub fn working_days_between(&self, from: Date, to: Date) -> Result<i32, UnknownYear> {
        let (mut date, mut days) = (from, 0);
        while date < to {
            date = day_after(date)?;
            days += i32::from(self.is_working_day(date)?);
        }
        while date > to {
            date = day_before(date)?;
            days -= i32::from(self.is_working_day(date)?);
        }
        Ok(days)
    }

    /// Returns the next opening of a working day, at or after the instant.
    pub fn next_morning(&self, at: Timestamp) -> Result<Timestamp, UnknownYear> {
        let mut date = self.date_of(at);
        loop {
            let morning = self.morning_of(date);
            if self.is_working_day(date)? && morning >= at {
                return Ok(morning);
            }
            date = day_after(date)?;
        }
    }

    /// Returns the opening of the working day that lies so many working days after `from`, or
    /// before it when negative.
    ///
    /// At exactly 00:00 the day counted from is the one that just ended, so that a deadline's
    /// own instant counts from the deadline's last day. Zero means that day itself, or the next
    /// working day if it is off; such a morning may lie before `from`.
    pub fn morning_after(
        &self,
        from: Timestamp,
        working_days: i32,
    ) -> Result<Timestamp, UnknownYear> {
        let mut date = self.add_working_days(self.day_ended_by(from), working_days)?;
        while !self.is_working_day(date)? {
            date = day_after(date)?;
        }
        Ok(self.morning_of(date))
    }

    /// Returns the local date, but at exactly 00:00 the day that just ended.
    pub(crate) fn day_ended_by(&self, at: Timestamp) -> Date {
        let date = self.date_of(at);
        match date.yesterday() {
            Ok(before) if self.end_of_day(before) == at => before,
            _ => date,
        }
    }

    fn morning_of(&self, date: Date) -> Timestamp {
        self.at_minute(date, i64::from(self.hours().opening()))
    }
}

/// Returns whether the day is a Saturday or a Sunday.
pub(crate) fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The end of the almanac counts as an unknown year.
fn day_after(date: Date) -> Result<Date, UnknownYear> {
    let year = date.year().saturating_add(1);
    date.tomorrow().map_err(|_| UnknownYear { year })
}

fn day_before(date: Date) -> Result<Date, UnknownYear> {
    let year = date.year().saturating_sub(1);
    date.yesterday().map_err(|_| UnknownYear { year })
}

/// Tables of consecutive years whose versions differ by the year only.
struct YearRun<'a> {
    /// The version without its year, or the whole version if it does not end in one.
    stem: &'a str,
    numbered: bool,
    first: i16,
    last: i16,
}

impl<'a> YearRun<'a> {
    fn of(table: &'a YearTable) -> YearRun<'a> {
        let stem = table.version.strip_suffix(&format!("-{}", table.year));
        YearRun {
            stem: stem.unwrap_or(&table.version),
            numbered: stem.is_some(),
            first: table.year,
            last: table.year,
        }
    }

    fn goes_on_with(&self, table: &YearTable) -> bool {
        let next = YearRun::of(table);
        self.numbered
            && next.numbered
            && self.stem == next.stem
            && self.last.checked_add(1) == Some(next.first)
    }

    fn name(&self) -> String {
        let YearRun {
            stem, first, last, ..
        } = self;
        match self.numbered {
            false => (*stem).to_owned(),
            true if first == last => format!("{stem}-{first}"),
            true => format!("{stem}-{first}..{last}"),
        }
    }
}
