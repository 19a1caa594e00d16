//! What transports report: an attempt was sent, failed, is to be tried later, or nobody knows.
//!
//! Only Picket's own transports report, once an attempt; an answer after the time was up finds nothing here,
//! for the outcome is already on record as unknown. The outcome of a bundle is that of each notice in it.
//! It does not know why a platform refused beyond what the transport says.

use jiff::{SignedDuration, Timestamp};
use picket_book::Decision;
use picket_directory::Resource;
use picket_schemas::courier::{Delivery, Event, Next};
use picket_schemas::{NoticeId, Refusal};

use crate::Courier;
use crate::queue::{ATTEMPTS, Notice, State, pause_after};

/// The longest reason that is kept.
const REASON: usize = 500;
/// The longest name of a channel.
const CHANNEL: usize = 32;
/// How often a notice is handed over at most where the platform says when to try again.
const ASKED_TO_WAIT: u32 = 5;
/// The longest a platform may ask to wait.
const LONGEST_WAIT: u32 = 24 * 60 * 60;

/// What a transport says of one attempt.
pub(crate) struct Report<'r> {
    pub(crate) notice: &'r NoticeId,
    pub(crate) attempt: u32,
    pub(crate) delivery: Delivery,
    pub(crate) reason: &'r str,
    pub(crate) channel: &'r str,
    pub(crate) retry_after: Option<u32>,
}

impl Courier {
    pub(crate) fn report_delivery(&self, report: &Report<'_>, cx: &Decision<'_>) -> Result<Vec<Event>, Refusal> {
        cx.allow("courier.report_delivery", Resource::default())?;
        let Report { notice, attempt, .. } = *report;
        let Some(known) = self.queue.get(notice) else {
            return Err(Refusal::Unknown { kind: "notice that waits for an answer".into(), id: notice.to_string() });
        };
        let state = match &known.state {
            State::Handed { attempt: handed, riders } if *handed == attempt => return Ok(self.outcome(report, known, riders, cx)),
            State::Handed { attempt: handed, .. } => format!("out for attempt {handed}"),
            State::Riding { attempt: handed } => format!("out with another one for attempt {handed}"),
            State::Waiting { attempts } => format!("waiting after {attempts} attempts"),
        };
        Err(Refusal::WrongState { what: notice.to_string(), state, needs: format!("out for attempt {attempt}") })
    }

    fn outcome(&self, report: &Report<'_>, known: &Notice, riders: &[NoticeId], cx: &Decision<'_>) -> Vec<Event> {
        let (notice, attempt) = (report.notice.clone(), report.attempt);
        let reason: String = report.reason.trim().chars().take(REASON).collect();
        let channel: String = report.channel.trim().chars().take(CHANNEL).collect();
        let also = || riders.to_vec();
        match report.delivery {
            Delivery::Sent => {
                let mut events = vec![Event::NoticeSent { notice, attempt, also: also() }];
                events.extend(self.restored(&known.to, &channel));
                events
            }
            Delivery::Unknown => vec![Event::NoticeUnknown { notice, attempt, also: also(), reason }],
            Delivery::Blocked => {
                let mut events = vec![Event::NoticeFailed { notice, attempt, reason: reason.clone(), next: Some(Next::Never), also: also() }];
                if !channel.is_empty() && !self.lost.has(&known.to, &channel) {
                    events.push(Event::ChannelLost { person: known.to.clone(), channel, reason });
                }
                events
            }
            Delivery::Failed | Delivery::Deferred => self.failed(report, known, riders, &reason, cx.at),
        }
    }

    /// Each of a bundle has its own attempts left, so some may wait for another while others leave.
    fn failed(&self, report: &Report<'_>, known: &Notice, riders: &[NoticeId], reason: &str, at: Timestamp) -> Vec<Event> {
        let asked = report.retry_after.map(|seconds| SignedDuration::from_secs(seconds.clamp(1, LONGEST_WAIT).into()));
        let most = if asked.is_some() || report.delivery == Delivery::Deferred { ASKED_TO_WAIT } else { ATTEMPTS };
        let again = at.checked_add(asked.unwrap_or_else(|| pause_after(report.attempt))).unwrap_or(Timestamp::MAX);
        let all = std::iter::once((report.notice, known)).chain(riders.iter().filter_map(|id| Some((id, self.queue.get(id)?))));
        let (left, over): (Vec<_>, Vec<_>) = all.partition(|(_, notice)| !notice.overtaken && notice.state.attempt() < most);
        let event = |of: Vec<(&NoticeId, &Notice)>, next: Next| {
            let ((first, notice), rest) = of.split_first()?;
            let also = rest.iter().map(|(id, _)| (*id).clone()).collect();
            Some(Event::NoticeFailed { notice: (*first).clone(), attempt: notice.state.attempt(), reason: reason.to_owned(), next: Some(next), also })
        };
        [event(left, Next::Again(again)), event(over, Next::Never)].into_iter().flatten().collect()
    }
}
