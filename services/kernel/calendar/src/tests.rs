//! Tests of the crate, by topic, and the short forms they share.
//!
//! Dates are written as text, so that a table of cases reads like the rule it
//! was taken from. Nothing here reads a clock.

mod calendar;
mod clocks;
mod expressions;
mod occurrences;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::{Calendar, Due, Recurrence};

fn day(text: &str) -> Date {
    text.parse().expect("a test names a real day")
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a test names a real zone")
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("a test names a real instant")
}

/// The instant of a wall time in the calendar's zone; the first if it comes twice.
fn at(calendar: &Calendar, text: &str) -> Timestamp {
    let local: DateTime = text.parse().expect("a test names a real time");
    calendar.at(local.date(), local.hour(), local.minute())
}

fn clock(calendar: &Calendar, from: &str, span: &str) -> Due {
    calendar.due(
        at(calendar, from),
        span.parse().expect("a test names a real span"),
    )
}

fn cron(expression: &str) -> Recurrence {
    Recurrence::parse(expression).unwrap_or_else(|bad| panic!("{bad}. {}", bad.hint()))
}

fn new_york() -> Calendar {
    Calendar::new(zone("America/New_York"))
}
