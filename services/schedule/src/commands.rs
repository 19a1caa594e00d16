//! Commands: pausing, resuming, firing by hand, and filling in what was missed.
//!
//! By hand means now, whatever else runs; who did it stands in the record.

use jiff::Timestamp;
use picket_book::{Decision, fields};
use picket_calendar::NextOccurrence;
use picket_directory::Resource;
use picket_schemas::schedule::Event;
use picket_schemas::{Refusal, ScheduleCode};

use crate::ScheduleBook;
use crate::define::area_of;
use crate::plan::{OccurrenceIds, SchedulePlan};
use crate::timing::Timing;

/// The most occurrences one back-fill may fire.
const MOST_FILLED: usize = 100;

impl ScheduleBook {
    /// Lets occurrences pass unfired until the schedule is resumed.
    pub(crate) fn pause(
        &self,
        code: &ScheduleCode,
        reason: &str,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let plan = self.plan(code, "schedule.pause", cx)?;
        if plan.paused.is_some() {
            return Err(Refusal::Already {
                what: code.to_string(),
                state: "paused".into(),
            });
        }
        let reason = fields::reason(reason, "pausing a schedule")?;
        Ok(vec![Event::SchedulePaused {
            schedule: code.clone(),
            reason,
            by: cx.actor.clone(),
        }])
    }

    /// Lets occurrences fire again, from the next on.
    pub(crate) fn resume(
        &self,
        code: &ScheduleCode,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let plan = self.plan(code, "schedule.resume", cx)?;
        if plan.paused.is_none() {
            return Err(Refusal::WrongState {
                what: code.to_string(),
                state: "running".into(),
                needs: "paused".into(),
            });
        }
        Ok(vec![Event::ScheduleResumed {
            schedule: code.clone(),
            by: cx.actor.clone(),
        }])
    }

    /// Fires one now.
    pub(crate) fn trigger(
        &self,
        code: &ScheduleCode,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let plan = self.plan(code, "schedule.trigger", cx)?;
        let now = Timing::of(&plan.schedule, cx.calendar())?
            .zone()
            .to_datetime(cx.at);
        let nominal = now.date().at(now.hour(), now.minute(), 0, 0);
        Ok(vec![Event::OccurrenceFired {
            occurrence: OccurrenceIds::of(plan).name(nominal),
            schedule: code.clone(),
            nominal,
            due: cx.at,
            does: plan.schedule.does.clone(),
            by: Some(cx.actor.clone()),
        }])
    }

    /// Fires those of a past window that did not fire.
    pub(crate) fn backfill(
        &self,
        code: &ScheduleCode,
        from: Timestamp,
        to: Timestamp,
        dry_run: bool,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let plan = self.plan(code, "schedule.backfill", cx)?;
        let timing = Timing::of(&plan.schedule, cx.calendar())?;
        if from > to {
            return Err(fields::invalid("from", "it lies after `to`"));
        }
        if to > cx.at {
            return Err(fields::invalid("to", "only what is past can be filled in"));
        }
        if let Some(horizon) = plan
            .horizon()
            .filter(|horizon| timing.zone().to_datetime(from) < *horizon)
        {
            return Err(fields::invalid(
                "from",
                format!(
                    "what fired before {} is no longer known here",
                    horizon.strftime("%Y-%m-%d %H:%M")
                ),
            ));
        }
        let (mut events, mut names, mut after) = (
            Vec::new(),
            OccurrenceIds::of(plan),
            Timing::just_before(from),
        );
        loop {
            let next = match timing.next(after) {
                NextOccurrence::At(next) if next.at <= to => next,
                NextOccurrence::NeedsYear(year) if year <= timing.zone().to_datetime(to).year() => {
                    return Err(Refusal::UnknownYear {
                        year: year.to_string(),
                    });
                }
                NextOccurrence::At(_) | NextOccurrence::NeedsYear(_) | NextOccurrence::Never => {
                    break;
                }
            };
            after = next.at;
            if !is_open_or_fired(plan, next.local) {
                let occurrence = names.name(next.local);
                let (due, does) = (next.fires_at(), plan.schedule.does.clone());
                events.push(Event::OccurrenceFired {
                    occurrence,
                    schedule: code.clone(),
                    nominal: next.local,
                    due,
                    does,
                    by: Some(cx.actor.clone()),
                });
            }
            if events.len() > MOST_FILLED {
                return Err(fields::invalid(
                    "to",
                    format!(
                        "the window holds more than {MOST_FILLED} occurrences that did not fire"
                    ),
                ));
            }
        }
        Ok(if dry_run { Vec::new() } else { events })
    }

    fn plan(
        &self,
        code: &ScheduleCode,
        verb: &str,
        cx: &Decision<'_>,
    ) -> Result<&SchedulePlan, Refusal> {
        let plan = self.plans.get(code).ok_or_else(|| Refusal::Unknown {
            kind: "schedule".into(),
            id: code.to_string(),
        })?;
        cx.allow(
            verb,
            Resource {
                area: area_of(&plan.schedule.does),
                departments: &[],
            },
        )?;
        Ok(plan)
    }
}

/// True if an occurrence of this wall time fired, or may still.
fn is_open_or_fired(plan: &SchedulePlan, nominal: jiff::civil::DateTime) -> bool {
    let open = plan
        .buffer
        .iter()
        .chain(&plan.planned)
        .any(|open| open.nominal == nominal);
    open || plan.ended.get(&nominal).is_some_and(|ended| ended.fired)
}
