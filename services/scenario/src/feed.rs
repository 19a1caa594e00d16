//! The feed of a run: what the journals said, followed while a scenario runs.
//!
//! New commits are taken from the cache in the order they were appended; insight folds them only when
//! something is asked of it, so that thousands of wishes pass without a query.
//! It writes nothing: a bulletin that wants its figures is handed to whoever runs the scenario.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use picket_insight::{Insight, InsightError};
use picket_reading::{CausalReader, Decoded};
use picket_runtime::{CannotKeep, Engine};
use picket_schemas::{BulletinId, Commit, Event, Jurisdiction, bulletin, courier};

use super::cannot::CannotRun;

/// Commits that wait for insight before it folds them unasked.
const WAITING: usize = 8_192;
/// Commits read from the store at a time.
const CHUNK: usize = 4_096;

/// A bulletin that waits for its figures.
#[derive(Debug)]
pub(crate) struct FiguresRequest {
    pub(crate) jurisdiction: Jurisdiction,
    pub(crate) bulletin: BulletinId,
    pub(crate) from: Timestamp,
    pub(crate) as_of: Timestamp,
}

/// The commits of the journals so far, and what was made of them.
pub(crate) struct Feed {
    insight: Insight,
    place: u64,
    waiting: Vec<(Arc<Commit>, String)>,
    requests: VecDeque<FiguresRequest>,
    /// Notices queued and not suppressed: jurisdiction and id, with whom they are for and their kind.
    notices: BTreeMap<(String, String), (String, String)>,
}

impl Feed {
    pub(crate) fn new(engine: &Engine) -> Result<Self, InsightError> {
        let insight = Insight::in_memory(engine.territory.clone())?;
        Ok(Self {
            insight,
            place: engine.cache.place(),
            waiting: Vec::new(),
            requests: VecDeque::new(),
            notices: BTreeMap::new(),
        })
    }

    /// Takes what was appended since.
    pub(crate) async fn take(&mut self, engine: &Engine) -> Result<(), CannotRun> {
        match engine.cache.published_after(self.place) {
            Some((commits, place)) => {
                self.place = place;
                for commit in commits {
                    self.note(&commit);
                }
            }
            None => self.catch_up(engine).await?,
        }
        if self.waiting.len() > WAITING {
            self.fold()?;
        }
        Ok(())
    }

    /// More was appended at one instant than the cache keeps: the journals themselves are read.
    async fn catch_up(&mut self, engine: &Engine) -> Result<(), CannotRun> {
        self.fold()?;
        self.place = engine.cache.place();
        let mut causal = CausalReader::new(
            engine.journal.clone(),
            &engine.books(),
            &self.insight.positions(),
        );
        loop {
            let commits = causal.next(CHUNK).await.map_err(CannotKeep::from)?;
            if commits.is_empty() {
                return Ok(());
            }
            for commit in commits {
                self.note(&commit);
            }
            self.fold()?;
        }
    }

    fn note(&mut self, commit: &Decoded) {
        let jurisdiction = commit
            .commit
            .book
            .split_once('/')
            .map_or("", |(_, jurisdiction)| jurisdiction);
        for event in commit.commit.entries.iter().flat_map(|entry| &entry.events) {
            match event {
                Event::Bulletin(bulletin::Event::BulletinRequested {
                    bulletin,
                    from,
                    as_of,
                    ..
                }) => {
                    self.requests.push_back(FiguresRequest {
                        jurisdiction: Jurisdiction::from(jurisdiction),
                        bulletin: bulletin.clone(),
                        from: *from,
                        as_of: *as_of,
                    });
                }
                Event::Courier(courier::Event::NoticeQueued {
                    notice, to, kind, ..
                }) => {
                    let kind = serde_json::to_value(kind)
                        .ok()
                        .and_then(|kind| kind.as_str().map(str::to_owned))
                        .unwrap_or_default();
                    self.notices.insert(
                        (jurisdiction.to_owned(), notice.to_string()),
                        (to.to_string(), kind),
                    );
                }
                Event::Courier(courier::Event::NoticeSuppressed { notice, .. }) => {
                    self.notices
                        .remove(&(jurisdiction.to_owned(), notice.to_string()));
                }
                _ => {}
            }
        }
        self.waiting
            .push((commit.commit.clone(), commit.head.hash.clone()));
    }

    fn fold(&mut self) -> Result<(), InsightError> {
        if !self.waiting.is_empty() {
            self.insight.apply(&self.waiting)?;
            self.waiting.clear();
        }
        Ok(())
    }

    /// Insight, having read everything taken so far.
    pub(crate) fn insight(&mut self) -> Result<&Insight, InsightError> {
        self.fold()?;
        Ok(&self.insight)
    }

    /// The next bulletin that waits for its figures.
    pub(crate) fn request(&mut self) -> Option<FiguresRequest> {
        self.requests.pop_front()
    }

    /// Insight, and how many notices each person has of each kind.
    pub(crate) fn into_parts(self) -> (Insight, BTreeMap<(String, String), u64>) {
        let mut counts = BTreeMap::new();
        for told in self.notices.into_values() {
            *counts.entry(told).or_default() += 1;
        }
        (self.insight, counts)
    }
}
