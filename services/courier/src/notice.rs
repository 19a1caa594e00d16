//! A notice that is not done with: who it is for, what it waits for, how pressing it is.
//!
//! It decides nothing: events tell the queue what happened to it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use picket_schemas::courier::{NoticeKind, Priority};
use picket_schemas::{ClockId, NoticeId, PersonId, RecordId};
use serde::{Deserialize, Serialize};

/// A notice that is not done with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PendingNotice {
    pub(crate) to: PersonId,
    pub(crate) kind: NoticeKind,
    pub(crate) about: RecordId,
    pub(crate) clock: Option<ClockId>,
    pub(crate) urgent: bool,
    pub(crate) with: BTreeMap<String, String>,
    pub(crate) cause: String,
    /// The instant at which it is sent, or given up.
    pub(crate) bell: Timestamp,
    pub(crate) state: NoticeState,
    /// The instant at which it might have gone first; how long it is of use counts from there.
    pub(crate) since: Timestamp,
    /// The number of its attempts that reached nobody at all and do not count.
    pub(crate) spared: u32,
    /// A return that may come before its bell.
    pub(crate) awaits: Option<Awaits>,
    /// Its reason ended while a transport had it.
    pub(crate) overtaken: bool,
}

/// ```text
///            ┌──────── failed, to be tried again ────┐
///            ▼                                       │
/// queued ▶ Waiting ── handed ──▶ Handed ── sent, failed for good, unknown ──▶ (leaves)
///            │  └──── with one ─▶ Riding ── as the one it goes with ──▶
///            └── suppressed ──▶ (leaves)
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NoticeState {
    /// Until its bell, after so many attempts.
    Waiting { attempts: u32 },
    /// A transport has it, with those that go with it, and has not answered.
    Handed { attempt: u32, riders: Vec<NoticeId> },
    /// It goes with another one.
    Riding { attempt: u32 },
}

/// A return that lets a waiting notice go before its bell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Awaits {
    /// Somebody serves this channel again.
    Served(String),
    /// The person can be written to on this channel again.
    Reachable(String),
}

impl NoticeState {
    /// The attempt under way, or the last.
    pub(crate) fn attempt(&self) -> u32 {
        match self {
            Self::Waiting { attempts } => *attempts,
            Self::Handed { attempt, .. } | Self::Riding { attempt } => *attempt,
        }
    }
}

impl PendingNotice {
    /// Its priority.
    pub(crate) fn priority(&self) -> Priority {
        priority(self.kind, self.urgent)
    }

    pub(crate) fn waits(&self) -> bool {
        matches!(self.state, NoticeState::Waiting { .. })
    }

    /// The number of attempts that count.
    pub(crate) fn used(&self) -> u32 {
        self.state.attempt().saturating_sub(self.spared)
    }

    /// After this instant telling it helps nobody any more: what it says was read elsewhere, or the next one says it.
    pub(crate) fn useful_until(&self) -> Timestamp {
        let hours = if self.kind == NoticeKind::Digest {
            24
        } else {
            72
        };
        self.since
            .checked_add(SignedDuration::from_hours(hours))
            .unwrap_or(Timestamp::MAX)
    }

    /// True if the person could not be written to for so long that telling it helps nobody any more.
    pub(crate) fn is_given_up_by(&self, at: Timestamp) -> bool {
        matches!(self.awaits, Some(Awaits::Reachable(_))) && self.useful_until() <= at
    }

    /// Under which name it stands among those that wait for something.
    pub(crate) fn awaited(&self) -> Option<String> {
        self.awaits.as_ref().map(|awaits| match awaits {
            Awaits::Served(channel) => channel.clone(),
            Awaits::Reachable(channel) => at_person(channel, &self.to),
        })
    }

    /// True if no person but a clock or a schedule caused it. A signed step is a person's.
    pub(crate) fn is_automatic(&self) -> bool {
        match self.kind {
            NoticeKind::Reminder | NoticeKind::Proposal | NoticeKind::Digest => true,
            NoticeKind::Ladder => !self.with.contains_key("signed"),
            _ => false,
        }
    }
}

/// The priority of a notice of a kind.
pub(crate) fn priority(kind: NoticeKind, urgent: bool) -> Priority {
    match kind {
        _ if urgent => Priority::Urgent,
        NoticeKind::Ladder => Priority::Urgent,
        NoticeKind::Digest
        | NoticeKind::Bulletin
        | NoticeKind::FindingRouted
        | NoticeKind::FindingCleared => Priority::News,
        _ => Priority::Work,
    }
}

/// True if several of a kind to one person become one.
pub(crate) fn is_bundled(kind: NoticeKind) -> bool {
    matches!(kind, NoticeKind::Offer | NoticeKind::Digest)
}

/// The name under which a notice waits for a person on a channel.
pub(crate) fn at_person(channel: &str, person: &PersonId) -> String {
    format!("{channel} {person}")
}
