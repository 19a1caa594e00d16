//! The stream that other systems read: facts as CloudEvents, kept for a while.
//!
//! The publisher's sink sends through it. A message has its own id, which makes sending idempotent as long as the
//! stream remembers it: what is sent again is kept once. It does not know what an event says, and nothing of Picket
//! reads from it.

use std::collections::HashSet;
use std::time::Duration;

use async_nats::{Client, HeaderMap, StatusCode};
use futures_util::StreamExt as _;
use picket_bus::subjects;
use serde_json::{Value, json};

use crate::api;
use crate::call::{Ack, CallError, call, code, connected, read};

/// The bound of events in flight at once.
const IN_FLIGHT: usize = 128;
/// A day in nanoseconds, as JetStream counts.
const DAY: u64 = 86_400_000_000_000;
/// The header JetStream tells repetitions by.
const MESSAGE_ID: &str = "Nats-Msg-Id";

/// Events could not be kept, or it is not known whether they were.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EventsError(String);

impl From<CallError> for EventsError {
    fn from(why: CallError) -> Self {
        Self(why.to_string())
    }
}

/// One event as it is sent.
#[derive(Clone, Debug)]
pub struct EventMessage {
    /// The subject: `picket.event.<jurisdiction>.<type>`.
    pub subject: String,
    /// The same for every repetition.
    pub id: String,
    /// Names in lower case, and their values.
    pub headers: Vec<(&'static str, String)>,
    /// The event itself.
    pub body: Vec<u8>,
}

/// The stream of events.
#[derive(Clone, Debug)]
pub struct NatsEvents {
    client: Client,
    patience: Duration,
}

impl NatsEvents {
    /// Makes the stream where there is none: a week of events, at most `max_bytes` of them, the oldest go first.
    pub async fn open(
        client: Client,
        stream: &str,
        replicas: usize,
        max_bytes: u64,
        patience: Duration,
    ) -> Result<Self, EventsError> {
        let (request, body) = create_request(stream, replicas, max_bytes);
        match call::<Value>(&client, request, body, patience).await {
            Ok(_)
            | Err(CallError::Refused {
                code: code::IN_USE, ..
            }) => Ok(Self { client, patience }),
            Err(why) => Err(why.into()),
        }
    }

    /// Sends these in order and waits until the stream has all of them; after an error any of them may be there, and to
    /// send them again is idempotent as long as the stream remembers their ids.
    pub async fn emit(&self, messages: Vec<EventMessage>) -> Result<(), EventsError> {
        let mut messages = messages.into_iter().peekable();
        while messages.peek().is_some() {
            let some: Vec<_> = messages.by_ref().take(IN_FLIGHT).collect();
            let sent = tokio::time::timeout(self.patience, self.send(some)).await;
            sent.unwrap_or(Err(EventsError::from(CallError::TimedOut)))?;
        }
        Ok(())
    }

    /// One after the other onto the connection, which keeps their order; then the answers, as they come.
    ///
    /// Each message is answered on a subject of its own below one inbox. The sequences in the answers would not do: two
    /// messages of one id are answered with the same one, and an answer may come twice while another was lost.
    async fn send(&self, messages: Vec<EventMessage>) -> Result<(), EventsError> {
        if !connected(&self.client) {
            return Err(CallError::Disconnected.into());
        }
        let lost = |why: String| EventsError::from(CallError::Garbled(why));
        let inbox = self.client.new_inbox();
        let mut acks = self
            .client
            .subscribe(format!("{inbox}.*"))
            .await
            .map_err(|why| lost(why.to_string()))?;
        let mut waiting: HashSet<String> = HashSet::new();
        for (at, message) in messages.into_iter().enumerate() {
            let answer_to = format!("{inbox}.{at}");
            waiting.insert(answer_to.clone());
            let headers = headers(&message);
            self.client
                .publish_with_reply_and_headers(
                    message.subject,
                    answer_to,
                    headers,
                    message.body.into(),
                )
                .await
                .map_err(|why| lost(why.to_string()))?;
        }
        while !waiting.is_empty() {
            let ack = acks
                .next()
                .await
                .ok_or_else(|| lost("the connection ended".to_owned()))?;
            if ack.status == Some(StatusCode::NO_RESPONDERS) {
                return Err(CallError::Nobody.into());
            }
            read::<Ack>(&ack.payload)?;
            waiting.remove(&*ack.subject);
        }
        Ok(())
    }
}

/// The request by which the stream is made, and its body: a week of events, known again for a day.
fn create_request(stream: &str, replicas: usize, max_bytes: u64) -> (String, Vec<u8>) {
    let wanted = json!({
        "name": stream,
        "description": "What Picket tells other systems.",
        "subjects": [format!("{}.>", subjects::EVENTS)],
        "retention": "limits",
        "storage": "file",
        "num_replicas": replicas,
        "discard": "old",
        "max_bytes": max_bytes,
        "max_age": 7 * DAY,
        "duplicate_window": DAY,
    });
    (api::stream_create(stream), wanted.to_string().into_bytes())
}

/// The headers of an event: its id, by which a repetition is known, and its own.
fn headers(message: &EventMessage) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(MESSAGE_ID, message.id.as_str());
    for (name, value) in &message.headers {
        headers.insert(*name, value.as_str());
    }
    headers
}

#[cfg(test)]
mod wire_tests;
