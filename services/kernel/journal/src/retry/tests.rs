//! The append rule, fault by fault, and a law over any script of faults.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::faulty::{Fault, FaultyJournal};
use crate::memory::MemoryJournal;
use crate::port::hash_of;

struct Case {
    journal: FaultyJournal<MemoryJournal>,
    book: BookName,
    first: Head,
}

const MINE: &[u8] = b"mine";

/// A journal with one commit in it, and these faults to come.
fn planned(faults: impl IntoIterator<Item = Fault>) -> Case {
    let memory = Arc::new(MemoryJournal::new());
    let book = BookName::parse("dispatch/420902").unwrap();
    let first = memory
        .append_blocking(
            &book,
            &Head::default(),
            &hash_of(b"first"),
            Bytes::from(*b"first"),
        )
        .unwrap();
    let journal = FaultyJournal::new(memory);
    journal.plan(faults);
    Case {
        journal,
        book,
        first,
    }
}

impl Case {
    async fn append(&self) -> AppendOutcome {
        let patience = RetryPolicy::default();
        let bytes = Bytes::from(MINE);
        append_until_known(
            &self.journal,
            &self.book,
            &self.first,
            &hash_of(MINE),
            bytes,
            &patience,
        )
        .await
    }

    fn held(&self) -> Vec<Vec<u8>> {
        let all = self
            .journal
            .inner()
            .read_blocking(&self.book, &Head::default(), 100);
        all.unwrap().iter().map(|c| c.bytes.to_vec()).collect()
    }

    fn mine(&self) -> usize {
        self.held().iter().filter(|bytes| *bytes == MINE).count()
    }
}

fn done_at(outcome: &AppendOutcome) -> u64 {
    match outcome {
        AppendOutcome::Done(head) => {
            assert_eq!(head.hash, hash_of(MINE));
            head.number
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_append_without_faults_is_done_at_once() {
    let case = planned([]);
    assert_eq!(done_at(&case.append().await), 2);
    assert_eq!(case.journal.appends(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_found_by_looking() {
    let case = planned([Fault::AckLost]);
    assert_eq!(done_at(&case.append().await), 2);
    assert_eq!(case.journal.appends(), 1);
    assert_eq!(case.mine(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_found_even_if_others_wrote_after() {
    let case = planned([Fault::AckLostThenStranger(Bytes::from(*b"theirs"))]);
    assert_eq!(done_at(&case.append().await), 2);
    assert_eq!(case.held().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_lost_request_is_sent_again_with_the_same_bytes() {
    let case = planned([Fault::RequestLost, Fault::Unavailable, Fault::RequestLost]);
    assert_eq!(done_at(&case.append().await), 2);
    assert_eq!(case.journal.appends(), 4);
    assert_eq!(case.mine(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_too_long_is_looked_after() {
    let case = planned([Fault::LateAck(Duration::from_secs(60))]);
    assert_eq!(done_at(&case.append().await), 2);
    let case = planned([Fault::Late(Duration::from_secs(60))]);
    assert_eq!(done_at(&case.append().await), 2);
    assert_eq!(case.journal.appends(), 2);
    assert_eq!(case.mine(), 1);
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_commit_means_not_the_keeper() {
    let case = planned([Fault::Stranger(Bytes::from(*b"theirs"))]);
    match case.append().await {
        AppendOutcome::NotMine { head } => {
            assert_eq!((head.number, head.hash), (2, hash_of(b"theirs")))
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(case.mine(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_full_journal_is_a_plain_no() {
    let case = planned([Fault::Full]);
    let outcome = case.append().await;
    assert!(matches!(
        outcome,
        AppendOutcome::NotSaved(NotSaved::Full(_))
    ));
    assert_eq!((case.journal.appends(), case.mine()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_commit_above_the_limit_is_a_plain_no() {
    let case = planned([]);
    let bytes = Bytes::from(vec![b' '; crate::MAX_COMMIT_BYTES + 1]);
    let hash = hash_of(&bytes);
    let outcome = append_until_known(
        &case.journal,
        &case.book,
        &case.first,
        &hash,
        bytes,
        &RetryPolicy::default(),
    )
    .await;
    assert!(matches!(
        outcome,
        AppendOutcome::NotSaved(NotSaved::TooLarge { .. })
    ));
}

#[tokio::test(start_paused = true)]
async fn a_plain_no_after_an_unclear_attempt_is_not_believed() {
    let case = planned([Fault::RequestLost, Fault::Full, Fault::Pass]);
    assert_eq!(done_at(&case.append().await), 2);
    let case = planned(
        [Fault::RequestLost]
            .into_iter()
            .chain(vec![Fault::Full; 1000]),
    );
    assert_eq!(case.append().await, AppendOutcome::StillUnknown);
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_ends_before_the_expected_head_lost_facts() {
    let case = planned([]);
    case.journal.shorten(&case.book, Head::default());
    let lost = AppendOutcome::Shortened {
        head: Head::default(),
    };
    assert_eq!(case.append().await, lost);
    let case = planned([Fault::RequestLost]);
    case.journal.inner().forget_after(&case.book, 0);
    assert_eq!(case.append().await, lost);
}

#[tokio::test(start_paused = true)]
async fn a_journal_with_another_commit_at_the_expected_head_lost_facts() {
    let mut case = planned([]);
    case.first.hash = hash_of(b"what this keeper once wrote");
    assert!(matches!(case.append().await, AppendOutcome::Shortened { head } if head.number == 1));
}

#[tokio::test(start_paused = true)]
async fn it_keeps_looking_while_the_store_cannot_be_read() {
    let case = planned([Fault::AckLost]);
    case.journal.fail_reads(5);
    assert_eq!(done_at(&case.append().await), 2);
    assert_eq!(case.journal.appends(), 1);
}

#[tokio::test(start_paused = true)]
async fn when_the_time_is_up_a_sure_refusal_is_not_saved_and_an_unclear_one_is_unknown() {
    let began = Instant::now();
    let case = planned(vec![Fault::Unavailable; 1000]);
    let outcome = case.append().await;
    assert!(matches!(
        outcome,
        AppendOutcome::NotSaved(NotSaved::Unavailable(_))
    ));
    assert!(began.elapsed() <= RetryPolicy::default().total);
    let case = planned(vec![Fault::RequestLost; 1000]);
    assert_eq!(case.append().await, AppendOutcome::StillUnknown);
    assert!(case.journal.appends() < 100, "it waits between attempts");
}

fn any_fault() -> impl Strategy<Value = Fault> {
    let strange = || Bytes::from(*b"theirs");
    prop_oneof![
        Just(Fault::Pass),
        Just(Fault::AckLost),
        Just(Fault::AckLostThenStranger(strange())),
        Just(Fault::RequestLost),
        Just(Fault::Unavailable),
        Just(Fault::Full),
        Just(Fault::Late(Duration::from_millis(100))),
        Just(Fault::Late(Duration::from_secs(60))),
        Just(Fault::LateAck(Duration::from_secs(60))),
        Just(Fault::Stranger(strange())),
    ]
}

proptest! {
    #[test]
    fn whatever_goes_wrong_the_outcome_is_the_truth(
        faults in proptest::collection::vec(any_fault(), 0..12),
        failing_reads in 0_usize..30,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let case = planned(faults);
            case.journal.fail_reads(failing_reads);
            let outcome = case.append().await;
            let mine = case.mine();
            match outcome {
                AppendOutcome::Done(head) => {
                    prop_assert_eq!(mine, 1);
                    prop_assert_eq!(head.number, 2);
                    prop_assert_eq!(&case.held()[1], MINE);
                }
                AppendOutcome::NotSaved(_) | AppendOutcome::NotMine { .. } => prop_assert_eq!(mine, 0),
                AppendOutcome::StillUnknown => prop_assert!(mine <= 1),
                AppendOutcome::Shortened { .. } => prop_assert!(false, "nothing was lost"),
            }
            Ok(())
        })?;
    }
}
