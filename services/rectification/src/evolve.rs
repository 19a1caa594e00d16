//! Evolution: what each event changes in the book, and what the book forgets.
//!
//! Total: an event about something that already left changes nothing. Everything it needs is in the event,
//! the book and the instant. It refuses nothing: that was decided before.

mod cases;
mod leads;

use jiff::{SignedDuration, Timestamp};
use picket_schemas::rectification::Event;

use crate::Rectification;
use crate::state::{ClosedRecord, LeadStage, OrderStage};

/// The time closed leads and cleared cases stay: look-backs need them for a year.
const KEEP: SignedDuration = SignedDuration::from_hours(400 * 24);

impl Rectification {
    /// Applies an event to the book.
    pub(crate) fn apply(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::ReportReceived { .. } => self.report_received(event),
            Event::LeadOpened { .. } => self.lead_opened(event),
            Event::LeadMerged { lead, into } => self.lead_merged(lead, into, at),
            Event::LeadClassified { .. } => self.lead_classified(event),
            Event::LeadRouted { .. } => self.lead_routed(event, at),
            Event::LeadReturned { lead, .. } => {
                self.on_lead(lead, |lead| lead.stage = LeadStage::Classified)
            }
            Event::JointDecided { lead, joint, .. } => self.joint_decided(lead, *joint),
            Event::ActionOpened { .. } => self.action_opened(event),
            Event::ActionReported { .. } => self.action_reported(event),
            Event::VerdictRecorded { lead, verdict, .. } => self.verdict_recorded(lead, *verdict),
            Event::LeadArchived { lead, .. } => self.close_lead(lead, LeadStage::Archived, at),
            Event::CaseFiled { .. } => self.case_filed(event),
            Event::OrderIssued { .. } => self.order_issued(event),
            Event::OrderServed { order, .. } | Event::FixFailed { order, .. } => {
                self.on_order(order, |order| order.stage = OrderStage::Served)
            }
            Event::OrderExtended { order, .. } => {
                self.on_order(order, |order| order.extended = true)
            }
            Event::OrderParked { order, .. } => self.on_order(order, |order| order.parked = true),
            Event::OrderResumed { order, .. } => self.on_order(order, |order| order.parked = false),
            Event::FixReported { order, by, .. } => self.fix_reported(order, by),
            Event::FixPassed { order, case, .. } => self.fix_passed(order, case),
            Event::CaseCleared { case, .. } => self.case_cleared(case, at),
            Event::CaseReopened { .. } => self.case_reopened(event),
            Event::InstitutionSuspended { case, .. } => {
                self.on_case(case, |case| case.suspended = true)
            }
            // Facts that no rule of this book looks at again.
            Event::ActionClosed { .. }
            | Event::PenaltyRecorded { .. }
            | Event::RefundRecorded { .. }
            | Event::DocumentIssued { .. }
            | Event::LookBackRecorded { .. } => {}
        }
    }

    /// Lets go what was closed long enough ago.
    pub(crate) fn forget(&mut self, at: Timestamp) {
        while let Some((closed, _)) = self.closed.first()
            && at.duration_since(*closed) >= KEEP
        {
            match self.closed.pop_first() {
                Some((_, ClosedRecord::Lead(lead))) => self.drop_lead(&lead),
                Some((_, ClosedRecord::Case(case))) => self.drop_case(&case),
                None => return,
            }
        }
    }
}
