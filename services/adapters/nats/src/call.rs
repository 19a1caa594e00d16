//! One request to JetStream, and its answer in JSON.
//!
//! Every request here goes through [`call`]; publishing a commit or a value goes through [`publish`].
//! It does not know what the answers mean for a book.

use std::time::Duration;

use async_nats::client::RequestErrorKind;
use async_nats::{Client, HeaderMap, Request};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The codes of JetStream that mean something of their own here.
pub(crate) mod code {
    /// Storage limits of the account.
    pub(crate) const ACCOUNT_FULL: u64 = 10002;
    /// The cluster has no leader for its own affairs.
    pub(crate) const CLUSTER_AWAY: u64 = 10008;
    /// Memory or disk of the server.
    pub(crate) const SERVER_FULL: u64 = 10023;
    /// No message with that number, or none on that subject.
    pub(crate) const NO_MESSAGE: u64 = 10037;
    /// JetStream is not enabled for the account.
    pub(crate) const NOT_FOR_ACCOUNT: u64 = 10039;
    /// Disk of the server.
    pub(crate) const DISK_FULL: u64 = 10047;
    /// The message is larger than the stream allows.
    pub(crate) const TOO_LARGE: u64 = 10054;
    /// There is such a stream with other settings; those are its operator's affair.
    pub(crate) const IN_USE: u64 = 10058;
    /// There is no such stream.
    pub(crate) const NO_STREAM: u64 = 10059;
    /// The subject ends elsewhere.
    pub(crate) const WRONG_LAST: u64 = 10071;
    /// JetStream is not enabled at all.
    pub(crate) const NOT_ENABLED: u64 = 10076;
    /// The store said no: it is full, or it failed.
    pub(crate) const NOT_STORED: u64 = 10077;
    /// Another message of the subject is on its way.
    pub(crate) const WRONG_LAST_IN_FLIGHT: u64 = 10164;
}

/// The reason why there is no good answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum CallError {
    /// Nobody is there to answer: nothing was done.
    #[error("nobody answers for JetStream")]
    Nobody,
    /// The connection is down: nothing was sent.
    #[error("there is no connection to NATS")]
    Disconnected,
    /// It may have been done.
    #[error("JetStream did not answer in time")]
    TimedOut,
    /// JetStream says no.
    #[error("JetStream said {description} ({code})")]
    Refused {
        /// Its own code.
        code: u64,
        /// Its own words.
        description: String,
    },
    /// The answer is no JSON of the expected shape, or the connection broke while waiting for it.
    #[error("the answer of JetStream was lost: {0}")]
    Garbled(String),
}

#[derive(Deserialize)]
struct ApiAnswer<T> {
    error: Option<ApiRefusal>,
    #[serde(flatten)]
    answer: Option<T>,
}

#[derive(Deserialize)]
struct ApiRefusal {
    #[serde(default)]
    err_code: u64,
    #[serde(default)]
    description: String,
}

/// The acknowledgement of a message that is stored.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Ack {
    /// Its sequence in the stream; of a batch, that of the last.
    pub(crate) seq: u64,
    /// The number of messages a batch stored.
    #[serde(default)]
    pub(crate) count: u64,
    /// The stream had a message of the same id, which stands at `seq`, and stored no other. Events have ids, commits
    /// have none.
    #[serde(default)]
    pub(crate) duplicate: bool,
}

/// Whether what is sent now leaves now. While there is no connection the client would keep it and send it later.
pub(crate) fn connected(client: &Client) -> bool {
    client.connection_state() == async_nats::connection::State::Connected
}

/// Asks `subject` and reads the answer.
pub(crate) async fn call<T: DeserializeOwned>(
    client: &Client,
    subject: String,
    body: Vec<u8>,
    patience: Duration,
) -> Result<T, CallError> {
    read(
        &send(
            client,
            subject,
            Request::new().payload(body.into()),
            patience,
        )
        .await?,
    )
}

/// Publishes to a stream and waits until it says that the message is stored.
pub(crate) async fn publish(
    client: &Client,
    subject: String,
    headers: HeaderMap,
    body: Bytes,
    patience: Duration,
) -> Result<Ack, CallError> {
    read(
        &send(
            client,
            subject,
            Request::new().headers(headers).payload(body),
            patience,
        )
        .await?,
    )
}

/// Sends a request and gives the bytes that came back.
pub(crate) async fn send(
    client: &Client,
    subject: String,
    request: Request,
    patience: Duration,
) -> Result<Bytes, CallError> {
    if !connected(client) {
        return Err(CallError::Disconnected);
    }
    let reply = client
        .send_request(subject, request.timeout(Some(patience)))
        .await;
    reply
        .map(|message| message.payload)
        .map_err(|error| match error.kind() {
            RequestErrorKind::NoResponders => CallError::Nobody,
            RequestErrorKind::TimedOut => CallError::TimedOut,
            _ => CallError::Garbled(error.to_string()),
        })
}

/// Reads an answer: a refusal, or what was asked for.
pub(crate) fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, CallError> {
    let envelope: ApiAnswer<T> =
        serde_json::from_slice(answer).map_err(|why| CallError::Garbled(why.to_string()))?;
    match envelope {
        ApiAnswer {
            error: Some(refusal),
            ..
        } => Err(CallError::Refused {
            code: refusal.err_code,
            description: refusal.description,
        }),
        ApiAnswer {
            answer: Some(answer),
            ..
        } => Ok(answer),
        ApiAnswer { .. } => Err(CallError::Garbled("it lacks what was asked for".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_from_an_ack_that_stands_beside_it() {
        let stale = br#"{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 7"},"stream":"S","seq":0}"#;
        let refused = CallError::Refused {
            code: code::WRONG_LAST,
            description: "wrong last sequence: 7".to_owned(),
        };
        assert_eq!(read::<Ack>(stale).unwrap_err(), refused);
        let racing = br#"{"error":{"code":400,"err_code":10164,"description":"wrong last sequence"},"stream":"S","seq":0}"#;
        assert!(matches!(
            read::<Ack>(racing),
            Err(CallError::Refused {
                code: code::WRONG_LAST_IN_FLIGHT,
                ..
            })
        ));
    }

    #[test]
    fn an_ack_says_where_its_message_is_and_whether_it_was_there_before() {
        let ack: Ack = read(br#"{"stream":"S","seq":12}"#).unwrap();
        assert_eq!((ack.seq, ack.count, ack.duplicate), (12, 0, false));
        let ack: Ack = read(br#"{"stream":"S","seq":12,"duplicate":true}"#).unwrap();
        assert!(ack.duplicate);
        let ack: Ack = read(br#"{"stream":"S","seq":512,"batch":"b","count":500}"#).unwrap();
        assert_eq!((ack.seq, ack.count), (512, 500));
    }

    #[test]
    fn an_answer_of_another_shape_is_no_answer() {
        for garbled in [&b""[..], b"null", b"[]", b"{}", b"{\"seq\":", b"\xff"] {
            assert!(
                matches!(read::<Ack>(garbled), Err(CallError::Garbled(_))),
                "{garbled:?}"
            );
        }
    }
}
