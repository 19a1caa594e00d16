//! Orders: what follows from facts about them and their cases. Fixes to verify, fixes found wanting, cases cleared.
//!
//! Of an order it remembers where it is and who recorded fixes; of a case, its officers.
//! It does not know deadlines: escalation reminds.

use picket_schemas::courier::{Matter, NoticeKind};
use picket_schemas::rectification::Event;
use picket_schemas::registry::Role;
use picket_schemas::{CaseId, LeadId, OrderId, PersonId};

use crate::draft::{Draft, Message};
use crate::matters::plus;
use crate::tasks::add;

/// What follows from a fact about a case or an order.
pub(crate) fn follow(draft: &mut Draft<'_>, event: &Event) {
    match event {
        Event::CaseFiled { .. } => filed(draft, event),
        Event::OrderServed { .. } => served(draft, event),
        Event::FixReported { order, by, .. } => fix_reported(draft, order, by),
        Event::FixFailed {
            order, case, by, ..
        } => fix_failed(draft, order, case, by),
        Event::FixPassed { order, .. } => {
            draft.withdraw(order.as_str(), "the fix was already verified", |_| true);
            draft.close(order.as_str());
        }
        Event::CaseCleared { case, lead, .. } => cleared(draft, case, lead),
        _ => {}
    }
}

fn filed(draft: &mut Draft<'_>, event: &Event) {
    let Event::CaseFiled {
        case,
        subject,
        area,
        officers,
        post,
        ..
    } = event
    else {
        return;
    };
    let matter = Matter {
        area: Some(area.clone()),
        post: post.clone(),
        place: Some(subject.id.as_str().into()),
        people: officers.clone(),
        ..Matter::default()
    };
    draft.note(case.as_str(), matter);
}

fn served(draft: &mut Draft<'_>, event: &Event) {
    let Event::OrderServed {
        order,
        case,
        subject,
        area,
        duty,
        post,
        ..
    } = event
    else {
        return;
    };
    if draft.matter(order.as_str()).is_some() {
        return;
    }
    let matter = Matter {
        area: Some(area.clone()),
        post: post.clone(),
        place: Some(subject.id.as_str().into()),
        case: Some(case.clone()),
        people: vec![duty.clone()],
        ..Matter::default()
    };
    draft.note(order.as_str(), matter);
}

fn fix_reported(draft: &mut Draft<'_>, order: &OrderId, by: &PersonId) {
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
    let officers = matter
        .and_then(|matter| matter.case.as_ref())
        .map(|case| draft.people_of(case.as_str()))
        .unwrap_or_default();
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

fn fix_failed(draft: &mut Draft<'_>, order: &OrderId, case: &CaseId, by: &PersonId) {
    draft.withdraw_kinds(
        order.as_str(),
        "the fix was already found wanting",
        &[NoticeKind::Verify],
    );
    let matter = draft.matter(order.as_str());
    let with = plus(draft.shown(matter), "case", case.as_str());
    let mut to = draft.people_of(order.as_str());
    to.extend(draft.people_of(case.as_str()));
    to.remove(by);
    draft.tell(
        &Message::new(NoticeKind::FixFailed, order.as_str(), matter, with),
        to,
    );
}

fn cleared(draft: &mut Draft<'_>, case: &CaseId, lead: &LeadId) {
    let matter = draft.matter(lead.as_str());
    let with = plus(draft.shown(matter), "case", case.as_str());
    let finders = draft.people_of(lead.as_str());
    draft.tell(
        &Message::new(NoticeKind::FindingCleared, lead.as_str(), matter, with),
        finders,
    );
    draft.close(case.as_str());
    draft.close(lead.as_str());
}
