//! Rules: how long each clock runs unless a task or an order brings its own span, and who owes what it waits for.
//!
//! One table, so that the defaults can be read in one go. It does not know ladders or calendars.

use picket_schemas::Span;
use picket_schemas::escalation::ClockKind;

/// The spans of clocks that no task and no order brings along.
const DEFAULTS: [(ClockKind, Span); 6] = [
    (ClockKind::TaskAccept, Span::working_days(1)),
    (ClockKind::TaskReview, Span::working_days(2)),
    (ClockKind::TaskAssign, Span::working_days(1)),
    (ClockKind::LeadScreen, Span::working_days(1)),
    (ClockKind::LeadHandle, Span::working_days(10)),
    (ClockKind::OrderVerify, Span::working_days(5)),
];

/// The time an urgent lead may wait to be classified.
const URGENT_SCREEN: Span = Span::urgent_hours(2);

/// The span of a kind by the table.
pub(crate) fn span(kind: ClockKind) -> Span {
    DEFAULTS
        .iter()
        .find(|(of, _)| *of == kind)
        .map_or(Span::working_days(5), |(_, span)| *span)
}

/// The time a lead may wait to be classified.
pub(crate) fn screen(urgent: bool) -> Span {
    if urgent {
        URGENT_SCREEN
    } else {
        span(ClockKind::LeadScreen)
    }
}

/// The source of the span of a kind, as the record says it.
pub(crate) fn source(kind: ClockKind, span: Span) -> String {
    match kind {
        ClockKind::TaskSubmit => "the window of the batch".into(),
        ClockKind::OrderFix => "the deadline of the order".into(),
        ClockKind::LeadScreen if span == URGENT_SCREEN => "the default for urgent leads".into(),
        _ => format!("the default for {}", kind.as_str()),
    }
}
