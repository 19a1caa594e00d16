//! The tails of books: what counts as seen, and who shares a request.

use std::sync::atomic::AtomicUsize;

use tokio::time::Instant;

use super::*;

fn book(name: &str) -> BookName {
    BookName::parse(name).unwrap()
}

fn head(number: u64) -> Head {
    Head {
        number,
        hash: number.to_string(),
        position: String::new(),
    }
}

fn identity() -> StreamIdentity {
    StreamIdentity {
        connection: 1,
        created: "then".to_owned(),
        leader: "n1".to_owned(),
    }
}

fn end(seq: u64) -> Result<StreamTail, Unavailable> {
    Ok(StreamTail {
        identity: identity(),
        seq,
    })
}

fn number(heads: &Option<Vec<Head>>) -> Option<u64> {
    heads.as_ref().map(|heads| heads[0].number)
}

/// One book is followed, and seen up to commit 3 at sequence 10.
fn seen() -> (Arc<BookTails>, TailObserver) {
    let tails = Arc::new(BookTails::default());
    let observer = tails.observe(
        identity(),
        10,
        HashMap::from([(book("dispatch/1"), head(3))]),
    );
    (tails, observer)
}

async fn told(tails: &BookTails, says: Result<StreamTail, Unavailable>) -> Option<u64> {
    number(
        &tails
            .heads_of(&[book("dispatch/1")], || std::future::ready(says.clone()))
            .await
            .unwrap(),
    )
}

/// Somebody asks, and hears that the stream tails there.
fn asks(tails: &Arc<BookTails>, seq: u64) -> tokio::task::JoinHandle<Option<u64>> {
    let tails = tails.clone();
    tokio::spawn(async move { told(&tails, end(seq)).await })
}

async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_before_all_that_is_stored_was_seen() {
    let (tails, observer) = seen();
    let asked = asks(&tails, 12);
    a_moment().await;
    observer.record(11, Some((&book("dispatch/1"), &head(4))));
    a_moment().await;
    assert!(!asked.is_finished(), "sequence 12 may be of that book");
    observer.record(12, Some((&book("dispatch/1"), &head(5))));
    assert_eq!(asked.await.unwrap(), Some(5));
}

#[tokio::test(start_paused = true)]
async fn what_is_stored_and_does_not_come_is_asked_for_and_nobody_waits_for_long() {
    let (tails, observer) = seen();
    let asked = Instant::now();
    assert_eq!(told(&tails, end(11)).await, None);
    assert!(asked.elapsed() < Duration::from_secs(1));
    assert!(observer.is_current(), "it may still come");
    observer.record(11, None);
    assert_eq!(told(&tails, end(11)).await, Some(3));
}

#[tokio::test(start_paused = true)]
async fn a_question_is_shared_by_all_who_asked_before_it_began_and_by_nobody_else() {
    let (tails, observer) = seen();
    let begun = Arc::new(AtomicUsize::new(0));
    let asks = || {
        let (tails, begun) = (tails.clone(), begun.clone());
        tokio::spawn(async move {
            let ask = || async {
                // Each question finds the stream one longer than the one before, and is long on its way.
                let seq = 10 + begun.fetch_add(1, Ordering::SeqCst) as u64;
                tokio::time::sleep(Duration::from_millis(100)).await;
                end(seq)
            };
            number(&tails.heads_of(&[book("dispatch/1")], ask).await.unwrap())
        })
    };
    let first = asks();
    a_moment().await;
    let others: Vec<_> = (0..50).map(|_| asks()).collect();
    assert_eq!(first.await.unwrap(), Some(3));
    observer.record(11, Some((&book("dispatch/1"), &head(4))));
    for other in others {
        assert_eq!(
            other.await.unwrap(),
            Some(4),
            "the question under way when they asked may have been answered before"
        );
    }
    assert_eq!(begun.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn who_stops_waiting_in_the_middle_leaves_the_question_to_the_next() {
    let (tails, _witness) = seen();
    let its = tails.clone();
    let left = tokio::spawn(async move {
        its.heads_of(&[book("dispatch/1")], std::future::pending)
            .await
    });
    a_moment().await;
    let next = asks(&tails, 10);
    a_moment().await;
    left.abort();
    assert_eq!(next.await.unwrap(), Some(3));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_ends_before_what_was_seen_was_not_seen_whatever_it_grows_to() {
    let (tails, observer) = seen();
    assert_eq!(told(&tails, end(9)).await, None);
    assert!(!observer.is_current());
    observer.record(12, Some((&book("dispatch/1"), &head(5))));
    assert_eq!(told(&tails, end(12)).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_does_last_what_it_made_others_do_is_asked_again() {
    let (tails, observer) = seen();
    let asked = AtomicUsize::new(0);
    let ask = || std::future::ready(end(9 + asked.fetch_add(1, Ordering::SeqCst) as u64));
    assert_eq!(
        number(&tails.heads_of(&[book("dispatch/1")], ask).await.unwrap()),
        Some(3)
    );
    assert!(observer.is_current());
}

#[tokio::test(start_paused = true)]
async fn another_connection_another_leader_or_another_stream_was_not_seen() {
    for other in [
        StreamIdentity {
            connection: 2,
            ..identity()
        },
        StreamIdentity {
            leader: "n2".to_owned(),
            ..identity()
        },
        StreamIdentity {
            created: "now".to_owned(),
            ..identity()
        },
    ] {
        let (tails, observer) = seen();
        assert_eq!(
            told(
                &tails,
                Ok(StreamTail {
                    identity: other,
                    seq: 10
                })
            )
            .await,
            None
        );
        assert!(!observer.is_current());
        assert_eq!(told(&tails, end(10)).await, None, "it stays forgotten");
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_that_goes_is_waited_for_no_longer_and_takes_no_other_with_it() {
    let (tails, observer) = seen();
    let (asked, began) = (asks(&tails, 11), Instant::now());
    a_moment().await;
    drop(observer);
    assert_eq!(asked.await.unwrap(), None);
    assert!(began.elapsed() < Duration::from_millis(100));
    let old = tails.observe(
        identity(),
        10,
        HashMap::from([(book("dispatch/1"), head(3))]),
    );
    let new = tails.observe(
        identity(),
        11,
        HashMap::from([(book("dispatch/1"), head(4))]),
    );
    old.record(12, Some((&book("dispatch/1"), &head(9))));
    drop(old);
    assert!(new.is_current());
    assert_eq!(
        told(&tails, end(11)).await,
        Some(4),
        "what an old one says counts no more"
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_late_from_an_old_connection_leaves_the_new_observer_alone() {
    let (tails, old) = seen();
    let its = tails.clone();
    let late = || async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        end(10)
    };
    let asked = tokio::spawn(async move { its.heads_of(&[book("dispatch/1")], late).await });
    a_moment().await;
    drop(old);
    let new = tails.observe(
        StreamIdentity {
            connection: 2,
            ..identity()
        },
        11,
        HashMap::from([(book("dispatch/1"), head(4))]),
    );
    assert_eq!(asked.await.unwrap(), Ok(None));
    assert!(new.is_current());
}

#[tokio::test(start_paused = true)]
async fn a_book_that_lost_commits_is_asked_for_and_the_others_are_told() {
    let tails = Arc::new(BookTails::default());
    let observer = tails.observe(
        identity(),
        10,
        HashMap::from([(book("dispatch/1"), head(3)), (book("dispatch/2"), head(7))]),
    );
    observer.forget_book(&book("dispatch/2"));
    observer.record(11, Some((&book("dispatch/2"), &head(8))));
    let ask = || std::future::ready(end(11));
    assert_eq!(
        tails
            .heads_of(&[book("dispatch/1"), book("dispatch/2")], ask)
            .await,
        Ok(None)
    );
    assert_eq!(told(&tails, end(11)).await, Some(3));
}

#[tokio::test(start_paused = true)]
async fn a_book_nobody_follows_is_asked_for_at_once_and_an_answer_that_was_lost_is_told() {
    let (tails, _witness) = seen();
    let nobody = || -> std::future::Ready<Result<StreamTail, Unavailable>> {
        panic!("the stream's end says nothing of it")
    };
    assert_eq!(
        tails
            .heads_of(&[book("dispatch/1"), book("dispatch/2")], nobody)
            .await,
        Ok(None)
    );
    let away = Unavailable("away".to_owned());
    assert_eq!(
        tails
            .heads_of(&[book("dispatch/1")], || std::future::ready(Err(
                away.clone()
            )))
            .await,
        Err(away.clone())
    );
    assert_eq!(
        told(&tails, end(10)).await,
        Some(3),
        "the next question is another one"
    );
}
