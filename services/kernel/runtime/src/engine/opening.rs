//! Opening a book: its journal is folded, and the layers of the directory it decided with are found again.
//!
//! A journal that is damaged is folded up to the damage; readers in this process are told how far that is.

use std::collections::BTreeMap;
use std::sync::Arc;

use picket_directory::Layer;
use picket_journal::{BookName, Head, ReadError};

use super::{CHUNK, CannotKeep, Office, parse};
use crate::decoded::{Decoded, follows};
use crate::kind::{Fold, Kept, Opening, ServiceKind};
use crate::snapshots::Snapshot;

impl Office {
    /// Folds a book's journal and opens its keeper.
    pub(crate) async fn open(&self, name: &BookName) -> Result<Box<dyn Kept>, CannotKeep> {
        let kind = self
            .kind(name.service())
            .ok_or_else(|| CannotKeep::NoBook(name.to_string()))?;
        let (mut folding, snapshot) = self.begin(kind, name);
        let mut at = Head::default();
        match self.fold(name, folding.as_mut(), snapshot, &mut at).await {
            // What was appended unseen, such as a commit whose acknowledgement never came, is made known now.
            Ok(unseen) if self.alone => unseen
                .iter()
                .for_each(|commit| self.hub.publish_own(commit)),
            Ok(unseen) => unseen.iter().for_each(|commit| self.hub.publish(commit)),
            // What stands before the damage is sound, and readers may go so far.
            Err(why) if why.is_damage() => {
                self.hub.opened(name.as_str(), at);
                return Err(why);
            }
            Err(why) => return Err(why),
        }
        self.hub.opened(name.as_str(), folding.head().clone());
        if let Some(marks) = self.marks.as_ref().filter(|_| folding.head().number > 0) {
            marks.saw(name.as_str(), folding.head());
        }
        let mut layers = Vec::new();
        for (journal, n) in folding.registries(&self.territory) {
            layers.push(self.layer(&journal, n).await?);
        }
        let mut heads = BTreeMap::new();
        for journal in folding.unread(&self.territory) {
            let book = parse(&journal)?;
            let last = self
                .journal
                .last(std::slice::from_ref(&book))
                .await
                .map_err(|why| CannotKeep::Read {
                    book: name.to_string(),
                    source: why.into(),
                })?;
            heads.insert(journal, last.into_iter().next().unwrap_or_default());
        }
        Ok(folding.open(Opening {
            territory: &self.territory,
            layers,
            heads,
            shared: self.layers.clone(),
            calendar: self.calendar.clone(),
        }))
    }

    /// A book's fold: from its snapshot, unless the book broke in this process, else from nothing. Says also which
    /// commit the journal must hold, whoever took the snapshot.
    fn begin(&self, kind: &ServiceKind, name: &BookName) -> (Box<dyn Fold>, Option<Snapshot>) {
        // A book that broke here is not to be trusted to what it kept itself.
        let snapshots = self.snapshots.as_ref().filter(|_| !self.broke(name));
        let mut found = snapshots.and_then(|snapshots| snapshots.load(name));
        if let (Some(snapshots), Some(snapshot)) = (snapshots, &mut found)
            && let Some(memory) = snapshot.body.take()
        {
            let head = Head {
                number: snapshot.n,
                hash: snapshot.hash.clone(),
                position: String::new(),
            };
            match kind.recall(name.clone(), head, &memory) {
                Ok(folding) => {
                    snapshots.keeps(name, snapshot.n);
                    return (folding, found);
                }
                Err(why) => snapshots.tell(&format!(
                    "the snapshot of `{name}` is not used, it cannot be understood: {why}"
                )),
            }
        }
        (kind.fold(name.clone()), found)
    }

    /// Folds a journal to its end, which must lie beyond what was ever seen of it. Gives the commits that this
    /// process has not made known although it opened the book before. What a snapshot stands for is walked for
    /// its hashes alone; among others, where a start is a takeover that people wait for, not even that: whoever
    /// took the snapshot had read it. `at` is how far the journal is sound.
    async fn fold(
        &self,
        name: &BookName,
        folding: &mut dyn Fold,
        snapshot: Option<Snapshot>,
        at: &mut Head,
    ) -> Result<Vec<Arc<Decoded>>, CannotKeep> {
        let mark = self
            .marks
            .as_ref()
            .and_then(|marks| marks.mark(name.as_str()));
        let mut expected: Vec<(u64, String)> = mark
            .into_iter()
            .chain(snapshot.map(|snapshot| (snapshot.n, snapshot.hash)))
            .filter(|(n, _)| *n > 0)
            .collect();
        let known = self.hub.opened_at(name.as_str());
        let lost = |n: u64| CannotKeep::Lost {
            book: name.to_string(),
            n,
        };
        let mut unseen = Vec::new();
        let taken_at = folding.head().clone();
        if !self.alone && taken_at.number > 0 && known.is_none_or(|known| known >= taken_at.number)
        {
            if let Some((n, _)) = expected
                .iter()
                .find(|(n, hash)| *n == taken_at.number && *hash != taken_at.hash)
            {
                return Err(lost(*n));
            }
            expected.retain(|(n, _)| *n > taken_at.number);
            *at = taken_at;
        }
        loop {
            let read = match self.journal.read(name, at, CHUNK).await {
                Ok(read) => read,
                // Nothing was read yet: it is the snapshot's commit that is not there.
                Err(ReadError::Shortened { .. }) if at.position.is_empty() && at.number > 0 => {
                    return Err(lost(at.number));
                }
                Err(source) => {
                    return Err(CannotKeep::Read {
                        book: name.to_string(),
                        source,
                    });
                }
            };
            if read.is_empty() {
                break;
            }
            for stored in &read {
                let cannot_fold = |source| CannotKeep::Fold {
                    book: name.to_string(),
                    source,
                };
                if known.is_some_and(|known| stored.head.number > known) {
                    unseen.push(Arc::new(
                        Decoded::check(name.as_str(), at, stored)
                            .map_err(|why| cannot_fold(why.into()))?,
                    ));
                }
                if stored.head.number > folding.head().number {
                    folding.take(stored).map_err(cannot_fold)?;
                } else {
                    follows(name.as_str(), at, stored).map_err(|why| cannot_fold(why.into()))?;
                }
                *at = stored.head.clone();
                folding.stands_at(at);
                if let Some((n, _)) = expected
                    .iter()
                    .find(|(n, hash)| *n == at.number && *hash != at.hash)
                {
                    return Err(lost(*n));
                }
                expected.retain(|(n, _)| *n != at.number);
            }
        }
        match expected.first() {
            Some((n, _)) => Err(lost(*n)),
            None => Ok(unseen),
        }
    }

    /// A registry layer as it stood after commit `n`.
    async fn layer(&self, journal: &str, n: u64) -> Result<Arc<Layer>, CannotKeep> {
        let name = parse(journal)?;
        let (mut at, mut layer) = self.layers.at_most(journal, n);
        let mut head = Head::default();
        if at > 0 && at < n {
            // Reading on needs the hash of the commit it starts after; the journal itself gives it.
            let before = self
                .journal
                .read(
                    &name,
                    &Head::default(),
                    usize::try_from(at).unwrap_or(usize::MAX),
                )
                .await;
            match before
                .map_err(|source| CannotKeep::Read {
                    book: journal.to_owned(),
                    source,
                })?
                .pop()
            {
                Some(last) if last.head.number == at => head = last.head,
                _ => (at, layer) = self.layers.at_most(journal, 0),
            }
        }
        while at < n {
            let read = self
                .journal
                .read(&name, &head, CHUNK)
                .await
                .map_err(|source| CannotKeep::Read {
                    book: journal.to_owned(),
                    source,
                })?;
            if read.is_empty() {
                return Err(CannotKeep::Lost {
                    book: journal.to_owned(),
                    n,
                });
            }
            for stored in read.iter().filter(|stored| stored.head.number <= n) {
                let commit =
                    Decoded::check(journal, &head, stored).map_err(|why| CannotKeep::Fold {
                        book: journal.to_owned(),
                        source: why.into(),
                    })?;
                layer = self.layers.next(journal, layer, &commit);
                head = commit.head;
                at = head.number;
            }
        }
        Ok(layer)
    }
}
