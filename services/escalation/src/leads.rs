//! Leads: what follows from facts about them. Who must screen and handle it, and by when.
//!
//! A lead is open from its opening until a verdict, a merger or the archive. It does not know codes,
//! routes or joint actions.

use picket_schemas::escalation::{ClockKind, Duty, Event};
use picket_schemas::rectification::Event as Fact;
use picket_schemas::registry::Role;

use crate::clock::ClockedMatter;
use crate::pending::PendingEvents;
use crate::rules;
use crate::tasks::role;

/// Adds what follows from a fact of a lead; says whether it was one.
pub(crate) fn react(pending: &mut PendingEvents<'_>, fact: &Fact) -> bool {
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
            let matter = ClockedMatter {
                area: area.clone(),
                post: post.clone(),
                owner: owner.clone(),
                span: Some(span),
                ..ClockedMatter::default()
            };
            // Nobody can screen what is not there for them: time runs from the release.
            let fact = pending.at;
            pending.at = sealed_until.map_or(fact, |release| fact.max(release));
            opened(pending, lead.as_str(), &matter);
            pending.at = fact;
        }
        Fact::LeadClassified { lead, .. } => {
            if pending.matter(lead.as_str()).is_some() {
                pending.stop(ClockKind::LeadScreen, lead.as_str());
            }
        }
        Fact::LeadRouted {
            lead, department, ..
        } => {
            let duty = Duty {
                department: Some(department.clone()),
                ..Duty::default()
            };
            routed(pending, lead.as_str(), duty);
        }
        Fact::LeadReturned { lead, .. } => {
            let on = lead.as_str();
            if let Some(matter) = pending
                .matter(on)
                .filter(|_| pending.clock(ClockKind::LeadHandle, on).is_some())
            {
                pending.stop(ClockKind::LeadHandle, on);
                screen(pending, on, matter);
            }
        }
        Fact::LeadMerged { lead, .. }
        | Fact::LeadArchived { lead, .. }
        | Fact::VerdictRecorded { lead, .. } => pending.close(lead.as_str()),
        _ => return false,
    }
    true
}

fn opened(pending: &mut PendingEvents<'_>, on: &str, matter: &ClockedMatter) {
    if pending.book.matters.contains_key(on) {
        return;
    }
    pending.events.push(Event::MatterOpened {
        on: on.into(),
        area: matter.area.clone(),
        post: matter.post.clone(),
        owner: matter.owner.clone(),
        span: matter.span.unwrap_or(rules::screen(false)),
    });
    screen(pending, on, matter);
}

fn screen(pending: &mut PendingEvents<'_>, on: &str, matter: &ClockedMatter) {
    let span = matter.span.unwrap_or(rules::screen(false));
    pending.start_for(
        ClockKind::LeadScreen,
        on,
        matter,
        role(Role::Dispatcher),
        span,
    );
}

/// Each routing gives the department now named its full time.
fn routed(pending: &mut PendingEvents<'_>, on: &str, duty: Duty) {
    let Some(matter) = pending.matter(on) else {
        return;
    };
    if pending
        .clock(ClockKind::LeadHandle, on)
        .is_some_and(|clock| clock.duty == duty && clock.from == pending.at)
    {
        return;
    }
    pending.stop(ClockKind::LeadScreen, on);
    pending.stop(ClockKind::LeadHandle, on);
    pending.start(ClockKind::LeadHandle, on, matter, duty);
}
