//! The pull consumer: commits in the order of the stream, for as long as its reader lives, acknowledging nothing.
//!
//! Pages and followers read through it. Messages lost on the way are not sent again: readers see it by the numbers of
//! commits and begin another one. Backpressure: what was not asked for does not come. It does not know where a reader
//! stands in a book.

use std::time::Duration;

use async_nats::{Client, StatusCode, Subscriber};
use futures_util::StreamExt as _;
use picket_journal::Unavailable;
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use crate::api;
use crate::commit_message::{CommitMessage, ROOT};
use crate::leader::StreamLeader;

/// The bound of one request for messages, in messages and in bytes.
const BATCH: usize = 512;
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// The interval of idle heartbeats: how often a server that has nothing to send says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// The silence after which a server is taken for gone.
const SILENCE: Duration = Duration::from_millis(2_500);
/// The time for which one request for messages stands.
const STANDING: Duration = Duration::from_secs(20);
/// A consumer nobody asks any more is removed by the server.
const FORGOTTEN: Duration = Duration::from_secs(30);
/// Beyond so many subjects a consumer takes the whole journal and its reader chooses.
const MOST_SUBJECTS: usize = 100;

/// Whether a consumer of so many books brings the whole stream.
pub(crate) fn brings_all(books: usize) -> bool {
    books > MOST_SUBJECTS
}

/// A consumer, and what is still due of the messages it was asked for.
pub(crate) struct PullConsumer {
    client: Client,
    stream: String,
    name: String,
    messages: Subscriber,
    inbox: String,
    /// The number of messages asked for that may still come.
    due: usize,
    /// Whether it brings every message of the stream, so that a gap in the sequences says that one was lost.
    pub(crate) whole: bool,
}

#[derive(Deserialize)]
struct ConsumerCreated {
    name: String,
}

impl PullConsumer {
    /// Starts at a sequence of the stream.
    pub(crate) async fn open(
        leader: &StreamLeader,
        subjects: &[String],
        from: u64,
    ) -> Result<Self, Unavailable> {
        let (client, stream) = (leader.client().clone(), leader.stream().to_owned());
        let inbox = client.new_inbox();
        let name = format!("picket-{}", inbox.rsplit('.').next().unwrap_or_default());
        let mut config = json!({
            "name": name,
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": from.max(1),
            "ack_policy": "none",
            "replay_policy": "instant",
            "max_waiting": 4,
            "inactive_threshold": nanoseconds(FORGOTTEN),
            "num_replicas": 1,
            "mem_storage": true,
        });
        // With one subject the name of the request says which, so that rights can be given by it.
        let request = match subjects {
            [one] => {
                config["filter_subject"] = json!(one);
                api::consumer_create_filtered(&stream, &name, one)
            }
            few if few.len() <= MOST_SUBJECTS => {
                config["filter_subjects"] = json!(few);
                api::consumer_create(&stream, &name)
            }
            _ => {
                let all = format!("{ROOT}.>");
                config["filter_subject"] = json!(all);
                api::consumer_create_filtered(&stream, &name, &all)
            }
        };
        let body = serde_json::to_vec(
            &json!({"stream_name": stream, "config": config, "action": "create"}),
        );
        let body = body.expect("a configuration holds only strings, numbers and lists");
        let messages = client
            .subscribe(inbox.clone())
            .await
            .map_err(|error| Unavailable(error.to_string()))?;
        // Idempotent: asked for twice under one name it is one consumer.
        let created: ConsumerCreated = leader
            .request(&request, &body)
            .await
            .map_err(|error| Unavailable(error.to_string()))?;
        Ok(Self {
            client,
            stream,
            name: created.name,
            messages,
            inbox,
            due: 0,
            whole: brings_all(subjects.len()),
        })
    }

    /// The next commit; `None` now and then while there is none, so that the reader can look around.
    ///
    /// A caller that stops waiting loses nothing. Silence is an error: a server that has nothing says so.
    pub(crate) async fn next(&mut self) -> Result<Option<CommitMessage>, Unavailable> {
        if self.due == 0 {
            self.request_more().await?;
        }
        let message = match timeout(SILENCE, self.messages.next()).await {
            Ok(Some(message)) => message,
            Ok(None) => return Err(Unavailable("the connection to NATS was closed".to_owned())),
            Err(_) => {
                return Err(Unavailable(
                    "the server that sends commits went silent".to_owned(),
                ));
            }
        };
        match message.status {
            None | Some(StatusCode::OK) if message.reply.is_some() => {
                self.due = self.due.saturating_sub(1);
                CommitMessage::delivered(&message)
                    .map(Some)
                    .map_err(|strange| Unavailable(strange.to_string()))
            }
            Some(StatusCode::IDLE_HEARTBEAT) => Ok(None),
            // The request has stood long enough, or has brought as many bytes as one may.
            Some(StatusCode::TIMEOUT | StatusCode::NOT_FOUND) => {
                self.due = 0;
                Ok(None)
            }
            Some(_)
                if message.description.as_deref().is_some_and(|words| {
                    words.contains("Batch Completed") || words.contains("MaxBytes")
                }) =>
            {
                self.due = 0;
                Ok(None)
            }
            status => Err(Unavailable(format!(
                "the server stopped sending commits: {} {}",
                status.map_or(0, |status| status.as_u16()),
                message.description.unwrap_or_default()
            ))),
        }
    }

    async fn request_more(&mut self) -> Result<(), Unavailable> {
        let body = json!({"batch": BATCH, "max_bytes": BATCH_BYTES, "expires": nanoseconds(STANDING), "idle_heartbeat": nanoseconds(HEARTBEAT)});
        let subject = api::consumer_next(&self.stream, &self.name);
        let sent = self
            .client
            .publish_with_reply(subject, self.inbox.clone(), body.to_string().into())
            .await;
        sent.map_err(|error| Unavailable(error.to_string()))?;
        self.due = BATCH;
        Ok(())
    }
}

impl Drop for PullConsumer {
    fn drop(&mut self) {
        // The server forgets it anyway; saying so spares it many at once.
        let (client, subject) = (
            self.client.clone(),
            api::consumer_delete(&self.stream, &self.name),
        );
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                client
                    .publish_with_reply(subject, client.new_inbox(), "".into())
                    .await
            });
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
