//! Local times: the instants to which wall-clock times of a zone belong.
//!
//! `Calendar` and the occurrences use it, so that both treat a clock change the
//! same way. Results are cut off at the ends of the supported range, never an
//! error: nobody sets a deadline there.
//!
//! It does not know days off or schedules.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// The instants at which a wall clock shows a given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Instants {
    /// It is shown once.
    One(Timestamp),
    /// It is passed over; the clock jumps across it at this instant.
    Gap(Timestamp),
    /// It is shown twice, in this order.
    Fold(Timestamp, Timestamp),
}

/// Returns the instants at which clocks in `zone` show `local`.
pub(crate) fn instants(zone: &TimeZone, local: DateTime) -> Instants {
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => Instants::One(instant(offset, local)),
        AmbiguousOffset::Fold { before, after } => {
            Instants::Fold(instant(before, local), instant(after, local))
        }
        AmbiguousOffset::Gap { before, after } => {
            // Read with the offset that is not yet in force, the time lies just before the jump.
            let early = instant(after, local);
            let jump = zone
                .following(early)
                .next()
                .map(|change| change.timestamp());
            Instants::Gap(jump.unwrap_or_else(|| instant(before, local)))
        }
    }
}

/// Returns one instant for `local`: the end of a gap, the first of a fold.
pub(crate) fn instant_of(zone: &TimeZone, local: DateTime) -> Timestamp {
    match instants(zone, local) {
        Instants::One(at) | Instants::Gap(at) | Instants::Fold(at, _) => at,
    }
}

/// Returns the instant at which a clock with this fixed offset shows `local`.
pub(crate) fn instant(offset: Offset, local: DateTime) -> Timestamp {
    offset.to_timestamp(local).unwrap_or(if local.year() > 0 {
        Timestamp::MAX
    } else {
        Timestamp::MIN
    })
}
