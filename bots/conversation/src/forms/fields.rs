//! The questions of each form, in the order they are asked.

use crate::forms::{Form, Kind};

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// By text.
    Text,
    /// By one of these values; their words stand under the field's name.
    Choice(&'static [&'static str]),
    /// By text, with some sentences ready.
    Suggest(&'static [&'static str]),
    /// By text, with sentences ready that came with the thing.
    Offered,
    /// By violation codes.
    Codes,
    /// By an area the person may act in.
    Area,
    /// By a person with a role.
    Person(&'static str),
    /// By several people with a role.
    People(&'static str),
    /// By a department.
    Department,
    /// By several departments.
    Departments,
    /// By an amount of money.
    Money,
    /// By how long it may take; so many working days are ready.
    Span(&'static [u32]),
    /// By an instant ahead.
    Promise,
    /// By a day.
    Day,
    /// By yes or no.
    YesNo,
}

impl Ask {
    /// Whether several answers may be picked.
    pub(crate) fn is_many(self) -> bool {
        matches!(self, Self::People(_) | Self::Departments)
    }

    /// Whether its choices must be read first.
    pub(crate) fn is_fetched(self) -> bool {
        matches!(self, Self::Area | Self::Person(_) | Self::People(_))
    }
}

/// A question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// The name of its answer.
    pub(crate) key: &'static str,
    /// How it is answered.
    pub(crate) ask: Ask,
    /// Whether it may be left out.
    pub(crate) optional: bool,
}

const fn must(key: &'static str, ask: Ask) -> Field {
    Field {
        key,
        ask,
        optional: false,
    }
}

const fn may(key: &'static str, ask: Ask) -> Field {
    Field {
        key,
        ask,
        optional: true,
    }
}

/// The questions of a form, given the answers so far.
pub(crate) fn fields(form: &Form) -> Vec<Field> {
    match form.kind {
        Kind::Decline => vec![must(
            "reason",
            Ask::Suggest(&["leave", "distance", "conflict", "other-work"]),
        )],
        Kind::Return => vec![must(
            "reason",
            Ask::Suggest(&["no-photo", "no-note", "wrong-outcome"]),
        )],
        Kind::CancelTask => vec![must(
            "reason",
            Ask::Suggest(&["issued-by-mistake", "doubled", "postponed"]),
        )],
        Kind::Give => vec![
            must("to", Ask::Person("sentinel")),
            may("reason", Ask::Suggest(&["leave", "distance", "conflict"])),
        ],
        Kind::Suspend | Kind::LookBack => Vec::new(),
        Kind::Place => vec![
            must("area", Ask::Area),
            must("address", Ask::Text),
            must(
                "seen",
                Ask::Suggest(&["seen-lessons", "seen-sign", "seen-parents"]),
            ),
            may("codes", Ask::Codes),
            must("urgent", Ask::YesNo),
        ],
        Kind::Batch => vec![
            must(
                "name",
                Ask::Suggest(&[
                    "batch-routine",
                    "batch-special",
                    "batch-holiday",
                    "batch-look-back",
                ]),
            ),
            may("area", Ask::Area),
            may(
                "training",
                Ask::Choice(&["subject", "arts", "sports", "science", "custody", "other"]),
            ),
            may("risk", Ask::Choice(&["low", "normal", "high"])),
            must(
                "assign",
                Ask::Choice(&["post_sentinel", "least_loaded", "offer"]),
            ),
            must("window", Ask::Span(&[1, 3, 5, 10])),
        ],
        Kind::Classify => vec![must("codes", Ask::Codes)],
        Kind::RouteTo => vec![
            must("department", Ask::Department),
            may("assist", Ask::Departments),
            must(
                "reason",
                Ask::Suggest(&["route-nature", "route-agreed", "route-type"]),
            ),
        ],
        Kind::Joint if form.value("joint") == "true" => {
            vec![
                must(
                    "reason",
                    Ask::Suggest(&["joint-several", "joint-entry", "joint-money"]),
                ),
                must("date", Ask::Day),
                must("crew", Ask::People("inspector")),
            ]
        }
        Kind::Joint => vec![must(
            "reason",
            Ask::Suggest(&["single-clear", "single-minor"]),
        )],
        Kind::Merge => vec![must("into", Ask::Text)],
        Kind::NotOurs => vec![must(
            "reason",
            Ask::Suggest(&["not-our-duty", "not-our-area"]),
        )],
        Kind::Outcome => vec![must("note", Ask::Text)],
        Kind::Verdict => vec![may("note", Ask::Text)],
        Kind::FileCase => vec![must("officers", Ask::People("inspector"))],
        Kind::Order => vec![
            must("focus", Ask::Offered),
            must(
                "requirement",
                Ask::Suggest(&["require-stop", "require-correct", "require-refund"]),
            ),
            must("content", Ask::Text),
            may(
                "ground",
                Ask::Suggest(&["ground-17", "ground-18", "ground-20"]),
            ),
            must("deadline", Ask::Span(&[1, 3, 5, 10, 15])),
        ],
        Kind::Penalty => vec![
            must(
                "penalty",
                Ask::Choice(&[
                    "warning",
                    "fine",
                    "confiscation",
                    "stop_enrolling",
                    "revocation",
                ]),
            ),
            may("amount", Ask::Money),
        ],
        Kind::Refund => vec![must("amount", Ask::Money), must("proof", Ask::Text)],
        Kind::Serve => vec![must(
            "proof",
            Ask::Suggest(&["proof-signed", "proof-left", "proof-post"]),
        )],
        Kind::Fix => vec![must("note", Ask::Text)],
        Kind::Fail => vec![must("note", Ask::Text)],
        Kind::Extend => vec![
            must("span", Ask::Span(&[3, 5, 10])),
            must("reason", Ask::Text),
        ],
        Kind::Park | Kind::Unpark => vec![must("reason", Ask::Text)],
        Kind::Acknowledge => vec![must("promise", Ask::Promise)],
    }
}
