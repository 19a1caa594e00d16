//! Leads at the dispatcher's desk: what one is about, and which leads are one.
//!
//! Classifying asks the routing table at once, so that the dispatcher sees a proposal with its reason.
//! Merging keeps every report; only the lead that remains goes on. Who gets a lead stands in `routing`.

use std::collections::BTreeSet;

use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::rectification::{Event, RouteMatch, Routing};
use picket_schemas::registry::Route;
use picket_schemas::{Jurisdiction, LeadId, Refusal};

use crate::checks::{already, place_code, wrong_state};
use crate::state::{Lead, LeadStage};
use crate::{Decided, Rectification};

impl Rectification {
    /// Gives a lead its violation codes; again before it is routed corrects them.
    pub(crate) fn classify_lead(
        &self,
        id: &LeadId,
        codes: &[String],
        cx: &Decision<'_>,
    ) -> Decided {
        let lead = self.lead(id, cx)?;
        cx.allow("rectification.classify_lead", Resource::at(&lead.area))?;
        if !matches!(lead.stage, LeadStage::Opened | LeadStage::Classified) {
            return Err(wrong_state(id, &lead.stage, "opened or classified"));
        }
        let codes = violations(codes)?;
        if let Some(code) = cx.directory.unknown_code(&codes) {
            return Err(fields::invalid(
                "codes",
                format!("`{code}` is neither in the catalogue nor in a routing table"),
            ));
        }
        let proposal = propose(lead, &codes, cx);
        Ok(vec![Event::LeadClassified {
            lead: id.clone(),
            codes,
            proposal,
        }])
    }

    /// Lets leads about the same thing go on as one.
    pub(crate) fn merge_leads(
        &self,
        into: &LeadId,
        leads: &[LeadId],
        cx: &Decision<'_>,
    ) -> Decided {
        let remains = self.lead(into, cx)?;
        cx.allow("rectification.merge_leads", Resource::at(&remains.area))?;
        let mut seen = BTreeSet::new();
        let mut merged = Vec::with_capacity(leads.len());
        for id in leads {
            let lead = self.lead(id, cx)?;
            cx.allow("rectification.merge_leads", Resource::at(&lead.area))?;
            if id == into {
                return Err(fields::invalid(
                    "leads",
                    format!("{id} cannot be merged into itself"),
                ));
            }
            if lead.stage == LeadStage::Merged {
                return Err(already(id, "merged"));
            }
            if !lead.is_open() {
                return Err(wrong_state(id, &lead.stage, "open, without a verdict"));
            }
            if seen.insert(id) {
                merged.push(Event::LeadMerged {
                    lead: id.clone(),
                    into: into.clone(),
                });
            }
        }
        if !remains.is_open() {
            return Err(wrong_state(into, &remains.stage, "open, without a verdict"));
        }
        if merged.is_empty() {
            return Err(fields::missing(
                "leads",
                "name the leads that go on in this one",
            ));
        }
        Ok(merged)
    }
}

/// The proposal of the routing table for a lead with these codes.
pub(crate) fn propose(lead: &Lead, codes: &[String], cx: &Decision<'_>) -> Option<Routing> {
    let institution = lead
        .subject
        .as_ref()
        .and_then(place_code)
        .and_then(|code| cx.directory.institution(&code));
    let (route, violation, of) = cx.directory.route(
        codes,
        institution.and_then(|institution| institution.training),
    )?;
    let assist = route
        .assist
        .iter()
        .filter(|department| **department != route.lead)
        .cloned()
        .collect();
    Some(Routing {
        lead: route.lead.clone(),
        assist,
        joint: route.joint,
        rule: String::new(),
        matched: Some(matched(route, &violation, &of)),
    })
}

fn matched(route: &Route, violation: &str, of: &Jurisdiction) -> RouteMatch {
    let one = |field: &str| (!field.is_empty() && field != "*").then(|| field.to_owned());
    RouteMatch {
        jurisdiction: of.clone(),
        row: route.order,
        violation: one(violation),
        training: one(&route.training),
    }
}

fn violations(given: &[String]) -> Result<Vec<String>, Refusal> {
    let mut codes: Vec<String> = Vec::with_capacity(given.len());
    for code in given.iter().map(|code| code.trim()) {
        fields::violation("codes", code)?;
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
    }
    if codes.is_empty() {
        return Err(fields::missing(
            "codes",
            "a lead is classified by at least one violation code",
        ));
    }
    Ok(codes)
}
