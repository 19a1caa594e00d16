//! Routing: which department has a lead, and how it comes back.
//!
//! The table proposes, the dispatcher decides; who departs from the table says why. A department that is
//! not concerned gives a lead back within two working days. Neither closes anything.

use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::rectification::{Event, Routing};
use picket_schemas::{DepartmentCode, LeadId, Refusal, Span};

use crate::checks::{departments, wrong_state};
use crate::leads::propose;
use crate::state::{Handling, LeadStage};
use crate::{Decided, Rectification};

/// The time in which a department may give a lead back.
const RETURN: Span = Span::working_days(2);

impl Rectification {
    /// Gives a lead to a department: the table's, or the one named.
    pub(crate) fn route_lead(
        &self,
        id: &LeadId,
        named: Option<&DepartmentCode>,
        assist: &[DepartmentCode],
        given: &str,
        cx: &Decision<'_>,
    ) -> Decided {
        let lead = self.lead(id, cx)?;
        cx.allow("rectification.route_lead", Resource::at(&lead.area))?;
        let again = match lead.stage {
            LeadStage::Classified => false,
            LeadStage::Routed(_) => true,
            _ => return Err(wrong_state(id, &lead.stage, "classified or routed")),
        };
        let named = named.filter(|code| !code.as_str().trim().is_empty());
        // The row may have been set after the lead was classified.
        let fresh = if lead.proposal.is_none() {
            propose(lead, &lead.codes, cx)
        } else {
            None
        };
        let proposal = lead.proposal.as_ref().or(fresh.as_ref());
        let department = match (named, proposal) {
            (Some(department), _) if cx.directory.department(department).is_none() => {
                return Err(fields::invalid(
                    "lead_department",
                    format!("there is no department `{department}`"),
                ));
            }
            (Some(department), _) => department,
            (None, Some(proposal)) => &proposal.lead,
            (None, None) => {
                return Err(Refusal::NoRoute {
                    codes: lead.codes.join(", "),
                });
            }
        };
        let departs = proposal.is_some_and(|proposal| proposal.lead != *department);
        let reason = if again {
            fields::reason(given, "giving the lead to another department")?
        } else if departs {
            fields::reason(given, "another department than the table's")?
        } else {
            fields::text("reason", given)?
        };
        let assist = match (assist, proposal) {
            ([], Some(proposal)) => proposal.assist.clone(),
            (named, _) => departments("assist", named, cx)?,
        };
        let assist = assist
            .into_iter()
            .filter(|code| code != department)
            .collect();
        // Where nobody says why, the table does.
        let matched = proposal
            .filter(|_| reason.is_empty())
            .and_then(Routing::matched);
        Ok(vec![Event::LeadRouted {
            lead: id.clone(),
            department: department.clone(),
            assist,
            reason,
            matched,
        }])
    }

    /// Gives a lead back to the dispatcher.
    pub(crate) fn return_lead(&self, id: &LeadId, given: &str, cx: &Decision<'_>) -> Decided {
        let lead = self.lead(id, cx)?;
        let leading: Vec<&DepartmentCode> = lead
            .handling()
            .map(|handling| &handling.department)
            .into_iter()
            .collect();
        cx.allow(
            "rectification.return_lead",
            Resource {
                area: Some(&lead.area),
                departments: &leading,
            },
        )?;
        let LeadStage::Routed(Handling {
            department, since, ..
        }) = &lead.stage
        else {
            return Err(wrong_state(id, &lead.stage, "routed"));
        };
        if cx.at >= cx.calendar().due(*since, RETURN).at {
            return Err(Refusal::TooLate {
                what: format!("return {id}, more than {RETURN} after it was routed"),
            });
        }
        let reason = fields::reason(given, "returning a lead")?;
        Ok(vec![Event::LeadReturned {
            lead: id.clone(),
            department: department.clone(),
            reason,
        }])
    }
}
