//! Declarations of the commands to registry.

use crate::declared::{Declared, Who};
use crate::registry::Role::{Coordinator, Operator, Overseer, PostLeader};

/// One block a command, in the order of the commands.
pub const DECLARED: &[Declared] = &[
    Declared {
        verb: "registry.define_area",
        phrase: "define an area",
        who: Who::Roles(&[Operator, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "registry.define_department",
        phrase: "define a department",
        who: Who::Roles(&[Operator, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "registry.define_post",
        phrase: "define a post",
        who: Who::Roles(&[Operator, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "registry.enrol_person",
        phrase: "enrol a person",
        who: Who::Roles(&[Operator, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "registry.register_institution",
        phrase: "register an institution",
        who: Who::Roles(&[Operator, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "registry.assign_owner",
        phrase: "assign an owner",
        who: Who::Roles(&[Operator, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "registry.set_route",
        phrase: "set a row of the routing table",
        who: Who::Roles(&[Operator, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "registry.set_ladder",
        phrase: "set a ladder",
        who: Who::Roles(&[Operator, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "registry.publish_calendar",
        phrase: "publish a working calendar",
        who: Who::Roles(&[Operator, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "registry.invite",
        phrase: "invite a person",
        who: Who::Roles(&[Operator, Coordinator, PostLeader]),
        forms: &[],
    },
    Declared {
        verb: "registry.bind_identity",
        phrase: "bind a chat account",
        who: Who::Anybody,
        forms: &[],
    },
    Declared {
        verb: "registry.set_away",
        phrase: "enter an absence",
        who: Who::Roles(&[Operator, Coordinator, PostLeader]),
        forms: &[],
    },
    Declared {
        verb: "registry.admit_visitor",
        phrase: "admit a visitor",
        who: Who::Roles(&[Operator, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "registry.log_read",
        phrase: "log a reading",
        who: Who::Roles(&[Overseer, Operator]),
        forms: &[],
    },
];
