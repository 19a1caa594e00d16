//! Insight at the desk: a thread that owns the projection, fed in causal order, asked over a channel.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use jiff::Timestamp;
use picket_insight::Insight;
use picket_runtime::{Causal, Decoded, Live, Office};
use picket_schemas::ask::{After, FiguresView, Question, Reply, View};
use picket_schemas::bulletin;
use picket_schemas::registry::Territory;
use picket_schemas::{Event, Jurisdiction, Problem};
use tokio::sync::{oneshot, watch};

use crate::problem::{Exit, Failure};

/// How long a question waits for positions it must not be answered before.
const WAIT: Duration = Duration::from_secs(2);
/// Commits folded at a time.
const BATCH: usize = 512;

type Positions = BTreeMap<String, (u64, String)>;

enum Job {
    Apply(Vec<Arc<Decoded>>, oneshot::Sender<Result<(), String>>),
    Ask(Box<Question>, Timestamp, oneshot::Sender<Result<View, String>>),
    Figures(Jurisdiction, Timestamp, Timestamp, oneshot::Sender<Result<Box<FiguresView>, String>>),
    StartOver(oneshot::Sender<()>),
    Stop,
}

/// Owns the projection.
#[derive(Debug)]
pub struct InsightThread {
    asker: Asker,
    thread: std::thread::JoinHandle<()>,
}

/// Asks the projection; cheap to clone.
#[derive(Clone, Debug)]
pub struct Asker {
    jobs: mpsc::Sender<Job>,
    positions: watch::Receiver<Positions>,
}

impl InsightThread {
    /// Over a file that can be made again.
    pub fn open_file(path: &Path, territory: &Territory) -> Result<Self, Failure> {
        let insight = Insight::open(path, territory.clone()).map_err(|why| Failure::new(Exit::Storage, why.to_string(), "`insight.db` can be deleted; it is made again from the journal."))?;
        let (path, territory) = (path.to_owned(), territory.clone());
        Ok(Self::start(insight, move || {
            for name in ["", "-wal", "-shm"] {
                let mut file = path.clone().into_os_string();
                file.push(name);
                // What is not there need not be removed; what cannot be is told by opening it.
                drop(std::fs::remove_file(file));
            }
            Insight::open(&path, territory.clone()).ok()
        }))
    }

    /// In memory.
    pub fn in_memory(territory: &Territory) -> Result<Self, Failure> {
        let insight = Insight::in_memory(territory.clone()).map_err(|why| Failure::new(Exit::Storage, why.to_string(), "Free some memory."))?;
        let territory = territory.clone();
        Ok(Self::start(insight, move || Insight::in_memory(territory.clone()).ok()))
    }

    fn start(mut insight: Insight, anew: impl Fn() -> Option<Insight> + Send + 'static) -> Self {
        let (jobs, waiting) = mpsc::channel();
        let (told, positions) = watch::channel(insight.positions());
        let thread = std::thread::Builder::new()
            .name("insight".into())
            .spawn(move || {
                for job in waiting {
                    match job {
                        Job::Apply(batch, done) => {
                            let batch: Vec<_> = batch.iter().map(|commit| (commit.commit.clone(), commit.head.hash.clone())).collect();
                            let applied = insight.apply(&batch).map_err(|why| why.to_string());
                            told.send_replace(insight.positions());
                            let _ = done.send(applied);
                        }
                        Job::Ask(question, now, reply) => drop(reply.send(insight.answer(&question, now).map_err(|why| why.to_string()))),
                        Job::Figures(jurisdiction, from, as_of, reply) => {
                            drop(reply.send(insight.figures(&jurisdiction, from, as_of).map(Box::new).map_err(|why| why.to_string())));
                        }
                        Job::StartOver(done) => {
                            if let Some(fresh) = anew() {
                                insight = fresh;
                            }
                            told.send_replace(insight.positions());
                            let _ = done.send(());
                        }
                        Job::Stop => break,
                    }
                }
            })
            .expect("a process can start a thread");
        Self { asker: Asker { jobs, positions }, thread }
    }

    /// A way to ask it.
    pub fn asker(&self) -> Asker {
        self.asker.clone()
    }

    /// Lets it finish what it has and go.
    pub fn close(self) {
        drop(self.asker.jobs.send(Job::Stop));
        // A panic there was printed by its hook; the projection can be made again.
        drop(self.thread.join());
    }
}

impl Asker {
    /// How far each journal was read.
    pub fn positions(&self) -> Positions {
        self.positions.borrow().clone()
    }

    /// Throws the projection away; everything is read again.
    async fn start_over(&self) {
        let (done, fresh) = oneshot::channel();
        if self.jobs.send(Job::StartOver(done)).is_ok() {
            // A thread that is gone has nothing to start over.
            drop(fresh.await);
        }
    }

    /// Folds commits.
    pub async fn apply(&self, batch: Vec<Arc<Decoded>>) -> Result<(), String> {
        let (done, applied) = oneshot::channel();
        self.jobs.send(Job::Apply(batch, done)).map_err(|_| "insight is gone".to_owned())?;
        applied.await.map_err(|_| "insight is gone".to_owned())?
    }

    /// Answers a question, not before `after` is read; waits at most two seconds for that.
    pub async fn ask(&self, question: Question, after: After, now: Timestamp) -> Result<Reply, Problem> {
        let mut positions = self.positions.clone();
        let reached = positions.wait_for(|at| after.iter().all(|(book, n)| at.get(book).is_some_and(|(read, _)| read >= n)));
        let stale = !matches!(tokio::time::timeout(WAIT, reached).await, Ok(Ok(_)));
        let read = |at: Positions| at.into_iter().map(|(book, (n, _))| (book, n)).collect::<After>();
        if stale {
            return Ok(Reply { after: read(self.positions()), view: View::Stale });
        }
        let (reply, view) = oneshot::channel();
        let gone = || Problem::new("gone", "insight is not there", "Start Picket again; facts are safe.");
        let before = read(self.positions());
        self.jobs.send(Job::Ask(Box::new(question), now, reply)).map_err(|_| gone())?;
        match view.await {
            Ok(Ok(view)) => Ok(Reply { after: before, view }),
            Ok(Err(why)) => Err(Problem::new("insight", format!("the question cannot be answered: {why}"), "`insight.db` can be deleted; it is made again from the journal.")),
            Err(_) => Err(gone()),
        }
    }

    /// Figures of a scope.
    pub async fn figures(&self, jurisdiction: Jurisdiction, from: Timestamp, as_of: Timestamp) -> Result<FiguresView, String> {
        let (reply, figures) = oneshot::channel();
        self.jobs.send(Job::Figures(jurisdiction, from, as_of, reply)).map_err(|_| "insight is gone".to_owned())?;
        figures.await.map_err(|_| "insight is gone".to_owned())?.map(|figures| *figures)
    }
}

/// Reads the journals from where insight is, then follows what is published, for ever.
///
/// A projection that cannot go on, because the journal is not the one it was made from, is made anew.
pub(super) async fn feed(office: Arc<Office>, asker: Asker) {
    let mut place = office.hub.place();
    let mut behind = true;
    let mut failed = 0_u32;
    let mut wait = Duration::from_millis(100);
    loop {
        let changed = office.hub.changed();
        let fed = match office.hub.published_after(place) {
            Some((commits, end)) if !behind => {
                place = end;
                follow(&asker, commits).await
            }
            _ => {
                place = office.hub.place();
                catch_up(&office, &asker).await
            }
        };
        behind = fed.is_err();
        if let Err(why) = fed {
            failed += 1;
            // A store that is away or full for a moment comes back; a projection that disagrees with the journal does not.
            if failed == 4 {
                eprintln!("picket: insight could not read on and is made anew: {why}");
                asker.start_over().await;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(10));
            continue;
        }
        failed = 0;
        wait = Duration::from_millis(100);
        if office.hub.place() > place {
            continue;
        }
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

async fn follow(asker: &Asker, commits: Vec<Arc<Decoded>>) -> Result<(), String> {
    let at = asker.positions();
    let fresh: Vec<_> = commits.into_iter().filter(|commit| at.get(&commit.commit.book).is_none_or(|(n, _)| commit.head.number > *n)).collect();
    for batch in fresh.chunks(BATCH) {
        asker.apply(batch.to_vec()).await?;
    }
    Ok(())
}

/// Folds everything the journals hold, in causal order.
pub(super) async fn catch_up(office: &Office, asker: &Asker) -> Result<(), String> {
    let mut causal = Causal::new(office.journal.clone(), &office.books(), &asker.positions());
    loop {
        let batch = causal.next(BATCH).await.map_err(|why| why.to_string())?;
        if batch.is_empty() {
            return Ok(());
        }
        asker.apply(batch).await?;
    }
}

/// Answers requested freezes: the figures up to the as-of instant, and where they were read.
pub(super) async fn freeze(office: Arc<Office>, asker: Asker, live: Arc<Live>) {
    let mut place = office.hub.place();
    let mut open: BTreeMap<(String, String), bulletin::Event> = requests(&bulletins(&office).await);
    loop {
        let changed = office.hub.changed();
        match office.hub.published_after(place) {
            Some((commits, end)) => {
                place = end;
                open.extend(requests(&commits));
            }
            None => {
                place = office.hub.place();
                open.extend(requests(&bulletins(&office).await));
            }
        }
        let mut left = BTreeMap::new();
        for ((book, id), request) in open {
            let jurisdiction = Jurisdiction::from(book.trim_start_matches("bulletin/"));
            if !settle(&office, &asker, &live, &jurisdiction, &request).await {
                left.insert((book, id), request);
            }
        }
        open = left;
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

fn requests(commits: &[Arc<Decoded>]) -> BTreeMap<(String, String), bulletin::Event> {
    let mut open = BTreeMap::new();
    for commit in commits {
        for event in commit.commit.entries.iter().flat_map(|entry| &entry.events) {
            if let Event::Bulletin(event @ bulletin::Event::BulletinRequested { bulletin, .. }) = event {
                open.insert((commit.commit.book.clone(), bulletin.to_string()), event.clone());
            }
        }
    }
    open
}

/// The commits of every bulletin book that hold a request no freeze follows.
async fn bulletins(office: &Office) -> Vec<Arc<Decoded>> {
    let books: Vec<_> = office.books().into_iter().filter(|book| book.service() == "bulletin").collect();
    let mut causal = Causal::new(office.journal.clone(), &books, &BTreeMap::new());
    let mut open: BTreeMap<(String, String), Arc<Decoded>> = BTreeMap::new();
    while let Ok(batch) = causal.next(BATCH).await {
        if batch.is_empty() {
            break;
        }
        for commit in batch {
            for event in commit.commit.entries.iter().flat_map(|entry| &entry.events) {
                match event {
                    Event::Bulletin(bulletin::Event::BulletinRequested { bulletin, .. }) => {
                        open.insert((commit.commit.book.clone(), bulletin.to_string()), commit.clone());
                    }
                    Event::Bulletin(bulletin::Event::BulletinFrozen { bulletin, .. }) => {
                        open.remove(&(commit.commit.book.clone(), bulletin.to_string()));
                    }
                    _ => {}
                }
            }
        }
    }
    open.into_values().collect()
}

/// True when it is settled, or was before.
async fn settle(office: &Office, asker: &Asker, live: &Live, jurisdiction: &Jurisdiction, requested: &bulletin::Event) -> bool {
    let bulletin::Event::BulletinRequested { bulletin, from, as_of, .. } = requested else { return true };
    let heads = super::heads(office);
    let mut positions = asker.positions.clone();
    let reached = positions.wait_for(|at| heads.iter().all(|(book, n)| at.get(book).map_or(*n == 0, |(read, _)| read >= n)));
    if tokio::time::timeout(Duration::from_secs(30), reached).await.is_err() {
        return false;
    }
    let Ok(figures) = asker.figures(jurisdiction.clone(), *from, *as_of).await else { return false };
    let command = bulletin::Command::Settle {
        bulletin: bulletin.clone(),
        positions: figures.positions,
        figures: figures.figures,
        areas: figures.areas,
        code_version: crate::scenario::CODE_VERSION.into(),
    };
    let wish = super::system_wish(format!("settle:{jurisdiction}:{bulletin}"), jurisdiction, office.clock.now(), command.into());
    match live.wish(jurisdiction, wish).await {
        Ok(_) => true,
        // Whatever is not for now alone says that it was settled already.
        Err(problem) => !matches!(problem.code.as_str(), "busy" | "not_saved" | "outcome_unknown" | "parked" | "stopped"),
    }
}
