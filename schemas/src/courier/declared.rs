//! Declarations of the commands to courier.

use crate::declared::{Declared, Who};
use crate::registry::Role::Coordinator;

/// One block a command, in the order of the commands.
pub const DECLARED: &[Declared] = &[
    Declared {
        verb: "courier.report_delivery",
        phrase: "report how a notice was delivered",
        who: Who::System,
        forms: &[],
    },
    Declared {
        verb: "courier.unreachable",
        phrase: "note that somebody cannot be written to",
        who: Who::System,
        forms: &[],
    },
    Declared {
        verb: "courier.reachable",
        phrase: "note that somebody can be written to again",
        who: Who::System,
        forms: &[],
    },
    Declared {
        verb: "courier.set_quiet_hours",
        phrase: "set quiet hours",
        who: Who::Roles(&[Coordinator]),
        forms: &[],
    },
];
