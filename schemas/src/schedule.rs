//! What the schedule book keeps: cron schedules and their occurrences.

mod declared;

use jiff::Timestamp;
use jiff::civil::DateTime;
use picket_schemas_derive::{CommandVerbs, EventKinds, Mentions};
use serde::{Deserialize, Serialize};

use crate::dispatch::{Assign, Select};
use crate::ids::{BatchId, OccurrenceId, PersonId, ScheduleCode};
use crate::lenient;
use crate::span::Span;

pub use declared::DECLARED;

/// On which days an occurrence may fall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Days {
    /// Every day the expression names.
    #[default]
    Any,
    /// Working days only.
    Working,
    /// Days off only.
    NonWorking,
}

/// A local time that a change of the clock leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// Right after the gap.
    #[default]
    Shift,
    /// Not that day.
    Skip,
}

/// A local time that a change of the clock brings twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fold {
    /// The first.
    #[default]
    First,
    /// The second.
    Last,
    /// Both.
    Both,
}

/// What happens when one is due while the last is still running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// The new one is skipped.
    Skip,
    /// One waits.
    BufferOne,
    /// All wait.
    BufferAll,
    /// Both run.
    #[default]
    Allow,
}

/// What happens with those missed while nothing ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// All of the last day.
    All,
    /// The latest of the last day.
    #[default]
    Latest,
    /// None.
    None,
}

/// What to remind of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemindOf {
    /// Tasks nobody accepted.
    NotAccepted,
    /// Tasks not submitted.
    NotSubmitted,
    /// Orders due within so many working days.
    OrdersDue,
}

/// What an occurrence does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Mentions)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Does {
    /// Issues a batch.
    IssueBatch {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        campaign: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        round: Option<u32>,
        #[serde(default)]
        select: Select,
        #[serde(default)]
        assign: Assign,
        #[serde(default)]
        checklist: String,
        #[serde(default)]
        window: Option<Span>,
    },
    /// Reminds those who owe something.
    Remind {
        of: RemindOf,
        /// For orders: due within so many working days.
        #[serde(default)]
        within: u32,
    },
    /// Sends a digest of the day to everybody with a role.
    Digest { to: Vec<crate::registry::Role> },
    /// Freezes a bulletin.
    Freeze {
        name: String,
        /// Start of the window; default the first day of the year.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rounding: Option<crate::bulletin::Rounding>,
    },
}

/// A schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Mentions)]
pub struct Schedule {
    /// Its code.
    pub code: ScheduleCode,
    /// Five fields, weekdays by name.
    pub cron: String,
    /// IANA zone; default the jurisdiction's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    #[serde(default)]
    pub days: Days,
    #[serde(default)]
    pub overlap: Overlap,
    #[serde(default)]
    pub catch_up: CatchUp,
    #[serde(default)]
    pub gap: Gap,
    #[serde(default)]
    pub fold: Fold,
    /// Up to so many seconds later, the same for the same occurrence.
    #[serde(default)]
    pub jitter_s: u32,
    pub does: Does,
}

/// How an occurrence ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// On time.
    Fired,
    /// After its time, within the catch-up window.
    Late,
    /// Nothing ran at its time.
    Missed,
    /// Left out: paused, or the one before still ran.
    Skipped,
}

/// What happened in a schedule book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, EventKinds, Mentions)]
#[serde(tag = "type")]
pub enum Event {
    #[serde(rename = "schedule.defined")]
    ScheduleDefined {
        schedule: Schedule,
        /// When it comes round, for people.
        words: String,
    },
    #[serde(rename = "schedule.paused")]
    SchedulePaused {
        schedule: ScheduleCode,
        reason: String,
        by: PersonId,
    },
    #[serde(rename = "schedule.resumed")]
    ScheduleResumed {
        schedule: ScheduleCode,
        by: PersonId,
    },
    /// The next one. `nominal` is local wall time.
    #[serde(rename = "occurrence.planned")]
    OccurrencePlanned {
        occurrence: OccurrenceId,
        schedule: ScheduleCode,
        nominal: DateTime,
        /// When it fires, jitter included.
        at: Timestamp,
    },
    /// A schedule that cannot go on without the calendar of a year.
    #[serde(rename = "occurrence.waiting")]
    OccurrenceWaiting { schedule: ScheduleCode, year: i16 },
    #[serde(rename = "occurrence.fired")]
    OccurrenceFired {
        #[mentions(new)]
        occurrence: OccurrenceId,
        schedule: ScheduleCode,
        nominal: DateTime,
        due: Timestamp,
        does: Does,
        /// Who fired it by hand.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
    },
    #[serde(rename = "occurrence.late")]
    OccurrenceLate {
        occurrence: OccurrenceId,
        schedule: ScheduleCode,
        nominal: DateTime,
        due: Timestamp,
        does: Does,
        why: String,
    },
    #[serde(rename = "occurrence.missed")]
    OccurrenceMissed {
        occurrence: OccurrenceId,
        schedule: ScheduleCode,
        nominal: DateTime,
        due: Timestamp,
        why: String,
    },
    #[serde(rename = "occurrence.skipped")]
    OccurrenceSkipped {
        occurrence: OccurrenceId,
        schedule: ScheduleCode,
        nominal: DateTime,
        due: Timestamp,
        why: String,
    },
    /// What it set going, not yet finished.
    #[serde(rename = "occurrence.caused")]
    OccurrenceCaused {
        occurrence: OccurrenceId,
        caused: BatchId,
    },
    /// What it caused came back.
    #[serde(rename = "occurrence.done")]
    OccurrenceDone {
        occurrence: OccurrenceId,
        caused: BatchId,
    },
}

/// What one may ask of the schedule book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, CommandVerbs)]
#[serde(tag = "do", deny_unknown_fields)]
pub enum Command {
    #[serde(rename = "schedule.define")]
    Define {
        code: ScheduleCode,
        /// Five fields, weekdays by name.
        cron: String,
        /// IANA zone; without one the jurisdiction's.
        #[serde(default)]
        zone: Option<String>,
        #[serde(default)]
        days: Days,
        #[serde(default)]
        overlap: Overlap,
        #[serde(default)]
        catch_up: CatchUp,
        #[serde(default)]
        gap: Gap,
        #[serde(default)]
        fold: Fold,
        /// Up to so many seconds later, the same for the same occurrence.
        #[serde(default, deserialize_with = "lenient::value")]
        jitter: u32,
        does: Does,
    },
    #[serde(rename = "schedule.pause")]
    Pause { code: ScheduleCode, reason: String },
    #[serde(rename = "schedule.resume")]
    Resume { code: ScheduleCode },
    #[serde(rename = "schedule.trigger")]
    Trigger { code: ScheduleCode },
    #[serde(rename = "schedule.backfill")]
    Backfill {
        code: ScheduleCode,
        from: Timestamp,
        to: Timestamp,
        /// Nothing is fired; it only shows whether it could be.
        #[serde(default, deserialize_with = "lenient::value")]
        dry_run: bool,
    },
}
