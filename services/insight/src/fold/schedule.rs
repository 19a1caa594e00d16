//! Schedule facts: schedules with their next run, and how the last one went.

use jiff::civil::DateTime;
use picket_schemas::registry::Role;
use picket_schemas::schedule::{Does, Event};

use super::EventFold;
use crate::InsightError;
use crate::sql::{micros, word};

impl EventFold<'_> {
    pub(super) fn schedule(&self, event: &Event) -> Result<(), InsightError> {
        match event {
            Event::ScheduleDefined { schedule, words, .. } => self.put(
                "INSERT INTO schedules (j, code, cron, words, does) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (j, code) DO UPDATE SET cron = excluded.cron, words = excluded.words, does = excluded.does, next = NULL, next_id = NULL",
                (self.j, schedule.code.as_str(), &schedule.cron, words, does(&schedule.does)),
            ),
            Event::SchedulePaused { schedule, reason, .. } => self.put("UPDATE schedules SET paused = ?3 WHERE j = ?1 AND code = ?2", (self.j, schedule.as_str(), reason)),
            Event::ScheduleResumed { schedule, .. } => self.put("UPDATE schedules SET paused = NULL WHERE j = ?1 AND code = ?2", (self.j, schedule.as_str())),
            Event::OccurrencePlanned { occurrence, schedule, at, .. } => {
                self.put("UPDATE schedules SET next = ?3, next_id = ?4 WHERE j = ?1 AND code = ?2", (self.j, schedule.as_str(), micros(*at), occurrence.as_str()))
            }
            Event::OccurrenceWaiting { schedule, year, .. } => {
                self.put("UPDATE schedules SET next = NULL, next_id = NULL, last = ?3 WHERE j = ?1 AND code = ?2", (self.j, schedule.as_str(), format!("waiting for the calendar of {year}")))
            }
            Event::OccurrenceFired { occurrence, schedule, nominal, .. } => self.ran(schedule.as_str(), occurrence.as_str(), "fired", *nominal, None),
            Event::OccurrenceLate { occurrence, schedule, nominal, why, .. } => self.ran(schedule.as_str(), occurrence.as_str(), "late", *nominal, Some(why)),
            Event::OccurrenceMissed { occurrence, schedule, nominal, why, .. } => self.ran(schedule.as_str(), occurrence.as_str(), "missed", *nominal, Some(why)),
            Event::OccurrenceSkipped { occurrence, schedule, nominal, why, .. } => self.ran(schedule.as_str(), occurrence.as_str(), "skipped", *nominal, Some(why)),
            Event::OccurrenceCaused { .. } | Event::OccurrenceDone { .. } => Ok(()),
        }
    }

    fn ran(
        &self,
        schedule: &str,
        occurrence: &str,
        how: &str,
        nominal: DateTime,
        why: Option<&String>,
    ) -> Result<(), InsightError> {
        let mut last = format!("{how} {}", nominal.strftime("%Y-%m-%d %H:%M"));
        if let Some(why) = why {
            last.push_str(": ");
            last.push_str(why);
        }
        // The next one may already be planned; only the one that ran is taken away.
        self.put(
            "UPDATE schedules SET last = ?3, next = CASE WHEN next_id = ?4 THEN NULL ELSE next END WHERE j = ?1 AND code = ?2",
            (self.j, schedule, last, occurrence),
        )
    }
}

/// The action of a schedule, in a few words.
fn does(does: &Does) -> String {
    match does {
        Does::IssueBatch { name, .. } => format!("issues the batch {name}"),
        Does::Remind { of, within } if *within > 0 => format!(
            "reminds of {} within {within} working days",
            word(of).replace('_', " ")
        ),
        Does::Remind { of, .. } => format!("reminds of {}", word(of).replace('_', " ")),
        Does::Digest { to } => format!(
            "sends the digest of the day to every {}",
            to.iter()
                .map(|role: &Role| word(role).replace('_', " "))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Does::Freeze { name, .. } => format!("freezes the bulletin {name}"),
    }
}
