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

use crate::matters::plus;
use crate::orders;
use crate::pending::{Message, NoticeFields, PendingNotices};
use crate::tasks::add;

/// Adds what follows from a fact of rectification.
pub(crate) fn follow(pending: &mut PendingNotices<'_>, event: &Event) {
    match event {
        Event::ReportReceived {
            report,
            finder: Some(finder),
            ..
        } => received(pending, report, finder),
        Event::LeadOpened { .. } => opened(pending, event),
        Event::LeadMerged { lead, into } => merged(pending, lead, into),
        Event::LeadClassified { lead, .. } => {
            pending.withdraw_kinds(
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
        } => routed(pending, lead, department, assist),
        Event::LeadReturned {
            lead, department, ..
        } => returned(pending, lead, department),
        Event::VerdictRecorded { lead, .. } => {
            pending.withdraw_kinds(
                lead.as_str(),
                "the verdict is already recorded",
                &[NoticeKind::Routed],
            );
        }
        Event::LeadArchived { lead, .. } => {
            pending.withdraw(lead.as_str(), "the lead was archived", |_| true);
            pending.close(lead.as_str());
        }
        other => orders::follow(pending, other),
    }
}

fn received(pending: &mut PendingNotices<'_>, report: &ReportId, finder: &PersonId) {
    pending.note(
        report.as_str(),
        Matter {
            people: vec![finder.clone()],
            ..Matter::default()
        },
    );
}

fn opened(pending: &mut PendingNotices<'_>, event: &Event) {
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
        people: finders(pending, report.as_str()),
        urgent: *urgent,
        sealed_until: *sealed_until,
        ..Matter::default()
    };
    let with = with_codes(pending.shown(Some(&matter)), codes);
    let message = Message {
        urgent: *urgent,
        ..Message::new(NoticeKind::Screen, lead.as_str(), Some(&matter), with)
    };
    let dispatchers = pending.people_with(Role::Dispatcher, area);
    pending.tell(&message, dispatchers);
    if pending.matter(lead.as_str()).is_none() {
        pending.note(lead.as_str(), matter);
    }
    pending.close(report.as_str());
}

fn merged(pending: &mut PendingNotices<'_>, lead: &LeadId, into: &LeadId) {
    pending.withdraw(lead.as_str(), "the lead was merged into another", |_| true);
    let finders = finders(pending, lead.as_str());
    if let Some(matter) = pending.matter(into.as_str()) {
        let mut matter = matter.clone();
        add(&mut matter.people, &finders);
        pending.note(into.as_str(), matter);
    }
    pending.close(lead.as_str());
}

/// The finders, in the order it was found.
fn finders(pending: &PendingNotices<'_>, about: &str) -> Vec<PersonId> {
    pending
        .matter(about)
        .map(|matter| matter.people.clone())
        .unwrap_or_default()
}

fn returned(pending: &mut PendingNotices<'_>, lead: &LeadId, department: &DepartmentCode) {
    pending.withdraw_kinds(
        lead.as_str(),
        "the department returned the lead",
        &[NoticeKind::Routed],
    );
    let matter = pending.matter(lead.as_str());
    let with = plus(
        pending.shown(matter),
        "department",
        pending.department_name(department),
    );
    let urgent = matter.is_some_and(|matter| matter.urgent);
    let dispatchers = pending.people_with(Role::Dispatcher, &pending.area(lead.as_str()));
    pending.tell(
        &Message {
            urgent,
            ..Message::new(NoticeKind::LeadReturned, lead.as_str(), matter, with)
        },
        dispatchers,
    );
}

/// Each department hears of it through its heads, else its inspectors; the finder hears where it went.
fn routed(
    pending: &mut PendingNotices<'_>,
    lead: &LeadId,
    department: &DepartmentCode,
    assist: &[DepartmentCode],
) {
    pending.withdraw_kinds(
        lead.as_str(),
        "the lead was routed anew",
        &[
            NoticeKind::Screen,
            NoticeKind::Routed,
            NoticeKind::LeadReturned,
            NoticeKind::FindingRouted,
        ],
    );
    let area = pending.area(lead.as_str());
    let matter = pending.matter(lead.as_str());
    let urgent = matter.is_some_and(|matter| matter.urgent);
    let mut reached = BTreeSet::new();
    for code in std::iter::once(department).chain(assist) {
        let with = plus(
            pending.shown(matter),
            "department",
            pending.department_name(code),
        );
        let with = plus(
            with,
            "part",
            if code == department { "lead" } else { "assist" },
        );
        let people: Vec<_> = speakers(pending, code, &area)
            .into_iter()
            .filter(|person| reached.insert(person.clone()))
            .collect();
        pending.tell(
            &Message {
                urgent,
                ..Message::new(NoticeKind::Routed, lead.as_str(), matter, with)
            },
            people,
        );
    }
    let with = plus(
        pending.shown(matter),
        "department",
        pending.department_name(department),
    );
    let finders = pending.people_of(lead.as_str());
    pending.tell(
        &Message::new(NoticeKind::FindingRouted, lead.as_str(), matter, with),
        finders,
    );
}

/// The people a department is reached through.
fn speakers(
    pending: &PendingNotices<'_>,
    department: &DepartmentCode,
    area: &AreaCode,
) -> Vec<PersonId> {
    let heads = pending.cx.directory.people_of(department, Role::Head, area);
    if heads.is_empty() {
        pending
            .cx
            .directory
            .people_of(department, Role::Inspector, area)
    } else {
        heads
    }
}

fn with_codes(with: NoticeFields, codes: &[String]) -> NoticeFields {
    if codes.is_empty() {
        with
    } else {
        plus(with, "codes", codes.join(";"))
    }
}
