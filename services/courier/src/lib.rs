//! The courier book: who must be told what, when, and how that went.
//!
//! It reads every other journal of its jurisdiction and turns facts into notices, one a recipient. A notice
//! waits for its hour and its turn, is checked once more, is handed to a transport, and leaves when the
//! outcome is known.
//! One whose reason ends before it went is withdrawn at that very fact, with the reason on record: so what is
//! still in the queue when its bell rings is still true, and no copy of the other books is needed to see it.
//! It does not know how a card looks, nor who found what in anything that somebody else is told.

mod away;
mod causes;
mod delivery;
mod ladder;
mod leads;
mod matters;
mod notice;
mod orders;
mod outgoing;
mod pending;
mod queue;
mod quiet;
mod reach;
mod rounds;
mod tasks;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use picket_book::{Book, Decision, Fact, Provenance, Step, Upstream};
use picket_schemas::courier::{Command, Event, Matter, Next};
use picket_schemas::{Event as Any, RecordId, Refusal};
use serde::{Deserialize, Serialize};

use crate::causes::LastCauses;
use crate::delivery::DeliveryReport;
use crate::notice::{NoticeState, PendingNotice};
use crate::pending::PendingNotices;
use crate::queue::Queue;
use crate::quiet::QuietSettings;
use crate::reach::LostChannels;

/// Everything courier knows about one jurisdiction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Courier {
    /// The number of the last notice.
    last: u64,
    queue: Queue,
    /// Open tasks, reports, leads, cases and orders, by id.
    matters: BTreeMap<RecordId, Matter>,
    /// The last facts of each journal that led to notices.
    seen: LastCauses,
    /// True if what clocks and schedules say waits until a person releases it.
    held: bool,
    /// The quiet hours of each person.
    quiet: QuietSettings,
    /// The channels on which people cannot be written to.
    lost: LostChannels,
}

impl Book for Courier {
    const SERVICE: &'static str = "courier";
    const READS: &'static [Upstream] = &[
        Upstream::Own("registry"),
        Upstream::Own("schedule"),
        Upstream::Own("dispatch"),
        Upstream::Own("rectification"),
        Upstream::Own("escalation"),
        Upstream::Own("bulletin"),
    ];
    const LISTENS: &'static [&'static str] = &[
        "task.issued",
        "task.offered",
        "task.accepted",
        "task.declined",
        "task.unassigned",
        "task.submitted",
        "task.returned",
        "task.approved",
        "task.cancelled",
        "batch.cancelled",
        "report.received",
        "lead.opened",
        "lead.merged",
        "lead.classified",
        "lead.routed",
        "lead.returned",
        "verdict.recorded",
        "lead.archived",
        "case.filed",
        "order.served",
        "fix.reported",
        "fix.passed",
        "fix.failed",
        "case.cleared",
        "reminder.due",
        "ladder.stepped",
        "ladder.proposed",
        "ladder.signed",
        "clock.stopped",
        "clock.paused",
        "clock.moved",
        "breach.withdrawn",
        "step.acknowledged",
        "notices.held",
        "notices.released",
        "occurrence.fired",
        "occurrence.late",
        "bulletin.frozen",
        "bulletin.approved",
    ];
    // All but what came later.
    const LISTENED_IN_FORMAT_1: &'static [&'static str] = &[
        "task.issued",
        "task.offered",
        "task.accepted",
        "task.declined",
        "task.unassigned",
        "task.submitted",
        "task.returned",
        "task.approved",
        "task.cancelled",
        "report.received",
        "lead.opened",
        "lead.merged",
        "lead.classified",
        "lead.routed",
        "lead.returned",
        "verdict.recorded",
        "lead.archived",
        "case.filed",
        "order.served",
        "fix.reported",
        "fix.passed",
        "fix.failed",
        "case.cleared",
        "reminder.due",
        "ladder.stepped",
        "ladder.proposed",
        "ladder.signed",
        "clock.stopped",
        "clock.paused",
        "clock.moved",
        "breach.withdrawn",
        "step.acknowledged",
        "notices.held",
        "notices.released",
        "occurrence.fired",
        "occurrence.late",
        "bulletin.frozen",
        "bulletin.approved",
    ];
    type Command = Command;
    type Event = Event;

    fn decide(&self, command: &Command, cx: &Decision<'_>) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::ReportDelivery {
                notice,
                attempt,
                delivery,
                reason,
                channel,
                retry_after,
            } => self.report_delivery(
                &DeliveryReport {
                    notice,
                    attempt: *attempt,
                    delivery: *delivery,
                    reason,
                    channel,
                    retry_after: *retry_after,
                },
                cx,
            ),
            Command::Unreachable {
                person,
                channel,
                reason,
            } => self.unreachable(person, channel, reason, cx),
            Command::Reachable { person, channel } => self.reachable(person, channel, cx),
            Command::SetQuietHours {
                person,
                from,
                until,
            } => self.set_quiet_hours(person.as_deref(), *from, *until, cx),
        }
    }

    fn evolve(&mut self, event: &Event, of: Provenance<'_>) {
        match event {
            Event::NoticeQueued { .. } => self.queued(event),
            Event::NoticeDeferred { notice, after, .. } => self.queue.defer(notice, *after),
            Event::NoticeOvertaken { notice, .. } => self.queue.overtake(notice),
            Event::NoticeHanded {
                notice,
                attempt,
                until,
                also,
                ..
            } => self.queue.hand(notice, *attempt, *until, also),
            Event::NoticeFailed {
                notice,
                attempt,
                next,
                also,
                channel,
                ..
            } => {
                self.queue
                    .fail(notice, *attempt, *next, also, channel, of.at);
                if !matches!(next, Some(Next::Served(_))) {
                    self.queue.served(channel, of.at);
                }
            }
            Event::NoticeSent {
                notice,
                also,
                channel,
                ..
            }
            | Event::NoticeUnknown {
                notice,
                also,
                channel,
                ..
            } => {
                self.queue.finish(notice, also);
                // Whatever came of it: there is somebody who serves the channel.
                self.queue.served(channel, of.at);
            }
            Event::NoticeSuppressed { notice, .. } => self.queue.remove(notice),
            Event::ChannelLost {
                person, channel, ..
            } => self.lost.add(person, channel),
            Event::ChannelRestored { person, channel } => {
                self.lost.remove(person, channel);
                self.queue.reachable(person, channel, of.at);
            }
            Event::QuietHoursSet { person, hours, .. } => self.quiet.set(person.as_ref(), *hours),
            Event::NoticesHeld { .. } => self.held = true,
            Event::NoticesReleased {} => self.held = false,
            Event::MatterNoted { about, matter } => {
                drop(self.matters.insert(about.clone(), matter.clone()))
            }
            Event::MatterClosed { about } => drop(self.matters.remove(about)),
        }
    }

    /// Each step works out what is still missing and brings as much of it as one step may hold.
    fn react(&self, fact: &Fact<'_>, _step: u32, cx: &Decision<'_>) -> Step<Event> {
        if self.seen.is_past(fact) {
            return Step::nothing();
        }
        let mut pending = PendingNotices::new(self, fact, cx);
        match fact.event {
            Any::Dispatch(event) => tasks::follow(&mut pending, event),
            Any::Rectification(event) => leads::follow(&mut pending, event),
            Any::Escalation(event) => ladder::follow(&mut pending, event),
            Any::Schedule(event) => rounds::occurred(&mut pending, event),
            Any::Bulletin(event) => rounds::published(&mut pending, event),
            _ => {}
        }
        pending.into_step()
    }

    fn due(&self) -> Option<Timestamp> {
        self.queue.due(self.held)
    }

    fn ring(&self, cx: &Decision<'_>) -> Step<Event> {
        self.go_out(cx)
    }
}

impl Courier {
    fn queued(&mut self, event: &Event) {
        let Event::NoticeQueued {
            notice,
            to,
            kind,
            about,
            clock,
            urgent,
            after,
            with,
            cause,
            ..
        } = event
        else {
            return;
        };
        self.last += 1;
        self.seen.remember(cause, *kind, about.as_str(), to);
        let queued = PendingNotice {
            to: to.clone(),
            kind: *kind,
            about: about.clone(),
            clock: clock.clone(),
            urgent: *urgent,
            with: with.clone(),
            cause: cause.clone(),
            bell: *after,
            state: NoticeState::Waiting { attempts: 0 },
            since: *after,
            spared: 0,
            awaits: None,
            overtaken: false,
        };
        self.queue.insert(notice.clone(), queued);
    }
}
