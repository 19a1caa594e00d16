//! The port of a bus: three verbs over subjects and bytes.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;

/// The transport of commands and questions.
#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// Sends a request to whoever serves the subject and waits for the first reply. Bodies are bytes and travel as they
    /// are.
    /// Nobody serving is told at once; a reply that does not come in time is told as such.
    async fn ask(
        &self,
        subject: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, BusError>;

    /// Serves a subject until the requests are dropped. Several may serve one subject; each gets every
    /// request, and who is not the right one stays silent.
    async fn serve(&self, subject: &str) -> Result<Requests, BusError>;

    /// Sends to whoever serves the subject, without waiting for anything. Nobody serving is no error.
    async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError>;
}

/// The reason why there is no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BusError {
    /// Nobody serves the subject.
    #[error("nobody serves `{0}`")]
    Nobody(String),
    /// No reply in time; it may have been acted upon.
    #[error("no reply on `{0}` in time")]
    TimedOut(String),
    /// The request or its reply is larger than what travels in one message.
    #[error("a message of {bytes} bytes is larger than the {limit} that travel at once")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The largest size.
        limit: usize,
    },
    /// The bus itself is gone.
    #[error("the bus is gone: {0}")]
    Gone(String),
}

/// One request.
#[derive(Debug)]
pub struct Request {
    /// The bytes that were sent.
    pub body: Vec<u8>,
    reply: Option<ReplyPath>,
}

/// The way back of a reply.
enum ReplyPath {
    Channel(mpsc::Sender<Vec<u8>>),
    Call(Box<dyn FnOnce(Vec<u8>) + Send>),
}

impl std::fmt::Debug for ReplyPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReplyPath")
    }
}

impl Request {
    /// A request; without `reply` nobody waits.
    pub fn new(body: Vec<u8>, reply: Option<mpsc::Sender<Vec<u8>>>) -> Self {
        Self {
            body,
            reply: reply.map(ReplyPath::Channel),
        }
    }

    /// A request whose reply is handed to `reply`, at once and without waiting.
    pub fn answered_by(body: Vec<u8>, reply: impl FnOnce(Vec<u8>) + Send + 'static) -> Self {
        Self {
            body,
            reply: Some(ReplyPath::Call(Box::new(reply))),
        }
    }

    /// Whether somebody waits for a reply.
    pub fn wants_reply(&self) -> bool {
        self.reply.is_some()
    }

    /// Replies; only the first reply to a request counts.
    pub fn reply(self, body: Vec<u8>) {
        match self.reply {
            // Full: somebody else was first. Closed: nobody waits any more. Neither needs a word.
            Some(ReplyPath::Channel(reply)) => drop(reply.try_send(body)),
            Some(ReplyPath::Call(reply)) => reply(body),
            None => {}
        }
    }
}

/// The requests on a subject, as they come.
#[derive(Debug)]
pub struct Requests(mpsc::Receiver<Request>);

impl Requests {
    /// Requests from a channel.
    pub fn new(channel: mpsc::Receiver<Request>) -> Self {
        Self(channel)
    }

    /// The next one; `None` when the bus is gone.
    pub async fn next(&mut self) -> Option<Request> {
        self.0.recv().await
    }
}
