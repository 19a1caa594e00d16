//! Tasks in a dialogue: taken, refused, handed on, signed off as a whole; and the inbox with its steps.

use jiff::Timestamp;
use picket_schemas::ask::{Inbox, StepView, TaskView};
use picket_schemas::{dispatch, escalation, split_id};

use crate::cards;
use crate::forms::FormKind;
use crate::intent::{Intent, IntentVerb};
use crate::session::filling::FormSubject;
use crate::session::{Context, Effect, Session};

impl Session {
    pub(super) fn on_inbox(
        &mut self,
        intent: &Intent,
        inbox: &Inbox,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        match intent.verb {
            IntentVerb::Step | IntentVerb::Acknowledge | IntentVerb::Sign | IntentVerb::Form => {
                let (home, short) = split_id(&intent.id);
                let home = home.unwrap_or(self.me.home()).to_owned();
                let step = inbox.steps.iter().chain(&inbox.proposals).find(|step| {
                    split_id(&step.step).1 == short
                        && (step.jurisdiction.is_empty() || step.jurisdiction == home)
                });
                match step {
                    Some(step) => self.on_step(intent, step, cx),
                    None if intent.argument().parse::<Timestamp>().is_ok() => {
                        self.acknowledged(intent, cx)
                    }
                    None => vec![self.toast("step-gone")],
                }
            }
            IntentVerb::Leads => self.plain_card(cx, |look| cards::inbox::leads(inbox, look)),
            _ => {
                let page = intent.argument().parse().unwrap_or_default();
                self.plain_card(cx, |look| cards::inbox::card(inbox, look, page))
            }
        }
    }

    /// A step just acknowledged: its card says what was promised, and that is the whole answer.
    fn acknowledged(&mut self, intent: &Intent, cx: &Context<'_>) -> Vec<Effect> {
        let promise = intent.argument().parse().ok();
        let short = split_id(&intent.id).1.to_owned();
        match self
            .step
            .take()
            .filter(|step| split_id(&step.step).1 == short)
        {
            Some(step) => {
                let step = StepView { promise, ..step };
                self.plain_card(cx, |look| cards::ladder::card(&step, look))
            }
            None => vec![self.toast("sent-acknowledge")],
        }
    }

    fn on_step(&mut self, intent: &Intent, step: &StepView, cx: &Context<'_>) -> Vec<Effect> {
        let id = self.draw(cx, |look| look.id(&step.jurisdiction, &step.step));
        match intent.verb {
            IntentVerb::Acknowledge if step.promise.is_some() || !step.open => {
                self.stale(self.draw(cx, |look| cards::ladder::card(step, look)))
            }
            IntentVerb::Acknowledge | IntentVerb::Form => {
                self.step = Some(step.clone());
                let of = FormSubject {
                    jurisdiction: &step.jurisdiction,
                    id: &id,
                    subject: &step.what,
                };
                self.begin_on(intent, &of, |_, form| Some(form), cx)
                    .unwrap_or_else(|| self.plain_card(cx, |look| cards::ladder::card(step, look)))
            }
            IntentVerb::Sign => {
                let command = escalation::Command::SignStep {
                    step: split_id(&step.step).1.into(),
                };
                let open = Intent::new(IntentVerb::Inbox, "");
                self.act_at_once(&step.jurisdiction, command, "done-sign", &id, open)
            }
            _ => self.plain_card(cx, |look| cards::ladder::card(step, look)),
        }
    }

    pub(super) fn on_task(
        &mut self,
        intent: &Intent,
        task: &TaskView,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        let form = FormKind::opened(intent).is_some();
        let changes = form || matches!(intent.verb, IntentVerb::Accept | IntentVerb::Approve);
        if changes && Self::is_stale(intent, task.rev) {
            return self.updated(cx, |look| cards::task::card(task, look));
        }
        let id = self.draw(cx, |look| look.id(&task.jurisdiction, &task.task));
        if form {
            let of = FormSubject {
                jurisdiction: &task.jurisdiction,
                id: &id,
                subject: &task.batch.name,
            };
            return self
                .begin_on(intent, &of, |_, form| Some(form), cx)
                .unwrap_or_else(|| self.plain_card(cx, |look| cards::task::card(task, look)));
        }
        let short = || picket_schemas::TaskId::from(split_id(&task.task).1);
        let (command, toast) = match intent.verb {
            IntentVerb::Accept => (
                dispatch::Command::AcceptTask { task: short() },
                "done-accept",
            ),
            IntentVerb::Approve => (
                dispatch::Command::ApproveTask { task: short() },
                "done-approve",
            ),
            IntentVerb::Rows => return self.plain_card(cx, |look| cards::task::rows(task, look)),
            IntentVerb::Task if intent.argument() == "offer" => {
                return self.plain_card(cx, |look| cards::task::asked(task, look));
            }
            IntentVerb::Task => return self.plain_card(cx, |look| cards::task::card(task, look)),
            _ => return self.on_sheet(intent, task, cx),
        };
        let open = Intent::new(IntentVerb::Task, &id);
        self.act_at_once(&task.jurisdiction, command, toast, &id, open)
    }
}
