//! Each fault does what it says, seen from both sides.

use super::*;
use crate::memory::MemoryJournal;

fn book() -> BookName {
    BookName::parse("dispatch/420902").unwrap()
}

fn faulty(fault: Fault) -> FaultyJournal<MemoryJournal> {
    let journal = FaultyJournal::new(Arc::new(MemoryJournal::new()));
    journal.plan([fault]);
    journal
}

async fn append(journal: &FaultyJournal<MemoryJournal>) -> Result<Head, AppendError> {
    let bytes = Bytes::from(*b"mine");
    let hash = hash_of(&bytes);
    journal
        .append(&book(), &Head::default(), &hash, bytes)
        .await
}

async fn number(journal: &impl Journal) -> u64 {
    journal.last(&[book()]).await.unwrap()[0].number
}

#[tokio::test(start_paused = true)]
async fn each_fault_stores_what_it_says_and_answers_what_it_says() {
    let theirs = || Bytes::from(*b"theirs");
    let pause = Duration::from_secs(60);
    for (fault, stored, answer) in [
        (Fault::Pass, 1, "ok"),
        (Fault::AckLost, 1, "unknown"),
        (Fault::AckLostThenStranger(theirs()), 2, "unknown"),
        (Fault::RequestLost, 0, "unknown"),
        (Fault::Unavailable, 0, "unavailable"),
        (Fault::Full, 0, "full"),
        (Fault::Late(pause), 1, "ok"),
        (Fault::LateAck(pause), 1, "ok"),
        (Fault::Stranger(theirs()), 1, "moved"),
    ] {
        let journal = faulty(fault.clone());
        let heard = match append(&journal).await {
            Ok(_) => "ok",
            Err(AppendError::Unknown(_)) => "unknown",
            Err(AppendError::Unavailable(_)) => "unavailable",
            Err(AppendError::Full(_)) => "full",
            Err(AppendError::Moved { .. }) => "moved",
            Err(AppendError::TooLarge { .. }) => "too large",
        };
        assert_eq!(
            (number(&journal).await, heard),
            (stored, answer),
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn a_fault_concerns_one_append() {
    let journal = faulty(Fault::Full);
    assert!(append(&journal).await.is_err());
    assert!(append(&journal).await.is_ok());
    assert_eq!(journal.appends(), 2);
}

#[tokio::test]
async fn a_shortened_book_hides_its_tail_and_takes_nothing() {
    let journal = faulty(Fault::AckLostThenStranger(Bytes::from(*b"theirs")));
    append(&journal).await.unwrap_err();
    let all = journal.read(&book(), &Head::default(), 9).await.unwrap();
    journal.shorten(&book(), all[0].head.clone());
    assert_eq!(number(&journal).await, 1);
    assert_eq!(number(journal.inner()).await, 2);
    let seen = journal.read(&book(), &Head::default(), 9).await.unwrap();
    assert_eq!(seen.len(), 1);
    let after = journal.read(&book(), &all[1].head, 9).await;
    assert!(matches!(after, Err(ReadError::Shortened { head, .. }) if head == all[0].head));
    assert!(matches!(
        append(&journal).await,
        Err(AppendError::Moved { .. })
    ));
}

#[tokio::test]
async fn reads_fail_as_often_as_planned() {
    let journal = faulty(Fault::Pass);
    journal.fail_reads(2);
    assert!(journal.last(&[book()]).await.is_err());
    assert!(journal.read(&book(), &Head::default(), 9).await.is_err());
    assert!(journal.last(&[book()]).await.is_ok());
}

#[tokio::test]
async fn following_ends_when_it_is_told_to() {
    let journal = faulty(Fault::Pass);
    append(&journal).await.unwrap();
    let mut follower = journal
        .follow(vec![(book(), Head::default())])
        .await
        .unwrap();
    assert_eq!(follower.next().await.unwrap().1.head.number, 1);
    journal.end_following();
    for _ in 0..2 {
        assert!(matches!(
            follower.next().await,
            Err(ReadError::Unavailable(_))
        ));
    }
}
