//! Offers: taking a sheet, declining it, handing it over, and what happens when nobody answers.
//!
//! An offer that is declined or not answered goes to the next by rule, else the sheet is unassigned and waits
//! for the coordinator. Whoever holds a sheet holds it until somebody else has taken it.
//! It does not know how late an answer is, nor who is told.

use jiff::Timestamp;
use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::dispatch::{Event, OfferReason};
use picket_schemas::{PersonId, Refusal, Span, TaskId};

use crate::Dispatch;
use crate::candidates::{self, Loads};
use crate::task::{Task, TaskState};

/// The time an offer waits for an answer.
const ANSWER_WITHIN: Span = Span::working_days(1);

/// By when an offer made now is answered.
pub(crate) struct AnswerDeadline {
    pub(crate) by: Timestamp,
    pub(crate) provisional: bool,
}

impl AnswerDeadline {
    pub(crate) fn of(cx: &Decision<'_>) -> Self {
        let due = cx.calendar().due(cx.at, ANSWER_WITHIN);
        Self {
            by: due.at,
            provisional: due.provisional,
        }
    }
}

/// A sheet that no rule gives to anybody.
pub(crate) fn nobody_to_offer(task: TaskId) -> Event {
    Event::TaskUnassigned {
        task,
        reason: "there is nobody to offer it to".into(),
    }
}

fn offer(
    task: &Task,
    to: Vec<PersonId>,
    reason: OfferReason,
    by: Option<PersonId>,
    cx: &Decision<'_>,
) -> Event {
    let answer = AnswerDeadline::of(cx);
    Event::TaskOffered {
        task: task.id.clone(),
        to,
        reason,
        by,
        answer_by: answer.by,
        provisional: answer.provisional,
    }
}

/// The refusal of a sheet in a state that does not allow it.
pub(crate) fn wrong_state(task: &Task, needs: &str) -> Refusal {
    Refusal::WrongState {
        what: task.id.to_string(),
        state: task.state.name().to_owned(),
        needs: needs.to_owned(),
    }
}

pub(crate) fn not_yours(task: &Task) -> Refusal {
    Refusal::NotYours {
        what: task.id.to_string(),
    }
}

impl Dispatch {
    pub(crate) fn accept(&self, id: &TaskId, cx: &Decision<'_>) -> Result<Vec<Event>, Refusal> {
        let task = self.visible(id, cx)?;
        cx.allow("dispatch.accept_task", Resource::default())?;
        if !task.concerns(cx.actor) {
            return Err(not_yours(task));
        }
        if task.state.closed() {
            return Err(wrong_state(task, "open"));
        }
        if task.holds(cx.actor) {
            return Err(Refusal::Already {
                what: task.id.to_string(),
                state: "yours".into(),
            });
        }
        let transfer = task.transfer_to(cx.actor);
        if !task.state.in_the_field() || (transfer.is_none() && task.state != TaskState::Issued) {
            return Err(Refusal::WrongState {
                what: task.id.to_string(),
                state: "taken by somebody else".into(),
                needs: "free, or handed over to you".into(),
            });
        }
        let full = task.holders.len() >= task.need;
        let instead_of = match transfer.map(|transfer| transfer.from.as_ref()) {
            Some(Some(from)) => Some(from).filter(|from| task.holds(from)),
            // The coordinator's choice takes the place of whoever took it first.
            Some(None) => task.holders.first().filter(|_| full),
            None => None,
        };
        let holding = task.holders.len() + 1 - usize::from(instead_of.is_some());
        Ok(vec![Event::TaskAccepted {
            task: task.id.clone(),
            person: cx.actor.clone(),
            instead_of: instead_of.cloned(),
            taken: holding >= task.need,
        }])
    }

    pub(crate) fn decline(
        &self,
        id: &TaskId,
        reason: &str,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let task = self.visible(id, cx)?;
        cx.allow("dispatch.decline_task", Resource::default())?;
        if !task.concerns(cx.actor) {
            return Err(not_yours(task));
        }
        if !task.state.in_the_field() {
            return Err(wrong_state(task, "issued, accepted or returned"));
        }
        let (holds, handed) = (task.holds(cx.actor), task.transfer_to(cx.actor).is_some());
        if !holds && !handed {
            if task.gone.contains(cx.actor) {
                return Err(Refusal::Already {
                    what: task.id.to_string(),
                    state: "declined".into(),
                });
            }
            if task.state != TaskState::Issued {
                return Err(Refusal::WrongState {
                    what: task.id.to_string(),
                    state: "taken by somebody else".into(),
                    needs: "free".into(),
                });
            }
        }
        let mut events = vec![Event::TaskDeclined {
            task: task.id.clone(),
            person: cx.actor.clone(),
            reason: fields::reason(reason, "declining a task")?,
        }];
        let willing: Vec<_> = task
            .willing()
            .filter(|person| *person != cx.actor)
            .cloned()
            .collect();
        let holders = task.holders.len() - usize::from(holds);
        let loads = Loads::of(&self.loads);
        match task.state {
            TaskState::Issued if willing.len() + holders < task.need => {
                events.extend(go_on(task, "everybody declined", &loads, cx))
            }
            // The last holder left: those who were offered it before may have it again.
            TaskState::Accepted | TaskState::Returned if holds && holders == 0 => {
                let again = (!willing.is_empty())
                    .then(|| offer(task, willing, OfferReason::Next, None, cx));
                events.extend(again.or_else(|| go_on(task, "everybody declined", &loads, cx)));
            }
            _ => {}
        }
        Ok(events)
    }

    pub(crate) fn hand_over(
        &self,
        id: &TaskId,
        to: &str,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let task = self.visible(id, cx)?;
        cx.allow("dispatch.hand_over_task", Resource::default())?;
        let holds = task.holds(cx.actor);
        if !holds
            && cx
                .allow("dispatch.assign", Resource::at(&task.area))
                .is_err()
        {
            return Err(not_yours(task));
        }
        if !task.state.in_the_field() {
            return Err(wrong_state(task, "issued, accepted or returned"));
        }
        let meant = cx.person(to)?;
        let Some(person) = candidates::present(&meant, cx) else {
            return Err(fields::invalid(
                "to",
                format!(
                    "{} is away and nobody stands in",
                    cx.directory.person_name(&meant)
                ),
            ));
        };
        if task.holds(&person) {
            return Err(Refusal::Already {
                what: task.id.to_string(),
                state: format!("with {}", cx.directory.person_name(&person)),
            });
        }
        let from = holds.then_some(cx.actor);
        let pending = task
            .transfers
            .iter()
            .any(|transfer| transfer.to == person && transfer.from.as_ref() == from);
        if pending && !task.unassigned {
            return Err(Refusal::Already {
                what: task.id.to_string(),
                state: format!("offered to {}", cx.directory.person_name(&person)),
            });
        }
        let reason = match (person == meant, holds) {
            (false, _) => OfferReason::Substitute,
            (true, true) => OfferReason::HandOver,
            (true, false) => OfferReason::Assigned,
        };
        Ok(vec![offer(
            task,
            vec![person],
            reason,
            Some(cx.actor.clone()),
            cx,
        )])
    }

    /// An offer was not answered in time. Those asked keep it and may still take it.
    pub(crate) fn unanswered(
        &self,
        number: u64,
        loads: &mut Loads<'_>,
        cx: &Decision<'_>,
    ) -> Option<Event> {
        let event = go_on(self.tasks.get(&number)?, "nobody answered", loads, cx)?;
        if let Event::TaskOffered { to, .. } = &event {
            to.iter().for_each(|person| loads.add(person));
        }
        Some(event)
    }
}

/// The offer to the next by rule; else the sheet is unassigned, which is said once.
fn go_on(task: &Task, why: &str, loads: &Loads<'_>, cx: &Decision<'_>) -> Option<Event> {
    match candidates::next(task, loads, cx) {
        Some(person) => Some(offer(task, vec![person], OfferReason::Next, None, cx)),
        None if task.unassigned => None,
        None => Some(Event::TaskUnassigned {
            task: task.id.clone(),
            reason: why.to_owned(),
        }),
    }
}
