//! Quiet hours: in them only what is urgent goes out.
//!
//! Everybody's own, else the jurisdiction's, else between nine in the evening and half past seven. Used when
//! a notice is queued and once more when its bell rings, for the bell may ring late.
//! It knows the local clock of the jurisdiction, not its days off: day-counted things come on working days
//! by themselves.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Time, time};
use picket_book::{Decision, fields};
use picket_calendar::Calendar;
use picket_directory::Resource;
use picket_schemas::courier::{Event, QuietHours};
use picket_schemas::{PersonId, Refusal};
use serde::{Deserialize, Serialize};

use crate::Courier;

/// The reason why something waits for the morning.
pub(crate) const WHY: &str = "quiet hours";

/// Everybody's who said nothing, in a jurisdiction that said nothing.
const BUILT_IN: QuietHours = QuietHours {
    from: time(21, 0, 0, 0),
    until: time(7, 30, 0, 0),
};

/// The quiet hours of everybody, and of those who have their own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct QuietSettings {
    everybody: Option<QuietHours>,
    people: BTreeMap<PersonId, QuietHours>,
}

impl QuietSettings {
    /// The instant itself, or in the person's quiet hours the end of them.
    pub(crate) fn end_if_quiet(
        &self,
        person: &PersonId,
        at: Timestamp,
        calendar: &Calendar,
    ) -> Timestamp {
        let hours = self
            .people
            .get(person)
            .copied()
            .or(self.everybody)
            .unwrap_or(BUILT_IN);
        let local = calendar.zone().to_datetime(at);
        let now = local.time();
        let over_midnight = hours.from > hours.until;
        let days = match (now >= hours.from, now < hours.until) {
            (true, true) => 0,
            (true, false) if over_midnight => 1,
            (false, true) if over_midnight => 0,
            _ => return at,
        };
        calendar.at(
            local.date(),
            24 * days + hours.until.hour(),
            hours.until.minute(),
        )
    }

    pub(crate) fn set(&mut self, person: Option<&PersonId>, hours: Option<QuietHours>) {
        match (person, hours) {
            (None, hours) => self.everybody = hours,
            (Some(person), Some(hours)) => drop(self.people.insert(person.clone(), hours)),
            (Some(person), None) => drop(self.people.remove(person)),
        }
    }

    fn said(&self, person: Option<&PersonId>) -> Option<QuietHours> {
        person.map_or(self.everybody, |person| self.people.get(person).copied())
    }
}

impl Courier {
    /// People say when they want quiet; a coordinator says it for others and for all.
    pub(crate) fn set_quiet_hours(
        &self,
        person: Option<&str>,
        from: Option<Time>,
        until: Option<Time>,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let person = person.map(|text| cx.person(text)).transpose()?;
        if person.as_ref() != Some(cx.actor) {
            let known = person
                .as_ref()
                .and_then(|person| cx.directory.person(person));
            cx.allow(
                "courier.set_quiet_hours",
                known.map_or_else(Resource::default, |known| Resource::at(&known.area)),
            )?;
        }
        let hours = match (from, until) {
            (None, None) => None,
            (Some(from), Some(until)) => Some(QuietHours {
                from: minute("from", from)?,
                until: minute("until", until)?,
            }),
            (Some(_), None) => return Err(fields::invalid("until", "quiet hours have an end")),
            (None, Some(_)) => return Err(fields::invalid("from", "quiet hours have a beginning")),
        };
        if self.quiet.said(person.as_ref()) == hours {
            return Ok(Vec::new());
        }
        Ok(vec![Event::QuietHoursSet {
            person,
            hours,
            by: cx.actor.clone(),
        }])
    }
}

fn minute(field: &str, time: Time) -> Result<Time, Refusal> {
    if time.second() == 0 && time.subsec_nanosecond() == 0 {
        Ok(time)
    } else {
        Err(fields::invalid(field, "it is a whole minute of the day"))
    }
}
