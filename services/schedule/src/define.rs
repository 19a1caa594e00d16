//! Definition of a schedule, or of one in the place of another.
//!
//! Everything that could go wrong later is checked here, so that a stored schedule always comes round.
//! The same definition again changes nothing.

use picket_book::{Decision, fields};
use picket_calendar::NextOccurrence;
use picket_directory::Resource;
use picket_schemas::schedule::{Command, Does, Event, RemindOf, Schedule};
use picket_schemas::{AreaCode, Refusal};

use crate::ScheduleBook;
use crate::catch_up::planned;
use crate::plan::{OccurrenceIds, PlannedOccurrence, SchedulePlan};
use crate::timing::Timing;

/// The field that says what a schedule does.
const DOES: &str = "does";

impl ScheduleBook {
    /// Defines a schedule, or replaces the one of the same code.
    pub(crate) fn define(
        &self,
        command: &Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let Some(schedule) = wished(command) else {
            return Ok(Vec::new());
        };
        may_define(&schedule, cx)?;
        let before = self.plans.get(&schedule.code);
        if let Some(before) = before {
            may_define(&before.schedule, cx)?;
            if before.schedule == schedule {
                return Ok(Vec::new());
            }
        }
        fields::code_of_any_script("code", schedule.code.as_str())?;
        check_does(&schedule.does)?;
        let timing = Timing::of(&schedule, cx.calendar())?;
        timing.check_jitter(cx.at)?;
        let next = timing.next(cx.at);
        if next == NextOccurrence::Never {
            return Err(fields::invalid(
                "cron",
                format!("`{}` does not come round within five years", schedule.cron),
            ));
        }
        let kept = before
            .and_then(|plan| plan.planned.as_ref())
            .is_some_and(|planned| is_next(planned, &next));
        let mut events = Vec::new();
        if let Some(before) = before {
            events.extend(given_up(before, kept));
        }
        events.push(Event::ScheduleDefined {
            schedule: schedule.clone(),
            words: timing.words(),
        });
        if !kept {
            let fresh = SchedulePlan::new(schedule, cx.at);
            events.extend(coming(before.unwrap_or(&fresh), &next));
        }
        Ok(events)
    }
}

/// The schedule as it was wished; a zone of blanks is none.
fn wished(command: &Command) -> Option<Schedule> {
    let Command::Define {
        code,
        cron,
        zone,
        days,
        overlap,
        catch_up,
        gap,
        fold,
        jitter,
        does,
    } = command
    else {
        return None;
    };
    let zone = zone
        .as_deref()
        .map(str::trim)
        .filter(|zone| !zone.is_empty())
        .map(str::to_owned);
    Some(Schedule {
        code: code.clone(),
        cron: cron.split_whitespace().collect::<Vec<_>>().join(" "),
        zone,
        days: *days,
        overlap: *overlap,
        catch_up: *catch_up,
        gap: *gap,
        fold: *fold,
        jitter_s: *jitter,
        does: does.clone(),
    })
}

fn may_define(schedule: &Schedule, cx: &Decision<'_>) -> Result<(), Refusal> {
    cx.allow(
        "schedule.define",
        Resource {
            area: area_of(&schedule.does),
            departments: &[],
        },
    )
}

/// Events that skip the occurrences of a plan when its schedule is defined anew; the planned one may be kept.
fn given_up(before: &SchedulePlan, kept: bool) -> impl Iterator<Item = Event> {
    before
        .buffer
        .iter()
        .chain(before.planned.iter().filter(move |_| !kept))
        .map(|planned| changed(before, planned))
}

/// The next occurrence, or the year it waits for.
fn coming(plan: &SchedulePlan, next: &NextOccurrence) -> Option<Event> {
    match next {
        NextOccurrence::At(next) => {
            let next = PlannedOccurrence {
                occurrence: OccurrenceIds::of(plan).name(next.local),
                nominal: next.local,
                at: next.fires_at(),
            };
            Some(planned(plan, &next))
        }
        NextOccurrence::NeedsYear(year) => Some(Event::OccurrenceWaiting {
            schedule: plan.schedule.code.clone(),
            year: *year,
        }),
        NextOccurrence::Never => None,
    }
}

/// The area a schedule acts upon, if it names one.
pub(crate) fn area_of(does: &Does) -> Option<&AreaCode> {
    match does {
        Does::IssueBatch { select, .. } => select.area.as_ref(),
        _ => None,
    }
}

fn is_next(planned: &PlannedOccurrence, next: &NextOccurrence) -> bool {
    matches!(next, NextOccurrence::At(next) if next.local == planned.nominal && next.fires_at() == planned.at)
}

fn changed(plan: &SchedulePlan, planned: &PlannedOccurrence) -> Event {
    Event::OccurrenceSkipped {
        occurrence: planned.occurrence.clone(),
        schedule: plan.schedule.code.clone(),
        nominal: planned.nominal,
        due: planned.at,
        why: "the schedule was defined anew".into(),
    }
}

fn check_does(does: &Does) -> Result<(), Refusal> {
    match does {
        Does::IssueBatch {
            name,
            campaign,
            checklist,
            window,
            ..
        } => {
            check_name("a batch", name)?;
            for text in campaign.iter().chain([checklist]) {
                fields::length(DOES, text, fields::TEXT)?;
            }
            window.map_or(Ok(()), |window| {
                fields::positive(DOES, window.amount, "a window of nothing leaves no time")
            })
        }
        Does::Freeze { name, .. } => check_name("a bulletin", name),
        Does::Digest { to } if to.is_empty() => Err(fields::invalid(
            DOES,
            "a digest needs at least one role to go to",
        )),
        Does::Remind { of, within } if *within > 0 && *of != RemindOf::OrdersDue => Err(
            fields::invalid(DOES, "`within` is for orders that fall due"),
        ),
        _ => Ok(()),
    }
}

fn check_name(what: &str, name: &str) -> Result<(), Refusal> {
    if name.trim().is_empty() || fields::length(DOES, name, fields::NAME).is_err() {
        return Err(fields::invalid(
            DOES,
            format!("{what} needs a name of at most {} characters", fields::NAME),
        ));
    }
    Ok(())
}
