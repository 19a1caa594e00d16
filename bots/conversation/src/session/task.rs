//! Tasks in a dialogue: taken, refused, handed on, signed off as a whole; and the inbox with its steps.

use jiff::Timestamp;
use picket_schemas::ask::{Inbox, StepView, TaskView};
use picket_schemas::{dispatch, escalation, split_id};

use crate::cards;
use crate::forms::Kind;
use crate::intent::{Intent, Verb};
use crate::session::filling::About;
use crate::session::{Context, Session, Turn};

impl Session {
    pub(super) fn on_inbox(
        &mut self,
        intent: &Intent,
        inbox: &Inbox,
        cx: &Context<'_>,
    ) -> Vec<Turn> {
        match intent.verb {
            Verb::Step | Verb::Acknowledge | Verb::Sign | Verb::Form => {
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
            Verb::Leads => self.plain_card(cx, |look| cards::inbox::leads(inbox, look)),
            _ => {
                let page = intent.argument().parse().unwrap_or_default();
                self.plain_card(cx, |look| cards::inbox::card(inbox, look, page))
            }
        }
    }

    /// A step just acknowledged: its card says what was promised, and that is the whole answer.
    fn acknowledged(&mut self, intent: &Intent, cx: &Context<'_>) -> Vec<Turn> {
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

    fn on_step(&mut self, intent: &Intent, step: &StepView, cx: &Context<'_>) -> Vec<Turn> {
        let id = self.draw(cx, |look| look.id(&step.jurisdiction, &step.step));
        match intent.verb {
            Verb::Acknowledge if step.promise.is_some() || !step.open => {
                self.stale(self.draw(cx, |look| cards::ladder::card(step, look)))
            }
            Verb::Acknowledge | Verb::Form => {
                self.step = Some(step.clone());
                let of = About {
                    jurisdiction: &step.jurisdiction,
                    id: &id,
                    subject: &step.what,
                };
                self.begin_on(intent, &of, |_, form| Some(form), cx)
                    .unwrap_or_else(|| self.plain_card(cx, |look| cards::ladder::card(step, look)))
            }
            Verb::Sign => {
                let command = escalation::Command::SignStep {
                    step: split_id(&step.step).1.into(),
                };
                let open = Intent::new(Verb::Inbox, "");
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
    ) -> Vec<Turn> {
        let form = Kind::opened(intent).is_some();
        let changes = form || matches!(intent.verb, Verb::Accept | Verb::Approve);
        if changes && Self::is_stale(intent, task.rev) {
            return self.updated(cx, |look| cards::task::card(task, look));
        }
        let id = self.draw(cx, |look| look.id(&task.jurisdiction, &task.task));
        if form {
            let of = About {
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
            Verb::Accept => (
                dispatch::Command::AcceptTask { task: short() },
                "done-accept",
            ),
            Verb::Approve => (
                dispatch::Command::ApproveTask { task: short() },
                "done-approve",
            ),
            Verb::Rows => return self.plain_card(cx, |look| cards::task::rows(task, look)),
            Verb::Task if intent.argument() == "offer" => {
                return self.plain_card(cx, |look| cards::task::asked(task, look));
            }
            Verb::Task => return self.plain_card(cx, |look| cards::task::card(task, look)),
            _ => return self.on_sheet(intent, task, cx),
        };
        let open = Intent::new(Verb::Task, &id);
        self.act_at_once(&task.jurisdiction, command, toast, &id, open)
    }
}
