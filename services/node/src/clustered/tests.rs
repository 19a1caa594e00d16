//! What a process keeps: what it leaves to others when it cannot open it, and what is left of it when it goes.

use std::collections::BTreeMap;

use async_trait::async_trait;
use picket_bus::{Bus, BusError, MemoryBus, Requests};
use picket_calendar::Calendar;
use picket_ephemera::MemoryEphemera;
use picket_journal::{
    AppendError, BookName, Bytes, Follower, Head, Journal, MemoryJournal, ReadError, StoredCommit,
    Unavailable, hash_of,
};
use picket_nats::NatsAccess;
use picket_runtime::HighWater;
use picket_schemas::Commit;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::*;

fn territory() -> Territory {
    Territory {
        jurisdictions: [("990101".into(), None)].into(),
    }
}

fn book() -> BookName {
    BookName::parse("dispatch/990101").unwrap()
}

/// A store that one process cannot read one book of.
struct Blind(MemoryJournal, BookName);

#[async_trait]
impl Journal for Blind {
    async fn append(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, AppendError> {
        self.0.append(book, expected, hash, bytes).await
    }
    async fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        if *book == self.1 {
            return Err(ReadError::Unavailable("it cannot be read from here".into()));
        }
        self.0.read(book, after, limit).await
    }
    async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        self.0.last(books).await
    }
    async fn follow(&self, after: Vec<(BookName, Head)>) -> Result<Follower, Unavailable> {
        self.0.follow(after).await
    }
}

/// One process with the only shard of dispatch, or waiting for it.
struct One {
    live: Arc<Live>,
    shards: watch::Receiver<Vec<Shard>>,
    _stop: watch::Sender<bool>,
}

async fn start(
    name: &str,
    journal: Arc<dyn Journal>,
    bus: &Arc<dyn Bus>,
    leases: &MemoryEphemera,
) -> One {
    let engine = Arc::new(
        Engine::new(
            journal.clone(),
            territory(),
            crate::services::kinds(),
            Clock::real(),
            Calendar::china(),
        )
        .with_other_writers(),
    );
    let live = Arc::new(Live::start(engine.clone(), &[], true).await.unwrap());
    let feed = Arc::new(Tailer::start(
        journal,
        engine.cache.clone(),
        engine.marks(),
        engine.books(),
        |_| {},
    ));
    let host =
        Arc::new(Shards::new(live.clone(), feed, bus.clone(), 1, None, Held::default()).host());
    let (stop, stopped) = watch::channel(false);
    let (told, shards) = watch::channel(Vec::new());
    let replica = Replica {
        name: name.into(),
        services: vec!["dispatch".into()],
        shards: 1,
    };
    tokio::spawn(replica.run(Arc::new(leases.clone()), bus.clone(), host, stopped, told));
    One {
        live,
        shards,
        _stop: stop,
    }
}

#[tokio::test(start_paused = true)]
async fn books_that_cannot_be_opened_here_are_opened_by_another_process_and_stay_there() {
    let started = Instant::now();
    let leases = MemoryEphemera::with_clock(Arc::new(move || started.elapsed()));
    let (bus, journal): (Arc<dyn Bus>, _) = (Arc::new(MemoryBus::new()), MemoryJournal::new());
    let seconds = |seconds| tokio::time::sleep(Duration::from_secs(seconds));
    let blind = start("a", Arc::new(Blind(journal.clone(), book())), &bus, &leases).await;
    seconds(5).await;
    assert_eq!(
        blind.shards.borrow().len(),
        1,
        "it is the first, and has the lease"
    );
    let sound = start("b", Arc::new(journal), &bus, &leases).await;
    seconds(5).await;
    assert!(
        !sound.live.keeps(&book()),
        "what fails for a moment does not change hands"
    );
    seconds(15).await;
    for second in 0..120 {
        assert!(
            sound.live.keeps(&book()) && blind.shards.borrow().is_empty(),
            "after {second} seconds"
        );
        seconds(1).await;
    }
}

/// A bus on which questions may be answered, or not.
struct Asked(MemoryBus, bool);

#[async_trait]
impl Bus for Asked {
    async fn ask(
        &self,
        subject: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, BusError> {
        self.0.ask(subject, body, patience).await
    }
    async fn serve(&self, subject: &str) -> Result<Requests, BusError> {
        if subject == "picket.ask" && !self.1 {
            return Err(BusError::Gone("not now".into()));
        }
        self.0.serve(subject).await
    }
    async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
        self.0.tell(subject, body).await
    }
}

/// A connection to a server that is there and knows nothing.
async fn client() -> picket_nats::Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (read, mut write) = listener.accept().await.unwrap().0.into_split();
        let info = r#"{"server_id":"test","server_name":"test","version":"2.15.1","host":"127.0.0.1","port":4222,"headers":true,"proto":1,"max_payload":1048576}"#;
        write
            .write_all(format!("INFO {info}\r\n").as_bytes())
            .await
            .unwrap();
        let mut lines = BufReader::new(read).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if line == "PING" {
                write.write_all(b"PONG\r\n").await.unwrap();
            }
        }
    });
    picket_nats::connect(
        &NatsAccess {
            urls: vec![format!("nats://{address}")],
            ..NatsAccess::default()
        },
        "test",
    )
    .await
    .unwrap()
}

async fn cluster(journal: Arc<dyn Journal>, questions: bool) -> Cluster {
    let bus = Arc::new(Asked(MemoryBus::new(), questions));
    Cluster {
        journal,
        bus,
        leases: Arc::new(MemoryEphemera::new()),
        now: jiff::Timestamp::now(),
        last_write: None,
        metrics: None,
        client: client().await,
        replicas: 1,
    }
}

fn reader() -> Share {
    Share {
        name: "one".into(),
        books: Vec::new(),
        insight: true,
        shards: 1,
    }
}

#[tokio::test]
async fn a_site_that_comes_only_half_way_leaves_nothing_running() {
    let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::new());
    let cluster = cluster(journal.clone(), false).await;
    let place = tempfile::tempdir().unwrap();
    let owned = Folder::at(place.path()).own().unwrap();
    let opened = Clustered::open(&cluster, &owned, &territory(), &reader(), Clock::real()).await;
    assert!(
        opened
            .err()
            .is_some_and(|why| why.problem.title.contains("not now"))
    );
    for _ in 0..2_000 {
        // This test and the cluster; whoever else reads it is left over.
        if Arc::strong_count(&journal) == 2 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{} still hold the journal", Arc::strong_count(&journal));
}

#[tokio::test]
async fn a_site_that_is_closed_leaves_its_marks_to_the_next_although_somebody_still_holds_its_books()
 {
    let journal = MemoryJournal::new();
    let commit = Commit {
        book: book().to_string(),
        n: 1,
        at: jiff::Timestamp::UNIX_EPOCH,
        prev: String::new(),
        due: None,
        seen: BTreeMap::new(),
        reader: 1,
        began: None,
        entries: Vec::new(),
    };
    let bytes = commit.encode();
    let first = journal
        .append(&book(), &Head::default(), &hash_of(&bytes), bytes.into())
        .await
        .unwrap();
    let cluster = cluster(Arc::new(journal), true).await;
    let place = tempfile::tempdir().unwrap();
    let owned = Folder::at(place.path()).own().unwrap();
    let node = Clustered::open(&cluster, &owned, &territory(), &reader(), Clock::real())
        .await
        .unwrap_or_else(|why| panic!("{}", why.problem.title));
    let still = node.live().clone();
    node.close().await;
    let mark = || {
        HighWater::open(&owned.folder.highwater())
            .unwrap()
            .mark(book().as_str())
    };
    assert_eq!(
        mark(),
        Some((1, first.hash.clone())),
        "what was seen is on the disk before the next one opens"
    );
    let later = Head {
        number: 7,
        hash: "of another".into(),
        position: String::new(),
    };
    still
        .engine()
        .marks()
        .upgrade()
        .unwrap()
        .saw(book().as_str(), &later);
    drop(still);
    assert_eq!(
        mark(),
        Some((1, first.hash)),
        "and nothing is written over what the next one notes"
    );
}
