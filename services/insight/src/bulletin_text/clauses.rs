//! Clauses: which figures each sentence of a bulletin prints, in which order.
//!
//! What a clause says stands in the phrases under `clause-` and the figure, its counting unit under `unit-`.

/// A part of a sentence: one figure with its unit.
pub(super) struct Clause {
    pub(super) figure: &'static str,
    /// Stands even when nothing was counted.
    pub(super) always: bool,
}

const fn clause(figure: &'static str) -> Clause {
    Clause {
        figure,
        always: false,
    }
}

const fn always(figure: &'static str) -> Clause {
    Clause {
        figure,
        always: true,
    }
}

/// The sentences of a bulletin.
pub(super) const SENTENCES: &[&[Clause]] = &[
    &[
        always("person_times"),
        always("visits"),
        always("institutions"),
        clause("rounds"),
    ],
    &[
        clause("raw_reports"),
        always("leads"),
        clause("substantiated"),
        clause("not_substantiated"),
        clause("hidden_variant_occasions"),
        clause("hidden_variant_institutions"),
    ],
    &[
        always("orders"),
        clause("violators"),
        clause("notices"),
        clause("public_notices"),
        clause("hazards"),
        clause("hazards_fixed"),
        clause("penalised"),
        clause("suspended"),
        clause("refund_fen"),
    ],
    &[
        clause("due"),
        clause("cleared"),
        clause("cleared_on_time"),
        clause("overdue"),
        clause("reopened"),
    ],
    &[
        clause("tasks_issued"),
        clause("tasks_accepted"),
        clause("tasks_submitted"),
        clause("tasks_overdue"),
        clause("reminders"),
        clause("escalations"),
    ],
];

/// The figures of the table by area.
pub(super) const COLUMNS: &[&str] = &[
    "person_times",
    "visits",
    "institutions",
    "leads",
    "substantiated",
    "orders",
    "due",
    "cleared",
    "overdue",
];
