//! Leads as departments see them: three names on each, the finder's own not among them.

use picket_phrases::timeline::rule;
use picket_schemas::ask::{LeadView, Named};
use picket_schemas::rectification::Routing;

use super::sentence::english;
use super::{Reader, ThingKeys};
use crate::sql::{instant, unlist};
use crate::tables::InsightResult;

/// Columns of a lead that need further looking up.
struct LeadCodes {
    subject: Option<String>,
    area: String,
    post: Option<String>,
    owner: Option<String>,
    department: Option<String>,
    assist: Option<String>,
    proposal: Option<String>,
    report: LeadReport,
}

/// The report that opened a lead.
#[derive(Default)]
struct LeadReport {
    task: Option<String>,
    row: Option<String>,
    place: Option<String>,
}

impl Reader<'_> {
    pub(super) fn lead(&self, j: &str, id: &str) -> InsightResult<Option<LeadView>> {
        if !self.rights.may_lead(j, id)? {
            return Ok(None);
        }
        let Some((codes, lead)) = self.lead_row(j, id)? else {
            return Ok(None);
        };
        let mut lead = self.named_lead(j, codes, lead)?;
        if let Some(action) = lead.action.as_deref()
            && self.rights.is_action_sealed(j, action)?
        {
            lead.action = None;
        }
        let clock = if lead.state == "routed" {
            "lead.handle"
        } else {
            "lead.screen"
        };
        lead.deadline = self.deadline(j, id, clock)?;
        lead.rev = self.revision(j, id)?;
        Ok(Some(lead))
    }

    /// The row of a lead, its codes not yet looked up.
    fn lead_row(&self, j: &str, id: &str) -> InsightResult<Option<(LeadCodes, LeadView)>> {
        self.tables.one(
            "SELECT l.state, l.codes, l.urgent, l.joint, l.verdict, l.merged_into, l.case_id, l.action, l.opened, l.subject, l.area, l.post, l.owner, l.department, l.assist, l.proposal,
               r.source, r.text, r.task, r.row, r.place
             FROM leads l LEFT JOIN reports r ON r.j = l.j AND r.id = l.report WHERE l.j = ?1 AND l.id = ?2",
            (j, id),
            |row| {
                let codes = LeadCodes {
                    subject: row.get(9)?,
                    area: row.get(10)?,
                    post: row.get(11)?,
                    owner: row.get(12)?,
                    department: row.get(13)?,
                    assist: row.get(14)?,
                    proposal: row.get(15)?,
                    report: LeadReport { task: row.get(18)?, row: row.get(19)?, place: row.get(20)? },
                };
                let view = LeadView {
                    jurisdiction: j.to_owned(),
                    lead: id.to_owned(),
                    state: row.get(0)?,
                    subject: None,
                    subject_address: String::new(),
                    area: Named::default(),
                    codes: unlist(row.get(1)?),
                    urgent: row.get(2)?,
                    source: row.get::<_, Option<String>>(16)?.unwrap_or_default(),
                    text: row.get::<_, Option<String>>(17)?.unwrap_or_default(),
                    evidence: Vec::new(),
                    post: None,
                    department: None,
                    assist: Vec::new(),
                    owner: None,
                    proposal: None,
                    joint: row.get(3)?,
                    verdict: row.get(4)?,
                    merged_into: row.get(5)?,
                    case: row.get(6)?,
                    action: row.get(7)?,
                    opened: instant(row.get(8)?),
                    deadline: None,
                    rev: 0,
                };
                Ok((codes, view))
            },
        )
    }

    /// A lead with names and pictures in the place of its codes.
    fn named_lead(&self, j: &str, codes: LeadCodes, mut lead: LeadView) -> InsightResult<LeadView> {
        if let Some(subject) = &codes.subject {
            let (named, address) = self.subject(j, subject)?;
            lead.subject = Some(named);
            lead.subject_address = address;
        }
        lead.area = self.area(j, &codes.area)?;
        lead.post = self.maybe_post(j, codes.post.as_deref())?;
        lead.owner = match &codes.owner {
            Some(owner) => Some(self.who(owner)?),
            None => self.owner(j, codes.subject.as_deref(), &codes.area)?,
        };
        lead.department = codes
            .department
            .map(|code| self.department(j, &code))
            .transpose()?;
        lead.assist = unlist(codes.assist)
            .iter()
            .map(|code| self.department(j, code))
            .collect::<InsightResult<_>>()?;
        lead.proposal = codes.proposal.as_deref().map(proposal).transpose()?;
        lead.evidence = self.evidence(j, &codes.report)?;
        Ok(lead)
    }

    /// Pictures that belong to a report: those of its row as last answered, or of its place.
    fn evidence(&self, j: &str, report: &LeadReport) -> InsightResult<Vec<String>> {
        let found = match report {
            LeadReport { task: Some(task), row: Some(row), .. } => {
                self.tables.one("SELECT evidence FROM answers WHERE j = ?1 AND task = ?2 AND row = ?3 ORDER BY ord DESC LIMIT 1", (j, task, row), |row| row.get::<_, Option<String>>(0))?
            }
            LeadReport { place: Some(place), .. } => self.tables.one("SELECT evidence FROM places WHERE j = ?1 AND id = ?2", (j, place), |row| row.get::<_, Option<String>>(0))?,
            _ => None,
        };
        Ok(unlist(found.flatten()))
    }

    pub(super) fn leads(&self, keys: ThingKeys) -> InsightResult<Vec<LeadView>> {
        let mut leads = Vec::with_capacity(keys.len());
        for (j, id) in keys {
            leads.extend(self.lead(&j, &id)?);
        }
        Ok(leads)
    }
}

/// The proposal of the table, with its row as data and, for readers that know no rows, in English.
fn proposal(json: &str) -> InsightResult<Routing> {
    let mut proposal: Routing = serde_json::from_str(json)?;
    proposal.matched = proposal.matched();
    if let Some(matched) = proposal
        .matched
        .as_ref()
        .filter(|_| proposal.rule.is_empty())
    {
        proposal.rule = rule(matched, english());
    }
    Ok(proposal)
}
