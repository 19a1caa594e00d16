//! Declarations of the commands to rectification.

use crate::declared::{Declared, Who};
use crate::registry::Role::{
    Coordinator, Dispatcher, Head, Inspector, PostLeader, Sentinel, Supervisor, Verifier,
};

/// One block a command, in the order of the commands.
pub const DECLARED: &[Declared] = &[
    Declared {
        verb: "rectification.receive_report",
        phrase: "take in a report",
        who: Who::Roles(&[Dispatcher, Coordinator]),
    },
    Declared {
        verb: "rectification.merge_leads",
        phrase: "merge the leads",
        who: Who::Roles(&[Dispatcher]),
    },
    Declared {
        verb: "rectification.classify_lead",
        phrase: "classify the lead",
        who: Who::Roles(&[Dispatcher]),
    },
    Declared {
        verb: "rectification.route_lead",
        phrase: "route the lead",
        who: Who::Roles(&[Dispatcher]),
    },
    Declared {
        verb: "rectification.decide_joint",
        phrase: "decide on joint action",
        who: Who::Roles(&[Dispatcher]),
    },
    Declared {
        verb: "rectification.report_action",
        phrase: "report an outcome of the joint action",
        who: Who::Handling(&[Inspector, Head]),
    },
    Declared {
        verb: "rectification.return_lead",
        phrase: "hand the lead back",
        who: Who::Handling(&[Inspector, Head]),
    },
    Declared {
        verb: "rectification.record_verdict",
        phrase: "record a verdict on the lead",
        who: Who::Handling(&[Inspector, Head]),
    },
    Declared {
        verb: "rectification.file_case",
        phrase: "file a case on the lead",
        who: Who::Handling(&[Inspector, Head]),
    },
    Declared {
        verb: "rectification.issue_order",
        phrase: "issue an order",
        who: Who::Handling(&[Inspector, Head]),
    },
    Declared {
        verb: "rectification.serve_order",
        phrase: "serve the order",
        who: Who::Handling(&[Inspector, Head]),
    },
    Declared {
        verb: "rectification.extend_order",
        phrase: "extend the order",
        who: Who::Roles(&[Head, Supervisor, Coordinator]),
    },
    Declared {
        verb: "rectification.park_order",
        phrase: "park the order",
        who: Who::Roles(&[Head, Supervisor, Coordinator]),
    },
    Declared {
        verb: "rectification.resume_order",
        phrase: "resume the order",
        who: Who::Roles(&[Head, Supervisor, Coordinator]),
    },
    Declared {
        verb: "rectification.report_fix",
        phrase: "report the fix",
        who: Who::Handling(&[Inspector, Head]),
    },
    Declared {
        verb: "rectification.verify_fix",
        phrase: "verify the fix",
        who: Who::Roles(&[Verifier, Inspector, Head]),
    },
    Declared {
        verb: "rectification.record_penalty",
        phrase: "record a penalty",
        who: Who::Handling(&[Inspector, Head]),
    },
    Declared {
        verb: "rectification.record_refund",
        phrase: "record a refund",
        who: Who::Handling(&[Inspector, Head]),
    },
    Declared {
        verb: "rectification.suspend_institution",
        phrase: "suspend the institution",
        who: Who::Handling(&[Inspector, Head]),
    },
    Declared {
        verb: "rectification.issue_notice",
        phrase: "issue a notice",
        who: Who::Handling(&[Inspector, Head]),
    },
    Declared {
        verb: "rectification.look_back",
        phrase: "look back at the case",
        who: Who::Roles(&[Verifier, Inspector, Supervisor, Sentinel, PostLeader]),
    },
];
