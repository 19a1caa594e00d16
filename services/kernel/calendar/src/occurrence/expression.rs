//! Cron expressions of five fields: minute, hour, day of the month, month, weekday.
//!
//! A schedule's definition is parsed here once, and refused with a sentence a
//! person can act on. Weekdays are written by name, because programs disagree
//! about their numbers; a day of the month and a weekday must both hold.
//!
//! It does not know zones, calendars or what time it is.

use std::fmt;
use std::str::FromStr;

use cron::{Schedule, TimeUnitSpec};
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

/// The number of years in which an occurrence is looked for.
pub(super) const YEARS_AHEAD: i32 = 5;
const LONGEST: usize = 200;
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const FIELDS: [&str; 5] = ["minute", "hour", "day of the month", "month", "weekday"];

/// A parsed and checked expression.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recurrence {
    expression: String,
    schedule: Schedule,
}

/// The reason why an expression is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCron {
    #[error("the expression has {length} characters, and {LONGEST} are allowed")]
    TooLong { length: usize },
    #[error("the expression has {found} fields, and five are needed")]
    Fields { found: usize },
    #[error("the weekday `{text}` is written with a number")]
    WeekdayNumber { text: String },
    #[error("the {field} `{text}` cannot be read")]
    Field { field: &'static str, text: String },
    #[error("`{expression}` may not come round within five years")]
    Never { expression: String },
}

impl BadCron {
    /// The way out in one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            BadCron::TooLong { .. } => "Split it into several schedules.",
            BadCron::Fields { .. } => {
                "Write minute, hour, day, month and weekday, as in `30 8 * * MON`; seconds, years \
                 and `@` forms are not used."
            }
            BadCron::WeekdayNumber { .. } => {
                "Write SUN, MON, TUE, WED, THU, FRI or SAT, as in `MON-FRI`."
            }
            BadCron::Field { field, .. } => match *field {
                "minute" => "Use 0 to 59, as in `30`, `0,30`, `10-20` or `*/15`.",
                "hour" => "Use 0 to 23, as in `8`, `8,14`, `8-17` or `*/2`.",
                "day of the month" => "Use 1 to 31, as in `1`, `1,15`, `1-7` or `*`.",
                "month" => "Use 1 to 12 or JAN to DEC, as in `3`, `MAR,SEP` or `*`.",
                _ => "Use names, as in `MON`, `MON,WED`, `MON-FRI` or `*`.",
            },
            BadCron::Never { .. } => {
                "Check the day against the month; if a weekday is given too, both must hold."
            }
        }
    }
}

impl Recurrence {
    /// Reads an expression.
    ///
    /// Refused is also what leaves more than five years between two occurrences, such as
    /// 31 February, or 1 January if it is a Monday.
    pub fn parse(expression: &str) -> Result<Recurrence, BadCron> {
        let length = expression.chars().count();
        if length > LONGEST {
            return Err(BadCron::TooLong { length });
        }
        let fields: Vec<&str> = expression.split_whitespace().collect();
        let &[minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(BadCron::Fields {
                found: fields.len(),
            });
        };
        let weekday = weekdays(weekday)?;
        let given = [minute, hour, day, month, weekday.as_str()];
        // One at a time first, so that an error names its field and no field leaks into the next.
        for (n, field) in FIELDS.into_iter().enumerate() {
            let mut alone = ["*"; 5];
            alone[n] = given[n];
            let plain = given[n]
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"*,-/?".contains(&b));
            if !plain || schedule(alone).is_none() {
                return Err(BadCron::Field {
                    field,
                    text: given[n].to_owned(),
                });
            }
        }
        let expression = fields.join(" ");
        match schedule(given) {
            Some(schedule) if comes_round(&schedule) => Ok(Recurrence {
                expression,
                schedule,
            }),
            _ => Err(BadCron::Never { expression }),
        }
    }

    /// Returns the expression as it was written, with single spaces.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    pub(super) fn schedule(&self) -> &Schedule {
        &self.schedule
    }
}

impl PartialEq for Recurrence {
    fn eq(&self, other: &Recurrence) -> bool {
        self.expression == other.expression
    }
}

impl Eq for Recurrence {}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expression)
    }
}

impl FromStr for Recurrence {
    type Err = BadCron;

    fn from_str(expression: &str) -> Result<Recurrence, BadCron> {
        Recurrence::parse(expression)
    }
}

impl TryFrom<String> for Recurrence {
    type Error = BadCron;

    fn try_from(expression: String) -> Result<Recurrence, BadCron> {
        Recurrence::parse(&expression)
    }
}

impl From<Recurrence> for String {
    fn from(recurrence: Recurrence) -> String {
        recurrence.expression
    }
}

/// The `cron` crate wants a field of seconds in front.
fn schedule(fields: [&str; 5]) -> Option<Schedule> {
    format!("0 {}", fields.join(" ")).parse().ok()
}

/// Returns the weekdays as a list of names.
///
/// Ranges are written out here because the `cron` crate starts its week on Sunday and refuses
/// `SAT-SUN`.
fn weekdays(text: &str) -> Result<String, BadCron> {
    if text == "*" || text == "?" {
        return Ok("*".to_owned());
    }
    if text.bytes().any(|b| b.is_ascii_digit()) {
        return Err(BadCron::WeekdayNumber {
            text: text.to_owned(),
        });
    }
    let bad = || BadCron::Field {
        field: FIELDS[4],
        text: text.to_owned(),
    };
    let mut names = Vec::new();
    for item in text.split(',') {
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        let first = weekday(first).ok_or_else(bad)?;
        let last = weekday(last).ok_or_else(bad)?;
        let days = (last + 7 - first) % 7;
        names.extend((first..=first + days).map(|day| WEEKDAYS[day % 7]));
    }
    Ok(names.join(","))
}

fn weekday(name: &str) -> Option<usize> {
    let whole = [
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
    ];
    let name = name.to_ascii_lowercase();
    whole
        .iter()
        .position(|day| *day == name || day[..3] == name)
}

/// Returns whether no two occurrences, anywhere in the 28-year cycle of weekdays and leap years,
/// are further apart than the search looks ahead.
fn comes_round(schedule: &Schedule) -> bool {
    if schedule.days_of_month().is_all() {
        return true;
    }
    let farthest = YEARS_AHEAD * 365 + 1;
    let mut last = date(2001, 1, 1);
    for year in 2001..=2001 + 28 + 5 {
        for day in days_of(schedule, year) {
            if last.until(day).is_ok_and(|gap| gap.get_days() > farthest) {
                return false;
            }
            last = day;
        }
    }
    last.year() >= 2001 + 28
}

fn days_of(schedule: &Schedule, year: i16) -> impl Iterator<Item = Date> + '_ {
    let ordinal = |n: u32| i8::try_from(n).ok();
    schedule
        .months()
        .iter()
        .flat_map(move |month| schedule.days_of_month().iter().map(move |day| (month, day)))
        .filter_map(move |(month, day)| Date::new(year, ordinal(month)?, ordinal(day)?).ok())
        .filter(|day| {
            let weekday = day.weekday().to_sunday_one_offset();
            u32::try_from(weekday).is_ok_and(|weekday| schedule.days_of_week().includes(weekday))
        })
}
