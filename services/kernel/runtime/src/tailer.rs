//! The feed: what other processes append, brought to this process's hub as it is stored.
//!
//! A process of a cluster keeps some books and reads others. The feed follows all their journals, decodes what
//! somebody here wants and publishes it, so that keepers and readers are woken as they are by a neighbour. What keepers
//! of this process append they make known themselves, and it is not read twice.
//! What it sees it notes in the high-water marks, also of books nobody here keeps: who takes such a book over knows
//! how far its journal must go. It decides nothing and may end at any time: whoever must be sure asks the store.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Weak};
use std::time::Duration;

use picket_journal::{BookName, Follower, Head, Journal, ReadError, Stored};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

use crate::decoded::Decoded;
use crate::highwater::HighWater;
use crate::hub::Hub;

/// How long it waits before it follows again, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long the keeper of a book in this process has to make known what it appended.
const OWN: Duration = Duration::from_millis(50);
/// How often it is looked whether a journal that lacked commits has them again.
const LOOK: Duration = Duration::from_secs(5);

type Want = (Vec<BookName>, oneshot::Sender<()>);

/// Follows journals for a process.
#[derive(Debug)]
pub struct Feed {
    wants: mpsc::UnboundedSender<Want>,
    task: JoinHandle<()>,
}

impl Feed {
    /// Follows these books; nothing is decoded before somebody wants it. What is seen is noted in `marks`, while they
    /// last. `told` hears of what went wrong, once each time it is something else.
    pub fn start(
        journal: Arc<dyn Journal>,
        hub: Arc<Hub>,
        marks: Weak<HighWater>,
        books: Vec<BookName>,
        told: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        let (wants, asked) = mpsc::unbounded_channel();
        let feeding = Feeding {
            journal,
            hub,
            marks,
            books,
            started: false,
            heads: HashMap::new(),
            lacking: BTreeMap::new(),
            wanted: HashSet::new(),
            later: VecDeque::new(),
            waiting: HashMap::new(),
            told: Box::new(told),
            said: None,
        };
        Self {
            wants,
            task: tokio::spawn(feeding.run(asked)),
        }
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
    marks: Weak<HighWater>,
    books: Vec<BookName>,
    /// Whether it is known where the journals stood at first.
    started: bool,
    /// How far each journal was followed.
    heads: HashMap<BookName, Head>,
    /// Journals that lack what was seen in them, each with the commit that is not there.
    lacking: BTreeMap<BookName, Head>,
    wanted: HashSet<BookName>,
    /// Commits that are likely to be made known by a keeper of this process, in the order they came.
    later: VecDeque<Later>,
    /// How many of each book those are.
    waiting: HashMap<BookName, usize>,
    told: Box<dyn Fn(&str) + Send + Sync>,
    /// Why nothing can be followed at present, as it was told.
    said: Option<String>,
}

/// A commit that is looked at again.
struct Later {
    at: Instant,
    book: BookName,
    /// Where the book stood before it.
    before: Head,
    stored: Stored,
}

impl Feeding {
    async fn run(mut self, mut asked: mpsc::UnboundedReceiver<Want>) {
        let mut follower = self.follow().await;
        let mut look = Instant::now() + LOOK;
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
                () = async { tokio::time::sleep_until(self.later[0].at).await }, if !self.later.is_empty() => self.look_again(),
                () = tokio::time::sleep_until(look), if !self.lacking.is_empty() => {
                    if self.has_again().await {
                        follower = self.follow().await;
                    }
                    look = Instant::now() + LOOK;
                }
                item = follower.next() => match item {
                    Ok((book, stored)) => {
                        self.said = None;
                        self.take(book, stored);
                    }
                    Err(ReadError::Shortened { book, head }) => {
                        if let Some(seen) = self.heads.remove(&book) {
                            self.lacks(book, seen, &head);
                        }
                        look = Instant::now() + LOOK;
                    }
                    Err(ReadError::Unavailable(why)) => {
                        self.say(why);
                        // One that ends as soon as it begins must not spin.
                        tokio::time::sleep(FIRST_PAUSE).await;
                        follower = self.follow().await;
                    }
                },
            }
        }
    }

    /// Tells why nothing is followed, once as long as that stays the reason.
    fn say(&mut self, why: String) {
        if self.said.as_ref() != Some(&why) {
            (self.told)(&format!(
                "what others write cannot be followed at present: {why}"
            ));
            self.said = Some(why);
        }
    }

    /// A journal lacks a commit that was seen in it: it is not followed until it holds it again.
    fn lacks(&mut self, book: BookName, seen: Head, ends: &Head) {
        (self.told)(&format!(
            "`{book}` lacks what was read before, commit {}; it ends at commit {}",
            seen.number, ends.number
        ));
        self.lacking.insert(book, seen);
    }

    /// Whether a journal that lacked commits holds them again; it is followed from there.
    async fn has_again(&mut self) -> bool {
        let mut any = false;
        for (book, seen) in self.lacking.clone() {
            if self.journal.read(&book, &seen, 1).await.is_ok() {
                (self.told)(&format!(
                    "`{book}` holds commit {} again and is followed",
                    seen.number
                ));
                self.lacking.remove(&book);
                if self.wanted.contains(&book) {
                    self.hub.opened(book.as_str(), seen.clone());
                }
                self.heads.insert(book, seen);
                any = true;
            }
        }
        any
    }

    /// Follows from where it is; tried until it works.
    async fn follow(&mut self) -> Follower {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.try_follow().await {
                Ok(follower) => return follower,
                Err(why) => self.say(why),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
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

    /// Where the journals stand at first. One that lacks what an earlier run saw in it is not followed: what stands
    /// there instead must not become the mark.
    async fn begin(&mut self, heads: Vec<Head>) -> Result<(), String> {
        let mut checking = JoinSet::new();
        self.heads.clear();
        self.lacking.clear();
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

    fn want(&mut self, books: Vec<BookName>) {
        for book in books {
            let head = self.heads.get(&book);
            // What was passed over is not news: who is behind it reads the store.
            if self.wanted.insert(book.clone())
                && let Some(head) = head
            {
                self.hub.opened(book.as_str(), head.clone());
            }
        }
    }

    fn take(&mut self, book: BookName, stored: Stored) {
        let head = self.heads.entry(book.clone()).or_default();
        if stored.head.number <= head.number {
            return;
        }
        let before = std::mem::replace(head, stored.head.clone());
        self.mark(&book, &stored.head);
        if !self.wanted.contains(&book) || self.is_known(&book, &stored) {
            return;
        }
        // One after another: nothing overtakes what waits.
        if self.hub.is_own(book.as_str()) || self.waiting.contains_key(&book) {
            *self.waiting.entry(book.clone()).or_default() += 1;
            self.later.push_back(Later {
                at: Instant::now() + OWN,
                book,
                before,
                stored,
            });
        } else {
            self.make_known(&book, &before, &stored);
        }
    }

    fn is_known(&self, book: &BookName, stored: &Stored) -> bool {
        self.hub.number(book.as_str()) >= stored.head.number
    }

    /// Makes known what its keeper had the time to make known and did not: somebody else appended it.
    fn look_again(&mut self) {
        let now = Instant::now();
        while let Some(Later {
            book,
            before,
            stored,
            ..
        }) = self.later.pop_front_if(|later| later.at <= now)
        {
            if let Some(waiting) = self.waiting.get_mut(&book) {
                *waiting -= 1;
                if *waiting == 0 {
                    self.waiting.remove(&book);
                }
            }
            if self.is_known(&book, &stored) {
                continue;
            }
            self.make_known(&book, &before, &stored);
            // What follows it was written by another process too, as a rule, and need not wait.
            if self.waiting.remove(&book).is_some() {
                let follow: VecDeque<Later>;
                (follow, self.later) = self.later.drain(..).partition(|later| later.book == book);
                follow
                    .iter()
                    .filter(|later| !self.is_known(&later.book, &later.stored))
                    .for_each(|later| self.make_known(&later.book, &later.before, &later.stored));
            }
        }
    }

    fn make_known(&self, book: &BookName, before: &Head, stored: &Stored) {
        match Decoded::check(book.as_str(), before, stored) {
            Ok(commit) => self.hub.publish(&Arc::new(commit)),
            Err(why) => {
                (self.told)(&why.to_string());
                // Whoever reads it gets it from the store, and stops there with the reason until a person lets it pass.
                self.hub.opened(book.as_str(), stored.head.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use picket_journal::{MemoryJournal, hash_of};
    use picket_schemas::Commit;

    use super::*;

    async fn append(journal: &MemoryJournal, book: &BookName, before: &Head) -> Head {
        let commit = Commit {
            book: book.to_string(),
            n: before.number + 1,
            at: jiff::Timestamp::UNIX_EPOCH,
            prev: before.hash.clone(),
            due: None,
            seen: std::collections::BTreeMap::new(),
            reader: 1,
            entries: Vec::new(),
        };
        let bytes = commit.encode();
        journal
            .append(book, before, &hash_of(&bytes), bytes.into())
            .await
            .unwrap()
    }

    async fn until(hub: &Hub, what: impl Fn() -> bool) {
        for _ in 0..2_000 {
            let changed = hub.changed();
            if what() {
                return;
            }
            drop(tokio::time::timeout(Duration::from_millis(10), changed).await);
        }
        panic!("it did not come");
    }

    type Told = Arc<std::sync::Mutex<Vec<String>>>;

    fn telling() -> (Told, impl Fn(&str) + Send + Sync + 'static) {
        let told = Told::default();
        let heard = told.clone();
        (told, move |why: &str| {
            heard.lock().unwrap().push(why.to_owned())
        })
    }

    fn name() -> BookName {
        BookName::parse("dispatch/1").unwrap()
    }

    #[tokio::test]
    async fn what_others_append_is_noted_and_a_journal_that_lost_it_is_told_of_after_a_restart() {
        let journal = MemoryJournal::new();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("marks.json");
        let mut head = append(&journal, &name(), &Head::default()).await;
        let hub = Arc::new(Hub::default());
        let marks = Arc::new(HighWater::open(&path).unwrap());
        let feed = Feed::start(
            Arc::new(journal.clone()),
            hub.clone(),
            Arc::downgrade(&marks),
            vec![name()],
            |why| panic!("{why}"),
        );
        feed.want(&[]).await;
        assert_eq!(
            marks.mark("dispatch/1"),
            Some((1, head.hash.clone())),
            "what stood there counts"
        );
        for _ in 0..3 {
            head = append(&journal, &name(), &head).await;
        }
        until(&hub, || {
            marks.mark("dispatch/1") == Some((4, head.hash.clone()))
        })
        .await;
        drop((feed, marks));
        // It comes back shorter and grows past what was seen, with other commits.
        journal.forget_after(&name(), 2);
        let mut other = journal.last(&[name()]).await.unwrap().remove(0);
        for _ in 0..4 {
            let commit = Commit {
                book: "dispatch/1".into(),
                n: other.number + 1,
                at: jiff::Timestamp::MAX,
                prev: other.hash.clone(),
                due: None,
                seen: BTreeMap::new(),
                reader: 1,
                entries: Vec::new(),
            };
            let bytes = commit.encode();
            other = journal
                .append(&name(), &other, &hash_of(&bytes), bytes.into())
                .await
                .unwrap();
        }
        let (told, tell) = telling();
        let marks = Arc::new(HighWater::open(&path).unwrap());
        let feed = Feed::start(
            Arc::new(journal.clone()),
            hub,
            Arc::downgrade(&marks),
            vec![name()],
            tell,
        );
        feed.want(&[]).await;
        assert!(
            matches!(&told.lock().unwrap()[..], [why] if why.contains("`dispatch/1` lacks") && why.contains("commit 4"))
        );
        assert_eq!(
            marks.mark("dispatch/1"),
            Some((4, head.hash)),
            "what stands there now does not become the mark"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_journal_that_lacks_commits_is_followed_again_once_it_has_them() {
        let journal = MemoryJournal::new();
        let mut head = Head::default();
        for _ in 0..4 {
            head = append(&journal, &name(), &head).await;
        }
        let all = journal.read(&name(), &Head::default(), 9).await.unwrap();
        let hub = Arc::new(Hub::default());
        let (told, tell) = telling();
        let feed = Feed::start(
            Arc::new(journal.clone()),
            hub.clone(),
            Weak::new(),
            vec![name()],
            tell,
        );
        feed.want(&[name()]).await;
        journal.forget_after(&name(), 2);
        // Whatever is written makes it look.
        let mut short = journal.last(&[name()]).await.unwrap().remove(0);
        short = append(&journal, &name(), &short).await;
        until(&hub, || told.lock().unwrap().len() == 1).await;
        assert_eq!(short.number, 3);
        journal
            .append(&name(), &short, &all[3].head.hash, all[3].bytes.clone())
            .await
            .unwrap();
        until(&hub, || told.lock().unwrap().len() == 2).await;
        append(&journal, &name(), &head).await;
        until(&hub, || hub.head("dispatch/1").number == 5).await;
    }

    /// A journal that ends every following with the same complaint.
    struct Strange(MemoryJournal, std::sync::atomic::AtomicU32);

    #[async_trait::async_trait]
    impl Journal for Strange {
        async fn append(
            &self,
            book: &BookName,
            expected: &Head,
            hash: &str,
            bytes: picket_journal::Bytes,
        ) -> Result<Head, picket_journal::AppendError> {
            self.0.append(book, expected, hash, bytes).await
        }
        async fn read(
            &self,
            book: &BookName,
            after: &Head,
            limit: usize,
        ) -> Result<Vec<Stored>, ReadError> {
            self.0.read(book, after, limit).await
        }
        async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, picket_journal::Unavailable> {
            self.0.last(books).await
        }
        async fn follow(
            &self,
            after: Vec<(BookName, Head)>,
        ) -> Result<Follower, picket_journal::Unavailable> {
            if self.1.fetch_add(1, std::sync::atomic::Ordering::SeqCst) >= 5 {
                return self.0.follow(after).await;
            }
            let (items, follower) = mpsc::channel(1);
            items
                .try_send(Err(ReadError::Unavailable(
                    "a message on `dispatch/1` is no commit".into(),
                )))
                .unwrap();
            Ok(Follower::new(follower))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn why_nothing_is_followed_is_told_once_and_not_kept_quiet() {
        let journal = MemoryJournal::new();
        let hub = Arc::new(Hub::default());
        let (told, tell) = telling();
        let feed = Feed::start(
            Arc::new(Strange(journal.clone(), 0.into())),
            hub.clone(),
            Weak::new(),
            vec![name()],
            tell,
        );
        feed.want(&[name()]).await;
        append(&journal, &name(), &Head::default()).await;
        until(&hub, || hub.head("dispatch/1").number == 1).await;
        assert!(matches!(&told.lock().unwrap()[..], [why] if why.contains("is no commit")));
    }

    #[tokio::test]
    async fn what_another_process_appends_is_published_here_once_it_is_wanted() {
        let journal = MemoryJournal::new();
        let (wanted, other) = (
            BookName::parse("dispatch/1").unwrap(),
            BookName::parse("dispatch/2").unwrap(),
        );
        let old = append(&journal, &wanted, &Head::default()).await;
        let hub = Arc::new(Hub::default());
        let feed = Feed::start(
            Arc::new(journal.clone()),
            hub.clone(),
            Weak::new(),
            vec![wanted.clone(), other.clone()],
            |why| panic!("{why}"),
        );
        feed.want(std::slice::from_ref(&wanted)).await;
        assert_eq!(
            hub.head("dispatch/1").number,
            1,
            "it is known where the book stands"
        );
        assert!(
            hub.after("dispatch/1", 0).is_none(),
            "what is old is read from the store"
        );
        append(&journal, &other, &Head::default()).await;
        append(&journal, &wanted, &old).await;
        until(&hub, || hub.head("dispatch/1").number == 2).await;
        assert_eq!(hub.after("dispatch/1", 1).unwrap().len(), 1);
        assert_eq!(hub.head("dispatch/2").number, 0, "nobody wanted that one");
        feed.want(std::slice::from_ref(&other)).await;
        assert_eq!(hub.head("dispatch/2").number, 1);
    }

    /// What another process, or a keeper of this one, appended: as it is stored, and decoded.
    async fn appended(journal: &MemoryJournal, before: &Head) -> (Stored, Arc<Decoded>) {
        append(journal, &name(), before).await;
        let stored = journal.read(&name(), before, 1).await.unwrap().remove(0);
        let decoded = Decoded::check("dispatch/1", before, &stored).unwrap();
        (stored, Arc::new(decoded))
    }

    fn numbers(hub: &Hub) -> Vec<u64> {
        hub.after("dispatch/1", 0)
            .unwrap()
            .iter()
            .map(|commit| commit.head.number)
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_keeper_of_this_process_appends_is_left_to_it_and_what_follows_by_another_hand_comes_in_order()
     {
        let journal = MemoryJournal::new();
        let hub = Arc::new(Hub::default());
        let feed = Feed::start(
            Arc::new(journal.clone()),
            hub.clone(),
            Weak::new(),
            vec![name()],
            |why| panic!("{why}"),
        );
        feed.want(&[name()]).await;
        let (first, decoded) = appended(&journal, &Head::default()).await;
        hub.publish_own(&decoded);
        // Stored here, and its keeper does not say so yet: the feed has it first, and leaves it to the keeper.
        let (second, decoded) = appended(&journal, &first.head).await;
        tokio::time::sleep(OWN / 2).await;
        assert_eq!(numbers(&hub), [1]);
        hub.publish_own(&decoded);
        assert_eq!(numbers(&hub), [1, 2]);
        // Another process has the book from here on: the first of its commits is waited for, and none overtakes another.
        let mut head = second.head.clone();
        for n in 0..6 {
            head = appended(&journal, &head).await.0.head;
            tokio::time::sleep(OWN * n / 8).await;
            assert_eq!(
                numbers(&hub),
                (1..=hub.number("dispatch/1")).collect::<Vec<_>>()
            );
        }
        until(&hub, || hub.number("dispatch/1") == 8).await;
        assert_eq!(numbers(&hub), (1..=8).collect::<Vec<_>>());
        // And its next ones come at once.
        let began = Instant::now();
        appended(&journal, &head).await;
        until(&hub, || hub.number("dispatch/1") == 9).await;
        assert!(began.elapsed() < OWN / 2, "it took {:?}", began.elapsed());
        // A keeper that has it back is known by its first commit, even where the feed was before it.
        let (tenth, decoded) = appended(&journal, &journal.last(&[name()]).await.unwrap()[0]).await;
        until(&hub, || hub.number("dispatch/1") == 10).await;
        hub.publish_own(&decoded);
        let (eleventh, decoded) = appended(&journal, &tenth.head).await;
        tokio::time::sleep(OWN / 2).await;
        assert_eq!(
            hub.number("dispatch/1"),
            10,
            "the next one is left to it again"
        );
        // While that waits another process writes on, and this one finds out: nothing overtakes what waits.
        let (twelfth, _) = appended(&journal, &eleventh.head).await;
        tokio::time::sleep(OWN / 4).await;
        hub.publish(&decoded);
        appended(&journal, &twelfth.head).await;
        for _ in 0..20 {
            assert_eq!(
                numbers(&hub),
                (1..=hub.number("dispatch/1")).collect::<Vec<_>>()
            );
            tokio::time::sleep(OWN / 8).await;
        }
        assert_eq!(hub.number("dispatch/1"), 13);
    }
}
