//! What happens when the bell of a notice rings: one last look, then it is handed over, or it is not, and why.
//!
//! It is durable that a notice was handed over before a transport sees it; no answer in time is an outcome of
//! its own, shown and counted, never taken for success and never tried again blindly.
//! It does not know transports beyond the name of the channel.

use jiff::{SignedDuration, Timestamp};
use picket_book::{Decision, STEP_EVENTS, Step};
use picket_schemas::courier::Event;
use picket_schemas::{NoticeId, PersonId};

use crate::away::{self, Goes};
use crate::queue::{Notice, State};
use crate::{Courier, quiet};

/// The channel notices go out on.
const CHANNEL: &str = "terminal";
/// How long a transport may take to answer.
const ANSWER: SignedDuration = SignedDuration::from_mins(10);
/// The most events one notice brings.
const EVENTS: usize = 2;

impl Courier {
    /// Everything that is due, as far as one step holds it.
    pub(crate) fn go_out(&self, cx: &Decision<'_>) -> Step<Event> {
        let mut events = Vec::new();
        let mut last = self.last;
        for (id, notice) in self.queue.due_by(cx.at, self.held) {
            if events.len() + EVENTS > STEP_EVENTS {
                return Step::More(events);
            }
            match notice.state {
                State::Handed { attempt } => events.push(Event::NoticeUnknown { notice: id.clone(), attempt }),
                State::Waiting { attempts } => self.one_goes_out(id, notice, attempts, &mut last, cx, &mut events),
            }
        }
        Step::Done(events)
    }

    fn one_goes_out(&self, id: &NoticeId, notice: &Notice, attempts: u32, last: &mut u64, cx: &Decision<'_>, events: &mut Vec<Event>) {
        let suppressed = |reason: &str| Event::NoticeSuppressed { notice: id.clone(), reason: reason.to_owned() };
        if !away::on_roster(&notice.to, cx) {
            return events.push(suppressed("the person left the roster"));
        }
        let morning = quiet::morning_if_quiet(cx.at, cx.calendar());
        if !notice.urgent && morning > cx.at {
            return events.push(Event::NoticeDeferred { notice: id.clone(), after: morning, reason: "quiet hours".into() });
        }
        let goes = match away::who(&notice.to, notice.kind, cx) {
            Goes::ToSubstitute(substitute) if self.is_sealed_from(notice, &substitute, cx) => Goes::ToRecipient,
            goes => goes,
        };
        match goes {
            Goes::ToSubstitute(substitute) if self.has(notice, &substitute) => events.push(suppressed("away: the substitute gets the same anyway")),
            Goes::ToSubstitute(substitute) => {
                *last += 1;
                events.push(suppressed("away: sent to the substitute"));
                events.push(Event::NoticeQueued {
                    notice: NoticeId::from(format!("N-{last}")),
                    to: substitute,
                    kind: notice.kind,
                    about: notice.about.clone(),
                    clock: notice.clock.clone(),
                    urgent: notice.urgent,
                    after: cx.at,
                    with: notice.with.clone(),
                    cause: notice.cause.clone(),
                });
            }
            Goes::ToRecipient => events.push(Event::NoticeHanded {
                notice: id.clone(),
                to: notice.to.clone(),
                kind: notice.kind,
                about: notice.about.clone(),
                attempt: attempts + 1,
                channel: CHANNEL.to_owned(),
                until: cx.at.checked_add(ANSWER).unwrap_or(Timestamp::MAX),
                with: notice.with.clone(),
            }),
        }
    }

    /// Whether it is about something sealed that this person has no part in.
    fn is_sealed_from(&self, notice: &Notice, person: &PersonId, cx: &Decision<'_>) -> bool {
        let about = notice.with.get("on").unwrap_or(&notice.about);
        let sealed = self.matters.get(about).filter(|matter| matter.sealed_until.is_some_and(|release| release > cx.at));
        sealed.is_some_and(|matter| !matter.people.contains(person) && !matter.crew.contains(person))
    }

    /// Whether somebody was told the same because of the same fact, or still waits for the same.
    fn has(&self, notice: &Notice, person: &PersonId) -> bool {
        self.seen.was_told(&notice.cause, notice.kind, &notice.about, person) || self.queue.about(&notice.about).any(|(_, other)| other.kind == notice.kind && other.to == *person)
    }
}
