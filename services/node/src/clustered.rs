//! A process among many, at work: its shards of books, the projection where it answers questions, and the tailer that
//! brings what others append.
//!
//! It lives as long as the list of jurisdictions stays as it is; when that grows, it is closed and made again.

pub mod books;
pub mod connection;
pub mod edge;
pub mod plan;
pub mod process;
pub mod publishing;
mod questions;
pub mod settings;
mod shards;

use std::sync::Arc;
use std::time::Duration;

use picket_bus::Client;
use picket_runtime::{Clock, Engine, Live, Replica, Shard, Tailer};
use picket_schemas::registry::Territory;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::connection::Cluster;
use self::publishing::Publishing;
use self::shards::Shards;
use crate::admin::status::Held;
use crate::folder::{Folder, Owned};
use crate::parts::{self, Parts};
use crate::problem::Failure;
use crate::projection::{Asker, InsightThread};
use crate::services;

/// How long a commit that is on its way when a shard is given up may take.
const APPENDING: Duration = Duration::from_secs(8);

/// The share of the books a process is told to keep.
#[derive(Clone, Debug)]
pub struct Share {
    /// Its name, unlike any other's.
    pub name: String,
    /// Services with books.
    pub books: Vec<String>,
    /// It answers questions.
    pub insight: bool,
    /// How many shards each service has.
    pub shards: u32,
}

impl Share {
    fn replica(&self) -> Replica {
        Replica {
            name: self.name.clone(),
            services: self.books.clone(),
            shards: self.shards,
        }
    }

    /// True where it keeps what registries define, or reads all of it.
    pub fn knows_registers(&self) -> bool {
        self.insight || self.books.iter().any(|service| service == "registry")
    }
}

/// One process at work.
pub struct Clustered {
    parts: Parts,
    shards: watch::Receiver<Vec<Shard>>,
    stop: watch::Sender<bool>,
    replica: Option<JoinHandle<()>>,
    publishing: Option<Publishing>,
    held: Held,
    /// Brings what others append, as long as this lives.
    feed: Arc<Tailer>,
}

impl Clustered {
    /// Begins to keep a part of the books of a territory.
    pub async fn open(
        cluster: &Cluster,
        owned: &Owned,
        territory: &Territory,
        part: &Share,
        clock: Clock,
    ) -> Result<Self, Failure> {
        let engine = Arc::new(engine(cluster, &owned.folder, territory, clock)?);
        let mut parts = Parts::start(engine.clone(), &[], true).await?;
        let feed = Arc::new(Tailer::start(
            cluster.journal.clone(),
            engine.cache.clone(),
            engine.marks(),
            engine.books(),
            |why| eprintln!("picket: {why}"),
        ));
        // Bulletins are counted where they are settled.
        if part.insight || part.books.iter().any(|service| service == "bulletin") {
            feed.subscribe(&engine.books()).await;
            let projection = InsightThread::open_file(&owned.folder.insight(), territory)?;
            let asker = parts.project(projection);
            parts.freeze(&asker);
            if part.insight {
                let answering = questions::serve(cluster, &engine, asker.clone()).await?;
                parts.adopt([answering]);
                parts.serve_health(&cluster.bus, &asker);
            }
        }
        parts.deliver(Client::new(cluster.bus.clone()));
        // Each answers for what it has; its key gives no more either.
        if part.knows_registers() {
            parts.serve_registers(&cluster.bus, &cluster.journal);
        }
        if !part.books.is_empty() {
            parts.serve_unpark(&cluster.bus);
        }
        let held = Held::default();
        let (stop, stopped) = watch::channel(false);
        let (told, shards) = watch::channel(Vec::new());
        let replica = (!part.books.is_empty()).then(|| {
            let host = Shards::new(
                parts.live().clone(),
                feed.clone(),
                cluster.bus.clone(),
                part.shards,
                cluster.metrics.clone(),
                held.clone(),
            )
            .host();
            tokio::spawn(part.replica().run(
                cluster.leases.clone(),
                cluster.bus.clone(),
                Arc::new(host),
                stopped,
                told,
            ))
        });
        Ok(Self {
            parts,
            shards,
            stop,
            replica,
            publishing: None,
            held,
            feed,
        })
    }

    /// The books that are kept.
    pub fn live(&self) -> &Arc<Live> {
        self.parts.live()
    }

    /// The shards this process has.
    pub fn shards(&self) -> watch::Receiver<Vec<Shard>> {
        self.shards.clone()
    }

    /// Tells other systems as well, whenever it is its turn.
    pub async fn publish(&mut self, cluster: &Cluster, name: &str) {
        let engine = self.live().engine();
        self.feed.subscribe(&engine.books()).await;
        self.publishing = Some(Publishing::start(
            cluster,
            name,
            engine.clone(),
            self.held.clone(),
        ));
    }

    /// The shards it has, each since when.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// A way to ask its projection, where it has one.
    pub fn asker(&self) -> Option<Asker> {
        self.parts.asker()
    }

    /// Lets every book finish its group, gives its shards up and goes.
    pub async fn close(self) {
        self.stop.send_replace(true);
        if let Some(publishing) = self.publishing {
            publishing.close().await;
        }
        if let Some(replica) = self.replica {
            // A panic there was printed by its hook; leases end by themselves.
            drop(replica.await);
        }
        self.parts.close().await;
    }
}

/// The engine of one process among others.
fn engine(
    cluster: &Cluster,
    folder: &Folder,
    territory: &Territory,
    clock: Clock,
) -> Result<Engine, Failure> {
    let journal = cluster.journal.clone();
    let (kinds, compare) = (services::kinds(), "another process's");
    let mut engine = parts::engine(journal, folder, territory.clone(), kinds, clock, compare)?
        .with_other_writers();
    engine.patience.total = APPENDING;
    engine.clock.check(cluster.last_write);
    Ok(engine)
}

#[cfg(test)]
mod tests;
