//! The commit cache: the newest commits this process has seen appended, decoded, for keepers and readers in it.
//!
//! Keepers publish here after the store has a commit, never before; the tailer publishes what other processes append.
//! A reader that fell behind the window reads the store. It decides nothing and may be lost at any time.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Weak};

use parking_lot::{Mutex, MutexGuard};
use picket_journal::Head;
use picket_reading::Decoded;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

/// How many commits are kept decoded, over all journals: a second's worth where thousands of books are busy. A reader
/// that falls out of it reads the store, which is then the busier.
pub(crate) const WINDOW: usize = 16_384;
/// How many events they may hold together; large groups would fill the memory otherwise.
const EVENTS: usize = 65_536;

/// The newest commits this process has seen appended.
#[derive(Debug, Default)]
pub struct CommitCache {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    journals: HashMap<String, JournalTail>,
    /// All commits in the order they were published: that of each journal, and as a rule the causal one. A keeper that
    /// is held up makes its commit known a moment later than another process its consequence.
    all: Window,
    /// The commits that keepers of this process appended, in that order.
    own: Window,
}

/// The newest commits of some order, bounded in number and in events.
#[derive(Debug, Default)]
struct Window {
    commits: VecDeque<Arc<Decoded>>,
    /// Events in `commits`.
    events: usize,
    /// How many commits stood before the first of `commits`.
    evicted: u64,
}

/// The newest commits of one journal, and its end.
#[derive(Debug, Default)]
struct JournalTail {
    head: Head,
    /// Whether it is kept or followed here.
    opened: bool,
    /// Whether a keeper of this process appended the last commit.
    own: bool,
    commits: VecDeque<Arc<Decoded>>,
    subscribers: Vec<Subscriber>,
    /// Tasks that wait until it is known up to a commit.
    waiting: Vec<(u64, oneshot::Sender<()>)>,
}

/// A keeper that is woken by some kinds of events, by any where there are none.
#[derive(Debug)]
struct Subscriber {
    notify: Weak<Notify>,
    listens: Arc<HashSet<&'static str>>,
}

impl State {
    fn tail(&mut self, journal: &str) -> &mut JournalTail {
        if !self.journals.contains_key(journal) {
            self.journals
                .insert(journal.to_owned(), JournalTail::default());
        }
        self.journals.get_mut(journal).expect("it was put there")
    }
}

impl Window {
    /// Adds a commit and gives those that fall out for it.
    fn push(&mut self, commit: Arc<Decoded>) -> Vec<Arc<Decoded>> {
        self.events += weight(&commit);
        self.commits.push_back(commit);
        let mut evicted = Vec::new();
        while self.commits.len() > WINDOW || (self.events > EVENTS && self.commits.len() > 1) {
            let old = self
                .commits
                .pop_front()
                .expect("a window longer than its limit is not empty");
            self.evicted += 1;
            self.events -= weight(&old);
            evicted.push(old);
        }
        evicted
    }

    /// The place after the last commit.
    fn end(&self) -> u64 {
        self.evicted + self.commits.len() as u64
    }

    /// The commits from a place on; `None` where the window no longer reaches back so far.
    fn after(&self, place: u64) -> Option<Vec<Arc<Decoded>>> {
        let skip = usize::try_from(place.checked_sub(self.evicted)?).ok()?;
        Some(self.commits.iter().skip(skip).cloned().collect())
    }
}

impl JournalTail {
    fn stands_at(&mut self, head: Head) {
        let number = head.number;
        self.head = head;
        // A sender that is dropped says the same as one that is used: the journal has come so far.
        self.waiting.retain(|(wanted, _)| *wanted > number);
    }

    fn wake_subscribers(&self, commit: &Decoded) {
        if self.subscribers.is_empty() {
            return;
        }
        let kinds: HashSet<&'static str> = commit
            .commit
            .entries
            .iter()
            .flat_map(|entry| entry.events.iter().map(picket_schemas::Event::kind))
            .collect();
        for Subscriber { notify, listens } in &self.subscribers {
            if let Some(notify) = notify.upgrade()
                && (listens.is_empty() || kinds.iter().any(|kind| listens.contains(kind)))
            {
                notify.notify_one();
            }
        }
    }
}

impl CommitCache {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves plain data that is whole after every statement.
        self.state.lock()
    }

    /// Says where a journal ends when it is opened.
    pub fn opened(&self, journal: &str, head: Head) {
        let mut state = self.lock();
        let tail = state.tail(journal);
        tail.opened = true;
        if tail.head.number < head.number {
            tail.commits.clear();
            tail.own = false;
            tail.stands_at(head);
        }
    }

    /// The end of a journal that was opened here before; commits after it are news to readers.
    pub fn opened_at(&self, journal: &str) -> Option<u64> {
        self.lock()
            .journals
            .get(journal)
            .filter(|tail| tail.opened)
            .map(|tail| tail.head.number)
    }

    /// Makes a commit known that a keeper of this process appended. The tailer may have brought it already.
    pub fn publish_own(&self, commit: &Arc<Decoded>) {
        self.lock().own.push(commit.clone());
        if !self.make_known(commit, true) {
            // It is news among the own ones all the same.
            self.changed.notify_waiters();
        }
    }

    /// The commits keepers of this process appended from a place on, as [`CommitCache::published_after`] gives all.
    pub fn own_after(&self, place: u64) -> Option<(Vec<Arc<Decoded>>, u64)> {
        let state = self.lock();
        Some((state.own.after(place)?, state.own.end()))
    }

    /// The place after the last commit of this process.
    pub fn own_place(&self) -> u64 {
        self.lock().own.end()
    }

    /// Makes a stored commit known and wakes the keepers that listen to its events.
    pub fn publish(&self, commit: &Arc<Decoded>) {
        let _ = self.make_known(commit, false);
    }

    /// Whether it was not known yet.
    fn make_known(&self, commit: &Arc<Decoded>, own: bool) -> bool {
        {
            let mut state = self.lock();
            let tail = state.tail(&commit.commit.book);
            if commit.head.number <= tail.head.number {
                tail.own |= own && commit.head.number == tail.head.number;
                return false;
            }
            if commit.head.number > tail.head.number + 1 {
                // A gap: a reader of the commits before it reads the store.
                tail.commits.clear();
            }
            tail.stands_at(commit.head.clone());
            tail.own = own;
            tail.commits.push_back(commit.clone());
            tail.wake_subscribers(commit);
            for old in state.all.push(commit.clone()) {
                if let Some(tail) = state.journals.get_mut(&old.commit.book)
                    && tail
                        .commits
                        .front()
                        .is_some_and(|front| front.head.number == old.head.number)
                {
                    tail.commits.pop_front();
                }
            }
        }
        self.changed.notify_waiters();
        true
    }

    /// Wakes `notify` when a journal says one of `listens`; anything it says where that is empty. A subscriber that is
    /// dropped is woken no more.
    pub(crate) fn subscribe(
        &self,
        journal: &str,
        notify: &Arc<Notify>,
        listens: Arc<HashSet<&'static str>>,
    ) {
        let mut state = self.lock();
        let subscribers = &mut state.tail(journal).subscribers;
        subscribers.retain(|subscriber| subscriber.notify.strong_count() > 0);
        subscribers.push(Subscriber {
            notify: Arc::downgrade(notify),
            listens,
        });
    }

    /// The end of a journal, as far as this process has seen.
    pub fn head(&self, journal: &str) -> Head {
        self.lock()
            .journals
            .get(journal)
            .map(|tail| tail.head.clone())
            .unwrap_or_default()
    }

    /// Waits until a journal that is followed here is known up to a commit that the store is known to hold, since that
    /// is mostly on its way here. Comes back at once for a journal nobody follows here, and at the deadline.
    pub(crate) async fn wait_for(&self, journal: &str, number: u64, deadline: Instant) {
        let arrival = {
            let mut state = self.lock();
            let Some(tail) = state
                .journals
                .get_mut(journal)
                .filter(|tail| tail.opened && tail.head.number < number)
            else {
                return;
            };
            let (arrived, arrival) = oneshot::channel();
            tail.waiting.retain(|(_, waits)| !waits.is_closed());
            tail.waiting.push((number, arrived));
            arrival
        };
        drop(tokio::time::timeout_at(deadline, arrival).await);
    }

    /// The number of the last commit of a journal, as far as this process has seen.
    pub fn number(&self, journal: &str) -> u64 {
        self.lock()
            .journals
            .get(journal)
            .map_or(0, |tail| tail.head.number)
    }

    /// Whether a keeper of this process appended the last commit of a journal: the next one is likely to be its own
    /// too.
    pub(crate) fn is_own(&self, journal: &str) -> bool {
        self.lock()
            .journals
            .get(journal)
            .is_some_and(|tail| tail.own)
    }

    /// The commits after number `after`; `None` where the window no longer reaches back so far.
    pub fn after(&self, journal: &str, after: u64) -> Option<Vec<Arc<Decoded>>> {
        let state = self.lock();
        let Some(tail) = state.journals.get(journal) else {
            return Some(Vec::new());
        };
        if tail.head.number <= after {
            return Some(Vec::new());
        }
        let first = tail.commits.front()?.head.number;
        if first > after + 1 {
            return None;
        }
        let skip = usize::try_from(after + 1 - first).ok()?;
        Some(tail.commits.iter().skip(skip).cloned().collect())
    }

    /// Commits of all journals in the order they were published, from a place on; `None` where the window
    /// no longer reaches back so far. The second value is the place after the last.
    pub fn published_after(&self, place: u64) -> Option<(Vec<Arc<Decoded>>, u64)> {
        let state = self.lock();
        Some((state.all.after(place)?, state.all.end()))
    }

    /// The place after the last published commit.
    pub fn place(&self) -> u64 {
        self.lock().all.end()
    }

    /// Waits until something is published.
    ///
    /// A commit published after the call counts, even before the future is waited for.
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
    fn a_book_that_is_taken_and_given_up_again_and_again_leaves_no_subscriber_behind() {
        let cache = CommitCache::default();
        let stays = Arc::new(Notify::new());
        cache.subscribe("dispatch/1", &stays, Arc::default());
        for _ in 0..100 {
            cache.subscribe("dispatch/1", &Arc::new(Notify::new()), Arc::default());
        }
        cache.subscribe("dispatch/1", &stays, Arc::default());
        assert_eq!(
            cache.lock().journals["dispatch/1"].subscribers.len(),
            2,
            "only those that are there"
        );
    }

    #[tokio::test]
    async fn a_commit_that_is_missing_here_is_read_from_the_store_and_not_passed_over() {
        let journal = picket_journal::MemoryJournal::new();
        let (cache, book) = (
            CommitCache::default(),
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
                began: None,
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
        cache.publish(&commits[0]);
        cache.publish(&commits[2]);
        assert!(cache.after("dispatch/1", 0).is_none() && cache.after("dispatch/1", 1).is_none());
        assert_eq!(cache.after("dispatch/1", 2).unwrap().len(), 1);
    }
}
