//! Replicas among each other: everything is kept once, soon again after a failure, with and without leases.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use picket_bus::MemoryBus;
use picket_ephemera::{EphemeraError, Lease, MemoryEphemera, Rate, Taken};

use super::*;

/// Remembers which shards a replica keeps.
#[derive(Default)]
struct Shelf(Mutex<BTreeMap<Shard, ShardLease>>);

impl Shelf {
    fn host(self: &Arc<Self>) -> Arc<Host> {
        let (opens, closes) = (self.clone(), self.clone());
        let open = move |shard: Shard, lease: ShardLease| -> HostFuture {
            opens.0.lock().unwrap().insert(shard, lease);
            Box::pin(std::future::ready(()))
        };
        let close = move |shard: Shard| -> HostFuture {
            closes.0.lock().unwrap().remove(&shard);
            Box::pin(std::future::ready(()))
        };
        Arc::new(Host {
            open: Box::new(open),
            close: Box::new(close),
        })
    }
}

/// Leases that are there or not, or of which nobody hears again.
struct Leases {
    memory: MemoryEphemera,
    away: AtomicBool,
    hangs: AtomicBool,
}

impl Leases {
    async fn hang(&self) {
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending().await
        }
    }
}

#[async_trait]
impl Ephemera for Leases {
    async fn lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>, EphemeraError> {
        self.hang().await;
        if self.away.load(Ordering::SeqCst) {
            return Err(EphemeraError::Unavailable("away".into()));
        }
        self.memory.lease(name, holder, ttl).await
    }
    async fn release(&self, name: &str, holder: &str) -> Result<(), EphemeraError> {
        self.hang().await;
        self.memory.release(name, holder).await
    }
    async fn take(&self, bucket: &str, cost: u32, rate: Rate) -> Result<Taken, EphemeraError> {
        self.memory.take(bucket, cost, rate).await
    }
    async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<(), EphemeraError> {
        self.memory.put(key, value, ttl).await
    }
    async fn put_if_absent(
        &self,
        key: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, EphemeraError> {
        self.memory.put_if_absent(key, value, ttl).await
    }
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, EphemeraError> {
        self.memory.get(key).await
    }
}

/// The way of one replica to the others, which can be cut: what is said on it and to it is lost without a word.
struct Cord {
    bus: Arc<dyn Bus>,
    cut: Arc<AtomicBool>,
}

#[async_trait]
impl Bus for Cord {
    async fn ask(
        &self,
        subject: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, picket_bus::BusError> {
        self.bus.ask(subject, body, patience).await
    }
    async fn serve(&self, subject: &str) -> Result<picket_bus::Requests, picket_bus::BusError> {
        let (mut requests, cut) = (self.bus.serve(subject).await?, self.cut.clone());
        let (passed_on, rest) = tokio::sync::mpsc::channel(64);
        tokio::spawn(async move {
            while let Some(request) = requests.next().await {
                if !cut.load(Ordering::SeqCst) && passed_on.send(request).await.is_err() {
                    return;
                }
            }
        });
        Ok(picket_bus::Requests::new(rest))
    }
    async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), picket_bus::BusError> {
        if self.cut.load(Ordering::SeqCst) {
            return Ok(());
        }
        self.bus.tell(subject, body).await
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
    frozen: Arc<Frozen>,
}

/// Whether a process is stopped, and who is to be woken when it goes on.
#[derive(Default)]
struct Frozen(Mutex<(bool, Option<std::task::Waker>)>);

impl Frozen {
    fn set(&self, is: bool) {
        let mut frozen = self.0.lock().unwrap();
        frozen.0 = is;
        if let Some(waker) = frozen.1.take() {
            waker.wake();
        }
    }

    /// Runs a task only while it is not frozen, as a process under SIGSTOP.
    async fn around(self: Arc<Self>, task: impl Future<Output = ()>) {
        let mut task = Box::pin(task);
        std::future::poll_fn(|cx| {
            let mut frozen = self.0.lock().unwrap();
            frozen.1 = Some(cx.waker().clone());
            if frozen.0 {
                return std::task::Poll::Pending;
            }
            drop(frozen);
            task.as_mut().poll(cx)
        })
        .await;
    }
}

impl Site {
    fn new() -> Self {
        let started = Instant::now();
        let memory =
            MemoryEphemera::with_clock(Arc::new(move || Instant::now().duration_since(started)));
        Self {
            bus: Arc::new(MemoryBus::new()),
            leases: Arc::new(Leases {
                memory,
                away: false.into(),
                hangs: false.into(),
            }),
        }
    }

    fn start(&self, name: &str) -> One {
        self.start_on(name, self.bus.clone())
    }

    fn start_on(&self, name: &str, bus: Arc<dyn Bus>) -> One {
        let replica = Replica {
            name: name.into(),
            services: vec!["dispatch".into(), "courier".into()],
            shards: 6,
        };
        let (stop, stopped) = watch::channel(false);
        let shelf = Arc::new(Shelf::default());
        let (told, _) = watch::channel(Vec::new());
        let frozen = Arc::new(Frozen::default());
        let task = tokio::spawn(frozen.clone().around(replica.run(
            self.leases.clone(),
            bus,
            shelf.host(),
            stopped,
            told,
        )));
        One {
            shelf,
            stop,
            task,
            frozen,
        }
    }
}

impl One {
    /// The shards it answers for.
    fn answers_for(&self) -> BTreeSet<Shard> {
        self.shelf
            .0
            .lock()
            .unwrap()
            .iter()
            .filter(|(_, lease)| lease.holds())
            .map(|(shard, _)| shard.clone())
            .collect()
    }

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
    assert_eq!(
        (held.len(), distinct.len()),
        (12, 12),
        "two services of six shards, each kept once"
    );
}

/// It keeps all of them, whatever somebody else believes.
fn keeps_all(one: &One) {
    assert_eq!(one.holds().len(), 12, "two services of six shards");
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
async fn a_process_that_stood_still_longer_than_its_lease_finds_it_expired() {
    let base = Instant::now();
    let lease = ShardLease::new(base, base + TTL);
    assert!(lease.holds());
    tokio::time::advance(TTL).await;
    assert!(!lease.holds());
}

#[tokio::test(start_paused = true)]
async fn who_is_cut_off_from_the_others_keeps_no_lease_from_them_and_comes_back_to_a_share() {
    let site = Site::new();
    let cut = Arc::new(AtomicBool::default());
    let (first, second) = (
        site.start("a"),
        site.start_on(
            "b",
            Arc::new(Cord {
                bus: site.bus.clone(),
                cut: cut.clone(),
            }),
        ),
    );
    seconds(12).await;
    all_once(&[&first, &second]);
    cut.store(true, Ordering::SeqCst);
    seconds(10).await;
    keeps_all(&first);
    assert!(
        second
            .shelf
            .0
            .lock()
            .unwrap()
            .values()
            .all(|lease| !lease.holds()),
        "it answers for nothing any more"
    );
    cut.store(false, Ordering::SeqCst);
    seconds(20).await;
    all_once(&[&first, &second]);
    assert_eq!((first.holds().len(), second.holds().len()), (6, 6));
}

#[tokio::test(start_paused = true)]
async fn when_all_are_cut_off_from_each_other_and_come_back_nothing_has_moved() {
    let site = Site::new();
    let cut = Arc::new(AtomicBool::default());
    let cord = || {
        Arc::new(Cord {
            bus: site.bus.clone(),
            cut: cut.clone(),
        })
    };
    let (first, second) = (site.start_on("a", cord()), site.start_on("b", cord()));
    seconds(12).await;
    let before = (first.holds(), second.holds());
    cut.store(true, Ordering::SeqCst);
    seconds(8).await;
    cut.store(false, Ordering::SeqCst);
    seconds(2).await;
    assert_eq!((first.holds(), second.holds()), before);
    let answers = |one: &One| one.shelf.0.lock().unwrap().values().all(ShardLease::holds);
    assert!(answers(&first) && answers(&second), "both answer again");
}

#[tokio::test(start_paused = true)]
async fn a_store_of_leases_that_hangs_moves_nothing() {
    let site = Site::new();
    let (first, second) = (site.start("a"), site.start("b"));
    seconds(12).await;
    let before = (first.holds(), second.holds());
    assert_eq!((before.0.len(), before.1.len()), (6, 6));
    site.leases.hangs.store(true, Ordering::SeqCst);
    for _ in 0..30 {
        seconds(1).await;
        assert_eq!(
            (first.answers_for(), second.answers_for()),
            before,
            "each goes on answering for its own and for nothing else"
        );
    }
    second.task.abort();
    seconds(10).await;
    assert_eq!(
        first.answers_for().len(),
        12,
        "and takes over what nobody answers for any more"
    );
    site.leases.hangs.store(false, Ordering::SeqCst);
    let third = site.start("c");
    seconds(20).await;
    all_once(&[&first, &third]);
}

#[tokio::test(start_paused = true)]
async fn who_stood_still_is_silent_until_it_has_heard_who_took_over_while_no_lease_can_be_had() {
    for (stopped, other) in [("a", "b"), ("b", "a")] {
        let site = Site::new();
        let (stopped, other) = (site.start(stopped), site.start(other));
        seconds(12).await;
        site.leases.away.store(true, Ordering::SeqCst);
        seconds(3).await;
        all_once(&[&stopped, &other]);
        stopped.frozen.set(true);
        seconds(60).await;
        assert_eq!(other.answers_for().len(), 12, "it took over");
        stopped.frozen.set(false);
        for _ in 0..600 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert!(
                stopped.answers_for().is_disjoint(&other.answers_for()),
                "nothing is answered for twice"
            );
        }
        all_once(&[&stopped, &other]);
        assert_eq!(
            (stopped.answers_for().len(), other.answers_for().len()),
            (6, 6),
            "and it gets its share again"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn who_stood_still_alone_keeps_what_nobody_has_taken() {
    let site = Site::new();
    site.leases.away.store(true, Ordering::SeqCst);
    let only = site.start("a");
    seconds(12).await;
    assert_eq!(only.answers_for().len(), 12);
    only.frozen.set(true);
    seconds(60).await;
    assert!(only.answers_for().is_empty());
    only.frozen.set(false);
    seconds(4).await;
    assert_eq!(
        only.answers_for().len(),
        12,
        "it answers again, and nothing was opened anew"
    );
}

#[tokio::test(start_paused = true)]
async fn what_this_version_cannot_read_goes_to_a_replica_that_can_and_stays_there() {
    let site = Site::new();
    let (old, new) = (site.start("a"), site.start("b"));
    seconds(12).await;
    let outdated: BTreeSet<Shard> = old
        .holds()
        .into_iter()
        .filter(|shard| shard.service == "dispatch")
        .take(2)
        .collect();
    assert_eq!(outdated.len(), 2);
    old.shelf
        .0
        .lock()
        .unwrap()
        .iter()
        .filter(|(shard, _)| outdated.contains(shard))
        .for_each(|(_, lease)| lease.mark_outdated());
    seconds(10).await;
    for _ in 0..20 {
        seconds(1).await;
        assert!(
            outdated.is_subset(&new.answers_for()) && outdated.is_disjoint(&old.holds()),
            "they stay with who can read them"
        );
    }
    all_once(&[&old, &new]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_opened_here_goes_to_another_replica_and_does_not_come_back_at_once() {
    for away in [false, true] {
        let site = Site::new();
        site.leases.away.store(away, Ordering::SeqCst);
        let (first, second) = (site.start("a"), site.start("b"));
        seconds(20).await;
        all_once(&[&first, &second]);
        let stuck: BTreeSet<Shard> = first
            .holds()
            .into_iter()
            .filter(|shard| shard.service == "dispatch")
            .take(2)
            .collect();
        assert_eq!(stuck.len(), 2);
        first
            .shelf
            .0
            .lock()
            .unwrap()
            .iter()
            .filter(|(shard, _)| stuck.contains(shard))
            .for_each(|(_, lease)| lease.mark_unopenable());
        seconds(10).await;
        for _ in 0..45 {
            seconds(1).await;
            assert!(
                stuck.is_subset(&second.answers_for()) && stuck.is_disjoint(&first.holds()),
                "they stay with who can open them"
            );
        }
        seconds(40).await;
        all_once(&[&first, &second]);
        assert_eq!(
            (first.holds().len(), second.holds().len()),
            (6, 6),
            "and later it gets its share again"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_opened_is_tried_again_where_nobody_else_is_there() {
    let site = Site::new();
    let only = site.start("a");
    seconds(12).await;
    keeps_all(&only);
    only.shelf
        .0
        .lock()
        .unwrap()
        .values()
        .for_each(ShardLease::mark_unopenable);
    seconds(5).await;
    assert_eq!(only.answers_for().len(), 12);
}

#[tokio::test(start_paused = true)]
async fn a_shard_that_two_answer_for_is_contested_until_one_of_them_falls_silent() {
    let site = Site::new();
    site.leases.away.store(true, Ordering::SeqCst);
    let only = site.start("a");
    seconds(12).await;
    let shard = Shard {
        service: "dispatch".into(),
        index: 3,
    };
    let contested = || {
        only.shelf
            .0
            .lock()
            .unwrap()
            .iter()
            .filter(|(_, lease)| lease.contested())
            .map(|(shard, _)| shard.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(contested(), []);
    let claim = |lapsed: bool| {
        let holds = vec![shard.clone()];
        let heartbeat = Heartbeat {
            replica: "z".into(),
            shards: 6,
            services: vec!["courier".into()],
            lapsed: if lapsed { holds.clone() } else { Vec::new() },
            holds,
            cannot: Vec::new(),
            leased: false,
            leaving: false,
        };
        site.bus
            .tell(heartbeat::SUBJECT, serde_json::to_vec(&heartbeat).unwrap())
    };
    claim(true).await.unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(contested(), [], "the other does not answer for it");
    claim(false).await.unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(contested(), [shard]);
    seconds(7).await;
    assert_eq!(contested(), []);
}
