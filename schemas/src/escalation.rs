//! What escalation keeps: clocks, reminders, steps of the ladder against duty holders.

mod declared;

use jiff::Timestamp;
use picket_schemas_derive::{CommandVerbs, EventKinds, Mentions};
use serde::{Deserialize, Serialize};

use crate::ids::{
    AreaCode, ClockId, DepartmentCode, OccurrenceId, PersonId, PostCode, RecordId, StepId,
};
use crate::registry::Target;
use crate::span::Span;

pub use declared::DECLARED;

/// What a clock waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ClockKind {
    /// Issued → accepted.
    #[serde(rename = "task.accept")]
    TaskAccept,
    /// Accepted → submitted.
    #[serde(rename = "task.submit")]
    TaskSubmit,
    /// Submitted → approved or returned.
    #[serde(rename = "task.review")]
    TaskReview,
    /// With nobody → given to somebody.
    #[serde(rename = "task.assign")]
    TaskAssign,
    /// Opened → classified.
    #[serde(rename = "lead.screen")]
    LeadScreen,
    /// Routed → verdict.
    #[serde(rename = "lead.handle")]
    LeadHandle,
    /// Served → fix reported.
    #[serde(rename = "order.fix")]
    OrderFix,
    /// Fix reported → passed or failed.
    #[serde(rename = "order.verify")]
    OrderVerify,
}

impl ClockKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::TaskAccept,
        Self::TaskSubmit,
        Self::TaskReview,
        Self::TaskAssign,
        Self::LeadScreen,
        Self::LeadHandle,
        Self::OrderFix,
        Self::OrderVerify,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TaskAccept => "task.accept",
            Self::TaskSubmit => "task.submit",
            Self::TaskReview => "task.review",
            Self::TaskAssign => "task.assign",
            Self::LeadScreen => "lead.screen",
            Self::LeadHandle => "lead.handle",
            Self::OrderFix => "order.fix",
            Self::OrderVerify => "order.verify",
        }
    }
}

/// Who owes what a clock waits for. More than one field may be set; people come first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Mentions)]
pub struct Duty {
    /// These people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<PersonId>,
    /// This department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<DepartmentCode>,
    /// The leader of this post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<PostCode>,
    /// Everybody with this role whose area holds the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<crate::registry::Role>,
}

/// Why a step of the ladder goes to whom it goes: something is late, it has been with somebody, and the rung says whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Mentions)]
pub struct Because {
    /// Who owes it.
    pub duty: Duty,
    /// Since when it has been with them.
    pub since: Timestamp,
    /// Working days after the due day at which the rung comes.
    pub after: i32,
    /// Whom the rung addresses.
    pub targets: Vec<Target>,
}

/// What happened in an escalation book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, EventKinds, Mentions)]
#[serde(tag = "type")]
pub enum Event {
    #[serde(rename = "clock.started")]
    ClockStarted {
        clock: ClockId,
        kind: ClockKind,
        /// The task, lead or order.
        on: RecordId,
        area: AreaCode,
        duty: Duty,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<PostCode>,
        span: Span,
        /// Which rule gave the span.
        rule: String,
        /// Version of the calendar it was worked out with.
        calendar: String,
        from: Timestamp,
        due: Timestamp,
        /// A year without a table was reached: the due instant is a guess and does not ring.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        provisional: bool,
        /// When the next thing is said about it.
        next: Option<Timestamp>,
    },
    /// A provisional clock got its real due instant.
    #[serde(rename = "clock.settled")]
    ClockSettled {
        clock: ClockId,
        due: Timestamp,
        calendar: String,
        next: Option<Timestamp>,
    },
    #[serde(rename = "clock.moved")]
    ClockMoved {
        clock: ClockId,
        due: Timestamp,
        reason: String,
        by: PersonId,
        next: Option<Timestamp>,
    },
    #[serde(rename = "clock.paused")]
    ClockPaused {
        clock: ClockId,
        reason: String,
        by: PersonId,
        /// Since when, where that was before the commit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    /// The due instant moves by as long as it stood.
    #[serde(rename = "clock.resumed")]
    ClockResumed {
        clock: ClockId,
        due: Timestamp,
        by: PersonId,
        next: Option<Timestamp>,
    },
    /// What it waited for happened.
    #[serde(rename = "clock.stopped")]
    ClockStopped {
        clock: ClockId,
        kind: ClockKind,
        on: RecordId,
        /// The fact's own time.
        at: Timestamp,
        late: bool,
    },
    #[serde(rename = "reminder.due")]
    ReminderDue {
        clock: ClockId,
        kind: ClockKind,
        on: RecordId,
        to: Vec<PersonId>,
        due: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        occurrence: Option<OccurrenceId>,
        /// When the next thing is said about the clock; a reminder on a schedule leaves that as it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Timestamp>,
    },
    #[serde(rename = "deadline.passed")]
    DeadlinePassed {
        clock: ClockId,
        kind: ClockKind,
        on: RecordId,
        due: Timestamp,
        next: Option<Timestamp>,
    },
    /// A step was taken by itself.
    #[serde(rename = "ladder.stepped")]
    LadderStepped {
        step: StepId,
        clock: ClockId,
        kind: ClockKind,
        on: RecordId,
        /// `B0` … `B6`.
        level: String,
        to: Vec<PersonId>,
        due: Timestamp,
        /// When the step was meant to be taken; later than that means it says so.
        nominal: Timestamp,
        /// The sentence of version 1. Empty since version 2, and still written for readers of version 1.
        why: String,
        /// Why it goes to whom it goes; since version 2.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Because>,
        next: Option<Timestamp>,
    },
    /// A step that a person must sign.
    #[serde(rename = "ladder.proposed")]
    LadderProposed {
        step: StepId,
        clock: ClockId,
        kind: ClockKind,
        on: RecordId,
        level: String,
        to: Vec<PersonId>,
        due: Timestamp,
        /// The sentence of version 1. Empty since version 2, and still written for readers of version 1.
        why: String,
        /// Why it goes to whom it goes; since version 2.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Because>,
        next: Option<Timestamp>,
    },
    #[serde(rename = "ladder.signed")]
    LadderSigned {
        step: StepId,
        clock: ClockId,
        kind: ClockKind,
        on: RecordId,
        level: String,
        to: Vec<PersonId>,
        by: PersonId,
    },
    #[serde(rename = "ladder.skipped")]
    LadderSkipped {
        clock: ClockId,
        level: String,
        reason: String,
        next: Option<Timestamp>,
    },
    /// A step that was passed over because the ladder had fallen behind.
    #[serde(rename = "ladder.superseded")]
    LadderSuperseded { clock: ClockId, level: String },
    /// The next step waits until the promised instant.
    #[serde(rename = "step.acknowledged")]
    StepAcknowledged {
        step: StepId,
        clock: ClockId,
        promise: Timestamp,
        by: PersonId,
        next: Option<Timestamp>,
    },
    /// The stopping fact was earlier than the due instant, though it arrived later.
    #[serde(rename = "breach.withdrawn")]
    BreachWithdrawn {
        clock: ClockId,
        on: RecordId,
        at: Timestamp,
    },
    /// Too many late bells at once: outward notices wait for a person.
    #[serde(rename = "notices.held")]
    NoticesHeld {
        /// How many bells rang late at once.
        late: u32,
    },
    #[serde(rename = "notices.released")]
    NoticesReleased { by: PersonId },
    /// A clock went on with somebody else owing it.
    #[serde(rename = "clock.handed")]
    ClockHanded {
        clock: ClockId,
        kind: ClockKind,
        on: RecordId,
        duty: Duty,
    },
    /// What clocks on a task, lead or order start anew from, until it is closed.
    #[serde(rename = "matter.opened")]
    MatterOpened {
        on: RecordId,
        area: AreaCode,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<PostCode>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<PersonId>,
        /// The task's window, the lead's time for screening, the order's deadline.
        span: Span,
    },
    /// Who holds a task, where no clock says so.
    #[serde(rename = "matter.held")]
    MatterHeld {
        on: RecordId,
        holders: Vec<PersonId>,
    },
    /// Nothing more will be counted on it.
    #[serde(rename = "matter.closed")]
    MatterClosed { on: RecordId },
}

/// What one may ask of escalation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, CommandVerbs)]
#[serde(tag = "do", deny_unknown_fields)]
pub enum Command {
    #[serde(rename = "escalation.acknowledge")]
    Acknowledge {
        step: StepId,
        /// By when it will be done; the next step waits until then.
        promise: Timestamp,
    },
    #[serde(rename = "escalation.move_clock")]
    MoveClock {
        clock: ClockId,
        to: Timestamp,
        reason: String,
    },
    #[serde(rename = "escalation.pause_clock")]
    PauseClock { clock: ClockId, reason: String },
    #[serde(rename = "escalation.resume_clock")]
    ResumeClock { clock: ClockId },
    #[serde(rename = "escalation.sign_step")]
    SignStep { step: StepId },
    #[serde(rename = "escalation.release_notices")]
    ReleaseNotices {},
}
