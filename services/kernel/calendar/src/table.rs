//! Tables of days off and make-up working days, one per year.
//!
//! The registry publishes a table as a fact and gives it to a `Calendar`; the
//! tables of China for 2021–2026 are built in. A table lists exceptions only:
//! a day it does not name follows the weekend.
//!
//! It does not know zones, office hours or how days are counted.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The table of one year: the kind of day of each exception.
///
/// A yearly notice may also name days of the December before it; those are
/// listed here too, and overrule the table of the year before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearTable {
    /// The year the notice is for.
    pub year: i16,
    /// Days off that would not follow from the weekend, weekends inside a holiday included.
    pub off: BTreeSet<Date>,
    /// Weekend days that are worked. A day in both sets is worked.
    pub work: BTreeSet<Date>,
    /// A short name of this table, such as `cn-2026`.
    pub version: String,
    /// The publication the days were taken from.
    pub source: String,
}

/// A year of which no table has been published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("no table of working days for {year}")]
pub struct UnknownYear {
    /// The year that was reached.
    pub year: i16,
}

impl UnknownYear {
    /// The way out in one sentence.
    pub fn hint(&self) -> String {
        format!("Publish the calendar of {}.", self.year)
    }
}

/// The reason why a table should not be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTable {
    #[error("`{date}` is listed both as off and as worked")]
    Both { date: Date },
    #[error("`{date}` does not belong to the calendar of {year}")]
    Elsewhere { date: Date, year: i16 },
}

impl BadTable {
    /// The way out in one sentence.
    pub fn hint(&self) -> String {
        match self {
            BadTable::Both { date } => format!("Keep {date} in one of the two lists."),
            BadTable::Elsewhere { year, .. } => {
                format!("List days of {year} and of the December before it only.")
            }
        }
    }
}

impl YearTable {
    /// Checks that each day has one kind and belongs to the year or the December before it.
    pub fn check(&self) -> Result<(), BadTable> {
        if let Some(&date) = self.off.intersection(&self.work).next() {
            return Err(BadTable::Both { date });
        }
        match self
            .off
            .iter()
            .chain(&self.work)
            .find(|date| !self.covers(**date))
        {
            Some(&date) => Err(BadTable::Elsewhere {
                date,
                year: self.year,
            }),
            None => Ok(()),
        }
    }

    /// Returns whether the day is worked, if this table says anything about it.
    pub(crate) fn says(&self, date: Date) -> Option<bool> {
        if !self.covers(date) {
            return None;
        }
        if self.work.contains(&date) {
            return Some(true);
        }
        self.off.contains(&date).then_some(false)
    }

    fn covers(&self, date: Date) -> bool {
        date.year() == self.year
            || (date.month() == 12 && date.year().checked_add(1) == Some(self.year))
    }
}

/// Returns the built-in tables of China.
pub(crate) fn china() -> Vec<YearTable> {
    vec![
        parse(2021, include_str!("../data/cn-2021.csv")),
        parse(2022, include_str!("../data/cn-2022.csv")),
        parse(2023, include_str!("../data/cn-2023.csv")),
        parse(2024, include_str!("../data/cn-2024.csv")),
        parse(2025, include_str!("../data/cn-2025.csv")),
        parse(2026, include_str!("../data/cn-2026.csv")),
    ]
}

fn parse(year: i16, text: &str) -> YearTable {
    let (remarks, rows): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.starts_with('#'));
    let mut table = YearTable {
        year,
        off: BTreeSet::new(),
        work: BTreeSet::new(),
        version: format!("cn-{year}"),
        source: remarks
            .iter()
            .map(|line| line.trim_start_matches('#').trim())
            .collect::<Vec<_>>()
            .join(" "),
    };
    for row in rows.iter().skip(1).filter(|row| !row.is_empty()) {
        let mut cells = row.split(',');
        let date = cells
            .next()
            .and_then(|cell| cell.parse::<Date>().ok())
            .expect("each row of a built-in table starts with a date");
        match cells.next() {
            Some("off") => table.off.insert(date),
            Some("work") => table.work.insert(date),
            kind => unreachable!("a built-in table says off or work, not {kind:?}"),
        };
    }
    table
}
