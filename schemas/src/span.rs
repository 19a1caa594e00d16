//! Lengths of time as rules write them: five working days, two urgent hours.
//!
//! Rules, ladders and orders carry a `Span`; `Calendar::due` turns it into an
//! instant. It is stored as amount and unit; people may write `5wd`. A unit is part of the rule: the same number of working days and of
//! natural days are different lengths, so units never convert.
//!
//! It does not know any calendar.

use std::fmt;
use std::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

/// How long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
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
    #[error("`{text}` is not a length of time; it starts with a number, as in 5wd")]
    Amount { text: String },
    #[error("`{text}` is not a length of time; the number needs a unit behind it, as in {text}wd")]
    Bare { text: String },
    #[error("`{text}` holds no unit of time")]
    Unit { text: String },
    #[error("`{text}` does not say which kind of day or hour")]
    Kind { text: String },
}

/// What can be written.
pub const SPAN_HINT: &str = "Write a number and its unit: 3wd (working days), 5nd (natural days), 5rd (natural days, rolled to a working day), 4wh (working hours), 2uh (urgent hours, day and night).";

impl BadSpan {
    /// What a person can do about it.
    pub fn hint(&self) -> &'static str {
        SPAN_HINT
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
        if unit.trim().is_empty() {
            return Err(BadSpan::Bare {
                text: text.to_owned(),
            });
        }
        // The whole text is what was written, not the unit alone.
        let unit = unit.parse().map_err(|bad| match bad {
            BadSpan::Kind { .. } => BadSpan::Kind {
                text: text.to_owned(),
            },
            _ => BadSpan::Unit {
                text: text.to_owned(),
            },
        })?;
        Ok(Span { amount, unit })
    }
}

/// The form it is stored in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredSpan {
    amount: u32,
    unit: Unit,
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Span;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a length of time; write it as 5wd, 2uh or {\"amount\":5,\"unit\":\"working_day\"}")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Span, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Span, A::Error> {
                StoredSpan::deserialize(MapAccessDeserializer::new(map))
                    .map(|StoredSpan { amount, unit }| Span { amount, unit })
            }
        }
        from.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_as_people_write_it_and_as_it_is_stored() {
        let five = Span::working_days(5);
        for json in [
            r#""5wd""#,
            r#""5 wd""#,
            r#""5 working days""#,
            r#"{"amount":5,"unit":"working_day"}"#,
            r#"{"amount":5,"unit":"wd"}"#,
        ] {
            assert_eq!(
                serde_json::from_str::<Span>(json).ok(),
                Some(five),
                "{json}"
            );
        }
        assert_eq!(
            serde_json::to_string(&five).ok().as_deref(),
            Some(r#"{"amount":5,"unit":"working_day"}"#)
        );
    }

    #[test]
    fn what_is_no_span_says_what_would_be_one() {
        for (json, said) in [
            (r#""3""#, "a unit behind it, as in 3wd"),
            (r#""soon""#, "it starts with a number, as in 5wd"),
            (r#""3d""#, "which kind of day or hour"),
            (r#""3 moons""#, "`3 moons` holds no unit of time"),
            ("3", "write it as 5wd"),
            ("null", "write it as 5wd"),
        ] {
            let why = crate::plain::plain(&serde_json::from_str::<Span>(json).unwrap_err());
            assert!(
                why.contains(said) && !why.contains("struct") && !why.contains("expected"),
                "{json}: {why}"
            );
        }
    }
}
