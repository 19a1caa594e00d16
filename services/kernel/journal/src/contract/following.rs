//! Clauses about following.
//!
//! Called through [`journal_contract!`](crate::journal_contract). It does not know the store.

use std::collections::HashMap;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{JournalUnderTest, PATIENCE, append, book, commit, grow};
use crate::follower::Follower;
use crate::name::BookName;
use crate::port::{Head, Journal, ReadError, StoredCommit, hash_of};

async fn next(follower: &mut Follower) -> Result<(BookName, StoredCommit), ReadError> {
    timeout(PATIENCE, follower.next())
        .await
        .expect("the follower yields what was appended")
}

async fn next_commit(follower: &mut Follower) -> (BookName, StoredCommit) {
    next(follower).await.expect("the store is there")
}

async fn follow(journal: &impl Journal, after: Vec<(BookName, Head)>) -> Follower {
    let follower = journal.follow(after).await;
    follower.expect("books can be followed")
}

pub async fn a_follower_yields_what_is_there_and_then_what_comes<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let journal = &*subject.journal;
    let (old, new) = (book("dispatch/1"), book("dispatch/2"));
    let there = grow(journal, &old, Head::default(), 3).await;
    let after = vec![
        (old.clone(), Head::default()),
        (new.clone(), Head::default()),
    ];
    let mut follower = follow(journal, after).await;
    for head in &there {
        let (book, stored) = next_commit(&mut follower).await;
        assert_eq!((&book, &stored.head), (&old, head));
    }
    let mut head = Head::default();
    for number in 1..=20 {
        head = append(journal, &new, &head, commit(&format!("late {number}")))
            .await
            .expect("a commit after the head is taken");
        let (book, stored) = next_commit(&mut follower).await;
        assert_eq!((book, stored.head), (new.clone(), head.clone()));
        assert_eq!(*stored.bytes, *format!("late {number}").as_bytes());
    }
    let head = grow(journal, &old, there[2].clone(), 1).await.remove(0);
    assert_eq!(next_commit(&mut follower).await.1.head, head);
}

pub async fn a_follower_starts_after_the_head_it_is_given<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let journal = &*subject.journal;
    let (followed, other) = (book("dispatch/1"), book("dispatch/2"));
    let heads = grow(journal, &followed, Head::default(), 5).await;
    grow(journal, &other, Head::default(), 5).await;
    let mut follower = follow(journal, vec![(followed.clone(), heads[2].clone())]).await;
    grow(journal, &followed, heads[4].clone(), 1).await;
    for number in 4..=6 {
        let (book, stored) = next_commit(&mut follower).await;
        assert_eq!((book, stored.head.number), (followed.clone(), number));
    }
}

pub async fn a_follower_keeps_the_order_of_each_book_and_yields_no_commit_twice<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    const BOOKS: u64 = 8;
    const COMMITS: u64 = 60;
    let subject = make().await;
    let books: Vec<BookName> = (0..BOOKS).map(|n| book(&format!("dispatch/{n}"))).collect();
    let mut writers = JoinSet::new();
    for book in books.clone() {
        let journal = subject.journal.clone();
        writers.spawn(async move {
            grow(&*journal, &book, Head::default(), COMMITS).await;
        });
    }
    let after = books.iter().map(|book| (book.clone(), Head::default()));
    let mut follower = follow(&*subject.journal, after.collect()).await;
    let mut seen: HashMap<BookName, u64> = HashMap::new();
    for _ in 0..BOOKS * COMMITS {
        let (book, stored) = next_commit(&mut follower).await;
        let number = seen.entry(book).or_default();
        *number += 1;
        assert_eq!(stored.head.number, *number);
        assert_eq!(stored.head.hash, hash_of(&stored.bytes));
    }
    writers.join_all().await;
    assert!(seen.values().all(|number| *number == COMMITS));
    let more = timeout(Duration::from_millis(100), follower.next()).await;
    assert!(more.is_err(), "there is nothing more to yield");
}

pub async fn a_follower_reports_a_shortened_book_once_and_goes_on<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let (whole, restored) = (make().await, make().await);
    let (short, sound) = (book("dispatch/1"), book("dispatch/2"));
    let heads = grow(&*whole.journal, &short, Head::default(), 5).await;
    let journal = &*restored.journal;
    let kept = grow(journal, &short, Head::default(), 2).await;
    let after = vec![
        (short.clone(), heads[4].clone()),
        (sound.clone(), Head::default()),
    ];
    let mut follower = follow(journal, after).await;
    let Err(ReadError::Shortened { book, head }) = next(&mut follower).await else {
        panic!("the follower does not report the shortened book");
    };
    assert_eq!((book, &head), (short.clone(), &kept[1]));
    grow(journal, &short, head, 1).await;
    grow(journal, &sound, Head::default(), 2).await;
    for number in 1..=2 {
        let (book, stored) = next_commit(&mut follower).await;
        assert_eq!((book, stored.head.number), (sound.clone(), number));
    }
}

pub async fn a_follower_that_nobody_waits_for_loses_nothing<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let book = book("dispatch/420902");
    let mut follower = follow(&*subject.journal, vec![(book.clone(), Head::default())]).await;
    let (journal, written) = (subject.journal.clone(), book.clone());
    let writer = tokio::spawn(async move {
        grow(&*journal, &written, Head::default(), 100).await;
    });
    let mut number = 0;
    while number < 100 {
        if let Ok(item) = timeout(Duration::from_micros(50), follower.next()).await {
            number += 1;
            assert_eq!(item.expect("the store is there").1.head.number, number);
        }
    }
    writer.await.expect("the writer ends well");
}

pub async fn a_follower_ends_when_the_store_goes_away<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let book = book("dispatch/420902");
    grow(&*subject.journal, &book, Head::default(), 1).await;
    let mut follower = follow(&*subject.journal, vec![(book, Head::default())]).await;
    next_commit(&mut follower).await;
    (subject.take_away)(subject.journal);
    for _ in 0..2 {
        let ended = next(&mut follower).await;
        assert!(matches!(ended, Err(ReadError::Unavailable(_))), "{ended:?}");
    }
}
