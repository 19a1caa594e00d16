//! One value in a stream of its own: read by many, written by one at a time.
//!
//! The publisher's checkpoint is kept in it. A write is a compare-and-append by the expected last sequence: who writes
//! names what it read last; where something else is there by now, nothing is written. It does not know what the value
//! says.

use std::time::Duration;

use async_nats::{Client, HeaderMap};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api;
use crate::call::{CallError, call, code, publish};
use crate::commit_message::EXPECTED;

/// The largest value: it must come back in one message, a third longer.
const LARGEST: usize = 1_400_000;

/// The value could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Somebody else has written since: nothing was written.
    #[error("somebody else has written since")]
    Overtaken,
    /// It is not known whether it was written, or it cannot be read now.
    #[error("{0}")]
    Away(String),
}

impl From<CallError> for ValueError {
    fn from(why: CallError) -> Self {
        match why {
            CallError::Refused {
                code: code::WRONG_LAST | code::WRONG_LAST_IN_FLIGHT,
                ..
            } => Self::Overtaken,
            why => Self::Away(why.to_string()),
        }
    }
}

/// A value as this process last saw it.
#[derive(Clone, Debug)]
pub struct NatsValue {
    client: Client,
    stream: String,
    subject: String,
    patience: Duration,
    /// The message that holds what was read or written last.
    seen: u64,
}

#[derive(Deserialize)]
struct ValueAnswer {
    message: ValueMessage,
}

#[derive(Deserialize)]
struct ValueMessage {
    seq: u64,
    #[serde(default)]
    data: String,
}

impl NatsValue {
    /// Makes the stream where there is none; it keeps the last value and nothing else.
    pub async fn open(
        client: Client,
        stream: &str,
        subject: &str,
        replicas: usize,
        patience: Duration,
    ) -> Result<Self, ValueError> {
        let (request, body) = create_request(stream, subject, replicas);
        match call::<Value>(&client, request, body, patience).await {
            Ok(_)
            | Err(CallError::Refused {
                code: code::IN_USE, ..
            }) => Ok(Self {
                client,
                stream: stream.to_owned(),
                subject: subject.to_owned(),
                patience,
                seen: 0,
            }),
            Err(why) => Err(why.into()),
        }
    }

    /// Reads the value at the leader of the stream; `None` where nothing was written.
    pub async fn read(&mut self) -> Result<Option<Vec<u8>>, ValueError> {
        let (request, body) = get_request(&self.stream, &self.subject);
        match call::<ValueAnswer>(&self.client, request, body, self.patience).await {
            Ok(ValueAnswer { message }) => {
                self.seen = message.seq;
                STANDARD
                    .decode(message.data)
                    .map(Some)
                    .map_err(|why| ValueError::Away(why.to_string()))
            }
            Err(CallError::Refused {
                code: code::NO_MESSAGE,
                ..
            }) => {
                self.seen = 0;
                Ok(None)
            }
            Err(why) => Err(why.into()),
        }
    }

    /// Writes it in place of what was read or written last. After [`ValueError::Away`] it may be there: read again.
    pub async fn write(&mut self, bytes: Vec<u8>) -> Result<(), ValueError> {
        if bytes.len() > LARGEST {
            return Err(ValueError::Away(format!(
                "it is {} bytes long, and at most {LARGEST} can be kept",
                bytes.len()
            )));
        }
        let ack = publish(
            &self.client,
            self.subject.clone(),
            headers(self.seen),
            bytes.into(),
            self.patience,
        )
        .await?;
        self.seen = ack.seq;
        Ok(())
    }
}

/// The request by which the stream is made, and its body: it keeps the last value and nothing else.
fn create_request(stream: &str, subject: &str, replicas: usize) -> (String, Vec<u8>) {
    let wanted = json!({
        "name": stream,
        "description": "How far Picket has told other systems.",
        "subjects": [subject],
        "retention": "limits",
        "storage": "file",
        "num_replicas": replicas,
        "discard": "old",
        "max_msgs_per_subject": 1,
        "max_bytes": 8 << 20,
    });
    (api::stream_create(stream), wanted.to_string().into_bytes())
}

/// The request by which the leader of the stream tells the value, and its body.
fn get_request(stream: &str, subject: &str) -> (String, Vec<u8>) {
    (
        api::message_get(stream),
        json!({ "last_by_subj": subject }).to_string().into_bytes(),
    )
}

/// The headers of a value that takes the place of the message `seen`.
fn headers(seen: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(EXPECTED, seen.to_string().as_str());
    headers
}

#[cfg(test)]
mod wire_tests;
