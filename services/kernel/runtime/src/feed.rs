//! The feed: what other processes append, brought to this process's hub as it is stored.
//!
//! A process of a cluster keeps some books and reads others. The feed follows all their journals, decodes what
//! somebody here wants and publishes it, so that keepers and readers are woken as they are by a neighbour.
//! It decides nothing and may end at any time: whoever must be sure asks the store.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use picket_journal::{BookName, Follower, Head, Journal, ReadError, Stored};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::decoded::Decoded;
use crate::hub::Hub;

/// How long it waits before it follows again, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

type Want = (Vec<BookName>, oneshot::Sender<()>);

/// Follows journals for a process.
#[derive(Debug)]
pub struct Feed {
    wants: mpsc::UnboundedSender<Want>,
    task: JoinHandle<()>,
}

impl Feed {
    /// Follows these books; nothing is decoded before somebody wants it. `told` hears of what went wrong.
    pub fn start(journal: Arc<dyn Journal>, hub: Arc<Hub>, books: Vec<BookName>, told: impl Fn(&str) + Send + Sync + 'static) -> Self {
        let (wants, asked) = mpsc::unbounded_channel();
        let feeding = Feeding { journal, hub, books, heads: HashMap::new(), wanted: HashSet::new(), told: Box::new(told) };
        Self { wants, task: tokio::spawn(feeding.run(asked)) }
    }

    /// From now on these books are published here. Comes back when the hub knows where they stand.
    pub async fn want(&self, books: &[BookName]) {
        let (known, is_known) = oneshot::channel();
        if self.wants.send((books.to_vec(), known)).is_ok() {
            // A feed that ended publishes nothing; the store still tells everything.
            drop(is_known.await);
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Feeding {
    journal: Arc<dyn Journal>,
    hub: Arc<Hub>,
    books: Vec<BookName>,
    /// How far each journal was followed.
    heads: HashMap<BookName, Head>,
    wanted: HashSet<BookName>,
    told: Box<dyn Fn(&str) + Send + Sync>,
}

impl Feeding {
    async fn run(mut self, mut asked: mpsc::UnboundedReceiver<Want>) {
        let mut follower = self.follow().await;
        loop {
            tokio::select! {
                biased;
                want = asked.recv() => match want {
                    Some((books, known)) => {
                        self.want(books);
                        // Who asked may be gone.
                        let _ = known.send(());
                    }
                    None => return,
                },
                item = follower.next() => match item {
                    Ok((book, stored)) => self.take(book, &stored),
                    Err(ReadError::Shortened { book, head }) => {
                        (self.told)(&format!("`{book}` lacks what was read before; it ends at commit {}", head.number));
                        self.heads.remove(&book);
                    }
                    Err(ReadError::Unavailable(_)) => follower = self.follow().await,
                },
            }
        }
    }

    /// Follows from where it is; tried until it works.
    async fn follow(&mut self) -> Follower {
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(follower) = self.try_follow().await {
                return follower;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn try_follow(&mut self) -> Option<Follower> {
        if self.heads.is_empty() {
            let heads = self.journal.last(&self.books).await.ok()?;
            self.heads = self.books.iter().cloned().zip(heads).collect();
        }
        self.journal.follow(self.heads.iter().map(|(book, head)| (book.clone(), head.clone())).collect()).await.ok()
    }

    fn want(&mut self, books: Vec<BookName>) {
        for book in books {
            if let Some(head) = self.heads.get(&book).filter(|_| !self.wanted.contains(&book)) {
                // What was passed over is not news: who is behind it reads the store.
                self.hub.opened(book.as_str(), head.clone());
                self.wanted.insert(book);
            }
        }
    }

    fn take(&mut self, book: BookName, stored: &Stored) {
        let before = self.heads.entry(book.clone()).or_default();
        if stored.head.number <= before.number {
            return;
        }
        if self.wanted.contains(&book) {
            match Decoded::check(book.as_str(), before, stored) {
                Ok(commit) => self.hub.publish(&Arc::new(commit)),
                // Keepers that read it park at it, with the reason.
                Err(why) => (self.told)(&why.to_string()),
            }
        }
        *before = stored.head.clone();
    }
}

#[cfg(test)]
mod tests {
    use picket_journal::{MemoryJournal, hash_of};
    use picket_schemas::Commit;

    use super::*;

    async fn append(journal: &MemoryJournal, book: &BookName, before: &Head) -> Head {
        let commit = Commit { book: book.to_string(), n: before.number + 1, at: jiff::Timestamp::UNIX_EPOCH, prev: before.hash.clone(), due: None, seen: std::collections::BTreeMap::new(), reader: 1, entries: Vec::new() };
        let bytes = commit.encode();
        journal.append(book, before, &hash_of(&bytes), bytes.into()).await.unwrap()
    }

    async fn until(hub: &Hub, what: impl Fn() -> bool) {
        for _ in 0..1_000 {
            let changed = hub.changed();
            if what() {
                return;
            }
            drop(tokio::time::timeout(Duration::from_millis(10), changed).await);
        }
        panic!("it did not come");
    }

    #[tokio::test]
    async fn what_another_process_appends_is_published_here_once_it_is_wanted() {
        let journal = MemoryJournal::new();
        let (wanted, other) = (BookName::parse("dispatch/1").unwrap(), BookName::parse("dispatch/2").unwrap());
        let old = append(&journal, &wanted, &Head::default()).await;
        let hub = Arc::new(Hub::default());
        let feed = Feed::start(Arc::new(journal.clone()), hub.clone(), vec![wanted.clone(), other.clone()], |why| panic!("{why}"));
        feed.want(std::slice::from_ref(&wanted)).await;
        assert_eq!(hub.head("dispatch/1").number, 1, "it is known where the book stands");
        assert!(hub.after("dispatch/1", 0).is_none(), "what is old is read from the store");
        append(&journal, &other, &Head::default()).await;
        append(&journal, &wanted, &old).await;
        until(&hub, || hub.head("dispatch/1").number == 2).await;
        assert_eq!(hub.after("dispatch/1", 1).unwrap().len(), 1);
        assert_eq!(hub.head("dispatch/2").number, 0, "nobody wanted that one");
        feed.want(std::slice::from_ref(&other)).await;
        assert_eq!(hub.head("dispatch/2").number, 1);
    }
}
