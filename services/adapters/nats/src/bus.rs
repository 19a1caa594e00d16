//! The bus on NATS request and reply.
//!
//! Who serves a subject subscribes to it plainly, without a queue group: every replica gets every request, and who is
//! not the right one stays silent. Nothing is kept: what is lost is asked for again with the same id, and requests are
//! idempotent by it. One task sends all replies of a connection, so that none of them needs a task of its own. It does
//! not know what is asked.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_nats::client::RequestErrorKind;
use async_nats::{Client, HeaderMap, Request as Asking, Subject, Subscriber};
use async_trait::async_trait;
use futures_util::StreamExt as _;
use picket_bus::{Bus, BusError, Request, Requests, subjects};
use tokio::sync::mpsc;

use crate::call::connected;

/// The bound of requests that wait before one that serves. Backpressure: what comes beyond is dropped, and its asker
/// hears of the time.
const WAITING: usize = 4_096;
/// The interval at which it is looked whether the connection is back.
const LOOK: Duration = Duration::from_millis(20);
/// The time a server may take to know of a subscription; without an answer it counts as known.
const KNOWING: Duration = Duration::from_secs(2);
/// Says that a reply was larger than the server takes; its value is how large.
const TOO_LARGE: &str = "Picket-Too-Large";

/// The bus of a connection to NATS.
#[derive(Clone, Debug)]
pub struct NatsBus {
    client: Client,
    /// The queue in which replies wait to be sent; there once something is served.
    replies: Arc<OnceLock<mpsc::UnboundedSender<OutgoingReply>>>,
}

/// A reply on its way, and its subject.
type OutgoingReply = (Subject, Vec<u8>);

impl NatsBus {
    /// A bus on a connection.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            replies: Arc::default(),
        }
    }

    /// The queue of replies. Only requests that came in are answered, so that a few thousand wait there at the most.
    fn replies(&self) -> mpsc::UnboundedSender<OutgoingReply> {
        let started = self.replies.get_or_init(|| {
            let (sender, replies) = mpsc::unbounded_channel();
            tokio::spawn(send_replies(self.client.clone(), replies));
            sender
        });
        started.clone()
    }

    fn bound(&self, bytes: usize) -> Result<(), BusError> {
        match self.client.max_payload() {
            limit if bytes > limit => Err(BusError::TooLarge { bytes, limit }),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Bus for NatsBus {
    async fn ask(
        &self,
        subject: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, BusError> {
        self.bound(body.len())?;
        let late = || BusError::TimedOut(subject.to_owned());
        let asking = async {
            // The client would keep what is asked meanwhile, and send it when nobody waits any more.
            while !connected(&self.client) {
                tokio::time::sleep(LOOK).await;
            }
            self.client
                .send_request(
                    subject.to_owned(),
                    Asking::new().payload(body.into()).timeout(Some(patience)),
                )
                .await
        };
        // The client counts its own time only from when the question is on its way.
        let reply = tokio::time::timeout(patience, asking)
            .await
            .map_err(|_| late())?
            .map_err(|error| match error.kind() {
                RequestErrorKind::NoResponders => BusError::Nobody(subject.to_owned()),
                RequestErrorKind::TimedOut => late(),
                _ => BusError::Gone(error.to_string()),
            })?;
        let refused = reply
            .headers
            .as_ref()
            .and_then(|headers| headers.get(TOO_LARGE))
            .and_then(|bytes| bytes.as_str().parse().ok());
        match refused {
            Some(bytes) => Err(BusError::TooLarge {
                bytes,
                limit: self.client.max_payload(),
            }),
            None => Ok(reply.payload.into()),
        }
    }

    async fn serve(&self, subject: &str) -> Result<Requests, BusError> {
        let gone = |error: String| BusError::Gone(error);
        let subscriber = self
            .client
            .subscribe(subject.to_owned())
            .await
            .map_err(|error| gone(error.to_string()))?;
        // A server reads one connection in order: when it says that nobody is here, it knows of the subscription.
        // Its neighbours in a cluster learn of it a moment later.
        let nobody = self
            .client
            .send_request(subjects::PROBE, Asking::new().timeout(Some(KNOWING)))
            .await;
        if let Err(error) = nobody
            && !matches!(
                error.kind(),
                RequestErrorKind::NoResponders | RequestErrorKind::TimedOut
            )
        {
            return Err(gone(error.to_string()));
        }
        let (channel, requests) = mpsc::channel(WAITING);
        tokio::spawn(hand_on(self.replies(), subscriber, channel));
        Ok(Requests::new(requests))
    }

    async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
        self.bound(body.len())?;
        if !connected(&self.client) {
            return Err(BusError::Gone("there is no connection to NATS".to_owned()));
        }
        self.client
            .publish(subject.to_owned(), body.into())
            .await
            .map_err(|error| BusError::Gone(error.to_string()))
    }
}

/// Hands requests on until nobody serves any more or the connection is closed for good.
async fn hand_on(
    replies: mpsc::UnboundedSender<OutgoingReply>,
    mut subscriber: Subscriber,
    channel: mpsc::Sender<Request>,
) {
    loop {
        let message = tokio::select! {
            () = channel.closed() => None,
            message = subscriber.next() => message,
        };
        let Some(message) = message else { break };
        // A copy: the message would hold the whole buffer it was received in for as long as its answer takes.
        let body = message.payload.to_vec();
        let request = match message.reply {
            Some(to) => {
                let replies = replies.clone();
                // Who dropped the request stays silent; when nobody sends replies any more, the connection is gone.
                Request::answered_by(body, move |reply| drop(replies.send((to, reply))))
            }
            None => Request::new(body, None),
        };
        // One that is too far behind misses it; the asker hears of the time that passed.
        drop(channel.try_send(request));
    }
    drop(subscriber.unsubscribe().await);
}

/// Sends replies as they come, until nobody can answer any more.
async fn send_replies(client: Client, mut replies: mpsc::UnboundedReceiver<OutgoingReply>) {
    while let Some((to, body)) = replies.recv().await {
        // A reply that cannot be sent is one that was lost: the asker asks again.
        if body.len() > client.max_payload() {
            let mut headers = HeaderMap::new();
            headers.insert(TOO_LARGE, body.len().to_string().as_str());
            drop(client.publish_with_headers(to, headers, "".into()).await);
        } else {
            drop(client.publish(to, body.into()).await);
        }
    }
}

#[cfg(test)]
mod wire_tests;
