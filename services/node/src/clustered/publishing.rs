//! Facts for other systems, from one process of all that are told to publish.
//!
//! Who publishes is settled as it is for shards: there is one, and whoever has it publishes. The place stands beside
//! the events, so that the next one goes on where the last one was. Of two that both believe to be the one, the
//! slower hears so when it writes its place down.
//!
//! The loop of the one whose turn it is: open the publisher, run it until the turn ends or another one overtook it, try
//! again. Its events are commits in the cache, a seal that is released, the end of the lease and the stop. Its price is
//! a tailer over every book of the territory. Decisions 0018 and 0021.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use picket_journal::BookName;
use picket_nats::{EventMessage, NatsEvents, NatsValue, ValueError};
use picket_publish::{
    CheckpointError, CheckpointStore, CloudEvent, Publisher, PublisherEnd, Sink, SinkError,
};
use picket_runtime::{CommitCache, Engine, Host, HostFuture, Replica, Shard, ShardLease};
use picket_telemetry::Metrics;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::connection::Cluster;
use super::shards::UNOPENED;
use crate::admin::status::Held;

/// The name of the publisher among the services.
pub const SERVICE: &str = "publish";
/// Where events go, and where it stands how far.
const EVENTS: &str = "PICKET_EVENTS";
const PLACE: &str = "PICKET_PUBLISHER";
const PLACE_SUBJECT: &str = picket_bus::subjects::CHECKPOINT;
/// How many bytes of events are kept, for a week at the most.
const EVENTS_BYTES: u64 = 512 << 20;
/// How long one call to JetStream may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long it goes without news before it looks all the same: what was sealed is released by then.
const LOOK: Duration = Duration::from_secs(5);
/// How often it is looked whether this is still the one, and how soon a start is tried again.
const AGAIN: Duration = Duration::from_millis(500);

/// The publisher of this process, at work or waiting its turn.
pub struct Publishing {
    stop: watch::Sender<bool>,
    replica: JoinHandle<()>,
}

struct PublisherParts {
    engine: Arc<Engine>,
    client: picket_nats::Client,
    replicas: usize,
    metrics: Option<Metrics>,
}

impl Publishing {
    /// Waits for its turn, and publishes.
    pub fn start(cluster: &Cluster, name: &str, engine: Arc<Engine>, held: Held) -> Self {
        let (stop, stopped) = watch::channel(false);
        let part = Arc::new(PublisherParts {
            engine,
            client: cluster.client.clone(),
            replicas: cluster.replicas,
            metrics: cluster.metrics.clone(),
        });
        let replica = tokio::spawn(replica(name).run(
            cluster.leases.clone(),
            cluster.bus.clone(),
            Arc::new(host(part, held)),
            stopped,
            watch::channel(Vec::new()).0,
        ));
        Self { stop, replica }
    }

    /// Writes down how far it is, gives its turn up and goes.
    pub async fn close(self) {
        self.stop.send_replace(true);
        // A panic there was printed by its hook; the lease ends by itself.
        drop(self.replica.await);
    }
}

/// The replica that waits for the turn to publish. There is one shard of it: a seal in one journal silences others, so
/// one publisher reads all of them.
fn replica(process: &str) -> Replica {
    Replica {
        name: format!("{process}.{SERVICE}"),
        services: vec![SERVICE.to_owned()],
        shards: 1,
    }
}

type PublishingTask = Arc<Mutex<Option<(watch::Sender<bool>, JoinHandle<()>)>>>;

fn host(part: Arc<PublisherParts>, held: Held) -> Host {
    let turn: PublishingTask = Arc::default();
    let (its, kept) = (turn.clone(), held.clone());
    let open = move |shard: Shard, current: ShardLease| -> HostFuture {
        let (part, turn, held) = (part.clone(), its.clone(), kept.clone());
        Box::pin(async move {
            let (stop, stopped) = watch::channel(false);
            held.begins(shard, part.engine.clock.now());
            *turn.lock().await = Some((stop, tokio::spawn(publish(part, current, stopped))));
        })
    };
    let close = move |shard: Shard| -> HostFuture {
        let (turn, held) = (turn.clone(), held.clone());
        Box::pin(async move {
            held.ends(&shard);
            if let Some((stop, task)) = turn.lock().await.take() {
                stop.send_replace(true);
                // What it emitted it also writes down; a panic was printed by its hook.
                drop(task.await);
            }
        })
    };
    Host {
        open: Box::new(open),
        close: Box::new(close),
    }
}

async fn publish(part: Arc<PublisherParts>, current: ShardLease, mut stop: watch::Receiver<bool>) {
    let (mut told, mut since) = (None, None);
    while !*stop.borrow() {
        if current.holds() {
            match part.publisher().await {
                Ok(publisher) => {
                    (told, since) = (None, None);
                    let ended = publisher
                        .run(
                            || part.engine.clock.now(),
                            || news(&part.engine.cache),
                            over(&current, stop.clone()),
                        )
                        .await;
                    if ended == PublisherEnd::Overtaken {
                        eprintln!(
                            "picket: another process told other systems meanwhile; this one goes on from there"
                        );
                    }
                }
                Err(why) => {
                    let why = why.to_string();
                    if since.get_or_insert_with(Instant::now).elapsed() >= UNOPENED {
                        eprintln!(
                            "picket: other systems are not told from here, and it is left to another process, where one can: {why}"
                        );
                        return current.mark_unopenable();
                    }
                    if told.as_ref() != Some(&why) {
                        eprintln!("picket: other systems are not told yet: {why}; tried again");
                        told = Some(why);
                    }
                }
            }
        }
        // A sender that is gone stops it as well.
        drop(tokio::time::timeout(AGAIN, stop.changed()).await);
    }
}

/// Something was written somewhere, or it is time to look all the same.
fn news(cache: &CommitCache) -> impl Future<Output = ()> + Send + '_ {
    let changed = cache.changed();
    async move { drop(tokio::time::timeout(LOOK, changed).await) }
}

/// Until it is told to stop, or it is another one's turn.
async fn over(current: &ShardLease, mut stop: watch::Receiver<bool>) {
    while current.holds() && !*stop.borrow() {
        drop(tokio::time::timeout(AGAIN, stop.changed()).await);
    }
}

impl PublisherParts {
    async fn publisher(&self) -> Result<Publisher<Events>, CheckpointError> {
        let away = |why: String| CheckpointError::Away {
            at: PLACE.to_owned(),
            why,
        };
        let events = NatsEvents::open(
            self.client.clone(),
            EVENTS,
            self.replicas,
            EVENTS_BYTES,
            PATIENCE,
        )
        .await
        .map_err(|why| away(why.to_string()))?;
        let place = NatsValue::open(
            self.client.clone(),
            PLACE,
            PLACE_SUBJECT,
            self.replicas,
            PATIENCE,
        )
        .await
        .map_err(|why| away(why.to_string()))?;
        let books: Vec<BookName> = self.engine.books();
        Publisher::open(
            self.engine.journal.clone(),
            books,
            StreamCheckpoint(place),
            Events {
                stream: events,
                metrics: self.metrics.clone(),
            },
        )
        .await
    }
}

/// The stream of events as a sink.
struct Events {
    stream: NatsEvents,
    metrics: Option<Metrics>,
}

#[async_trait]
impl Sink for Events {
    async fn emit(&self, events: &[CloudEvent]) -> Result<(), SinkError> {
        let message = |event: &CloudEvent| EventMessage {
            subject: event.subject(),
            id: event.id.clone(),
            headers: event.headers(),
            body: event.data.clone(),
        };
        self.stream
            .emit(events.iter().map(message).collect())
            .await
            .map_err(|why| SinkError(why.to_string()))?;
        if let Some(metrics) = &self.metrics {
            metrics.published(events.len() as u64);
        }
        Ok(())
    }
}

/// The checkpoint, kept beside the events.
struct StreamCheckpoint(NatsValue);

fn checkpoint_error(why: ValueError) -> CheckpointError {
    match why {
        ValueError::Overtaken => CheckpointError::Overtaken,
        ValueError::Away(why) => CheckpointError::Away {
            at: PLACE.to_owned(),
            why,
        },
    }
}

#[async_trait]
impl CheckpointStore for StreamCheckpoint {
    fn name(&self) -> String {
        format!("the stream {PLACE}")
    }

    async fn load(&mut self) -> Result<Option<Vec<u8>>, CheckpointError> {
        self.0.read().await.map_err(checkpoint_error)
    }

    async fn save(&mut self, bytes: Vec<u8>) -> Result<(), CheckpointError> {
        self.0.write(bytes).await.map_err(checkpoint_error)
    }
}

#[cfg(test)]
mod wire_tests;
