//! What a person does with a whole task: take it, refuse it, hand it on, sign it off; and the inbox.

use jiff::Timestamp;
use picket_schemas::ask::{Inbox, StepView, TaskView};
use picket_schemas::{dispatch, escalation, split_id};

use crate::cards;
use crate::forms::{Form, Kind};
use crate::intent::{Intent, Verb};
use crate::session::{Context, Focus, Session, Turn};

impl Session {
    pub(super) fn on_inbox(
        &mut self,
        intent: &Intent,
        inbox: &Inbox,
        cx: &Context<'_>,
    ) -> Vec<Turn> {
        match intent.verb {
            Verb::Step | Verb::Acknowledge | Verb::Sign => {
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
            Verb::Acknowledge => {
                self.step = Some(step.clone());
                let form = self
                    .form(Kind::Acknowledge, &step.jurisdiction, &id, cx)
                    .subject(step.what.clone());
                self.begin(form, intent.argument(), cx)
            }
            Verb::Sign => {
                let command = escalation::Command::SignStep {
                    step: split_id(&step.step).1.into(),
                };
                self.focus = Focus::Nothing;
                self.act(
                    &step.jurisdiction,
                    command,
                    Some("done-sign"),
                    &id,
                    Some(Intent::new(Verb::Inbox, "")),
                )
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
        let id = self.draw(cx, |look| look.id(&task.jurisdiction, &task.task));
        let changes = matches!(
            intent.verb,
            Verb::Accept
                | Verb::Decline
                | Verb::HandOver
                | Verb::Approve
                | Verb::Return
                | Verb::CancelTask
        );
        if changes && Self::is_stale(intent, task.rev) {
            self.focus = Focus::Nothing;
            return self.stale(self.draw(cx, |look| cards::task::card(task, look)));
        }
        let short = || picket_schemas::TaskId::from(split_id(&task.task).1);
        let show = |verb| Some(Intent::new(verb, &id));
        let form = |session: &mut Self, kind| {
            session
                .form(kind, &task.jurisdiction, &id, cx)
                .subject(task.batch.name.clone())
        };
        match intent.verb {
            Verb::Accept => {
                self.focus = Focus::Nothing;
                self.act(
                    &task.jurisdiction,
                    dispatch::Command::AcceptTask { task: short() },
                    Some("done-accept"),
                    &id,
                    show(Verb::Task),
                )
            }
            Verb::Approve => {
                self.focus = Focus::Nothing;
                self.act(
                    &task.jurisdiction,
                    dispatch::Command::ApproveTask { task: short() },
                    Some("done-approve"),
                    &id,
                    show(Verb::Task),
                )
            }
            Verb::Decline => {
                let form = form(self, Kind::Decline);
                self.begin(form, intent.argument(), cx)
            }
            Verb::Return => {
                let form = form(self, Kind::Return);
                self.begin(form, intent.argument(), cx)
            }
            Verb::CancelTask => {
                let form = form(self, Kind::CancelTask);
                self.begin(form, intent.argument(), cx)
            }
            Verb::HandOver => {
                let form = form(self, Kind::Give);
                self.begin(form, intent.argument(), cx)
            }
            Verb::Rows => self.plain_card(cx, |look| cards::task::rows(task, look)),
            Verb::Task if intent.argument() == "offer" => {
                self.plain_card(cx, |look| cards::task::asked(task, look))
            }
            Verb::Task => self.plain_card(cx, |look| cards::task::card(task, look)),
            _ => self.on_sheet(intent, task, cx),
        }
    }

    /// A new form, told from all before by its number: also from those of a session whose memory was lost, for a
    /// number is never older than the second it was given in.
    pub(super) fn form(
        &mut self,
        kind: Kind,
        jurisdiction: &str,
        about: &str,
        cx: &Context<'_>,
    ) -> Form {
        let now = u64::try_from(cx.now.as_second()).unwrap_or_default();
        self.serial = self.serial.max(now) + 1;
        Form::new(kind, jurisdiction, about, self.serial)
    }
}
