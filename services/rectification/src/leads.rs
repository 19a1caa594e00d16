//! Leads at the dispatcher's desk: what one is about, and which leads are one.
//!
//! Classifying asks the routing table at once, so that the dispatcher sees a proposal with its reason.
//! Merging keeps every report; only the lead that remains goes on. Who gets a lead stands in `routing`.

use std::collections::BTreeSet;

use picket_book::Decision;
use picket_directory::Resource;
use picket_schemas::rectification::{Event, RouteMatch, Routing};
use picket_schemas::registry::Route;
use picket_schemas::{Jurisdiction, LeadId, Refusal};

use crate::checks::{already, invalid, place_code, wrong_state};
use crate::state::{Lead, Stage};
use crate::{Decided, Rectification};

/// The longest violation code.
const CODE: usize = 8;

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
        if !matches!(lead.stage, Stage::Opened | Stage::Classified) {
            return Err(wrong_state(id, &lead.stage, "opened or classified"));
        }
        let codes = violations(codes)?;
        if let Some(code) = cx.directory.unknown_code(&codes) {
            return Err(invalid(
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
                return Err(invalid(
                    "leads",
                    format!("{id} cannot be merged into itself"),
                ));
            }
            if lead.stage == Stage::Merged {
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
            return Err(Refusal::Missing {
                field: "leads".to_owned(),
                why: "name the leads that go on in this one".to_owned(),
            });
        }
        Ok(merged)
    }
}

/// What the routing table says about a lead with these codes.
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
        if code.is_empty()
            || code.len() > CODE
            || !code
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        {
            return Err(invalid(
                "codes",
                format!(
                    "`{code}` is no violation code; one is up to {CODE} capital letters and digits, such as `H1`"
                ),
            ));
        }
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
    }
    if codes.is_empty() {
        return Err(Refusal::Missing {
            field: "codes".to_owned(),
            why: "a lead is classified by at least one violation code".to_owned(),
        });
    }
    Ok(codes)
}
