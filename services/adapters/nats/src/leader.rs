//! Requests to the leader of the stream: idempotent ones, retried soon after a message that was lost.
//!
//! The journal's attempts, its consumers and its followers ask through it. Only the leader has all that was
//! acknowledged; a replica may lag. A read there is linearizable, but for a server that led until a moment ago and does
//! not know better yet: what the tail says is checked for that, and a follower compares what it read with the leader's
//! own counts. It does not know what a book is good for.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::Client;
use picket_journal::{BookName, Unavailable};
use serde::Deserialize;
use serde_json::json;

use crate::api;
use crate::call::{CallError, call, code};
use crate::commit_message::{CommitMessage, ROOT, RawMessage, book_of};
use crate::settings::JournalSettings;
use crate::stream::StreamInfo;
use crate::tail::{StreamIdentity, StreamTail};

/// An idempotent request is sent again after these parts of the time an answer may take, and then all of that is
/// waited. One message that was lost costs a moment, and a server that is slow still has its time.
const SOON: [u32; 2] = [8, 4];

/// The leader of the stream, as one connection reaches it.
pub(crate) struct StreamLeader {
    client: Client,
    stream: String,
    /// The time one request may take.
    answer: Duration,
}

#[derive(Deserialize)]
struct MessageAnswer {
    message: RawMessage,
}

impl StreamLeader {
    pub(crate) fn new(client: Client, settings: &JournalSettings) -> Self {
        Self {
            client,
            stream: settings.stream.clone(),
            answer: settings.answer,
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The name of the stream.
    pub(crate) fn stream(&self) -> &str {
        &self.stream
    }

    /// The tail of the stream: its last sequence as its leader says it, and which stream that is.
    pub(crate) async fn tail(&self) -> Result<StreamTail, Unavailable> {
        self.info(&[]).await.map(|info| self.tail_of(info))
    }

    /// The same, and how many commits each book has up to there, or a few more; `None` where the list was cut.
    pub(crate) async fn tail_and_counts(
        &self,
    ) -> Result<(StreamTail, Option<HashMap<BookName, u64>>), Unavailable> {
        let body = serde_json::to_vec(&json!({"subjects_filter": format!("{ROOT}.>")}))
            .expect("a request holds only strings");
        let mut info = self.info(&body).await?;
        let subjects = std::mem::take(&mut info.state.subjects);
        let whole = subjects.len() >= info.total;
        let counts = whole.then(|| {
            subjects
                .into_iter()
                .filter_map(|(subject, count)| Some((book_of(&subject)?, count)))
                .collect()
        });
        Ok((self.tail_of(info), counts))
    }

    fn tail_of(&self, info: StreamInfo) -> StreamTail {
        let identity = StreamIdentity {
            connection: self.connection(),
            created: info.created,
            leader: info.cluster.unwrap_or_default().leader,
        };
        StreamTail {
            identity,
            seq: info.state.last_seq,
        }
    }

    /// The state of the stream, as its leader says.
    async fn info(&self, body: &[u8]) -> Result<StreamInfo, Unavailable> {
        let info: Result<StreamInfo, CallError> =
            self.request(&api::stream_info(&self.stream), body).await;
        let info = info.map_err(|error| Unavailable(error.to_string()))?;
        if info.is_the_leaders() {
            Ok(info)
        } else {
            Err(Unavailable(
                "whoever answered does not lead the stream".to_owned(),
            ))
        }
    }

    /// The count of connections the client has made; messages may be lost whenever it changes.
    pub(crate) fn connection(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::Relaxed)
    }

    /// One message of the stream: the one of a sequence, or the first or the last of a subject.
    pub(crate) async fn get(
        &self,
        which: &serde_json::Value,
    ) -> Result<Option<CommitMessage>, Unavailable> {
        let body = serde_json::to_vec(which).expect("a request holds only strings and numbers");
        let subject = api::message_get(&self.stream);
        match self.request::<MessageAnswer>(&subject, &body).await {
            Ok(answered) => CommitMessage::answered(answered.message)
                .map(Some)
                .map_err(|strange| Unavailable(strange.to_string())),
            Err(CallError::Refused {
                code: code::NO_MESSAGE,
                ..
            }) => Ok(None),
            Err(error) => Err(Unavailable(error.to_string())),
        }
    }

    /// Sends an idempotent request, retrying where its answer was lost.
    pub(crate) async fn request<T: serde::de::DeserializeOwned>(
        &self,
        subject: &str,
        body: &[u8],
    ) -> Result<T, CallError> {
        let answer = self.answer;
        for part in SOON {
            match call(
                &self.client,
                subject.to_owned(),
                body.to_vec(),
                answer / part,
            )
            .await
            {
                Err(CallError::TimedOut) => {}
                answered => return answered,
            }
        }
        call(&self.client, subject.to_owned(), body.to_vec(), answer).await
    }
}
