//! The hub: what this process has seen appended, newest commits decoded, for readers in this process.
//!
//! Keepers publish here after the store has a commit, never before. Readers that fell behind the window
//! read the store. It decides nothing and may be lost at any time.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use picket_journal::Head;
use tokio::sync::Notify;

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
    journals: BTreeMap<String, Recent>,
    /// In the order they were published, which is causal.
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
    commits: VecDeque<Arc<Decoded>>,
    readers: Vec<(Weak<Notify>, Arc<HashSet<&'static str>>)>,
}

impl Hub {
    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        // A panic elsewhere leaves plain data that is whole after every statement.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says where a journal stands when it is opened.
    pub fn opened(&self, journal: &str, head: Head) {
        let mut inner = self.lock();
        let recent = inner.journals.entry(journal.to_owned()).or_default();
        recent.opened = true;
        if recent.head.number < head.number {
            recent.head = head;
            recent.commits.clear();
        }
    }

    /// Where a journal stood that was opened here before; what follows there is news to readers.
    pub fn opened_at(&self, journal: &str) -> Option<u64> {
        self.lock().journals.get(journal).filter(|recent| recent.opened).map(|recent| recent.head.number)
    }

    /// Makes a commit known that a keeper of this process appended. The feed may have brought it already.
    pub fn publish_own(&self, commit: &Arc<Decoded>) {
        {
            let mut inner = self.lock();
            inner.own_events += weight(commit);
            inner.own.push_back(commit.clone());
            while inner.own.len() > WINDOW || (inner.own_events > EVENTS && inner.own.len() > 1) {
                let old = inner.own.pop_front().expect("a window longer than its limit is not empty");
                inner.own_gone += 1;
                inner.own_events -= weight(&old);
            }
        }
        self.publish(commit);
        self.changed.notify_waiters();
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
        {
            let mut inner = self.lock();
            let recent = inner.journals.entry(commit.commit.book.clone()).or_default();
            if commit.head.number <= recent.head.number {
                return;
            }
            recent.head = commit.head.clone();
            recent.commits.push_back(commit.clone());
            let kinds: HashSet<&'static str> = commit.commit.entries.iter().flat_map(|entry| entry.events.iter().map(picket_schemas::Event::kind)).collect();
            for (notify, listens) in &recent.readers {
                if let Some(notify) = notify.upgrade()
                    && (listens.is_empty() || kinds.iter().any(|kind| listens.contains(kind)))
                {
                    notify.notify_one();
                }
            }
            inner.events += weight(commit);
            inner.order.push_back(commit.clone());
            while inner.order.len() > WINDOW || (inner.events > EVENTS && inner.order.len() > 1) {
                let old = inner.order.pop_front().expect("a window longer than its limit is not empty");
                inner.gone += 1;
                inner.events -= weight(&old);
                if let Some(recent) = inner.journals.get_mut(&old.commit.book)
                    && recent.commits.front().is_some_and(|front| front.head.number == old.head.number)
                {
                    recent.commits.pop_front();
                }
            }
        }
        self.changed.notify_waiters();
    }

    /// Wakes `notify` when a journal says one of `listens`; anything it says where that is empty. Who is dropped is
    /// woken no more.
    pub fn wake(&self, journal: &str, notify: &Arc<Notify>, listens: Arc<HashSet<&'static str>>) {
        let mut inner = self.lock();
        let readers = &mut inner.journals.entry(journal.to_owned()).or_default().readers;
        readers.retain(|(reader, _)| reader.strong_count() > 0);
        readers.push((Arc::downgrade(notify), listens));
    }

    /// Where a journal stands, as far as this process has seen.
    pub fn head(&self, journal: &str) -> Head {
        self.lock().journals.get(journal).map(|recent| recent.head.clone()).unwrap_or_default()
    }

    /// The commits after number `after`; `None` where the window no longer reaches back so far.
    pub fn after(&self, journal: &str, after: u64) -> Option<Vec<Arc<Decoded>>> {
        let inner = self.lock();
        let Some(recent) = inner.journals.get(journal) else { return Some(Vec::new()) };
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
    commit.commit.entries.iter().map(|entry| 1 + entry.events.len()).sum()
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
        assert_eq!(hub.lock().journals["dispatch/1"].readers.len(), 2, "only those that are there");
    }
}
