//! Schedules as text: when each runs, what it does, when it comes next.

use picket_schemas::ask::ScheduleView;

use super::layout::{labelled, width};
use super::zone::Zone;

impl Zone<'_> {
    /// One schedule a paragraph: its words are too long for columns.
    pub(super) fn schedules(&self, schedules: &[ScheduleView]) -> String {
        if schedules.is_empty() {
            return "nothing\n".into();
        }
        let mut text = String::new();
        for one in schedules {
            let next = match (&one.paused, one.next) {
                (Some(why), _) => format!("paused: {why}"),
                (None, Some(at)) => self.time(at),
                (None, None) => "–".into(),
            };
            let last = one.last.clone().unwrap_or_else(|| "–".into());
            text.push_str(&format!("{}\n", one.code));
            for (label, value) in [
                ("runs", one.words.clone()),
                ("cron", one.cron.clone()),
                ("does", one.does.clone()),
                ("next", next),
                ("last", last),
            ] {
                text.push_str(&labelled(&format!("  {label}  "), &value, width()));
            }
        }
        text
    }
}
