//! Client of an edge: wishes, questions and notices over any bus.

use std::sync::Arc;
use std::time::Duration;

use picket_schemas::ask::{After, Question, Reply, Viewer};
use picket_schemas::{Answer, Jurisdiction, PersonId, Problem, Refusal, Wish};
use serde::Serialize;

use crate::message::{Notice, SUBJECT_ASK, Served, Wanted, Wishing, subject_do, subject_notice};
use crate::port::{Bus, BusError, Request, Requests};
use crate::random::random_hex;

/// How long a book may take to answer a wish.
const WISH: Duration = Duration::from_secs(20);
/// How long insight may take to answer.
const QUESTION: Duration = Duration::from_secs(10);
/// How long a transport waits for a person's screen.
const SCREEN: Duration = Duration::from_secs(3);

/// A screen showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Somebody's screen has it.
    Shown,
    /// No screen is open for the person.
    NobodyThere,
}

/// A connection to the books.
#[derive(Clone)]
pub struct Client(Arc<dyn Bus>);

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// Over a bus.
    pub fn new(bus: Arc<dyn Bus>) -> Self {
        Self(bus)
    }

    /// The bus below.
    pub fn bus(&self) -> &Arc<dyn Bus> {
        &self.0
    }

    /// Sends a wish to its book.
    pub async fn wish(&self, jurisdiction: &Jurisdiction, wish: &Wish) -> Result<Answer, Problem> {
        let Wish {
            id,
            by,
            via,
            made,
            observed,
            trace,
            command,
        } = wish;
        let wanted = Wishing::Wish {
            id,
            by,
            via,
            made,
            observed,
            trace,
            command,
        };
        match self
            .want(&subject_do(command.service(), jurisdiction), &wanted, WISH)
            .await?
        {
            Served::Done(answer) => Ok(answer),
            Served::No(problem) => Err(problem),
            Served::View(_) => Err(garbled()),
        }
    }

    /// Asks insight, for somebody whom the edge has proved to be who they are.
    pub async fn ask(
        &self,
        viewer: &Viewer,
        question: &Question,
        after: &After,
    ) -> Result<Reply, Problem> {
        let wanted = Wanted::Question {
            question: question.clone(),
            after: after.clone(),
            viewer: viewer.clone(),
            id: random_hex::<16>(),
        };
        match self.want(SUBJECT_ASK, &wanted, QUESTION).await? {
            Served::View(reply) => Ok(*reply),
            Served::No(problem) => Err(problem),
            Served::Done(_) => Err(garbled()),
        }
    }

    /// A person's notices, as long as the stream is held.
    pub async fn notices(&self, person: &PersonId) -> Result<Notices, Problem> {
        self.0
            .serve(&subject_notice(person))
            .await
            .map(|requests| Notices(requests, Vec::new()))
            .map_err(|error| problem_of(&error))
    }

    /// Shows a notice on the person's screens.
    pub async fn show(&self, notice: &Notice) -> Result<Seen, Problem> {
        let body = serde_json::to_vec(notice)
            .expect("a notice holds only strings and maps with string keys");
        match self.0.ask(&subject_notice(&notice.to), body, SCREEN).await {
            Ok(_) => Ok(Seen::Shown),
            Err(BusError::Nobody(_)) => Ok(Seen::NobodyThere),
            Err(error) => Err(problem_of(&error)),
        }
    }

    async fn want(
        &self,
        subject: &str,
        wanted: &impl Serialize,
        patience: Duration,
    ) -> Result<Served, Problem> {
        let body = serde_json::to_vec(wanted)
            .expect("what is wanted holds only strings, numbers and maps with string keys");
        let reply = self
            .0
            .ask(subject, body, patience)
            .await
            .map_err(|error| problem_of(&error))?;
        serde_json::from_slice(&reply).map_err(|_| garbled())
    }
}

/// A person's notices, and those among them that nobody was told yet were shown.
#[derive(Debug)]
pub struct Notices(Requests, Vec<Request>);

impl Notices {
    /// The next one. Asking for it says that the one before was shown, which is what its sender waits for;
    /// one that cannot be read is never said to be.
    pub async fn next(&mut self) -> Option<Notice> {
        for shown in self.1.drain(..) {
            shown.reply(b"shown".to_vec());
        }
        self.more().await
    }

    /// One more, without saying that those before were shown: for a screen that shows several together. Their
    /// sender waits a few seconds.
    pub async fn more(&mut self) -> Option<Notice> {
        loop {
            let request = self.0.next().await?;
            if let Ok(notice) = serde_json::from_slice(&request.body) {
                self.1.push(request);
                return Some(notice);
            }
        }
    }
}

/// What came back is no answer.
pub(crate) fn garbled() -> Problem {
    Problem::new(
        "garbled",
        "the answer could not be read",
        "Both sides must run the same version of Picket.",
    )
}

/// Says to a person why there is no reply.
pub(crate) fn problem_of(error: &BusError) -> Problem {
    match error {
        BusError::Nobody(subject) => Problem::new(
            "nobody",
            format!("nobody answers on `{subject}`"),
            "Check the jurisdiction, and that `picket up` runs on this folder.",
        ),
        BusError::TimedOut(_) => Refusal::OutcomeUnknown.problem(),
        BusError::TooLarge { .. } => Problem::new(
            "oversized",
            error.to_string(),
            "Ask for less at once, or raise `max_payload` in the configuration of nats-server.",
        ),
        BusError::Gone(why) => Problem::new(
            "gone",
            format!("the connection is gone: {why}"),
            "Is `picket up` still running on this folder?",
        ),
    }
}

#[cfg(test)]
mod wire_tests;
