//! The shards of a process: the books of each are opened when it comes, answered for while it is kept, and closed when
//! it goes. A shard that cannot be opened here is left to another process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use picket_bus::{Bus, BusError, EdgeReply, EdgeRequest};
use picket_journal::BookName;
use picket_runtime::{Host, LOST_RACE, Live, Shard, ShardLease, Tailer};
use picket_schemas::Jurisdiction;
use picket_telemetry::Metrics;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::admin::status::Held;
use crate::delivery;
use crate::parts::{addresses, answer_wish};

/// How long opening a shard waits before it is tried again.
const PAUSE: Duration = Duration::from_millis(250);
/// How long it may fail before somebody else gets the chance. One try reads for eight seconds before it fails.
pub(super) const UNOPENED: Duration = Duration::from_secs(15);

/// The shards that are answered for.
type Serving = Arc<Mutex<BTreeMap<Shard, Vec<JoinHandle<()>>>>>;

/// Opens and closes the books of shards. Clones share what is served.
#[derive(Clone)]
pub(super) struct Shards {
    live: Arc<Live>,
    /// Brings what others append.
    feed: Arc<Tailer>,
    bus: Arc<dyn Bus>,
    /// How many shards each service has.
    count: u32,
    metrics: Option<Metrics>,
    held: Held,
    serving: Serving,
}

impl Shards {
    pub(super) fn new(
        live: Arc<Live>,
        feed: Arc<Tailer>,
        bus: Arc<dyn Bus>,
        count: u32,
        metrics: Option<Metrics>,
        held: Held,
    ) -> Self {
        Self {
            live,
            feed,
            bus,
            count,
            metrics,
            held,
            serving: Serving::default(),
        }
    }

    /// As a replica calls it.
    pub(super) fn host(self) -> Host {
        let closing = self.clone();
        Host {
            open: Box::new(move |shard, current| {
                let shards = self.clone();
                Box::pin(async move { shards.open(shard, current).await })
            }),
            close: Box::new(move |shard| {
                let shards = closing.clone();
                Box::pin(async move { shards.close(shard).await })
            }),
        }
    }

    /// Opens the books of a shard and answers for them; lets the shard go where that does not work here.
    async fn open(&self, shard: Shard, current: ShardLease) {
        let books = self.books(&shard);
        if !self.follow(&shard, &books).await {
            return current.mark_unopenable();
        }
        let mut failing = Failing::default();
        // Until it works, or the shard is given up and this is dropped.
        while let Err(why) = self.live.keep(&books).await {
            let why = crate::problem::cannot_keep(why).problem.title;
            if !failing.goes_on(&shard, &why).await {
                return current.mark_unopenable();
            }
        }
        let mut tasks = loop {
            match self.answer(&shard, &books, &current).await {
                Ok(tasks) => break tasks,
                Err(why) => {
                    if !failing.goes_on(&shard, &why.to_string()).await {
                        return current.mark_unopenable();
                    }
                }
            }
        };
        if shard.service == "courier" {
            tasks.extend(books.iter().map(|book| {
                tokio::spawn(delivery::outcomes(
                    self.bus.clone(),
                    self.live.clone(),
                    Jurisdiction::from(book.jurisdiction()),
                ))
            }));
        }
        let outdated = self.live.engine().outdated();
        tasks.push(tokio::spawn(pass_on(
            outdated,
            books,
            shard.clone(),
            current,
        )));
        self.held
            .begins(shard.clone(), self.live.engine().clock.now());
        let mut serving = self.serving.lock();
        drop(serving.insert(shard, tasks));
    }

    /// Begins to follow what the books of a shard read; false where that takes too long.
    async fn follow(&self, shard: &Shard, books: &[BookName]) -> bool {
        let engine = self.live.engine();
        let read: Vec<BookName> = books
            .iter()
            .flat_map(|book| engine.reads(book))
            .chain(books.iter().cloned())
            .collect();
        let follows = timeout(UNOPENED, self.feed.subscribe(&read)).await.is_ok();
        if !follows {
            eprintln!(
                "picket: shard {shard} cannot be opened here and is left to another process, where one can: what others write cannot be followed"
            );
        }
        follows
    }

    /// Answers wishes for the books of a shard, as long as this process has it.
    async fn answer(
        &self,
        shard: &Shard,
        books: &[BookName],
        current: &ShardLease,
    ) -> Result<Vec<JoinHandle<()>>, BusError> {
        let answering = Answering {
            live: self.live.clone(),
            service: shard.service.clone(),
            current: current.clone(),
            metrics: self.metrics.clone(),
        };
        let answer = move |jurisdiction: Option<Jurisdiction>, wanted: EdgeRequest| {
            let answering = answering.clone();
            async move { answering.answer(jurisdiction, wanted).await }
        };
        picket_bus::serve_books(self.bus.clone(), &addresses(books), answer).await
    }

    /// Stops answering for a shard and closes its books.
    async fn close(&self, shard: Shard) {
        self.held.ends(&shard);
        let tasks = self.serving.lock().remove(&shard).unwrap_or_default();
        for task in tasks {
            task.abort();
        }
        self.live.leave(&self.books(&shard)).await;
    }

    fn books(&self, shard: &Shard) -> Vec<BookName> {
        let is_of = |book: &BookName| {
            let jurisdiction = Jurisdiction::from(book.jurisdiction());
            Shard::of(book.service(), &jurisdiction, self.count) == *shard
        };
        let books = self.live.engine().books().into_iter();
        books.filter(is_of).collect()
    }
}

/// The tasks that answer wishes for the books of a shard.
#[derive(Clone)]
struct Answering {
    live: Arc<Live>,
    service: String,
    current: ShardLease,
    metrics: Option<Metrics>,
}

impl Answering {
    /// The answer to a wish; none where another process has the book, or will have it.
    async fn answer(
        &self,
        jurisdiction: Option<Jurisdiction>,
        wanted: EdgeRequest,
    ) -> Option<EdgeReply> {
        let (live, current) = (&self.live, &self.current);
        let book = BookName::new(&self.service, jurisdiction.as_ref()?.as_str()).ok()?;
        if !current.holds() {
            return None;
        }
        let served = answer_wish(live, jurisdiction, wanted).await;
        // Whoever has the shard by now answers.
        let served = (current.holds() && live.keeps(&book))
            .then_some(served)
            .filter(|served| may_be_heard(live, &book, current, served));
        if let (Some(served), Some(metrics)) = (&served, &self.metrics) {
            metrics.answered(&self.service, outcome(served));
        }
        served
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

/// True where an answer is the answer, and not only what this process makes of a book that another one has or will
/// have: then it stays silent, and the wish is asked again under its id.
fn may_be_heard(live: &Live, book: &BookName, current: &ShardLease, served: &EdgeReply) -> bool {
    match served {
        EdgeReply::No(problem) => {
            problem.code != LOST_RACE
                && !current.contested()
                && !live.engine().outdated().borrow().contains(book)
        }
        EdgeReply::Done(_) | EdgeReply::View(_) => true,
    }
}

/// Gives a shard up as soon as one of its books turns out to need a later version.
async fn pass_on(
    mut outdated: watch::Receiver<BTreeSet<BookName>>,
    books: Vec<BookName>,
    shard: Shard,
    current: ShardLease,
) {
    let beyond = |outdated: &BTreeSet<BookName>| books.iter().any(|book| outdated.contains(book));
    if outdated.wait_for(beyond).await.is_ok() {
        eprintln!(
            "picket: shard {shard} was written by a later version of Picket and is left to it: upgrade this process"
        );
        current.mark_outdated();
    }
}

/// The outcome of a wish, in a word that is counted.
fn outcome(served: &EdgeReply) -> &str {
    match served {
        EdgeReply::Done(answer) if answer.unchanged => "unchanged",
        EdgeReply::Done(_) => "done",
        EdgeReply::No(problem) => &problem.code,
        EdgeReply::View(_) => "garbled",
    }
}
