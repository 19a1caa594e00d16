//! Fold: what each event changes, and the indexes that go with it.
//!
//! Total: an event about a schedule that is not there changes nothing.

use jiff::Timestamp;
use picket_schemas::schedule::{Does, Event, Schedule};
use picket_schemas::{OccurrenceId, ScheduleCode};

use crate::ScheduleBook;
use crate::plan::{PlannedOccurrence, RunningOccurrence, SchedulePlan, schedule_of};

impl ScheduleBook {
    pub(crate) fn fold(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::ScheduleDefined { schedule, .. } => self.defined(schedule, at),
            Event::SchedulePaused {
                schedule, reason, ..
            } => self.change(schedule, |plan| plan.paused = Some(reason.clone())),
            Event::ScheduleResumed { schedule, .. } => {
                self.change(schedule, |plan| plan.paused = None)
            }
            Event::OccurrencePlanned { .. } => self.planned(event),
            Event::OccurrenceWaiting { schedule, year } => self.change(schedule, |plan| {
                plan.waiting = Some(*year);
                plan.buffer.extend(plan.planned.take());
            }),
            Event::OccurrenceFired {
                occurrence,
                schedule,
                nominal,
                does,
                ..
            }
            | Event::OccurrenceLate {
                occurrence,
                schedule,
                nominal,
                does,
                ..
            } => {
                self.change(schedule, |plan| {
                    plan.end(occurrence, *nominal, true);
                    if matches!(does, Does::IssueBatch { .. }) {
                        plan.running = Some(RunningOccurrence {
                            occurrence: occurrence.clone(),
                            since: at,
                        });
                    }
                });
            }
            Event::OccurrenceMissed {
                occurrence,
                schedule,
                nominal,
                ..
            }
            | Event::OccurrenceSkipped {
                occurrence,
                schedule,
                nominal,
                ..
            } => {
                self.change(schedule, |plan| plan.end(occurrence, *nominal, false));
            }
            Event::OccurrenceCaused { occurrence, caused } => {
                drop(self.batches.insert(caused.clone(), occurrence.clone()))
            }
            Event::OccurrenceDone { occurrence, caused } => {
                self.batches.remove(caused);
                self.came_back(occurrence);
            }
        }
    }

    fn defined(&mut self, schedule: &Schedule, at: Timestamp) {
        self.plans
            .entry(schedule.code.clone())
            .or_insert_with(|| SchedulePlan::new(schedule.clone(), at));
        self.change(&schedule.code, |plan| {
            plan.schedule = schedule.clone();
            plan.since = at;
            plan.waiting = None;
            plan.last = plan.planned.clone();
        });
    }

    fn planned(&mut self, event: &Event) {
        let Event::OccurrencePlanned {
            occurrence,
            schedule,
            nominal,
            at,
        } = event
        else {
            return;
        };
        self.change(schedule, |plan| {
            let next = PlannedOccurrence {
                occurrence: occurrence.clone(),
                nominal: *nominal,
                at: *at,
            };
            plan.waiting = None;
            plan.last = Some(next.clone());
            // One that has not ended when the next is planned waits for its turn.
            plan.buffer.extend(plan.planned.replace(next));
        });
    }

    fn came_back(&mut self, occurrence: &OccurrenceId) {
        self.change(&schedule_of(occurrence), |plan| {
            if plan
                .running
                .as_ref()
                .is_some_and(|running| running.occurrence == *occurrence)
            {
                plan.running = None;
            }
        });
    }

    /// Changes a schedule, and moves its bell along.
    fn change(&mut self, code: &ScheduleCode, change: impl FnOnce(&mut SchedulePlan)) {
        let Some(plan) = self.plans.get_mut(code) else {
            return;
        };
        let before = plan.bell();
        change(plan);
        let after = plan.bell();
        if plan.waiting.is_some() {
            self.waiting.insert(code.clone());
        } else {
            self.waiting.remove(code);
        }
        if before != after {
            if let Some(before) = before {
                self.bells.remove(&(before, code.clone()));
            }
            if let Some(after) = after {
                self.bells.insert((after, code.clone()));
            }
        }
    }
}
