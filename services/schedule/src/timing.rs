//! Timing: when a schedule comes round. Its expression, rule and zone, read once and asked often.
//!
//! It does not know what was planned before, nor what an occurrence does.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use picket_book::fields;
use picket_calendar::{Calendar, NextOccurrence, Recurrence, RecurrenceRule};
use picket_schemas::Refusal;
use picket_schemas::schedule::{Days, Schedule};

use crate::plan::{PlannedOccurrence, SchedulePlan};

/// Jitter beyond a day is no jitter.
const MOST_JITTER_S: u32 = 86_400;
/// Occurrences looked at to see whether jitter could let one overtake the next.
const LOOKED_AT: usize = 50;

/// A schedule's expression, rule and zone.
pub(crate) struct Timing {
    recurrence: Recurrence,
    rule: RecurrenceRule,
    calendar: Calendar,
    days: Days,
}

impl Timing {
    /// Reads them, or says which field is wrong.
    pub(crate) fn of(schedule: &Schedule, calendar: &Calendar) -> Result<Self, Refusal> {
        let recurrence = Recurrence::parse(&schedule.cron)
            .map_err(|bad| fields::invalid("cron", format!("{bad}. {}", bad.hint())))?;
        let calendar = match &schedule.zone {
            None => calendar.clone(),
            Some(name) => {
                let unknown =
                    |_| fields::invalid("zone", format!("there is no time zone `{name}`"));
                calendar.with_zone(TimeZone::get(name).map_err(unknown)?)
            }
        };
        let rule = RecurrenceRule {
            days: schedule.days,
            gap: schedule.gap,
            fold: schedule.fold,
            jitter_s: schedule.jitter_s,
            seed: schedule.code.to_string(),
        };
        Ok(Self {
            recurrence,
            rule,
            calendar,
            days: schedule.days,
        })
    }

    /// The first occurrence after an instant, jitter left out of account.
    pub(crate) fn next(&self, after: Timestamp) -> NextOccurrence {
        self.recurrence.next(after, &self.rule, &self.calendar)
    }

    /// The zone its wall times are read in.
    pub(crate) fn zone(&self) -> &TimeZone {
        self.calendar.zone()
    }

    /// The instant after which the next occurrence of a plan is looked for.
    pub(crate) fn reached(&self, plan: &SchedulePlan) -> Timestamp {
        plan.last
            .as_ref()
            .map_or(plan.since, |last| self.without_jitter(last))
    }

    /// The planned instant of an occurrence before its jitter was added.
    fn without_jitter(&self, planned: &PlannedOccurrence) -> Timestamp {
        if self.rule.jitter_s == 0 {
            return planned.at;
        }
        let earliest = planned
            .at
            .checked_sub(SignedDuration::from_secs(i64::from(self.rule.jitter_s) + 1))
            .unwrap_or(planned.at);
        let mut after = earliest;
        while let NextOccurrence::At(next) = self.next(after) {
            if next.at > planned.at {
                break;
            }
            if next.local == planned.nominal && next.fires_at() == planned.at {
                return next.at;
            }
            after = next.at;
        }
        planned.at
    }

    /// Refuses jitter that could let an occurrence overtake the next.
    pub(crate) fn check_jitter(&self, from: Timestamp) -> Result<(), Refusal> {
        let jitter = self.rule.jitter_s;
        let invalid = |why: String| Err(fields::invalid("jitter", why));
        if jitter > MOST_JITTER_S {
            return invalid(format!("{jitter} s is more than a day"));
        }
        let mut before = None;
        let mut after = from;
        for _ in 0..LOOKED_AT {
            let NextOccurrence::At(next) = self.next(after) else {
                break;
            };
            if let Some(before) = before
                && next.at.duration_since(before) <= SignedDuration::from_secs(i64::from(jitter))
            {
                return invalid(format!(
                    "occurrences may lie only {} s apart, and {jitter} s could let one overtake the next",
                    next.at.duration_since(before).as_secs()
                ));
            }
            (before, after) = (Some(next.at), next.at);
        }
        Ok(())
    }

    /// The schedule in words, for the person who is about to rely on it.
    pub(crate) fn words(&self) -> String {
        let days = match self.days {
            Days::Any => "",
            Days::Working => ", working days only",
            Days::NonWorking => ", days off only",
        };
        let jitter = match self.rule.jitter_s {
            0 => String::new(),
            jitter => format!(", up to {jitter} s later"),
        };
        let zone = self.zone().iana_name().unwrap_or("local");
        format!("{}{days}{jitter}, {zone} time", self.recurrence.words())
    }

    /// An instant as people of its zone write it.
    pub(crate) fn local(&self, at: Timestamp) -> String {
        self.zone()
            .to_datetime(at)
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    }

    /// The instant just before another, so that a search includes it.
    pub(crate) fn just_before(at: Timestamp) -> Timestamp {
        at.checked_sub(1.nanosecond()).unwrap_or(at)
    }
}
