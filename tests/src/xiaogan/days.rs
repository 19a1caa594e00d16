//! Days and instants of the year 2023 as people in Xiaogan count them.
//!
//! Working days come from the calendar that Picket ships; the generator invents none.

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, ToSpan};
use picket_calendar::Calendar;

static CHINA: LazyLock<Calendar> = LazyLock::new(Calendar::china);

/// A date of 2023.
pub fn on(month: i8, day: i8) -> Date {
    Date::new(2023, month, day).expect("a day of 2023")
}

/// So many working days later; zero gives the day itself or the next working day.
pub fn work(date: Date, n: i32) -> Date {
    if n == 0 {
        return if is_work(date) { date } else { work(date, 1) };
    }
    CHINA
        .add_working_days(date, n)
        .expect("the table of 2023 is built in")
}

/// So many days of the almanac later.
pub fn later(date: Date, days: i32) -> Date {
    date.checked_add(days.days()).expect("a date near 2023")
}

/// Whether people work on that day.
pub fn is_work(date: Date) -> bool {
    CHINA
        .is_working_day(date)
        .expect("the table of 2023 is built in")
}

/// The same day at an hour and minute.
pub fn at(date: Date, hour: i8, minute: i8) -> DateTime {
    date.at(hour, minute, 0, 0)
}

/// Some minutes later.
pub fn plus(when: DateTime, minutes: i64) -> DateTime {
    when.checked_add(minutes.minutes())
        .expect("an instant near 2023")
}

/// As scripts write it.
pub fn written(when: DateTime) -> String {
    format!("{}+08:00", when.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// The instant of a local time.
pub fn instant(when: DateTime) -> Timestamp {
    CHINA.at(when.date(), when.hour(), when.minute())
}

/// When something started now and allowed so many working days is due.
pub fn due_in_working_days(from: DateTime, days: u32) -> Timestamp {
    CHINA
        .due(instant(from), picket_schemas::Span::working_days(days))
        .at
}
