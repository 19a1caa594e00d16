//! Fixes: reported by the department on behalf of the institution, verified by somebody else.
//!
//! Nobody verifies their own work: not who issued the order, not who recorded the fix, not an officer named
//! on the case. When the last order of a case passes, the case is cleared in the same breath.

use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::rectification::{Event, FixResult};
use picket_schemas::{OrderId, Refusal};

use crate::checks::{already, handles, wrong_state};
use crate::orders::running;
use crate::state::OrderStage;
use crate::{Decided, Rectification};

impl Rectification {
    /// Records what the institution says it has done.
    pub(crate) fn report_fix(
        &self,
        id: &OrderId,
        given: &str,
        evidence: &[String],
        cx: &Decision<'_>,
    ) -> Decided {
        let (order, case) = self.order(id)?;
        handles("rectification.report_fix", case, cx)?;
        if order.stage == OrderStage::Reported {
            return Err(already(id, "reported"));
        }
        running(id, order)?;
        let note = fields::needed_text("note", given, "say what was done")?;
        Ok(vec![Event::FixReported {
            order: id.clone(),
            note,
            evidence: evidence.to_vec(),
            by: cx.actor.clone(),
        }])
    }

    /// Records what a verifier found.
    pub(crate) fn verify_fix(
        &self,
        id: &OrderId,
        result: FixResult,
        given: &str,
        evidence: &[String],
        cx: &Decision<'_>,
    ) -> Decided {
        let (order, case) = self.order(id)?;
        cx.allow("rectification.verify_fix", Resource::at(&case.area))?;
        if order.issuer == *cx.actor
            || order.fixer.as_ref() == Some(cx.actor)
            || case.officers.contains(cx.actor)
        {
            return Err(Refusal::SamePerson {
                what: format!("verify the fix of {id}"),
                who: cx.directory.person_name(cx.actor),
            });
        }
        if order.stage != OrderStage::Reported {
            return Err(wrong_state(id, order.stage(), "reported"));
        }
        let note = fields::text("note", given)?;
        let (filed, by, evidence) = (order.case.clone(), cx.actor.clone(), evidence.to_vec());
        Ok(match result {
            FixResult::Failed => vec![Event::FixFailed {
                order: id.clone(),
                case: filed,
                note,
                by,
                evidence,
            }],
            FixResult::Passed => {
                let cleared = (case.open == 1).then(|| Event::CaseCleared {
                    case: filed.clone(),
                    lead: case.lead.clone(),
                    subject: case.subject.clone(),
                });
                let passed = Event::FixPassed {
                    order: id.clone(),
                    case: filed,
                    note,
                    by,
                    evidence,
                };
                std::iter::once(passed).chain(cleared).collect()
            }
        })
    }
}
