//! The rules a jurisdiction sets for itself: routing table, ladders, working calendar.
//!
//! Each holds for the whole jurisdiction, so whoever sets one must act for all of it.
//! It checks that a rule can be followed; it does not follow it: rectification routes, escalation climbs,
//! the calendar counts.

use std::collections::BTreeSet;

use jiff::civil::Date;
use picket_book::Decision;
use picket_book::fields::{self, YEARS};
use picket_calendar::{BadTable, YearTable};
use picket_schemas::Refusal;
use picket_schemas::escalation::ClockKind;
use picket_schemas::registry::{Command, Event, Route, Rung, Target, Training};

use crate::Registry;

/// The most days a rung may be from the due day.
const FARTHEST: i32 = 365;

impl Registry {
    pub(crate) fn set_route(
        &self,
        command: &Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let Command::SetRoute {
            order,
            violation,
            training,
            lead,
            assist,
            joint,
        } = command
        else {
            unreachable!("decide hands each command to its own verb")
        };
        self.may_everywhere(command.verb(), cx)?;
        let violation = or_any(violation);
        if violation != "*" {
            fields::violation("violation", &violation).map_err(|_| {
                fields::invalid(
                    "violation",
                    "a violation code has at most 8 capital letters and digits; `*` matches any",
                )
            })?;
        }
        let training = or_any(training);
        if training != "*" && serde_json::from_value::<Training>(training.as_str().into()).is_err()
        {
            return Err(fields::invalid(
                "training",
                "it is none of subject, arts, sports, science, custody, other; `*` matches any",
            ));
        }
        self.needs_department(lead, cx)?;
        let mut assisting = Vec::with_capacity(assist.len());
        for department in assist {
            self.needs_department(department, cx)?;
            if department == lead {
                return Err(fields::invalid("assist", format!("{lead} leads already")));
            }
            if !assisting.contains(department) {
                assisting.push(department.clone());
            }
        }
        let route = Route {
            order: *order,
            violation,
            training,
            lead: lead.clone(),
            assist: assisting,
            joint: *joint,
        };
        Ok(if self.layer.routes.get(order) == Some(&route) {
            Vec::new()
        } else {
            vec![Event::RouteSet { route }]
        })
    }

    pub(crate) fn set_ladder(
        &self,
        clock: &str,
        rungs: &[Rung],
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        self.may_everywhere("registry.set_ladder", cx)?;
        let clock = or_any(clock);
        if clock != "*" && !ClockKind::ALL.iter().any(|kind| kind.as_str() == clock) {
            let kinds: Vec<_> = ClockKind::ALL.iter().map(|kind| kind.as_str()).collect();
            return Err(fields::invalid(
                "clock",
                format!("it is none of {}; `*` holds for all", kinds.join(", ")),
            ));
        }
        if rungs.is_empty() {
            return Err(fields::missing(
                "rungs",
                "a ladder without a step would let everything pass in silence",
            ));
        }
        let mut levels = BTreeSet::new();
        let mut last = None;
        for rung in rungs {
            self.check_rung(rung, cx)?;
            if !levels.insert(rung.level.as_str()) {
                return Err(fields::invalid(
                    "rungs",
                    format!("{} stands there twice", rung.level),
                ));
            }
            if last.is_some_and(|last| rung.after <= last) {
                return Err(fields::invalid(
                    "rungs",
                    format!("{} must come after the step before it", rung.level),
                ));
            }
            last = Some(rung.after);
        }
        if self
            .layer
            .ladders
            .get(&clock)
            .is_some_and(|known| known == rungs)
        {
            return Ok(Vec::new());
        }
        Ok(vec![Event::LadderSet {
            clock,
            rungs: rungs.to_vec(),
        }])
    }

    fn check_rung(&self, rung: &Rung, cx: &Decision<'_>) -> Result<(), Refusal> {
        if !matches!(rung.level.as_bytes(), [b'B', b'0'..=b'9']) {
            return Err(fields::invalid(
                "rungs",
                format!("a level is B0, B1 and so on, not `{}`", rung.level),
            ));
        }
        if rung.after.unsigned_abs() > FARTHEST.unsigned_abs() {
            return Err(fields::invalid(
                "rungs",
                format!(
                    "{} is more than {FARTHEST} working days from the due day",
                    rung.level
                ),
            ));
        }
        if rung.targets.is_empty() {
            return Err(fields::missing("rungs", "every step addresses somebody"));
        }
        for target in &rung.targets {
            match target {
                Target::Person(person) => drop(self.needs_person(person.as_str(), cx)?),
                Target::Group(group) if group.trim().is_empty() => {
                    return Err(fields::missing("rungs", "a group chat has a name"));
                }
                Target::Group(group) => fields::length("rungs", group, fields::NAME)?,
                _ => {}
            }
        }
        Ok(())
    }

    pub(crate) fn publish_calendar(
        &self,
        year: i16,
        off: &BTreeSet<Date>,
        work: &BTreeSet<Date>,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        self.may_everywhere("registry.publish_calendar", cx)?;
        if !YEARS.contains(&year) {
            return Err(fields::invalid(
                "year",
                format!(
                    "{year} is not a year of {} to {}",
                    YEARS.start(),
                    YEARS.end()
                ),
            ));
        }
        if off.is_empty() && work.is_empty() {
            return Err(fields::missing(
                "off",
                "a year without a single day off is hardly meant",
            ));
        }
        let before = self.layer.calendars.get(&year);
        if before.is_some_and(|known| known.off == *off && known.work == *work) {
            return Ok(Vec::new());
        }
        let edition = before
            .and_then(|known| known.version.rsplit('.').next()?.parse::<u32>().ok())
            .map_or(1, |last| last.saturating_add(1));
        let version = format!("{}-{year}.{edition}", cx.jurisdiction);
        let table = YearTable {
            year,
            off: off.clone(),
            work: work.clone(),
            version,
            source: String::new(),
        };
        table.check().map_err(|bad| match bad {
            BadTable::Both { .. } => fields::invalid("work", bad.to_string()),
            BadTable::Elsewhere { .. } => {
                fields::invalid("off", format!("{bad}; the December before is allowed"))
            }
        })?;
        Ok(vec![Event::CalendarPublished {
            year,
            off: table.off,
            work: table.work,
            version: table.version,
        }])
    }
}

/// A field of a rule in which nothing means anything.
fn or_any(text: &str) -> String {
    match text.trim() {
        "" => "*".to_owned(),
        text => text.to_owned(),
    }
}
