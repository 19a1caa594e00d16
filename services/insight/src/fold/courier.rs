//! Courier facts: notices with how their delivery stands, and channels on which people cannot be reached.

use picket_schemas::NoticeId;
use picket_schemas::courier::{Event, Next};

use super::EventFold;
use crate::InsightError;
use crate::sql::word;

impl EventFold<'_> {
    pub(super) fn courier(&self, event: &Event) -> Result<(), InsightError> {
        match event {
            Event::NoticeQueued { notice, to, kind, about, waits, .. } => self.put(
                "INSERT OR REPLACE INTO notices (j, id, person, kind, about, queued, ord, state, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'queued', ?8)",
                (self.j, notice.as_str(), to.as_str(), word(kind), about.as_str(), self.at, self.ord, said(waits)),
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
}

/// A text, where there is one.
fn said(text: &String) -> Option<&String> {
    Some(text).filter(|text| !text.is_empty())
}
