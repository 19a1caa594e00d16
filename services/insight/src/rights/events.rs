//! Events: which lines of a timeline somebody reads.
//!
//! Whoever sees a thing reads its history, less what is sealed. A history of many things, such as that of an
//! institution or a batch, is read line by line, by the right to each of them.

use picket_schemas::{Event, dispatch, rectification};

use super::Rights;
use crate::tables::Answered;

impl Rights<'_> {
    /// Whether a line is read. `each` asks for the right to what it is about, not for the seal alone.
    pub(crate) fn may_read(&self, j: &str, event: &Event, each: bool) -> Answered<bool> {
        match event {
            Event::Dispatch(event) => self.may_read_dispatch(j, event, each),
            Event::Rectification(event) => self.may_read_rectification(j, event, each),
            // Clocks and steps are gathered from what is seen; nobody has a seal on a schedule or a bulletin.
            Event::Escalation(_) | Event::Schedule(_) | Event::Bulletin(_) => Ok(true),
            Event::Registry(_) | Event::Courier(_) | Event::Keeper(_) => Ok(false),
        }
    }

    fn may_read_dispatch(&self, j: &str, event: &dispatch::Event, each: bool) -> Answered<bool> {
        use dispatch::Event as E;
        match event {
            E::BatchConfirmed { batch, .. }
            | E::BatchRecounted { batch, .. }
            | E::BatchIssued { batch, .. }
            | E::BatchCancelled { batch, .. } => Ok(!self.is_batch_sealed(j, batch.as_str())?),
            E::TaskIssued { task, .. }
            | E::TaskOffered { task, .. }
            | E::TaskAccepted { task, .. }
            | E::TaskDeclined { task, .. }
            | E::TaskUnassigned { task, .. }
            | E::RowFilled { task, .. }
            | E::RowFound { task, .. }
            | E::RowAnnotated { task, .. }
            | E::TaskSubmitted { task, .. }
            | E::TaskReturned { task, .. }
            | E::TaskApproved { task, .. }
            | E::TaskCancelled { task, .. } => {
                if each {
                    self.may_task(j, task.as_str())
                } else {
                    Ok(!self.is_task_sealed(j, task.as_str())?)
                }
            }
            E::PlaceReported { place, .. } => {
                if each {
                    self.may_place(j, place.as_str())
                } else {
                    Ok(true)
                }
            }
            E::SortieOpened { sortie, .. } => self.may_sortie(j, sortie.as_str()),
            // That a place was visited names nobody.
            E::VisitRecorded { .. } => Ok(true),
            E::DraftKept { .. } | E::DraftDropped { .. } => Ok(false),
        }
    }

    fn may_read_rectification(
        &self,
        j: &str,
        event: &rectification::Event,
        each: bool,
    ) -> Answered<bool> {
        use rectification::Event as E;
        let lead = |id: &str| {
            if each {
                self.may_lead(j, id)
            } else {
                Ok(!self.is_lead_sealed(j, id)?)
            }
        };
        let case = |id: &str| {
            if each {
                self.may_case(j, id)
            } else {
                Ok(!self.is_case_sealed(j, id)?)
            }
        };
        match event {
            E::ReportReceived { report, .. } => match self.opened_by(j, report.as_str())? {
                Some(id) => lead(&id),
                None => Ok(!each),
            },
            E::LeadOpened { lead: id, .. }
            | E::LeadMerged { lead: id, .. }
            | E::LeadClassified { lead: id, .. }
            | E::LeadRouted { lead: id, .. }
            | E::LeadReturned { lead: id, .. }
            | E::JointDecided { lead: id, .. }
            | E::VerdictRecorded { lead: id, .. }
            | E::LeadArchived { lead: id, .. } => lead(id.as_str()),
            E::ActionOpened { action, .. }
            | E::ActionReported { action, .. }
            | E::ActionClosed { action, .. } => {
                if each {
                    self.may_action(j, action.as_str())
                } else {
                    Ok(!self.is_action_sealed(j, action.as_str())?)
                }
            }
            E::CaseFiled { case: id, .. }
            | E::CaseCleared { case: id, .. }
            | E::CaseReopened { case: id, .. }
            | E::LookBackRecorded { case: id, .. }
            | E::PenaltyRecorded { case: id, .. }
            | E::RefundRecorded { case: id, .. }
            | E::InstitutionSuspended { case: id, .. }
            | E::DocumentIssued { case: id, .. } => case(id.as_str()),
            E::OrderIssued { order, .. }
            | E::OrderServed { order, .. }
            | E::OrderExtended { order, .. }
            | E::OrderParked { order, .. }
            | E::OrderResumed { order, .. }
            | E::FixReported { order, .. }
            | E::FixPassed { order, .. }
            | E::FixFailed { order, .. } => {
                if each {
                    self.may_order(j, order.as_str())
                } else {
                    Ok(!self.is_on_sealed("order", j, order.as_str())?)
                }
            }
        }
    }

    /// The decision for a joint action says why, and that may say when: until the day it is told without.
    pub(crate) fn without_what_is_sealed(&self, j: &str, event: &mut Event) -> Answered<()> {
        if let Event::Rectification(rectification::Event::JointDecided {
            lead,
            joint: true,
            reason,
            ..
        }) = event
        {
            for action in self.tables.all(
                "SELECT id FROM actions WHERE j = ?1 AND lead = ?2",
                (j, lead.as_str()),
                |row| row.get::<_, String>(0),
            )? {
                if self.is_action_sealed(j, &action)? {
                    reason.clear();
                }
            }
        }
        Ok(())
    }
}
