//! The search for the next occurrence.
//!
//! `Recurrence::next` walks the matching wall times in order and maps each to
//! instants. Both the first and the second instants of wall times grow with the
//! wall time, so the walk may stop at the first hit and still be in order across
//! a repeated hour.
//!
//! It does not know how an expression is written.

use chrono::DateTime as ChronoDateTime;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::calendar::Calendar;
use crate::local;
use crate::occurrence::expression::{Recurrence, YEARS_AHEAD};
use crate::occurrence::rule::{Nominal, RecurrenceRule};

/// No clock was ever set back by more than a day.
const LONGEST_FOLD: SignedDuration = SignedDuration::from_hours(25);

/// The answer to "when next?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextOccurrence {
    /// Then.
    At(Nominal),
    /// Not within five years, or past the year 2100.
    Never,
    /// The search came to a year without a table, and the rule asks for working days. Publish
    /// the table and ask again.
    NeedsYear(i16),
}

impl Recurrence {
    /// Returns the first occurrence strictly after an instant.
    ///
    /// Asked again with the instant it returned, it never repeats one and never goes back.
    pub fn next(
        &self,
        after: Timestamp,
        rule: &RecurrenceRule,
        calendar: &Calendar,
    ) -> NextOccurrence {
        let zone = calendar.zone();
        let horizon = calendar.date_of(after).saturating_add(YEARS_AHEAD.years());
        let mut cursor = earliest_reading(zone, after).saturating_sub(1.second());
        // The second coming of a time whose first has passed; a later time may still come before.
        let mut again: Option<Nominal> = None;
        while let Some(local) = self.wall_time_after(cursor) {
            if local.date() > horizon {
                break;
            }
            cursor = local;
            let Some((first, second)) = rule.instants(zone, local) else {
                continue;
            };
            let last = second.unwrap_or(first);
            if last <= after {
                continue;
            }
            match rule.takes(local.date(), calendar) {
                Ok(true) => {}
                Ok(false) => {
                    cursor = last_second(local.date());
                    continue;
                }
                Err(unknown) => {
                    return again
                        .map_or(NextOccurrence::NeedsYear(unknown.year), NextOccurrence::At);
                }
            }
            if first > after {
                let next = rule.nominal(local, first);
                return NextOccurrence::At(
                    again.filter(|again| again.at <= next.at).unwrap_or(next),
                );
            }
            again = again.or_else(|| Some(rule.nominal(local, last)));
        }
        again.map_or(NextOccurrence::Never, NextOccurrence::At)
    }

    /// Returns the first wall time after `local` that the expression names.
    ///
    /// The `cron` crate would read a zone's clock changes in its own way and out of order, so it
    /// is only shown wall times, as if they were UTC.
    fn wall_time_after(&self, local: DateTime) -> Option<DateTime> {
        let second = local::instant(Offset::UTC, local).as_second();
        let local = ChronoDateTime::from_timestamp(second, 0)?;
        let next = self.schedule().after(&local).next()?;
        let second = Timestamp::from_second(next.timestamp()).ok()?;
        Some(Offset::UTC.to_datetime(second))
    }
}

/// Returns the earliest time that clocks show at or after the instant.
///
/// It is the time they show at that instant, unless they are about to be set back below it.
fn earliest_reading(zone: &TimeZone, at: Timestamp) -> DateTime {
    let soon = at.checked_add(LONGEST_FOLD).unwrap_or(Timestamp::MAX);
    zone.following(at)
        .map(|change| change.timestamp())
        .take_while(|change| *change <= soon)
        .map(|change| zone.to_datetime(change))
        .fold(zone.to_datetime(at), DateTime::min)
}

fn last_second(date: Date) -> DateTime {
    date.at(23, 59, 59, 0)
}
