//! Settlement: what follows when the calendar of a year is published.
//!
//! Clocks that waited for it get their real due instant and their bells; a running clock that needs
//! nothing is left as it is, whatever the new table says.

use picket_book::{Decision, STEP_EVENTS, Step};
use picket_schemas::escalation::Event;
use picket_schemas::{Span, Unit};

use crate::Escalation;
use crate::clock::{DeadlineClock, just_before};
use crate::ladder::Ladder;

impl Escalation {
    /// Settles the silent clocks that the calendar now reaches.
    pub(crate) fn settle(&self, cx: &Decision<'_>) -> Step<Event> {
        let silent = self
            .silent
            .iter()
            .filter_map(|number| self.clocks.get(number));
        let events: Vec<_> = silent
            .filter_map(|clock| settled(clock, cx))
            .take(STEP_EVENTS)
            .collect();
        // Those settled are silent no longer, so the next step goes on with the rest.
        if events.len() == STEP_EVENTS {
            Step::More(events)
        } else {
            Step::Done(events)
        }
    }
}

fn settled(clock: &DeadlineClock, cx: &Decision<'_>) -> Option<Event> {
    let calendar = cx.calendar();
    let due = match (clock.provisional, clock.moved) {
        (false, _) => clock.due,
        (true, moved) => {
            // A guess that no longer follows from start and span ends on the first working day from there.
            let rolled = Span {
                amount: 0,
                unit: Unit::RolledDay,
            };
            let due = if moved {
                calendar.due(just_before(clock.due), rolled)
            } else {
                calendar.due(clock.from, clock.span)
            };
            if due.provisional {
                return None;
            }
            due.at
        }
    };
    // Without a next instant the ladder has really ended.
    let next = Ladder::of(clock.kind, cx).next_of(clock, due, clock.span, cx.at)?;
    Some(Event::ClockSettled {
        clock: clock.id.clone(),
        due,
        calendar: calendar.version(),
        next: Some(next),
    })
}
