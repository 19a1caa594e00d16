//! Sanctions and what else is recorded on a case: penalties, refunds, suspension, papers, and the look-back.
//!
//! All but the look-back may be recorded while the case is open and after it is cleared, as long as the book
//! remembers it. A look-back that finds a relapse opens the case again, one generation on.

use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::CaseId;
use picket_schemas::rectification::{DocumentKind, Event, LookBack};

use crate::checks::{already, handles, wrong_state};
use crate::{Decided, Rectification};

impl Rectification {
    /// A penalty in force; a warning carries no amount.
    pub(crate) fn record_penalty(
        &self,
        id: &CaseId,
        kind: &str,
        amount_fen: u64,
        cx: &Decision<'_>,
    ) -> Decided {
        let case = self.case(id)?;
        handles("rectification.record_penalty", case, cx)?;
        let kind = fields::needed_text("kind", kind, "say which penalty: a warning, a fine, …")?;
        Ok(vec![Event::PenaltyRecorded {
            case: id.clone(),
            subject: case.subject.clone(),
            kind,
            amount_fen,
            by: cx.actor.clone(),
        }])
    }

    /// Money given back, with proof.
    pub(crate) fn record_refund(
        &self,
        id: &CaseId,
        amount_fen: u64,
        proof: &str,
        evidence: &[String],
        cx: &Decision<'_>,
    ) -> Decided {
        let case = self.case(id)?;
        handles("rectification.record_refund", case, cx)?;
        fields::positive("amount_fen", amount_fen, "a refund is more than nothing")?;
        let proof = fields::needed_text("proof", proof, "a refund counts only with a receipt")?;
        Ok(vec![Event::RefundRecorded {
            case: id.clone(),
            subject: case.subject.clone(),
            amount_fen,
            proof,
            by: cx.actor.clone(),
            evidence: evidence.to_vec(),
        }])
    }

    /// The institution stops.
    pub(crate) fn suspend_institution(&self, id: &CaseId, cx: &Decision<'_>) -> Decided {
        let case = self.case(id)?;
        handles("rectification.suspend_institution", case, cx)?;
        if case.suspended {
            return Err(already(&case.subject, "suspended"));
        }
        Ok(vec![Event::InstitutionSuspended {
            case: id.clone(),
            subject: case.subject.clone(),
            by: cx.actor.clone(),
        }])
    }

    /// A paper that is not an order.
    pub(crate) fn issue_notice(
        &self,
        id: &CaseId,
        kind: DocumentKind,
        cx: &Decision<'_>,
    ) -> Decided {
        let case = self.case(id)?;
        handles("rectification.issue_notice", case, cx)?;
        Ok(vec![Event::DocumentIssued {
            case: id.clone(),
            subject: case.subject.clone(),
            kind,
            by: cx.actor.clone(),
        }])
    }

    /// Records how it looks some time after the case was cleared.
    pub(crate) fn look_back(&self, id: &CaseId, result: LookBack, cx: &Decision<'_>) -> Decided {
        let case = self.case(id)?;
        cx.allow("rectification.look_back", Resource::at(&case.area))?;
        if case.cleared.is_none() {
            return Err(wrong_state(id, case.stage(), "cleared"));
        }
        let mut events = vec![Event::LookBackRecorded {
            case: id.clone(),
            result,
            by: cx.actor.clone(),
        }];
        if result == LookBack::Relapsed {
            events.push(Event::CaseReopened {
                case: id.clone(),
                generation: case.generation + 1,
                reason: "relapsed at a look-back".to_owned(),
            });
        }
        Ok(events)
    }
}
