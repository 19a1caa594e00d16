//! Delivery: what transports report. An attempt was sent, failed, is to be tried later, or nobody knows.
//!
//! Where nobody serves a channel, or a person shut it, the attempt does not count and the notice waits until that
//! is over, as long as telling it helps anybody. Only Picket's own transports report, once an attempt; an answer
//! after the time was up finds nothing here, for the outcome is already on record as unknown. The outcome of a
//! bundle is that of each notice in it.
//! It does not know why a platform refused beyond what the transport says.

use jiff::{SignedDuration, Timestamp};
use picket_book::Decision;
use picket_directory::Resource;
use picket_schemas::courier::{Delivery, Event, Next};
use picket_schemas::{NoticeId, Refusal};

use crate::Courier;
use crate::notice::{NoticeState, PendingNotice};
use crate::queue::{ATTEMPTS, pause_after};

/// The longest reason that is kept.
pub(crate) const REASON: usize = 500;
/// The longest name of a channel.
pub(crate) const CHANNEL: usize = 32;
/// The most times a notice is handed over where the platform says when to try again.
const ASKED_TO_WAIT: u32 = 5;
/// Of those that wait for a channel one tries each minute whether it is served, and none waits longer than this.
const LINE: i64 = 6 * 60;
/// The longest a platform may ask to wait.
const LONGEST_WAIT: u32 = 24 * 60 * 60;

/// A transport's report of one attempt.
pub(crate) struct DeliveryReport<'r> {
    pub(crate) notice: &'r NoticeId,
    pub(crate) attempt: u32,
    pub(crate) delivery: Delivery,
    pub(crate) reason: &'r str,
    pub(crate) channel: &'r str,
    pub(crate) retry_after: Option<u32>,
}

impl Courier {
    pub(crate) fn report_delivery(
        &self,
        report: &DeliveryReport<'_>,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        cx.allow("courier.report_delivery", Resource::default())?;
        let DeliveryReport {
            notice, attempt, ..
        } = *report;
        let Some(known) = self.queue.get(notice) else {
            return Err(Refusal::Unknown {
                kind: "notice that waits for an answer".into(),
                id: notice.to_string(),
            });
        };
        let state = match &known.state {
            NoticeState::Handed {
                attempt: handed,
                riders,
            } if *handed == attempt => return Ok(self.outcome(report, known, riders, cx)),
            NoticeState::Handed {
                attempt: handed, ..
            } => format!("out for attempt {handed}"),
            NoticeState::Riding { attempt: handed } => {
                format!("out with another one for attempt {handed}")
            }
            NoticeState::Waiting { attempts } => format!("waiting after {attempts} attempts"),
        };
        Err(Refusal::WrongState {
            what: notice.to_string(),
            state,
            needs: format!("out for attempt {attempt}"),
        })
    }

    fn outcome(
        &self,
        report: &DeliveryReport<'_>,
        known: &PendingNotice,
        riders: &[NoticeId],
        cx: &Decision<'_>,
    ) -> Vec<Event> {
        let (notice, attempt) = (report.notice.clone(), report.attempt);
        let (reason, channel) = (report.reason(), report.channel());
        let also = || riders.to_vec();
        match report.delivery {
            Delivery::Sent => {
                let restored = self.restored(&known.to, &channel);
                std::iter::once(Event::NoticeSent {
                    notice,
                    attempt,
                    also: also(),
                    channel,
                })
                .chain(restored)
                .collect()
            }
            Delivery::Unknown => vec![Event::NoticeUnknown {
                notice,
                attempt,
                also: also(),
                reason,
                channel,
            }],
            Delivery::Blocked => {
                let mut events = self.failed(report, known, riders, cx.at);
                if !channel.is_empty() && !self.lost.has(&known.to, &channel) {
                    events.push(Event::ChannelLost {
                        person: known.to.clone(),
                        channel,
                        reason,
                    });
                }
                events
            }
            Delivery::Failed | Delivery::Deferred | Delivery::Away => {
                self.failed(report, known, riders, cx.at)
            }
        }
    }

    /// Each of a bundle has its own attempts left, so some may wait for another while others leave.
    fn failed(
        &self,
        report: &DeliveryReport<'_>,
        known: &PendingNotice,
        riders: &[NoticeId],
        at: Timestamp,
    ) -> Vec<Event> {
        let all = std::iter::once((report.notice, known)).chain(
            riders
                .iter()
                .filter_map(|id| Some((id, self.queue.get(id)?))),
        );
        let (left, over): (Vec<_>, Vec<_>) =
            all.partition(|(_, notice)| !notice.overtaken && report.leaves_more(notice, at));
        let next = self.next_attempt(report, known, &left, at);
        [
            report.failure(&left, next),
            report.failure(&over, Next::Never),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The instant or the return upon which those that have attempts left are tried again.
    fn next_attempt(
        &self,
        report: &DeliveryReport<'_>,
        known: &PendingNotice,
        left: &[(&NoticeId, &PendingNotice)],
        at: Timestamp,
    ) -> Next {
        let after = |pause: SignedDuration| at.checked_add(pause).unwrap_or(Timestamp::MAX);
        let waits = report.waits();
        match report.delivery {
            Delivery::Blocked if waits => Next::Reachable(
                left.iter()
                    .map(|(_, notice)| notice.useful_until())
                    .min()
                    .unwrap_or(at),
            ),
            // What is urgent asks every minute by itself: in quiet hours nobody else does.
            Delivery::Away if waits && known.urgent => {
                Next::Served(after(SignedDuration::from_mins(1)))
            }
            Delivery::Away if waits => Next::Served(after(SignedDuration::from_mins(
                i64::try_from(self.queue.awaiting(&report.channel()))
                    .map_or(LINE, |line| line.clamp(1, LINE)),
            ))),
            Delivery::Blocked => Next::Never,
            _ => Next::Again(after(
                report
                    .pause_asked()
                    .unwrap_or_else(|| pause_after(known.used())),
            )),
        }
    }
}

impl DeliveryReport<'_> {
    fn reason(&self) -> String {
        short(self.reason, REASON)
    }

    fn channel(&self) -> String {
        short(self.channel, CHANNEL)
    }

    /// The wait the platform asks for.
    fn pause_asked(&self) -> Option<SignedDuration> {
        self.retry_after
            .map(|seconds| SignedDuration::from_secs(seconds.clamp(1, LONGEST_WAIT).into()))
    }

    /// True if the attempt does not count and the notice waits for the channel.
    fn waits(&self) -> bool {
        // Without a name there is nothing that could be waited for.
        !self.channel().is_empty() && matches!(self.delivery, Delivery::Away | Delivery::Blocked)
    }

    /// True if a notice may be tried again after this.
    fn leaves_more(&self, notice: &PendingNotice, at: Timestamp) -> bool {
        if self.waits() {
            return at < notice.useful_until();
        }
        let most = if self.retry_after.is_some() || self.delivery == Delivery::Deferred {
            ASKED_TO_WAIT
        } else {
            ATTEMPTS
        };
        notice.used() < most
    }

    /// That notices failed together, if there are any.
    fn failure(&self, of: &[(&NoticeId, &PendingNotice)], next: Next) -> Option<Event> {
        let ((first, notice), rest) = of.split_first()?;
        // What leaves because nobody served the channel was tried nowhere.
        let channel = if self.delivery == Delivery::Away && next == Next::Never {
            String::new()
        } else {
            self.channel()
        };
        Some(Event::NoticeFailed {
            notice: (*first).clone(),
            attempt: notice.state.attempt(),
            reason: self.reason(),
            next: Some(next),
            also: rest.iter().map(|(id, _)| (*id).clone()).collect(),
            channel,
        })
    }
}

/// The front of what a transport wrote.
pub(crate) fn short(text: &str, longest: usize) -> String {
    text.trim().chars().take(longest).collect()
}
