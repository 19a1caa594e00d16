//! Opening a book: its journal is folded, and the layers of the directory it last decided with are found again.
//!
//! A journal that is damaged is folded up to the damage; readers in this process are told how far that is.

use std::sync::Arc;

use picket_directory::Layer;
use picket_journal::{BookName, Head, ReadError, StoredCommit};
use picket_reading::{Decoded, follows};

use super::{CHUNK, CannotKeep, Engine, parse};
use crate::kind::{AnyFold, AnyKeeper, Opening, ServiceKind};
use crate::layers::take_in;
use crate::snapshots::Snapshot;

impl Engine {
    /// Folds a book's journal and opens its keeper.
    pub(crate) async fn open(&self, name: &BookName) -> Result<Box<dyn AnyKeeper>, CannotKeep> {
        let kind = self.kind_of(name)?;
        let fold = self.folded(kind, name).await?;
        self.keeper(kind, name, fold).await
    }

    /// Folds a book's journal to its end, and makes known where that is.
    pub(super) async fn folded(
        &self,
        kind: &ServiceKind,
        name: &BookName,
    ) -> Result<Box<dyn AnyFold>, CannotKeep> {
        let (mut fold, snapshot) = self.begin(kind, name);
        let mut at = Head::default();
        match self.fold(name, fold.as_mut(), snapshot, &mut at).await {
            // A commit that was appended unseen, since its acknowledgement never came, is made known now.
            Ok(unseen) if self.sole_writer => unseen
                .iter()
                .for_each(|commit| self.cache.publish_own(commit)),
            Ok(unseen) => unseen.iter().for_each(|commit| self.cache.publish(commit)),
            // The commits before the damage are sound, and readers may go so far.
            Err(why) if why.is_damage() => {
                self.cache.opened(name.as_str(), at);
                return Err(why);
            }
            Err(why) => return Err(why),
        }
        self.cache.opened(name.as_str(), fold.head().clone());
        if let Some(marks) = self.marks.as_ref().filter(|_| fold.head().number > 0) {
            marks.saw(name.as_str(), fold.head());
        }
        Ok(fold)
    }

    /// Opens the keeper of a book that is folded.
    pub(super) async fn keeper(
        &self,
        kind: &ServiceKind,
        name: &BookName,
        fold: Box<dyn AnyFold>,
    ) -> Result<Box<dyn AnyKeeper>, CannotKeep> {
        let mut layers = Vec::new();
        for (journal, n) in fold.registries(&self.territory) {
            layers.push(self.layer(&journal, n).await?);
        }
        let (unread, began) = (fold.unread(&self.territory), fold.began());
        let heads = self.first_heads(kind, name, unread, began).await?;
        Ok(fold.open(Opening {
            territory: &self.territory,
            layers,
            heads,
            shared: self.layers.clone(),
            calendar: self.calendar.clone(),
            generation: self.generation,
        }))
    }

    /// A book's fold before the first commit that is read: from its snapshot, unless the book broke in this process,
    /// else from nothing. The second value is the commit of the snapshot, which the journal must hold, whichever
    /// program took it.
    fn begin(&self, kind: &ServiceKind, name: &BookName) -> (Box<dyn AnyFold>, Option<Snapshot>) {
        // A book that broke here does not get to trust a snapshot of its own.
        let snapshots = self
            .snapshots
            .as_ref()
            .filter(|_| !self.broken_books().contains(name));
        let mut found = snapshots.and_then(|snapshots| snapshots.load(name));
        if let (Some(snapshots), Some(snapshot)) = (snapshots, &mut found)
            && let Some(memory) = snapshot.body.take()
        {
            let head = Head {
                number: snapshot.n,
                hash: snapshot.hash.clone(),
                position: String::new(),
            };
            match kind.restore(name.clone(), head, &memory) {
                Ok(fold) => {
                    snapshots.note_kept(name, snapshot.n);
                    return (fold, found);
                }
                Err(why) => snapshots.tell(&format!(
                    "the snapshot of `{name}` is not used, it cannot be understood: {why}"
                )),
            }
        }
        (kind.fold(name.clone()), found)
    }

    /// Folds a journal to its end, which must lie beyond every commit that was ever seen of it; `at` is how far the
    /// journal is sound. Gives the commits that this process has not made known although it opened the book before.
    ///
    /// The commits a snapshot covers are walked for their hashes alone. Among other writers, where a start is a
    /// takeover that people wait for, they are not even read: the process that took the snapshot has read them.
    async fn fold(
        &self,
        name: &BookName,
        fold: &mut dyn AnyFold,
        snapshot: Option<Snapshot>,
        at: &mut Head,
    ) -> Result<Vec<Arc<Decoded>>, CannotKeep> {
        let mut seen_before = SeenBefore::new(name, self.mark(name), snapshot);
        let known = self.cache.opened_at(name.as_str());
        let start = fold.head().clone();
        if !self.sole_writer && start.number > 0 && known.is_none_or(|known| known >= start.number)
        {
            seen_before.met(&start)?;
            *at = start;
        }
        let mut unseen = Vec::new();
        loop {
            let read = self.read_on(name, at).await?;
            if read.is_empty() {
                seen_before.all_met()?;
                return Ok(unseen);
            }
            for stored in &read {
                if known.is_some_and(|known| stored.head.number > known) {
                    let commit = Decoded::check(name.as_str(), at, stored)
                        .map_err(|why| CannotKeep::fold(name, why.into()))?;
                    unseen.push(Arc::new(commit));
                }
                if stored.head.number > fold.head().number {
                    fold.take(stored)
                        .map_err(|why| CannotKeep::fold(name, why))?;
                } else {
                    follows(name.as_str(), at, stored)
                        .map_err(|why| CannotKeep::fold(name, why.into()))?;
                }
                *at = stored.head.clone();
                fold.stands_at(at);
                seen_before.met(at)?;
            }
        }
    }

    async fn read_on(&self, name: &BookName, at: &Head) -> Result<Vec<StoredCommit>, CannotKeep> {
        match self.journal.read(name, at, CHUNK).await {
            Ok(read) => Ok(read),
            // Nothing was read yet: it is the snapshot's commit that is not there.
            Err(ReadError::Shortened { .. }) if at.position.is_empty() && at.number > 0 => {
                Err(CannotKeep::Lost {
                    book: name.to_string(),
                    n: at.number,
                })
            }
            Err(source) => Err(CannotKeep::Read {
                book: name.to_string(),
                source,
            }),
        }
    }

    /// A registry layer as it stood after commit `n`, folded on from the latest one known before it.
    async fn layer(&self, journal: &str, n: u64) -> Result<Arc<Layer>, CannotKeep> {
        let name = parse(journal)?;
        let (mut head, mut layer) = self.layers.at_most(journal, n);
        if head.number == n {
            return Ok(layer);
        }
        while head.number < n {
            let read = self.journal.read(&name, &head, CHUNK).await;
            let read = match read {
                Ok(read) => read,
                // It no longer holds the commit the cached layer stands at.
                Err(ReadError::Shortened { .. }) => Vec::new(),
                Err(source) => {
                    return Err(CannotKeep::Read {
                        book: journal.to_owned(),
                        source,
                    });
                }
            };
            if read.is_empty() {
                return Err(CannotKeep::Lost {
                    book: journal.to_owned(),
                    n,
                });
            }
            for stored in read.iter().filter(|stored| stored.head.number <= n) {
                let commit = Decoded::check(journal, &head, stored)
                    .map_err(|why| CannotKeep::fold(&name, why.into()))?;
                take_in(&mut layer, &commit);
                head = commit.head;
            }
        }
        self.layers.fold(journal, &head, &layer);
        Ok(layer)
    }
}

/// The commits that were seen of a journal before, by the high-water mark and a snapshot: a journal that lacks one of
/// them, or holds another in its place, lost facts.
struct SeenBefore<'a> {
    book: &'a BookName,
    commits: Vec<(u64, String)>,
}

impl<'a> SeenBefore<'a> {
    fn new(book: &'a BookName, mark: Option<Head>, snapshot: Option<Snapshot>) -> Self {
        let mark = mark.map(|mark| (mark.number, mark.hash));
        let snapshot = snapshot.map(|snapshot| (snapshot.n, snapshot.hash));
        Self {
            book,
            commits: mark
                .into_iter()
                .chain(snapshot)
                .filter(|(n, _)| *n > 0)
                .collect(),
        }
    }

    /// The journal is sound up to a head.
    fn met(&mut self, head: &Head) -> Result<(), CannotKeep> {
        let other = self
            .commits
            .iter()
            .find(|(n, hash)| *n == head.number && *hash != head.hash);
        if let Some((n, _)) = other {
            return Err(self.lost(*n));
        }
        self.commits.retain(|(n, _)| *n > head.number);
        Ok(())
    }

    /// The journal ends here.
    fn all_met(&self) -> Result<(), CannotKeep> {
        match self.commits.first() {
            Some((n, _)) => Err(self.lost(*n)),
            None => Ok(()),
        }
    }

    fn lost(&self, n: u64) -> CannotKeep {
        CannotKeep::Lost {
            book: self.book.to_string(),
            n,
        }
    }
}
