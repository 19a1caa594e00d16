//! Tasks: what follows from facts of dispatch. Offers, hand-backs, sheets to sign off.
//!
//! An offer goes to each person it is made to and is withdrawn as soon as it can no longer be taken.
//! Of an open task it remembers where it is, who holds it, and who may know of it while it is sealed.
//! Where a batch is cancelled, whoever had a sheet of it is told once, with the reason, however many they had.
//! It does not know the rows of a sheet, nor what a person wrote as any other reason.

use std::collections::BTreeSet;

use picket_schemas::courier::{Matter, NoticeKind};
use picket_schemas::dispatch::Event;
use picket_schemas::registry::Role;
use picket_schemas::{AreaCode, PersonId, PostCode, TaskId};

use crate::away::on_roster;
use crate::matters::plus;
use crate::pending::{Message, NoticeFields, PendingNotices};

/// Adds what follows from a fact of dispatch.
pub(crate) fn follow(pending: &mut PendingNotices<'_>, event: &Event) {
    match event {
        Event::TaskIssued { .. } => issued(pending, event),
        Event::TaskOffered { task, to, .. } => offered(pending, task, to),
        Event::TaskAccepted { .. } => accepted(pending, event),
        Event::TaskDeclined { task, person, .. } => declined(pending, task, person),
        Event::TaskUnassigned { task, .. } => unassigned(pending, task),
        Event::TaskSubmitted { .. } => submitted(pending, event),
        Event::TaskReturned { task, rows, .. } => returned(pending, task, rows),
        Event::TaskApproved { task, .. } => over(pending, task, "the sheet was already approved"),
        Event::BatchCancelled { .. } => batch_cancelled(pending, event),
        Event::TaskCancelled { task, .. } => over(pending, task, "the task was cancelled"),
        _ => {}
    }
}

fn issued(pending: &mut PendingNotices<'_>, event: &Event) {
    let Event::TaskIssued {
        task,
        post,
        area,
        rows,
        offered,
        sealed_until,
        ..
    } = event
    else {
        return;
    };
    let crew = if sealed_until.is_some() {
        offered.clone()
    } else {
        Vec::new()
    };
    let matter = Matter {
        area: Some(area.clone()),
        post: post.clone(),
        crew,
        sealed_until: *sealed_until,
        ..Matter::default()
    };
    let with = plus(pending.shown(Some(&matter)), "rows", rows.len().to_string());
    offer(pending, task, offered, &matter, with);
    if pending.matter(task.as_str()).is_none() {
        pending.note(task.as_str(), matter);
    }
}

fn offered(pending: &mut PendingNotices<'_>, task: &TaskId, to: &[PersonId]) {
    pending.withdraw_kinds(
        task.as_str(),
        "the task was offered to somebody",
        &[NoticeKind::Unassigned],
    );
    let mut matter = pending.matter(task.as_str()).cloned().unwrap_or_default();
    if matter.sealed_until.is_some() {
        add(&mut matter.crew, to);
    }
    let with = pending.shown(Some(&matter));
    offer(pending, task, to, &matter, with);
    if matter.sealed_until.is_some() {
        pending.note(task.as_str(), matter);
    }
}

fn accepted(pending: &mut PendingNotices<'_>, event: &Event) {
    let Event::TaskAccepted {
        task,
        person,
        instead_of,
        taken,
    } = event
    else {
        return;
    };
    pending.withdraw(
        task.as_str(),
        "already accepted by the recipient",
        |notice| notice.kind == NoticeKind::Offer && notice.to == *person,
    );
    if *taken {
        pending.withdraw(
            task.as_str(),
            "already accepted by somebody else",
            |notice| notice.kind == NoticeKind::Offer && notice.to != *person,
        );
        pending.withdraw_kinds(
            task.as_str(),
            "somebody accepted the task",
            &[NoticeKind::Unassigned],
        );
    }
    if let Some(before) = instead_of {
        pending.withdraw(
            task.as_str(),
            "somebody else holds the task now",
            |notice| notice.kind == NoticeKind::Returned && notice.to == *before,
        );
    }
    let mut matter = pending.matter(task.as_str()).cloned().unwrap_or_default();
    matter
        .people
        .retain(|holder| Some(holder) != instead_of.as_ref());
    add(&mut matter.people, std::slice::from_ref(person));
    pending.note(task.as_str(), matter);
}

fn declined(pending: &mut PendingNotices<'_>, task: &TaskId, person: &PersonId) {
    pending.withdraw(task.as_str(), "the recipient declined the task", |notice| {
        notice.kind == NoticeKind::Offer && notice.to == *person
    });
    if let Some(matter) = pending
        .matter(task.as_str())
        .filter(|matter| matter.people.contains(person))
    {
        let mut matter = matter.clone();
        matter.people.retain(|holder| holder != person);
        pending.note(task.as_str(), matter);
    }
}

fn unassigned(pending: &mut PendingNotices<'_>, task: &TaskId) {
    let message = Message::new(
        NoticeKind::Unassigned,
        task.as_str(),
        pending.matter(task.as_str()),
        pending.shown_of(task.as_str()),
    );
    let coordinators = pending.people_with(Role::Coordinator, &pending.area(task.as_str()));
    pending.tell(&message, coordinators);
}

fn submitted(pending: &mut PendingNotices<'_>, event: &Event) {
    let Event::TaskSubmitted {
        task,
        by,
        nil,
        rows,
        problems,
        post,
        area,
        hands,
    } = event
    else {
        return;
    };
    pending.withdraw_kinds(
        task.as_str(),
        "the sheet was handed in again",
        &[NoticeKind::Returned],
    );
    let mut with = pending.shown_of(task.as_str());
    with.insert("rows".into(), rows.to_string());
    with.insert("problems".into(), problems.to_string());
    with.insert("nil".into(), nil.to_string());
    let message = Message::new(
        NoticeKind::Review,
        task.as_str(),
        pending.matter(task.as_str()),
        with,
    );
    let reviewers = reviewers(pending, post.as_ref(), area, |leader| {
        leader == by || hands.contains(leader)
    });
    pending.tell(&message, reviewers);
}

fn returned(pending: &mut PendingNotices<'_>, task: &TaskId, rows: &[String]) {
    pending.withdraw_kinds(
        task.as_str(),
        "the sheet was already returned",
        &[NoticeKind::Review],
    );
    let with = plus(
        pending.shown_of(task.as_str()),
        "rows",
        rows.len().to_string(),
    );
    let holders = pending.people_of(task.as_str());
    let matter = pending.matter(task.as_str());
    pending.tell(
        &Message::new(NoticeKind::Returned, task.as_str(), matter, with),
        holders,
    );
}

/// Everybody who had a sheet of the batch, whoever cancelled it aside. What of it is still queued is withdrawn as each
/// of the sheets ends.
fn batch_cancelled(pending: &mut PendingNotices<'_>, event: &Event) {
    let Event::BatchCancelled {
        batch,
        name,
        by,
        reason,
        people,
        ..
    } = event
    else {
        return;
    };
    for (person, sheets) in people.iter().filter(|(person, _)| *person != by) {
        let with = NoticeFields::from([
            ("name".to_owned(), name.clone()),
            ("reason".to_owned(), reason.clone()),
            ("sheets".to_owned(), sheets.to_string()),
        ]);
        let message = Message::new(NoticeKind::Cancelled, batch.as_str(), None, with);
        pending.tell(&message, [person.clone()]);
    }
}

/// Nobody needs to hear of it any more.
fn over(pending: &mut PendingNotices<'_>, task: &TaskId, reason: &str) {
    pending.withdraw(task.as_str(), reason, |_| true);
    pending.close(task.as_str());
}

/// Offers a task. Where several may take it, the groups nearest to the place hear of it as well: the faster has it.
fn offer(
    pending: &mut PendingNotices<'_>,
    task: &TaskId,
    to: &[PersonId],
    matter: &Matter,
    with: NoticeFields,
) {
    let mut to: BTreeSet<_> = to.iter().cloned().collect();
    if to.len() > 1 {
        to.extend(pending.people_with(Role::Group, &pending.area_of(matter)));
    }
    pending.tell(
        &Message::new(NoticeKind::Offer, task.as_str(), Some(matter), with),
        to,
    );
}

/// The leader of the post, unless the leader worked on the sheet; then, and without a post, the coordinators.
fn reviewers(
    pending: &PendingNotices<'_>,
    post: Option<&PostCode>,
    area: &AreaCode,
    worked: impl Fn(&PersonId) -> bool,
) -> BTreeSet<PersonId> {
    let leader = post
        .and_then(|post| pending.cx.directory.post(post))
        .map(|post| &post.leader);
    match leader.filter(|leader| !worked(leader) && on_roster(leader, pending.cx)) {
        Some(leader) => [leader.clone()].into(),
        None => pending
            .people_with(Role::Coordinator, area)
            .into_iter()
            .filter(|person| !worked(person))
            .collect(),
    }
}

/// Adds people who are not there yet.
pub(crate) fn add(people: &mut Vec<PersonId>, more: &[PersonId]) {
    for person in more {
        if !people.contains(person) {
            people.push(person.clone());
        }
    }
}
