//! The engine: the journal, the clock and the caches all keepers of a process share, and the one step every driver
//! takes with a keeper.
//!
//! A step pulls what the journals say, lets the keeper decide a group, appends its commit and makes it known. The
//! live driver and the lockstep of a replay differ only in when they take it.

mod append;
mod births;
mod cannot;
mod opening;
mod pull;
mod step;

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

use parking_lot::{Mutex, MutexGuard};
use picket_calendar::Calendar;
use picket_journal::{BookName, Head, Journal, RetryPolicy};
use picket_reading::{LostCommits, lost};
use picket_schemas::event::GENERATION;
use picket_schemas::registry::Territory;
use picket_schemas::{Jurisdiction, Problem, Refusal};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::commit_cache::CommitCache;
use crate::highwater::HighWater;
use crate::kind::ServiceKind;
use crate::layers::Layers;
use crate::snapshots::Snapshots;

pub(crate) use append::PendingAppend;
pub use cannot::CannotKeep;
pub(crate) use step::{DropReason, StepResult, UncommittedStep};

/// Commits read at a time.
const CHUNK: usize = 1_024;

/// The code of an answer that no caller sees: another process wrote the book meanwhile, so that nothing was decided.
/// The process that gets it sends the wish again under the same id.
pub const LOST_RACE: &str = "lost_race";

/// The journal, the clock and the caches all keepers of a process share.
pub struct Engine {
    /// The store of commits.
    pub journal: Arc<dyn Journal>,
    /// The newest commits this process has seen, decoded.
    pub cache: Arc<CommitCache>,
    /// The jurisdictions there are.
    pub territory: Territory,
    /// The services, in the order they run in a replay.
    pub kinds: Vec<ServiceKind>,
    /// The clock.
    pub clock: Clock,
    /// How long an append may take.
    pub patience: RetryPolicy,
    /// The format the youngest service came with: a book that is born now says so in its first commit.
    generation: u32,
    /// Whether no other process keeps books of this journal: a commit found in it was appended from here.
    sole_writer: bool,
    layers: Arc<Layers>,
    calendar: Calendar,
    marks: Option<Arc<HighWater>>,
    pub(crate) snapshots: Option<Arc<Snapshots>>,
    /// The error of the last append, as the store says it; none once one succeeds again.
    save_error: Mutex<Option<String>>,
    /// Books that broke in this process: they are folded from their first commit on.
    broken: Mutex<BTreeSet<BookName>>,
    /// Books that only a later version can keep, since they or the journals they read need it.
    outdated: watch::Sender<BTreeSet<BookName>>,
}

impl Engine {
    /// An engine over a journal.
    pub fn new(
        journal: Arc<dyn Journal>,
        territory: Territory,
        kinds: Vec<ServiceKind>,
        clock: Clock,
        calendar: Calendar,
    ) -> Self {
        Self {
            journal,
            cache: Arc::default(),
            territory,
            kinds,
            clock,
            patience: RetryPolicy::default(),
            generation: GENERATION,
            sole_writer: true,
            layers: Arc::default(),
            calendar,
            marks: None,
            snapshots: None,
            save_error: Mutex::default(),
            broken: Mutex::default(),
            outdated: watch::Sender::default(),
        }
    }

    /// Other processes keep books of this journal too.
    #[must_use]
    pub fn with_other_writers(mut self) -> Self {
        self.sole_writer = false;
        self
    }

    /// Works as a program whose youngest service came with another format.
    #[cfg(test)]
    pub(crate) fn of_generation(mut self, generation: u32) -> Self {
        self.generation = generation;
        self
    }

    /// Keeps a high-water mark as well.
    #[must_use]
    pub fn with_marks(mut self, marks: HighWater) -> Self {
        self.marks = Some(Arc::new(marks));
        self
    }

    /// Keeps snapshots as well, and starts from them.
    #[must_use]
    pub fn with_snapshots(mut self, snapshots: Snapshots) -> Self {
        self.snapshots = Some(Arc::new(snapshots));
        self
    }

    /// The high-water marks, for readers that see commits without keeping their books. They end with the engine.
    pub fn marks(&self) -> Weak<HighWater> {
        self.marks.as_ref().map(Arc::downgrade).unwrap_or_default()
    }

    /// Writes the high-water marks for the last time, although the engine may still be held elsewhere: the file is
    /// free for the next one.
    pub fn close_marks(&self) {
        if let Some(marks) = &self.marks {
            marks.close();
        }
    }

    /// The loss, where a journal lacks the furthest commit this process once saw in it.
    pub async fn loss(&self, book: &BookName) -> Option<LostCommits> {
        lost(self.journal.as_ref(), book, &self.mark(book)?).await
    }

    /// The high-water mark of a book; its position in the store is not known.
    fn mark(&self, book: &BookName) -> Option<Head> {
        let (number, hash) = self.marks.as_ref()?.mark(book.as_str())?;
        Some(Head {
            number,
            hash,
            position: String::new(),
        })
    }

    /// Books kept here that only a later version can keep.
    pub fn outdated(&self) -> watch::Receiver<BTreeSet<BookName>> {
        self.outdated.subscribe()
    }

    /// Notes that only a later version can keep this book. False where no other process could: there is nobody to
    /// give it to.
    pub(crate) fn give_to_a_later_version(&self, book: &BookName) -> bool {
        if !self.sole_writer {
            self.outdated
                .send_if_modified(|outdated| outdated.insert(book.clone()));
        }
        !self.sole_writer
    }

    fn broken_books(&self) -> MutexGuard<'_, BTreeSet<BookName>> {
        self.broken.lock()
    }

    /// The answer to wishes of a group that lost the compare-and-append: another process wrote the book meanwhile.
    fn lost_race(&self) -> Problem {
        if self.sole_writer {
            return Refusal::Busy {
                retry_ms: "100".into(),
            }
            .problem();
        }
        Problem::new(
            LOST_RACE,
            "another process wrote this book meanwhile",
            "Ask again under the same id.",
        )
    }

    /// Why nothing can be saved at present, as the store says it.
    pub fn unsaved(&self) -> Option<String> {
        self.save_error.lock().clone()
    }

    /// Every book of the territory, in the order they run.
    pub fn books(&self) -> Vec<BookName> {
        let of = |kind: &ServiceKind| {
            self.territory
                .jurisdictions
                .keys()
                .filter_map(|jurisdiction| book_name(kind.name, jurisdiction).ok())
                .collect::<Vec<_>>()
        };
        self.kinds.iter().flat_map(of).collect()
    }

    /// The journals a book reads.
    pub fn reads(&self, book: &BookName) -> Vec<BookName> {
        let journals = self
            .kind(book.service())
            .map(|kind| kind.journals(book, &self.territory))
            .unwrap_or_default();
        journals
            .iter()
            .filter_map(|journal| parse(journal).ok())
            .collect()
    }

    fn kind_of(&self, name: &BookName) -> Result<&ServiceKind, CannotKeep> {
        self.kind(name.service())
            .ok_or_else(|| CannotKeep::NoBook(name.to_string()))
    }

    pub(crate) fn kind(&self, service: &str) -> Option<&ServiceKind> {
        self.kinds.iter().find(|kind| kind.name == service)
    }
}

/// The name of a journal, from its text.
pub(crate) fn parse(journal: &str) -> Result<BookName, CannotKeep> {
    BookName::parse(journal).map_err(|_| CannotKeep::NoBook(journal.to_owned()))
}

/// The name of a service's book of a jurisdiction.
pub fn book_name(service: &str, jurisdiction: &Jurisdiction) -> Result<BookName, CannotKeep> {
    BookName::new(service, jurisdiction.as_str())
        .map_err(|_| CannotKeep::NoBook(format!("{service}/{jurisdiction}")))
}
