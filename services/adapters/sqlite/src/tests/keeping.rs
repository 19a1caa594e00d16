//! A file of facts: what it keeps, and how the writer ends.

use std::sync::Arc;

use picket_journal::{AppendError, Head, Journal, ReadError};

use super::{Place, append, book, sound};

#[test]
fn what_was_appended_is_there_when_the_file_is_opened_again() {
    let place = Place::new();
    let (one, two) = (book("dispatch/1"), book("dispatch/2"));
    let journal = place.open();
    let first = append(&journal, &one, &Head::default(), *b"first").unwrap();
    let other = append(&journal, &two, &Head::default(), *b"other").unwrap();
    drop(journal);
    let journal = place.open();
    assert_eq!(journal.books(), [one.clone(), two.clone()]);
    let heads = journal.last_blocking(&[two, one.clone()]).unwrap();
    assert_eq!(heads, [other, first.clone()]);
    let second = append(&journal, &one, &first, *b"second").unwrap();
    assert_eq!(second.number, 2);
    assert_eq!(sound(&journal, &one).len(), 2);
}

#[test]
fn it_works_without_a_runtime() {
    let place = Place::new();
    let journal = place.open();
    let book = book("dispatch/1");
    let head = append(&journal, &book, &Head::default(), *b"first").unwrap();
    let lost = append(&journal, &book, &Head::default(), *b"late");
    assert_eq!(lost, Err(AppendError::Moved { head: head.clone() }));
    assert_eq!(
        journal.last_blocking(std::slice::from_ref(&book)).unwrap()[0],
        head
    );
    let ahead = Head { number: 9, ..head };
    let read = journal.read_blocking(&book, &ahead, 1);
    assert!(matches!(read, Err(ReadError::Shortened { .. })));
    assert!(journal.check().unwrap().is_empty());
}

#[tokio::test]
async fn dropping_the_journal_writes_what_waits() {
    let place = Place::new();
    let journal = Arc::new(place.open());
    let mut waiting = Vec::new();
    for jurisdiction in 0..100 {
        let journal = journal.clone();
        let book = book(&format!("dispatch/{jurisdiction}"));
        let mut append = Box::pin(async move {
            let hash = picket_journal::hash_of(b"one");
            journal
                .append(&book, &Head::default(), &hash, b"one"[..].into())
                .await
        });
        // Polled once, it is in the queue.
        let poll = std::future::poll_fn(|cx| std::task::Poll::Ready(append.as_mut().poll(cx)));
        assert!(poll.await.is_pending());
        waiting.push(append);
    }
    drop(waiting);
    drop(journal);
    assert_eq!(place.open().books().len(), 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_and_large_commits_survive_many_checkpoints() {
    let place = Place::new();
    let journal = place.open();
    let book = book("dispatch/1");
    let mut head = Head::default();
    for round in 0..120_u8 {
        let bytes = vec![round; if round % 3 == 0 { 256 * 1024 } else { 300 }];
        let hash = picket_journal::hash_of(&bytes);
        head = journal
            .append(&book, &head, &hash, bytes.into())
            .await
            .unwrap();
    }
    let log = std::fs::metadata(place.0.path().join("journal.db-wal")).unwrap();
    assert!(
        log.len() < 8 * 1024 * 1024,
        "the log of {} bytes is reused",
        log.len()
    );
    assert_eq!(
        tokio::task::spawn_blocking(move || sound(&journal, &book))
            .await
            .unwrap()
            .len(),
        120
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_outlives_its_journal_without_holding_the_file() {
    let place = Place::new();
    let journal = place.open();
    let book = book("dispatch/1");
    let mut follower = journal.follow(vec![(book, Head::default())]).await.unwrap();
    drop(journal);
    assert!(matches!(
        follower.next().await,
        Err(ReadError::Unavailable(_))
    ));
    let log = place.0.path().join("journal.db-wal");
    assert!(!log.exists(), "closing leaves one file");
}
