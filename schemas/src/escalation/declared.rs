//! Declarations of the commands to escalation.

use crate::declared::{Declared, Shown, Then, Thing, Who, form, promise};
use crate::registry::Role::{Coordinator, Supervisor};

/// One block a command, in the order of the commands.
pub const DECLARED: &[Declared] = &[
    Declared {
        verb: "escalation.acknowledge",
        phrase: "acknowledge the step",
        who: Who::Anybody,
        forms: &[form("acknowledge")
            .word("ack")
            .on(Thing::Step, "step")
            .placed()
            .asks(&[promise("promise")])
            .shown(Shown::AtOnce)
            .then(Then::Answered("promise"))],
    },
    Declared {
        verb: "escalation.move_clock",
        phrase: "move the deadline",
        who: Who::Roles(&[Supervisor, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "escalation.pause_clock",
        phrase: "pause the clock",
        who: Who::Roles(&[Supervisor, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "escalation.resume_clock",
        phrase: "resume the clock",
        who: Who::Roles(&[Supervisor, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "escalation.sign_step",
        phrase: "sign the step",
        who: Who::Roles(&[Supervisor]),
        forms: &[],
    },
    Declared {
        verb: "escalation.release_notices",
        phrase: "release the notices that are held",
        who: Who::Roles(&[Supervisor, Coordinator]),
        forms: &[],
    },
];
