//! The office: what all keepers of a process share, and the one step every driver takes with a keeper.
//!
//! A step pulls what the journals say, lets the keeper decide a group, appends it surely and makes it known.
//! The live driver and the lockstep of a replay differ only in when they take it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use picket_calendar::Calendar;
use picket_journal::{BookName, Head, Journal, Outcome, Patience, ReadError, append_surely};
use picket_schemas::registry::Territory;
use picket_schemas::{Answer, Jurisdiction, Problem, Refusal, Wish};

use crate::clock::Clock;
use crate::decoded::Decoded;
use crate::highwater::HighWater;
use crate::hub::Hub;
use crate::keeper::{Append, CannotFold};
use crate::kind::{Kept, Opening, ServiceKind};
use crate::layers::Layers;

/// Commits read at a time.
const CHUNK: usize = 1_024;

/// What all keepers of a process share.
pub struct Office {
    /// Where facts are kept.
    pub journal: Arc<dyn Journal>,
    /// What this process has seen appended.
    pub hub: Arc<Hub>,
    /// Which jurisdictions there are.
    pub territory: Territory,
    /// The services, in the order they run in a replay.
    pub kinds: Vec<ServiceKind>,
    /// The clock.
    pub clock: Clock,
    /// How long an append may take.
    pub patience: Patience,
    layers: Arc<Layers>,
    calendar: Calendar,
    marks: Option<HighWater>,
}

/// Why a book cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum CannotKeep {
    /// Its journal cannot be folded.
    #[error("`{book}` cannot be folded")]
    Fold {
        /// The book.
        book: String,
        /// Why.
        #[source]
        source: CannotFold,
    },
    /// The journal cannot be read.
    #[error("`{book}` cannot be read")]
    Read {
        /// The book.
        book: String,
        /// Why.
        #[source]
        source: ReadError,
    },
    /// The journal lost facts.
    #[error("the journal of `{book}` lost facts: commit {n} was seen before and is not there")]
    Lost {
        /// The book.
        book: String,
        /// The commit that is missing.
        n: u64,
    },
    /// No service of that name, or not a name.
    #[error("there is no book `{0}`")]
    NoBook(String),
}

/// What a step came to.
#[derive(Debug)]
pub(crate) struct Stepped {
    /// One for each wish that was taken, in order.
    pub(crate) answers: Vec<Result<Answer, Problem>>,
    /// Something was appended.
    pub(crate) wrote: bool,
    /// There is more to do at once.
    pub(crate) more: bool,
    /// The keeper must be dropped and folded anew.
    pub(crate) gone: Option<Gone>,
}

/// Why a keeper was dropped.
#[derive(Debug)]
pub(crate) enum Gone {
    /// Its memory is ahead of the journal, or no longer to be trusted; the journal is sound.
    FoldAgain,
    /// The journal lost facts: the book stops.
    Lost(u64),
}

impl Office {
    /// An office over a journal.
    pub fn new(journal: Arc<dyn Journal>, territory: Territory, kinds: Vec<ServiceKind>, clock: Clock, calendar: Calendar) -> Self {
        Self { journal, hub: Arc::default(), territory, kinds, clock, patience: Patience::default(), layers: Arc::default(), calendar, marks: None }
    }

    /// Keeps a high-water mark as well.
    #[must_use]
    pub fn with_marks(mut self, marks: HighWater) -> Self {
        self.marks = Some(marks);
        self
    }

    /// Every book of the territory, in the order they run.
    pub fn books(&self) -> Vec<BookName> {
        let of = |kind: &ServiceKind| self.territory.jurisdictions.keys().filter_map(|jurisdiction| book_name(kind.name, jurisdiction).ok()).collect::<Vec<_>>();
        self.kinds.iter().flat_map(of).collect()
    }

    pub(crate) fn kind(&self, service: &str) -> Option<&ServiceKind> {
        self.kinds.iter().find(|kind| kind.name == service)
    }

    /// Folds a book's journal and opens its keeper.
    pub(crate) async fn open(&self, name: &BookName) -> Result<Box<dyn Kept>, CannotKeep> {
        let kind = self.kind(name.service()).ok_or_else(|| CannotKeep::NoBook(name.to_string()))?;
        let cannot_read = |source| CannotKeep::Read { book: name.to_string(), source };
        let mut folding = kind.fold(name.clone());
        let mark = self.marks.as_ref().and_then(|marks| marks.mark(name.as_str()));
        let mut mark_met = mark.is_none();
        loop {
            let read = self.journal.read(name, folding.head(), CHUNK).await.map_err(cannot_read)?;
            if read.is_empty() {
                break;
            }
            for stored in &read {
                folding.take(stored).map_err(|source| CannotKeep::Fold { book: name.to_string(), source })?;
                mark_met |= mark.as_ref().is_some_and(|(n, hash)| *n == stored.head.number && *hash == stored.head.hash);
            }
        }
        if let Some((n, _)) = mark
            && !mark_met
        {
            return Err(CannotKeep::Lost { book: name.to_string(), n });
        }
        let mut layers = Vec::new();
        for (journal, n) in folding.registries(&self.territory) {
            layers.push(self.layer(&journal, n).await?);
        }
        let mut heads = BTreeMap::new();
        for journal in folding.unread(&self.territory) {
            let book = parse(&journal)?;
            let last = self.journal.last(std::slice::from_ref(&book)).await.map_err(|why| cannot_read(why.into()))?;
            heads.insert(journal, last.into_iter().next().unwrap_or_default());
        }
        self.hub.opened(name.as_str(), folding.head().clone());
        Ok(folding.open(Opening { territory: &self.territory, layers, heads, shared: self.layers.clone(), calendar: self.calendar.clone() }))
    }

    /// A registry layer as it stood after commit `n`.
    async fn layer(&self, journal: &str, n: u64) -> Result<Arc<picket_directory::Layer>, CannotKeep> {
        let name = parse(journal)?;
        let (mut at, mut layer) = self.layers.at_most(journal, n);
        let mut head = Head::default();
        if at > 0 && at < n {
            // Reading on needs the hash of the commit it starts after; the journal itself gives it.
            let before = self.journal.read(&name, &Head::default(), usize::try_from(at).unwrap_or(usize::MAX)).await;
            match before.map_err(|source| CannotKeep::Read { book: journal.to_owned(), source })?.pop() {
                Some(last) if last.head.number == at => head = last.head,
                _ => (at, layer) = self.layers.at_most(journal, 0),
            }
        }
        while at < n {
            let read = self.journal.read(&name, &head, CHUNK).await.map_err(|source| CannotKeep::Read { book: journal.to_owned(), source })?;
            if read.is_empty() {
                return Err(CannotKeep::Lost { book: journal.to_owned(), n });
            }
            for stored in read.iter().filter(|stored| stored.head.number <= n) {
                let commit = Decoded::check(journal, &head, stored).map_err(|why| CannotKeep::Fold { book: journal.to_owned(), source: why.into() })?;
                layer = self.layers.next(journal, layer, &commit);
                head = commit.head;
                at = head.number;
            }
        }
        Ok(layer)
    }

    /// Hands a keeper what the journals it reads have to say. With `strict` the store itself is asked where
    /// they end, which a bell needs; otherwise what this process has seen is enough.
    pub(crate) async fn pull(&self, keeper: &mut dyn Kept, strict: bool) {
        let reads = keeper.reads();
        let ends: Vec<Option<u64>> = if strict {
            let names: Vec<BookName> = reads.iter().filter_map(|(journal, _)| parse(journal).ok()).collect();
            match self.journal.last(&names).await {
                Ok(heads) => heads.iter().map(|head| Some(head.number)).collect(),
                Err(_) => return,
            }
        } else {
            vec![None; reads.len()]
        };
        for ((journal, held), end) in reads.into_iter().zip(ends) {
            let known = self.hub.head(&journal).number;
            let end = end.unwrap_or(known);
            if end <= held.number {
                continue;
            }
            let from_hub = if known >= end { self.hub.after(&journal, held.number) } else { None };
            match from_hub {
                Some(commits) => {
                    for commit in commits {
                        if !keeper.offer(commit) {
                            keeper.park_reading(&journal, "its commits do not follow what was read before");
                        }
                    }
                }
                None => self.pull_from_store(keeper, &journal, held, end).await,
            }
        }
    }

    async fn pull_from_store(&self, keeper: &mut dyn Kept, journal: &str, mut held: Head, end: u64) {
        let Ok(name) = parse(journal) else { return };
        while held.number < end {
            match self.journal.read(&name, &held, CHUNK).await {
                Ok(read) if read.is_empty() => return,
                Ok(read) => {
                    for stored in &read {
                        match Decoded::check(journal, &held, stored) {
                            Ok(commit) => {
                                held = commit.head.clone();
                                if !keeper.offer(Arc::new(commit)) {
                                    keeper.park_reading(journal, "its commits do not follow what was read before");
                                    return;
                                }
                            }
                            Err(why) => return keeper.park_reading(journal, &why.to_string()),
                        }
                    }
                }
                Err(ReadError::Shortened { .. }) => return keeper.park_reading(journal, "it no longer holds what was read before"),
                // It will be asked again with the next step.
                Err(ReadError::Unavailable(_)) => return,
            }
        }
    }

    /// One step: pull, decide, append, make known. Without `awake` the store is asked where journals end,
    /// since nobody in this process keeps them, and no bell rings.
    pub(crate) async fn step(&self, keeper: &mut dyn Kept, wishes: &[Wish], awake: bool) -> Stepped {
        let now = self.clock.now();
        let ring = awake && !self.clock.held() && keeper.due().is_some_and(|due| due <= now);
        self.pull(keeper, ring || !awake).await;
        let group = keeper.group(now, ring, wishes);
        if let Some(broken) = group.broken {
            let mut answers = vec![Err(Refusal::Busy { retry_ms: "100".into() }.problem()); broken];
            let what = wishes.get(broken).map_or("", |wish| wish.command.verb()).to_owned();
            answers.push(Err(Refusal::Broken { what }.problem()));
            return Stepped { answers, wrote: false, more: true, gone: Some(Gone::FoldAgain) };
        }
        let Some(append) = group.append else {
            let (name, head) = (keeper.name().clone(), keeper.head().clone());
            let gone = if group.answers.is_empty() { None } else { self.confirm(&name, &head).await };
            let answers = match &gone {
                None => group.answers,
                Some(_) => vec![Err(Refusal::OutcomeUnknown.problem()); group.answers.len()],
            };
            return Stepped { answers, wrote: false, more: group.more, gone };
        };
        self.append(keeper, append, group.answers, group.more).await
    }

    /// Nothing to write: the answers hold only if the head is still the last.
    async fn confirm(&self, name: &BookName, head: &Head) -> Option<Gone> {
        let Ok(last) = self.journal.last(std::slice::from_ref(name)).await else { return Some(Gone::FoldAgain) };
        let last = last.into_iter().next().unwrap_or_default();
        if last.is_same_commit(head) {
            None
        } else if last.number < head.number {
            Some(Gone::Lost(head.number))
        } else {
            Some(Gone::FoldAgain)
        }
    }

    pub(crate) async fn append(&self, keeper: &mut dyn Kept, append: Append, answers: Vec<Result<Answer, Problem>>, more: bool) -> Stepped {
        let Append { bytes, hash, commit } = append;
        let name = keeper.name().clone();
        let all = |problem: Problem| vec![Err(problem); answers.len()];
        let before = keeper.head().clone();
        let outcome = append_surely(self.journal.as_ref(), &name, &before, &hash, bytes.into(), &self.patience).await;
        let (answers, gone) = match outcome {
            Outcome::Done(head) => {
                let commit = Arc::new(Decoded { commit: Arc::new(commit), head });
                keeper.committed(&commit);
                if let Some(marks) = &self.marks {
                    marks.saw(name.as_str(), &commit.head);
                }
                self.hub.publish(&commit);
                return Stepped { answers, wrote: true, more, gone: None };
            }
            Outcome::NotSaved(why) => (all(Refusal::NotSaved { why: why.to_string() }.problem()), Gone::FoldAgain),
            Outcome::NotMine { .. } => (all(Refusal::Busy { retry_ms: "100".into() }.problem()), Gone::FoldAgain),
            Outcome::StillUnknown => (all(Refusal::OutcomeUnknown.problem()), Gone::FoldAgain),
            Outcome::Shortened { .. } => {
                let why = "its journal lost facts".to_owned();
                (all(Refusal::Stopped { book: name.to_string(), why }.problem()), Gone::Lost(before.number))
            }
        };
        Stepped { answers, wrote: false, more: true, gone: Some(gone) }
    }
}

pub(crate) fn parse(journal: &str) -> Result<BookName, CannotKeep> {
    BookName::parse(journal).map_err(|_| CannotKeep::NoBook(journal.to_owned()))
}

/// The name of a service's book of a jurisdiction.
pub fn book_name(service: &str, jurisdiction: &Jurisdiction) -> Result<BookName, CannotKeep> {
    BookName::new(service, jurisdiction.as_str()).map_err(|_| CannotKeep::NoBook(format!("{service}/{jurisdiction}")))
}

/// The latest instant written in any of the books, where there is one.
pub(crate) fn latest(instants: impl Iterator<Item = Timestamp>) -> Option<Timestamp> {
    instants.filter(|at| *at > Timestamp::MIN).max()
}
