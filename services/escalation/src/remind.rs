//! Reminders on a schedule: tasks not accepted, tasks not submitted, orders due soon.
//!
//! Each clock that ran when the occurrence fired is reminded of once. What a schedule is and when it
//! fires is not known here.

use std::ops::Bound;

use jiff::Timestamp;
use picket_book::{Decision, Fact, STEP_EVENTS, Step};
use picket_schemas::escalation::{ClockKind, Event};
use picket_schemas::schedule::{Does, Event as Fired, RemindOf};
use picket_schemas::{OccurrenceId, Span};

use crate::Escalation;
use crate::ladder::duty_people;

impl Escalation {
    /// Events of an occurrence that reminds, a step at a time.
    pub(crate) fn remind(&self, fired: &Fired, fact: &Fact<'_>, cx: &Decision<'_>) -> Step<Event> {
        let (Fired::OccurrenceFired {
            occurrence, does, ..
        }
        | Fired::OccurrenceLate {
            occurrence, does, ..
        }) = fired
        else {
            return Step::nothing();
        };
        let Does::Remind { of, within } = does else {
            return Step::nothing();
        };
        let (kind, until) = match of {
            RemindOf::NotAccepted => (ClockKind::TaskAccept, None),
            RemindOf::NotSubmitted => (ClockKind::TaskSubmit, None),
            RemindOf::OrdersDue => (
                ClockKind::OrderFix,
                Some(cx.calendar().due(cx.at, Span::working_days(*within)).at),
            ),
        };
        self.remind_of(kind, until, occurrence, fact.at, cx)
    }

    fn remind_of(
        &self,
        kind: ClockKind,
        until: Option<Timestamp>,
        occurrence: &OccurrenceId,
        at: Timestamp,
        cx: &Decision<'_>,
    ) -> Step<Event> {
        let Some(numbers) = self.by_kind.get(&kind) else {
            return Step::nothing();
        };
        let last = self
            .reminded
            .iter()
            .find(|(known, _)| known == occurrence)
            .map_or(0, |(_, last)| *last);
        let running = numbers
            .range((Bound::Excluded(last), Bound::Unbounded))
            .filter_map(|number| self.clocks.get(number));
        let meant = running.filter(|clock| clock.paused.is_none() && clock.from <= at);
        let soon = meant
            .filter(|clock| until.is_none_or(|until| !clock.provisional && clock.due <= until));
        let reminders = soon.filter_map(|clock| {
            let to = duty_people(clock, cx);
            (!to.is_empty()).then(|| Event::ReminderDue {
                clock: clock.id.clone(),
                kind,
                on: clock.on.clone(),
                to,
                due: clock.due,
                occurrence: Some(occurrence.clone()),
                next: None,
            })
        });
        let events: Vec<_> = reminders.take(STEP_EVENTS).collect();
        if events.len() == STEP_EVENTS {
            Step::More(events)
        } else {
            Step::Done(events)
        }
    }
}
