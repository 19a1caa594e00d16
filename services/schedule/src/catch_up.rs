//! Catching up: what bells say. The occurrences whose time has come, and the one after them.
//!
//! On time means within a minute. What is later was missed while nothing ran here, and is made up for
//! as far as the schedule wishes. It does not know what firing leads to.

use jiff::{SignedDuration, Timestamp};
use picket_book::{Decision, STEP_EVENTS, Step};
use picket_calendar::NextOccurrence;
use picket_schemas::schedule::{CatchUp, Event};

use crate::ScheduleBook;
use crate::plan::{OccurrenceIds, PlannedOccurrence, SchedulePlan};
use crate::timing::Timing;

/// The delay above which an occurrence did not fire on time.
const ON_TIME: SignedDuration = SignedDuration::from_secs(60);
/// The age above which an occurrence is not made up for.
const LATEST: SignedDuration = SignedDuration::from_hours(24);
/// Occurrences of one schedule looked at in one step: each brings two events at most.
const CHUNK: usize = 200;
/// Room left in a step for what one more schedule may say, those that wait for their turn included.
const ROOM: usize = 2 * CHUNK + 110;

impl ScheduleBook {
    /// Events of all bells up to now, a step at a time.
    pub(crate) fn ring_bells(&self, cx: &Decision<'_>) -> Step<Event> {
        let mut events = Vec::new();
        for (at, code) in &self.bells {
            if *at > cx.at {
                break;
            }
            if events.len() + ROOM > STEP_EVENTS {
                return Step::More(events);
            }
            // Bells are kept in step with the schedules, so each finds its own.
            let Some(plan) = self.plans.get(code) else {
                continue;
            };
            ring_plan(plan, cx, &mut events);
        }
        Step::Done(events)
    }
}

fn ring_plan(plan: &SchedulePlan, cx: &Decision<'_>, events: &mut Vec<Event>) {
    // The expression and the zone were read when the schedule was defined.
    let Ok(timing) = Timing::of(&plan.schedule, cx.calendar()) else {
        return;
    };
    let mut turn = SchedulePass {
        plan,
        timing: &timing,
        now: cx.at,
        busy: plan.busy(cx.at),
        waiting: plan.buffer.len(),
        events,
    };
    if !turn.busy && !plan.buffer.is_empty() {
        turn.release("the one before did not come back within a day");
    }
    if plan
        .planned
        .as_ref()
        .is_some_and(|planned| planned.at <= cx.at)
    {
        turn.planned();
    }
}

/// Fires the first that waits, or ends all that wait if the schedule is paused.
pub(crate) fn release(plan: &SchedulePlan, why: &str, cx: &Decision<'_>, events: &mut Vec<Event>) {
    let Ok(timing) = Timing::of(&plan.schedule, cx.calendar()) else {
        return;
    };
    SchedulePass {
        plan,
        timing: &timing,
        now: cx.at,
        busy: false,
        waiting: plan.buffer.len(),
        events,
    }
    .release(why);
}

/// One schedule being looked at.
struct SchedulePass<'a> {
    plan: &'a SchedulePlan,
    timing: &'a Timing,
    now: Timestamp,
    /// True if one runs that the next must wait for.
    busy: bool,
    /// The number of those that wait.
    waiting: usize,
    events: &'a mut Vec<Event>,
}

/// The end of an occurrence whose time has come.
enum OccurrenceEnd {
    Fired,
    Late(String),
    Missed(String),
    Skipped(String),
    /// Not yet: it waits for the one before.
    Waits,
}

impl SchedulePass<'_> {
    /// Ends all whose time has come, and plans the next.
    fn planned(&mut self) {
        let (due, next) = self.time_has_come();
        for (n, occurrence) in due.iter().enumerate() {
            if n > 0 {
                self.plan_event(occurrence);
            }
            let latest = n + 1 == due.len();
            // What waits is known by the next being planned, so without a next nothing can wait.
            let may_wait = !latest || !matches!(next, Upcoming::Never);
            let end = self.ending(
                occurrence,
                latest && !matches!(next, Upcoming::Due(_)),
                may_wait,
            );
            self.end(occurrence, end);
        }
        match next {
            Upcoming::Due(next) | Upcoming::Ahead(next) => self.plan_event(&next),
            Upcoming::Year(year) => self.events.push(Event::OccurrenceWaiting {
                schedule: self.plan.schedule.code.clone(),
                year,
            }),
            Upcoming::Never => {}
        }
    }

    /// Those whose time has come, and what follows them.
    fn time_has_come(&self) -> (Vec<PlannedOccurrence>, Upcoming) {
        let mut names = OccurrenceIds::of(self.plan);
        let mut due: Vec<_> = self.plan.planned.iter().cloned().collect();
        let mut after = self.timing.reached(self.plan);
        loop {
            let next = match self.timing.next(after) {
                NextOccurrence::At(next) => next,
                NextOccurrence::Never => return (due, Upcoming::Never),
                NextOccurrence::NeedsYear(year) => return (due, Upcoming::Year(year)),
            };
            after = next.at;
            let next = PlannedOccurrence {
                occurrence: names.name(next.local),
                nominal: next.local,
                at: next.fires_at(),
            };
            if next.at > self.now {
                return (due, Upcoming::Ahead(next));
            }
            if due.len() == CHUNK {
                return (due, Upcoming::Due(next));
            }
            due.push(next);
        }
    }

    fn ending(
        &mut self,
        occurrence: &PlannedOccurrence,
        latest: bool,
        may_wait: bool,
    ) -> OccurrenceEnd {
        if let Some(reason) = &self.plan.paused {
            return OccurrenceEnd::Skipped(format!("the schedule is paused: {reason}"));
        }
        let late = self.now.duration_since(occurrence.at);
        let end = if late <= ON_TIME {
            OccurrenceEnd::Fired
        } else {
            match self.plan.schedule.catch_up {
                CatchUp::None => {
                    return OccurrenceEnd::Missed(
                        "nothing ran at its time, and this schedule does not catch up".into(),
                    );
                }
                CatchUp::Latest if !latest => {
                    return OccurrenceEnd::Missed(
                        "nothing ran at its time, and a later one is due as well".into(),
                    );
                }
                CatchUp::All | CatchUp::Latest if late > LATEST => {
                    return OccurrenceEnd::Missed(
                        "nothing ran at its time, and that is more than a day ago".into(),
                    );
                }
                CatchUp::All | CatchUp::Latest => OccurrenceEnd::Late(format!(
                    "due at {}, found at {}: nothing ran here in between",
                    self.timing.local(occurrence.at),
                    self.timing.local(self.now)
                )),
            }
        };
        if !self.busy {
            self.busy = self.plan.takes_turns();
            return end;
        }
        if may_wait && self.waiting < self.plan.room() {
            self.waiting += 1;
            return OccurrenceEnd::Waits;
        }
        OccurrenceEnd::Skipped("the one before had not come back".into())
    }

    /// Lets the first that waits have its turn.
    fn release(&mut self, why: &str) {
        let plan = self.plan;
        if let Some(reason) = &plan.paused {
            for waiting in &plan.buffer {
                self.end(
                    waiting,
                    OccurrenceEnd::Skipped(format!("the schedule is paused: {reason}")),
                );
            }
            self.waiting = 0;
        } else if let Some(first) = plan.buffer.front() {
            let why = format!("due at {}, it waited: {why}", self.timing.local(first.at));
            self.end(first, OccurrenceEnd::Late(why));
            self.waiting -= 1;
            self.busy = plan.takes_turns();
        }
    }

    fn end(&mut self, of: &PlannedOccurrence, end: OccurrenceEnd) {
        let (occurrence, nominal, due) = (of.occurrence.clone(), of.nominal, of.at);
        let (schedule, does) = (
            self.plan.schedule.code.clone(),
            self.plan.schedule.does.clone(),
        );
        self.events.push(match end {
            OccurrenceEnd::Fired => Event::OccurrenceFired {
                occurrence,
                schedule,
                nominal,
                due,
                does,
                by: None,
            },
            OccurrenceEnd::Late(why) => Event::OccurrenceLate {
                occurrence,
                schedule,
                nominal,
                due,
                does,
                why,
            },
            OccurrenceEnd::Missed(why) => Event::OccurrenceMissed {
                occurrence,
                schedule,
                nominal,
                due,
                why,
            },
            OccurrenceEnd::Skipped(why) => Event::OccurrenceSkipped {
                occurrence,
                schedule,
                nominal,
                due,
                why,
            },
            OccurrenceEnd::Waits => return,
        });
    }

    fn plan_event(&mut self, next: &PlannedOccurrence) {
        self.events.push(planned(self.plan, next));
    }
}

/// The occurrence after those whose time has come.
enum Upcoming {
    /// One whose time has come too, left for the next step.
    Due(PlannedOccurrence),
    /// One that lies ahead.
    Ahead(PlannedOccurrence),
    /// Something, once this year is published.
    Year(i16),
    /// Nothing.
    Never,
}

/// The fact that an occurrence is the next.
pub(crate) fn planned(plan: &SchedulePlan, next: &PlannedOccurrence) -> Event {
    let (occurrence, schedule) = (next.occurrence.clone(), plan.schedule.code.clone());
    Event::OccurrencePlanned {
        occurrence,
        schedule,
        nominal: next.nominal,
        at: next.at,
    }
}
