//! Schedules in sentences: what was defined, and how each occurrence ended.

use picket_schemas::schedule;

use super::{Words, noted};

impl Words<'_> {
    pub(super) fn schedule(&self, event: &schedule::Event) -> String {
        use schedule::Event as E;
        match event {
            E::ScheduleDefined {
                schedule, words, ..
            } => format!("schedule {} was defined: {words}", schedule.code),
            E::OccurrencePlanned { occurrence, .. } => format!("{occurrence} was planned"),
            E::OccurrenceFired { occurrence, .. } => format!("{occurrence} ran"),
            E::OccurrenceLate {
                occurrence, why, ..
            } => format!("{occurrence} ran late{}", noted(why)),
            E::OccurrenceMissed {
                occurrence, why, ..
            } => format!("{occurrence} was missed{}", noted(why)),
            E::OccurrenceSkipped {
                occurrence, why, ..
            } => format!("{occurrence} was skipped{}", noted(why)),
            E::OccurrenceDone {
                occurrence, caused, ..
            } => format!("{occurrence} is done: {caused}"),
            other => other.kind().replace('.', " "),
        }
    }
}
