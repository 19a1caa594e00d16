//! Wishes over NATS as an edge sends them: again with the same id until there is an answer, for a bounded time.
//!
//! Every answer that ever comes is kept, also one to an attempt nobody waits for any more, so that a second
//! holder of a book who answers otherwise is found out. It does not know what is wished.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use parking_lot::{Mutex, MutexGuard};
use picket_bus::{EdgeReply, EdgeRequest};
use picket_nats::Client;
use picket_schemas::ask::{After, Question, Viewer};
use picket_schemas::{Answer, Jurisdiction, Wish};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

/// How long one attempt waits.
const ATTEMPT: Duration = Duration::from_millis(1_500);
/// The pause before the next one where nobody is there, or the book says that it cannot now.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a wish may stay without an answer at all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// What a book says that did nothing, or does not know: the same wish is sent again.
const AGAIN: [&str; 4] = ["busy", "not_saved", "outcome_unknown", "stopped"];

/// What came back to one attempt.
enum Heard {
    Nobody,
    EdgeReply(Box<EdgeReply>),
}

/// Every final answer that came for an id.
pub(crate) type Told = BTreeMap<String, Vec<Result<Answer, String>>>;

#[derive(Default)]
struct Shared {
    /// Attempts under way, and whose they were.
    attempts: BTreeMap<u64, (String, Option<oneshot::Sender<Heard>>)>,
    told: Told,
}

/// One connection.
pub(crate) struct Wire {
    client: Client,
    inbox: String,
    number: AtomicU64,
    shared: Arc<Mutex<Shared>>,
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock()
}

impl Wire {
    pub(crate) async fn new(client: Client) -> Self {
        let (inbox, shared) = (client.new_inbox(), Arc::<Mutex<Shared>>::default());
        let mut replies = client.subscribe(format!("{inbox}.*")).await.unwrap();
        let heard = shared.clone();
        tokio::spawn(async move {
            while let Some(message) = replies.next().await {
                let attempt = message
                    .subject
                    .rsplit('.')
                    .next()
                    .and_then(|number| number.parse().ok())
                    .unwrap_or(0);
                let nobody = message.status.is_some_and(|status| status.as_u16() == 503);
                let came = if nobody {
                    Heard::Nobody
                } else {
                    Heard::EdgeReply(Box::new(serde_json::from_slice(&message.payload).unwrap()))
                };
                hear(&mut lock(&heard), attempt, came);
            }
        });
        Self {
            client,
            inbox,
            number: AtomicU64::new(1),
            shared,
        }
    }

    /// One wish, sent until it is answered: with yes, or with the code of a no.
    pub(crate) async fn wish(&self, to: &Jurisdiction, wish: &Wish) -> Result<Answer, String> {
        let wanted = EdgeRequest::Wish {
            id: wish.id.to_string(),
            by: wish.by.clone(),
            via: wish.via.clone(),
            made: wish.made,
            observed: wish.observed,
            trace: String::new(),
            command: serde_json::to_value(&wish.command).unwrap(),
        };
        let (body, subject) = (
            serde_json::to_vec(&wanted).unwrap(),
            format!("picket.do.{}.{to}", wish.command.service()),
        );
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            match self
                .attempt(&subject, wish.id.as_str(), &body, ATTEMPT)
                .await
            {
                Some(Heard::EdgeReply(served)) => match *served {
                    EdgeReply::Done(answer) => return Ok(answer),
                    EdgeReply::No(no) if !AGAIN.contains(&no.code.as_str()) => {
                        return Err(format!("{}: {}", no.code, no.title));
                    }
                    EdgeReply::No(_) | EdgeReply::View(_) => sleep(PAUSE).await,
                },
                Some(Heard::Nobody) => sleep(PAUSE).await,
                None => {}
            }
        }
        Err(format!("no answer within {PATIENCE:?}"))
    }

    async fn attempt(
        &self,
        subject: &str,
        id: &str,
        body: &[u8],
        patience: Duration,
    ) -> Option<Heard> {
        let (number, (reply, heard)) = (
            self.number.fetch_add(1, Ordering::Relaxed),
            oneshot::channel(),
        );
        lock(&self.shared)
            .attempts
            .insert(number, (id.to_owned(), Some(reply)));
        let sent = self.client.publish_with_reply(
            subject.to_owned(),
            format!("{}.{number}", self.inbox),
            body.to_vec().into(),
        );
        // Not sent, it is as lost as one that was not heard.
        drop(timeout(patience, sent).await);
        timeout(patience, heard).await.ok()?.ok()
    }

    /// A question, put to everybody who answers questions; what all of them said within a time.
    pub(crate) async fn ask_all(
        &self,
        viewer: &Viewer,
        question: &Question,
        after: &After,
        within: Duration,
    ) -> Vec<EdgeReply> {
        let wanted = EdgeRequest::Question {
            id: String::new(),
            question: question.clone(),
            after: after.clone(),
            viewer: viewer.clone(),
        };
        let inbox = self.client.new_inbox();
        let replies = self.client.subscribe(inbox.clone()).await.unwrap();
        self.client
            .publish_with_reply(
                "picket.ask",
                inbox,
                serde_json::to_vec(&wanted).unwrap().into(),
            )
            .await
            .unwrap();
        let all = replies
            .take_until(Box::pin(sleep(within)))
            .filter_map(async |message| serde_json::from_slice(&message.payload).ok());
        Box::pin(all).collect().await
    }

    /// Everything that was ever answered here.
    pub(crate) fn told(&self) -> Told {
        lock(&self.shared).told.clone()
    }
}

fn hear(shared: &mut Shared, attempt: u64, came: Heard) {
    let Some((id, waiting)) = shared.attempts.get_mut(&attempt) else {
        return;
    };
    if let Heard::EdgeReply(served) = &came {
        let told = match &**served {
            EdgeReply::Done(answer) => Some(Ok(answer.clone())),
            EdgeReply::No(no) if !AGAIN.contains(&no.code.as_str()) => Some(Err(no.code.clone())),
            EdgeReply::No(_) | EdgeReply::View(_) => None,
        };
        if let Some(told) = told {
            shared.told.entry(id.clone()).or_default().push(told);
        }
    }
    if let Some(waiting) = waiting.take() {
        // Whoever waited may have sent the wish again by now.
        drop(waiting.send(came));
    }
}
