//! The contract suite: what every store of commits must pass.
//!
//! A store's tests call [`journal_contract!`](crate::journal_contract) with a function that
//! makes a [`Subject`]; each clause becomes one test. The words of the clauses are those of
//! the documentation of [`Journal`].
//! It does not know which store it is testing: it sees the port and nothing else.

mod appending;
mod following;
mod reading;

pub use appending::*;
pub use following::*;
pub use reading::*;

use std::sync::Arc;
use std::time::Duration;

use crate::name::BookName;
use crate::port::{AppendError, Bytes, Head, Journal, StoredCommit, hash_of};

/// One journal under test, in which the books of the suite have no commit yet.
pub struct JournalUnderTest<J> {
    /// The journal.
    pub journal: Arc<J>,
    /// Takes the store away from under it; dropped unused by most clauses, after the journal.
    pub take_away: Box<dyn FnOnce(Arc<J>) + Send>,
}

/// Writes one test for each clause of the contract.
///
/// It takes the path of an async function without arguments that answers a
/// [`JournalUnderTest`](crate::contract::JournalUnderTest). The calling crate needs `tokio` with its test macros.
#[macro_export]
macro_rules! journal_contract {
    ($make:path) => {
        $crate::journal_contract! { $make =>
            an_append_answers_the_next_number_and_the_given_hash
            an_append_that_expects_another_head_is_refused_and_stores_nothing
            of_several_appends_to_one_head_exactly_one_wins
            a_refused_append_disturbs_no_other
            the_bytes_are_kept_exactly
            a_commit_of_the_largest_size_is_taken_and_a_larger_one_is_refused
            books_are_independent_of_each_other
            after_an_unknown_outcome_reading_tells_what_became_of_it
            an_append_nobody_waits_for_is_stored_whole_or_not_at_all
            two_keepers_never_write_over_each_other
            a_read_answers_the_commits_after_a_head_in_order
            a_read_answers_at_most_its_limit
            a_read_stops_once_it_has_enough_bytes
            a_read_after_a_head_the_store_lacks_says_shortened
            every_verb_answers_the_same_head
            last_answers_in_the_order_asked_and_nothing_for_an_unknown_book
            last_is_never_older_than_an_answered_append
            a_follower_yields_what_is_there_and_then_what_comes
            a_follower_starts_after_the_head_it_is_given
            a_follower_keeps_the_order_of_each_book_and_yields_no_commit_twice
            a_follower_reports_a_shortened_book_once_and_goes_on
            a_follower_that_nobody_waits_for_loses_nothing
            a_follower_ends_when_the_store_goes_away
        }
    };
    ($make:path => $($clause:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $clause() {
                $crate::contract::$clause(async || $make().await).await;
            }
        )+
    };
}

/// How long a clause waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(20);

fn book(name: &str) -> BookName {
    BookName::parse(name).expect("the suite's names are valid")
}

fn commit(text: &str) -> Bytes {
    Bytes::from(text.as_bytes())
}

async fn append(
    journal: &impl Journal,
    book: &BookName,
    expected: &Head,
    bytes: Bytes,
) -> Result<Head, AppendError> {
    let hash = hash_of(&bytes);
    journal.append(book, expected, &hash, bytes).await
}

/// Appends `count` commits after `head`, each of which says its book and number.
async fn grow(journal: &impl Journal, book: &BookName, mut head: Head, count: u64) -> Vec<Head> {
    let mut heads = Vec::new();
    for _ in 0..count {
        let text = format!("{book} {}", head.number + 1);
        head = append(journal, book, &head, commit(&text))
            .await
            .expect("a commit after the head is taken");
        heads.push(head.clone());
    }
    heads
}

async fn read_all(journal: &impl Journal, book: &BookName) -> Vec<StoredCommit> {
    let mut all: Vec<StoredCommit> = Vec::new();
    loop {
        let after = all.last().map(|stored| stored.head.clone());
        let page = journal
            .read(book, &after.unwrap_or_default(), 1000)
            .await
            .expect("a book can be read");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

async fn last(journal: &impl Journal, book: &BookName) -> Head {
    let heads = journal.last(std::slice::from_ref(book)).await;
    heads.expect("heads can be read").remove(0)
}

/// Numbers are dense from 1, hashes fit their bytes.
fn assert_sound(commits: &[StoredCommit]) {
    for (number, stored) in (1..).zip(commits) {
        assert_eq!(stored.head.number, number);
        assert_eq!(stored.head.hash, hash_of(&stored.bytes));
    }
}
