//! Outgoing notices: when the bell of one rings, one last look, then it is handed over, or it is not, and why.
//!
//! The most pressing go first, and only as many as may be out at once. Several offers or digests to one person
//! that wait at the same time go as one. It is durable that a notice was handed over before a transport sees
//! it; no answer in time is an outcome of its own, shown and counted, never taken for success and never tried
//! again blindly. It does not know transports beyond the name of the channel.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use picket_book::{Decision, STEP_EVENTS, Step};
use picket_schemas::courier::{Bundled, Event, Priority};
use picket_schemas::{NoticeId, PersonId};

use crate::away::{self, Destination};
use crate::notice::{NoticeState, PendingNotice, is_bundled};
use crate::queue::{ORDER, Slots};
use crate::{Courier, quiet};

/// Every transport that reaches the person has it; which of them took it is in the outcome.
const CHANNEL: &str = "any";
/// The time a transport may take to answer.
const ANSWER: SignedDuration = SignedDuration::from_mins(10);
/// The most notices that go as one; each of them counts as an event of its step.
const BUNDLE: usize = 40;

impl Courier {
    /// Everything that is due and may go, as far as one step holds it.
    pub(crate) fn go_out(&self, cx: &Decision<'_>) -> Step<Event> {
        let mut going = SendStep {
            book: self,
            cx,
            events: Vec::new(),
            load: 0,
            last: self.last,
            slots: self.queue.slots(),
            gone: BTreeSet::new(),
            requeued: false,
        };
        if !going.give_up() {
            return Step::More(going.events);
        }
        for priority in ORDER {
            if !going.lane(priority) {
                return Step::More(going.events);
            }
        }
        Step::Done(going.events)
    }

    /// The destination of a notice now; something sealed stays with whoever has a part in it.
    fn goes(&self, notice: &PendingNotice, cx: &Decision<'_>) -> Destination {
        match away::who(&notice.to, notice.kind, cx) {
            Destination::ToSubstitute(substitute)
                if self.is_sealed_from(notice, &substitute, cx) =>
            {
                Destination::ToRecipient
            }
            goes => goes,
        }
    }

    /// True if it is about something sealed that this person has no part in.
    fn is_sealed_from(&self, notice: &PendingNotice, person: &PersonId, cx: &Decision<'_>) -> bool {
        let about = notice
            .with
            .get("on")
            .map_or(notice.about.as_str(), String::as_str);
        let sealed = self
            .matters
            .get(about)
            .filter(|matter| matter.sealed_until.is_some_and(|release| release > cx.at));
        sealed
            .is_some_and(|matter| !matter.people.contains(person) && !matter.crew.contains(person))
    }

    /// True if somebody was told the same because of the same fact, or still waits for the same.
    fn has(&self, notice: &PendingNotice, person: &PersonId) -> bool {
        let waits = |(_, other): (&NoticeId, &PendingNotice)| {
            other.kind == notice.kind && other.to == *person
        };
        self.seen
            .was_told(&notice.cause, notice.kind, notice.about.as_str(), person)
            || self.queue.about(notice.about.as_str()).any(waits)
    }
}

/// One step of going out.
struct SendStep<'g> {
    book: &'g Courier,
    cx: &'g Decision<'g>,
    events: Vec<Event>,
    /// The number of events the step holds already.
    load: usize,
    /// The number of the last notice.
    last: u64,
    slots: Slots,
    /// Those of bundles of this step.
    gone: BTreeSet<&'g NoticeId>,
    /// Something new waits since this step began.
    requeued: bool,
}

impl<'g> SendStep<'g> {
    fn push(&mut self, event: Event, load: usize) {
        self.load += load;
        self.events.push(event);
    }

    /// Gives up what was out too long; false where the step is full.
    fn give_up(&mut self) -> bool {
        let book = self.book;
        for (id, notice) in book.queue.given_up_by(self.cx.at) {
            let NoticeState::Handed { attempt, riders } = &notice.state else {
                continue;
            };
            if self.load > 0 && self.load + 1 + riders.len() > STEP_EVENTS {
                return false;
            }
            self.slots.free(notice.priority());
            let unknown = Event::NoticeUnknown {
                notice: id.clone(),
                attempt: *attempt,
                also: riders.clone(),
                reason: "no outcome came in time".into(),
                channel: String::new(),
            };
            self.push(unknown, 1 + riders.len());
        }
        true
    }

    /// Hands over what waits in a lane; false where the step is full, or something new must be looked at first.
    fn lane(&mut self, priority: Priority) -> bool {
        let book = self.book;
        for (id, notice) in book.queue.waiting_by(priority, self.cx.at, book.held) {
            if self.gone.contains(id) {
                continue;
            }
            if !self.slots.has_room(priority) {
                break;
            }
            if self.load + 1 + BUNDLE > STEP_EVENTS {
                return false;
            }
            self.one(id, notice);
        }
        // A substitute's notice goes before anything that is less pressing.
        !self.requeued
    }

    fn one(&mut self, id: &'g NoticeId, notice: &'g PendingNotice) {
        let (book, cx) = (self.book, self.cx);
        let suppressed = |reason: &str| Event::NoticeSuppressed {
            notice: id.clone(),
            reason: reason.to_owned(),
        };
        if !away::on_roster(&notice.to, cx) {
            return self.push(suppressed("the person left the roster"), 1);
        }
        if notice.is_given_up_by(cx.at) {
            return self.push(suppressed("the person could not be written to in time"), 1);
        }
        let end = book.quiet.end_if_quiet(&notice.to, cx.at, cx.calendar());
        if !notice.urgent && end > cx.at {
            return self.push(
                Event::NoticeDeferred {
                    notice: id.clone(),
                    after: end,
                    reason: quiet::WHY.into(),
                },
                1,
            );
        }
        match book.goes(notice, cx) {
            Destination::ToSubstitute(substitute) if book.has(notice, &substitute) => {
                self.push(suppressed("away: the substitute gets the same anyway"), 1)
            }
            Destination::ToSubstitute(substitute) => {
                self.last += 1;
                self.requeued = true;
                self.push(suppressed("away: sent to the substitute"), 1);
                let queued = Event::NoticeQueued {
                    notice: NoticeId::from(format!("N-{}", self.last)),
                    to: substitute,
                    kind: notice.kind,
                    about: notice.about.clone(),
                    clock: notice.clock.clone(),
                    urgent: notice.urgent,
                    after: cx.at,
                    with: notice.with.clone(),
                    cause: notice.cause.clone(),
                    waits: String::new(),
                };
                self.push(queued, 1);
            }
            Destination::ToRecipient => self.hand(id, notice),
        }
    }

    fn hand(&mut self, id: &'g NoticeId, notice: &'g PendingNotice) {
        let riders = self.riders(id, notice);
        let also: Vec<_> = riders
            .iter()
            .map(|(id, rider)| Bundled {
                notice: (*id).clone(),
                about: rider.about.clone(),
            })
            .collect();
        let mut with = notice.with.clone();
        if !also.is_empty() {
            let items: Vec<_> = std::iter::once(notice.about.as_str())
                .chain(also.iter().map(|one| one.about.as_str()))
                .collect();
            with.insert("items".into(), items.join(";"));
        }
        self.gone
            .extend(riders.into_iter().map(|(id, _)| id).chain([id]));
        self.slots.take(notice.priority());
        let load = 1 + also.len();
        let handed = Event::NoticeHanded {
            notice: id.clone(),
            to: notice.to.clone(),
            kind: notice.kind,
            about: notice.about.clone(),
            attempt: notice.state.attempt() + 1,
            channel: CHANNEL.to_owned(),
            until: self.cx.at.checked_add(ANSWER).unwrap_or(Timestamp::MAX),
            with,
            priority: notice.priority(),
            also,
        };
        self.push(handed, load);
    }

    /// Other notices of the kind that wait for the person now, in the order they were queued.
    fn riders(
        &self,
        id: &NoticeId,
        notice: &PendingNotice,
    ) -> Vec<(&'g NoticeId, &'g PendingNotice)> {
        if !is_bundled(notice.kind) {
            return Vec::new();
        }
        let (book, cx) = (self.book, self.cx);
        let same = |other: &PendingNotice| {
            other.kind == notice.kind
                && other.urgent == notice.urgent
                && other.waits()
                && other.bell <= cx.at
                && !other.is_given_up_by(cx.at)
        };
        let mut riders: Vec<_> = book
            .queue
            .bundled_for(&notice.to)
            .filter(|(other, rider)| {
                *other != id
                    && same(rider)
                    && !self.gone.contains(other)
                    && book.goes(rider, cx) == Destination::ToRecipient
            })
            .collect();
        riders.sort_by_key(|(id, rider)| (rider.bell, id.as_str().len(), id.as_str().to_owned()));
        riders.truncate(BUNDLE - 1);
        riders
    }
}
