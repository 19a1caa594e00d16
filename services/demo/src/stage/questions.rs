//! Questions of the story to insight, and cards as people see them.

use picket_conversation::{Card, LocalTime, Profile, ViewContext};
use picket_schemas::PersonId;
use picket_schemas::ask::{LeadView, OrderView, PersonView, Question, StepView, TaskView, View};

use super::DemoStage;
use crate::halt::{Halt, missing};

impl DemoStage {
    pub(super) fn view(&self, question: Question) -> Result<View, Halt> {
        Ok(self.insight.answer(&question, self.now())?)
    }

    /// The one id that matches.
    pub(crate) fn find(&self, find: &str, by: &[(&str, &str)]) -> Result<String, Halt> {
        let by = by
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        match self.view(Question::Find {
            jurisdiction: self.county.clone(),
            find: find.to_owned(),
            by,
        })? {
            View::Found(mut ids) if !ids.is_empty() => Ok(ids.swap_remove(ids.len() - 1)),
            _ => Err(missing(find)),
        }
    }

    /// The sheet the story is about.
    pub(crate) fn first_task(&self) -> Result<String, Halt> {
        self.known
            .task()
            .map(str::to_owned)
            .ok_or_else(|| missing("its first sheet"))
    }

    /// A task.
    pub(crate) fn task(&self, task: &str) -> Result<TaskView, Halt> {
        match self.view(Question::Task {
            jurisdiction: self.county.clone(),
            task: task.to_owned(),
        })? {
            View::Task(view) => Ok(view),
            _ => Err(missing(task)),
        }
    }

    /// A lead.
    pub(crate) fn lead(&self, lead: &str) -> Result<LeadView, Halt> {
        match self.view(Question::Lead {
            jurisdiction: self.county.clone(),
            lead: lead.to_owned(),
        })? {
            View::Lead(view) => Ok(view),
            _ => Err(missing(lead)),
        }
    }

    /// An order.
    pub(crate) fn order(&self, order: &str) -> Result<OrderView, Halt> {
        match self.view(Question::Order {
            jurisdiction: self.county.clone(),
            order: order.to_owned(),
        })? {
            View::Order(view) => Ok(view),
            _ => Err(missing(order)),
        }
    }

    /// A step of the ladder, out of the inbox of somebody it addresses.
    pub(crate) fn step(&self, step: &str, person: &str) -> Result<StepView, Halt> {
        let person = PersonId::new(&self.county, person);
        match self.view(Question::Inbox { person })? {
            View::Inbox(inbox) => inbox
                .steps
                .into_iter()
                .find(|one| one.step == step)
                .ok_or_else(|| missing(step)),
            _ => Err(missing(step)),
        }
    }

    fn person(&self, code: &str) -> Result<PersonView, Halt> {
        match self.view(Question::Person {
            person: PersonId::new(&self.county, code),
        })? {
            View::Person(view) => Ok(view),
            _ => Err(missing(code)),
        }
    }

    /// The name people call somebody by.
    pub(crate) fn name(&self, code: &str) -> Result<String, Halt> {
        Ok(self.words.person(&self.person(code)?.name))
    }

    /// Shows a card as this person sees it.
    pub(crate) async fn show(
        &mut self,
        person: &str,
        draw: impl FnOnce(&ViewContext<'_>) -> Card + Send,
    ) -> Result<(), Halt> {
        let view = self.person(person)?;
        let me = Profile::from_view(&PersonId::new(&self.county, person), &view);
        let words = self.words.texts();
        let card = draw(&ViewContext {
            me: &me,
            when: LocalTime {
                now: self.now(),
                zone: &self.zone,
                words,
            },
            words,
        })
        .fit();
        let whose = self.words.person(&view.name);
        self.screen.card(&whose, &card).await
    }
}
