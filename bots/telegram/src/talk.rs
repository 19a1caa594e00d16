//! One round of a dialogue: drives the session, asks and writes for it, and hands back what it says.
//!
//! A wish's id is made of the update that led to it, so an update that is delivered again repeats the same
//! wish and the books answer as before. Nothing is shown here: that comes when the effect is durable. It decides
//! nothing: rights and rules are the books'.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use picket_conversation::{Context, Input, Turn};
use picket_schemas::ask::View;
use picket_schemas::{Answer, Command, Jurisdiction, PersonId, Problem, Wish};

use crate::bot::{Bot, CHANNEL, NotNow, is_away};
use crate::seats::Seat;
use crate::show::Say;

/// How often a wish is sent again before it is put off, or the person is told.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(200);
/// How long the other books get to act upon what was just done: it belongs on the next card.
const FOLLOWS: Duration = Duration::from_millis(80);
/// For how long the same words are the same wish, where nobody knew how it ended.
const UNCLEAR: Duration = Duration::from_secs(15 * 60);
/// What is kept half done: nothing follows from it.
const KEPT: &str = "keep_draft";

/// How much one waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// A book that does not answer may be on its way to another process: the update waits for it.
    Waits,
    /// It was waited for long enough: the person is told.
    Ends,
    /// Nobody asked for this: only a card that can be drawn now is one, and anything else comes later.
    Unasked,
}

fn is_old(now: Timestamp, since: Timestamp) -> bool {
    Duration::try_from(now.duration_since(since)).unwrap_or_default() >= UNCLEAR
}

/// A round.
pub(crate) struct Talk<'a> {
    bot: &'a Bot,
    seat: &'a mut Seat,
    /// The front of the ids of what is wished in it.
    cause: String,
    patience: Patience,
    wishes: u32,
    said: Vec<Say>,
}

impl<'a> Talk<'a> {
    pub(crate) fn new(bot: &'a Bot, seat: &'a mut Seat, cause: String, patience: Patience) -> Self {
        Self {
            bot,
            seat,
            cause,
            patience,
            wishes: 0,
            said: Vec::new(),
        }
    }

    /// Feeds the session and does what it says until it has nothing more to do; what was said comes back.
    pub(crate) async fn round(mut self, input: Input) -> Result<Vec<Say>, NotNow> {
        let person = PersonId::from(self.seat.person.as_str());
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let turns = {
                let cx = Context {
                    now: self.bot.now(),
                    zone: &self.bot.settings.zone,
                    person: &person,
                };
                self.seat.session.handle(input, &cx)
            };
            for turn in turns {
                match turn {
                    Turn::Show(card) => self.said.push(Say::Card {
                        card: Box::new(card),
                        edit: false,
                    }),
                    Turn::Edit(card) => self.said.push(Say::Card {
                        card: Box::new(card),
                        edit: true,
                    }),
                    Turn::Toast(text) => self.said.push(Say::Toast(text)),
                    Turn::Ask(question) => {
                        let answered = self.bot.ask(&person, &question, &self.seat.after).await?;
                        if self.patience == Patience::Unasked
                            && matches!(answered, Ok(View::Stale) | Err(_))
                        {
                            return Err(NotNow);
                        }
                        inputs.push_back(match answered {
                            Ok(view) => Input::Answered(Box::new(view)),
                            Err(problem) => Input::Failed(problem),
                        });
                    }
                    Turn::Do {
                        at,
                        command,
                        observed,
                    } => {
                        let follows = verb(&command) != KEPT;
                        let done = self.wish(&person, &at, *command, observed).await?;
                        if follows {
                            // Also after a refusal: who was faster is on the next card.
                            tokio::time::sleep(FOLLOWS).await;
                        }
                        inputs.push_back(Input::Done(done));
                    }
                    // Whoever began the round puts the dialogue back.
                    Turn::Remember => {}
                }
            }
        }
        Ok(self.said)
    }

    /// One wish has one id, however often it must be sent, and however often its update comes.
    async fn wish(
        &mut self,
        by: &PersonId,
        at: &Jurisdiction,
        command: Command,
        observed: Option<Timestamp>,
    ) -> Result<Result<Answer, Problem>, NotNow> {
        let made_here = format!("{}-{}-{}", self.cause, self.wishes, verb(&command));
        self.wishes += 1;
        let what = what(at, &command, observed);
        // The same once more, after nobody knew how it ended, is the same wish.
        let now = self.bot.now();
        let unclear = self
            .seat
            .unclear
            .take_if(|(known, _, since)| *known == what || is_old(now, *since));
        // Much later it is another wish in the same words.
        let id = unclear
            .filter(|(known, _, since)| *known == what && !is_old(now, *since))
            .map_or(made_here, |(_, id, _)| id);
        let wish = Wish {
            id: id.as_str().into(),
            by: by.clone(),
            via: CHANNEL.to_owned(),
            made: self.bot.now(),
            observed,
            trace: String::new(),
            command,
        };
        let mut tries = 0;
        loop {
            tries += 1;
            match self.bot.client.wish(at, &wish).await {
                Ok(answer) => {
                    let read = self.seat.after.entry(answer.book.clone()).or_default();
                    *read = answer.n.max(*read);
                    return Ok(Ok(answer));
                }
                Err(problem) if tries < TRIES && (problem.code == "busy" || is_away(&problem)) => {
                    tokio::time::sleep(PAUSE * tries).await
                }
                // A book that changes hands answers soon; when all are away, what came is kept however long that takes.
                Err(problem)
                    if is_away(&problem)
                        && (self.patience == Patience::Waits || !self.bot.books_answer().await) =>
                {
                    return Err(NotNow);
                }
                Err(problem) => {
                    if is_away(&problem) {
                        self.seat.unclear = Some((what, id, now));
                    }
                    return Ok(Err(problem));
                }
            }
        }
    }
}

fn verb(command: &Command) -> &str {
    command.verb().rsplit('.').next().unwrap_or_default()
}

/// What a wish is, told from any other.
fn what(at: &Jurisdiction, command: &Command, observed: Option<Timestamp>) -> String {
    picket_schemas::commit::hash(&serde_json::to_vec(&(at, command, observed)).unwrap_or_default())
}

#[cfg(test)]
mod wire_tests;
