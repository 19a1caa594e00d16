//! Facts of courier, schedule and bulletin: notices, schedules with their next run, frozen bulletins.

use jiff::civil::DateTime;
use picket_schemas::NoticeId;
use picket_schemas::courier::Next;
use picket_schemas::registry::Role;
use picket_schemas::schedule::Does;
use picket_schemas::{bulletin, courier, schedule};

use super::Fold;
use crate::InsightError;
use crate::sql::{micros, word};

impl Fold<'_> {
    pub(super) fn courier(&self, event: &courier::Event) -> Result<(), InsightError> {
        use courier::Event;
        match event {
            Event::NoticeQueued { notice, to, kind, about, waits, .. } => self.put(
                "INSERT OR REPLACE INTO notices (j, id, person, kind, about, queued, ord, state, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'queued', ?8)",
                (self.j, notice.as_str(), to.as_str(), word(kind), about, self.at, self.ord, said(waits)),
            ),
            // It still waits, or is still with a transport; only the reason is new.
            Event::NoticeDeferred { notice, reason, .. } | Event::NoticeOvertaken { notice, reason, .. } => {
                self.put("UPDATE notices SET reason = ?3 WHERE j = ?1 AND id = ?2", (self.j, notice.as_str(), reason))
            }
            Event::NoticeSuppressed { notice, reason, .. } => self.notice(notice, &[], "suppressed", Some(reason), ""),
            Event::NoticeHanded { notice, also, .. } => {
                let also: Vec<_> = also.iter().map(|one| one.notice.clone()).collect();
                self.notice(notice, &also, "handed", None, "")
            }
            Event::NoticeSent { notice, also, channel, .. } => self.notice(notice, also, "sent", None, channel),
            // One that is tried again waits.
            Event::NoticeFailed { notice, reason, next: Some(Next::Again(_) | Next::Served(_) | Next::Reachable(_)), also, channel, .. } => self.notice(notice, also, "queued", Some(reason), channel),
            Event::NoticeFailed { notice, reason, also, channel, .. } => self.notice(notice, also, "failed", Some(reason), channel),
            Event::NoticeUnknown { notice, also, reason, channel, .. } => self.notice(notice, also, "unknown", said(reason), channel),
            Event::ChannelLost { person, channel, reason } => {
                self.put("INSERT OR REPLACE INTO lost_channels (j, person, channel, since, reason) VALUES (?1, ?2, ?3, ?4, ?5)", (self.j, person.as_str(), channel, self.at, reason))
            }
            Event::ChannelRestored { person, channel } => self.put("DELETE FROM lost_channels WHERE j = ?1 AND person = ?2 AND channel = ?3", (self.j, person.as_str(), channel)),
            Event::NoticesHeld { .. } | Event::NoticesReleased {} | Event::QuietHoursSet { .. } | Event::MatterNoted { .. } | Event::MatterClosed { .. } => Ok(()),
        }
    }

    /// A notice and all that went with it; a channel that is not said stays as it was.
    fn notice(
        &self,
        notice: &NoticeId,
        also: &[NoticeId],
        state: &str,
        reason: Option<&String>,
        channel: &str,
    ) -> Result<(), InsightError> {
        for id in std::iter::once(notice).chain(also) {
            self.put("UPDATE notices SET state = ?3, reason = ?4, channel = COALESCE(NULLIF(?5, ''), channel) WHERE j = ?1 AND id = ?2", (self.j, id.as_str(), state, reason, channel))?;
        }
        Ok(())
    }

    pub(super) fn schedule(&self, event: &schedule::Event) -> Result<(), InsightError> {
        use schedule::Event;
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

    pub(super) fn bulletin(&self, event: &bulletin::Event) -> Result<(), InsightError> {
        use bulletin::Event;
        match event {
            Event::BulletinFrozen { bulletin, name, from, as_of, rounding, figures, areas, code_version, corrects, overrides, .. } => self.put(
                "INSERT OR REPLACE INTO bulletins (j, id, ord, name, begins, as_of, rounding, corrects, figures, areas, code_version, overrides) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                (
                    self.j,
                    bulletin.as_str(),
                    self.ord,
                    name,
                    micros(*from),
                    micros(*as_of),
                    word(rounding),
                    corrects.as_ref().map(AsRef::<str>::as_ref),
                    serde_json::to_string(figures)?,
                    serde_json::to_string(areas)?,
                    code_version,
                    serde_json::to_string(overrides)?,
                ),
            ),
            Event::BulletinApproved { bulletin, .. } => self.put("UPDATE bulletins SET approved = 1 WHERE j = ?1 AND id = ?2", (self.j, bulletin.as_str())),
            Event::BulletinRequested { .. } => Ok(()),
        }
    }
}

/// A text, where there is one.
fn said(text: &String) -> Option<&String> {
    Some(text).filter(|text| !text.is_empty())
}

/// What a schedule does, in a few words.
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
