//! The reference passes the contract it defines, and its helpers for tests do what they say.

use super::*;
use crate::contract::JournalUnderTest;
use crate::port::hash_of;

async fn memory() -> JournalUnderTest<MemoryJournal> {
    JournalUnderTest {
        journal: Arc::new(MemoryJournal::new()),
        take_away: Box::new(|journal| journal.close()),
    }
}

crate::journal_contract!(memory);

fn two_commits() -> (MemoryJournal, BookName, [Head; 2]) {
    let journal = MemoryJournal::new();
    let book = BookName::parse("dispatch/420902").unwrap();
    let mut expected = Head::default();
    let heads = [&b"one"[..], b"two"].map(|text| {
        expected = journal
            .append_blocking(&book, &expected, &hash_of(text), text.into())
            .unwrap();
        expected.clone()
    });
    (journal, book, heads)
}

#[test]
fn it_works_without_a_runtime() {
    let (journal, book, heads) = two_commits();
    let read = journal.read_blocking(&book, &heads[0], 10).unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!(journal.last_blocking(&[book]).unwrap()[0], heads[1]);
}

#[test]
fn clones_share_one_store() {
    let (journal, book, heads) = two_commits();
    let again = journal.clone();
    assert_eq!(again.books(), std::slice::from_ref(&book));
    assert_eq!(again.last_blocking(&[book]).unwrap()[0], heads[1]);
}

#[test]
fn a_book_can_lose_its_tail() {
    let (journal, book, heads) = two_commits();
    journal.forget_after(&book, 1);
    assert_eq!(
        journal.last_blocking(std::slice::from_ref(&book)).unwrap()[0],
        heads[0]
    );
    let lost = journal.read_blocking(&book, &heads[1], 10);
    assert!(matches!(lost, Err(ReadError::Shortened { head, .. }) if head == heads[0]));
    journal.forget_after(&book, 0);
    assert!(journal.books().is_empty());
}

#[test]
fn a_closed_journal_takes_nothing() {
    let (journal, book, heads) = two_commits();
    journal.close();
    let refused = journal.append_blocking(&book, &heads[1], "", b"three"[..].into());
    assert!(matches!(refused, Err(AppendError::Unavailable(_))));
    assert!(journal.read_blocking(&book, &heads[0], 1).is_err());
    assert!(journal.last_blocking(&[book]).is_err());
}
