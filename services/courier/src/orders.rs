//! Orders: what follows from facts about them and their cases. Fixes to verify, fixes found wanting, cases cleared.
//!
//! Of an order it remembers where it is and who recorded fixes; of a case, its officers.
//! It does not know deadlines: escalation reminds.

use picket_schemas::courier::{Matter, NoticeKind};
use picket_schemas::rectification::Event;
use picket_schemas::registry::Role;
use picket_schemas::{CaseId, LeadId, OrderId, PersonId};

use crate::matters::plus;
use crate::pending::{Message, PendingNotices};
use crate::tasks::add;

/// Adds what follows from a fact about a case or an order.
pub(crate) fn follow(pending: &mut PendingNotices<'_>, event: &Event) {
    match event {
        Event::CaseFiled { .. } => filed(pending, event),
        Event::OrderServed { .. } => served(pending, event),
        Event::FixReported { order, by, .. } => fix_reported(pending, order, by),
        Event::FixFailed {
            order, case, by, ..
        } => fix_failed(pending, order, case, by),
        Event::FixPassed { order, .. } => {
            pending.withdraw(order.as_str(), "the fix was already verified", |_| true);
            pending.close(order.as_str());
        }
        Event::CaseCleared { case, lead, .. } => cleared(pending, case, lead),
        _ => {}
    }
}

fn filed(pending: &mut PendingNotices<'_>, event: &Event) {
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
    pending.note(case.as_str(), matter);
}

fn served(pending: &mut PendingNotices<'_>, event: &Event) {
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
    if pending.matter(order.as_str()).is_some() {
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
    pending.note(order.as_str(), matter);
}

fn fix_reported(pending: &mut PendingNotices<'_>, order: &OrderId, by: &PersonId) {
    pending.withdraw_kinds(
        order.as_str(),
        "another fix was reported",
        &[NoticeKind::FixFailed],
    );
    let matter = pending.matter(order.as_str());
    let message = Message::new(
        NoticeKind::Verify,
        order.as_str(),
        matter,
        pending.shown(matter),
    );
    // Whoever recorded the fix or handles the case may not verify it.
    let officers = matter
        .and_then(|matter| matter.case.as_ref())
        .map(|case| pending.people_of(case.as_str()))
        .unwrap_or_default();
    let verifiers = pending.people_with(Role::Verifier, &pending.area(order.as_str()));
    pending.tell(
        &message,
        verifiers
            .into_iter()
            .filter(|person| person != by && !officers.contains(person)),
    );
    let mut noted = matter.cloned().unwrap_or_default();
    add(&mut noted.people, std::slice::from_ref(by));
    pending.note(order.as_str(), noted);
}

fn fix_failed(pending: &mut PendingNotices<'_>, order: &OrderId, case: &CaseId, by: &PersonId) {
    pending.withdraw_kinds(
        order.as_str(),
        "the fix was already found wanting",
        &[NoticeKind::Verify],
    );
    let matter = pending.matter(order.as_str());
    let with = plus(pending.shown(matter), "case", case.as_str());
    let mut to = pending.people_of(order.as_str());
    to.extend(pending.people_of(case.as_str()));
    to.remove(by);
    pending.tell(
        &Message::new(NoticeKind::FixFailed, order.as_str(), matter, with),
        to,
    );
}

fn cleared(pending: &mut PendingNotices<'_>, case: &CaseId, lead: &LeadId) {
    let matter = pending.matter(lead.as_str());
    let with = plus(pending.shown(matter), "case", case.as_str());
    let finders = pending.people_of(lead.as_str());
    pending.tell(
        &Message::new(NoticeKind::FindingCleared, lead.as_str(), matter, with),
        finders,
    );
    pending.close(case.as_str());
    pending.close(lead.as_str());
}
