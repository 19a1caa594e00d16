//! What transports report: an attempt was sent, or it failed.
//!
//! Only Picket's own transports report, once an attempt; an answer after the time was up finds nothing here,
//! for the outcome is already on record as unknown.
//! It does not know why a platform refused beyond what the transport says.

use picket_book::Decision;
use picket_directory::Resource;
use picket_schemas::courier::{Delivery, Event};
use picket_schemas::{NoticeId, Refusal};

use crate::Courier;
use crate::queue::State;

/// The longest reason that is kept.
const REASON: usize = 500;

impl Courier {
    pub(crate) fn report_delivery(&self, notice: &NoticeId, attempt: u32, delivery: Delivery, reason: &str, cx: &Decision<'_>) -> Result<Vec<Event>, Refusal> {
        cx.allow("courier.report_delivery", Resource::default())?;
        let Some(known) = self.queue.get(notice) else {
            return Err(Refusal::Unknown { kind: "notice that waits for an answer".into(), id: notice.to_string() });
        };
        let state = match known.state {
            State::Handed { attempt: handed } if handed == attempt => None,
            State::Handed { attempt: handed } => Some(format!("out for attempt {handed}")),
            State::Waiting { attempts } => Some(format!("waiting after {attempts} attempts")),
        };
        if let Some(state) = state {
            return Err(Refusal::WrongState { what: notice.to_string(), state, needs: format!("out for attempt {attempt}") });
        }
        Ok(vec![match delivery {
            Delivery::Sent => Event::NoticeSent { notice: notice.clone(), attempt },
            Delivery::Failed => Event::NoticeFailed { notice: notice.clone(), attempt, reason: reason.trim().chars().take(REASON).collect() },
        }])
    }
}
