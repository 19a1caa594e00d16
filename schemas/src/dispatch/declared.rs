//! Declarations of the commands to dispatch.

use crate::declared::{Declared, Who};
use crate::registry::Role::{
    Coordinator, Dispatcher, Inspector, PostLeader, Sentinel, Street, Supervisor,
};

/// One block a command, in the order of the commands.
pub const DECLARED: &[Declared] = &[
    Declared {
        verb: "dispatch.issue_batch",
        phrase: "issue a batch",
        who: Who::Roles(&[Coordinator, Dispatcher, Street, PostLeader]),
    },
    Declared {
        verb: "dispatch.accept_task",
        phrase: "accept the task",
        who: Who::Anybody,
    },
    Declared {
        verb: "dispatch.decline_task",
        phrase: "decline the task",
        who: Who::Anybody,
    },
    Declared {
        verb: "dispatch.hand_over_task",
        phrase: "hand the task over",
        who: Who::Anybody,
    },
    Declared {
        verb: "dispatch.fill_row",
        phrase: "fill the row",
        who: Who::Anybody,
    },
    Declared {
        verb: "dispatch.submit_task",
        phrase: "submit the task",
        who: Who::Anybody,
    },
    Declared {
        verb: "dispatch.return_task",
        phrase: "return the task",
        who: Who::Roles(&[PostLeader, Coordinator, Street]),
    },
    Declared {
        verb: "dispatch.approve_task",
        phrase: "approve the task",
        who: Who::Roles(&[PostLeader, Coordinator, Street]),
    },
    Declared {
        verb: "dispatch.cancel_task",
        phrase: "cancel the task",
        who: Who::Roles(&[Coordinator, Dispatcher, Street]),
    },
    Declared {
        verb: "dispatch.report_place",
        phrase: "report a place",
        who: Who::Roles(&[
            Sentinel,
            PostLeader,
            Street,
            Inspector,
            Coordinator,
            Dispatcher,
            Supervisor,
        ]),
    },
    Declared {
        verb: "dispatch.open_sortie",
        phrase: "open an outing",
        who: Who::Roles(&[
            Sentinel,
            PostLeader,
            Street,
            Inspector,
            Coordinator,
            Dispatcher,
        ]),
    },
    Declared {
        verb: "dispatch.record_visit",
        phrase: "record a visit",
        who: Who::Roles(&[
            Sentinel,
            PostLeader,
            Street,
            Inspector,
            Coordinator,
            Dispatcher,
        ]),
    },
    Declared {
        verb: "dispatch.keep_draft",
        phrase: "keep a draft",
        who: Who::Anybody,
    },
];
