//! The client: the bus of another process, through its socket.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use picket_bus::{Bus, BusError, Request, Requests};
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::lines::{self, Lines, ToClient, ToServer, WAITING, Why, bytes, text};

/// The bus of another process, through its socket.
pub struct SocketBus {
    out: mpsc::Sender<ToServer>,
    shared: Arc<Shared>,
    numbers: AtomicU64,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    asked: Mutex<HashMap<u64, oneshot::Sender<Result<String, BusError>>>>,
    serving: Mutex<HashMap<u64, mpsc::Sender<Request>>>,
    gone: AtomicBool,
}

impl SocketBus {
    /// Connects; an error says that nobody is there.
    pub async fn connect(path: &Path) -> io::Result<Self> {
        let (read, write) = UnixStream::connect(path).await?.into_split();
        let (out, writer) = lines::writer(write);
        let shared = Arc::new(Shared::default());
        let (own, back) = (shared.clone(), out.clone());
        let reader = tokio::spawn(async move {
            let mut lines = Lines::new(read);
            while let Some(message) = lines.next().await {
                own.take(message, &back);
            }
            own.end();
        });
        Ok(Self {
            out,
            shared,
            numbers: AtomicU64::new(1),
            tasks: vec![reader, writer],
        })
    }

    async fn send(
        &self,
        id: u64,
        message: ToServer,
        patience: Duration,
        subject: &str,
    ) -> Result<String, BusError> {
        let gone = || BusError::Gone("the other side closed the connection".into());
        let (sender, answer) = oneshot::channel();
        self.shared.asked.lock().insert(id, sender);
        if self.shared.gone.load(Ordering::SeqCst) || self.out.send(message).await.is_err() {
            self.shared.asked.lock().remove(&id);
            return Err(gone());
        }
        let answer = tokio::time::timeout(patience + Duration::from_millis(500), answer).await;
        self.shared.asked.lock().remove(&id);
        match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(gone()),
            Err(_) => Err(BusError::TimedOut(subject.to_owned())),
        }
    }

    fn next(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }
}

impl Drop for SocketBus {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Shared {
    fn take(&self, message: ToClient, back: &mpsc::Sender<ToServer>) {
        match message {
            ToClient::Replied { id, body } => self.answer(id, Ok(body)),
            ToClient::Serving { id } => self.answer(id, Ok(String::new())),
            ToClient::Failed { id, why, detail } => {
                let error = match why {
                    Why::Nobody => BusError::Nobody(detail),
                    Why::TimedOut => BusError::TimedOut(detail),
                    Why::Gone => BusError::Gone(detail),
                };
                self.answer(id, Err(error));
            }
            ToClient::Request {
                serve,
                request,
                body,
                wants_reply,
            } => {
                let channel = self.serving.lock().get(&serve).cloned();
                let Some(channel) = channel.filter(|channel| !channel.is_closed()) else {
                    self.serving.lock().remove(&serve);
                    drop(back.try_send(ToServer::Unserve { id: serve }));
                    return;
                };
                let reply = wants_reply.then(|| {
                    let (reply, mut replies) = mpsc::channel::<Vec<u8>>(1);
                    let back = back.clone();
                    tokio::spawn(async move {
                        if let Some(body) = replies.recv().await {
                            drop(
                                back.send(ToServer::Reply {
                                    request,
                                    body: text(body),
                                })
                                .await,
                            );
                        }
                    });
                    reply
                });
                drop(channel.try_send(Request::new(bytes(body), reply)));
            }
        }
    }

    fn answer(&self, id: u64, answer: Result<String, BusError>) {
        if let Some(waiting) = self.asked.lock().remove(&id) {
            drop(waiting.send(answer));
        }
    }

    fn end(&self) {
        self.gone.store(true, Ordering::SeqCst);
        self.asked.lock().clear();
        self.serving.lock().clear();
    }
}

#[async_trait]
impl Bus for SocketBus {
    async fn ask(
        &self,
        subject: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, BusError> {
        let id = self.next();
        let patience_ms = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        let message = ToServer::Ask {
            id,
            subject: subject.to_owned(),
            body: text(body),
            patience_ms,
        };
        self.send(id, message, patience, subject).await.map(bytes)
    }

    async fn serve(&self, subject: &str) -> Result<Requests, BusError> {
        let id = self.next();
        let (channel, requests) = mpsc::channel(WAITING);
        self.shared.serving.lock().insert(id, channel);
        self.send(
            id,
            ToServer::Serve {
                id,
                subject: subject.to_owned(),
            },
            Duration::from_secs(5),
            subject,
        )
        .await?;
        Ok(Requests::new(requests))
    }

    async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
        let id = self.next();
        self.send(
            id,
            ToServer::Tell {
                id,
                subject: subject.to_owned(),
                body: text(body),
            },
            Duration::from_secs(5),
            subject,
        )
        .await
        .map(drop)
    }
}
