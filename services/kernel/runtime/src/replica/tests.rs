//! Replicas among each other: everything is kept once, soon again after a failure, with and without leases.

use std::sync::Mutex;

use async_trait::async_trait;
use picket_bus::MemoryBus;
use picket_ephemera::{Lease, MemoryEphemera, Rate, Taken};

use super::*;

/// Remembers which shards a replica keeps.
#[derive(Default)]
struct Shelf(Mutex<BTreeMap<Shard, Current>>);

impl Shelf {
    fn host(self: &Arc<Self>) -> Arc<Host> {
        let (opens, closes) = (self.clone(), self.clone());
        let open = move |shard: Shard, current: Current| -> Hosting {
            opens.0.lock().unwrap().insert(shard, current);
            Box::pin(std::future::ready(()))
        };
        let close = move |shard: Shard| -> Hosting {
            closes.0.lock().unwrap().remove(&shard);
            Box::pin(std::future::ready(()))
        };
        Arc::new(Host { open: Box::new(open), close: Box::new(close) })
    }
}

/// Leases that are there or not.
struct Leases {
    memory: MemoryEphemera,
    away: std::sync::atomic::AtomicBool,
}

#[async_trait]
impl Ephemera for Leases {
    async fn lease(&self, name: &str, holder: &str, ttl: Duration) -> Result<Option<Lease>, EphemeraError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(EphemeraError::Unavailable("away".into()));
        }
        self.memory.lease(name, holder, ttl).await
    }
    async fn release(&self, name: &str, holder: &str) -> Result<(), EphemeraError> {
        self.memory.release(name, holder).await
    }
    async fn take(&self, bucket: &str, cost: u32, rate: Rate) -> Result<Taken, EphemeraError> {
        self.memory.take(bucket, cost, rate).await
    }
    async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<(), EphemeraError> {
        self.memory.put(key, value, ttl).await
    }
    async fn put_if_absent(&self, key: &str, value: &[u8], ttl: Duration) -> Result<bool, EphemeraError> {
        self.memory.put_if_absent(key, value, ttl).await
    }
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, EphemeraError> {
        self.memory.get(key).await
    }
}

struct Site {
    bus: Arc<dyn Bus>,
    leases: Arc<Leases>,
}

struct One {
    shelf: Arc<Shelf>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Site {
    fn new() -> Self {
        let started = Instant::now();
        let memory = MemoryEphemera::with_clock(Arc::new(move || Instant::now().duration_since(started)));
        Self { bus: Arc::new(MemoryBus::new()), leases: Arc::new(Leases { memory, away: false.into() }) }
    }

    fn start(&self, name: &str) -> One {
        let replica = Replica { name: name.into(), services: vec!["dispatch".into(), "courier".into()], shards: 6 };
        let (stop, stopped) = watch::channel(false);
        let shelf = Arc::new(Shelf::default());
        let (told, _) = watch::channel(Vec::new());
        let task = tokio::spawn(replica.run(self.leases.clone(), self.bus.clone(), shelf.host(), stopped, told));
        One { shelf, stop, task }
    }
}

impl One {
    fn holds(&self) -> BTreeSet<Shard> {
        self.shelf.0.lock().unwrap().keys().cloned().collect()
    }
}

async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

fn all_once(replicas: &[&One]) {
    let held: Vec<_> = replicas.iter().flat_map(|one| one.holds()).collect();
    let distinct: BTreeSet<_> = held.iter().collect();
    assert_eq!((held.len(), distinct.len()), (12, 12), "two services of six shards, each kept once");
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_joins_gets_its_share_and_nothing_is_kept_twice() {
    let site = Site::new();
    let first = site.start("a");
    seconds(2).await;
    all_once(&[&first]);
    let (second, third) = (site.start("b"), site.start("c"));
    seconds(15).await;
    all_once(&[&first, &second, &third]);
    for one in [&first, &second, &third] {
        assert_eq!(one.holds().len(), 4);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_killed_replica_kept_is_taken_over_within_ten_seconds() {
    let site = Site::new();
    let (first, second) = (site.start("a"), site.start("b"));
    seconds(12).await;
    all_once(&[&first, &second]);
    first.task.abort();
    seconds(10).await;
    all_once(&[&second]);
}

#[tokio::test(start_paused = true)]
async fn what_a_replica_leaves_on_purpose_is_taken_over_at_once() {
    let site = Site::new();
    let (first, second) = (site.start("a"), site.start("b"));
    seconds(12).await;
    first.stop.send_replace(true);
    first.task.await.unwrap();
    seconds(2).await;
    all_once(&[&second]);
}

#[tokio::test(start_paused = true)]
async fn without_leases_everything_is_kept_all_the_same() {
    let site = Site::new();
    site.leases.away.store(true, Ordering::SeqCst);
    let (first, second) = (site.start("a"), site.start("b"));
    seconds(20).await;
    all_once(&[&first, &second]);
    first.task.abort();
    seconds(10).await;
    all_once(&[&second]);
}

#[tokio::test(start_paused = true)]
async fn leases_that_go_away_and_come_back_empty_move_nothing() {
    let site = Site::new();
    let (first, second) = (site.start("a"), site.start("b"));
    seconds(12).await;
    let before = (first.holds(), second.holds());
    site.leases.away.store(true, Ordering::SeqCst);
    seconds(30).await;
    assert_eq!((first.holds(), second.holds()), before);
    site.leases.away.store(false, Ordering::SeqCst);
    seconds(30).await;
    assert_eq!((first.holds(), second.holds()), before);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_stood_still_longer_than_its_lease_is_not_current() {
    let base = Instant::now();
    let current = Current::new(base, base + TTL);
    assert!(current.holds());
    tokio::time::advance(TTL).await;
    assert!(!current.holds());
}
