//! The tailer: follows the journals other processes write, and brings their commits to this process's cache.
//!
//! A process of a cluster keeps some books and reads others. The tailer follows all their journals, decodes the books
//! somebody here subscribed to and publishes them, so that keepers and readers are woken as they are by a neighbour.
//! Commits of keepers of this process are made known by these themselves, and are not decoded twice (decision 0023).
//! Every commit it sees moves the high-water mark, also of books nobody here keeps: a process that takes such a book
//! over knows how far its journal must go. It decides nothing and may end at any time: the store still tells everything.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Weak};
use std::time::Duration;

use picket_journal::{BookName, Follower, Head, Journal, ReadError, StoredCommit};
use picket_reading::Decoded;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

use crate::backoff::Backoff;
use crate::commit_cache::CommitCache;
use crate::highwater::HighWater;

/// The backoff before it follows again, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long the keeper of a book in this process has to make known what it appended.
const OWN: Duration = Duration::from_millis(50);
/// How often a journal that lacked commits is asked whether it has them again.
const RECHECK: Duration = Duration::from_secs(5);

/// Follows journals for a process.
#[derive(Debug)]
pub struct Tailer {
    subscriptions: mpsc::UnboundedSender<Subscription>,
    task: JoinHandle<()>,
}

/// Books that are to be published here from now on.
#[derive(Debug)]
struct Subscription {
    books: Vec<BookName>,
    /// Used when the cache knows where they end.
    known: oneshot::Sender<()>,
}

impl Tailer {
    /// Follows these books; nothing is decoded before somebody subscribes to it. Commits that are seen are noted in
    /// `marks`, while they last. `report` is told of failures, once each time it is another one.
    pub fn start(
        journal: Arc<dyn Journal>,
        cache: Arc<CommitCache>,
        marks: Weak<HighWater>,
        books: Vec<BookName>,
        report: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        let (subscriptions, subscribed) = mpsc::unbounded_channel();
        let task = TailerTask {
            journal,
            cache,
            marks,
            books,
            started: false,
            heads: HashMap::new(),
            truncated: BTreeMap::new(),
            recheck: Instant::now(),
            subscribed: HashSet::new(),
            deferred: VecDeque::new(),
            deferred_of: HashMap::new(),
            report: Box::new(report),
            reported: None,
        };
        Self {
            subscriptions,
            task: tokio::spawn(task.run(subscribed)),
        }
    }

    /// From now on these books are published here. Comes back when the cache knows where they end.
    pub async fn subscribe(&self, books: &[BookName]) {
        let (known, is_known) = oneshot::channel();
        let subscription = Subscription {
            books: books.to_vec(),
            known,
        };
        if self.subscriptions.send(subscription).is_ok() {
            // A tailer that ended publishes nothing; the store still tells everything.
            drop(is_known.await);
        }
    }
}

impl Drop for Tailer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct TailerTask {
    journal: Arc<dyn Journal>,
    cache: Arc<CommitCache>,
    marks: Weak<HighWater>,
    books: Vec<BookName>,
    /// Whether it is known where the journals ended at first.
    started: bool,
    /// How far each journal was followed.
    heads: HashMap<BookName, Head>,
    /// Journals that lack a commit that was seen in them, each with that commit.
    truncated: BTreeMap<BookName, Head>,
    /// When those are asked again.
    recheck: Instant,
    subscribed: HashSet<BookName>,
    /// Commits that are likely to be made known by a keeper of this process, in the order they came.
    deferred: VecDeque<DeferredCommit>,
    /// How many of each book those are.
    deferred_of: HashMap<BookName, usize>,
    report: Box<dyn Fn(&str) + Send + Sync>,
    /// Why nothing can be followed at present, as it was reported.
    reported: Option<String>,
}

/// A commit that is left to its keeper until an instant.
struct DeferredCommit {
    until: Instant,
    book: BookName,
    /// The commit before it.
    before: Head,
    stored: StoredCommit,
}

/// Everything that wakes the tailer.
enum TailerEvent {
    Subscribed(Subscription),
    /// The first deferred commit has waited long enough for its keeper.
    DeferredDue,
    /// Journals that lack commits are to be asked again.
    RecheckDue,
    /// A journal that is followed brought a commit, or why it does not.
    Followed(Result<(BookName, StoredCommit), ReadError>),
    /// The tailer is gone.
    Closed,
}

impl TailerTask {
    async fn run(mut self, mut subscriptions: mpsc::UnboundedReceiver<Subscription>) {
        let mut follower = self.follow().await;
        self.recheck = Instant::now() + RECHECK;
        loop {
            match self.next_event(&mut subscriptions, &mut follower).await {
                TailerEvent::Subscribed(Subscription { books, known }) => {
                    self.subscribe(books);
                    // The subscriber may be gone.
                    let _ = known.send(());
                }
                TailerEvent::DeferredDue => self.publish_deferred(),
                TailerEvent::RecheckDue => {
                    if self.has_again().await {
                        follower = self.follow().await;
                    }
                    self.recheck = Instant::now() + RECHECK;
                }
                TailerEvent::Followed(Ok((book, stored))) => {
                    self.reported = None;
                    self.take(book, stored);
                }
                TailerEvent::Followed(Err(ReadError::Shortened { book, head })) => {
                    if let Some(seen) = self.heads.remove(&book) {
                        self.lacks(book, seen, &head);
                    }
                    self.recheck = Instant::now() + RECHECK;
                }
                TailerEvent::Followed(Err(ReadError::Unavailable(why))) => {
                    self.report_failure(why);
                    // One that ends as soon as it begins must not spin.
                    tokio::time::sleep(FIRST_PAUSE).await;
                    follower = self.follow().await;
                }
                TailerEvent::Closed => return,
            }
        }
    }

    async fn next_event(
        &self,
        subscriptions: &mut mpsc::UnboundedReceiver<Subscription>,
        follower: &mut Follower,
    ) -> TailerEvent {
        let deferred = async {
            match self.deferred.front() {
                Some(first) => sleep_until(first.until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            subscription = subscriptions.recv() => {
                subscription.map_or(TailerEvent::Closed, TailerEvent::Subscribed)
            }
            () = deferred => TailerEvent::DeferredDue,
            () = sleep_until(self.recheck), if !self.truncated.is_empty() => TailerEvent::RecheckDue,
            item = follower.next() => TailerEvent::Followed(item),
        }
    }

    /// Reports why nothing is followed, once as long as that stays the reason.
    fn report_failure(&mut self, why: String) {
        if self.reported.as_ref() != Some(&why) {
            (self.report)(&format!(
                "what others write cannot be followed at present: {why}"
            ));
            self.reported = Some(why);
        }
    }

    /// A journal lacks a commit that was seen in it: it is not followed until it holds it again.
    fn lacks(&mut self, book: BookName, seen: Head, ends: &Head) {
        (self.report)(&format!(
            "`{book}` lacks what was read before, commit {}; it ends at commit {}",
            seen.number, ends.number
        ));
        self.truncated.insert(book, seen);
    }

    /// Whether a journal that lacked commits holds them again; it is followed from there.
    async fn has_again(&mut self) -> bool {
        let mut any = false;
        for (book, seen) in self.truncated.clone() {
            if self.journal.read(&book, &seen, 1).await.is_ok() {
                (self.report)(&format!(
                    "`{book}` holds commit {} again and is followed",
                    seen.number
                ));
                self.truncated.remove(&book);
                if self.subscribed.contains(&book) {
                    self.cache.opened(book.as_str(), seen.clone());
                }
                self.heads.insert(book, seen);
                any = true;
            }
        }
        any
    }

    /// Follows from where it is; retried with a backoff until it works.
    async fn follow(&mut self) -> Follower {
        let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        loop {
            match self.try_follow().await {
                Ok(follower) => return follower,
                Err(why) => self.report_failure(why),
            }
            tokio::time::sleep(backoff.pause()).await;
        }
    }

    async fn try_follow(&mut self) -> Result<Follower, String> {
        if !self.started {
            let heads = self
                .journal
                .last(&self.books)
                .await
                .map_err(|why| why.to_string())?;
            self.begin(heads).await?;
            self.started = true;
        }
        let from = self
            .heads
            .iter()
            .map(|(book, head)| (book.clone(), head.clone()))
            .collect();
        self.journal
            .follow(from)
            .await
            .map_err(|why| why.to_string())
    }

    /// Begins at the ends the journals have at first. One that lacks a commit an earlier run saw in it is not
    /// followed: the one in its place must not become the mark.
    async fn begin(&mut self, heads: Vec<Head>) -> Result<(), String> {
        let mut checking = JoinSet::new();
        self.heads.clear();
        self.truncated.clear();
        for (book, ends) in self.books.iter().zip(heads) {
            let mark = self
                .marks
                .upgrade()
                .and_then(|marks| marks.mark(book.as_str()))
                .map(|(number, hash)| Head {
                    number,
                    hash,
                    position: String::new(),
                });
            match mark.filter(|mark| mark.number > 0 && !mark.is_same_commit(&ends)) {
                Some(mark) => {
                    let (journal, book) = (self.journal.clone(), book.clone());
                    checking.spawn(async move {
                        (
                            journal.read(&book, &mark, 1).await.map(drop),
                            book,
                            mark,
                            ends,
                        )
                    });
                }
                None => drop(self.heads.insert(book.clone(), ends)),
            }
        }
        for (held, book, mark, ends) in checking.join_all().await {
            match held {
                Ok(()) => drop(self.heads.insert(book, ends)),
                Err(ReadError::Shortened { .. }) => self.lacks(book, mark, &ends),
                Err(ReadError::Unavailable(why)) => return Err(why),
            }
        }
        self.heads
            .iter()
            .for_each(|(book, head)| self.mark(book, head));
        Ok(())
    }

    fn mark(&self, book: &BookName, head: &Head) {
        if let Some(marks) = self.marks.upgrade().filter(|_| head.number > 0) {
            marks.saw(book.as_str(), head);
        }
    }

    fn subscribe(&mut self, books: Vec<BookName>) {
        for book in books {
            let head = self.heads.get(&book);
            // Commits that were passed over are not news: a reader that lacks them reads the store.
            if self.subscribed.insert(book.clone())
                && let Some(head) = head
            {
                self.cache.opened(book.as_str(), head.clone());
            }
        }
    }

    fn take(&mut self, book: BookName, stored: StoredCommit) {
        let head = self.heads.entry(book.clone()).or_default();
        if stored.head.number <= head.number {
            return;
        }
        let before = std::mem::replace(head, stored.head.clone());
        self.mark(&book, &stored.head);
        if !self.subscribed.contains(&book) || self.is_known(&book, &stored) {
            return;
        }
        // One after another: nothing overtakes a commit that is deferred.
        if self.cache.is_own(book.as_str()) || self.deferred_of.contains_key(&book) {
            *self.deferred_of.entry(book.clone()).or_default() += 1;
            self.deferred.push_back(DeferredCommit {
                until: Instant::now() + OWN,
                book,
                before,
                stored,
            });
        } else {
            self.make_known(&book, &before, &stored);
        }
    }

    fn is_known(&self, book: &BookName, stored: &StoredCommit) -> bool {
        self.cache.number(book.as_str()) >= stored.head.number
    }

    /// Makes known the commits that a keeper here had the time to make known and did not: another process appended
    /// them.
    fn publish_deferred(&mut self) {
        let now = Instant::now();
        while let Some(DeferredCommit {
            book,
            before,
            stored,
            ..
        }) = self.deferred.pop_front_if(|deferred| deferred.until <= now)
        {
            if let Some(left) = self.deferred_of.get_mut(&book) {
                *left -= 1;
                if *left == 0 {
                    self.deferred_of.remove(&book);
                }
            }
            if self.is_known(&book, &stored) {
                continue;
            }
            self.make_known(&book, &before, &stored);
            // The commits after it are another process's too, as a rule, and need not wait.
            if self.deferred_of.remove(&book).is_some() {
                let follow: VecDeque<DeferredCommit>;
                (follow, self.deferred) = self
                    .deferred
                    .drain(..)
                    .partition(|deferred| deferred.book == book);
                follow
                    .iter()
                    .filter(|deferred| !self.is_known(&deferred.book, &deferred.stored))
                    .for_each(|deferred| {
                        self.make_known(&deferred.book, &deferred.before, &deferred.stored);
                    });
            }
        }
    }

    fn make_known(&self, book: &BookName, before: &Head, stored: &StoredCommit) {
        match Decoded::check(book.as_str(), before, stored) {
            Ok(commit) => self.cache.publish(&Arc::new(commit)),
            Err(why) => {
                (self.report)(&why.to_string());
                // Its readers get it from the store, and stop there with the reason until a person lets it pass.
                self.cache.opened(book.as_str(), stored.head.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests;
