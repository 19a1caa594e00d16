//! Tasks: what follows from facts about them. Who must accept, submit, review or assign it, and by when.
//!
//! Each fact finds the task by its id and the clocks on it by their kind, so the same fact again brings
//! nothing. It does not know the rows of a sheet, nor to whom an offer goes next.

use picket_schemas::PersonId;
use picket_schemas::dispatch::{Event as Fact, OfferReason};
use picket_schemas::escalation::{ClockKind, Duty, Event};
use picket_schemas::registry::Role;

use crate::clock::Matter;
use crate::draft::{Draft, people};
use crate::rules;

/// Drafts what follows from a fact of dispatch.
pub(crate) fn react(draft: &mut Draft<'_>, fact: &Fact) {
    match fact {
        Fact::TaskIssued {
            task,
            post,
            area,
            offered,
            window,
            ..
        } => {
            let matter = Matter {
                area: area.clone(),
                post: post.clone(),
                span: Some(*window),
                ..Matter::default()
            };
            issued(draft, task.as_str(), &matter, offered);
        }
        Fact::TaskOffered {
            task, to, reason, ..
        } => offered(draft, task.as_str(), to, *reason),
        Fact::TaskAccepted {
            task,
            person,
            instead_of,
            taken,
        } => accepted(draft, task.as_str(), person, instead_of.as_ref(), *taken),
        Fact::TaskDeclined { task, person, .. } => declined(draft, task.as_str(), person),
        Fact::TaskUnassigned { task, .. } => {
            let on = task.as_str();
            if let Some(matter) = draft
                .matter(on)
                .filter(|_| draft.clock(ClockKind::TaskAssign, on).is_none())
            {
                draft.start(ClockKind::TaskAssign, on, matter, role(Role::Coordinator));
            }
        }
        Fact::TaskSubmitted {
            task, by, hands, ..
        } => submitted(draft, task.as_str(), by, hands),
        Fact::TaskReturned { task, .. } => {
            let on = task.as_str();
            if let Some(matter) = draft
                .matter(on)
                .filter(|_| draft.clock(ClockKind::TaskReview, on).is_some())
            {
                draft.stop(ClockKind::TaskReview, on);
                start_submit(draft, on, matter, matter.holders.clone());
            }
        }
        Fact::TaskApproved { task, .. } | Fact::TaskCancelled { task, .. } => {
            draft.close(task.as_str())
        }
        _ => {}
    }
}

fn issued(draft: &mut Draft<'_>, on: &str, matter: &Matter, offered: &[PersonId]) {
    if draft.book.matters.contains_key(on) {
        return;
    }
    draft.events.push(Event::MatterOpened {
        on: on.into(),
        area: matter.area.clone(),
        post: matter.post.clone(),
        owner: None,
        span: matter.span.unwrap_or(rules::span(ClockKind::TaskSubmit)),
    });
    if !offered.is_empty() {
        draft.start(ClockKind::TaskAccept, on, matter, people(offered.to_vec()));
    }
}

fn offered(draft: &mut Draft<'_>, on: &str, to: &[PersonId], reason: OfferReason) {
    let Some(matter) = draft.matter(on) else {
        return;
    };
    // Whoever hands a task over still owes it, so nobody is late for taking it over.
    if to.is_empty() || in_hand(draft, on) {
        return;
    }
    let mut asked = draft
        .clock(ClockKind::TaskAccept, on)
        .map(|clock| clock.duty.people.clone())
        .unwrap_or_default();
    let assigned =
        reason == OfferReason::Assigned && draft.clock(ClockKind::TaskAssign, on).is_some();
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
        draft.stop(ClockKind::TaskAssign, on);
    }
    draft.stop(ClockKind::TaskAccept, on);
    draft.start(ClockKind::TaskAccept, on, matter, people(asked));
}

fn accepted(
    draft: &mut Draft<'_>,
    on: &str,
    person: &PersonId,
    instead_of: Option<&PersonId>,
    taken: bool,
) {
    let Some(matter) = draft.matter(on) else {
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
    if in_hand(draft, on) {
        hand_on(draft, on, matter, holders);
    } else if taken {
        draft.stop(ClockKind::TaskAccept, on);
        draft.stop(ClockKind::TaskAssign, on);
        start_submit(draft, on, matter, holders);
    } else if holders != matter.holders {
        draft.events.push(Event::MatterHeld {
            on: on.into(),
            holders,
        });
        excuse(draft, on, person);
    }
}

fn declined(draft: &mut Draft<'_>, on: &str, person: &PersonId) {
    let Some(matter) = draft.matter(on) else {
        return;
    };
    let holders: Vec<_> = matter
        .holders
        .iter()
        .filter(|holder| *holder != person)
        .cloned()
        .collect();
    if draft
        .clock(ClockKind::TaskAccept, on)
        .is_some_and(|clock| clock.duty.people == [person.clone()])
    {
        draft.stop(ClockKind::TaskAccept, on);
    } else {
        excuse(draft, on, person);
    }
    if holders.len() == matter.holders.len() {
        return;
    }
    if holders.is_empty() {
        draft.stop(ClockKind::TaskSubmit, on);
    }
    hand_on(draft, on, matter, holders);
}

fn submitted(draft: &mut Draft<'_>, on: &str, by: &PersonId, hands: &[PersonId]) {
    let Some(matter) = draft
        .matter(on)
        .filter(|_| draft.clock(ClockKind::TaskReview, on).is_none())
    else {
        return;
    };
    for kind in [
        ClockKind::TaskAccept,
        ClockKind::TaskAssign,
        ClockKind::TaskSubmit,
    ] {
        draft.stop(kind, on);
    }
    // Nobody signs off their own sheet: a leader who worked on it leaves the review to a coordinator.
    let leader = matter
        .post
        .as_ref()
        .and_then(|post| draft.cx.directory.post(post))
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
    draft.start(ClockKind::TaskReview, on, matter, duty);
}

fn start_submit(draft: &mut Draft<'_>, on: &str, matter: &Matter, holders: Vec<PersonId>) {
    let window = matter.span.unwrap_or(rules::span(ClockKind::TaskSubmit));
    draft.start_for(ClockKind::TaskSubmit, on, matter, people(holders), window);
}

/// Whether somebody has the task and works on it, or has given it in.
fn in_hand(draft: &Draft<'_>, on: &str) -> bool {
    draft
        .clock(ClockKind::TaskSubmit, on)
        .or_else(|| draft.clock(ClockKind::TaskReview, on))
        .is_some()
}

/// Gives the running clock to whoever holds the task now, or remembers them where none runs.
fn hand_on(draft: &mut Draft<'_>, on: &str, matter: &Matter, holders: Vec<PersonId>) {
    if holders == matter.holders {
        return;
    }
    match draft
        .clock(ClockKind::TaskSubmit, on)
        .filter(|_| !holders.is_empty())
    {
        Some(clock) => {
            let (clock, kind) = (clock.id.clone(), clock.kind);
            draft.events.push(Event::ClockHanded {
                clock,
                kind,
                on: on.into(),
                duty: people(holders),
            });
        }
        None => draft.events.push(Event::MatterHeld {
            on: on.into(),
            holders,
        }),
    }
}

/// Whoever has answered an offer no longer owes the answer.
fn excuse(draft: &mut Draft<'_>, on: &str, person: &PersonId) {
    let Some(clock) = draft.clock(ClockKind::TaskAccept, on) else {
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
        draft.events.push(Event::ClockHanded {
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
