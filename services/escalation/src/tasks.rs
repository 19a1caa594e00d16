//! Tasks: what follows from facts about them. Who must accept, submit, review or assign it, and by when.
//!
//! Each fact finds the task by its id and the clocks on it by their kind, so the same fact again brings
//! nothing. It does not know the rows of a sheet, nor to whom an offer goes next.

use picket_schemas::PersonId;
use picket_schemas::dispatch::{Event as Fact, OfferReason};
use picket_schemas::escalation::{ClockKind, Duty, Event};
use picket_schemas::registry::Role;

use crate::clock::ClockedMatter;
use crate::pending::{PendingEvents, people};
use crate::rules;

/// Adds what follows from a fact of dispatch.
pub(crate) fn react(pending: &mut PendingEvents<'_>, fact: &Fact) {
    match fact {
        Fact::TaskIssued {
            task,
            post,
            area,
            offered,
            window,
            ..
        } => {
            let matter = ClockedMatter {
                area: area.clone(),
                post: post.clone(),
                span: Some(*window),
                ..ClockedMatter::default()
            };
            issued(pending, task.as_str(), &matter, offered);
        }
        Fact::TaskOffered {
            task, to, reason, ..
        } => offered(pending, task.as_str(), to, *reason),
        Fact::TaskAccepted {
            task,
            person,
            instead_of,
            taken,
        } => accepted(pending, task.as_str(), person, instead_of.as_ref(), *taken),
        Fact::TaskDeclined { task, person, .. } => declined(pending, task.as_str(), person),
        Fact::TaskUnassigned { task, .. } => {
            let on = task.as_str();
            if let Some(matter) = pending
                .matter(on)
                .filter(|_| pending.clock(ClockKind::TaskAssign, on).is_none())
            {
                pending.start(ClockKind::TaskAssign, on, matter, role(Role::Coordinator));
            }
        }
        Fact::TaskSubmitted {
            task, by, hands, ..
        } => submitted(pending, task.as_str(), by, hands),
        Fact::TaskReturned { task, .. } => {
            let on = task.as_str();
            if let Some(matter) = pending
                .matter(on)
                .filter(|_| pending.clock(ClockKind::TaskReview, on).is_some())
            {
                pending.stop(ClockKind::TaskReview, on);
                start_submit(pending, on, matter, matter.holders.clone());
            }
        }
        Fact::TaskApproved { task, .. } | Fact::TaskCancelled { task, .. } => {
            pending.close(task.as_str())
        }
        _ => {}
    }
}

fn issued(pending: &mut PendingEvents<'_>, on: &str, matter: &ClockedMatter, offered: &[PersonId]) {
    if pending.book.matters.contains_key(on) {
        return;
    }
    pending.events.push(Event::MatterOpened {
        on: on.into(),
        area: matter.area.clone(),
        post: matter.post.clone(),
        owner: None,
        span: matter.span.unwrap_or(rules::span(ClockKind::TaskSubmit)),
    });
    if !offered.is_empty() {
        pending.start(ClockKind::TaskAccept, on, matter, people(offered.to_vec()));
    }
}

fn offered(pending: &mut PendingEvents<'_>, on: &str, to: &[PersonId], reason: OfferReason) {
    let Some(matter) = pending.matter(on) else {
        return;
    };
    // Whoever hands a task over still owes it, so nobody is late for taking it over.
    if to.is_empty() || in_hand(pending, on) {
        return;
    }
    let mut asked = pending
        .clock(ClockKind::TaskAccept, on)
        .map(|clock| clock.duty.people.clone())
        .unwrap_or_default();
    let assigned =
        reason == OfferReason::Assigned && pending.clock(ClockKind::TaskAssign, on).is_some();
    if !assigned && to.iter().all(|person| asked.contains(person)) {
        return;
    }
    asked.extend(
        to.iter()
            .filter(|person| !asked.contains(person))
            .cloned()
            .collect::<Vec<_>>(),
    );
    if assigned {
        pending.stop(ClockKind::TaskAssign, on);
    }
    pending.stop(ClockKind::TaskAccept, on);
    pending.start(ClockKind::TaskAccept, on, matter, people(asked));
}

fn accepted(
    pending: &mut PendingEvents<'_>,
    on: &str,
    person: &PersonId,
    instead_of: Option<&PersonId>,
    taken: bool,
) {
    let Some(matter) = pending.matter(on) else {
        return;
    };
    let mut holders: Vec<_> = matter
        .holders
        .iter()
        .filter(|holder| Some(*holder) != instead_of)
        .cloned()
        .collect();
    if !holders.contains(person) {
        holders.push(person.clone());
    }
    if in_hand(pending, on) {
        hand_on(pending, on, matter, holders);
    } else if taken {
        pending.stop(ClockKind::TaskAccept, on);
        pending.stop(ClockKind::TaskAssign, on);
        start_submit(pending, on, matter, holders);
    } else if holders != matter.holders {
        pending.events.push(Event::MatterHeld {
            on: on.into(),
            holders,
        });
        excuse(pending, on, person);
    }
}

fn declined(pending: &mut PendingEvents<'_>, on: &str, person: &PersonId) {
    let Some(matter) = pending.matter(on) else {
        return;
    };
    let holders: Vec<_> = matter
        .holders
        .iter()
        .filter(|holder| *holder != person)
        .cloned()
        .collect();
    if pending
        .clock(ClockKind::TaskAccept, on)
        .is_some_and(|clock| clock.duty.people == [person.clone()])
    {
        pending.stop(ClockKind::TaskAccept, on);
    } else {
        excuse(pending, on, person);
    }
    if holders.len() == matter.holders.len() {
        return;
    }
    if holders.is_empty() {
        pending.stop(ClockKind::TaskSubmit, on);
    }
    hand_on(pending, on, matter, holders);
}

fn submitted(pending: &mut PendingEvents<'_>, on: &str, by: &PersonId, hands: &[PersonId]) {
    let Some(matter) = pending
        .matter(on)
        .filter(|_| pending.clock(ClockKind::TaskReview, on).is_none())
    else {
        return;
    };
    for kind in [
        ClockKind::TaskAccept,
        ClockKind::TaskAssign,
        ClockKind::TaskSubmit,
    ] {
        pending.stop(kind, on);
    }
    // Nobody signs off their own sheet: a leader who worked on it leaves the review to a coordinator.
    let leader = matter
        .post
        .as_ref()
        .and_then(|post| pending.cx.directory.post(post))
        .map(|post| &post.leader);
    let duty = match leader {
        Some(leader)
            if leader != by && !matter.holders.contains(leader) && !hands.contains(leader) =>
        {
            Duty {
                post: matter.post.clone(),
                ..Duty::default()
            }
        }
        _ => role(Role::Coordinator),
    };
    pending.start(ClockKind::TaskReview, on, matter, duty);
}

fn start_submit(
    pending: &mut PendingEvents<'_>,
    on: &str,
    matter: &ClockedMatter,
    holders: Vec<PersonId>,
) {
    let window = matter.span.unwrap_or(rules::span(ClockKind::TaskSubmit));
    pending.start_for(ClockKind::TaskSubmit, on, matter, people(holders), window);
}

/// True if somebody has the task and works on it, or has given it in.
fn in_hand(pending: &PendingEvents<'_>, on: &str) -> bool {
    pending
        .clock(ClockKind::TaskSubmit, on)
        .or_else(|| pending.clock(ClockKind::TaskReview, on))
        .is_some()
}

/// Gives the running clock to whoever holds the task now, or remembers them where none runs.
fn hand_on(
    pending: &mut PendingEvents<'_>,
    on: &str,
    matter: &ClockedMatter,
    holders: Vec<PersonId>,
) {
    if holders == matter.holders {
        return;
    }
    match pending
        .clock(ClockKind::TaskSubmit, on)
        .filter(|_| !holders.is_empty())
    {
        Some(clock) => {
            let (clock, kind) = (clock.id.clone(), clock.kind);
            pending.events.push(Event::ClockHanded {
                clock,
                kind,
                on: on.into(),
                duty: people(holders),
            });
        }
        None => pending.events.push(Event::MatterHeld {
            on: on.into(),
            holders,
        }),
    }
}

/// Whoever has answered an offer no longer owes the answer.
fn excuse(pending: &mut PendingEvents<'_>, on: &str, person: &PersonId) {
    let Some(clock) = pending.clock(ClockKind::TaskAccept, on) else {
        return;
    };
    let left: Vec<_> = clock
        .duty
        .people
        .iter()
        .filter(|asked| *asked != person)
        .cloned()
        .collect();
    if !left.is_empty() && left.len() < clock.duty.people.len() {
        pending.events.push(Event::ClockHanded {
            clock: clock.id.clone(),
            kind: clock.kind,
            on: on.into(),
            duty: people(left),
        });
    }
}

/// Everybody with the role whose area holds the place owes it.
pub(crate) fn role(role: Role) -> Duty {
    Duty {
        role: Some(role),
        ..Duty::default()
    }
}
