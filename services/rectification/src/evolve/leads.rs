//! Leads as events change them: from the report to the verdict, with the joint actions on the way.

use std::collections::BTreeSet;

use jiff::Timestamp;
use picket_schemas::LeadId;
use picket_schemas::rectification::{Event, Verdict};

use crate::Rectification;
use crate::state::{ClosedRecord, Handling, JointAction, Lead, LeadStage, Origin};

impl Rectification {
    pub(super) fn report_received(&mut self, event: &Event) {
        let Event::ReportReceived {
            report,
            task,
            row,
            place,
            ..
        } = event
        else {
            return;
        };
        self.counts.reports += 1;
        let origin = match (task, row, place) {
            (Some(task), Some(row), _) => Origin::Row(task.clone(), row.clone()),
            (_, _, Some(place)) => Origin::Place(place.clone()),
            _ => return,
        };
        self.found.insert(origin.clone());
        self.origins.insert(report.clone(), origin);
    }

    pub(super) fn lead_opened(&mut self, event: &Event) {
        let Event::LeadOpened {
            lead,
            report,
            subject,
            area,
            codes,
            post,
            owner,
            sealed_until,
            ..
        } = event
        else {
            return;
        };
        self.counts.leads += 1;
        let opened = Lead {
            report: report.clone(),
            subject: subject.clone(),
            area: area.clone(),
            codes: codes.clone(),
            post: post.clone(),
            owner: owner.clone(),
            proposal: None,
            actions: Vec::new(),
            sealed_until: *sealed_until,
            stage: LeadStage::Opened,
        };
        self.leads.insert(lead.clone(), opened);
    }

    /// Merges a lead into another, which takes over its subject.
    pub(super) fn lead_merged(&mut self, lead: &LeadId, into: &LeadId, at: Timestamp) {
        let subject = self.leads.get(lead).and_then(|lead| lead.subject.clone());
        if let Some(remains) = self.leads.get_mut(into)
            && remains.subject.is_none()
        {
            remains.subject = subject;
        }
        self.close_lead(lead, LeadStage::Merged, at);
    }

    pub(super) fn lead_classified(&mut self, event: &Event) {
        let Event::LeadClassified {
            lead,
            codes,
            proposal,
        } = event
        else {
            return;
        };
        self.on_lead(lead, |lead| {
            lead.codes.clone_from(codes);
            lead.proposal.clone_from(proposal);
            lead.stage = LeadStage::Classified;
        });
    }

    pub(super) fn lead_routed(&mut self, event: &Event, at: Timestamp) {
        let Event::LeadRouted {
            lead,
            department,
            assist,
            ..
        } = event
        else {
            return;
        };
        self.on_lead(lead, |lead| {
            lead.stage = LeadStage::Routed(Handling {
                department: department.clone(),
                assist: assist.clone(),
                since: at,
                joint: None,
            });
        });
    }

    pub(super) fn joint_decided(&mut self, lead: &LeadId, joint: bool) {
        self.on_lead(lead, |lead| {
            if let LeadStage::Routed(handling) = &mut lead.stage {
                handling.joint = Some(joint);
            }
        });
    }

    pub(super) fn action_opened(&mut self, event: &Event) {
        let Event::ActionOpened {
            action,
            lead,
            department,
            assist,
            crew,
            sealed_until,
            ..
        } = event
        else {
            return;
        };
        self.counts.actions += 1;
        let Some(of) = self.leads.get_mut(lead) else {
            return;
        };
        of.actions.push(action.clone());
        let opened = JointAction {
            lead: lead.clone(),
            area: of.area.clone(),
            department: department.clone(),
            assist: assist.clone(),
            crew: crew.iter().cloned().collect(),
            sealed_until: *sealed_until,
            reported: BTreeSet::new(),
        };
        self.actions.insert(action.clone(), opened);
    }

    pub(super) fn action_reported(&mut self, event: &Event) {
        let Event::ActionReported {
            action, department, ..
        } = event
        else {
            return;
        };
        if let Some(action) = self.actions.get_mut(action) {
            action.reported.insert(department.clone());
        }
    }

    pub(super) fn verdict_recorded(&mut self, lead: &LeadId, verdict: Verdict) {
        self.on_lead(lead, |lead| {
            if let LeadStage::Routed(handling) = &lead.stage
                && verdict.holds()
            {
                lead.stage = LeadStage::Verified(handling.clone());
            }
        });
    }

    pub(super) fn close_lead(&mut self, id: &LeadId, stage: LeadStage, at: Timestamp) {
        if let Some(lead) = self.leads.get_mut(id) {
            lead.stage = stage;
            self.closed.insert((at, ClosedRecord::Lead(id.clone())));
        }
    }

    pub(super) fn on_lead(&mut self, id: &LeadId, change: impl FnOnce(&mut Lead)) {
        if let Some(lead) = self.leads.get_mut(id) {
            change(lead);
        }
    }

    pub(super) fn drop_lead(&mut self, id: &LeadId) {
        let Some(lead) = self.leads.remove(id) else {
            return;
        };
        if let Some(origin) = self.origins.remove(&lead.report) {
            self.found.remove(&origin);
        }
        for action in &lead.actions {
            self.actions.remove(action);
        }
    }
}
