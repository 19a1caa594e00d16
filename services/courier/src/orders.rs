//! Facts of rectification that concern cases and orders: fixes to verify, fixes found wanting, cases cleared.
//!
//! Of an order it remembers where it is and who recorded fixes; of a case, its officers.
//! It does not know deadlines: escalation reminds.

use std::collections::BTreeSet;

use picket_schemas::courier::{Matter, NoticeKind};
use picket_schemas::rectification::Event;
use picket_schemas::registry::Role;

use crate::draft::{Draft, Message};
use crate::matters::plus;
use crate::tasks::add;

/// What follows from a fact about a case or an order.
pub(crate) fn follow(draft: &mut Draft<'_>, event: &Event) {
    match event {
        Event::CaseFiled {
            case,
            subject,
            area,
            officers,
            post,
            ..
        } => {
            draft.note(
                case.as_str(),
                Matter {
                    area: Some(area.clone()),
                    post: post.clone(),
                    place: Some(subject.id.clone()),
                    people: officers.clone(),
                    ..Matter::default()
                },
            );
        }
        Event::OrderServed {
            order,
            case,
            subject,
            area,
            duty,
            post,
            ..
        } if draft.matter(order.as_str()).is_none() => {
            let matter = Matter {
                area: Some(area.clone()),
                post: post.clone(),
                place: Some(subject.id.clone()),
                case: Some(case.to_string()),
                people: vec![duty.clone()],
                ..Matter::default()
            };
            draft.note(order.as_str(), matter);
        }
        Event::FixReported { order, by, .. } => {
            draft.withdraw_kinds(
                order.as_str(),
                "another fix was reported",
                &[NoticeKind::FixFailed],
            );
            let matter = draft.matter(order.as_str());
            let message = Message::new(
                NoticeKind::Verify,
                order.as_str(),
                matter,
                draft.shown(matter),
            );
            // Whoever recorded the fix or handles the case may not verify it.
            let officers = people_of(draft, matter.and_then(|matter| matter.case.as_deref()));
            let verifiers = draft.people_with(Role::Verifier, &draft.area(order.as_str()));
            draft.tell(
                &message,
                verifiers
                    .into_iter()
                    .filter(|person| person != by && !officers.contains(person)),
            );
            let mut noted = matter.cloned().unwrap_or_default();
            add(&mut noted.people, std::slice::from_ref(by));
            draft.note(order.as_str(), noted);
        }
        Event::FixFailed {
            order, case, by, ..
        } => {
            draft.withdraw_kinds(
                order.as_str(),
                "the fix was already found wanting",
                &[NoticeKind::Verify],
            );
            let matter = draft.matter(order.as_str());
            let with = plus(draft.shown(matter), "case", case.as_str());
            let mut to = people_of(draft, Some(order.as_str()));
            to.extend(people_of(draft, Some(case.as_str())));
            to.remove(by);
            draft.tell(
                &Message::new(NoticeKind::FixFailed, order.as_str(), matter, with),
                to,
            );
        }
        Event::FixPassed { order, .. } => {
            draft.withdraw(order.as_str(), "the fix was already verified", |_| true);
            draft.close(order.as_str());
        }
        Event::CaseCleared { case, lead, .. } => {
            let matter = draft.matter(lead.as_str());
            let with = plus(draft.shown(matter), "case", case.as_str());
            let finders = people_of(draft, Some(lead.as_str()));
            draft.tell(
                &Message::new(NoticeKind::FindingCleared, lead.as_str(), matter, with),
                finders,
            );
            draft.close(case.as_str());
            draft.close(lead.as_str());
        }
        _ => {}
    }
}

fn people_of(draft: &Draft<'_>, about: Option<&str>) -> BTreeSet<picket_schemas::PersonId> {
    about
        .and_then(|about| draft.matter(about))
        .into_iter()
        .flat_map(|matter| &matter.people)
        .cloned()
        .collect()
}
