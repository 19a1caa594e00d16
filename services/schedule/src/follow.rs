//! Consequences: what follows from facts of others. A batch set going, a batch issued, a year published.
//!
//! It does not know what a batch is about.

use picket_book::{Decision, Step};
use picket_calendar::NextOccurrence;
use picket_schemas::schedule::Event;
use picket_schemas::{BatchId, OccurrenceId};

use crate::ScheduleBook;
use crate::catch_up::{planned, release};
use crate::plan::{OccurrenceIds, PlannedOccurrence, SchedulePlan, schedule_of};
use crate::timing::Timing;

/// Schedules that go on in one step.
const CHUNK: usize = 500;

impl ScheduleBook {
    /// A batch was set going by an occurrence.
    pub(crate) fn caused(&self, batch: &BatchId, occurrence: &OccurrenceId) -> Vec<Event> {
        let known = self.plans.contains_key(&schedule_of(occurrence));
        if !known || self.batches.contains_key(batch) {
            return Vec::new();
        }
        vec![Event::OccurrenceCaused {
            occurrence: occurrence.clone(),
            caused: batch.clone(),
        }]
    }

    /// The batch is issued: the occurrence came back, and the next that waits has its turn.
    pub(crate) fn done(&self, batch: &BatchId, cx: &Decision<'_>) -> Vec<Event> {
        let Some(occurrence) = self.batches.get(batch) else {
            return Vec::new();
        };
        let mut events = vec![Event::OccurrenceDone {
            occurrence: occurrence.clone(),
            caused: batch.clone(),
        }];
        if let Some(plan) = self.plans.get(&schedule_of(occurrence))
            && plan
                .running
                .as_ref()
                .is_some_and(|running| running.occurrence == *occurrence)
        {
            release(
                plan,
                &format!("{batch} of {occurrence} has just been issued"),
                cx,
                &mut events,
            );
        }
        events
    }

    /// A year was published: schedules that waited for it go on from where they stood.
    pub(crate) fn go_on(&self, cx: &Decision<'_>) -> Step<Event> {
        let waiting = self.waiting.iter().filter_map(|code| self.plans.get(code));
        let events: Vec<_> = waiting
            .filter_map(|plan| goes_on(plan, cx))
            .take(CHUNK)
            .collect();
        // Each one that goes on, or waits for another year, brings nothing the next time.
        if events.len() == CHUNK {
            Step::More(events)
        } else {
            Step::Done(events)
        }
    }
}

fn goes_on(plan: &SchedulePlan, cx: &Decision<'_>) -> Option<Event> {
    let timing = Timing::of(&plan.schedule, cx.calendar()).ok()?;
    match timing.next(timing.reached(plan)) {
        NextOccurrence::At(next) => {
            let occurrence = OccurrenceIds::of(plan).name(next.local);
            Some(planned(
                plan,
                &PlannedOccurrence {
                    occurrence,
                    nominal: next.local,
                    at: next.fires_at(),
                },
            ))
        }
        NextOccurrence::NeedsYear(year) if plan.waiting != Some(year) => {
            Some(Event::OccurrenceWaiting {
                schedule: plan.schedule.code.clone(),
                year,
            })
        }
        NextOccurrence::NeedsYear(_) | NextOccurrence::Never => None,
    }
}
