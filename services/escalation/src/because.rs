//! Because: what a step of the ladder says of why it goes to whom it goes.
//!
//! Plain data; readers make a sentence of it in their language.

use picket_schemas::escalation::Because;
use picket_schemas::registry::Rung;

use crate::clock::DeadlineClock;

/// Why a rung addresses the people it addresses.
pub(crate) fn because(clock: &DeadlineClock, rung: &Rung) -> Because {
    Because {
        duty: clock.duty.clone(),
        since: clock.from,
        after: rung.after,
        targets: rung.targets.clone(),
    }
}
