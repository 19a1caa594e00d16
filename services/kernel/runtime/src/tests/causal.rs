//! Reading many journals in causal order.

use std::collections::BTreeMap;
use std::sync::Arc;

use picket_journal::{
    AppendError, BookName, Bytes, Follower, Head, Journal, MemoryJournal, ReadError, StoredCommit,
    Unavailable,
};
use picket_reading::CausalReader;

use super::toys::{all, both};
use super::{Place, book, one};

#[tokio::test]
async fn a_causal_reader_gets_causes_before_effects_and_everything_once() {
    let place = Place::new();
    let mut books = place.lockstep(all()).await;
    for n in 0..20 {
        one(&mut books, place.tally(&format!("c-{n}"), "echo:1"))
            .await
            .expect("accepted");
        books.settle().await.expect("they rest");
    }
    let names = [book("courier"), book("dispatch"), book("schedule")];
    for (limit, heads_first) in [(1, false), (3, true), (3, false), (1_000, true)] {
        let mut reader =
            CausalReader::new(Arc::new(place.memory.clone()), &names, &BTreeMap::new());
        if heads_first {
            reader = reader.skipping_unchanged().await.expect("memory answers");
        }
        let mut reached: BTreeMap<String, u64> = BTreeMap::new();
        loop {
            let batch = reader.next(limit).await.expect("it can be read");
            if batch.is_empty() {
                break;
            }
            for commit in batch {
                for (other, cursor) in &commit.commit.seen {
                    assert!(
                        reached.get(other).copied().unwrap_or(0) >= cursor.n
                            || !names.iter().any(|name| name.as_str() == other)
                    );
                }
                let before = reached.insert(commit.commit.book.clone(), commit.head.number);
                assert_eq!(before.unwrap_or(0) + 1, commit.head.number);
            }
        }
        for name in &names {
            assert_eq!(
                reached[name.as_str()],
                place.stored(name.service()).len() as u64,
                "all of {name}"
            );
        }
    }
}

#[tokio::test]
async fn a_causal_reader_goes_on_from_where_its_caller_is() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    for n in 0..4 {
        one(&mut books, place.tally(&format!("c-{n}"), "go"))
            .await
            .expect("accepted");
    }
    let third = &place.stored("schedule")[2].head;
    let positions = BTreeMap::from([(
        "schedule/420902".to_owned(),
        (third.number, third.hash.clone()),
    )]);
    let mut reader = CausalReader::new(
        Arc::new(place.memory.clone()),
        &[book("schedule")],
        &positions,
    );
    let read = reader.next(100).await.expect("it can be read");
    assert_eq!(read.first().map(|commit| commit.head.number), Some(4));
}

/// Counts the reads of each book.
struct Reads(MemoryJournal, std::sync::Mutex<BTreeMap<String, usize>>);

#[async_trait::async_trait]
impl Journal for Reads {
    async fn append(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, AppendError> {
        self.0.append(book, expected, hash, bytes).await
    }
    async fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        *self
            .1
            .lock()
            .expect("nobody panics with it")
            .entry(book.to_string())
            .or_default() += 1;
        self.0.read(book, after, limit).await
    }
    async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        self.0.last(books).await
    }
    async fn follow(&self, after: Vec<(BookName, Head)>) -> Result<Follower, Unavailable> {
        self.0.follow(after).await
    }
}

#[tokio::test]
async fn a_causal_reader_reads_only_journals_that_hold_something_new_and_each_once() {
    let place = Place::new();
    let mut books = place.lockstep(all()).await;
    one(&mut books, place.tally("c-1", "echo:1"))
        .await
        .expect("accepted");
    books.settle().await.expect("they rest");
    let names = [book("courier"), book("dispatch"), book("schedule")];
    let at = |service: &str| {
        place
            .stored(service)
            .last()
            .map(|stored| {
                (
                    format!("{service}/420902"),
                    (stored.head.number, stored.head.hash.clone()),
                )
            })
            .expect("it holds something")
    };
    let positions = BTreeMap::from([at("courier"), at("dispatch"), at("schedule")]);
    one(&mut books, place.tally("c-2", "go"))
        .await
        .expect("accepted");
    let journal = Arc::new(Reads(place.memory.clone(), std::sync::Mutex::default()));
    let mut reader = CausalReader::new(journal.clone(), &names, &positions)
        .skipping_unchanged()
        .await
        .expect("memory answers");
    assert!(!reader.next(100).await.expect("it can be read").is_empty());
    assert!(reader.next(100).await.expect("it can be read").is_empty());
    assert_eq!(
        *journal.1.lock().expect("nobody panics with it"),
        BTreeMap::from([("schedule/420902".to_owned(), 1)])
    );
}

#[tokio::test]
async fn a_causal_reader_that_passes_over_journals_still_sees_one_that_is_another() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    for n in 0..3 {
        one(&mut books, place.tally(&format!("c-{n}"), "go"))
            .await
            .expect("accepted");
    }
    let stands = place.stored("schedule").len() as u64;
    for (number, hash) in [
        (stands, "another".to_owned()),
        (stands + 1, "more".to_owned()),
    ] {
        let positions = BTreeMap::from([("schedule/420902".to_owned(), (number, hash))]);
        let mut reader = CausalReader::new(
            Arc::new(place.memory.clone()),
            &[book("schedule")],
            &positions,
        )
        .skipping_unchanged()
        .await
        .expect("memory answers");
        assert!(
            reader.next(100).await.is_err(),
            "it is not the journal the caller read {number} of"
        );
    }
}

#[tokio::test]
async fn a_causal_reader_finds_a_cause_that_came_while_it_read() {
    let place = Place::new();
    let mut books = place.lockstep(both()).await;
    one(&mut books, place.tally("c-1", "echo:1"))
        .await
        .expect("accepted");
    books.settle().await.expect("they rest");
    let names = [book("dispatch"), book("schedule")];
    // At first the store shows no questions; when it is asked again, all of them.
    place.journal.shorten(&book("schedule"), Head::default());
    let mut reader = CausalReader::new(place.journal.clone(), &names, &BTreeMap::new());
    assert!(
        reader.next(100).await.expect("it can be read").is_empty(),
        "the answer waits for its question"
    );
    place.journal.shorten(
        &book("schedule"),
        place
            .stored("schedule")
            .last()
            .expect("there is one")
            .head
            .clone(),
    );
    let rest = reader.next(100).await.expect("it can be read");
    let books: Vec<_> = rest
        .iter()
        .map(|commit| commit.commit.book.as_str())
        .collect();
    assert!(
        books.contains(&"schedule/420902") && books.last() == Some(&"dispatch/420902"),
        "{books:?}"
    );
}

async fn all_of(mut reader: CausalReader) -> (BTreeMap<String, u64>, BTreeMap<String, String>) {
    let mut reached = BTreeMap::new();
    for _ in 0..1_000 {
        let batch = reader.next(3).await.expect("it can be read");
        if batch.is_empty() {
            return (reached, reader.damaged());
        }
        for commit in batch {
            let before = reached.insert(commit.commit.book.clone(), commit.head.number);
            assert_eq!(before.unwrap_or(0) + 1, commit.head.number);
        }
    }
    panic!("it does not come to an end");
}

#[tokio::test]
async fn a_causal_reader_reads_a_damaged_journal_up_to_the_damage_and_the_others_to_their_ends() {
    let place = Place::new();
    let mut books = place.lockstep(all()).await;
    for n in 0..4 {
        one(&mut books, place.tally(&format!("c-{n}"), "echo:1"))
            .await
            .expect("accepted");
        books.settle().await.expect("they rest");
    }
    let whole = place.stored("schedule");
    let names = [book("courier"), book("dispatch"), book("schedule")];
    let spoilt = MemoryJournal::new();
    for name in &names {
        for (n, stored) in place.stored(name.service()).iter().enumerate() {
            let junk = name.service() == "schedule" && n == 2;
            let bytes = if junk {
                b"{}".to_vec().into()
            } else {
                stored.bytes.clone()
            };
            let head = spoilt
                .last_blocking(std::slice::from_ref(name))
                .expect("memory can be read")
                .remove(0);
            spoilt
                .append_blocking(name, &head, &picket_journal::hash_of(&bytes), bytes)
                .expect("memory takes it");
        }
    }
    let (reached, damaged) = all_of(CausalReader::new(
        Arc::new(spoilt),
        &names,
        &BTreeMap::new(),
    ))
    .await;
    assert!(whole.len() > 3);
    assert_eq!(reached["schedule/420902"], 2, "what stands before it");
    for other in ["courier", "dispatch"] {
        assert_eq!(
            reached[&format!("{other}/420902")],
            place.stored(other).len() as u64,
            "{other} waits for no cause that nobody can read"
        );
    }
    assert!(
        damaged.len() == 1 && damaged["schedule/420902"].contains("commit 3"),
        "{damaged:?}"
    );
}

#[tokio::test]
async fn a_causal_reader_that_is_told_of_a_loss_does_not_wait_for_what_was_lost() {
    let place = Place::new();
    let mut books = place.lockstep(all()).await;
    for n in 0..4 {
        one(&mut books, place.tally(&format!("c-{n}"), "echo:1"))
            .await
            .expect("accepted");
        books.settle().await.expect("they rest");
    }
    let last = place.stored("schedule").pop().expect("there are some").head;
    place.memory.forget_after(&book("schedule"), 2);
    let names = [book("courier"), book("dispatch"), book("schedule")];
    let reader = || CausalReader::new(Arc::new(place.memory.clone()), &names, &BTreeMap::new());
    let (held_back, _) = all_of(reader()).await;
    assert!(
        held_back["dispatch/420902"] < place.stored("dispatch").len() as u64,
        "a cause may still come"
    );
    let (reached, _) = all_of(reader().accepting_losses(&[book("schedule")])).await;
    assert_eq!(
        reached["dispatch/420902"],
        place.stored("dispatch").len() as u64
    );
    // A reader that had read more than is left keeps it.
    let positions = BTreeMap::from([("schedule/420902".to_owned(), (last.number, last.hash))]);
    let mut ahead = CausalReader::new(Arc::new(place.memory.clone()), &names, &positions)
        .accepting_losses(&[book("schedule")]);
    assert!(ahead.next(1_000).await.is_ok());
}
