//! The table of public fields: which of which event other systems may see, deny by default.
//!
//! An event type without a line is not published, a field without a name here neither. No name or id of a
//! person, no sentence somebody wrote, no address and no proof is public; an institution is named from the
//! filed case on, not while it is under suspicion. What a figure says is public in its bulletin, not here.

/// The public part of an event type.
#[derive(Clone, Copy, Debug)]
pub struct PublicFields {
    /// The service whose journal holds it.
    pub service: &'static str,
    /// The event's name.
    pub kind: &'static str,
    /// Ids of things, written with their jurisdiction when they leave; the first is what the event is about.
    pub ids: &'static [&'static str],
    /// Numbers, flags, instants, codes and words of the wire, as they are. `subject` is left out where it is a person.
    pub plain: &'static [&'static str],
}

const fn of(
    service: &'static str,
    kind: &'static str,
    ids: &'static [&'static str],
    plain: &'static [&'static str],
) -> PublicFields {
    PublicFields {
        service,
        kind,
        ids,
        plain,
    }
}

/// The table.
pub const PUBLIC: &[PublicFields] = &[
    of(
        "registry",
        "calendar.published",
        &[],
        &["year", "off", "work", "version"],
    ),
    of(
        "schedule",
        "occurrence.fired",
        &["occurrence", "schedule"],
        &["nominal", "due"],
    ),
    of(
        "schedule",
        "occurrence.late",
        &["occurrence", "schedule"],
        &["nominal", "due"],
    ),
    of(
        "schedule",
        "occurrence.missed",
        &["occurrence", "schedule"],
        &["nominal", "due"],
    ),
    of(
        "schedule",
        "occurrence.skipped",
        &["occurrence", "schedule"],
        &["nominal", "due"],
    ),
    of(
        "dispatch",
        "batch.confirmed",
        &["batch", "parent"],
        &["round", "window", "count"],
    ),
    of("dispatch", "batch.recounted", &["batch"], &["count"]),
    of("dispatch", "batch.issued", &["batch"], &["count"]),
    of("dispatch", "batch.cancelled", &["batch", "parent"], &[]),
    of(
        "dispatch",
        "task.issued",
        &["task", "batch", "revisit_of"],
        &["post", "area", "need", "window", "round"],
    ),
    of("dispatch", "task.accepted", &["task"], &["taken"]),
    of("dispatch", "task.declined", &["task"], &[]),
    of("dispatch", "task.unassigned", &["task"], &[]),
    of(
        "dispatch",
        "task.submitted",
        &["task"],
        &["nil", "rows", "problems", "post", "area"],
    ),
    of("dispatch", "task.returned", &["task"], &[]),
    of("dispatch", "task.approved", &["task", "revisit"], &[]),
    of("dispatch", "task.cancelled", &["task"], &[]),
    of(
        "dispatch",
        "place.reported",
        &["place"],
        &["area", "codes", "urgent", "post", "observed", "round"],
    ),
    of("dispatch", "sortie.opened", &["sortie"], &["kind", "date"]),
    of(
        "dispatch",
        "visit.recorded",
        &["sortie"],
        &["outcome", "hazards", "observed", "round"],
    ),
    of(
        "rectification",
        "report.received",
        &["report", "task", "place"],
        &["source", "area", "codes", "urgent", "observed", "round"],
    ),
    of(
        "rectification",
        "lead.opened",
        &["lead", "report"],
        &["area", "codes", "urgent", "post", "round"],
    ),
    of("rectification", "lead.merged", &["lead", "into"], &[]),
    of("rectification", "lead.classified", &["lead"], &["codes"]),
    of(
        "rectification",
        "lead.routed",
        &["lead"],
        &["department", "assist"],
    ),
    of("rectification", "lead.returned", &["lead"], &["department"]),
    of("rectification", "joint.decided", &["lead"], &["joint"]),
    of(
        "rectification",
        "action.opened",
        &["action", "lead"],
        &["department", "assist", "date"],
    ),
    of(
        "rectification",
        "action.reported",
        &["action"],
        &["department"],
    ),
    of("rectification", "action.closed", &["action", "lead"], &[]),
    of(
        "rectification",
        "verdict.recorded",
        &["lead"],
        &["verdict", "codes"],
    ),
    of("rectification", "lead.archived", &["lead"], &[]),
    of(
        "rectification",
        "case.filed",
        &["case", "lead"],
        &[
            "subject",
            "area",
            "codes",
            "department",
            "post",
            "generation",
        ],
    ),
    of(
        "rectification",
        "order.issued",
        &["order", "case"],
        &["number", "year", "subject", "department", "deadline"],
    ),
    of(
        "rectification",
        "order.served",
        &["order", "case"],
        &["subject", "area", "department", "deadline", "post"],
    ),
    of("rectification", "order.extended", &["order"], &["span"]),
    of("rectification", "order.parked", &["order"], &[]),
    of("rectification", "order.resumed", &["order"], &[]),
    of("rectification", "fix.reported", &["order"], &[]),
    of("rectification", "fix.passed", &["order", "case"], &[]),
    of("rectification", "fix.failed", &["order", "case"], &[]),
    of(
        "rectification",
        "case.cleared",
        &["case", "lead"],
        &["subject"],
    ),
    of("rectification", "case.reopened", &["case"], &["generation"]),
    of(
        "rectification",
        "penalty.recorded",
        &["case"],
        &["subject", "amount_fen"],
    ),
    of(
        "rectification",
        "refund.recorded",
        &["case"],
        &["subject", "amount_fen"],
    ),
    of(
        "rectification",
        "institution.suspended",
        &["case"],
        &["subject"],
    ),
    of(
        "rectification",
        "document.issued",
        &["case"],
        &["subject", "kind"],
    ),
    of(
        "rectification",
        "look_back.recorded",
        &["case"],
        &["result"],
    ),
    of(
        "escalation",
        "clock.started",
        &["clock", "on"],
        &["kind", "area", "post", "span", "from", "due", "provisional"],
    ),
    of("escalation", "clock.settled", &["clock"], &["due"]),
    of("escalation", "clock.moved", &["clock"], &["due"]),
    of("escalation", "clock.paused", &["clock"], &[]),
    of("escalation", "clock.resumed", &["clock"], &["due"]),
    of(
        "escalation",
        "clock.stopped",
        &["clock", "on"],
        &["kind", "at", "late"],
    ),
    of(
        "escalation",
        "deadline.passed",
        &["clock", "on"],
        &["kind", "due"],
    ),
    of(
        "escalation",
        "ladder.stepped",
        &["step", "clock", "on"],
        &["kind", "level", "due", "nominal"],
    ),
    of(
        "escalation",
        "ladder.signed",
        &["step", "clock", "on"],
        &["kind", "level"],
    ),
    of("escalation", "breach.withdrawn", &["clock", "on"], &["at"]),
    of(
        "bulletin",
        "bulletin.frozen",
        &["bulletin", "corrects"],
        &["from", "as_of", "rounding"],
    ),
    of("bulletin", "bulletin.approved", &["bulletin"], &[]),
];

/// The public part of an event, if it has one.
pub fn public(service: &str, kind: &str) -> Option<&'static PublicFields> {
    PUBLIC
        .iter()
        .find(|line| line.service == service && line.kind == kind)
}
