//! What courier keeps: who must be told what, on which channel, and how that went.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{AreaCode, NoticeId, PersonId, PostCode};

/// What a notice is about; the card is drawn from it when it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A task may be taken.
    Offer,
    /// A task came back for correction.
    Returned,
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

/// What courier remembers of an open task, report, lead, case or order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaCode>,
    /// The post it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<PostCode>,
    /// The institution or place it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The case an order belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
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

events! {
    /// What happened in a courier book.
    pub enum Event {
        "notice.queued" NoticeQueued {
            notice: NoticeId, to: PersonId, kind: NoticeKind,
            /// The thing it is about: a task, lead, order, step, bulletin.
            about: String,
            /// The clock that must still run when it is sent, if any.
            #[serde(default, skip_serializing_if = "Option::is_none")] clock: Option<String>,
            urgent: bool,
            /// Not before this instant.
            after: Timestamp,
            /// Small facts the card shows.
            #[serde(default, skip_serializing_if = "BTreeMap::is_empty")] with: BTreeMap<String, String>,
            /// The fact it follows from, `journal:n:entry`; the same fact never tells the same person twice.
            #[serde(default, skip_serializing_if = "String::is_empty")] cause: String,
        },
        /// Waits until a later instant, and why.
        "notice.deferred" NoticeDeferred { notice: NoticeId, after: Timestamp, reason: String },
        /// Its reason ended while a transport had it: whatever comes of that attempt, there is no other.
        "notice.overtaken" NoticeOvertaken { notice: NoticeId, reason: String },
        /// Not sent, and why.
        "notice.suppressed" NoticeSuppressed { notice: NoticeId, reason: String },
        /// Given to a transport; no outcome by `until` means unknown.
        "notice.handed" NoticeHanded { notice: NoticeId, to: PersonId, kind: NoticeKind, about: String, attempt: u32, channel: String, until: Timestamp, #[serde(default, skip_serializing_if = "BTreeMap::is_empty")] with: BTreeMap<String, String> },
        "notice.sent" NoticeSent { notice: NoticeId, attempt: u32 },
        "notice.failed" NoticeFailed { notice: NoticeId, attempt: u32, reason: String },
        "notice.unknown" NoticeUnknown { notice: NoticeId, attempt: u32 },
        "notices.held" NoticesHeld { late: u32 },
        "notices.released" NoticesReleased {},
        /// Courier must remember this of a task, report, lead, case or order to know whom to tell later.
        "matter.noted" MatterNoted { about: String, matter: Matter },
        /// It is over; nobody will be told of it again.
        "matter.closed" MatterClosed { about: String },
    }
}

/// What a transport says of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The platform took it.
    Sent,
    /// It will not arrive.
    Failed,
}

commands! {
    /// What one may ask of courier: transports report how an attempt went.
    pub enum Command {
        "courier.report_delivery" ReportDelivery { notice: NoticeId, attempt: u32, delivery: Delivery, #[serde(default)] reason: String },
    }
}
