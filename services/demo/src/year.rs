//! The year: the scenario compiled into the binary, replayed, then kept in the folder.
//!
//! It is replayed in memory and its commits are copied afterwards, many to a flush of the disk: the same
//! bytes and the same hashes, without a wait for the disk after each wish of a year.
//! It does not know the story that follows.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Instant;

use indicatif::ProgressBar;
use picket_insight::Insight;
use picket_journal::{AppendError, BookName, Head, Journal, MemoryJournal};
use picket_node::folder::Owned;
use picket_node::folder::open_journal;
use picket_node::problem::{Exit, Failure};
use picket_reading::CausalReader;
use picket_runtime::book_name;
use picket_scenario::{Scenario, ScenarioOutcome};
use picket_schemas::registry::Territory;
use picket_sqlite::SqliteJournal;
use tokio::task::JoinHandle;

use super::halt::Halt;
use super::words::DemoWords;

/// Commits read and appended together.
const CHUNK: usize = 512;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios/xiaogan/", $name)).as_slice())),*]
    };
}

/// The scenario of the year, file by file.
const FILES: [(&str, &[u8]); 11] = files![
    "scenario.toml",
    "areas.csv",
    "departments.csv",
    "posts.csv",
    "people.csv",
    "institutions.csv",
    "owners.csv",
    "routes.csv",
    "schedules.csv",
    "script.jsonl",
    "expect.json",
];

/// The year, replayed and kept.
pub(super) struct Year {
    pub(super) scenario: Scenario,
    pub(super) outcome: ScenarioOutcome,
    pub(super) commits: u64,
    pub(super) seconds: f64,
    /// The folder's facts.
    pub(super) journal: Arc<SqliteJournal>,
    /// The folder's projection, being made.
    pub(super) projection: JoinHandle<Result<Insight, Failure>>,
}

/// Replays the year and keeps it in the folder.
pub(super) async fn replay(
    owned: &Owned,
    words: DemoWords,
    stopped: &AtomicBool,
) -> Result<Year, Halt> {
    let started = Instant::now();
    let files: BTreeMap<String, Vec<u8>> = FILES
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
        .collect();
    let broken = |why: String| {
        Failure::new(
            Exit::Refused,
            why,
            "The scenario compiled into this binary is damaged; build Picket again.",
        )
    };
    let scenario = Scenario::from_files(&files).map_err(|why| broken(why.to_string()))?;
    let bar = crate::progress::progress(1, "  {bar:40} {pos}/{len} {msg}");
    let zone = scenario.manifest.zone.clone();
    let memory: Arc<dyn Journal> = Arc::new(MemoryJournal::new());
    let mut progress = |progress: picket_scenario::Progress| {
        if stopped.load(Ordering::SeqCst) {
            bar.finish_and_clear();
            // A replay cannot be called off from within; nothing was written yet, and nobody waits for it.
            std::panic::resume_unwind(Box::new(()));
        }
        bar.set_length(progress.of as u64);
        bar.set_position(progress.done as u64);
        bar.set_message(
            progress
                .at
                .to_zoned(zone.clone())
                .strftime("%Y-%m-%d")
                .to_string(),
        );
    };
    let outcome = Box::pin(picket_scenario::run(
        &scenario,
        memory.clone(),
        &mut progress,
    ))
    .await
    .map_err(|why| broken(why.to_string()))?;
    let territory = &scenario.manifest.territory;
    owned.set_territory(territory)?;
    let journal = open_journal(owned)?;
    bar.set_message(words.keeping());
    let commits = keep(memory.as_ref(), &journal, &books(territory), &bar, stopped).await?;
    bar.finish_and_clear();
    let projection = tokio::spawn(project(
        owned.folder.insight(),
        territory.clone(),
        journal.clone(),
    ));
    Ok(Year {
        scenario,
        outcome,
        commits,
        seconds: started.elapsed().as_secs_f64(),
        journal,
        projection,
    })
}

/// Brings the folder's projection up to what the story added.
pub(super) async fn finish(
    owned: &Owned,
    journal: Arc<SqliteJournal>,
    projection: JoinHandle<Result<Insight, Failure>>,
) -> Result<(), Failure> {
    let made = projection.await.map_err(|_| {
        Failure::new(
            Exit::Unknown,
            "the projection broke off",
            "Delete `insight.db`; it is made again.",
        )
    })?;
    drop(made?);
    let territory = owned.folder.territory()?;
    drop(project(owned.folder.insight(), territory, journal).await?);
    Ok(())
}

fn books(territory: &Territory) -> Vec<BookName> {
    let services = picket_node::services::kinds();
    services
        .iter()
        .flat_map(|kind| {
            territory
                .jurisdictions
                .keys()
                .filter_map(|jurisdiction| book_name(kind.name, jurisdiction).ok())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Copies every commit as it is; returns how many there are.
async fn keep(
    from: &dyn Journal,
    into: &SqliteJournal,
    books: &[BookName],
    bar: &ProgressBar,
    stopped: &AtomicBool,
) -> Result<u64, Halt> {
    let unread = |why: String| {
        Failure::new(
            Exit::Unknown,
            why,
            "Start again; the folder can be deleted.",
        )
    };
    let of = from
        .last(books)
        .await
        .map_err(|why| unread(why.to_string()))?;
    bar.set_length(of.iter().map(|head| head.number).sum());
    let mut copied = 0;
    for book in books {
        let mut last = Head::default();
        loop {
            if stopped.load(Ordering::SeqCst) {
                bar.finish_and_clear();
                return Err(Halt::Stopped);
            }
            let chunk = from
                .read(book, &last, CHUNK)
                .await
                .map_err(|why| unread(why.to_string()))?;
            let Some(end) = chunk.last().map(|stored| stored.head.clone()) else {
                break;
            };
            copied += chunk.len() as u64;
            let mut appends: Vec<Append<'_>> = Vec::with_capacity(chunk.len());
            for stored in chunk {
                let (before, next) = (last, stored.head);
                last = next.clone();
                appends.push(Box::pin(async move {
                    into.append(book, &before, &next.hash, stored.bytes)
                        .await
                        .map(drop)
                }));
            }
            last = end;
            in_order(appends).await.map_err(|why| {
                Failure::new(
                    Exit::Storage,
                    format!("the year could not be kept: {why}"),
                    "Make room on the disk, or name another folder with `--data DIR`.",
                )
            })?;
            bar.set_position(copied);
        }
    }
    Ok(copied)
}

type Append<'a> = Pin<Box<dyn Future<Output = Result<(), AppendError>> + Send + 'a>>;

/// Lets appends wait together; each is sent before the next, as the chain of a book demands.
async fn in_order(mut appends: Vec<Append<'_>>) -> Result<(), AppendError> {
    std::future::poll_fn(|cx| {
        let mut failed = None;
        appends.retain_mut(|append| match append.as_mut().poll(cx) {
            Poll::Pending => true,
            Poll::Ready(done) => {
                failed = failed.take().or(done.err());
                false
            }
        });
        match failed {
            Some(why) => Poll::Ready(Err(why)),
            None if appends.is_empty() => Poll::Ready(Ok(())),
            None => Poll::Pending,
        }
    })
    .await
}

/// The folder's projection, read to the heads, so that the first question is answered at once.
async fn project(
    path: std::path::PathBuf,
    territory: Territory,
    journal: Arc<SqliteJournal>,
) -> Result<Insight, Failure> {
    let failed = |why: String| {
        Failure::new(
            Exit::Storage,
            why,
            "`insight.db` can be deleted; it is made again from the journal.",
        )
    };
    let mut insight =
        Insight::open(&path, territory.clone()).map_err(|why| failed(why.to_string()))?;
    let mut causal = CausalReader::new(journal, &books(&territory), &insight.positions());
    loop {
        let commits = causal
            .next(2 * CHUNK)
            .await
            .map_err(picket_node::problem::cannot_keep)?;
        if commits.is_empty() {
            return Ok(insight);
        }
        let batch: Vec<_> = commits
            .iter()
            .map(|commit| (commit.commit.clone(), commit.head.hash.clone()))
            .collect();
        insight
            .apply(&batch)
            .map_err(|why| failed(why.to_string()))?;
    }
}
