//! What each event changes in the book, and what the book forgets.
//!
//! Total: an event about something that already left changes nothing. Everything it needs is in the event,
//! the book and the instant. It refuses nothing: that was decided before.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use picket_schemas::rectification::Event;
use picket_schemas::{CaseId, LeadId, OrderId, ReportId};

use crate::Rectification;
use crate::state::{Action, Case, Closed, Handling, Lead, Order, OrderStage, Origin, Stage};

/// How long closed leads and cleared cases stay: look-backs need them for a year.
const KEEP: SignedDuration = SignedDuration::from_hours(400 * 24);

impl Rectification {
    /// What an event changes.
    pub(crate) fn apply(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::ReportReceived {
                report,
                task,
                row,
                place,
                ..
            } => {
                self.counts.reports += 1;
                let origin = match (task, row, place) {
                    (Some(task), Some(row), _) => Some(Origin::Row(task.clone(), row.clone())),
                    (_, _, Some(place)) => Some(Origin::Place(place.clone())),
                    _ => None,
                };
                self.remember(report, origin);
            }
            Event::LeadOpened {
                lead,
                report,
                subject,
                area,
                codes,
                post,
                owner,
                sealed_until,
                ..
            } => {
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
                    stage: Stage::Opened,
                };
                self.leads.insert(lead.clone(), opened);
            }
            Event::LeadMerged { lead, into } => self.merged(lead, into, at),
            Event::LeadClassified {
                lead,
                codes,
                proposal,
            } => {
                if let Some(lead) = self.leads.get_mut(lead) {
                    lead.codes.clone_from(codes);
                    lead.proposal.clone_from(proposal);
                    lead.stage = Stage::Classified;
                }
            }
            Event::LeadRouted {
                lead,
                department,
                assist,
                ..
            } => {
                if let Some(lead) = self.leads.get_mut(lead) {
                    lead.stage = Stage::Routed(Handling {
                        department: department.clone(),
                        assist: assist.clone(),
                        since: at,
                        joint: None,
                    });
                }
            }
            Event::LeadReturned { lead, .. } => {
                if let Some(lead) = self.leads.get_mut(lead) {
                    lead.stage = Stage::Classified;
                }
            }
            Event::JointDecided { lead, joint, .. } => {
                if let Some(Stage::Routed(handling)) =
                    self.leads.get_mut(lead).map(|lead| &mut lead.stage)
                {
                    handling.joint = Some(*joint);
                }
            }
            Event::ActionOpened {
                action,
                lead,
                department,
                assist,
                crew,
                sealed_until,
                ..
            } => {
                self.counts.actions += 1;
                if let Some(of) = self.leads.get_mut(lead) {
                    of.actions.push(action.clone());
                    let opened = Action {
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
            }
            Event::ActionReported {
                action, department, ..
            } => {
                if let Some(action) = self.actions.get_mut(action) {
                    action.reported.insert(department.clone());
                }
            }
            Event::VerdictRecorded { lead, verdict, .. } => {
                if let Some(lead) = self.leads.get_mut(lead)
                    && let Stage::Routed(handling) = &lead.stage
                    && verdict.holds()
                {
                    lead.stage = Stage::Verified(handling.clone());
                }
            }
            Event::LeadArchived { lead, .. } => self.close_lead(lead, Stage::Archived, at),
            Event::CaseFiled {
                case,
                lead,
                subject,
                area,
                codes,
                department,
                officers,
                owner,
                post,
                generation,
            } => {
                self.counts.cases += 1;
                let from = self.leads.get_mut(lead);
                let assist = from
                    .as_ref()
                    .and_then(|lead| lead.handling())
                    .map(|handling| handling.assist.clone())
                    .unwrap_or_default();
                if let Some(from) = from {
                    from.stage = Stage::Case(case.clone());
                }
                self.by_subject.insert((subject.clone(), case.clone()));
                let filed = Case {
                    lead: lead.clone(),
                    subject: subject.clone(),
                    area: area.clone(),
                    codes: codes.clone(),
                    department: department.clone(),
                    assist,
                    officers: officers.clone(),
                    owner: owner.clone(),
                    post: post.clone(),
                    generation: *generation,
                    orders: Vec::new(),
                    open: 0,
                    suspended: false,
                    cleared: None,
                };
                self.cases.insert(case.clone(), filed);
            }
            Event::OrderIssued {
                order,
                number,
                year,
                case,
                deadline,
                by,
                ..
            } => {
                self.counts.orders += 1;
                self.numbers.insert(*year, *number);
                if let Some(case) = self.cases.get_mut(case) {
                    case.orders.push(order.clone());
                    case.open += 1;
                }
                let issued = Order {
                    case: case.clone(),
                    deadline: *deadline,
                    issuer: by.clone(),
                    fixer: None,
                    extended: false,
                    parked: false,
                    stage: OrderStage::Issued,
                };
                self.orders.insert(order.clone(), issued);
            }
            Event::OrderServed { order, .. } | Event::FixFailed { order, .. } => {
                self.on_order(order, |order| order.stage = OrderStage::Served)
            }
            Event::OrderExtended { order, .. } => {
                self.on_order(order, |order| order.extended = true)
            }
            Event::OrderParked { order, .. } => self.on_order(order, |order| order.parked = true),
            Event::OrderResumed { order, .. } => self.on_order(order, |order| order.parked = false),
            Event::FixReported { order, by, .. } => self.on_order(order, |order| {
                order.stage = OrderStage::Reported;
                order.fixer = Some(by.clone());
            }),
            Event::FixPassed { order, case, .. } => {
                self.on_order(order, |order| order.stage = OrderStage::Passed);
                if let Some(case) = self.cases.get_mut(case) {
                    case.open = case.open.saturating_sub(1);
                }
            }
            Event::CaseCleared { case, .. } => {
                if let Some(cleared) = self.cases.get_mut(case) {
                    cleared.cleared = Some(at);
                    self.closed.insert((at, Closed::Case(case.clone())));
                }
            }
            Event::CaseReopened {
                case, generation, ..
            } => {
                if let Some(reopened) = self.cases.get_mut(case) {
                    reopened.generation = *generation;
                    if let Some(cleared) = reopened.cleared.take() {
                        self.closed.remove(&(cleared, Closed::Case(case.clone())));
                    }
                }
            }
            Event::InstitutionSuspended { case, .. } => {
                if let Some(case) = self.cases.get_mut(case) {
                    case.suspended = true;
                }
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
                Some((_, Closed::Lead(lead))) => self.drop_lead(&lead),
                Some((_, Closed::Case(case))) => self.drop_case(&case),
                None => return,
            }
        }
    }

    fn remember(&mut self, report: &ReportId, origin: Option<Origin>) {
        if let Some(origin) = origin {
            self.found.insert(origin.clone());
            self.origins.insert(report.clone(), origin);
        }
    }

    /// What a merged lead knew of its subject the remaining one knows from then on.
    fn merged(&mut self, lead: &LeadId, into: &LeadId, at: Timestamp) {
        let subject = self.leads.get(lead).and_then(|lead| lead.subject.clone());
        if let Some(remains) = self.leads.get_mut(into)
            && remains.subject.is_none()
        {
            remains.subject = subject;
        }
        self.close_lead(lead, Stage::Merged, at);
    }

    fn close_lead(&mut self, id: &LeadId, stage: Stage, at: Timestamp) {
        if let Some(lead) = self.leads.get_mut(id) {
            lead.stage = stage;
            self.closed.insert((at, Closed::Lead(id.clone())));
        }
    }

    fn on_order(&mut self, id: &OrderId, change: impl FnOnce(&mut Order)) {
        if let Some(order) = self.orders.get_mut(id) {
            change(order);
        }
    }

    fn drop_lead(&mut self, id: &LeadId) {
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

    fn drop_case(&mut self, id: &CaseId) {
        let Some(case) = self.cases.remove(id) else {
            return;
        };
        for order in &case.orders {
            self.orders.remove(order);
        }
        self.drop_lead(&case.lead);
        self.by_subject.remove(&(case.subject, id.clone()));
    }
}
