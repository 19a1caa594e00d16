//! Names as insight knows them, of people and places; each is asked for once.

use picket_schemas::PersonId;
use picket_schemas::ask::{Question, View};

use super::StoryTeller;
use crate::halt::Halt;

impl StoryTeller<'_> {
    pub(super) fn ask(&self, question: Question) -> Result<View, Halt> {
        Ok(self.insight.answer(&question, self.now)?)
    }

    fn named(
        &mut self,
        id: &str,
        question: impl FnOnce(&Self) -> Question,
    ) -> Result<String, Halt> {
        if let Some(name) = self.known.names.get(id) {
            return Ok(name.clone());
        }
        let name = match self.ask(question(self))? {
            View::Person(person) => self.words.person(&person.name),
            View::Institution(place) => place.name,
            _ => return Ok(id.to_owned()),
        };
        self.known.names.insert(id.to_owned(), name.clone());
        Ok(name)
    }

    pub(super) fn person(&mut self, id: &PersonId) -> Result<String, Halt> {
        self.named(id.as_str(), |_| Question::Person { person: id.clone() })
    }

    /// Whoever made the decision.
    pub(super) fn actor(&mut self, by: &str) -> Result<String, Halt> {
        self.person(&PersonId::from(by))
    }

    pub(super) fn people<'a>(
        &mut self,
        ids: impl IntoIterator<Item = &'a PersonId>,
    ) -> Result<String, Halt> {
        Ok(ids
            .into_iter()
            .map(|id| self.person(id))
            .collect::<Result<Vec<_>, _>>()?
            .join(&self.words.comma()))
    }

    pub(super) fn place(&mut self, code: &str) -> Result<String, Halt> {
        self.named(code, |teller| Question::Institution {
            jurisdiction: teller.county.clone(),
            code: code.to_owned(),
        })
    }
}
