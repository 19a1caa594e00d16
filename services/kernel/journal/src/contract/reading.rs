//! Clauses about reading commits and heads.
//!
//! Called through [`journal_contract!`](crate::journal_contract). It does not know the store.

use super::{JournalUnderTest, append, assert_sound, book, grow, last, read_all};
use crate::name::BookName;
use crate::port::{Bytes, Head, Journal, MAX_COMMIT_BYTES, MAX_READ_BYTES, ReadError, hash_of};

pub async fn a_read_answers_the_commits_after_a_head_in_order<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let journal = &*subject.journal;
    let book = book("dispatch/420902");
    assert_eq!(
        journal.read(&book, &Head::default(), 100).await,
        Ok(Vec::new())
    );
    let heads = grow(journal, &book, Head::default(), 12).await;
    for (after, skipped) in std::iter::once(&Head::default()).chain(&heads).zip(0..) {
        let read = journal.read(&book, after, 100).await;
        let read = read.expect("a head of the book can be read after");
        let seen: Vec<Head> = read.into_iter().map(|stored| stored.head).collect();
        assert_eq!(seen, heads[skipped..], "after {after:?}");
    }
}

pub async fn a_read_answers_at_most_its_limit<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let journal = &*subject.journal;
    let book = book("dispatch/420902");
    let heads = grow(journal, &book, Head::default(), 10).await;
    for (limit, answered) in [(0, 0), (1, 1), (4, 4), (8, 8), (100, 8)] {
        let read = journal.read(&book, &heads[1], limit).await;
        let read = read.expect("a head of the book can be read after");
        assert_eq!(read.len(), answered, "limit {limit}");
        assert!(
            read.iter()
                .map(|stored| &stored.head)
                .eq(&heads[2..2 + answered])
        );
    }
}

pub async fn a_read_stops_once_it_has_enough_bytes<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let journal = &*subject.journal;
    let book = book("dispatch/420902");
    let mut head = Head::default();
    for fill in 0..8 {
        let bytes = Bytes::from(vec![fill; MAX_COMMIT_BYTES - 10]);
        head = append(journal, &book, &head, bytes)
            .await
            .expect("a large commit is taken");
    }
    let first = journal.read(&book, &Head::default(), 100).await;
    let first = first.expect("a book can be read");
    let bytes: usize = first.iter().map(|stored| stored.bytes.len()).sum();
    assert!(!first.is_empty() && bytes < MAX_READ_BYTES + MAX_COMMIT_BYTES);
    let all = read_all(journal, &book).await;
    assert_eq!(all.len(), 8);
    assert_sound(&all);
}

pub async fn a_read_after_a_head_the_store_lacks_says_shortened<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let (whole, restored) = (make().await, make().await);
    let book = book("dispatch/420902");
    let heads = grow(&*whole.journal, &book, Head::default(), 5).await;
    let older = &*restored.journal;
    let shortened = async |after: &Head| match older.read(&book, after, 10).await {
        Err(ReadError::Shortened { book: named, head }) => {
            assert_eq!(named, book);
            head
        }
        other => panic!("after {after:?} it answered {other:?}"),
    };
    assert_eq!(shortened(&heads[4]).await, Head::default());
    let kept = grow(older, &book, Head::default(), 2).await;
    assert!(kept[1].is_same_commit(&heads[1]));
    assert_eq!(shortened(&heads[4]).await, kept[1]);
    assert_eq!(older.read(&book, &heads[1], 10).await, Ok(Vec::new()));
    let mut head = kept[1].clone();
    for number in 3..=6 {
        let bytes = Bytes::from(format!("another {number}").as_bytes());
        head = append(older, &book, &head, bytes)
            .await
            .expect("a commit after the head is taken");
    }
    assert_eq!(shortened(&heads[4]).await, head);
    let other_hash = Head {
        hash: hash_of(b"never written"),
        ..kept[0].clone()
    };
    assert_eq!(shortened(&other_hash).await, head);
}

pub async fn every_verb_answers_the_same_head<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let journal = &*subject.journal;
    let book = book("dispatch/420902");
    let heads = grow(journal, &book, Head::default(), 3).await;
    let read = read_all(journal, &book).await;
    assert!(read.iter().map(|stored| &stored.head).eq(&heads));
    assert_eq!(last(journal, &book).await, heads[2]);
    let mut follower = journal
        .follow(vec![(book, heads[1].clone())])
        .await
        .expect("a book can be followed");
    let (_, stored) = follower.next().await.expect("a commit is there");
    assert_eq!(stored.head, heads[2]);
}

pub async fn last_answers_in_the_order_asked_and_nothing_for_an_unknown_book<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let journal = &*subject.journal;
    let mut books: Vec<BookName> = (0..30).map(|n| book(&format!("dispatch/{n}"))).collect();
    for (count, book) in (0..).zip(&books) {
        grow(journal, book, Head::default(), count % 3).await;
    }
    books.reverse();
    let heads = journal.last(&books).await.expect("heads can be read");
    assert_eq!(heads.len(), books.len());
    for ((count, book), head) in (0..30).rev().zip(&books).zip(heads) {
        assert_eq!(head.number, count % 3, "{book}");
        if head.number == 0 {
            assert_eq!(head, Head::default());
        }
    }
    assert_eq!(journal.last(&[]).await, Ok(Vec::new()));
}

pub async fn last_is_never_older_than_an_answered_append<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let book = book("dispatch/420902");
    let mut head = Head::default();
    for _ in 0..50 {
        head = grow(&*subject.journal, &book, head, 1).await.remove(0);
        let (journal, asked) = (subject.journal.clone(), book.clone());
        let seen = tokio::spawn(async move { last(&*journal, &asked).await });
        assert_eq!(seen.await.expect("the question is answered"), head);
    }
}
