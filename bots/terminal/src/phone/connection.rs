//! The connection of the phone: its questions and wishes, and the way back when the other side goes away.
//!
//! A wish keeps its id however often it is sent, also to a process that was started anew. It decides nothing.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use jiff::Timestamp;
use picket_bus::Client;
use picket_schemas::ask::{After, Question, View, Viewer};
use picket_schemas::{Answer, Command, Jurisdiction, Problem, Wish};

use super::Phone;
use super::arrivals::Arrivals;
use crate::id;

/// The limit of tries for a question insight cannot answer yet, and the pause between two.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(200);
/// The backoff of a wish without a clear answer, before the person is told; four retries take three seconds at most.
const WISHING: ExponentialBuilder = ExponentialBuilder::new()
    .with_jitter()
    .with_min_delay(Duration::from_millis(100))
    .with_max_times(4);
/// The backoff of finding the other side again; with its jitter a pause lasts up to half a second at first, and up to
/// five seconds.
const RECONNECTING: ExponentialBuilder = ExponentialBuilder::new()
    .with_jitter()
    .with_min_delay(Duration::from_millis(250))
    .with_max_delay(Duration::from_millis(2_500))
    .without_max_times();
/// Lines typed meanwhile that are kept.
const WAITING: usize = 16;
/// The limit of tries when nobody types any more.
const ALONE: u32 = 6;

/// Makes a connection to the other side, where it is there.
pub type Reconnect =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Option<Client>> + Send>> + Send + Sync>;

impl Phone {
    pub(super) async fn ask(&mut self, question: &Question) -> Result<View, Problem> {
        let mut tries = 0;
        loop {
            match self
                .client
                .ask(&Viewer::person(&self.person), question, &self.after)
                .await
            {
                Ok(reply) => {
                    tries += 1;
                    if reply.view != View::Stale || tries >= TRIES {
                        return Ok(reply.view);
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                Err(problem) if problem.code == "gone" && self.is_back().await => {}
                Err(problem) => return Err(problem),
            }
        }
    }

    /// One wish has one id, however often it must be sent.
    pub(super) async fn wish(
        &mut self,
        at: &Jurisdiction,
        command: Command,
        observed: Option<Timestamp>,
    ) -> Result<Answer, Problem> {
        let wish = Wish {
            id: id::fresh(),
            by: self.person.clone(),
            via: "terminal".to_owned(),
            made: (self.options.clock)(),
            observed,
            trace: String::new(),
            command,
        };
        let mut backoff = WISHING.build();
        let answer = loop {
            match self.client.wish(at, &wish).await {
                Err(problem) if matches!(problem.code.as_str(), "busy" | "outcome_unknown") => {
                    let Some(pause) = backoff.next() else {
                        return Err(problem);
                    };
                    tokio::time::sleep(pause).await;
                }
                Err(problem) if problem.code == "gone" && self.is_back().await => {}
                result => break result?,
            }
        };
        let read = self.after.entry(answer.book.clone()).or_default();
        *read = answer.n.max(*read);
        Ok(answer)
    }

    /// Waits until the other side is there again, and says so once. False where nobody knows the way, or
    /// the person gave up.
    pub(super) async fn is_back(&mut self) -> bool {
        let Some(reconnect) = self.options.reconnect.clone() else {
            return false;
        };
        if self.tell("phone-away").is_err() {
            return false;
        }
        let (mut backoff, mut alone) = (RECONNECTING.build(), 0);
        loop {
            if let Some(client) = reconnect().await.filter(|_| !self.over)
                && client
                    .ask(
                        &Viewer::person(&self.person),
                        &Question::Person {
                            person: self.person.clone(),
                        },
                        &After::new(),
                    )
                    .await
                    .is_ok()
            {
                self.arrivals = Arrivals::new(client.notices(&self.person).await.ok());
                self.client = client;
                return self.tell("phone-back").is_ok();
            }
            let pause = backoff.next().expect("a backoff without a last attempt");
            let again = tokio::time::Instant::now() + pause;
            alone += u32::from(self.ended);
            if alone > ALONE {
                return false;
            }
            if !self.hold_lines_until(again).await {
                self.over = true;
                return false;
            }
        }
    }

    /// Keeps what is typed until an instant; false where the person leaves.
    async fn hold_lines_until(&mut self, instant: tokio::time::Instant) -> bool {
        loop {
            tokio::select! {
                line = self.keyboard.line(), if !self.ended && self.waiting.len() < WAITING => match line {
                    Some(line) if super::leaves(&line) => return false,
                    Some(line) => self.waiting.push_back(line),
                    None => self.ended = true,
                },
                () = tokio::time::sleep_until(instant) => return true,
                _ = tokio::signal::ctrl_c() => return false,
            }
        }
    }
}
