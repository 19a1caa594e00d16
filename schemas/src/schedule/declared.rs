//! Declarations of the commands to schedule.

use crate::declared::{Declared, Who};
use crate::registry::Role::{Coordinator, Operator, Supervisor};

/// One block a command, in the order of the commands.
pub const DECLARED: &[Declared] = &[
    Declared {
        verb: "schedule.define",
        phrase: "define a schedule",
        who: Who::Roles(&[Operator, Coordinator, Supervisor]),
        forms: &[],
    },
    Declared {
        verb: "schedule.pause",
        phrase: "pause the schedule",
        who: Who::Roles(&[Operator, Coordinator, Supervisor]),
        forms: &[],
    },
    Declared {
        verb: "schedule.resume",
        phrase: "resume the schedule",
        who: Who::Roles(&[Operator, Coordinator, Supervisor]),
        forms: &[],
    },
    Declared {
        verb: "schedule.trigger",
        phrase: "trigger the schedule",
        who: Who::Roles(&[Operator, Coordinator, Supervisor]),
        forms: &[],
    },
    Declared {
        verb: "schedule.backfill",
        phrase: "backfill the schedule",
        who: Who::Roles(&[Operator, Coordinator, Supervisor]),
        forms: &[],
    },
];
