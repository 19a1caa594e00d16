//! A disk that is full, and one that fails.

use std::process::Command;
use std::sync::{Arc, Mutex};

use picket_journal::{AppendError, Head, Journal, hash_of};
use rusqlite::Connection;
use tokio::task::JoinSet;

use super::{Place, append, book, sound};
use crate::{Options, SqliteJournal};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_the_whole_group_and_takes_writes_again_when_there_is_room() {
    let place = Place::new();
    let journal = Arc::new(place.open());
    journal.limit_pages(64).await;
    let mut acknowledged = 0;
    let mut refused = 0;
    for round in 0..20 {
        let mut writers = JoinSet::new();
        for jurisdiction in 0..8 {
            let journal = journal.clone();
            writers.spawn(async move {
                let book = book(&format!("dispatch/{jurisdiction}"));
                let head = journal
                    .last(std::slice::from_ref(&book))
                    .await
                    .unwrap()
                    .remove(0);
                let bytes = vec![round; 3000];
                journal
                    .append(&book, &head, &hash_of(&bytes), bytes.into())
                    .await
            });
        }
        for answer in writers.join_all().await {
            match answer {
                Ok(_) => acknowledged += 1,
                Err(AppendError::Full(_)) => refused += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    assert!(acknowledged > 8 && refused > 8, "{acknowledged} {refused}");
    journal.limit_pages(u32::MAX / 2).await;
    let first = book("dispatch/0");
    let head = journal
        .last(std::slice::from_ref(&first))
        .await
        .unwrap()
        .remove(0);
    let hash = hash_of(b"room");
    journal
        .append(&first, &head, &hash, b"room"[..].into())
        .await
        .unwrap();
    drop(journal);
    let journal = place.open();
    let books = journal.books();
    let count = tokio::task::spawn_blocking(move || {
        books
            .iter()
            .map(|book| sound(&journal, book).len())
            .sum::<usize>()
    });
    assert_eq!(count.await.unwrap(), acknowledged + 1);
}

/// Overwrites the pages of the file beneath an open journal, and has all who read it forget
/// what they hold in memory, as a write by another process does.
fn damage(place: &Place) {
    let other = Connection::open(place.path()).unwrap();
    other
        .execute("INSERT INTO books(id, name) VALUES(99, 'dispatch/99')", [])
        .unwrap();
    let mut bytes = std::fs::read(place.path()).unwrap();
    bytes[4096..].fill(0x55);
    std::fs::write(place.path(), bytes).unwrap();
}

#[test]
fn a_damaged_file_is_reported_once_and_nothing_is_written_any_more() {
    let place = Place::new();
    let journal = place.open();
    let book = book("dispatch/1");
    let head = append(&journal, &book, &Head::default(), *b"first").unwrap();
    drop(journal);
    let said = Arc::new(Mutex::new(Vec::new()));
    let sentences = said.clone();
    let options = Options {
        on_io_error: Arc::new(move |sentence: &str| {
            sentences.lock().unwrap().push(sentence.to_owned());
        }),
        ..Options::default()
    };
    let journal = SqliteJournal::open_with(&place.path(), options).unwrap();
    damage(&place);
    let answer = append(&journal, &book, &head, *b"second");
    let Err(AppendError::Unknown(sentence)) = answer else {
        panic!("{answer:?}");
    };
    assert!(sentence.contains("journal.db") && sentence.contains("Picket stops"));
    assert_eq!(*said.lock().unwrap(), [sentence]);
    let after = append(&journal, &book, &head, *b"third");
    assert!(
        matches!(after, Err(AppendError::Unavailable(_))),
        "{after:?}"
    );
    assert!(journal.read_blocking(&book, &Head::default(), 10).is_err());
}

const CHILD: &str = "PICKET_TEST_JOURNAL_ON_A_SMALL_DISK";

/// Runs only when the test below starts this binary again with a limited file size.
#[test]
fn child_that_writes_until_the_disk_fails() {
    let Some(path) = std::env::var_os(CHILD) else {
        return;
    };
    let journal = SqliteJournal::open(path.as_ref()).unwrap();
    let mut head = Head::default();
    loop {
        head = append(&journal, &book("dispatch/1"), &head, vec![7; 9000]).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_input_or_output_error_ends_the_process_with_one_sentence() {
    let place = Place::new();
    // Beyond the limit a write fails as on a broken disk, and not as on a full one.
    let run = "trap '' XFSZ; ulimit -f 2000; exec \"$0\" --exact --nocapture \"$1\"";
    let test = "tests::disk::child_that_writes_until_the_disk_fails";
    let ended = Command::new("sh")
        .args(["-c", run])
        .arg(std::env::current_exe().unwrap())
        .arg(test)
        .env(CHILD, place.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(70), "{said}");
    let sentences = said
        .lines()
        .filter(|line| line.starts_with("picket: the journal"));
    assert_eq!(sentences.count(), 1, "{said}");
    let journal = place.open();
    assert!(sound(&journal, &book("dispatch/1")).len() > 10);
    assert!(journal.check().unwrap().is_empty());
}
