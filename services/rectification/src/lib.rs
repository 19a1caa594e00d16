//! The rectification book: from a report to a case that is cleared, and back when it relapses.
//!
//! A report opens a lead; the dispatcher classifies and routes it and decides about joint action; the
//! department records a verdict, files a case, issues and serves orders; somebody else verifies the fix.
//! Escalation, courier and insight follow its journal. It knows no clock but the instant of a decision,
//! counts no deadline except the two days in which a lead may be returned, and tells nobody anything.

mod cases;
mod checks;
mod evolve;
mod fixes;
mod joint;
mod leads;
mod orders;
mod reports;
mod routing;
mod sanctions;
mod state;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use picket_book::{Book, Decision, Fact, Provenance, Step, Upstream};
use picket_schemas::rectification::{Command, Event};
use picket_schemas::{ActionId, CaseId, LeadId, OrderId, Refusal, ReportId, Subject, dispatch};
use serde::{Deserialize, Serialize};

use crate::state::{Case, ClosedRecord, IdCounts, JointAction, Lead, Order, Origin};

/// The outcome of a decision.
type Decided = Result<Vec<Event>, Refusal>;

/// Everything rectification knows about one jurisdiction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rectification {
    /// The last number of each kind of id.
    counts: IdCounts,
    /// The last number of an order by local year.
    numbers: BTreeMap<i16, u32>,
    leads: BTreeMap<LeadId, Lead>,
    actions: BTreeMap<ActionId, JointAction>,
    cases: BTreeMap<CaseId, Case>,
    orders: BTreeMap<OrderId, Order>,
    /// Rows and places that have a lead, so that the same fact opens no second one.
    found: BTreeSet<Origin>,
    /// The entries of `found` to forget when a lead leaves.
    origins: BTreeMap<ReportId, Origin>,
    /// Cases by what they are about.
    by_subject: BTreeSet<(Subject, CaseId)>,
    /// Closed records, by when: the oldest leave first.
    closed: BTreeSet<(Timestamp, ClosedRecord)>,
}

impl Book for Rectification {
    const SERVICE: &'static str = "rectification";
    const READS: &'static [Upstream] = &[Upstream::Own("dispatch")];
    const LISTENS: &'static [&'static str] = &["row.found", "row.annotated", "place.reported"];
    type Command = Command;
    type Event = Event;

    fn decide(&self, command: &Command, cx: &Decision<'_>) -> Decided {
        use Command as C;
        match command {
            C::ReceiveReport { .. } => self.receive_report(command, cx),
            C::MergeLeads { into, leads } => self.merge_leads(into, leads, cx),
            C::ClassifyLead { lead, codes } => self.classify_lead(lead, codes, cx),
            C::RouteLead {
                lead,
                lead_department,
                assist,
                reason,
            } => self.route_lead(lead, lead_department.as_ref(), assist, reason, cx),
            C::ReturnLead { lead, reason } => self.return_lead(lead, reason, cx),
            C::DecideJoint { .. } => self.decide_joint(command, cx),
            C::ReportAction {
                action,
                department,
                outcome,
            } => self.report_action(action, department, outcome, cx),
            C::RecordVerdict {
                lead,
                verdict,
                note,
                evidence,
            } => self.record_verdict(lead, *verdict, note, evidence, cx),
            C::FileCase { lead, officers } => self.file_case(lead, officers, cx),
            C::IssueOrder { .. } => self.issue_order(command, cx),
            C::ServeOrder {
                order,
                proof,
                evidence,
            } => self.serve_order(order, proof, evidence, cx),
            C::ExtendOrder {
                order,
                amount,
                unit,
                reason,
            } => self.extend_order(order, *amount, *unit, reason, cx),
            C::ParkOrder { order, reason } => self.park_order(order, reason, cx),
            C::ResumeOrder { order, reason } => self.resume_order(order, reason, cx),
            C::ReportFix {
                order,
                note,
                evidence,
            } => self.report_fix(order, note, evidence, cx),
            C::VerifyFix {
                order,
                result,
                note,
                evidence,
            } => self.verify_fix(order, *result, note, evidence, cx),
            C::RecordPenalty {
                case,
                kind,
                amount_fen,
            } => self.record_penalty(case, kind, *amount_fen, cx),
            C::RecordRefund {
                case,
                amount_fen,
                proof,
                evidence,
            } => self.record_refund(case, *amount_fen, proof, evidence, cx),
            C::SuspendInstitution { case } => self.suspend_institution(case, cx),
            C::IssueNotice { case, kind } => self.issue_notice(case, *kind, cx),
            C::LookBackAt { case, result } => self.look_back(case, *result, cx),
        }
    }

    fn evolve(&mut self, event: &Event, of: Provenance<'_>) {
        self.apply(event, of.at);
        self.forget(of.at);
    }

    fn react(&self, fact: &Fact<'_>, _step: u32, cx: &Decision<'_>) -> Step<Event> {
        match fact.event {
            picket_schemas::Event::Dispatch(found @ dispatch::Event::RowFound { .. }) => {
                Step::Done(self.row_found(found, cx))
            }
            picket_schemas::Event::Dispatch(reported @ dispatch::Event::PlaceReported { .. }) => {
                Step::Done(self.place_reported(reported, cx))
            }
            // A corrected row stays the row of its lead; insight shows the correction beside it.
            _ => Step::nothing(),
        }
    }

    /// Deadlines of leads and orders live in escalation: this book never rings.
    fn due(&self) -> Option<Timestamp> {
        None
    }

    fn ring(&self, _cx: &Decision<'_>) -> Step<Event> {
        Step::nothing()
    }
}
