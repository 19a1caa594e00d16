//! Cases: from a lead to one. The verdict, and two certified officers who answer for it.
//!
//! A lead that does not hold is archived with its verdict. One that holds may be filed; a subject that was cleared of
//! the same violation before starts at the next generation. Orders and money stand in their own files.

use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::rectification::{Event, Verdict};
use picket_schemas::{CaseId, LeadId, Refusal, Subject};

use crate::checks::{already, certificate, people, two_certified, wrong_state};
use crate::reports::owner;
use crate::state::{Case, LeadStage};
use crate::{Decided, Rectification};

impl Rectification {
    /// Records the verdict on a lead.
    pub(crate) fn record_verdict(
        &self,
        id: &LeadId,
        verdict: Verdict,
        given: &str,
        evidence: &[String],
        cx: &Decision<'_>,
    ) -> Decided {
        let lead = self.lead(id, cx)?;
        cx.allow(
            "rectification.record_verdict",
            Resource {
                area: Some(&lead.area),
                departments: &lead.departments(),
            },
        )?;
        let handling = match &lead.stage {
            LeadStage::Routed(handling) => handling,
            LeadStage::Verified(_) | LeadStage::Case(_) | LeadStage::Archived => {
                return Err(already(id, "verified"));
            }
            _ => return Err(wrong_state(id, &lead.stage, "routed")),
        };
        if handling.joint.is_none() {
            return Err(wrong_state(
                id,
                "routed without a decision about joint action",
                "decided",
            ));
        }
        if verdict.holds()
            && cx
                .directory
                .person(cx.actor)
                .and_then(certificate)
                .is_none()
        {
            return Err(Refusal::NotCertified {
                why: format!(
                    "{} has no certificate and cannot find that something holds",
                    cx.directory.person_name(cx.actor)
                ),
            });
        }
        let note = fields::text("note", given)?;
        let mut events = vec![Event::VerdictRecorded {
            lead: id.clone(),
            verdict,
            note,
            subject: lead.subject.clone(),
            codes: lead.codes.clone(),
            by: cx.actor.clone(),
            evidence: evidence.to_vec(),
        }];
        match verdict {
            Verdict::Substantiated | Verdict::Partly => {}
            Verdict::Not => events.push(Event::LeadArchived {
                lead: id.clone(),
                reason: "not substantiated".to_owned(),
            }),
            Verdict::Undeterminable => events.push(Event::LeadArchived {
                lead: id.clone(),
                reason: "could not be determined".to_owned(),
            }),
        }
        Ok(events)
    }

    /// Makes a case of a lead that holds.
    pub(crate) fn file_case(&self, id: &LeadId, officers: &[String], cx: &Decision<'_>) -> Decided {
        let lead = self.lead(id, cx)?;
        let departments = lead.departments();
        cx.allow(
            "rectification.file_case",
            Resource {
                area: Some(&lead.area),
                departments: &departments,
            },
        )?;
        let handling = match &lead.stage {
            LeadStage::Verified(handling) => handling,
            LeadStage::Case(case) => return Err(already(id, format!("case {case}"))),
            _ => return Err(wrong_state(id, &lead.stage, "verified and substantiated")),
        };
        let subject = lead.subject.as_ref().ok_or_else(|| fields::missing(
            "subject",
            format!("{id} does not say whom it is about; record a report that does and merge the two before the verdict"),
        ))?;
        let officers = people(officers, cx)?;
        for officer in &officers {
            if !officer
                .department
                .as_ref()
                .is_some_and(|own| departments.contains(&own))
            {
                return Err(fields::invalid(
                    "officers",
                    format!("{} is of no handling department", officer.name),
                ));
            }
            if certificate(officer).is_none() {
                return Err(Refusal::NotCertified {
                    why: format!("{} has no certificate", officer.name),
                });
            }
        }
        two_certified(officers.iter().copied(), "the case")?;
        Ok(vec![Event::CaseFiled {
            case: CaseId::from(format!("C-{}", self.counts.cases + 1)),
            lead: id.clone(),
            subject: subject.clone(),
            area: lead.area.clone(),
            codes: lead.codes.clone(),
            department: handling.department.clone(),
            officers: officers
                .into_iter()
                .map(|officer| officer.id.clone())
                .collect(),
            owner: owner(Some(subject), &lead.area, cx).or_else(|| lead.owner.clone()),
            post: lead.post.clone(),
            generation: 1 + self.cleared_before(subject, &lead.codes),
        }])
    }

    /// The highest generation among cleared cases of a subject that share a code; 0 where there is none.
    fn cleared_before(&self, subject: &Subject, codes: &[String]) -> u32 {
        self.cases_of(subject)
            .filter(|case| {
                case.cleared.is_some() && case.codes.iter().any(|code| codes.contains(code))
            })
            .map(|case| case.generation)
            .max()
            .unwrap_or_default()
    }

    fn cases_of(&self, subject: &Subject) -> impl Iterator<Item = &Case> {
        self.by_subject
            .range((subject.clone(), CaseId::default())..)
            .take_while(move |(about, _)| about == subject)
            .filter_map(|(_, case)| self.cases.get(case))
    }
}
