//! The server: gives a bus to everybody who opens the socket.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use picket_bus::{Bus, BusError, Request, Requests};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::lines::{self, Lines, ToClient, ToServer, bytes, fail, text};
use crate::folder::Folder;
use crate::problem::{Exit, Failure};

/// How long a served request may stay without a reply before it is forgotten.
const FORGET: Duration = Duration::from_secs(60);

/// Serves a bus on a socket until dropped; the file is removed then.
#[derive(Debug)]
pub struct SocketServer {
    path: PathBuf,
    task: JoinHandle<()>,
}

impl SocketServer {
    /// Binds the socket of a data folder, for commands with the same `--data`.
    pub fn open(folder: &Folder, bus: Arc<dyn Bus>) -> Result<Self, Failure> {
        Self::bind(&folder.socket(), bus).map_err(|error| {
            let shown = folder.path().display();
            Failure::new(
                Exit::Storage,
                format!("the socket in `{shown}` cannot be made: {error}"),
                "Paths of sockets are short on some systems: use a folder nearer to the root.",
            )
        })
    }

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

/// Requests handed to a client that it has not replied to yet, by number.
type Unanswered = Arc<Mutex<HashMap<u64, Request>>>;

/// A client, for as long as it is connected.
struct Connection {
    bus: Arc<dyn Bus>,
    out: mpsc::Sender<ToClient>,
    /// The tasks that hand it the requests on each subject that it serves, by the id it gave that.
    serving: HashMap<u64, JoinHandle<()>>,
    unanswered: Unanswered,
    /// The number of the next request, whatever the subject.
    numbers: Arc<AtomicU64>,
}

async fn connection(stream: UnixStream, bus: Arc<dyn Bus>) {
    let (read, write) = stream.into_split();
    let (out, writer) = lines::writer(write);
    let mut connection = Connection {
        bus,
        out,
        serving: HashMap::new(),
        unanswered: Arc::default(),
        numbers: Arc::new(AtomicU64::new(1)),
    };
    let mut lines = Lines::new(read);
    while let Some(message) = lines.next().await {
        connection.take(message).await;
    }
    drop(connection);
    // What was asked before the client left is still written, should it only have closed one direction.
    drop(writer.await);
}

impl Connection {
    /// Does what a line says. Only asking may take long, and other lines do not wait for it.
    async fn take(&mut self, message: ToServer) {
        match message {
            ToServer::Ask {
                id,
                subject,
                body,
                patience_ms,
            } => {
                let patience = Duration::from_millis(patience_ms);
                let (bus, out) = (self.bus.clone(), self.out.clone());
                tokio::spawn(async move {
                    let answer = bus.ask(&subject, bytes(body), patience).await;
                    drop(out.send(replied(id, answer)).await);
                });
            }
            ToServer::Tell { id, subject, body } => {
                let told = self.bus.tell(&subject, bytes(body)).await;
                drop(self.out.send(replied(id, told.map(|()| Vec::new()))).await);
            }
            ToServer::Serve { id, subject } => self.serve(id, &subject).await,
            ToServer::Unserve { id } => {
                if let Some(task) = self.serving.remove(&id) {
                    task.abort();
                }
            }
            ToServer::Reply { request, body } => {
                let held = self.unanswered.lock().remove(&request);
                if let Some(request) = held {
                    request.reply(bytes(body));
                }
            }
        }
    }

    /// Lets the client serve a subject: its requests are handed over from now on.
    async fn serve(&mut self, id: u64, subject: &str) {
        match self.bus.serve(subject).await {
            Ok(requests) => {
                drop(self.out.send(ToClient::Serving { id }).await);
                let handing = hand_over(
                    id,
                    requests,
                    self.out.clone(),
                    self.unanswered.clone(),
                    self.numbers.clone(),
                );
                self.serving.insert(id, tokio::spawn(handing));
            }
            Err(error) => drop(self.out.send(fail(id, error)).await),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        for task in self.serving.values() {
            task.abort();
        }
    }
}

fn replied(id: u64, answer: Result<Vec<u8>, BusError>) -> ToClient {
    match answer {
        Ok(body) => ToClient::Replied {
            id,
            body: text(body),
        },
        Err(error) => fail(id, error),
    }
}

/// Hands requests on a subject to the other side.
async fn hand_over(
    id: u64,
    mut requests: Requests,
    out: mpsc::Sender<ToClient>,
    unanswered: Unanswered,
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
        unanswered.lock().insert(number, request);
        if out.send(message).await.is_err() {
            break;
        }
        let unanswered = unanswered.clone();
        tokio::spawn(async move {
            tokio::time::sleep(FORGET).await;
            unanswered.lock().remove(&number);
        });
    }
}
