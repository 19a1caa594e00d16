//! Cases and their orders as events change them: filed, ordered, fixed, cleared, and back after a relapse.

use jiff::Timestamp;
use picket_schemas::rectification::Event;
use picket_schemas::{CaseId, OrderId, PersonId};

use crate::Rectification;
use crate::state::{Case, ClosedRecord, LeadStage, Order, OrderStage};

impl Rectification {
    pub(super) fn case_filed(&mut self, event: &Event) {
        let Event::CaseFiled {
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
        } = event
        else {
            return;
        };
        self.counts.cases += 1;
        let from = self.leads.get_mut(lead);
        let assist = from
            .as_ref()
            .and_then(|lead| lead.handling())
            .map(|handling| handling.assist.clone())
            .unwrap_or_default();
        if let Some(from) = from {
            from.stage = LeadStage::Case(case.clone());
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

    pub(super) fn case_cleared(&mut self, id: &CaseId, at: Timestamp) {
        if let Some(case) = self.cases.get_mut(id) {
            case.cleared = Some(at);
            self.closed.insert((at, ClosedRecord::Case(id.clone())));
        }
    }

    pub(super) fn case_reopened(&mut self, event: &Event) {
        let Event::CaseReopened {
            case: id,
            generation,
            ..
        } = event
        else {
            return;
        };
        if let Some(case) = self.cases.get_mut(id) {
            case.generation = *generation;
            if let Some(cleared) = case.cleared.take() {
                self.closed
                    .remove(&(cleared, ClosedRecord::Case(id.clone())));
            }
        }
    }

    pub(super) fn order_issued(&mut self, event: &Event) {
        let Event::OrderIssued {
            order,
            number,
            year,
            case,
            deadline,
            by,
            ..
        } = event
        else {
            return;
        };
        self.counts.orders += 1;
        self.numbers.insert(*year, *number);
        self.on_case(case, |case| {
            case.orders.push(order.clone());
            case.open += 1;
        });
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

    pub(super) fn fix_reported(&mut self, order: &OrderId, by: &PersonId) {
        self.on_order(order, |order| {
            order.stage = OrderStage::Reported;
            order.fixer = Some(by.clone());
        });
    }

    pub(super) fn fix_passed(&mut self, order: &OrderId, case: &CaseId) {
        self.on_order(order, |order| order.stage = OrderStage::Passed);
        self.on_case(case, |case| case.open = case.open.saturating_sub(1));
    }

    pub(super) fn on_case(&mut self, id: &CaseId, change: impl FnOnce(&mut Case)) {
        if let Some(case) = self.cases.get_mut(id) {
            change(case);
        }
    }

    pub(super) fn on_order(&mut self, id: &OrderId, change: impl FnOnce(&mut Order)) {
        if let Some(order) = self.orders.get_mut(id) {
            change(order);
        }
    }

    pub(super) fn drop_case(&mut self, id: &CaseId) {
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
