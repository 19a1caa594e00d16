//! The rule a schedule adds to its expression: which days, what clock changes do, how much jitter.
//!
//! Part of a schedule's definition, stored with it; `Recurrence::next` obeys it.
//! Jitter is computed from the seed and the planned time, so every machine gets
//! the same.
//!
//! It does not know the expression, nor when the schedule last fired.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use picket_schemas::schedule::{Days, Fold, Gap};
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::local::{self, Instants};
use crate::table::UnknownYear;

/// The rule by which times of an expression become occurrences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecurrenceRule {
    /// The days that count.
    pub days: Days,
    /// The treatment of a time that a clock change passes over.
    pub gap: Gap,
    /// The treatment of a time that comes twice.
    pub fold: Fold,
    /// The largest delay, in seconds.
    pub jitter_s: u32,
    /// The seed that tells this schedule's jitter from others'.
    pub seed: String,
}

/// One planned occurrence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nominal {
    /// The wall time the expression names, also if a clock change moved the instant.
    pub local: DateTime,
    /// The planned instant, without jitter.
    pub at: Timestamp,
    /// The delay to add, in seconds.
    pub jitter_s: u32,
}

impl Nominal {
    /// Returns the planned instant with its jitter.
    pub fn fires_at(&self) -> Timestamp {
        let jitter = SignedDuration::from_secs(i64::from(self.jitter_s));
        self.at.checked_add(jitter).unwrap_or(Timestamp::MAX)
    }
}

impl RecurrenceRule {
    /// Returns the first and, if it comes again, the second instant of a wall time.
    pub(super) fn instants(
        &self,
        zone: &TimeZone,
        local: DateTime,
    ) -> Option<(Timestamp, Option<Timestamp>)> {
        match (local::instants(zone, local), self.gap, self.fold) {
            (Instants::One(at), _, _) => Some((at, None)),
            (Instants::Gap(_), Gap::Skip, _) => None,
            (Instants::Gap(jump), Gap::Shift, _) => Some((jump, None)),
            (Instants::Fold(first, _), _, Fold::First) => Some((first, None)),
            (Instants::Fold(_, last), _, Fold::Last) => Some((last, None)),
            (Instants::Fold(first, last), _, Fold::Both) => Some((first, Some(last))),
        }
    }

    /// Returns whether a day counts.
    pub(super) fn takes(&self, date: Date, calendar: &Calendar) -> Result<bool, UnknownYear> {
        match self.days {
            Days::Any => Ok(true),
            Days::Working => calendar.is_working_day(date),
            Days::NonWorking => calendar.is_working_day(date).map(|works| !works),
        }
    }

    pub(super) fn nominal(&self, local: DateTime, at: Timestamp) -> Nominal {
        Nominal {
            local,
            at,
            jitter_s: self.jitter_of(local),
        }
    }

    fn jitter_of(&self, local: DateTime) -> u32 {
        if self.jitter_s == 0 {
            return 0;
        }
        let hash = fnv1a(
            self.seed
                .bytes()
                .chain([0xff])
                .chain(local.to_string().bytes()),
        );
        // The high half is mixed in because the low bits alone vary little between close times.
        let spread = (hash ^ (hash >> 32)) % (u64::from(self.jitter_s) + 1);
        u32::try_from(spread).expect("a remainder of a u32 plus one is a u32")
    }
}

/// The 64-bit FNV-1a hash. Written here because stored schedules must not change with a library.
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
