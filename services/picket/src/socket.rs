//! The bus through a socket: how other commands reach the process that keeps a data folder.
//!
//! One JSON document a line, both ways. The socket belongs to the owner of the folder (0600); whoever can
//! open it is trusted to say who acts, as whoever can open the folder would be. It passes the bus contract.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use picket_bus::{Bus, BusError, Request, Requests};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// The longest line either side takes.
const LINE: usize = 16 * 1024 * 1024;
/// Lines that may wait to be written to one connection.
const WAITING: usize = 4_096;
/// How long a served request may stay without a reply before it is forgotten.
const FORGET: Duration = Duration::from_secs(60);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ToServer {
    Ask {
        id: u64,
        subject: String,
        body: String,
        patience_ms: u64,
    },
    Tell {
        id: u64,
        subject: String,
        body: String,
    },
    Serve {
        id: u64,
        subject: String,
    },
    Unserve {
        id: u64,
    },
    Reply {
        request: u64,
        body: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ToClient {
    Replied {
        id: u64,
        body: String,
    },
    Failed {
        id: u64,
        why: Why,
        detail: String,
    },
    Serving {
        id: u64,
    },
    Request {
        serve: u64,
        request: u64,
        body: String,
        wants_reply: bool,
    },
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Why {
    Nobody,
    TimedOut,
    Gone,
}

fn fail(id: u64, error: BusError) -> ToClient {
    let (why, detail) = match error {
        BusError::Nobody(subject) => (Why::Nobody, subject),
        BusError::TimedOut(subject) => (Why::TimedOut, subject),
        BusError::Gone(detail) => (Why::Gone, detail),
        large @ BusError::TooLarge { .. } => (Why::Gone, large.to_string()),
    };
    ToClient::Failed { id, why, detail }
}

fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap_or_default()
}

fn line<T: Serialize>(message: &T) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(message).expect("a message holds only strings and numbers");
    bytes.push(b'\n');
    bytes
}

/// Serves a bus on a socket until dropped; the file is removed then.
#[derive(Debug)]
pub struct SocketServer {
    path: PathBuf,
    task: JoinHandle<()>,
}

impl SocketServer {
    /// Binds the socket. A file left by a process that died is replaced: the caller holds the folder's lock.
    pub fn bind(path: &Path, bus: Arc<dyn Bus>) -> io::Result<Self> {
        use std::os::unix::fs::PermissionsExt;
        match std::fs::remove_file(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        let task = tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => drop(tokio::spawn(connection(stream, bus.clone()))),
                    // Too many open files, or a caller that left: the next one may come through.
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        });
        Ok(Self {
            path: path.to_owned(),
            task,
        })
    }
}

impl Drop for SocketServer {
    fn drop(&mut self) {
        self.task.abort();
        // Gone already is as good.
        drop(std::fs::remove_file(&self.path));
    }
}

async fn connection(stream: UnixStream, bus: Arc<dyn Bus>) {
    let (read, mut write) = stream.into_split();
    let (out, mut lines) = mpsc::channel::<ToClient>(WAITING);
    let writer = tokio::spawn(async move {
        while let Some(message) = lines.recv().await {
            if write.write_all(&line(&message)).await.is_err() {
                break;
            }
        }
    });
    let waiting: Arc<Mutex<HashMap<u64, Request>>> = Arc::default();
    let mut serving: HashMap<u64, JoinHandle<()>> = HashMap::new();
    let numbers = Arc::new(AtomicU64::new(1));
    let mut reader = BufReader::new(read);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match read_line(&mut reader, &mut buffer).await {
            Ok(true) => {}
            Ok(false) | Err(_) => break,
        }
        let Ok(message) = serde_json::from_slice::<ToServer>(&buffer) else {
            break;
        };
        let (bus, out) = (bus.clone(), out.clone());
        match message {
            ToServer::Ask {
                id,
                subject,
                body,
                patience_ms,
            } => drop(tokio::spawn(async move {
                let answer = bus
                    .ask(
                        &subject,
                        body.into_bytes(),
                        Duration::from_millis(patience_ms),
                    )
                    .await;
                let message = match answer {
                    Ok(body) => ToClient::Replied {
                        id,
                        body: text(body),
                    },
                    Err(error) => fail(id, error),
                };
                drop(out.send(message).await);
            })),
            ToServer::Tell { id, subject, body } => {
                let message = match bus.tell(&subject, body.into_bytes()).await {
                    Ok(()) => ToClient::Replied {
                        id,
                        body: String::new(),
                    },
                    Err(error) => fail(id, error),
                };
                drop(out.send(message).await);
            }
            ToServer::Serve { id, subject } => match bus.serve(&subject).await {
                Ok(requests) => {
                    drop(out.send(ToClient::Serving { id }).await);
                    serving.insert(
                        id,
                        tokio::spawn(hand_over(
                            id,
                            requests,
                            out,
                            waiting.clone(),
                            numbers.clone(),
                        )),
                    );
                }
                Err(error) => drop(out.send(fail(id, error)).await),
            },
            ToServer::Unserve { id } => {
                if let Some(task) = serving.remove(&id) {
                    task.abort();
                }
            }
            ToServer::Reply { request, body } => {
                let held = waiting
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(&request);
                if let Some(request) = held {
                    request.reply(body.into_bytes());
                }
            }
        }
    }
    for task in serving.into_values() {
        task.abort();
    }
    drop(out);
    drop(writer.await);
}

/// Hands requests on a subject to the other side.
async fn hand_over(
    id: u64,
    mut requests: Requests,
    out: mpsc::Sender<ToClient>,
    waiting: Arc<Mutex<HashMap<u64, Request>>>,
    numbers: Arc<AtomicU64>,
) {
    while let Some(request) = requests.next().await {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let message = ToClient::Request {
            serve: id,
            request: number,
            body: text(request.body.clone()),
            wants_reply: request.wants_reply(),
        };
        waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(number, request);
        if out.send(message).await.is_err() {
            break;
        }
        let waiting = waiting.clone();
        tokio::spawn(async move {
            tokio::time::sleep(FORGET).await;
            waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&number);
        });
    }
}

async fn read_line<R: tokio::io::AsyncBufRead + Unpin>(
    reader: &mut R,
    buffer: &mut Vec<u8>,
) -> io::Result<bool> {
    loop {
        let available = reader.fill_buf().await?;
        if available.is_empty() {
            return Ok(false);
        }
        if let Some(end) = available.iter().position(|byte| *byte == b'\n') {
            buffer.extend_from_slice(&available[..end]);
            reader.consume(end + 1);
            return Ok(true);
        }
        buffer.extend_from_slice(available);
        let taken = available.len();
        reader.consume(taken);
        if buffer.len() > LINE {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a line is too long",
            ));
        }
    }
}

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
    gone: std::sync::atomic::AtomicBool,
}

impl SocketBus {
    /// Connects; an error says that nobody is there.
    pub async fn connect(path: &Path) -> io::Result<Self> {
        let stream = UnixStream::connect(path).await?;
        let (read, mut write) = stream.into_split();
        let (out, mut lines) = mpsc::channel::<ToServer>(WAITING);
        let shared = Arc::new(Shared::default());
        let writer = tokio::spawn(async move {
            while let Some(message) = lines.recv().await {
                if write.write_all(&line(&message)).await.is_err() {
                    break;
                }
            }
        });
        let (own, back) = (shared.clone(), out.clone());
        let reader = tokio::spawn(async move {
            let mut reader = BufReader::new(read);
            let mut buffer = Vec::new();
            loop {
                buffer.clear();
                if !matches!(read_line(&mut reader, &mut buffer).await, Ok(true)) {
                    break;
                }
                let Ok(message) = serde_json::from_slice::<ToClient>(&buffer) else {
                    break;
                };
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
        self.shared
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, sender);
        if self.shared.gone.load(Ordering::SeqCst) || self.out.send(message).await.is_err() {
            self.shared
                .asked
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&id);
            return Err(gone());
        }
        let answer = tokio::time::timeout(patience + Duration::from_millis(500), answer).await;
        self.shared
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&id);
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
                let channel = self
                    .serving
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .get(&serve)
                    .cloned();
                let Some(channel) = channel.filter(|channel| !channel.is_closed()) else {
                    self.serving
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .remove(&serve);
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
                drop(channel.try_send(Request::new(body.into_bytes(), reply)));
            }
        }
    }

    fn answer(&self, id: u64, answer: Result<String, BusError>) {
        if let Some(waiting) = self
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&id)
        {
            drop(waiting.send(answer));
        }
    }

    fn end(&self) {
        self.gone.store(true, Ordering::SeqCst);
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.serving
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
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
        self.send(id, message, patience, subject)
            .await
            .map(String::into_bytes)
    }

    async fn serve(&self, subject: &str) -> Result<Requests, BusError> {
        let id = self.next();
        let (channel, requests) = mpsc::channel(WAITING);
        self.shared
            .serving
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, channel);
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

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use super::*;

    struct Both {
        bus: SocketBus,
        _server: SocketServer,
        _folder: tempfile::TempDir,
    }

    #[async_trait]
    impl Bus for Both {
        async fn ask(
            &self,
            subject: &str,
            body: Vec<u8>,
            patience: Duration,
        ) -> Result<Vec<u8>, BusError> {
            self.bus.ask(subject, body, patience).await
        }
        async fn serve(&self, subject: &str) -> Result<Requests, BusError> {
            self.bus.serve(subject).await
        }
        async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
            self.bus.tell(subject, body).await
        }
    }

    async fn make() -> Arc<Both> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("picket.sock");
        let server = SocketServer::bind(&path, Arc::new(picket_bus::MemoryBus::new())).unwrap();
        Arc::new(Both {
            bus: SocketBus::connect(&path).await.unwrap(),
            _server: server,
            _folder: folder,
        })
    }

    picket_bus::bus_contract!(make);
}
