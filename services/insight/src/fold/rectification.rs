//! Rectification facts: reports, leads, actions, cases, orders, and what was done about them.

use picket_schemas::rectification::{DocumentKind, Event, Routing};
use picket_schemas::{CaseId, DepartmentCode, LeadId, OrderId, Subject};

use super::{EventFold, maybe};
use crate::InsightError;
use crate::sql::{list, number, word};

/// Codes of teaching in hidden forms.
const HIDDEN: [&str; 3] = ["H1", "H2", "H3"];

impl EventFold<'_> {
    pub(super) fn rectification(&self, event: &Event) -> Result<(), InsightError> {
        let (j, at) = (self.j, self.at);
        match event {
            Event::ReportReceived { .. } => self.report_received(event),
            Event::LeadOpened { .. } => self.lead_opened(event),
            Event::LeadMerged { lead, into, .. } => self.put("UPDATE leads SET state = 'merged', merged_into = ?3, merged = ?4 WHERE j = ?1 AND id = ?2", (j, lead.as_str(), into.as_str(), at)),
            Event::LeadClassified { lead, codes, proposal, .. } => self.lead_classified(lead, codes, proposal.as_ref()),
            Event::LeadRouted { lead, department, assist, .. } => self.lead_routed(lead, department, assist),
            Event::LeadReturned { lead, .. } => self.put("UPDATE leads SET state = 'classified', department = NULL, assist = NULL, joint = NULL WHERE j = ?1 AND id = ?2", (j, lead.as_str())),
            Event::JointDecided { lead, joint, .. } => self.put("UPDATE leads SET joint = ?3 WHERE j = ?1 AND id = ?2", (j, lead.as_str(), joint)),
            Event::ActionOpened { .. } => self.action_opened(event),
            Event::VerdictRecorded { .. } => self.verdict_recorded(event),
            Event::LeadArchived { lead, .. } => self.put("UPDATE leads SET state = 'archived' WHERE j = ?1 AND id = ?2", (j, lead.as_str())),
            Event::CaseFiled { .. } => self.case_filed(event),
            Event::OrderIssued { .. } => self.order_issued(event),
            Event::OrderServed { order, case, subject, .. } => {
                self.put("UPDATE orders SET state = 'served', served = ?3 WHERE j = ?1 AND id = ?2", (j, order.as_str(), at))?;
                self.act("served", case, subject, 0)?;
                self.mark(order, "served")
            }
            Event::OrderParked { order, .. } => {
                self.put("UPDATE orders SET parked = 1 WHERE j = ?1 AND id = ?2", (j, order.as_str()))?;
                self.mark(order, "parked")
            }
            Event::OrderResumed { order, .. } => {
                self.put("UPDATE orders SET parked = 0 WHERE j = ?1 AND id = ?2", (j, order.as_str()))?;
                self.mark(order, "resumed")
            }
            Event::FixReported { order, note, by, .. } => {
                self.put("UPDATE orders SET state = 'reported', reported = ?3, fixer = ?4, fix_note = ?5 WHERE j = ?1 AND id = ?2", (j, order.as_str(), at, by.as_str(), note))?;
                self.mark(order, "reported")
            }
            Event::FixPassed { order, .. } => {
                self.put("UPDATE orders SET state = 'cleared', cleared = ?3 WHERE j = ?1 AND id = ?2", (j, order.as_str(), at))?;
                self.mark(order, "passed")
            }
            Event::FixFailed { order, .. } => self.put("UPDATE orders SET state = 'served' WHERE j = ?1 AND id = ?2", (j, order.as_str())),
            Event::CaseCleared { case, .. } => self.put("UPDATE cases SET state = 'cleared' WHERE j = ?1 AND id = ?2", (j, case.as_str())),
            Event::CaseReopened { case, generation, .. } => self.case_reopened(case, *generation),
            Event::PenaltyRecorded { case, subject, amount_fen, .. } => self.act("penalty", case, subject, *amount_fen),
            Event::RefundRecorded { case, subject, amount_fen, .. } => self.act("refund", case, subject, *amount_fen),
            Event::InstitutionSuspended { case, subject, .. } => self.act("suspended", case, subject, 0),
            Event::DocumentIssued { case, subject, kind: DocumentKind::Notice, .. } => self.act("notice", case, subject, 0),
            Event::DocumentIssued { case, subject, kind: DocumentKind::PublicNotice, .. } => self.act("public_notice", case, subject, 0),
            // Parts of a timeline, with nothing to count or to wait for.
            Event::ActionReported { .. } | Event::ActionClosed { .. } | Event::OrderExtended { .. } | Event::LookBackRecorded { .. } => Ok(()),
        }
    }

    fn report_received(&self, event: &Event) -> Result<(), InsightError> {
        let Event::ReportReceived {
            report,
            source,
            text,
            task,
            row,
            place,
            finder,
            sealed_until,
            ..
        } = event
        else {
            return Ok(());
        };
        self.put(
            "INSERT OR REPLACE INTO reports (j, id, source, text, task, row, place, finder, sealed, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            (
                self.j,
                report.as_str(),
                word(source),
                text,
                task.as_ref().map(AsRef::<str>::as_ref),
                row,
                place.as_ref().map(AsRef::<str>::as_ref),
                finder.as_ref().map(AsRef::<str>::as_ref),
                maybe(sealed_until),
                self.at,
            ),
        )
    }

    fn lead_opened(&self, event: &Event) -> Result<(), InsightError> {
        let Event::LeadOpened {
            lead,
            report,
            subject,
            area,
            codes,
            urgent,
            post,
            owner,
            sealed_until,
            ..
        } = event
        else {
            return Ok(());
        };
        self.put(
            "INSERT OR REPLACE INTO leads (j, id, report, subject, area, codes, urgent, post, owner, sealed, state, opened) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'opened', ?11)",
            (
                self.j,
                lead.as_str(),
                report.as_str(),
                subject.as_ref().map(|subject| &subject.id),
                area.as_str(),
                list(codes),
                urgent,
                post.as_ref().map(AsRef::<str>::as_ref),
                owner.as_ref().map(AsRef::<str>::as_ref),
                maybe(sealed_until),
                self.at,
            ),
        )
    }

    fn lead_classified(
        &self,
        lead: &LeadId,
        codes: &[String],
        proposal: Option<&Routing>,
    ) -> Result<(), InsightError> {
        let proposal = proposal.map(serde_json::to_string).transpose()?;
        self.put(
            "UPDATE leads SET state = 'classified', codes = ?3, proposal = ?4 WHERE j = ?1 AND id = ?2",
            (self.j, lead.as_str(), list(codes), proposal),
        )
    }

    fn lead_routed(
        &self,
        lead: &LeadId,
        department: &DepartmentCode,
        assist: &[DepartmentCode],
    ) -> Result<(), InsightError> {
        let assist = list(assist);
        self.put(
            "UPDATE leads SET state = 'routed', department = ?3, assist = ?4, joint = NULL WHERE j = ?1 AND id = ?2",
            (self.j, lead.as_str(), department.as_str(), &assist),
        )?;
        self.put(
            "INSERT OR REPLACE INTO routings (j, lead, ord, at, department, assist) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (self.j, lead.as_str(), self.ord, self.at, department.as_str(), assist),
        )
    }

    fn action_opened(&self, event: &Event) -> Result<(), InsightError> {
        let Event::ActionOpened {
            action,
            lead,
            crew,
            sealed_until,
            ..
        } = event
        else {
            return Ok(());
        };
        let (j, action) = (self.j, action.as_str());
        self.put(
            "INSERT OR REPLACE INTO actions (j, id, lead, sealed) VALUES (?1, ?2, ?3, ?4)",
            (j, action, lead.as_str(), maybe(sealed_until)),
        )?;
        for person in crew {
            self.put(
                "INSERT OR IGNORE INTO action_crew (j, action, person) VALUES (?1, ?2, ?3)",
                (j, action, person.as_str()),
            )?;
        }
        self.put(
            "UPDATE leads SET action = ?3 WHERE j = ?1 AND id = ?2",
            (j, lead.as_str(), action),
        )
    }

    fn verdict_recorded(&self, event: &Event) -> Result<(), InsightError> {
        let Event::VerdictRecorded {
            lead,
            verdict,
            subject,
            codes,
            ..
        } = event
        else {
            return Ok(());
        };
        let (j, lead, verdict) = (self.j, lead.as_str(), word(verdict));
        let subject = subject.as_ref().map(|subject| &subject.id);
        let hidden = codes.iter().any(|code| HIDDEN.contains(&code.as_str()));
        self.put(
            "UPDATE leads SET state = 'verified', verdict = ?3, subject = COALESCE(?4, subject) WHERE j = ?1 AND id = ?2",
            (j, lead, &verdict, subject),
        )?;
        self.put(
            "INSERT OR REPLACE INTO verdicts (j, lead, ord, at, verdict, subject, hidden)
             VALUES (?1, ?2, ?3, ?4, ?5, COALESCE(?6, (SELECT subject FROM leads WHERE j = ?1 AND id = ?2)), ?7)",
            (j, lead, self.ord, self.at, &verdict, subject, hidden),
        )
    }

    fn case_filed(&self, event: &Event) -> Result<(), InsightError> {
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
            ..
        } = event
        else {
            return Ok(());
        };
        let (j, id) = (self.j, case.as_str());
        self.put(
            "INSERT OR REPLACE INTO cases (j, id, lead, state, subject, area, codes, department, owner, post, generation) VALUES (?1, ?2, ?3, 'filed', ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            (
                j,
                id,
                lead.as_str(),
                &subject.id,
                area.as_str(),
                list(codes),
                department.as_str(),
                owner.as_ref().map(AsRef::<str>::as_ref),
                post.as_ref().map(AsRef::<str>::as_ref),
                generation,
            ),
        )?;
        for (pos, officer) in officers.iter().enumerate() {
            self.put(
                "INSERT OR REPLACE INTO officers (j, case_id, pos, person) VALUES (?1, ?2, ?3, ?4)",
                (
                    j,
                    id,
                    i64::try_from(pos).unwrap_or(i64::MAX),
                    officer.as_str(),
                ),
            )?;
        }
        // A new lead about what had been cleared brings the case back.
        if *generation > 1 {
            self.act("reopened", case, subject, 0)?;
        }
        self.put(
            "UPDATE leads SET state = 'case', case_id = ?3 WHERE j = ?1 AND id = ?2",
            (j, lead.as_str(), id),
        )
    }

    fn case_reopened(&self, case: &CaseId, generation: u32) -> Result<(), InsightError> {
        self.put(
            "UPDATE cases SET state = 'filed', generation = ?3 WHERE j = ?1 AND id = ?2",
            (self.j, case.as_str(), generation),
        )?;
        self.put(
            "INSERT OR REPLACE INTO acts (j, ord, at, what, case_id, subject, fen) VALUES (?1, ?2, ?3, 'reopened', ?4, COALESCE((SELECT subject FROM cases WHERE j = ?1 AND id = ?4), ''), 0)",
            (self.j, self.ord, self.at, case.as_str()),
        )
    }

    fn order_issued(&self, event: &Event) -> Result<(), InsightError> {
        let Event::OrderIssued {
            order,
            number,
            year,
            case,
            subject,
            department,
            focus,
            requirement,
            content,
            ground,
            deadline,
            by,
            ..
        } = event
        else {
            return Ok(());
        };
        self.put(
            "INSERT OR REPLACE INTO orders (j, id, number, year, case_id, state, subject, department, focus, requirement, content, ground, span, issuer) VALUES (?1, ?2, ?3, ?4, ?5, 'issued', ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            (
                self.j,
                order.as_str(),
                number,
                year,
                case.as_str(),
                &subject.id,
                department.as_str(),
                focus,
                requirement,
                content,
                ground,
                deadline.to_string(),
                by.as_str(),
            ),
        )?;
        self.put(
            "UPDATE cases SET state = 'ordered' WHERE j = ?1 AND id = ?2",
            (self.j, case.as_str()),
        )
    }

    fn act(
        &self,
        what: &str,
        case: &CaseId,
        subject: &Subject,
        fen: u64,
    ) -> Result<(), InsightError> {
        self.put(
            "INSERT OR REPLACE INTO acts (j, ord, at, what, case_id, subject, fen) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (self.j, self.ord, self.at, what, case.as_str(), &subject.id, number(fen)),
        )
    }

    fn mark(&self, order: &OrderId, what: &str) -> Result<(), InsightError> {
        self.put(
            "INSERT OR REPLACE INTO order_marks (j, id, ord, at, what) VALUES (?1, ?2, ?3, ?4, ?5)",
            (self.j, order.as_str(), self.ord, self.at, what),
        )
    }
}
