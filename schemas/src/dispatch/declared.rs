//! Declarations of the commands to dispatch.

use crate::declared::{Declared, Shown, Then, Thing, Who};
use crate::declared::{area, choice, codes, form, person, span, text, yes_no};
use crate::registry::Role::{
    Coordinator, Dispatcher, Inspector, PostLeader, Sentinel, Street, Supervisor,
};

/// One block a command, in the order of the commands.
pub const DECLARED: &[Declared] = &[
    Declared {
        verb: "dispatch.issue_batch",
        phrase: "issue a batch",
        who: Who::Roles(&[Coordinator, Dispatcher, Street, PostLeader]),
        forms: &[form("batch")
            .word("new")
            .asks(&[
                text("name").suggests(&[
                    "batch-routine",
                    "batch-special",
                    "batch-holiday",
                    "batch-look-back",
                ]),
                area("area").fills("select.area").optional(),
                choice(
                    "training",
                    &["subject", "arts", "sports", "science", "custody", "other"],
                )
                .fills("select.kind")
                .optional(),
                choice("risk", &["low", "normal", "high"])
                    .fills("select.risk")
                    .optional(),
                choice("assign", &["post_sentinel", "least_loaded", "offer"]).fills("assign.to"),
                span("window", &[1, 3, 5, 10]),
            ])
            .then(Then::Board)
            .makes("B-")],
    },
    Declared {
        verb: "dispatch.accept_task",
        phrase: "accept the task",
        who: Who::Anybody,
        forms: &[],
    },
    Declared {
        verb: "dispatch.decline_task",
        phrase: "decline the task",
        who: Who::Anybody,
        forms: &[form("decline")
            .word("decline")
            .on(Thing::Task, "task")
            .placed()
            .asks(&[text("reason").suggests(&["leave", "distance", "conflict", "other-work"])])
            .then(Then::Inbox)],
    },
    Declared {
        verb: "dispatch.hand_over_task",
        phrase: "hand the task over",
        who: Who::Anybody,
        forms: &[form("give")
            .word("hand")
            .on(Thing::Task, "task")
            .in_states(&["issued", "accepted", "returned"])
            .offered_by("dispatch.assign")
            .asks(&[
                person("to", "sentinel"),
                text("reason")
                    .suggests(&["leave", "distance", "conflict"])
                    .optional(),
            ])],
    },
    Declared {
        verb: "dispatch.fill_row",
        phrase: "fill the row",
        who: Who::Anybody,
        forms: &[],
    },
    Declared {
        verb: "dispatch.submit_task",
        phrase: "submit the task",
        who: Who::Anybody,
        forms: &[],
    },
    Declared {
        verb: "dispatch.return_task",
        phrase: "return the task",
        who: Who::Roles(&[PostLeader, Coordinator, Street]),
        forms: &[form("return")
            .word("return")
            .on(Thing::Task, "task")
            .placed()
            .asks(&[text("reason").suggests(&["no-photo", "no-note", "wrong-outcome"])])],
    },
    Declared {
        verb: "dispatch.approve_task",
        phrase: "approve the task",
        who: Who::Roles(&[PostLeader, Coordinator, Street]),
        forms: &[],
    },
    Declared {
        verb: "dispatch.cancel_task",
        phrase: "cancel the task",
        who: Who::Roles(&[Coordinator, Dispatcher, Street]),
        forms: &[form("cancel-task")
            .word("drop")
            .on(Thing::Task, "task")
            .in_states(&["issued", "accepted", "returned"])
            .asks(&[text("reason").suggests(&["issued-by-mistake", "doubled", "postponed"])])
            .shown(Shown::FinalThenConfirm)],
    },
    Declared {
        verb: "dispatch.cancel_batch",
        phrase: "cancel the batch",
        who: Who::Roles(&[Coordinator]),
        forms: &[form("cancel-batch")
            .on(Thing::Batch, "batch")
            .in_states(&["open"])
            .asks(&[text("reason").suggests(&["wrong-list", "postponed"])])
            .shown(Shown::FinalThenConfirm)],
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
        forms: &[form("place")
            .word("report")
            .asks(&[
                area("area"),
                text("address"),
                text("seen").suggests(&["seen-lessons", "seen-sign", "seen-parents"]),
                codes("codes").optional(),
                yes_no("urgent"),
            ])
            .makes("U-")],
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
        forms: &[],
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
        forms: &[],
    },
    Declared {
        verb: "dispatch.keep_draft",
        phrase: "keep a draft",
        who: Who::Anybody,
        forms: &[],
    },
];
