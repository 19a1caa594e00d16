//! What one process of a cluster keeps: its shards of books, the projection where it answers questions, and the
//! feed that brings what others append.
//!
//! It lives as long as the list of jurisdictions stays as it is; when that grows, it is closed and made again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use picket_bus::{Bus, Client, Served, Wanted};
use picket_calendar::Calendar;
use picket_journal::BookName;
use picket_runtime::{
    Clock, Current, Feed, HighWater, Host, Hosting, LOST_RACE, Live, Office, Replica, Shard,
};
use picket_schemas::Jurisdiction;
use picket_schemas::registry::Territory;
use picket_telemetry::Metrics;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::Cluster;
use super::publish::Publishing;
use super::seen::Held;
use crate::desk::{self, Asker, InsightThread};
use crate::folder::Owned;
use crate::problem::{Exit, Failure};

/// How long opening a shard waits before it is tried again.
const PAUSE: Duration = Duration::from_millis(250);
/// How long it may fail before somebody else gets the chance. One try reads for eight seconds before it fails.
pub(super) const UNOPENED: Duration = Duration::from_secs(15);
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

impl Part {
    /// Whether it keeps what registries define, or reads all of it.
    pub fn knows_registers(&self) -> bool {
        self.insight || self.books.iter().any(|service| service == "registry")
    }
}

/// One process at work.
pub struct Site {
    live: Arc<Live>,
    shards: watch::Receiver<Vec<Shard>>,
    stop: watch::Sender<bool>,
    replica: Option<JoinHandle<()>>,
    publishing: Option<Publishing>,
    held: Held,
    begun: Begun,
    /// Brings what others append, as long as this lives.
    feed: Arc<Feed>,
}

/// What a site began, however far it came: when this is dropped nothing of it goes on, and its files are free for the
/// next site of this process, whoever still answers a last question with what this one kept.
struct Begun {
    office: Arc<Office>,
    tasks: Vec<JoinHandle<()>>,
    insight: Option<InsightThread>,
}

impl Begun {
    fn run(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.push(tokio::spawn(task));
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        if let Some(insight) = self.insight.take() {
            insight.close();
        }
        self.office.close_marks();
    }
}

impl Site {
    /// Begins to keep a part of the books of a territory.
    pub async fn open(
        cluster: &Cluster,
        owned: &Owned,
        territory: &Territory,
        part: &Part,
        clock: Clock,
    ) -> Result<Self, Failure> {
        let marks = HighWater::open(&owned.folder.highwater()).map_err(|error| {
            Failure::new(
                Exit::Storage,
                error.to_string(),
                "Delete nothing: compare with another process's, then let `picket verify` look.",
            )
        })?;
        let mut office = Office::new(
            cluster.journal.clone(),
            territory.clone(),
            crate::services::kinds(),
            clock,
            Calendar::china(),
        )
        .with_marks(marks)
        .among_others();
        office = office.with_snapshots(desk::snapshots(&owned.folder));
        office.patience.total = APPENDING;
        office.clock.check(cluster.last_write);
        let office = Arc::new(office);
        let mut begun = Begun {
            office: office.clone(),
            tasks: Vec::new(),
            insight: None,
        };
        let live = Arc::new(
            Live::start(office.clone(), &[], true)
                .await
                .map_err(desk::cannot_keep)?,
        );
        let feed = Arc::new(Feed::start(
            cluster.journal.clone(),
            office.hub.clone(),
            office.marks(),
            office.books(),
            |why| eprintln!("picket: {why}"),
        ));
        let client = Client::new(cluster.bus.clone());
        // Bulletins are counted where they are settled.
        if part.insight || part.books.iter().any(|service| service == "bulletin") {
            feed.want(&office.books()).await;
            let asker = begun
                .insight
                .insert(InsightThread::open_file(
                    &owned.folder.insight(),
                    territory,
                )?)
                .asker();
            begun.run(desk::feed::feed(
                office.clone(),
                asker.clone(),
                live.clone(),
            ));
            begun.run(desk::freeze::freeze(
                office.clone(),
                asker.clone(),
                live.clone(),
            ));
            if part.insight {
                begun
                    .tasks
                    .push(questions(cluster, &office, asker.clone()).await?);
                begun.run(crate::health::serve(
                    cluster.bus.clone(),
                    live.clone(),
                    asker,
                ));
            }
        }
        let held = Held::default();
        begun.run(desk::transport::carry(office.clone(), live.clone(), client));
        // Each answers for what it has; its key gives no more either.
        if part.knows_registers() {
            begun.run(crate::commands::import::serve(
                cluster.bus.clone(),
                cluster.journal.clone(),
                territory.clone(),
            ));
        }
        if !part.books.is_empty() {
            begun.run(crate::commands::unpark::serve(
                cluster.bus.clone(),
                live.clone(),
            ));
        }
        let (stop, stopped) = watch::channel(false);
        let (told, shards) = watch::channel(Vec::new());
        let replica = (!part.books.is_empty()).then(|| {
            let replica = Replica {
                name: part.name.clone(),
                services: part.books.clone(),
                shards: part.shards,
            };
            let host = Arc::new(host(
                live.clone(),
                feed.clone(),
                cluster.bus.clone(),
                part.shards,
                cluster.metrics.clone(),
                held.clone(),
            ));
            tokio::spawn(replica.run(
                cluster.leases.clone(),
                cluster.bus.clone(),
                host,
                stopped,
                told,
            ))
        });
        Ok(Self {
            live,
            shards,
            stop,
            replica,
            publishing: None,
            held,
            begun,
            feed,
        })
    }

    /// The books that are kept.
    pub fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// The shards this process has.
    pub fn shards(&self) -> watch::Receiver<Vec<Shard>> {
        self.shards.clone()
    }

    /// Tells other systems as well, whenever it is its turn.
    pub async fn publish(&mut self, cluster: &Cluster, name: &str) {
        let office = self.live.office();
        self.feed.want(&office.books()).await;
        self.publishing = Some(Publishing::start(
            cluster,
            name,
            office.clone(),
            self.held.clone(),
        ));
    }

    /// The shards it has, each since when.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// A way to ask its projection, where it has one.
    pub fn asker(&self) -> Option<Asker> {
        self.begun.insight.as_ref().map(InsightThread::asker)
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
        self.live.stop().await;
        drop(self.begun);
    }
}

async fn questions(
    cluster: &Cluster,
    office: &Arc<Office>,
    asker: Asker,
) -> Result<JoinHandle<()>, Failure> {
    let (client, office) = (Client::new(cluster.bus.clone()), office.clone());
    // Who just started has read nothing yet, and must not be the first to say that nobody of that name is there.
    let (reads_up, has_read) = watch::channel(false);
    let (behind, reading) = (office.clone(), asker.clone());
    tokio::spawn(async move {
        let reading_up = async {
            while !desk::read_up(&behind, &reading).await {
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::select! {
            () = reads_up.closed() => {}
            () = reading_up => drop(reads_up.send_replace(true)),
        }
    });
    let answer = move |_, wanted: Wanted| {
        let (client, office, asker, has_read) = (
            client.clone(),
            office.clone(),
            asker.clone(),
            has_read.clone(),
        );
        async move {
            if !*has_read.borrow() {
                return None;
            }
            Some(
                desk::reply(
                    &asker,
                    &client,
                    &office.territory,
                    office.clock.now(),
                    wanted,
                )
                .await,
            )
        }
    };
    picket_bus::serve_questions(cluster.bus.clone(), answer)
        .await
        .map_err(|why| Failure::new(Exit::Storage, why.to_string(), "Is NATS up? Start again."))
}

type Serving = Arc<Mutex<BTreeMap<Shard, Vec<JoinHandle<()>>>>>;

/// Opens and closes the books of shards.
fn host(
    live: Arc<Live>,
    feed: Arc<Feed>,
    bus: Arc<dyn Bus>,
    shards: u32,
    metrics: Option<Metrics>,
    held: Held,
) -> Host {
    let serving: Serving = Arc::default();
    let (its, served, kept) = (live.clone(), serving.clone(), held.clone());
    let open = move |shard: Shard, current: Current| -> Hosting {
        let (live, feed, bus, serving, metrics, held) = (
            live.clone(),
            feed.clone(),
            bus.clone(),
            served.clone(),
            metrics.clone(),
            kept.clone(),
        );
        Box::pin(async move {
            let books = books_of(live.office(), &shard, shards);
            let read: Vec<BookName> = books
                .iter()
                .flat_map(|book| live.office().reads(book))
                .chain(books.iter().cloned())
                .collect();
            if timeout(UNOPENED, feed.want(&read)).await.is_err() {
                eprintln!(
                    "picket: shard {shard} cannot be opened here and is left to another process, where one can: what others write cannot be followed"
                );
                return current.let_go();
            }
            let mut failing = Failing::default();
            // Until it works, or the shard is given up and this is dropped.
            while let Err(why) = live.keep(&books).await {
                if !failing
                    .goes_on(&shard, &desk::cannot_keep(why).problem.title)
                    .await
                {
                    return current.let_go();
                }
            }
            let names: Vec<_> = books
                .iter()
                .map(|book| {
                    (
                        book.service().to_owned(),
                        Jurisdiction::from(book.jurisdiction()),
                    )
                })
                .collect();
            let of = shard.service.clone();
            let its = live.clone();
            let served_as = current.clone();
            let answer = move |jurisdiction: Option<Jurisdiction>, wanted: Wanted| {
                let (live, current, of, metrics) =
                    (its.clone(), served_as.clone(), of.clone(), metrics.clone());
                async move {
                    let book = BookName::new(&of, jurisdiction.as_ref()?.as_str()).ok()?;
                    if !current.holds() {
                        return None;
                    }
                    let served = desk::answer(&live, jurisdiction, wanted).await;
                    // Whoever has the shard by now answers.
                    let served = (current.holds() && live.keeps(&book))
                        .then_some(served)
                        .filter(|served| may_be_heard(&live, &book, &current, served));
                    if let (Some(served), Some(metrics)) = (&served, &metrics) {
                        metrics.answered(&of, outcome(served));
                    }
                    served
                }
            };
            let mut tasks = loop {
                match picket_bus::serve_books(bus.clone(), &names, answer.clone()).await {
                    Ok(tasks) => break tasks,
                    Err(why) => {
                        if !failing.goes_on(&shard, &why.to_string()).await {
                            return current.let_go();
                        }
                    }
                }
            };
            if shard.service == "courier" {
                tasks.extend(names.iter().map(|(_, jurisdiction)| {
                    tokio::spawn(desk::transport::outcomes(
                        bus.clone(),
                        live.clone(),
                        jurisdiction.clone(),
                    ))
                }));
            }
            tasks.push(tokio::spawn(pass_on(
                live.office().outdated(),
                books,
                shard.clone(),
                current,
            )));
            held.begins(shard.clone(), live.office().clock.now());
            drop(
                serving
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(shard, tasks),
            );
        })
    };
    let close = move |shard: Shard| -> Hosting {
        let (live, serving, held) = (its.clone(), serving.clone(), held.clone());
        Box::pin(async move {
            held.ends(&shard);
            let tasks = serving
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&shard)
                .unwrap_or_default();
            for task in tasks {
                task.abort();
            }
            live.leave(&books_of(live.office(), &shard, shards)).await;
        })
    };
    Host {
        open: Box::new(open),
        close: Box::new(close),
    }
}

/// How opening a shard goes wrong.
#[derive(Default)]
struct Failing {
    since: Option<Instant>,
    said: String,
}

impl Failing {
    /// Says why, waits a moment, and whether it is tried again here.
    async fn goes_on(&mut self, shard: &Shard, why: &str) -> bool {
        if self.since.get_or_insert_with(Instant::now).elapsed() >= UNOPENED {
            eprintln!(
                "picket: shard {shard} cannot be opened here and is left to another process, where one can: {why}"
            );
            return false;
        }
        if self.said != why {
            eprintln!("picket: shard {shard} cannot be opened yet: {why}");
            why.clone_into(&mut self.said);
        }
        tokio::time::sleep(PAUSE).await;
        true
    }
}

/// Whether an answer is the answer, or only what this process makes of a book that another one has or will have:
/// then it stays silent, and the wish is asked again under its id.
fn may_be_heard(live: &Live, book: &BookName, current: &Current, served: &Served) -> bool {
    match served {
        Served::No(problem) => {
            problem.code != LOST_RACE
                && !current.contested()
                && !live.office().outdated().borrow().contains(book)
        }
        Served::Done(_) | Served::View(_) => true,
    }
}

/// Gives a shard up as soon as one of its books turns out to need a later version.
async fn pass_on(
    mut outdated: watch::Receiver<BTreeSet<BookName>>,
    books: Vec<BookName>,
    shard: Shard,
    current: Current,
) {
    let beyond = |outdated: &BTreeSet<BookName>| books.iter().any(|book| outdated.contains(book));
    if outdated.wait_for(beyond).await.is_ok() {
        eprintln!(
            "picket: shard {shard} was written by a later version of Picket and is left to it: upgrade this process"
        );
        current.pass_on();
    }
}

/// What a wish came to, in a word that is counted.
fn outcome(served: &Served) -> &str {
    match served {
        Served::Done(answer) if answer.unchanged => "unchanged",
        Served::Done(_) => "done",
        Served::No(problem) => &problem.code,
        Served::View(_) => "garbled",
    }
}

fn books_of(office: &Office, shard: &Shard, shards: u32) -> Vec<BookName> {
    office
        .books()
        .into_iter()
        .filter(|book| {
            Shard::of(
                book.service(),
                &Jurisdiction::from(book.jurisdiction()),
                shards,
            ) == *shard
        })
        .collect()
}

#[cfg(test)]
mod tests;
