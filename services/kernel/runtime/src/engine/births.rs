//! Births: where a book begins to read, and what becomes of one that nothing concerns yet (decision 0030).
//!
//! A book of a younger service costs no keeper before something concerns it. Where it must begin at heads, they are put
//! on record at once, and nothing else is; where it reads from the beginning, nothing needs to be.

use std::collections::BTreeMap;
use std::sync::Arc;

use picket_journal::{BookName, Head, ReadError, Unavailable};
use picket_reading::Decoded;
use picket_schemas::Jurisdiction;
use picket_schemas::formats::UNSAID;

use super::{CHUNK, CannotKeep, Engine, book_name, parse};
use crate::dormant::{DormantBook, Found, OpenedBook};
use crate::keeper::{Ages, said};
use crate::kind::{AnyFold, AnyKeeper, ServiceKind};

/// How often a book is folded again after it said where it reads.
const FOLDS: usize = 3;
/// How many groups may be needed to say how far a dormant book was looked.
const GROUPS: usize = 1_024;

impl Engine {
    /// Opens a book: with a keeper, or dormant where nothing has concerned it so far. A book of the services there
    /// always were has a keeper at once.
    pub(crate) async fn open_or_rest(&self, name: &BookName) -> Result<OpenedBook, CannotKeep> {
        let kind = self.kind_of(name)?;
        if kind.since <= UNSAID {
            return Ok(OpenedBook::Awake(self.open(name).await?));
        }
        for _ in 0..FOLDS {
            let fold = self.folded(kind, name).await?;
            if fold.is_concerned() {
                return Ok(OpenedBook::Awake(self.keeper(kind, name, fold).await?));
            }
            let (unread, began) = (fold.unread(&self.territory), fold.began());
            if !self
                .first_heads(kind, name, unread, began)
                .await?
                .is_empty()
            {
                // Where it begins is on record before anything can come after it.
                let mut keeper = self.keeper(kind, name, fold).await?;
                if !self.say_beginning(keeper.as_mut()).await {
                    break;
                }
                continue;
            }
            let mut dormant = self.dormant(kind, name, fold.as_ref());
            match self.look(&mut dormant, true).await {
                Ok(Found::Nothing) => return Ok(OpenedBook::Dormant(dormant)),
                Ok(Found::Concern) => break,
                Ok(Found::FarOn) => {
                    let mut keeper = self.keeper(kind, name, fold).await?;
                    if !self.say_how_far(keeper.as_mut()).await {
                        break;
                    }
                }
                Err(why) => {
                    return Err(CannotKeep::Read {
                        book: name.to_string(),
                        source: why.into(),
                    });
                }
            }
        }
        // Whatever keeps it from resting, a keeper deals with it as it does elsewhere.
        Ok(OpenedBook::Awake(self.open(name).await?))
    }

    /// Looks whether anything concerns a dormant book, as far as this process has seen; with `strict`, up to where the
    /// store itself says that journals end.
    pub(crate) async fn look(
        &self,
        dormant: &mut DormantBook,
        strict: bool,
    ) -> Result<Found, Unavailable> {
        let watched = dormant.watched();
        let ends = if strict {
            let names: Vec<_> = watched
                .iter()
                .filter_map(|(journal, _)| parse(journal).ok())
                .collect();
            let heads = self.journal.last(&names).await?;
            heads.into_iter().map(|head| head.number).collect()
        } else {
            let number = |(journal, _): &(String, Head)| self.cache.number(journal);
            watched.iter().map(number).collect::<Vec<_>>()
        };
        let mut found = Found::Nothing;
        for ((journal, mut held), end) in watched.into_iter().zip(ends) {
            if strict && end < held.number {
                return Ok(Found::Concern);
            }
            while held.number < end {
                let Some(commits) = self.commits_after(&journal, &held, end).await? else {
                    return Ok(Found::Concern);
                };
                let Some(last) = commits.last() else {
                    break;
                };
                held = last.head.clone();
                for commit in commits {
                    match dormant.look(&journal, &commit) {
                        Found::Nothing => {}
                        Found::FarOn => found = Found::FarOn,
                        Found::Concern => return Ok(Found::Concern),
                    }
                }
            }
        }
        Ok(found)
    }

    /// Commits of a journal after one of them: from the cache, where that reaches from there to `end`, else from the
    /// store. `None` where they cannot be read, which is for a keeper to judge.
    async fn commits_after(
        &self,
        journal: &str,
        held: &Head,
        end: u64,
    ) -> Result<Option<Vec<Arc<Decoded>>>, Unavailable> {
        if self.cache.number(journal) >= end
            && let Some(commits) = self.cache.after(journal, held.number)
        {
            return Ok(Some(commits));
        }
        let Ok(name) = parse(journal) else {
            return Ok(None);
        };
        let mut held = held.clone();
        let mut commits = Vec::new();
        let missing = usize::try_from(end - held.number).unwrap_or(CHUNK);
        match self.journal.read(&name, &held, missing.min(CHUNK)).await {
            Ok(read) => {
                for stored in &read {
                    let Ok(commit) = Decoded::check(journal, &held, stored) else {
                        return Ok(None);
                    };
                    held = commit.head.clone();
                    commits.push(Arc::new(commit));
                }
                Ok(Some(commits))
            }
            Err(ReadError::Shortened { .. }) => Ok(None),
            Err(ReadError::Unavailable(why)) => Err(Unavailable(why)),
        }
    }

    /// The state of a book that nothing has concerned so far.
    pub(crate) fn unborn(&self, name: &BookName) -> serde_json::Value {
        self.kind(name.service())
            .map(|kind| kind.fold(name.clone()).state())
            .unwrap_or_default()
    }

    /// The entry of a book that nothing has concerned so far. What it never read it reads from the beginning.
    fn dormant(&self, kind: &ServiceKind, name: &BookName, fold: &dyn AnyFold) -> DormantBook {
        let mut watched = BTreeMap::from([(name.to_string(), fold.head().clone())]);
        for journal in kind.journals(name, &self.territory) {
            let service = journal.split('/').next().unwrap_or_default();
            if !kind.hears(service) {
                continue;
            }
            let cursor = fold.cursor(&journal).cloned().unwrap_or_default();
            let head = Head {
                number: cursor.n,
                hash: cursor.hash,
                position: cursor.position,
            };
            watched.insert(journal, head);
        }
        DormantBook::new(name.clone(), fold.at(), watched, kind.listened.clone())
    }

    /// Appends the commit that says from where a book reads, and nothing else.
    async fn say_beginning(&self, keeper: &mut dyn AnyKeeper) -> bool {
        let group = keeper.group(self.clock.now(), false, &[]);
        let Some(append) = group.append else {
            return false;
        };
        self.append(keeper, append, Vec::new(), false, 0)
            .await
            .appended
    }

    /// Lets a keeper read up and say how far it came.
    async fn say_how_far(&self, keeper: &mut dyn AnyKeeper) -> bool {
        for _ in 0..GROUPS {
            let step = self.step(keeper, &[], false).await;
            if step.dropped.is_some() || step.store_failed {
                return false;
            }
            if step.has_more {
                continue;
            }
            let Some(append) = keeper.flush(self.clock.now()) else {
                return true;
            };
            return self
                .append(keeper, append, Vec::new(), false, 0)
                .await
                .appended;
        }
        false
    }

    /// The ends of those journals, among the ones a book never read, that it does not read from their beginning.
    pub(super) async fn first_heads(
        &self,
        kind: &ServiceKind,
        name: &BookName,
        unread: Vec<String>,
        began: Option<u32>,
    ) -> Result<BTreeMap<String, Head>, CannotKeep> {
        if unread.is_empty() {
            return Ok(BTreeMap::new());
        }
        let ages = Ages {
            service: kind.since,
            book: began,
            place: self.place_began(kind, name, began).await?,
        };
        let mut names = Vec::new();
        for journal in &unread {
            let journal = parse(journal)?;
            if !ages.reads_whole(name, &journal, self.since(journal.service())) {
                names.push(journal);
            }
        }
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        let heads = self
            .journal
            .last(&names)
            .await
            .map_err(|why| CannotKeep::Read {
                book: name.to_string(),
                source: why.into(),
            })?;
        Ok(names.iter().map(BookName::to_string).zip(heads).collect())
    }

    /// The generation a jurisdiction began in, as the first commit of its registry says; the present one before that.
    /// It matters only to a book that is born after the others.
    async fn place_began(
        &self,
        kind: &ServiceKind,
        name: &BookName,
        began: Option<u32>,
    ) -> Result<u32, CannotKeep> {
        if began.is_some() || kind.since <= UNSAID {
            return Ok(self.generation);
        }
        let registry = book_name("registry", &Jurisdiction::from(name.jurisdiction()))?;
        let first = self
            .journal
            .read(&registry, &Head::default(), 1)
            .await
            .map_err(|source| CannotKeep::Read {
                book: registry.to_string(),
                source,
            })?;
        let Some(first) = first.first() else {
            return Ok(self.generation);
        };
        let first = Decoded::check(registry.as_str(), &Head::default(), first)
            .map_err(|why| CannotKeep::fold(&registry, why.into()))?;
        Ok(said(first.commit.began))
    }

    /// The format a service came with.
    fn since(&self, service: &str) -> u32 {
        self.kind(service)
            .map_or_else(|| picket_schemas::event::since(service), |kind| kind.since)
    }
}
