//! Office hours: the spells of a working day in which people are at work.
//!
//! A `Calendar` carries one set of them; working-hour clocks run inside the
//! spells, and mornings are the first opening. Written `08:30-12:00 14:00-17:30`
//! in configuration and on the wire.
//!
//! It does not know which days are worked, nor any zone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const MINUTES_OF_A_DAY: u16 = 24 * 60;
/// Shorter days would make the walk of a working-hour clock too long to be bounded well.
const FEWEST_MINUTES: u16 = 60;

/// The spells of a working day in which working-hour clocks run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OfficeHours {
    /// Opening and closing, in minutes of the day; ascending, apart, never empty.
    spells: Vec<(u16, u16)>,
}

/// The reason why office hours cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHours {
    #[error("`{text}` is not a spell of office hours")]
    Spell { text: String },
    #[error("the office hours `{text}` overlap or are out of order")]
    Order { text: String },
    #[error("the office hours `{text}` are shorter than one hour a day")]
    Short { text: String },
}

impl BadHours {
    /// The way out in one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            BadHours::Spell { .. } => "Write opening and closing as `08:30-12:00 14:00-17:30`.",
            BadHours::Order { .. } => "List the spells of the day from morning to evening.",
            BadHours::Short { .. } => "Give at least one hour a day.",
        }
    }
}

impl OfficeHours {
    /// Returns the opening and closing of each spell, in minutes of the day.
    pub fn spells(&self) -> impl Iterator<Item = (u16, u16)> + '_ {
        self.spells.iter().copied()
    }

    /// Returns the first opening of the day, in minutes of the day.
    pub fn opening(&self) -> u16 {
        self.spells.first().expect("office hours have a spell").0
    }

    /// Returns how many minutes a working day has.
    pub fn minutes_a_day(&self) -> u16 {
        self.spells().map(|(from, to)| to - from).sum()
    }
}

impl Default for OfficeHours {
    /// Returns 08:30–12:00 and 14:00–17:30.
    fn default() -> OfficeHours {
        OfficeHours {
            spells: vec![(8 * 60 + 30, 12 * 60), (14 * 60, 17 * 60 + 30)],
        }
    }
}

impl fmt::Display for OfficeHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (from, to)) in self.spells().enumerate() {
            let gap = if n == 0 { "" } else { " " };
            let (h, m, to_h, to_m) = (from / 60, from % 60, to / 60, to % 60);
            write!(f, "{gap}{h:02}:{m:02}-{to_h:02}:{to_m:02}")?;
        }
        Ok(())
    }
}

impl FromStr for OfficeHours {
    type Err = BadHours;

    fn from_str(text: &str) -> Result<OfficeHours, BadHours> {
        let spells = text
            .split([' ', ','])
            .filter(|spell| !spell.is_empty())
            .map(|spell| {
                parse_spell(spell).ok_or_else(|| BadHours::Spell {
                    text: spell.to_owned(),
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if !spells
            .iter()
            .map(|(_, to)| to)
            .zip(spells.iter().skip(1))
            .all(|(to, next)| *to <= next.0)
        {
            return Err(BadHours::Order {
                text: text.to_owned(),
            });
        }
        let hours = OfficeHours { spells };
        if hours.minutes_a_day() < FEWEST_MINUTES {
            return Err(BadHours::Short {
                text: text.to_owned(),
            });
        }
        Ok(hours)
    }
}

impl TryFrom<String> for OfficeHours {
    type Error = BadHours;

    fn try_from(text: String) -> Result<OfficeHours, BadHours> {
        text.parse()
    }
}

impl From<OfficeHours> for String {
    fn from(hours: OfficeHours) -> String {
        hours.to_string()
    }
}

fn parse_spell(text: &str) -> Option<(u16, u16)> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (minute_of_day(from)?, minute_of_day(to)?);
    (from < to).then_some((from, to))
}

fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str| {
        let plain = matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (digits(hour)?, digits(minute)?);
    let of_day = hour * 60 + minute;
    (minute < 60 && of_day <= MINUTES_OF_A_DAY).then_some(of_day)
}
