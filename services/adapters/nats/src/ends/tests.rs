//! Ends of books: what counts as seen, and who shares a question.

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

fn source() -> Source {
    Source {
        connection: 1,
        created: "then".to_owned(),
        leader: "n1".to_owned(),
    }
}

fn end(seq: u64) -> Result<End, Unavailable> {
    Ok(End {
        source: source(),
        seq,
    })
}

fn number(heads: &Option<Vec<Head>>) -> Option<u64> {
    heads.as_ref().map(|heads| heads[0].number)
}

/// One book is followed, and seen up to commit 3 at sequence 10.
fn seen() -> (Arc<Ends>, Witness) {
    let ends = Arc::new(Ends::default());
    let witness = ends.witness(source(), 10, HashMap::from([(book("dispatch/1"), head(3))]));
    (ends, witness)
}

async fn told(ends: &Ends, says: Result<End, Unavailable>) -> Option<u64> {
    number(
        &ends
            .of(&[book("dispatch/1")], || std::future::ready(says.clone()))
            .await
            .unwrap(),
    )
}

/// Somebody asks, and hears that the stream ends there.
fn asks(ends: &Arc<Ends>, seq: u64) -> tokio::task::JoinHandle<Option<u64>> {
    let ends = ends.clone();
    tokio::spawn(async move { told(&ends, end(seq)).await })
}

async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_before_all_that_is_stored_was_seen() {
    let (ends, witness) = seen();
    let asked = asks(&ends, 12);
    a_moment().await;
    witness.saw(11, Some((&book("dispatch/1"), &head(4))));
    a_moment().await;
    assert!(!asked.is_finished(), "sequence 12 may be of that book");
    witness.saw(12, Some((&book("dispatch/1"), &head(5))));
    assert_eq!(asked.await.unwrap(), Some(5));
}

#[tokio::test(start_paused = true)]
async fn what_is_stored_and_does_not_come_is_asked_for_and_nobody_waits_for_long() {
    let (ends, witness) = seen();
    let asked = Instant::now();
    assert_eq!(told(&ends, end(11)).await, None);
    assert!(asked.elapsed() < Duration::from_secs(1));
    assert!(witness.counts(), "it may still come");
    witness.saw(11, None);
    assert_eq!(told(&ends, end(11)).await, Some(3));
}

#[tokio::test(start_paused = true)]
async fn a_question_is_shared_by_all_who_asked_before_it_began_and_by_nobody_else() {
    let (ends, witness) = seen();
    let begun = Arc::new(AtomicUsize::new(0));
    let asks = || {
        let (ends, begun) = (ends.clone(), begun.clone());
        tokio::spawn(async move {
            let ask = || async {
                // Each question finds the stream one longer than the one before, and is long on its way.
                let seq = 10 + begun.fetch_add(1, Ordering::SeqCst) as u64;
                tokio::time::sleep(Duration::from_millis(100)).await;
                end(seq)
            };
            number(&ends.of(&[book("dispatch/1")], ask).await.unwrap())
        })
    };
    let first = asks();
    a_moment().await;
    let others: Vec<_> = (0..50).map(|_| asks()).collect();
    assert_eq!(first.await.unwrap(), Some(3));
    witness.saw(11, Some((&book("dispatch/1"), &head(4))));
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
    let (ends, _witness) = seen();
    let its = ends.clone();
    let left =
        tokio::spawn(async move { its.of(&[book("dispatch/1")], std::future::pending).await });
    a_moment().await;
    let next = asks(&ends, 10);
    a_moment().await;
    left.abort();
    assert_eq!(next.await.unwrap(), Some(3));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_ends_before_what_was_seen_was_not_seen_whatever_it_grows_to() {
    let (ends, witness) = seen();
    assert_eq!(told(&ends, end(9)).await, None);
    assert!(!witness.counts());
    witness.saw(12, Some((&book("dispatch/1"), &head(5))));
    assert_eq!(told(&ends, end(12)).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_does_last_what_it_made_others_do_is_asked_again() {
    let (ends, witness) = seen();
    let asked = AtomicUsize::new(0);
    let ask = || std::future::ready(end(9 + asked.fetch_add(1, Ordering::SeqCst) as u64));
    assert_eq!(
        number(&ends.of(&[book("dispatch/1")], ask).await.unwrap()),
        Some(3)
    );
    assert!(witness.counts());
}

#[tokio::test(start_paused = true)]
async fn another_connection_another_leader_or_another_stream_was_not_seen() {
    for other in [
        Source {
            connection: 2,
            ..source()
        },
        Source {
            leader: "n2".to_owned(),
            ..source()
        },
        Source {
            created: "now".to_owned(),
            ..source()
        },
    ] {
        let (ends, witness) = seen();
        assert_eq!(
            told(
                &ends,
                Ok(End {
                    source: other,
                    seq: 10
                })
            )
            .await,
            None
        );
        assert!(!witness.counts());
        assert_eq!(told(&ends, end(10)).await, None, "it stays forgotten");
    }
}

#[tokio::test(start_paused = true)]
async fn a_witness_that_goes_is_waited_for_no_longer_and_takes_no_other_with_it() {
    let (ends, witness) = seen();
    let (asked, began) = (asks(&ends, 11), Instant::now());
    a_moment().await;
    drop(witness);
    assert_eq!(asked.await.unwrap(), None);
    assert!(began.elapsed() < Duration::from_millis(100));
    let old = ends.witness(source(), 10, HashMap::from([(book("dispatch/1"), head(3))]));
    let new = ends.witness(source(), 11, HashMap::from([(book("dispatch/1"), head(4))]));
    old.saw(12, Some((&book("dispatch/1"), &head(9))));
    drop(old);
    assert!(new.counts());
    assert_eq!(
        told(&ends, end(11)).await,
        Some(4),
        "what an old one says counts no more"
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_late_from_an_old_connection_leaves_the_new_witness_alone() {
    let (ends, old) = seen();
    let its = ends.clone();
    let late = || async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        end(10)
    };
    let asked = tokio::spawn(async move { its.of(&[book("dispatch/1")], late).await });
    a_moment().await;
    drop(old);
    let new = ends.witness(
        Source {
            connection: 2,
            ..source()
        },
        11,
        HashMap::from([(book("dispatch/1"), head(4))]),
    );
    assert_eq!(asked.await.unwrap(), Ok(None));
    assert!(new.counts());
}

#[tokio::test(start_paused = true)]
async fn a_book_that_lost_commits_is_asked_for_and_the_others_are_told() {
    let ends = Arc::new(Ends::default());
    let witness = ends.witness(
        source(),
        10,
        HashMap::from([(book("dispatch/1"), head(3)), (book("dispatch/2"), head(7))]),
    );
    witness.leaves(&book("dispatch/2"));
    witness.saw(11, Some((&book("dispatch/2"), &head(8))));
    let ask = || std::future::ready(end(11));
    assert_eq!(
        ends.of(&[book("dispatch/1"), book("dispatch/2")], ask)
            .await,
        Ok(None)
    );
    assert_eq!(told(&ends, end(11)).await, Some(3));
}

#[tokio::test(start_paused = true)]
async fn a_book_nobody_follows_is_asked_for_at_once_and_an_answer_that_was_lost_is_told() {
    let (ends, _witness) = seen();
    let nobody = || -> std::future::Ready<Result<End, Unavailable>> {
        panic!("the stream's end says nothing of it")
    };
    assert_eq!(
        ends.of(&[book("dispatch/1"), book("dispatch/2")], nobody)
            .await,
        Ok(None)
    );
    let away = Unavailable("away".to_owned());
    assert_eq!(
        ends.of(&[book("dispatch/1")], || std::future::ready(Err(
            away.clone()
        )))
        .await,
        Err(away.clone())
    );
    assert_eq!(
        told(&ends, end(10)).await,
        Some(3),
        "the next question is another one"
    );
}
