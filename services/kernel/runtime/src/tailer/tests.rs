//! The tailer: the commits of others arrive here once, in order, and a loss is reported.

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
        began: None,
        entries: Vec::new(),
    };
    let bytes = commit.encode();
    journal
        .append(book, before, &hash_of(&bytes), bytes.into())
        .await
        .unwrap()
}

async fn until(cache: &CommitCache, what: impl Fn() -> bool) {
    for _ in 0..2_000 {
        let changed = cache.changed();
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
    let cache = Arc::new(CommitCache::default());
    let marks = Arc::new(HighWater::open(&path).unwrap());
    let tailer = Tailer::start(
        Arc::new(journal.clone()),
        cache.clone(),
        Arc::downgrade(&marks),
        vec![name()],
        |why| panic!("{why}"),
    );
    tailer.subscribe(&[]).await;
    assert_eq!(
        marks.mark("dispatch/1"),
        Some((1, head.hash.clone())),
        "what stood there counts"
    );
    for _ in 0..3 {
        head = append(&journal, &name(), &head).await;
    }
    until(&cache, || {
        marks.mark("dispatch/1") == Some((4, head.hash.clone()))
    })
    .await;
    drop((tailer, marks));
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
            began: None,
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
    let tailer = Tailer::start(
        Arc::new(journal.clone()),
        cache,
        Arc::downgrade(&marks),
        vec![name()],
        tell,
    );
    tailer.subscribe(&[]).await;
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
    let cache = Arc::new(CommitCache::default());
    let (told, tell) = telling();
    let tailer = Tailer::start(
        Arc::new(journal.clone()),
        cache.clone(),
        Weak::new(),
        vec![name()],
        tell,
    );
    tailer.subscribe(&[name()]).await;
    journal.forget_after(&name(), 2);
    // Whatever is written makes it look.
    let mut short = journal.last(&[name()]).await.unwrap().remove(0);
    short = append(&journal, &name(), &short).await;
    until(&cache, || told.lock().unwrap().len() == 1).await;
    assert_eq!(short.number, 3);
    journal
        .append(&name(), &short, &all[3].head.hash, all[3].bytes.clone())
        .await
        .unwrap();
    until(&cache, || told.lock().unwrap().len() == 2).await;
    append(&journal, &name(), &head).await;
    until(&cache, || cache.head("dispatch/1").number == 5).await;
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
    ) -> Result<Vec<StoredCommit>, ReadError> {
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
    let cache = Arc::new(CommitCache::default());
    let (told, tell) = telling();
    let tailer = Tailer::start(
        Arc::new(Strange(journal.clone(), 0.into())),
        cache.clone(),
        Weak::new(),
        vec![name()],
        tell,
    );
    tailer.subscribe(&[name()]).await;
    append(&journal, &name(), &Head::default()).await;
    until(&cache, || cache.head("dispatch/1").number == 1).await;
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
    let cache = Arc::new(CommitCache::default());
    let tailer = Tailer::start(
        Arc::new(journal.clone()),
        cache.clone(),
        Weak::new(),
        vec![wanted.clone(), other.clone()],
        |why| panic!("{why}"),
    );
    tailer.subscribe(std::slice::from_ref(&wanted)).await;
    assert_eq!(
        cache.head("dispatch/1").number,
        1,
        "it is known where the book stands"
    );
    assert!(
        cache.after("dispatch/1", 0).is_none(),
        "what is old is read from the store"
    );
    append(&journal, &other, &Head::default()).await;
    append(&journal, &wanted, &old).await;
    until(&cache, || cache.head("dispatch/1").number == 2).await;
    assert_eq!(cache.after("dispatch/1", 1).unwrap().len(), 1);
    assert_eq!(cache.head("dispatch/2").number, 0, "nobody wanted that one");
    tailer.subscribe(std::slice::from_ref(&other)).await;
    assert_eq!(cache.head("dispatch/2").number, 1);
}

/// A commit of another process, or of a keeper of this one: as it is stored, and decoded.
async fn appended(journal: &MemoryJournal, before: &Head) -> (StoredCommit, Arc<Decoded>) {
    append(journal, &name(), before).await;
    let stored = journal.read(&name(), before, 1).await.unwrap().remove(0);
    let decoded = Decoded::check("dispatch/1", before, &stored).unwrap();
    (stored, Arc::new(decoded))
}

fn numbers(cache: &CommitCache) -> Vec<u64> {
    cache
        .after("dispatch/1", 0)
        .unwrap()
        .iter()
        .map(|commit| commit.head.number)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn what_a_keeper_of_this_process_appends_is_left_to_it_and_what_follows_by_another_hand_comes_in_order()
 {
    let journal = MemoryJournal::new();
    let cache = Arc::new(CommitCache::default());
    let tailer = Tailer::start(
        Arc::new(journal.clone()),
        cache.clone(),
        Weak::new(),
        vec![name()],
        |why| panic!("{why}"),
    );
    tailer.subscribe(&[name()]).await;
    let (first, decoded) = appended(&journal, &Head::default()).await;
    cache.publish_own(&decoded);
    // Stored here, and its keeper does not say so yet: the tailer has it first, and leaves it to the keeper.
    let (second, decoded) = appended(&journal, &first.head).await;
    tokio::time::sleep(OWN / 2).await;
    assert_eq!(numbers(&cache), [1]);
    cache.publish_own(&decoded);
    assert_eq!(numbers(&cache), [1, 2]);
    // Another process has the book from here on: the first of its commits is waited for, and none overtakes another.
    let mut head = second.head.clone();
    for n in 0..6 {
        head = appended(&journal, &head).await.0.head;
        tokio::time::sleep(OWN * n / 8).await;
        assert_eq!(
            numbers(&cache),
            (1..=cache.number("dispatch/1")).collect::<Vec<_>>()
        );
    }
    until(&cache, || cache.number("dispatch/1") == 8).await;
    assert_eq!(numbers(&cache), (1..=8).collect::<Vec<_>>());
    // And its next ones come at once.
    let began = Instant::now();
    appended(&journal, &head).await;
    until(&cache, || cache.number("dispatch/1") == 9).await;
    assert!(began.elapsed() < OWN / 2, "it took {:?}", began.elapsed());
    // A keeper that has it back is known by its first commit, even where the tailer was before it.
    let (tenth, decoded) = appended(&journal, &journal.last(&[name()]).await.unwrap()[0]).await;
    until(&cache, || cache.number("dispatch/1") == 10).await;
    cache.publish_own(&decoded);
    let (eleventh, decoded) = appended(&journal, &tenth.head).await;
    tokio::time::sleep(OWN / 2).await;
    assert_eq!(
        cache.number("dispatch/1"),
        10,
        "the next one is left to it again"
    );
    // While that waits another process writes on, and this one finds out: nothing overtakes what waits.
    let (twelfth, _) = appended(&journal, &eleventh.head).await;
    tokio::time::sleep(OWN / 4).await;
    cache.publish(&decoded);
    appended(&journal, &twelfth.head).await;
    for _ in 0..20 {
        assert_eq!(
            numbers(&cache),
            (1..=cache.number("dispatch/1")).collect::<Vec<_>>()
        );
        tokio::time::sleep(OWN / 8).await;
    }
    assert_eq!(cache.number("dispatch/1"), 13);
}
