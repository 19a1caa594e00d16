//! Leads: what follows from facts about them. Who must classify, who must handle, and what the finder hears.
//!
//! The finder is remembered from the report, through merges, until the case is cleared, and is told alone:
//! what anybody else gets never says who found it.
//! Orders and cases are followed in `orders`.

use std::collections::BTreeSet;

use picket_schemas::courier::{Matter, NoticeKind};
use picket_schemas::rectification::Event;
use picket_schemas::registry::Role;
use picket_schemas::{AreaCode, DepartmentCode, LeadId, PersonId, ReportId};

use crate::draft::{Draft, Message, With};
use crate::matters::plus;
use crate::orders;
use crate::tasks::add;

/// What follows from a fact of rectification.
pub(crate) fn follow(draft: &mut Draft<'_>, event: &Event) {
    match event {
        Event::ReportReceived {
            report,
            finder: Some(finder),
            ..
        } => received(draft, report, finder),
        Event::LeadOpened { .. } => opened(draft, event),
        Event::LeadMerged { lead, into } => merged(draft, lead, into),
        Event::LeadClassified { lead, .. } => {
            draft.withdraw_kinds(
                lead.as_str(),
                "the lead was already classified",
                &[NoticeKind::Screen],
            );
        }
        Event::LeadRouted {
            lead,
            department,
            assist,
            ..
        } => routed(draft, lead, department, assist),
        Event::LeadReturned {
            lead, department, ..
        } => returned(draft, lead, department),
        Event::VerdictRecorded { lead, .. } => {
            draft.withdraw_kinds(
                lead.as_str(),
                "the verdict is already recorded",
                &[NoticeKind::Routed],
            );
        }
        Event::LeadArchived { lead, .. } => {
            draft.withdraw(lead.as_str(), "the lead was archived", |_| true);
            draft.close(lead.as_str());
        }
        other => orders::follow(draft, other),
    }
}

fn received(draft: &mut Draft<'_>, report: &ReportId, finder: &PersonId) {
    draft.note(
        report.as_str(),
        Matter {
            people: vec![finder.clone()],
            ..Matter::default()
        },
    );
}

fn opened(draft: &mut Draft<'_>, event: &Event) {
    let Event::LeadOpened {
        lead,
        report,
        subject,
        area,
        codes,
        urgent,
        post,
        sealed_until,
        ..
    } = event
    else {
        return;
    };
    let matter = Matter {
        area: Some(area.clone()),
        post: post.clone(),
        place: subject.as_ref().map(|subject| subject.id.as_str().into()),
        people: finders(draft, report.as_str()),
        urgent: *urgent,
        sealed_until: *sealed_until,
        ..Matter::default()
    };
    let with = with_codes(draft.shown(Some(&matter)), codes);
    let message = Message {
        urgent: *urgent,
        ..Message::new(NoticeKind::Screen, lead.as_str(), Some(&matter), with)
    };
    let dispatchers = draft.people_with(Role::Dispatcher, area);
    draft.tell(&message, dispatchers);
    if draft.matter(lead.as_str()).is_none() {
        draft.note(lead.as_str(), matter);
    }
    draft.close(report.as_str());
}

fn merged(draft: &mut Draft<'_>, lead: &LeadId, into: &LeadId) {
    draft.withdraw(lead.as_str(), "the lead was merged into another", |_| true);
    let finders = finders(draft, lead.as_str());
    if let Some(matter) = draft.matter(into.as_str()) {
        let mut matter = matter.clone();
        add(&mut matter.people, &finders);
        draft.note(into.as_str(), matter);
    }
    draft.close(lead.as_str());
}

/// Who found it, in the order it was found.
fn finders(draft: &Draft<'_>, about: &str) -> Vec<PersonId> {
    draft
        .matter(about)
        .map(|matter| matter.people.clone())
        .unwrap_or_default()
}

fn returned(draft: &mut Draft<'_>, lead: &LeadId, department: &DepartmentCode) {
    draft.withdraw_kinds(
        lead.as_str(),
        "the department returned the lead",
        &[NoticeKind::Routed],
    );
    let matter = draft.matter(lead.as_str());
    let with = plus(
        draft.shown(matter),
        "department",
        draft.department_name(department),
    );
    let urgent = matter.is_some_and(|matter| matter.urgent);
    let dispatchers = draft.people_with(Role::Dispatcher, &draft.area(lead.as_str()));
    draft.tell(
        &Message {
            urgent,
            ..Message::new(NoticeKind::LeadReturned, lead.as_str(), matter, with)
        },
        dispatchers,
    );
}

/// Each department hears of it through its heads, else its inspectors; the finder hears where it went.
fn routed(
    draft: &mut Draft<'_>,
    lead: &LeadId,
    department: &DepartmentCode,
    assist: &[DepartmentCode],
) {
    draft.withdraw_kinds(
        lead.as_str(),
        "the lead was routed anew",
        &[
            NoticeKind::Screen,
            NoticeKind::Routed,
            NoticeKind::LeadReturned,
            NoticeKind::FindingRouted,
        ],
    );
    let area = draft.area(lead.as_str());
    let matter = draft.matter(lead.as_str());
    let urgent = matter.is_some_and(|matter| matter.urgent);
    let mut reached = BTreeSet::new();
    for code in std::iter::once(department).chain(assist) {
        let with = plus(
            draft.shown(matter),
            "department",
            draft.department_name(code),
        );
        let with = plus(
            with,
            "part",
            if code == department { "lead" } else { "assist" },
        );
        let people: Vec<_> = speakers(draft, code, &area)
            .into_iter()
            .filter(|person| reached.insert(person.clone()))
            .collect();
        draft.tell(
            &Message {
                urgent,
                ..Message::new(NoticeKind::Routed, lead.as_str(), matter, with)
            },
            people,
        );
    }
    let with = plus(
        draft.shown(matter),
        "department",
        draft.department_name(department),
    );
    let finders = draft.people_of(lead.as_str());
    draft.tell(
        &Message::new(NoticeKind::FindingRouted, lead.as_str(), matter, with),
        finders,
    );
}

/// Whom a department is reached through.
fn speakers(draft: &Draft<'_>, department: &DepartmentCode, area: &AreaCode) -> Vec<PersonId> {
    let heads = draft.cx.directory.people_of(department, Role::Head, area);
    if heads.is_empty() {
        draft
            .cx
            .directory
            .people_of(department, Role::Inspector, area)
    } else {
        heads
    }
}

fn with_codes(with: With, codes: &[String]) -> With {
    if codes.is_empty() {
        with
    } else {
        plus(with, "codes", codes.join(";"))
    }
}
