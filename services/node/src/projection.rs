//! The projection of a process: a thread that owns the projection, asked over a channel.
//!
//! It is only a projection: where it cannot be written or made, facts are safe and answers are old, and it
//! says so. Who feeds it is beside it in `feeding.rs`.

mod access_log;
pub(crate) mod feeding;
pub(crate) mod freezing;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use jiff::Timestamp;
use picket_bus::{Client, EdgeReply, EdgeRequest};
use picket_insight::{AccessEntry, Insight, InsightError, VisibleAnswer};
use picket_reading::Decoded;
use picket_runtime::Engine;
use picket_schemas::ask::{After, FiguresView, Question, Reply, View, Viewer};
use picket_schemas::registry::Territory;
use picket_schemas::{Commit, Jurisdiction, Problem};
use tokio::sync::{oneshot, watch};

use crate::problem::{Exit, Failure};

/// How long a question waits for positions it must not be answered before.
const WAIT: Duration = Duration::from_secs(2);
/// How far each journal was read: number and hash of the last commit.
type ReadPositions = BTreeMap<String, (u64, String)>;

/// How insight stands to the journals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    /// How far each was read.
    pub(crate) positions: ReadPositions,
    /// Journals that cannot be read to their ends, each with why.
    pub(crate) damaged: BTreeMap<String, String>,
    /// Why it does not get on at present.
    pub(crate) trouble: Option<String>,
    /// Why it is being made anew, until it is whole: nothing is answered from a part.
    pub(crate) anew: Option<String>,
}

/// Why commits were not folded.
#[derive(Debug)]
pub(crate) struct NotFolded {
    pub(crate) why: String,
    /// The disk or the journal is away: nothing is wrong with what was folded before.
    pub(crate) passing: bool,
}

impl From<InsightError> for NotFolded {
    fn from(error: InsightError) -> Self {
        let passing = error.is_of_the_disk();
        Self {
            why: words(error),
            passing,
        }
    }
}

/// An error with its causes in one sentence.
fn words(error: InsightError) -> String {
    format!("{:#}", anyhow::Error::from(error))
}

enum Job {
    Apply(Vec<Arc<Decoded>>, oneshot::Sender<Result<(), NotFolded>>),
    Ask(
        Viewer,
        Box<Question>,
        Timestamp,
        oneshot::Sender<Result<VisibleAnswer, String>>,
    ),
    Figures(
        Jurisdiction,
        Timestamp,
        Timestamp,
        oneshot::Sender<Result<Box<FiguresView>, String>>,
    ),
    Provisional(oneshot::Sender<Vec<Timestamp>>),
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
    standing: Arc<watch::Sender<Standing>>,
}

impl InsightThread {
    /// Over a file that can be made again.
    pub fn open_file(path: &Path, territory: &Territory) -> Result<Self, Failure> {
        let insight = Insight::open(path, territory.clone()).map_err(|why| Failure::new(Exit::Storage, format!("insight, which is only a projection of the facts, cannot be opened: {}", words(why)), "The facts are in `journal.db`, untouched. `insight.db` can be deleted; it is made again from them."))?;
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
        let insight = Insight::in_memory(territory.clone())
            .map_err(|why| Failure::new(Exit::Storage, words(why), "Free some memory."))?;
        let territory = territory.clone();
        Ok(Self::start(insight, move || {
            Insight::in_memory(territory.clone()).ok()
        }))
    }

    fn start(mut insight: Insight, anew: impl Fn() -> Option<Insight> + Send + 'static) -> Self {
        let (jobs, waiting) = mpsc::channel();
        let standing = Arc::new(watch::Sender::new(Standing {
            positions: insight.positions(),
            ..Standing::default()
        }));
        let told = standing.clone();
        let thread = std::thread::Builder::new()
            .name("insight".into())
            .spawn(move || {
                for job in waiting {
                    match job {
                        Job::Apply(batch, done) => {
                            let batch: Vec<_> = batch
                                .iter()
                                .map(|commit| (commit.commit.clone(), commit.head.hash.clone()))
                                .collect();
                            let applied = insight.apply(&batch).map_err(NotFolded::from);
                            if applied.is_ok() {
                                told.send_modify(|standing| moved(&mut standing.positions, batch));
                            }
                            let _ = done.send(applied);
                        }
                        Job::Ask(viewer, question, now, reply) => drop(
                            reply.send(insight.answer_to(&viewer, &question, now).map_err(words)),
                        ),
                        Job::Figures(jurisdiction, from, as_of, reply) => {
                            drop(
                                reply.send(
                                    insight
                                        .figures(&jurisdiction, from, as_of)
                                        .map(Box::new)
                                        .map_err(words),
                                ),
                            );
                        }
                        // What cannot be read now is asked again.
                        Job::Provisional(reply) => {
                            drop(reply.send(insight.provisional().unwrap_or_default()))
                        }
                        Job::StartOver(done) => {
                            if let Some(fresh) = anew() {
                                insight = fresh;
                            }
                            told.send_modify(|standing| standing.positions = insight.positions());
                            let _ = done.send(());
                        }
                        Job::Stop => break,
                    }
                }
            })
            .expect("a process can start a thread");
        Self {
            asker: Asker { jobs, standing },
            thread,
        }
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

/// Moves positions on past commits that were folded. A country has thousands of journals, and a batch moves few.
fn moved(positions: &mut ReadPositions, batch: Vec<(Arc<Commit>, String)>) {
    for (commit, hash) in batch {
        match positions.get_mut(&commit.book) {
            Some(read) if read.0 < commit.n => *read = (commit.n, hash),
            Some(_) => {}
            None => drop(positions.insert(commit.book.clone(), (commit.n, hash))),
        }
    }
}

impl Asker {
    /// How far each journal was read.
    pub fn positions(&self) -> ReadPositions {
        self.standing.borrow().positions.clone()
    }

    /// How it stands.
    pub(crate) fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    /// Journals that cannot be read to their ends, each with why; and why it does not get on, if so.
    pub fn stands(&self) -> (BTreeMap<String, String>, Option<String>) {
        let Standing {
            damaged,
            trouble,
            anew,
            ..
        } = self.standing();
        (
            damaged,
            trouble.or_else(|| anew.map(|why| format!("it is made anew from the journals: {why}"))),
        )
    }

    /// Journals that cannot be read to their ends.
    pub(crate) fn lacks(&self, damaged: BTreeMap<String, String>) {
        self.standing.send_if_modified(|standing| {
            let changed = standing.damaged != damaged;
            standing.damaged = damaged;
            changed
        });
    }

    /// Why it does not get on, or that it does again.
    pub(crate) fn troubled(&self, trouble: Option<String>) {
        self.standing.send_if_modified(|standing| {
            let changed = standing.trouble != trouble;
            standing.trouble = trouble;
            changed
        });
    }

    /// Why it is begun anew, or that it is whole again.
    pub(crate) fn anew(&self, why: Option<String>) {
        self.standing.send_if_modified(|standing| {
            let changed = standing.anew != why;
            standing.anew = why;
            changed
        });
    }

    /// Waits until these positions are read, as far as the journals can be; false where it does not come to that.
    pub(crate) async fn reaches(&self, heads: &After, within: Duration) -> bool {
        let mut standing = self.standing.subscribe();
        let there = standing.wait_for(|now| {
            let read = |(book, n): (&String, &u64)| {
                *n == 0
                    || now.damaged.contains_key(book)
                    || now.positions.get(book).is_some_and(|(read, _)| read >= n)
            };
            now.trouble.is_some() || heads.iter().all(read)
        });
        matches!(tokio::time::timeout(within, there).await, Ok(Ok(now)) if now.trouble.is_none())
    }

    /// The guessed due instants of clocks that wait for the calendar of a year.
    pub(crate) async fn provisional(&self) -> Vec<Timestamp> {
        let (reply, dues) = oneshot::channel();
        if self.jobs.send(Job::Provisional(reply)).is_err() {
            return Vec::new();
        }
        dues.await.unwrap_or_default()
    }

    /// Throws the projection away; everything is read again.
    pub(crate) async fn start_over(&self) {
        let (done, fresh) = oneshot::channel();
        if self.jobs.send(Job::StartOver(done)).is_ok() {
            // A thread that is gone has nothing to start over.
            drop(fresh.await);
        }
    }

    /// Folds commits.
    pub(crate) async fn apply(&self, batch: Vec<Arc<Decoded>>) -> Result<(), NotFolded> {
        let gone = || NotFolded {
            why: "its thread is gone".into(),
            passing: true,
        };
        let (done, applied) = oneshot::channel();
        self.jobs
            .send(Job::Apply(batch, done))
            .map_err(|_| gone())?;
        applied.await.map_err(|_| gone())?
    }

    /// Answers somebody's question, not before `after` is read; waits at most two seconds for that.
    /// What is to be logged must be before the answer leaves.
    pub async fn ask(
        &self,
        viewer: Viewer,
        question: Question,
        after: After,
        now: Timestamp,
    ) -> Result<(Reply, Option<AccessEntry>), Problem> {
        let mut standing = self.standing.subscribe();
        let reached = standing.wait_for(|now| {
            now.anew.is_none()
                && after
                    .iter()
                    .all(|(book, n)| now.positions.get(book).is_some_and(|(read, _)| read >= n))
        });
        let stale = !matches!(tokio::time::timeout(WAIT, reached).await, Ok(Ok(_)));
        let read = |at: ReadPositions| {
            at.into_iter()
                .map(|(book, (n, _))| (book, n))
                .collect::<After>()
        };
        if stale {
            return Ok((
                Reply {
                    after: read(self.positions()),
                    view: View::Stale,
                },
                None,
            ));
        }
        let (reply, seen) = oneshot::channel();
        let gone = || {
            Problem::new(
                "gone",
                "insight is not there",
                "Start Picket again; facts are safe.",
            )
        };
        let before = read(self.positions());
        self.jobs
            .send(Job::Ask(viewer, Box::new(question), now, reply))
            .map_err(|_| gone())?;
        match seen.await {
            Ok(Ok(VisibleAnswer { view, reading })) => Ok((
                Reply {
                    after: before,
                    view,
                },
                reading,
            )),
            Ok(Err(why)) => Err(Problem::new(
                "insight",
                format!("the question cannot be answered: {why}"),
                "`insight.db` can be deleted; it is made again from the journal.",
            )),
            Err(_) => Err(gone()),
        }
    }

    /// Figures of a scope.
    pub async fn figures(
        &self,
        jurisdiction: Jurisdiction,
        from: Timestamp,
        as_of: Timestamp,
    ) -> Result<FiguresView, String> {
        let (reply, figures) = oneshot::channel();
        self.jobs
            .send(Job::Figures(jurisdiction, from, as_of, reply))
            .map_err(|_| "insight is gone".to_owned())?;
        figures
            .await
            .map_err(|_| "insight is gone".to_owned())?
            .map(|figures| *figures)
    }
}

/// Answers a question, from insight.
pub(crate) async fn answer(
    asker: &Asker,
    client: &Client,
    territory: &Territory,
    now: Timestamp,
    wanted: EdgeRequest,
) -> EdgeReply {
    let EdgeRequest::Question {
        question,
        after,
        viewer,
        id,
    } = wanted
    else {
        return EdgeReply::No(Problem::new(
            "invalid",
            "a wish came where questions are answered",
            "Send it to its book.",
        ));
    };
    match asker.ask(viewer.clone(), question, after, now).await {
        Ok((reply, None)) => EdgeReply::View(Box::new(reply)),
        Ok((reply, Some(logged))) => match access_log::log(
            client,
            territory,
            &viewer.person.unwrap_or_default(),
            &logged,
            &id,
            now,
        )
        .await
        {
            Ok(()) => EdgeReply::View(Box::new(reply)),
            Err(problem) => EdgeReply::No(problem),
        },
        Err(problem) => EdgeReply::No(problem),
    }
}

/// Waits until insight has read what the journals hold by now, half a minute at the most; whether it has.
pub(crate) async fn read_up(engine: &Engine, asker: &Asker) -> bool {
    let books = engine.books();
    let Ok(heads) = engine.journal.last(&books).await else {
        return false;
    };
    let heads = books
        .iter()
        .zip(heads)
        .map(|(book, head)| (book.to_string(), head.number))
        .collect();
    asker.reaches(&heads, Duration::from_secs(30)).await
}

/// Positions a territory's journals stand at, as far as a process has seen.
pub fn heads(engine: &Engine) -> BTreeMap<String, u64> {
    engine
        .books()
        .iter()
        .map(|book| (book.to_string(), engine.cache.number(book.as_str())))
        .collect()
}
