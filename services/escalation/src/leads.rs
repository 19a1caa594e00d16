//! Leads: what follows from facts about them. Who must screen and handle it, and by when.
//!
//! A lead is open from its opening until a verdict, a merger or the archive. It does not know codes,
//! routes or joint actions.

use picket_schemas::escalation::{ClockKind, Duty, Event};
use picket_schemas::rectification::Event as Fact;
use picket_schemas::registry::Role;

use crate::clock::Matter;
use crate::draft::Draft;
use crate::rules;
use crate::tasks::role;

/// Drafts what follows from a fact of a lead; says whether it was one.
pub(crate) fn react(draft: &mut Draft<'_>, fact: &Fact) -> bool {
    match fact {
        Fact::LeadOpened {
            lead,
            area,
            urgent,
            post,
            owner,
            sealed_until,
            ..
        } => {
            let span = rules::screen(*urgent);
            let matter = Matter {
                area: area.clone(),
                post: post.clone(),
                owner: owner.clone(),
                span: Some(span),
                ..Matter::default()
            };
            // Nobody can screen what is not there for them: time runs from the release.
            let fact = draft.at;
            draft.at = sealed_until.map_or(fact, |release| fact.max(release));
            opened(draft, lead.as_str(), &matter);
            draft.at = fact;
        }
        Fact::LeadClassified { lead, .. } => {
            if draft.matter(lead.as_str()).is_some() {
                draft.stop(ClockKind::LeadScreen, lead.as_str());
            }
        }
        Fact::LeadRouted {
            lead, department, ..
        } => {
            let duty = Duty {
                department: Some(department.clone()),
                ..Duty::default()
            };
            routed(draft, lead.as_str(), duty);
        }
        Fact::LeadReturned { lead, .. } => {
            let on = lead.as_str();
            if let Some(matter) = draft
                .matter(on)
                .filter(|_| draft.clock(ClockKind::LeadHandle, on).is_some())
            {
                draft.stop(ClockKind::LeadHandle, on);
                screen(draft, on, matter);
            }
        }
        Fact::LeadMerged { lead, .. }
        | Fact::LeadArchived { lead, .. }
        | Fact::VerdictRecorded { lead, .. } => draft.close(lead.as_str()),
        _ => return false,
    }
    true
}

fn opened(draft: &mut Draft<'_>, on: &str, matter: &Matter) {
    if draft.book.matters.contains_key(on) {
        return;
    }
    draft.events.push(Event::MatterOpened {
        on: on.into(),
        area: matter.area.clone(),
        post: matter.post.clone(),
        owner: matter.owner.clone(),
        span: matter.span.unwrap_or(rules::screen(false)),
    });
    screen(draft, on, matter);
}

fn screen(draft: &mut Draft<'_>, on: &str, matter: &Matter) {
    let span = matter.span.unwrap_or(rules::screen(false));
    draft.start_for(
        ClockKind::LeadScreen,
        on,
        matter,
        role(Role::Dispatcher),
        span,
    );
}

/// Each routing gives the department now named its full time.
fn routed(draft: &mut Draft<'_>, on: &str, duty: Duty) {
    let Some(matter) = draft.matter(on) else {
        return;
    };
    if draft
        .clock(ClockKind::LeadHandle, on)
        .is_some_and(|clock| clock.duty == duty && clock.from == draft.at)
    {
        return;
    }
    draft.stop(ClockKind::LeadScreen, on);
    draft.stop(ClockKind::LeadHandle, on);
    draft.start(ClockKind::LeadHandle, on, matter, duty);
}
