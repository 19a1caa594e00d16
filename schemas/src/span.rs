//! Lengths of time as rules write them: five working days, two urgent hours.
//!
//! Rules, ladders and orders carry a `Span`; `Calendar::due` turns it into an
//! instant. A unit is part of the rule: the same number of working days and of
//! natural days are different lengths, so units never convert.
//!
//! It does not know any calendar.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// How many units. What lies beyond ten years is cut off when a clock is computed.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

/// What a span counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A working day; the start day is not counted.
    #[serde(alias = "wd")]
    WorkingDay,
    /// A day of the almanac; the start day is not counted.
    #[serde(alias = "nd")]
    NaturalDay,
    /// A natural day, but an end on a day off moves to the next working day.
    #[serde(alias = "rd")]
    RolledDay,
    /// An hour inside office hours.
    #[serde(alias = "wh")]
    WorkingHour,
    /// An hour that runs day and night.
    #[serde(alias = "uh")]
    UrgentHour,
}

/// Why a text is not a span or a unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSpan {
    #[error("`{text}` does not start with a number")]
    Amount { text: String },
    #[error("`{text}` is not a unit of time")]
    Unit { text: String },
    #[error("`{text}` does not say which kind of day or hour")]
    Kind { text: String },
}

impl BadSpan {
    /// What a person can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            BadSpan::Amount { .. } => "Write the number first, as in `5wd`.",
            BadSpan::Unit { .. } => "Use `wd`, `nd`, `rd`, `wh` or `uh`, as in `5wd`.",
            BadSpan::Kind { .. } => {
                "Write `wd` (working days), `nd` (natural days), `rd` (natural days, \
                 rolled to a working day), `wh` (working hours) or `uh` (urgent hours)."
            }
        }
    }
}

impl Span {
    /// Returns a span of `amount` units.
    pub const fn new(amount: u32, unit: Unit) -> Span {
        Span { amount, unit }
    }

    /// Returns so many working days.
    pub const fn working_days(amount: u32) -> Span {
        Span::new(amount, Unit::WorkingDay)
    }

    /// Returns so many hours, day and night.
    pub const fn urgent_hours(amount: u32) -> Span {
        Span::new(amount, Unit::UrgentHour)
    }
}

impl Unit {
    /// Returns the short form, such as `wd`.
    pub const fn short(self) -> &'static str {
        match self {
            Unit::WorkingDay => "wd",
            Unit::NaturalDay => "nd",
            Unit::RolledDay => "rd",
            Unit::WorkingHour => "wh",
            Unit::UrgentHour => "uh",
        }
    }

    /// Returns whether a clock of this unit ends at 24:00 of a day.
    pub const fn is_day(self) -> bool {
        matches!(self, Unit::WorkingDay | Unit::NaturalDay | Unit::RolledDay)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unit::WorkingDay => "working day",
            Unit::NaturalDay => "natural day",
            Unit::RolledDay => "rolled day",
            Unit::WorkingHour => "working hour",
            Unit::UrgentHour => "urgent hour",
        })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.amount == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.amount, self.unit)
    }
}

impl FromStr for Unit {
    type Err = BadSpan;

    /// Reads the short form (`wd`), the wire form (`working_day`) or the words (`working days`).
    fn from_str(text: &str) -> Result<Unit, BadSpan> {
        let words = text.trim().to_lowercase().replace('_', " ");
        match words.strip_suffix('s').unwrap_or(&words) {
            "wd" | "working day" => Ok(Unit::WorkingDay),
            "nd" | "natural day" => Ok(Unit::NaturalDay),
            "rd" | "rolled day" => Ok(Unit::RolledDay),
            "wh" | "working hour" => Ok(Unit::WorkingHour),
            "uh" | "urgent hour" => Ok(Unit::UrgentHour),
            "d" | "day" | "h" | "hour" => Err(BadSpan::Kind {
                text: text.to_owned(),
            }),
            _ => Err(BadSpan::Unit {
                text: text.to_owned(),
            }),
        }
    }
}

impl FromStr for Span {
    type Err = BadSpan;

    /// Reads `5wd`, `5 wd` or `5 working days`.
    fn from_str(text: &str) -> Result<Span, BadSpan> {
        let text = text.trim();
        let digits = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (amount, unit) = text.split_at(digits);
        let amount = amount.parse().map_err(|_| BadSpan::Amount {
            text: text.to_owned(),
        })?;
        Ok(Span {
            amount,
            unit: unit.parse()?,
        })
    }
}
