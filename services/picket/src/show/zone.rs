//! The zone people live in: instants and deadlines as they read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_schemas::ask::Deadline;

/// Shows instants in a zone; what holds instants is shown through it.
pub(super) struct Zone<'a>(pub(super) &'a TimeZone);

impl Zone<'_> {
    pub(super) fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.0.clone())
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    }

    /// The end of a day is written as 24:00 of that day, as orders print it.
    pub(super) fn end(&self, at: Timestamp) -> String {
        let local = at.to_zoned(self.0.clone());
        if local.time() != jiff::civil::Time::midnight() {
            return self.time(at);
        }
        local.yesterday().map_or_else(
            |_| self.time(at),
            |day| day.strftime("%Y-%m-%d 24:00").to_string(),
        )
    }

    pub(super) fn due(&self, deadline: Option<&Deadline>) -> String {
        let Some(deadline) = deadline else {
            return "–".into();
        };
        let mut text = self.end(deadline.due);
        for (flag, word) in [
            (deadline.provisional, "provisional"),
            (deadline.paused, "paused"),
            (deadline.overdue, "OVERDUE"),
        ] {
            if flag {
                text.push(' ');
                text.push_str(word);
            }
        }
        text
    }
}
