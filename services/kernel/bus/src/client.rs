//! The client of an edge: wishes, questions and notices over any bus.
//!
//! Bots, terminals and commands send with it. A wish is idempotent by its id: an answer that was lost is asked for
//! again with the same one. It does not know how a bus carries bytes, nor what an answer says.

use std::sync::Arc;
use std::time::Duration;

use picket_schemas::ask::{After, Question, Reply, Viewer};
use picket_schemas::{Answer, Jurisdiction, PersonId, Problem, Refusal, Wish};
use serde::Serialize;

use crate::message::{EdgeReply, EdgeRequest, EdgeRequestRef, Notice};
use crate::port::{Bus, BusError, Request, Requests};
use crate::random::random_hex;
use crate::subjects;

/// The time a book may take to answer a wish.
const WISH: Duration = Duration::from_secs(20);
/// The time insight may take to answer.
const QUESTION: Duration = Duration::from_secs(10);
/// The time a transport waits for a person's screen.
const SCREEN: Duration = Duration::from_secs(3);

/// The outcome of a notice on a person's screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScreenOutcome {
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
        let request = EdgeRequestRef::Wish {
            id,
            by,
            via,
            made,
            observed,
            trace,
            command,
        };
        match self
            .request(
                &subjects::wish(command.service(), jurisdiction),
                &request,
                WISH,
            )
            .await?
        {
            EdgeReply::Done(answer) => Ok(answer),
            EdgeReply::No(problem) => Err(problem),
            EdgeReply::View(_) => Err(garbled()),
        }
    }

    /// Asks insight, for somebody whom the edge has proved to be who they are.
    pub async fn ask(
        &self,
        viewer: &Viewer,
        question: &Question,
        after: &After,
    ) -> Result<Reply, Problem> {
        let request = EdgeRequest::Question {
            question: question.clone(),
            after: after.clone(),
            viewer: viewer.clone(),
            id: random_hex::<16>(),
        };
        match self.request(subjects::QUESTION, &request, QUESTION).await? {
            EdgeReply::View(reply) => Ok(*reply),
            EdgeReply::No(problem) => Err(problem),
            EdgeReply::Done(_) => Err(garbled()),
        }
    }

    /// A person's notices, as long as the stream is held.
    pub async fn notices(&self, person: &PersonId) -> Result<NoticeStream, Problem> {
        self.0
            .serve(&subjects::notice(person))
            .await
            .map(|requests| NoticeStream(requests, Vec::new()))
            .map_err(|error| problem_of(&error))
    }

    /// Shows a notice on the person's screens.
    pub async fn show(&self, notice: &Notice) -> Result<ScreenOutcome, Problem> {
        let body = serde_json::to_vec(notice)
            .expect("a notice holds only strings and maps with string keys");
        match self
            .0
            .ask(&subjects::notice(&notice.to), body, SCREEN)
            .await
        {
            Ok(_) => Ok(ScreenOutcome::Shown),
            Err(BusError::Nobody(_)) => Ok(ScreenOutcome::NobodyThere),
            Err(error) => Err(problem_of(&error)),
        }
    }

    async fn request(
        &self,
        subject: &str,
        request: &impl Serialize,
        patience: Duration,
    ) -> Result<EdgeReply, Problem> {
        let body = serde_json::to_vec(request)
            .expect("what is request holds only strings, numbers and maps with string keys");
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
pub struct NoticeStream(Requests, Vec<Request>);

impl NoticeStream {
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

/// The problem of an answer that cannot be read.
pub(crate) fn garbled() -> Problem {
    Problem::new(
        "garbled",
        "the answer could not be read",
        "Both sides must run the same version of Picket.",
    )
}

/// The problem of a reply that did not come, as a person is told.
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
