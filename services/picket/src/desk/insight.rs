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
        Ok(Self::start(insight))
    }

    /// In memory.
    pub fn in_memory(territory: &Territory) -> Result<Self, Failure> {
        let insight = Insight::in_memory(territory.clone()).map_err(|why| Failure::new(Exit::Storage, why.to_string(), "Free some memory."))?;
        Ok(Self::start(insight))
    }

    fn start(mut insight: Insight) -> Self {
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
pub(super) async fn feed(office: Arc<Office>, asker: Asker) {
    let mut place = office.hub.place();
    if catch_up(&office, &asker).await.is_err() {
        return;
    }
    loop {
        let changed = office.hub.changed();
        match office.hub.published_after(place) {
            Some((commits, end)) => {
                let at = asker.positions();
                let fresh: Vec<_> = commits.into_iter().filter(|commit| at.get(&commit.commit.book).is_none_or(|(n, _)| commit.head.number > *n)).collect();
                for batch in fresh.chunks(BATCH) {
                    if asker.apply(batch.to_vec()).await.is_err() && catch_up(&office, &asker).await.is_err() {
                        return;
                    }
                }
                place = end;
                if commits_waiting(&office, place) {
                    continue;
                }
            }
            None => {
                place = office.hub.place();
                if catch_up(&office, &asker).await.is_err() {
                    return;
                }
                continue;
            }
        }
        tokio::select! {
            () = changed => {}
            // Something published between looking and waiting is seen at the next look.
            () = tokio::time::sleep(Duration::from_millis(20)) => {}
        }
    }
}

fn commits_waiting(office: &Office, place: u64) -> bool {
    office.hub.place() > place
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
    let mut whole = true;
    loop {
        let changed = office.hub.changed();
        let commits = match office.hub.published_after(place) {
            Some((commits, end)) if !whole => {
                place = end;
                commits
            }
            // At the start, or too far behind: what is settled already refuses a second time.
            _ => {
                place = office.hub.place();
                whole = false;
                bulletins(&office).await
            }
        };
        for commit in commits.iter().filter(|commit| commit.commit.book.starts_with("bulletin/")) {
            for event in commit.commit.entries.iter().flat_map(|entry| &entry.events) {
                if let Event::Bulletin(event @ bulletin::Event::BulletinRequested { .. }) = event {
                    let jurisdiction = Jurisdiction::from(commit.commit.book.trim_start_matches("bulletin/"));
                    settle(&office, &asker, &live, &jurisdiction, event).await;
                }
            }
        }
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(Duration::from_millis(100)) => {}
        }
    }
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

async fn settle(office: &Office, asker: &Asker, live: &Live, jurisdiction: &Jurisdiction, requested: &bulletin::Event) {
    let bulletin::Event::BulletinRequested { bulletin, from, as_of, .. } = requested else { return };
    let heads = super::heads(office);
    let mut positions = asker.positions.clone();
    let reached = positions.wait_for(|at| heads.iter().all(|(book, n)| at.get(book).map_or(*n == 0, |(read, _)| read >= n)));
    if tokio::time::timeout(Duration::from_secs(30), reached).await.is_err() {
        return;
    }
    let Ok(figures) = asker.figures(jurisdiction.clone(), *from, *as_of).await else { return };
    let command = bulletin::Command::Settle {
        bulletin: bulletin.clone(),
        positions: figures.positions,
        figures: figures.figures,
        areas: figures.areas,
        code_version: crate::scenario::CODE_VERSION.into(),
    };
    let wish = super::system_wish(format!("settle:{jurisdiction}:{bulletin}"), jurisdiction, office.clock.now(), command.into());
    // A refusal says that it is settled already.
    drop(live.wish(jurisdiction, wish).await);
}
