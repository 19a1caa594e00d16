//! Dialogue: one round of a session with a person, as a state machine without I/O.
//!
//! Inputs go in, steps for the driver and outputs for the person come out. The id of a wish is derived from the
//! update that led to it, so an update that is delivered again repeats the same wish, which is idempotent: the
//! books answer as before. It decides nothing, since rights and rules are the books'; it does not know how a
//! question is asked, nor how an output is shown.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use picket_conversation::{Context, Effect, Input};
use picket_schemas::ask::{After, Question, View};
use picket_schemas::{Answer, Command, Jurisdiction, PersonId, Problem, Wish};

use crate::channel::CHANNEL;
use crate::output::Output;
use crate::session_store::SessionRecord;
use crate::settings::BotSettings;

/// Period in which the same words are the same wish, where its outcome is unknown.
const REPEAT_PERIOD: Duration = Duration::from_secs(15 * 60);
/// Verb of a draft: nothing follows from it.
const KEEP_DRAFT: &str = "keep_draft";

/// Step for the driver of a dialogue.
pub(crate) enum DialogueStep {
    /// Question to insight; its answer goes to [`Dialogue::answered`].
    Ask(Box<Question>),
    /// Wish for a book; its answer goes to [`Dialogue::granted`] or [`Dialogue::refused`].
    Wish(Box<PendingWish>),
}

/// Wish that waits for its answer.
pub(crate) struct PendingWish {
    pub(crate) at: Jurisdiction,
    pub(crate) wish: Wish,
    /// Fingerprint that tells it from any other.
    mark: String,
}

impl PendingWish {
    /// True where other books act upon it.
    pub(crate) fn has_effects(&self) -> bool {
        verb(&self.wish.command) != KEEP_DRAFT
    }
}

/// Dialogue of one round.
pub(crate) struct Dialogue<'a> {
    settings: &'a BotSettings,
    record: &'a mut SessionRecord,
    person: PersonId,
    /// Prefix of the ids of its wishes.
    cause: String,
    wishes: u32,
    inputs: VecDeque<Input>,
    turns: VecDeque<Effect>,
    outputs: Vec<Output>,
}

impl<'a> Dialogue<'a> {
    pub(crate) fn new(
        settings: &'a BotSettings,
        record: &'a mut SessionRecord,
        cause: String,
        input: Input,
    ) -> Self {
        Self {
            settings,
            person: PersonId::from(record.person.as_str()),
            record,
            cause,
            wishes: 0,
            inputs: VecDeque::from([input]),
            turns: VecDeque::new(),
            outputs: Vec::new(),
        }
    }

    /// Person whose dialogue it is.
    pub(crate) fn person(&self) -> &PersonId {
        &self.person
    }

    /// Commits without which no answer is read.
    pub(crate) fn after(&self) -> &After {
        &self.record.after
    }

    /// Goes on to the next step that needs a driver; none when the round is over.
    pub(crate) fn step(&mut self) -> Option<DialogueStep> {
        loop {
            let Some(turn) = self.turns.pop_front() else {
                let input = self.inputs.pop_front()?;
                self.feed(input);
                continue;
            };
            match turn {
                Effect::Show(card) => self.outputs.push(Output::Card {
                    card: Box::new(card),
                    edit: false,
                }),
                Effect::Edit(card) => self.outputs.push(Output::Card {
                    card: Box::new(card),
                    edit: true,
                }),
                Effect::Toast(text) => self.outputs.push(Output::Toast(text)),
                Effect::Ask(question) => return Some(DialogueStep::Ask(Box::new(question))),
                Effect::Do {
                    at,
                    command,
                    observed,
                } => {
                    let pending = self.pend(at, *command, observed);
                    return Some(DialogueStep::Wish(Box::new(pending)));
                }
                // The driver saves the session when the round is over.
                Effect::Remember => {}
            }
        }
    }

    /// Outputs of the round.
    pub(crate) fn into_outputs(self) -> Vec<Output> {
        self.outputs
    }

    /// Takes the answer to a question.
    pub(crate) fn answered(&mut self, answer: Result<View, Problem>) {
        self.inputs.push_back(match answer {
            Ok(view) => Input::Answered(Box::new(view)),
            Err(problem) => Input::Failed(problem),
        });
    }

    /// Takes the answer of a book that did what was wished.
    pub(crate) fn granted(&mut self, answer: Answer) {
        let read = self.record.after.entry(answer.book.clone()).or_default();
        *read = answer.n.max(*read);
        self.inputs.push_back(Input::Done(Ok(answer)));
    }

    /// Takes the problem that a wish met; one with an unknown outcome is remembered, so that the same words repeat it.
    pub(crate) fn refused(&mut self, pending: PendingWish, problem: Problem, outcome_known: bool) {
        if !outcome_known {
            let id = pending.wish.id.as_str().to_owned();
            self.record.unclear = Some((pending.mark, id, pending.wish.made));
        }
        self.inputs.push_back(Input::Done(Err(problem)));
    }

    fn feed(&mut self, input: Input) {
        let cx = Context {
            now: self.settings.now(),
            zone: &self.settings.zone,
            person: &self.person,
        };
        self.turns.extend(self.record.session.handle(input, &cx));
    }

    /// Makes a wish of a command. It has one id, however often it must be sent, and however often its update comes.
    fn pend(
        &mut self,
        at: Jurisdiction,
        command: Command,
        observed: Option<Timestamp>,
    ) -> PendingWish {
        let made_here = format!("{}-{}-{}", self.cause, self.wishes, verb(&command));
        self.wishes += 1;
        let mark = mark(&at, &command, observed);
        // A repeat of a wish with an unknown outcome is that wish.
        let now = self.settings.now();
        let unclear = self
            .record
            .unclear
            .take_if(|(known, _, since)| *known == mark || is_old(now, *since));
        // Much later it is another wish in the same words.
        let id = unclear
            .filter(|(known, _, since)| *known == mark && !is_old(now, *since))
            .map_or(made_here, |(_, id, _)| id);
        let wish = Wish {
            id: id.as_str().into(),
            by: self.person.clone(),
            via: CHANNEL.to_owned(),
            made: now,
            observed,
            trace: String::new(),
            command,
        };
        PendingWish { at, wish, mark }
    }
}

fn is_old(now: Timestamp, since: Timestamp) -> bool {
    Duration::try_from(now.duration_since(since)).unwrap_or_default() >= REPEAT_PERIOD
}

fn verb(command: &Command) -> &str {
    command.verb().rsplit('.').next().unwrap_or_default()
}

/// Fingerprint of a wish, to tell it from any other.
fn mark(at: &Jurisdiction, command: &Command, observed: Option<Timestamp>) -> String {
    picket_schemas::commit::hash(&serde_json::to_vec(&(at, command, observed)).unwrap_or_default())
}

#[cfg(test)]
mod wire_tests;
