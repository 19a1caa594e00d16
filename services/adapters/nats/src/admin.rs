//! The operator's requests to JetStream: what time its server says it is, and taking a stream away.
//!
//! The binary asks them when it connects, after a replay and in a measurement; it speaks no JetStream itself. Each is
//! one attempt. They do not know what a stream holds.

use std::time::Duration;

use async_nats::Client;
use picket_bus::subjects;
use serde::Deserialize;

use crate::api;
use crate::call::{CallError, call, code, publish};

/// The time one request may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// JetStream did not do what was asked, or did not say so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StreamError(String);

impl From<CallError> for StreamError {
    fn from(why: CallError) -> Self {
        Self(why.to_string())
    }
}

/// The times a stream tells, as its server writes them: RFC 3339 in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamTimes {
    /// What time it is at the server.
    pub now: String,
    /// When the last message was stored; `None` where there is none.
    pub last_write: Option<String>,
}

#[derive(Deserialize)]
struct TimesAnswer {
    ts: String,
    state: TimesState,
}

#[derive(Deserialize)]
struct TimesState {
    #[serde(default)]
    messages: u64,
    last_ts: Option<String>,
}

impl From<TimesAnswer> for StreamTimes {
    fn from(answer: TimesAnswer) -> Self {
        // Of an empty stream the server tells the first instant there is.
        let written = answer.state.messages > 0;
        Self {
            now: answer.ts,
            last_write: answer.state.last_ts.filter(|_| written),
        }
    }
}

/// Asks what time it is at the server of a stream, and when that last stored something.
pub async fn stream_times(client: &Client, stream: &str) -> Result<StreamTimes, StreamError> {
    let answer: TimesAnswer = call(client, api::stream_info(stream), Vec::new(), PATIENCE).await?;
    Ok(answer.into())
}

/// Takes a stream away with all it holds; one that is not there is gone already. Only a replay's own may ever go.
pub async fn delete_stream(client: &Client, stream: &str) -> Result<(), StreamError> {
    #[derive(Deserialize)]
    struct StreamDeleted {
        #[serde(rename = "success")]
        _success: serde::de::IgnoredAny,
    }
    let deleted =
        call::<StreamDeleted>(client, api::stream_delete(stream), Vec::new(), PATIENCE).await;
    match deleted {
        Ok(_)
        | Err(CallError::Refused {
            code: code::NO_STREAM,
            ..
        }) => Ok(()),
        Err(why) => Err(why.into()),
    }
}

/// Stores bytes that are no commit among the journal's, in the book `raw/NAME` which nobody keeps: a measurement of the
/// server alone.
pub async fn store_bytes(client: &Client, name: &str, bytes: Vec<u8>) -> Result<(), StreamError> {
    let subject = subjects::commit("raw", name);
    publish(
        client,
        subject,
        async_nats::HeaderMap::new(),
        bytes.into(),
        PATIENCE,
    )
    .await
    .map(drop)
    .map_err(StreamError::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::read;

    fn times(answer: &str) -> StreamTimes {
        read::<TimesAnswer>(answer.as_bytes()).unwrap().into()
    }

    #[test]
    fn an_empty_stream_was_never_written_to() {
        let empty = times(
            r#"{"type":"io.nats.jetstream.api.v1.stream_info_response","config":{},"state":{"messages":0,"last_ts":"0001-01-01T00:00:00Z"},"ts":"2026-03-04T02:12:00.5Z"}"#,
        );
        assert_eq!(
            (empty.now.as_str(), empty.last_write),
            ("2026-03-04T02:12:00.5Z", None)
        );
        let written = times(
            r#"{"state":{"messages":3,"last_ts":"2026-03-04T02:11:00Z"},"ts":"2026-03-04T02:12:00Z"}"#,
        );
        assert_eq!(written.last_write.as_deref(), Some("2026-03-04T02:11:00Z"));
    }

    #[test]
    fn a_refusal_and_an_answer_without_a_time_are_errors() {
        let gone = br#"{"error":{"code":404,"err_code":10059,"description":"stream not found"}}"#;
        assert!(read::<TimesAnswer>(gone).is_err());
        assert!(read::<TimesAnswer>(br#"{"state":{"messages":3}}"#).is_err());
    }
}
