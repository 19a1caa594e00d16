//! The hub: what this process has seen appended, newest commits decoded, for readers in this process.
//!
//! Keepers publish here after the store has a commit, never before. Readers that fell behind the window
//! read the store. It decides nothing and may be lost at any time.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use picket_journal::Head;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use crate::decoded::Decoded;

/// How many commits are kept decoded, over all journals: a second's worth where thousands of books are busy. Who falls
/// out of it reads the store, which is then the busier.
pub(crate) const WINDOW: usize = 16_384;
/// How many events they may hold together; large groups would fill the memory otherwise.
const EVENTS: usize = 65_536;

/// What this process has seen appended.
#[derive(Debug, Default)]
pub struct Hub {
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    journals: HashMap<String, Recent>,
    /// In the order they were published: that of each journal, and as a rule the causal one. A keeper that is held up
    /// makes its commit known a moment later than another process what follows from it.
    order: VecDeque<Arc<Decoded>>,
    /// Events in `order`.
    events: usize,
    /// How many were published before the first of `order`.
    gone: u64,
    /// What keepers of this process appended, in that order, and how many stood before the first of them.
    own: VecDeque<Arc<Decoded>>,
    own_gone: u64,
    /// Events in `own`.
    own_events: usize,
}

#[derive(Debug, Default)]
struct Recent {
    head: Head,
    opened: bool,
    /// Whether a keeper of this process appended the last commit.
    own: bool,
    commits: VecDeque<Arc<Decoded>>,
    readers: Vec<(Weak<Notify>, Arc<HashSet<&'static str>>)>,
    /// Who waits until it is known up to a commit.
    waiting: Vec<(u64, oneshot::Sender<()>)>,
}

impl Inner {
    fn recent(&mut self, journal: &str) -> &mut Recent {
        if !self.journals.contains_key(journal) {
            self.journals.insert(journal.to_owned(), Recent::default());
        }
        self.journals.get_mut(journal).expect("it was put there")
    }
}

impl Recent {
    fn stands_at(&mut self, head: Head) {
        let number = head.number;
        self.head = head;
        // A sender that goes says the same as one that is used: look where it stands.
        self.waiting.retain(|(wanted, _)| *wanted > number);
    }
}

impl Hub {
    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        // A panic elsewhere leaves plain data that is whole after every statement.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says where a journal stands when it is opened.
    pub fn opened(&self, journal: &str, head: Head) {
        let mut inner = self.lock();
        let recent = inner.recent(journal);
        recent.opened = true;
        if recent.head.number < head.number {
            recent.commits.clear();
            recent.own = false;
            recent.stands_at(head);
        }
    }

    /// Where a journal stood that was opened here before; what follows there is news to readers.
    pub fn opened_at(&self, journal: &str) -> Option<u64> {
        self.lock()
            .journals
            .get(journal)
            .filter(|recent| recent.opened)
            .map(|recent| recent.head.number)
    }

    /// Makes a commit known that a keeper of this process appended. The feed may have brought it already.
    pub fn publish_own(&self, commit: &Arc<Decoded>) {
        {
            let mut inner = self.lock();
            inner.own_events += weight(commit);
            inner.own.push_back(commit.clone());
            while inner.own.len() > WINDOW || (inner.own_events > EVENTS && inner.own.len() > 1) {
                let old = inner
                    .own
                    .pop_front()
                    .expect("a window longer than its limit is not empty");
                inner.own_gone += 1;
                inner.own_events -= weight(&old);
            }
        }
        if !self.make_known(commit, true) {
            // It is news among the own ones all the same.
            self.changed.notify_waiters();
        }
    }

    /// What keepers of this process appended from a place on, as [`Hub::published_after`] does for all.
    pub fn own_after(&self, place: u64) -> Option<(Vec<Arc<Decoded>>, u64)> {
        let inner = self.lock();
        let end = inner.own_gone + inner.own.len() as u64;
        let skip = usize::try_from(place.checked_sub(inner.own_gone)?).ok()?;
        Some((inner.own.iter().skip(skip).cloned().collect(), end))
    }

    /// The place after the last commit of this process.
    pub fn own_place(&self) -> u64 {
        let inner = self.lock();
        inner.own_gone + inner.own.len() as u64
    }

    /// Makes a stored commit known and wakes who listens to what it says.
    pub fn publish(&self, commit: &Arc<Decoded>) {
        let _ = self.make_known(commit, false);
    }

    /// Whether it was not known yet.
    fn make_known(&self, commit: &Arc<Decoded>, own: bool) -> bool {
        {
            let mut inner = self.lock();
            let recent = inner.recent(&commit.commit.book);
            if commit.head.number <= recent.head.number {
                recent.own |= own && commit.head.number == recent.head.number;
                return false;
            }
            if commit.head.number > recent.head.number + 1 {
                // Whoever has not read what is missing reads the store.
                recent.commits.clear();
            }
            recent.stands_at(commit.head.clone());
            recent.own = own;
            recent.commits.push_back(commit.clone());
            if !recent.readers.is_empty() {
                let kinds: HashSet<&'static str> = commit
                    .commit
                    .entries
                    .iter()
                    .flat_map(|entry| entry.events.iter().map(picket_schemas::Event::kind))
                    .collect();
                for (notify, listens) in &recent.readers {
                    if let Some(notify) = notify.upgrade()
                        && (listens.is_empty() || kinds.iter().any(|kind| listens.contains(kind)))
                    {
                        notify.notify_one();
                    }
                }
            }
            inner.events += weight(commit);
            inner.order.push_back(commit.clone());
            while inner.order.len() > WINDOW || (inner.events > EVENTS && inner.order.len() > 1) {
                let old = inner
                    .order
                    .pop_front()
                    .expect("a window longer than its limit is not empty");
                inner.gone += 1;
                inner.events -= weight(&old);
                if let Some(recent) = inner.journals.get_mut(&old.commit.book)
                    && recent
                        .commits
                        .front()
                        .is_some_and(|front| front.head.number == old.head.number)
                {
                    recent.commits.pop_front();
                }
            }
        }
        self.changed.notify_waiters();
        true
    }

    /// Wakes `notify` when a journal says one of `listens`; anything it says where that is empty. Who is dropped is
    /// woken no more.
    pub fn wake(&self, journal: &str, notify: &Arc<Notify>, listens: Arc<HashSet<&'static str>>) {
        let mut inner = self.lock();
        let readers = &mut inner.recent(journal).readers;
        readers.retain(|(reader, _)| reader.strong_count() > 0);
        readers.push((Arc::downgrade(notify), listens));
    }

    /// Where a journal stands, as far as this process has seen.
    pub fn head(&self, journal: &str) -> Head {
        self.lock()
            .journals
            .get(journal)
            .map(|recent| recent.head.clone())
            .unwrap_or_default()
    }

    /// Waits until a journal that is followed here is known up to a commit, which somebody saw in the store: what is
    /// stored is mostly on its way here. Comes back at once for a journal nobody follows here, and at an instant.
    pub(crate) async fn reaches(&self, journal: &str, number: u64, at_the_latest: Instant) {
        let arrives = {
            let mut inner = self.lock();
            let Some(recent) = inner
                .journals
                .get_mut(journal)
                .filter(|recent| recent.opened && recent.head.number < number)
            else {
                return;
            };
            let (comes, arrives) = oneshot::channel();
            recent.waiting.retain(|(_, waits)| !waits.is_closed());
            recent.waiting.push((number, comes));
            arrives
        };
        drop(tokio::time::timeout_at(at_the_latest, arrives).await);
    }

    /// The number of the commit where a journal stands, as far as this process has seen.
    pub fn number(&self, journal: &str) -> u64 {
        self.lock()
            .journals
            .get(journal)
            .map_or(0, |recent| recent.head.number)
    }

    /// Whether a keeper of this process appended the last commit of a journal: the next one is likely to be its own too.
    pub(crate) fn is_own(&self, journal: &str) -> bool {
        self.lock()
            .journals
            .get(journal)
            .is_some_and(|recent| recent.own)
    }

    /// The commits after number `after`; `None` where the window no longer reaches back so far.
    pub fn after(&self, journal: &str, after: u64) -> Option<Vec<Arc<Decoded>>> {
        let inner = self.lock();
        let Some(recent) = inner.journals.get(journal) else {
            return Some(Vec::new());
        };
        if recent.head.number <= after {
            return Some(Vec::new());
        }
        let first = recent.commits.front()?.head.number;
        if first > after + 1 {
            return None;
        }
        let skip = usize::try_from(after + 1 - first).ok()?;
        Some(recent.commits.iter().skip(skip).cloned().collect())
    }

    /// Commits of all journals in the order they were published, from a place on; `None` where the window
    /// no longer reaches back so far. The second value is the place after the last.
    pub fn published_after(&self, place: u64) -> Option<(Vec<Arc<Decoded>>, u64)> {
        let inner = self.lock();
        let end = inner.gone + inner.order.len() as u64;
        if place < inner.gone {
            return None;
        }
        let skip = usize::try_from(place - inner.gone).ok()?;
        Some((inner.order.iter().skip(skip).cloned().collect(), end))
    }

    /// The place after the last published commit.
    pub fn place(&self) -> u64 {
        let inner = self.lock();
        inner.gone + inner.order.len() as u64
    }

    /// Waits until something is published.
    ///
    /// What is published after the call counts, even before the future is waited for.
    pub fn changed(&self) -> impl Future<Output = ()> + '_ {
        self.changed.notified()
    }
}

fn weight(commit: &Decoded) -> usize {
    commit
        .commit
        .entries
        .iter()
        .map(|entry| 1 + entry.events.len())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_that_is_taken_and_given_up_again_and_again_leaves_no_reader_behind() {
        let hub = Hub::default();
        let stays = Arc::new(Notify::new());
        hub.wake("dispatch/1", &stays, Arc::default());
        for _ in 0..100 {
            hub.wake("dispatch/1", &Arc::new(Notify::new()), Arc::default());
        }
        hub.wake("dispatch/1", &stays, Arc::default());
        assert_eq!(
            hub.lock().journals["dispatch/1"].readers.len(),
            2,
            "only those that are there"
        );
    }

    #[tokio::test]
    async fn a_commit_that_is_missing_here_is_read_from_the_store_and_not_passed_over() {
        let journal = picket_journal::MemoryJournal::new();
        let (hub, book) = (
            Hub::default(),
            picket_journal::BookName::parse("dispatch/1").unwrap(),
        );
        let (mut head, mut commits) = (Head::default(), Vec::new());
        for _ in 0..3 {
            let commit = picket_schemas::Commit {
                book: book.to_string(),
                n: head.number + 1,
                at: jiff::Timestamp::UNIX_EPOCH,
                prev: head.hash.clone(),
                due: None,
                seen: std::collections::BTreeMap::new(),
                reader: 1,
                entries: Vec::new(),
            };
            let (bytes, before) = (commit.encode(), head.clone());
            head = journal
                .append_blocking(
                    &book,
                    &before,
                    &picket_journal::hash_of(&bytes),
                    bytes.into(),
                )
                .unwrap();
            let stored = journal.read_blocking(&book, &before, 1).unwrap().remove(0);
            commits.push(Arc::new(
                Decoded::check("dispatch/1", &before, &stored).unwrap(),
            ));
        }
        hub.publish(&commits[0]);
        hub.publish(&commits[2]);
        assert!(hub.after("dispatch/1", 0).is_none() && hub.after("dispatch/1", 1).is_none());
        assert_eq!(hub.after("dispatch/1", 2).unwrap().len(), 1);
    }
}
