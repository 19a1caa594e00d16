//! The bus on NATS request and reply.
//!
//! Who serves a subject subscribes to it plainly, without a queue group: every replica gets every request, and
//! who is not the right one stays silent. Nothing is kept: what is lost is asked for again with the same id.
//! It does not know what is asked.

use std::time::Duration;

use async_nats::client::RequestErrorKind;
use async_nats::{Client, HeaderMap, Message, Request as Asking, Subscriber};
use async_trait::async_trait;
use futures_util::StreamExt as _;
use picket_bus::{Bus, BusError, Request, Requests};
use tokio::sync::mpsc;

/// How many requests may wait before one that serves; what comes beyond is dropped, and its asker hears of the time.
const WAITING: usize = 4_096;
/// A subject that every key may ask on and nobody serves.
const NOBODY_HERE: &str = "picket.here";
/// How long a server may take to know of a subscription; without an answer it counts as known.
const KNOWING: Duration = Duration::from_secs(2);
/// Says that a reply was larger than the server takes; its value is how large.
const TOO_LARGE: &str = "Picket-Too-Large";

/// The bus of a connection to NATS.
#[derive(Clone, Debug)]
pub struct NatsBus {
    client: Client,
}

impl NatsBus {
    /// A bus on a connection.
    pub fn new(client: Client) -> Self {
        Self { client }
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
    async fn ask(&self, subject: &str, body: Vec<u8>, patience: Duration) -> Result<Vec<u8>, BusError> {
        self.bound(body.len())?;
        let asking = Asking::new().payload(body.into()).timeout(Some(patience));
        let reply = self.client.send_request(subject.to_owned(), asking).await.map_err(|error| match error.kind() {
            RequestErrorKind::NoResponders => BusError::Nobody(subject.to_owned()),
            RequestErrorKind::TimedOut => BusError::TimedOut(subject.to_owned()),
            _ => BusError::Gone(error.to_string()),
        })?;
        let refused = reply.headers.as_ref().and_then(|headers| headers.get(TOO_LARGE)).and_then(|bytes| bytes.as_str().parse().ok());
        match refused {
            Some(bytes) => Err(BusError::TooLarge { bytes, limit: self.client.max_payload() }),
            None => Ok(reply.payload.into()),
        }
    }

    async fn serve(&self, subject: &str) -> Result<Requests, BusError> {
        let gone = |error: String| BusError::Gone(error);
        let subscriber = self.client.subscribe(subject.to_owned()).await.map_err(|error| gone(error.to_string()))?;
        // A server reads one connection in order: when it says that nobody is here, it knows of the subscription.
        // Its neighbours in a cluster learn of it a moment later.
        let nobody = self.client.send_request(NOBODY_HERE, Asking::new().timeout(Some(KNOWING))).await;
        if let Err(error) = nobody
            && !matches!(error.kind(), RequestErrorKind::NoResponders | RequestErrorKind::TimedOut)
        {
            return Err(gone(error.to_string()));
        }
        let (channel, requests) = mpsc::channel(WAITING);
        tokio::spawn(hand_on(self.client.clone(), subscriber, channel));
        Ok(Requests::new(requests))
    }

    async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
        self.bound(body.len())?;
        self.client.publish(subject.to_owned(), body.into()).await.map_err(|error| BusError::Gone(error.to_string()))
    }
}

/// Hands requests on until nobody serves any more or the connection is closed for good.
async fn hand_on(client: Client, mut subscriber: Subscriber, channel: mpsc::Sender<Request>) {
    loop {
        let message = tokio::select! {
            () = channel.closed() => None,
            message = subscriber.next() => message,
        };
        let Some(message) = message else { break };
        let reply = message.reply.as_ref().map(|_| mpsc::channel(1));
        let (sender, replies) = reply.map_or((None, None), |(sender, replies)| (Some(sender), Some(replies)));
        // One that is too far behind misses it; the asker hears of the time that passed.
        if channel.try_send(Request::new(message.payload.to_vec(), sender)).is_ok()
            && let Some(replies) = replies
        {
            tokio::spawn(send_reply(client.clone(), message, replies));
        }
    }
    drop(subscriber.unsubscribe().await);
}

/// Sends the reply once there is one; who dropped the request stays silent.
async fn send_reply(client: Client, request: Message, mut replies: mpsc::Receiver<Vec<u8>>) {
    let (Some(body), Some(to)) = (replies.recv().await, request.reply) else { return };
    // A reply that cannot be sent is one that was lost: the asker asks again.
    if body.len() > client.max_payload() {
        let mut headers = HeaderMap::new();
        headers.insert(TOO_LARGE, body.len().to_string().as_str());
        drop(client.publish_with_headers(to, headers, "".into()).await);
    } else {
        drop(client.publish(to, body.into()).await);
    }
}
