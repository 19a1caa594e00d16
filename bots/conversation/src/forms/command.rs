//! A complete form becomes a command.

use picket_schemas::dispatch::{self, Assign, AssignTo, Select};
use picket_schemas::rectification::{self, FixResult, LookBack, Verdict};
use picket_schemas::{Command, Span, escalation, split_id};

use crate::forms::{Form, Kind};
use crate::intent::{Intent, Verb};

/// What a form sends, and what is shown when it is done.
pub(crate) struct Sent {
    /// The command.
    pub(crate) command: Command,
    /// What is opened afterwards.
    pub(crate) open: Option<Intent>,
}

/// The command of a complete form; nothing when an answer that must be there is not.
pub(crate) fn command(form: &Form) -> Option<Sent> {
    let id = split_id(&form.about).1.to_owned();
    let text = |key: &str| form.value(key).to_owned();
    let list = |key: &str| -> Vec<String> {
        picket_schemas::lenient::parts(form.value(key))
            .map(str::to_owned)
            .collect()
    };
    let optional = |key: &str| {
        Some(form.value(key))
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    };
    let span = |key: &str| form.value(key).parse::<Span>().ok();
    let evidence = || form.evidence.clone();
    let about = |verb| Some(Intent::new(verb, &form.about));
    let inbox = || Some(Intent::new(Verb::Inbox, ""));
    let (command, open): (Command, _) = match form.kind {
        Kind::Decline => (
            dispatch::Command::DeclineTask {
                task: id.into(),
                reason: text("reason"),
            }
            .into(),
            inbox(),
        ),
        Kind::Return => (
            dispatch::Command::ReturnTask {
                task: id.into(),
                reason: text("reason"),
                rows: Vec::new(),
            }
            .into(),
            about(Verb::Task),
        ),
        Kind::CancelTask => (
            dispatch::Command::CancelTask {
                task: id.into(),
                reason: text("reason"),
            }
            .into(),
            about(Verb::Task),
        ),
        Kind::Give => (
            dispatch::Command::HandOverTask {
                task: id.into(),
                to: text("to"),
                reason: text("reason"),
            }
            .into(),
            about(Verb::Task),
        ),
        Kind::Place => (
            dispatch::Command::ReportPlace {
                area: text("area").into(),
                address: text("address"),
                seen: text("seen"),
                codes: list("codes"),
                evidence: evidence(),
                urgent: form.value("urgent") == "true",
            }
            .into(),
            None,
        ),
        Kind::Batch => {
            let to = match form.value("assign") {
                "least_loaded" => AssignTo::LeastLoaded,
                "offer" => AssignTo::Offer,
                _ => AssignTo::PostSentinel,
            };
            let select = Select {
                area: optional("area").map(Into::into),
                kind: optional("training"),
                risk: optional("risk"),
                ..Select::default()
            };
            let assign = Assign {
                to,
                ..Assign::default()
            };
            let command = dispatch::Command::IssueBatch {
                name: text("name"),
                campaign: None,
                round: None,
                select,
                assign,
                checklist: String::new(),
                window: span("window"),
                sealed_until: None,
            };
            (command.into(), Some(Intent::new(Verb::Board, "")))
        }
        Kind::Classify => (
            rectification::Command::ClassifyLead {
                lead: id.into(),
                codes: list("codes"),
            }
            .into(),
            about(Verb::Lead),
        ),
        Kind::RouteTo => {
            let command = rectification::Command::RouteLead {
                lead: id.into(),
                lead_department: optional("department").map(Into::into),
                assist: list("assist").into_iter().map(Into::into).collect(),
                reason: text("reason"),
            };
            (command.into(), about(Verb::Lead))
        }
        Kind::Joint => {
            let command = rectification::Command::DecideJoint {
                lead: id.into(),
                joint: form.value("joint") == "true",
                reason: text("reason"),
                date: form.value("date").parse().ok(),
                crew: list("crew"),
            };
            (command.into(), about(Verb::Lead))
        }
        Kind::Merge => {
            let into = split_id(form.value("into")).1.to_uppercase();
            (
                rectification::Command::MergeLeads {
                    into: into.into(),
                    leads: vec![id.into()],
                }
                .into(),
                about(Verb::Lead),
            )
        }
        Kind::NotOurs => (
            rectification::Command::ReturnLead {
                lead: id.into(),
                reason: text("reason"),
            }
            .into(),
            inbox(),
        ),
        Kind::Outcome => {
            let command = rectification::Command::ReportAction {
                action: split_id(form.value("action")).1.into(),
                department: text("of-department").into(),
                outcome: text("note"),
            };
            (command.into(), about(Verb::Lead))
        }
        Kind::Verdict => {
            let verdict = match form.value("verdict") {
                "substantiated" => Verdict::Substantiated,
                "partly" => Verdict::Partly,
                "not" => Verdict::Not,
                "undeterminable" => Verdict::Undeterminable,
                _ => return None,
            };
            (
                rectification::Command::RecordVerdict {
                    lead: id.into(),
                    verdict,
                    note: text("note"),
                    evidence: evidence(),
                }
                .into(),
                about(Verb::Lead),
            )
        }
        Kind::FileCase => (
            rectification::Command::FileCase {
                lead: id.into(),
                officers: list("officers"),
            }
            .into(),
            about(Verb::Lead),
        ),
        Kind::Order => {
            let command = rectification::Command::IssueOrder {
                case: id.into(),
                focus: text("focus"),
                requirement: text("requirement"),
                content: text("content"),
                ground: text("ground"),
                deadline: span("deadline"),
            };
            (command.into(), about(Verb::Case))
        }
        Kind::Penalty => {
            let command = rectification::Command::RecordPenalty {
                case: id.into(),
                kind: text("penalty"),
                amount_fen: form.value("amount").parse().unwrap_or_default(),
            };
            (command.into(), about(Verb::Case))
        }
        Kind::Refund => {
            let command = rectification::Command::RecordRefund {
                case: id.into(),
                amount_fen: form.value("amount").parse().ok()?,
                proof: text("proof"),
                evidence: evidence(),
            };
            (command.into(), about(Verb::Case))
        }
        Kind::Suspend => (
            rectification::Command::SuspendInstitution { case: id.into() }.into(),
            about(Verb::Case),
        ),
        Kind::LookBack => {
            let result = if form.value("result") == "relapsed" {
                LookBack::Relapsed
            } else {
                LookBack::Held
            };
            (
                rectification::Command::LookBackAt {
                    case: id.into(),
                    result,
                }
                .into(),
                about(Verb::Case),
            )
        }
        Kind::Serve => (
            rectification::Command::ServeOrder {
                order: id.into(),
                proof: text("proof"),
                evidence: evidence(),
            }
            .into(),
            about(Verb::Order),
        ),
        Kind::Fix => (
            rectification::Command::ReportFix {
                order: id.into(),
                note: text("note"),
                evidence: evidence(),
            }
            .into(),
            about(Verb::Order),
        ),
        Kind::Fail => (
            rectification::Command::VerifyFix {
                order: id.into(),
                result: FixResult::Failed,
                note: text("note"),
                evidence: evidence(),
            }
            .into(),
            about(Verb::Order),
        ),
        Kind::Extend => {
            let span = span("span")?;
            (
                rectification::Command::ExtendOrder {
                    order: id.into(),
                    amount: span.amount,
                    unit: span.unit,
                    reason: text("reason"),
                }
                .into(),
                about(Verb::Order),
            )
        }
        Kind::Park => (
            rectification::Command::ParkOrder {
                order: id.into(),
                reason: text("reason"),
            }
            .into(),
            about(Verb::Order),
        ),
        Kind::Unpark => (
            rectification::Command::ResumeOrder {
                order: id.into(),
                reason: text("reason"),
            }
            .into(),
            about(Verb::Order),
        ),
        Kind::Acknowledge => (
            escalation::Command::Acknowledge {
                step: id.into(),
                promise: form.value("promise").parse().ok()?,
            }
            .into(),
            Some(Intent::new(Verb::Step, &form.about).with(text("promise"))),
        ),
    };
    Some(Sent { command, open })
}
