//! Formats: which of them an event needs, so that a program too old for it asks for a newer one.
//!
//! A format is a number that goes up with every release that says something older programs cannot read: an event, a
//! role, a shape. [`READER`](crate::commit::READER) is the format of this program. A commit says the lowest format that
//! can fold it, and a book, in its first commit, which services there were when it began. `golden/FORMATS` lists the format of every
//! golden name; the table here must agree with it. Nothing here knows what an event means.

use crate::courier;
use crate::event::Event;

/// A book that does not say which services there were when it began is as old as this: no service came with format 2,
/// and what says so came after it.
pub const UNSAID: u32 = 2;

/// An event that programs of an earlier format cannot read.
#[derive(Clone, Copy, Debug)]
pub struct Later {
    /// The service that says it.
    pub service: &'static str,
    /// Its name on the wire.
    pub kind: &'static str,
    /// The lowest format that reads it.
    pub format: u32,
    /// The shapes of it that need that format: all of an event that is new, or those with a new word in them.
    pub shapes: fn(&Event) -> bool,
}

impl Later {
    /// An event that is new with a format, in every shape.
    pub const fn event(service: &'static str, kind: &'static str, format: u32) -> Self {
        Self {
            service,
            kind,
            format,
            shapes: |_| true,
        }
    }
}

/// Every event, and shape of an event, that programs of format 1 cannot read. An event that is not here needs format 1.
pub const LATER: &[Later] = &[
    Later::event("dispatch", "batch.cancelled", 3),
    Later {
        service: "courier",
        kind: "notice.queued",
        format: 3,
        shapes: |event| {
            matches!(
                event,
                Event::Courier(courier::Event::NoticeQueued {
                    kind: courier::NoticeKind::Cancelled,
                    ..
                })
            )
        },
    },
    Later {
        service: "courier",
        kind: "notice.handed",
        format: 3,
        shapes: |event| {
            matches!(
                event,
                Event::Courier(courier::Event::NoticeHanded {
                    kind: courier::NoticeKind::Cancelled,
                    ..
                })
            )
        },
    },
];

/// The lowest format that reads an event.
pub fn needed_by(event: &Event) -> u32 {
    needed_in(LATER, event)
}

fn needed_in(later: &[Later], event: &Event) -> u32 {
    let (service, kind) = (event.service(), event.kind());
    later
        .iter()
        .filter(|row| row.service == service && row.kind == kind && (row.shapes)(event))
        .map(|row| row.format)
        .fold(1, u32::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{courier, escalation};

    #[test]
    fn an_event_needs_the_format_of_its_rows_and_not_that_of_another_services_event() {
        let rows = [
            Later::event("escalation", "notices.held", 4),
            Later {
                shapes: |event| matches!(event, Event::Courier(courier::Event::NoticesHeld { late }) if *late > 9),
                ..Later::event("courier", "notices.held", 3)
            },
        ];
        let of_escalation = escalation::Event::NoticesHeld { late: 1 }.into();
        let of_courier = |late| courier::Event::NoticesHeld { late }.into();
        assert_eq!(needed_in(&rows, &of_escalation), 4);
        assert_eq!(needed_in(&rows, &of_courier(10)), 3);
        assert_eq!(
            needed_in(&rows, &of_courier(1)),
            1,
            "this shape could always be read"
        );
    }
}
