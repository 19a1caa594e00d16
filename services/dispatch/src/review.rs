//! Review: the check of a submitted sheet. Returned with a reason, or approved; and the end of one that is not needed.
//!
//! The post's leader checks, or a coordinator; nobody checks what they filled themselves. What was found is
//! under way long before: nothing here holds it back. Places nobody got into become a sheet of their own.

use picket_book::{Decision, fields};
use picket_schemas::dispatch::Event;
use picket_schemas::registry::Role;
use picket_schemas::{PersonId, Refusal, TaskId};

use crate::batches::WINDOW;
use crate::offers::{self, not_yours, wrong_state};
use crate::outings::acts_as;
use crate::task::{RowAnswer, Task, TaskRow, TaskState};
use crate::{Dispatch, candidates};

impl Dispatch {
    pub(crate) fn return_task(
        &self,
        id: &TaskId,
        reason: &str,
        rows: &[String],
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let task = self.to_check(id, "dispatch.return_task", "return", cx)?;
        if let Some(row) = rows.iter().find(|row| task.row(row).is_none()) {
            return Err(Refusal::UnknownRow {
                task: task.id.to_string(),
                row: row.clone(),
            });
        }
        let reason = fields::reason(reason, "returning a task")?;
        let named = |row: &&TaskRow| rows.is_empty() || rows.contains(&row.subject.id);
        let rows = task
            .rows
            .iter()
            .filter(named)
            .map(|row| row.subject.id.clone())
            .collect();
        Ok(vec![Event::TaskReturned {
            task: task.id.clone(),
            by: cx.actor.clone(),
            reason,
            rows,
        }])
    }

    pub(crate) fn approve(&self, id: &TaskId, cx: &Decision<'_>) -> Result<Vec<Event>, Refusal> {
        let task = self.to_check(id, "dispatch.approve_task", "approve", cx)?;
        let missed = |row: &&TaskRow| {
            row.answer
                .as_ref()
                .is_some_and(|answer: &RowAnswer| answer.outcome.needs_revisit())
        };
        let rows: Vec<_> = task
            .rows
            .iter()
            .filter(missed)
            .map(|row| row.subject.clone())
            .collect();
        let approved = |revisit| Event::TaskApproved {
            task: task.id.clone(),
            by: cx.actor.clone(),
            revisit,
        };
        if rows.is_empty() {
            return Ok(vec![approved(None)]);
        }
        let revisit = TaskId::from(format!("T-{}", self.last.task + 1));
        let mut offered: Vec<PersonId> = task
            .holders
            .iter()
            .filter_map(|holder| candidates::present(holder, cx))
            .collect();
        offered.sort_unstable();
        offered.dedup();
        let nobody = offered.is_empty();
        let answer = offers::AnswerDeadline::of(cx);
        let mut events = vec![Event::TaskIssued {
            task: revisit.clone(),
            batch: task.batch.clone(),
            post: task.post.clone(),
            area: task.area.clone(),
            rows,
            need: u32::try_from(task.need.min(offered.len()).max(1)).unwrap_or(1),
            offered,
            checklist: task.checklist.clone(),
            window: WINDOW,
            campaign: task.campaign.clone(),
            round: task.round,
            sealed_until: task.sealed_until,
            answer_by: answer.by,
            provisional: answer.provisional,
            revisit_of: Some(task.id.clone()),
        }];
        if nobody {
            events.push(offers::nobody_to_offer(revisit.clone()));
        }
        events.push(approved(Some(revisit)));
        Ok(events)
    }

    pub(crate) fn cancel(
        &self,
        id: &TaskId,
        reason: &str,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let task = self.visible_for(id, "dispatch.cancel_task", cx)?;
        if task.state == TaskState::Cancelled {
            return Err(Refusal::Already {
                what: task.id.to_string(),
                state: "cancelled".into(),
            });
        }
        if task.state.closed() {
            return Err(wrong_state(task, "open"));
        }
        Ok(vec![Event::TaskCancelled {
            task: task.id.clone(),
            by: cx.actor.clone(),
            reason: fields::reason(reason, "cancelling a task")?,
        }])
    }

    /// A submitted sheet the actor may check.
    fn to_check(
        &self,
        id: &TaskId,
        action: &str,
        verb: &str,
        cx: &Decision<'_>,
    ) -> Result<&Task, Refusal> {
        let task = self.visible_for(id, action, cx)?;
        let leads = task
            .post
            .as_ref()
            .and_then(|post| cx.directory.post(post))
            .is_some_and(|post| post.leader == *cx.actor);
        if !leads && !acts_as(&[Role::Coordinator, Role::Street], Some(&task.area), cx) {
            return Err(not_yours(task));
        }
        if task.state != TaskState::Submitted {
            return Err(wrong_state(task, "submitted"));
        }
        if task.hands.contains(cx.actor) {
            return Err(Refusal::SamePerson {
                what: format!("{verb} {}", task.id),
                who: cx.directory.person_name(cx.actor),
            });
        }
        Ok(task)
    }
}
