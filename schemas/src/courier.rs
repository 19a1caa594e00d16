//! What courier keeps: who must be told what, on which channel, and how that went.

mod declared;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Time;
use picket_schemas_derive::{CommandVerbs, EventKinds, Mentions};
use serde::{Deserialize, Serialize};

use crate::ids::{AreaCode, CaseId, ClockId, NoticeId, PersonId, PostCode, RecordId, SubjectId};
use crate::lenient;
use crate::mention::{Mention, Mentions, Within, within};

pub use declared::DECLARED;

/// What a notice is about; the card is drawn from it when it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A task may be taken.
    Offer,
    /// A task came back for correction.
    Returned,
    /// A batch was cancelled, and with it the sheets one holds or was offered.
    Cancelled,
    /// A task has nobody.
    Unassigned,
    /// A sheet waits for sign-off.
    Review,
    /// A lead waits for classification.
    Screen,
    /// A lead came to the department.
    Routed,
    /// What you found went to a department.
    FindingRouted,
    /// What you found is in order now.
    FindingCleared,
    /// Not ours, said the department.
    LeadReturned,
    /// A fix waits for verification.
    Verify,
    /// A fix was found wanting.
    FixFailed,
    /// Something is due soon.
    Reminder,
    /// A deadline passed; this step of the ladder was taken.
    Ladder,
    /// A step waits for a signature.
    Proposal,
    /// The day in figures.
    Digest,
    /// A bulletin is frozen.
    Bulletin,
}

/// How pressing a notice is: one that is more so never waits behind one that is less.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// A step of the ladder, an urgent lead.
    Urgent,
    /// Something to do.
    #[default]
    Work,
    /// Something to know.
    News,
}

impl Priority {
    /// Whether it is what most notices are.
    pub fn is_work(&self) -> bool {
        *self == Self::Work
    }
}

/// A notice that goes out as part of another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundled {
    /// Its id.
    pub notice: NoticeId,
    /// The thing it is about.
    pub about: RecordId,
}

impl Mentions for Bundled {
    fn mentions<'a>(&'a self, each: &mut dyn FnMut(Mention<'a>)) {
        let Self { notice, about } = self;
        within(notice, Within::Bundled, each);
        within(about, Within::Bundled, each);
    }
}

/// What follows a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// It is tried again then.
    Again(Timestamp),
    /// The channel had nobody who serves it, and the attempt does not count: it is tried again then, or as soon as
    /// something else got through.
    Served(Timestamp),
    /// It waits until the person can be written to again, and is dropped at that instant.
    Reachable(Timestamp),
    /// That was all.
    Never,
}

/// Hours of the local day in which only what is urgent goes out; the end may lie on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// From this time on.
    pub from: Time,
    /// Up to this time; the same as the start: never.
    pub until: Time,
}

/// What courier remembers of an open task, report, lead, case or order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Mentions)]
pub struct Matter {
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaCode>,
    /// The post it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<PostCode>,
    /// The institution or place it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<SubjectId>,
    /// The case an order belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// Who holds the task, found the lead, handles the case or recorded the fix.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<PersonId>,
    /// Who else may know of it before its release.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crew: Vec<PersonId>,
    /// Whether it does not wait for the morning.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
    /// Nobody else may hear of it before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_until: Option<Timestamp>,
}

/// What happened in a courier book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, EventKinds, Mentions)]
#[serde(tag = "type")]
pub enum Event {
    #[serde(rename = "notice.queued")]
    NoticeQueued {
        notice: NoticeId,
        to: PersonId,
        kind: NoticeKind,
        /// The thing it is about: a task, lead, order, step, bulletin.
        about: RecordId,
        /// The clock that must still run when it is sent, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        clock: Option<ClockId>,
        urgent: bool,
        /// Not before this instant.
        after: Timestamp,
        /// Small facts the card shows.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        with: BTreeMap<String, String>,
        /// The fact it follows from, `journal:n:entry`; the same fact never tells the same person twice.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        cause: String,
        /// Why it does not go at once, where it does not.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        waits: String,
    },
    /// Waits until a later instant, and why.
    #[serde(rename = "notice.deferred")]
    NoticeDeferred {
        notice: NoticeId,
        after: Timestamp,
        reason: String,
    },
    /// Its reason ended while a transport had it: whatever comes of that attempt, there is no other.
    #[serde(rename = "notice.overtaken")]
    NoticeOvertaken { notice: NoticeId, reason: String },
    /// Not sent, and why.
    #[serde(rename = "notice.suppressed")]
    NoticeSuppressed { notice: NoticeId, reason: String },
    /// Given to the transports; no outcome by `until` means unknown. The channel that took it is in the outcome.
    #[serde(rename = "notice.handed")]
    NoticeHanded {
        notice: NoticeId,
        to: PersonId,
        kind: NoticeKind,
        about: RecordId,
        /// 1 at first.
        attempt: u32,
        channel: String,
        until: Timestamp,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        with: BTreeMap<String, String>,
        #[serde(default, skip_serializing_if = "Priority::is_work")]
        priority: Priority,
        /// Notices of the same kind to the same person that go with it; its outcome is theirs.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        also: Vec<Bundled>,
    },
    #[serde(rename = "notice.sent")]
    NoticeSent {
        notice: NoticeId,
        attempt: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        also: Vec<NoticeId>,
        /// Where it was shown.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        channel: String,
    },
    #[serde(rename = "notice.failed")]
    NoticeFailed {
        notice: NoticeId,
        attempt: u32,
        reason: String,
        /// What follows. Where it is not said: three attempts, after one and ten minutes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Next>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        also: Vec<NoticeId>,
        /// Where it was tried.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        channel: String,
    },
    /// Nobody knows whether it arrived; it is counted and not sent again.
    #[serde(rename = "notice.unknown")]
    NoticeUnknown {
        notice: NoticeId,
        attempt: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        also: Vec<NoticeId>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
        /// Where it was tried, where that is known.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        channel: String,
    },
    /// The person cannot be written to on this channel, until they write themselves.
    #[serde(rename = "channel.lost")]
    ChannelLost {
        person: PersonId,
        channel: String,
        reason: String,
    },
    /// The person can be written to again.
    #[serde(rename = "channel.restored")]
    ChannelRestored { person: PersonId, channel: String },
    /// Somebody's quiet hours, or everybody's who has none of their own; without hours: as built in.
    #[serde(rename = "quiet_hours.set")]
    QuietHoursSet {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hours: Option<QuietHours>,
        by: PersonId,
    },
    #[serde(rename = "notices.held")]
    NoticesHeld {
        /// How many bells rang late at once.
        late: u32,
    },
    #[serde(rename = "notices.released")]
    NoticesReleased {},
    /// Courier must remember this of a task, report, lead, case or order to know whom to tell later.
    #[serde(rename = "matter.noted")]
    MatterNoted { about: RecordId, matter: Matter },
    /// It is over; nobody will be told of it again.
    #[serde(rename = "matter.closed")]
    MatterClosed { about: RecordId },
}

/// What a transport says of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The platform took it.
    Sent,
    /// It will not arrive.
    Failed,
    /// It was not shown now, or showing it again changes nothing: later.
    Deferred,
    /// The person does not let us write there.
    Blocked,
    /// Nobody knows whether it arrived.
    Unknown,
    /// Nobody serves the channel now; the attempt reached nobody and does not count.
    Away,
}

/// What one may ask of courier: transports report how an attempt went, people say when they want quiet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, CommandVerbs)]
#[serde(tag = "do", deny_unknown_fields)]
pub enum Command {
    #[serde(rename = "courier.report_delivery")]
    ReportDelivery {
        notice: NoticeId,
        attempt: u32,
        delivery: Delivery,
        #[serde(default)]
        reason: String,
        /// The channel it was tried on.
        #[serde(default)]
        channel: String,
        /// Not to be tried again before so many seconds have passed.
        #[serde(default, deserialize_with = "lenient::option")]
        retry_after: Option<u32>,
    },
    /// The person does not let us write on this channel any more, says the channel.
    #[serde(rename = "courier.unreachable")]
    Unreachable {
        /// Code or full id.
        person: String,
        channel: String,
        #[serde(default)]
        reason: String,
    },
    /// The person wrote on this channel: they can be written to there again.
    #[serde(rename = "courier.reachable")]
    Reachable { person: String, channel: String },
    /// Of a person, or of everybody who has none of their own; without hours it is again as it was before.
    #[serde(rename = "courier.set_quiet_hours")]
    SetQuietHours {
        /// Code or full id.
        #[serde(default)]
        person: Option<String>,
        #[serde(default)]
        from: Option<Time>,
        #[serde(default)]
        until: Option<Time>,
    },
}
