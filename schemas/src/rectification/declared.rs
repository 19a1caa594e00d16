//! Declarations of the commands to rectification.

use crate::declared::{Declared, Shown, Then, Thing, Who};
use crate::declared::{
    choice, codes, day, department, departments, form, id, money, offered, people, span, text,
    yes_no,
};
use crate::registry::Role::{
    Coordinator, Dispatcher, Head, Inspector, PostLeader, Sentinel, Supervisor, Verifier,
};

/// One block a command, in the order of the commands.
pub const DECLARED: &[Declared] = &[
    Declared {
        verb: "rectification.receive_report",
        phrase: "take in a report",
        who: Who::Roles(&[Dispatcher, Coordinator]),
        forms: &[],
    },
    Declared {
        verb: "rectification.merge_leads",
        phrase: "merge the leads",
        who: Who::Roles(&[Dispatcher]),
        forms: &[form("merge")
            .word("merge")
            .on(Thing::Lead, "leads")
            .placed()
            .asks(&[id("into")])],
    },
    Declared {
        verb: "rectification.classify_lead",
        phrase: "classify the lead",
        who: Who::Roles(&[Dispatcher]),
        forms: &[form("classify")
            .word("classify")
            .on(Thing::Lead, "lead")
            .placed()
            .asks(&[codes("codes")])
            .shown(Shown::AtOnce)],
    },
    Declared {
        verb: "rectification.route_lead",
        phrase: "route the lead",
        who: Who::Roles(&[Dispatcher]),
        forms: &[form("route-to")
            .word("routeto")
            .on(Thing::Lead, "lead")
            .placed()
            .asks(&[
                department("department").fills("lead_department"),
                departments("assist").optional(),
                text("reason").suggests(&["route-nature", "route-agreed", "route-type"]),
            ])],
    },
    Declared {
        verb: "rectification.decide_joint",
        phrase: "decide on joint action",
        who: Who::Roles(&[Dispatcher]),
        forms: &[form("joint")
            .word("joint")
            .on(Thing::Lead, "lead")
            .placed()
            .pressed(yes_no("joint"))
            .asks(&[
                text("reason")
                    .suggests(&["joint-several", "joint-entry", "joint-money"])
                    .only_if("joint", "true"),
                day("date").only_if("joint", "true"),
                people("crew", "inspector").only_if("joint", "true"),
                text("reason")
                    .suggests(&["single-clear", "single-minor"])
                    .unless("joint", "true"),
            ])],
    },
    Declared {
        verb: "rectification.report_action",
        phrase: "report an outcome of the joint action",
        who: Who::Handling(&[Inspector, Head]),
        forms: &[form("outcome")
            .word("outcome")
            .beside(Thing::Lead)
            .placed()
            .given(&[id("action"), text("of-department").fills("department")])
            .asks(&[text("note").fills("outcome")])],
    },
    Declared {
        verb: "rectification.return_lead",
        phrase: "hand the lead back",
        who: Who::Handling(&[Inspector, Head]),
        forms: &[form("not-ours")
            .word("notours")
            .on(Thing::Lead, "lead")
            .placed()
            .asks(&[text("reason").suggests(&["not-our-duty", "not-our-area"])])
            .then(Then::Inbox)],
    },
    Declared {
        verb: "rectification.record_verdict",
        phrase: "record a verdict on the lead",
        who: Who::Handling(&[Inspector, Head]),
        forms: &[form("verdict")
            .word("verdict")
            .on(Thing::Lead, "lead")
            .placed()
            .pressed(choice(
                "verdict",
                &["substantiated", "partly", "not", "undeterminable"],
            ))
            .asks(&[text("note").optional()])],
    },
    Declared {
        verb: "rectification.file_case",
        phrase: "file a case on the lead",
        who: Who::Handling(&[Inspector, Head]),
        forms: &[form("file-case")
            .word("file")
            .on(Thing::Lead, "lead")
            .placed()
            .asks(&[people("officers", "inspector").or_oneself()])
            .makes("C-")],
    },
    Declared {
        verb: "rectification.issue_order",
        phrase: "issue an order",
        who: Who::Handling(&[Inspector, Head]),
        forms: &[form("order")
            .word("draft")
            .on(Thing::Case, "case")
            .placed()
            .asks(&[
                offered("focus"),
                text("requirement").suggests(&[
                    "require-stop",
                    "require-correct",
                    "require-refund",
                ]),
                text("content"),
                text("ground")
                    .suggests(&["ground-17", "ground-18", "ground-20"])
                    .optional(),
                span("deadline", &[1, 3, 5, 10, 15]),
            ])
            .makes("Z-")],
    },
    Declared {
        verb: "rectification.serve_order",
        phrase: "serve the order",
        who: Who::Handling(&[Inspector, Head]),
        forms: &[form("serve")
            .word("serve")
            .on(Thing::Order, "order")
            .in_states(&["issued"])
            .asks(&[text("proof").suggests(&["proof-signed", "proof-left", "proof-post"])])
            .shown(Shown::FinalThenConfirm)],
    },
    Declared {
        verb: "rectification.extend_order",
        phrase: "extend the order",
        who: Who::Roles(&[Head, Supervisor, Coordinator]),
        forms: &[form("extend")
            .word("extend")
            .on(Thing::Order, "order")
            .placed()
            .asks(&[
                span("span", &[3, 5, 10]).fills_span("amount", "unit"),
                text("reason"),
            ])],
    },
    Declared {
        verb: "rectification.park_order",
        phrase: "park the order",
        who: Who::Roles(&[Head, Supervisor, Coordinator]),
        forms: &[form("park")
            .word("park")
            .on(Thing::Order, "order")
            .placed()
            .asks(&[text("reason")])],
    },
    Declared {
        verb: "rectification.resume_order",
        phrase: "resume the order",
        who: Who::Roles(&[Head, Supervisor, Coordinator]),
        forms: &[form("unpark")
            .word("unpark")
            .on(Thing::Order, "order")
            .placed()
            .asks(&[text("reason")])],
    },
    Declared {
        verb: "rectification.report_fix",
        phrase: "report the fix",
        who: Who::Handling(&[Inspector, Head]),
        forms: &[form("fix")
            .word("fix")
            .on(Thing::Order, "order")
            .in_states(&["served"])
            .asks(&[text("note")])],
    },
    Declared {
        verb: "rectification.verify_fix",
        phrase: "verify the fix",
        who: Who::Roles(&[Verifier, Inspector, Head]),
        forms: &[form("fail")
            .word("fail")
            .on(Thing::Order, "order")
            .placed()
            .preset(&[("result", "failed")])
            .asks(&[text("note")])],
    },
    Declared {
        verb: "rectification.record_penalty",
        phrase: "record a penalty",
        who: Who::Handling(&[Inspector, Head]),
        forms: &[form("penalty")
            .word("penalty")
            .on(Thing::Case, "case")
            .in_states(&["filed", "ordered"])
            .asks(&[
                choice(
                    "penalty",
                    &[
                        "warning",
                        "fine",
                        "confiscation",
                        "stop_enrolling",
                        "revocation",
                    ],
                )
                .fills("kind"),
                money("amount").fills("amount_fen").optional(),
            ])],
    },
    Declared {
        verb: "rectification.record_refund",
        phrase: "record a refund",
        who: Who::Handling(&[Inspector, Head]),
        forms: &[form("refund")
            .word("refund")
            .on(Thing::Case, "case")
            .first_in_states(&["filed", "ordered"])
            .asks(&[money("amount").fills("amount_fen"), text("proof")])],
    },
    Declared {
        verb: "rectification.suspend_institution",
        phrase: "suspend the institution",
        who: Who::Handling(&[Inspector, Head]),
        forms: &[form("suspend")
            .word("suspend")
            .on(Thing::Case, "case")
            .in_states(&["filed", "ordered"])
            .shown(Shown::FinalThenConfirm)],
    },
    Declared {
        verb: "rectification.issue_notice",
        phrase: "issue a notice",
        who: Who::Handling(&[Inspector, Head]),
        forms: &[],
    },
    Declared {
        verb: "rectification.look_back",
        phrase: "look back at the case",
        who: Who::Roles(&[Verifier, Inspector, Supervisor, Sentinel, PostLeader]),
        forms: &[form("look-back")
            .word("lookback")
            .on(Thing::Case, "case")
            .in_states(&["cleared"])
            .pressed(choice("result", &["held", "relapsed"]))
            .shown(Shown::WholeIf("result", "relapsed"))],
    },
];
