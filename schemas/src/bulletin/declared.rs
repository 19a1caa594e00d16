//! Declarations of the commands to bulletin.

use crate::declared::{Declared, Who};
use crate::registry::Role::{Approver, Clerk, Coordinator};

/// One block a command, in the order of the commands.
pub const DECLARED: &[Declared] = &[
    Declared {
        verb: "bulletin.freeze",
        phrase: "freeze a bulletin",
        who: Who::Roles(&[Clerk, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "bulletin.settle",
        phrase: "settle the figures of a bulletin",
        who: Who::System,
        forms: &[],
    },
    Declared {
        verb: "bulletin.approve",
        phrase: "approve the bulletin",
        who: Who::Roles(&[Approver]),
        forms: &[],
    },
    Declared {
        verb: "bulletin.correct",
        phrase: "correct the bulletin",
        who: Who::Roles(&[Clerk, Coordinator]),
        forms: &[],
    },
];
