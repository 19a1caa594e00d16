//! Quiet hours: between nine in the evening and half past seven only what is urgent goes out.
//!
//! Used when a notice is queued and once more when its bell rings, for the bell may ring late.
//! It knows the local clock of the jurisdiction, not its days off: day-counted things come on working days
//! by themselves.

use jiff::Timestamp;
use jiff::civil::{Time, time};
use picket_calendar::Calendar;

const EVENING: Time = time(21, 0, 0, 0);
const MORNING: Time = time(7, 30, 0, 0);

/// The instant itself, or in quiet hours the morning after.
pub(crate) fn morning_if_quiet(at: Timestamp, calendar: &Calendar) -> Timestamp {
    let local = calendar.zone().to_datetime(at);
    let (hour, minute) = (MORNING.hour(), MORNING.minute());
    if local.time() >= EVENING {
        calendar.at(local.date(), 24 + hour, minute)
    } else if local.time() < MORNING {
        calendar.at(local.date(), hour, minute)
    } else {
        at
    }
}
