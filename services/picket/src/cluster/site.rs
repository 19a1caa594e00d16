//! What one process of a cluster keeps: its shards of books, the projection where it answers questions, and the
//! feed that brings what others append.
//!
//! It lives as long as the list of jurisdictions stays as it is; when that grows, it is closed and made again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use picket_bus::{Bus, Client, Wanted};
use picket_calendar::Calendar;
use picket_journal::BookName;
use picket_runtime::{Clock, Current, Feed, HighWater, Host, Hosting, Live, Office, Replica, Shard};
use picket_schemas::Jurisdiction;
use picket_schemas::registry::Territory;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Cluster;
use crate::desk::{self, Asker, InsightThread};
use crate::folder::Owned;
use crate::problem::{Exit, Failure};

/// How long opening a shard waits before it is tried again.
const PAUSE: Duration = Duration::from_millis(250);
/// How long a commit that is on its way when a shard is given up may take.
const APPENDING: Duration = Duration::from_secs(8);

/// What a process is told to keep.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name, unlike any other's.
    pub name: String,
    /// Services with books.
    pub books: Vec<String>,
    /// Whether it answers questions.
    pub insight: bool,
    /// How many shards each service has.
    pub shards: u32,
}

/// One process at work.
pub struct Site {
    live: Arc<Live>,
    shards: watch::Receiver<Vec<Shard>>,
    stop: watch::Sender<bool>,
    replica: Option<JoinHandle<()>>,
    insight: Option<InsightThread>,
    tasks: Vec<JoinHandle<()>>,
}

impl Site {
    /// Begins to keep a part of the books of a territory.
    pub async fn open(cluster: &Cluster, owned: &Owned, territory: &Territory, part: &Part, clock: Clock) -> Result<Self, Failure> {
        let marks = HighWater::open(&owned.folder.highwater()).map_err(|error| Failure::new(Exit::Storage, error.to_string(), "Delete nothing: compare with another process's, then let `picket verify` look."))?;
        let mut office = Office::new(cluster.journal.clone(), territory.clone(), crate::services::kinds(), clock, Calendar::china()).with_marks(marks).among_others();
        office.patience.total = APPENDING;
        office.clock.check(cluster.last_write);
        let office = Arc::new(office);
        let live = Arc::new(Live::start(office.clone(), &[], true).await.map_err(desk::cannot_keep)?);
        let feed = Arc::new(Feed::start(cluster.journal.clone(), office.hub.clone(), office.books(), |why| eprintln!("picket: {why}")));
        let client = Client::new(cluster.bus.clone());
        let mut tasks = Vec::new();
        let mut insight = None;
        // Bulletins are counted where they are settled.
        if part.insight || part.books.iter().any(|service| service == "bulletin") {
            feed.want(&office.books()).await;
            let thread = InsightThread::open_file(&owned.folder.insight(), territory)?;
            tasks.push(tokio::spawn(desk::feed::feed(office.clone(), thread.asker(), live.clone())));
            tasks.push(tokio::spawn(desk::freeze::freeze(office.clone(), thread.asker(), live.clone())));
            if part.insight {
                tasks.push(questions(cluster, &office, thread.asker()).await?);
                tasks.push(tokio::spawn(crate::health::serve(cluster.bus.clone(), live.clone(), thread.asker())));
            }
            insight = Some(thread);
        }
        tasks.push(tokio::spawn(desk::transport::carry(office.clone(), live.clone(), client)));
        tasks.push(tokio::spawn(crate::commands::clock::serve(cluster.bus.clone(), office.clock.clone())));
        tasks.push(tokio::spawn(crate::commands::import::serve(cluster.bus.clone(), cluster.journal.clone(), territory.clone())));
        tasks.push(tokio::spawn(crate::commands::unpark::serve(cluster.bus.clone(), live.clone())));
        let (stop, stopped) = watch::channel(false);
        let (told, shards) = watch::channel(Vec::new());
        let replica = (!part.books.is_empty()).then(|| {
            let replica = Replica { name: part.name.clone(), services: part.books.clone(), shards: part.shards };
            let host = Arc::new(host(live.clone(), feed, cluster.bus.clone(), part.shards));
            tokio::spawn(replica.run(cluster.leases.clone(), cluster.bus.clone(), host, stopped, told))
        });
        Ok(Self { live, shards, stop, replica, insight, tasks })
    }

    /// The books that are kept.
    pub fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// The shards this process has.
    pub fn shards(&self) -> watch::Receiver<Vec<Shard>> {
        self.shards.clone()
    }

    /// Lets every book finish its group, gives its shards up and goes.
    pub async fn close(self) {
        self.stop.send_replace(true);
        if let Some(replica) = self.replica {
            // A panic there was printed by its hook; leases end by themselves.
            drop(replica.await);
        }
        self.live.stop().await;
        for task in &self.tasks {
            task.abort();
        }
        if let Some(insight) = self.insight {
            insight.close();
        }
    }
}

async fn questions(cluster: &Cluster, office: &Arc<Office>, asker: Asker) -> Result<JoinHandle<()>, Failure> {
    let (client, office) = (Client::new(cluster.bus.clone()), office.clone());
    let answer = move |_, wanted: Wanted| {
        let (client, office, asker) = (client.clone(), office.clone(), asker.clone());
        async move { Some(desk::reply(&asker, &client, &office.territory, office.clock.now(), wanted).await) }
    };
    picket_bus::serve_questions(cluster.bus.clone(), answer).await.map_err(|why| Failure::new(Exit::Storage, why.to_string(), "Is NATS up? Start again."))
}

type Serving = Arc<Mutex<BTreeMap<Shard, Vec<JoinHandle<()>>>>>;

/// Opens and closes the books of shards.
fn host(live: Arc<Live>, feed: Arc<Feed>, bus: Arc<dyn Bus>, shards: u32) -> Host {
    let serving: Serving = Arc::default();
    let (its, served) = (live.clone(), serving.clone());
    let open = move |shard: Shard, current: Current| -> Hosting {
        let (live, feed, bus, serving) = (live.clone(), feed.clone(), bus.clone(), served.clone());
        Box::pin(async move {
            let books = books_of(live.office(), &shard, shards);
            let read: Vec<BookName> = books.iter().flat_map(|book| live.office().reads(book)).chain(books.iter().cloned()).collect();
            feed.want(&read).await;
            // Until it works, or the shard is given up and this is dropped.
            while let Err(why) = live.keep(&books).await {
                eprintln!("picket: shard {shard} cannot be opened yet: {why}");
                tokio::time::sleep(PAUSE).await;
            }
            let names: Vec<_> = books.iter().map(|book| (book.service().to_owned(), Jurisdiction::from(book.jurisdiction()))).collect();
            let of = shard.service.clone();
            let its = live.clone();
            let answer = move |jurisdiction: Option<Jurisdiction>, wanted: Wanted| {
                let (live, current, of) = (its.clone(), current.clone(), of.clone());
                async move {
                    let book = BookName::new(&of, jurisdiction.as_ref()?.as_str()).ok()?;
                    if !current.holds() {
                        return None;
                    }
                    let served = desk::answer(&live, jurisdiction, wanted).await;
                    // Whoever has the shard by now answers.
                    (current.holds() && live.keeps(&book)).then_some(served)
                }
            };
            let mut tasks = loop {
                match picket_bus::serve_books(bus.clone(), &names, answer.clone()).await {
                    Ok(tasks) => break tasks,
                    Err(why) => eprintln!("picket: shard {shard} cannot be reached yet: {why}"),
                }
                tokio::time::sleep(PAUSE).await;
            };
            if shard.service == "courier" {
                tasks.extend(names.iter().map(|(_, jurisdiction)| tokio::spawn(desk::transport::outcomes(bus.clone(), live.clone(), jurisdiction.clone()))));
            }
            drop(serving.lock().unwrap_or_else(PoisonError::into_inner).insert(shard, tasks));
        })
    };
    let close = move |shard: Shard| -> Hosting {
        let (live, serving) = (its.clone(), serving.clone());
        Box::pin(async move {
            let tasks = serving.lock().unwrap_or_else(PoisonError::into_inner).remove(&shard).unwrap_or_default();
            for task in tasks {
                task.abort();
            }
            live.leave(&books_of(live.office(), &shard, shards)).await;
        })
    };
    Host { open: Box::new(open), close: Box::new(close) }
}

fn books_of(office: &Office, shard: &Shard, shards: u32) -> Vec<BookName> {
    office.books().into_iter().filter(|book| Shard::of(book.service(), &Jurisdiction::from(book.jurisdiction()), shards) == *shard).collect()
}
