//! Clauses about appending: who wins, what is stored, and what is refused.
//!
//! Called through [`journal_contract!`](crate::journal_contract). It does not know the store.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::{JournalUnderTest, append, assert_sound, book, commit, grow, last, read_all};
use crate::faulty::{Fault, FaultyJournal};
use crate::port::{AppendError, Bytes, Head, Journal, MAX_COMMIT_BYTES, hash_of};
use crate::retry::{AppendOutcome, RetryPolicy, append_until_known};

pub async fn an_append_answers_the_next_number_and_the_given_hash<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let book = book("dispatch/420902");
    let mut head = Head::default();
    for number in 1..=20 {
        let bytes = commit(&format!("commit {number}"));
        let hash = hash_of(&bytes);
        head = append(&*subject.journal, &book, &head, bytes)
            .await
            .expect("a commit after the head is taken");
        assert_eq!((head.number, &head.hash), (number, &hash));
    }
    assert_sound(&read_all(&*subject.journal, &book).await);
}

pub async fn an_append_that_expects_another_head_is_refused_and_stores_nothing<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let journal = &*subject.journal;
    let book = book("dispatch/420902");
    let heads = grow(journal, &book, Head::default(), 3).await;
    let other_hash = Head {
        hash: hash_of(b"never written"),
        ..heads[2].clone()
    };
    let ahead = Head {
        number: 4,
        ..other_hash.clone()
    };
    let stale = [Head::default(), heads[0].clone(), heads[1].clone()];
    for expected in stale.into_iter().chain([other_hash, ahead]) {
        let refused = append(journal, &book, &expected, commit("late")).await;
        let Err(AppendError::Moved { head }) = refused else {
            panic!("{expected:?} was answered {refused:?}");
        };
        assert_eq!(head, heads[2]);
    }
    assert_eq!(read_all(journal, &book).await.len(), 3);
    assert_eq!(last(journal, &book).await, heads[2]);
}

pub async fn of_several_appends_to_one_head_exactly_one_wins<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let book = book("dispatch/420902");
    let mut head = Head::default();
    for round in 0..5 {
        let mut racers = JoinSet::new();
        for racer in 0..16 {
            let (journal, book, head) = (subject.journal.clone(), book.clone(), head.clone());
            racers.spawn(async move {
                let bytes = commit(&format!("round {round} racer {racer}"));
                append(&*journal, &book, &head, bytes).await
            });
        }
        let answers = racers.join_all().await;
        let won: Vec<&Head> = answers.iter().flatten().collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        for lost in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            assert!(matches!(lost, AppendError::Moved { .. }), "{lost:?}");
        }
        head = won[0].clone();
        assert_eq!(head.number, round + 1);
    }
    let commits = read_all(&*subject.journal, &book).await;
    assert_eq!(commits.len(), 5);
    assert_sound(&commits);
}

pub async fn a_refused_append_disturbs_no_other<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let mut tasks = JoinSet::new();
    for jurisdiction in 0..16 {
        let journal = subject.journal.clone();
        tasks.spawn(async move {
            let book = book(&format!("dispatch/{jurisdiction}"));
            if jurisdiction % 2 == 0 {
                let heads = grow(&*journal, &book, Head::default(), 20).await;
                assert_eq!(heads.last().map(|head| head.number), Some(20));
            } else {
                let never = Head {
                    number: 7,
                    hash: hash_of(b"never written"),
                    ..Head::default()
                };
                for _ in 0..20 {
                    let refused = append(&*journal, &book, &never, commit("late")).await;
                    assert!(matches!(refused, Err(AppendError::Moved { .. })));
                }
            }
        });
    }
    tasks.join_all().await;
    for jurisdiction in 0..16 {
        let commits = read_all(
            &*subject.journal,
            &book(&format!("dispatch/{jurisdiction}")),
        )
        .await;
        assert_eq!(commits.len(), if jurisdiction % 2 == 0 { 20 } else { 0 });
        assert_sound(&commits);
    }
}

pub async fn the_bytes_are_kept_exactly<J: Journal>(make: impl AsyncFn() -> JournalUnderTest<J>) {
    let subject = make().await;
    let book = book("dispatch/420902");
    let all: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let written = [
        Bytes::from(&b""[..]),
        Bytes::from(&b"\0"[..]),
        Bytes::from("{\"said\":\"整改 \\u0000\"}\r\n".as_bytes()),
        Bytes::from(all),
    ];
    let mut head = Head::default();
    for bytes in &written {
        head = append(&*subject.journal, &book, &head, bytes.clone())
            .await
            .expect("any bytes are taken");
    }
    let read = read_all(&*subject.journal, &book).await;
    assert_eq!(read.len(), written.len());
    for (read, written) in read.iter().zip(&written) {
        assert!(read.bytes == *written, "commit {}", read.head.number);
    }
}

pub async fn a_commit_of_the_largest_size_is_taken_and_a_larger_one_is_refused<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let journal = &*subject.journal;
    let book = book("dispatch/420902");
    let largest = Bytes::from(vec![b'x'; MAX_COMMIT_BYTES]);
    let head = append(journal, &book, &Head::default(), largest.clone())
        .await
        .expect("the largest commit is taken");
    let refused = append(
        journal,
        &book,
        &head,
        Bytes::from(vec![b'x'; MAX_COMMIT_BYTES + 1]),
    );
    assert_eq!(
        refused.await,
        Err(AppendError::TooLarge {
            bytes: MAX_COMMIT_BYTES + 1,
            limit: MAX_COMMIT_BYTES
        })
    );
    let commits = read_all(journal, &book).await;
    assert_eq!(commits.len(), 1);
    assert!(commits[0].bytes == largest);
    grow(journal, &book, head, 1).await;
}

pub async fn books_are_independent_of_each_other<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let journal = &*subject.journal;
    // Names of which one is the beginning of another, or differ in case only.
    let names = [
        "dispatch/42",
        "dispatch/420902",
        "dispatch/a",
        "dispatch/A",
        "dispatch-x/42",
    ];
    let mut heads = vec![Head::default(); names.len()];
    for _ in 0..4 {
        for (head, name) in heads.iter_mut().zip(names) {
            *head = grow(journal, &book(name), head.clone(), 1).await.remove(0);
        }
    }
    for (head, name) in heads.iter().zip(names) {
        let commits = read_all(journal, &book(name)).await;
        assert_eq!(commits.len(), 4);
        assert_eq!(commits.last().map(|stored| &stored.head), Some(head));
        assert!(
            commits
                .iter()
                .all(|c| c.bytes.starts_with(format!("{name} ").as_bytes()))
        );
    }
}

pub async fn after_an_unknown_outcome_reading_tells_what_became_of_it<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let book = book("dispatch/420902");
    let faulty = FaultyJournal::new(subject.journal.clone());
    faulty.plan([Fault::AckLost, Fault::RequestLost]);
    let lost = append(&faulty, &book, &Head::default(), commit("first")).await;
    assert!(matches!(lost, Err(AppendError::Unknown(_))));
    let stored = read_all(&*subject.journal, &book).await.remove(0).head;
    assert_eq!(stored.hash, hash_of(b"first"));
    let lost = append(&faulty, &book, &stored, commit("second")).await;
    assert!(matches!(lost, Err(AppendError::Unknown(_))));
    let after = faulty.read(&book, &stored, 1).await;
    assert_eq!(after, Ok(Vec::new()));

    let theirs = commit("theirs");
    let mut head = stored;
    for (fault, text) in [
        (Fault::AckLost, "third"),
        (Fault::RequestLost, "fourth"),
        (Fault::AckLostThenStranger(theirs.clone()), "fifth"),
    ] {
        faulty.plan([fault]);
        let bytes = commit(text);
        let hash = hash_of(&bytes);
        let patience = RetryPolicy::default();
        match append_until_known(&faulty, &book, &head, &hash, bytes, &patience).await {
            AppendOutcome::Done(done) => head = done,
            other => panic!("{text}: {other:?}"),
        }
    }
    let commits = read_all(&*subject.journal, &book).await;
    let texts: Vec<&[u8]> = commits.iter().map(|stored| &*stored.bytes).collect();
    assert_eq!(
        texts,
        [&b"first"[..], b"third", b"fourth", b"fifth", b"theirs"]
    );
}

pub async fn an_append_nobody_waits_for_is_stored_whole_or_not_at_all<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let journal = &*subject.journal;
    let book = book("dispatch/420902");
    let mut head = Head::default();
    for round in 0..20_u64 {
        let bytes = Bytes::from(vec![u8::try_from(round).unwrap_or(0); 50_000]);
        let hash = hash_of(&bytes);
        let given_up = tokio::time::timeout(
            Duration::from_micros(round * 50),
            journal.append(&book, &head, &hash, bytes.clone()),
        );
        drop(given_up.await);
        let patience = RetryPolicy::default();
        match append_until_known(journal, &book, &head, &hash, bytes, &patience).await {
            AppendOutcome::Done(done) => head = done,
            other => panic!("round {round}: {other:?}"),
        }
    }
    let commits = read_all(journal, &book).await;
    assert_eq!(commits.len(), 20);
    assert_sound(&commits);
}

pub async fn two_keepers_never_write_over_each_other<J: Journal>(
    make: impl AsyncFn() -> JournalUnderTest<J>,
) {
    let subject = make().await;
    let mut keepers = JoinSet::new();
    for keeper in 0..2 {
        let journal = Arc::clone(&subject.journal);
        keepers.spawn(async move {
            let book = book("dispatch/420902");
            let (mut head, mut done) = (Head::default(), Vec::new());
            for turn in 0..40 {
                let bytes = commit(&format!("keeper {keeper} turn {turn}"));
                let hash = hash_of(&bytes);
                let patience = RetryPolicy::default();
                match append_until_known(&*journal, &book, &head, &hash, bytes, &patience).await {
                    AppendOutcome::Done(stored) => {
                        done.push(stored.clone());
                        head = stored;
                    }
                    AppendOutcome::NotMine { .. } => head = last(&*journal, &book).await,
                    other => panic!("{other:?}"),
                }
            }
            done
        });
    }
    let mut done: Vec<Head> = keepers.join_all().await.into_iter().flatten().collect();
    done.sort_by_key(|head| head.number);
    let commits = read_all(&*subject.journal, &book("dispatch/420902")).await;
    assert_sound(&commits);
    let held: Vec<Head> = commits.into_iter().map(|stored| stored.head).collect();
    assert_eq!(done, held);
}
