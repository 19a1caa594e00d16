//! Rectification in sentences: reports, leads, joint actions, cases and orders.

use picket_schemas::rectification;

use super::{Words, coded, due, noted, plain};
use crate::tables::Answered;

impl Words<'_> {
    pub(super) fn rectification(&self, event: &rectification::Event) -> Answered<String> {
        use rectification::Event as E;
        Ok(match event {
            E::ReportReceived {
                report,
                source,
                text,
                ..
            } => format!("report {report} came in ({}){}", plain(source), noted(text)),
            E::LeadOpened {
                lead,
                report,
                urgent,
                codes,
                ..
            } => format!(
                "{}lead {lead} was opened from report {report}{}",
                if *urgent { "urgent " } else { "" },
                coded(codes)
            ),
            E::LeadMerged { lead, into, .. } => format!("lead {lead} was merged into {into}"),
            E::LeadClassified {
                lead,
                codes,
                proposal,
                ..
            } => {
                let table = proposal
                    .as_ref()
                    .map(|proposal| format!("; the table proposes {}", proposal.rule))
                    .unwrap_or_default();
                format!("lead {lead} was classified{}{table}", coded(codes))
            }
            E::LeadRouted {
                lead,
                department,
                assist,
                reason,
                ..
            } => format!(
                "lead {lead} was routed to {}{}",
                self.departments(department.as_str(), assist)?,
                noted(reason)
            ),
            E::LeadReturned {
                lead,
                department,
                reason,
                ..
            } => format!(
                "{} returned lead {lead}{}",
                self.department(department.as_str())?,
                noted(reason)
            ),
            E::JointDecided {
                lead,
                joint,
                reason,
                by,
                ..
            } => {
                format!(
                    "{} decided {} joint action on lead {lead}{}",
                    self.person(by.as_str())?,
                    if *joint { "for" } else { "against" },
                    noted(reason)
                )
            }
            E::ActionOpened {
                action,
                department,
                assist,
                crew,
                date,
                ..
            } => {
                format!(
                    "joint action {action} on {date} was opened: {}; crew: {}",
                    self.departments(department.as_str(), assist)?,
                    self.people(crew)?
                )
            }
            E::ActionReported {
                action,
                department,
                outcome,
                ..
            } => format!(
                "{} reported on joint action {action}{}",
                self.department(department.as_str())?,
                noted(outcome)
            ),
            E::ActionClosed { action, .. } => format!("joint action {action} was closed"),
            E::VerdictRecorded {
                lead,
                verdict,
                note,
                codes,
                by,
                ..
            } => {
                let found = match verdict {
                    rectification::Verdict::Substantiated => "substantiated",
                    rectification::Verdict::Partly => "partly substantiated",
                    rectification::Verdict::Not => "not substantiated",
                    rectification::Verdict::Undeterminable => "undeterminable",
                };
                format!(
                    "{} found lead {lead} {found}{}{}",
                    self.person(by.as_str())?,
                    coded(codes),
                    noted(note)
                )
            }
            E::LeadArchived { lead, reason, .. } => {
                format!("lead {lead} was archived{}", noted(reason))
            }
            E::CaseFiled {
                case,
                subject,
                department,
                officers,
                generation,
                codes,
                ..
            } => {
                let again = if *generation > 1 {
                    format!(", for the {} time", ordinal(*generation))
                } else {
                    String::new()
                };
                format!(
                    "{} filed case {case} on {}{again}{}; officers: {}",
                    self.department(department.as_str())?,
                    self.at(subject)?,
                    coded(codes),
                    self.people(officers)?
                )
            }
            E::OrderIssued {
                order,
                number,
                year,
                focus,
                deadline,
                by,
                ..
            } => format!(
                "{} issued order {order} (no. {number} of {year}): {focus}; to be fixed within {deadline}",
                self.person(by.as_str())?
            ),
            E::OrderServed {
                order, deadline, ..
            } => match self.first_due(order.as_str())? {
                Some(at) => format!("order {order} was served; due {}", due(at)),
                None => format!("order {order} was served; to be fixed within {deadline}"),
            },
            E::OrderExtended {
                order,
                span,
                reason,
                by,
                ..
            } => format!(
                "{} extended order {order} by {span}{}",
                self.person(by.as_str())?,
                noted(reason)
            ),
            E::OrderParked {
                order, reason, by, ..
            } => format!(
                "{} parked order {order}{}",
                self.person(by.as_str())?,
                noted(reason)
            ),
            E::OrderResumed {
                order, reason, by, ..
            } => format!(
                "{} resumed order {order}{}",
                self.person(by.as_str())?,
                noted(reason)
            ),
            E::FixReported {
                order, note, by, ..
            } => format!(
                "{} recorded the fix of order {order}{}",
                self.person(by.as_str())?,
                noted(note)
            ),
            E::FixPassed {
                order, note, by, ..
            } => format!(
                "{} verified order {order}: in order{}",
                self.person(by.as_str())?,
                noted(note)
            ),
            E::FixFailed {
                order, note, by, ..
            } => format!(
                "{} verified order {order}: not in order{}",
                self.person(by.as_str())?,
                noted(note)
            ),
            E::CaseCleared { case, .. } => format!("case {case} was cleared"),
            E::CaseReopened { case, reason, .. } => {
                format!("case {case} was reopened{}", noted(reason))
            }
            E::PenaltyRecorded {
                case,
                kind,
                amount_fen,
                ..
            } => {
                let amount = if *amount_fen == 0 {
                    String::new()
                } else {
                    format!(", {}", yuan(*amount_fen))
                };
                format!("a penalty was recorded in case {case}: {kind}{amount}")
            }
            E::RefundRecorded {
                case, amount_fen, ..
            } => format!("{} were refunded in case {case}", yuan(*amount_fen)),
            E::InstitutionSuspended { case, subject, .. } => {
                format!("{} was suspended in case {case}", self.at(subject)?)
            }
            E::DocumentIssued { case, kind, .. } => match kind {
                rectification::DocumentKind::Notice => {
                    format!("a notice was issued in case {case}")
                }
                rectification::DocumentKind::PublicNotice => {
                    format!("a public notice was published in case {case}")
                }
            },
            E::LookBackRecorded {
                case, result, by, ..
            } => match result {
                rectification::LookBack::Held => format!(
                    "{} looked back at case {case}: still in order",
                    self.person(by.as_str())?
                ),
                rectification::LookBack::Relapsed => format!(
                    "{} looked back at case {case}: as before",
                    self.person(by.as_str())?
                ),
            },
        })
    }
}

fn yuan(fen: u64) -> String {
    format!("{}.{:02} yuan", fen / 100, fen % 100)
}

fn ordinal(n: u32) -> String {
    let suffix = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}
