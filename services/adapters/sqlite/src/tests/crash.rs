//! A process that is killed while it writes has kept everything it acknowledged.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use picket_journal::BookName;

use super::{Place, append, book, sound};
use crate::SqliteJournal;

const CHILD: &str = "PICKET_TEST_JOURNAL_TO_WRITE";
const BOOKS: usize = 4;
const KILLS: usize = 12;

fn books() -> Vec<BookName> {
    (0..BOOKS).map(|n| book(&format!("dispatch/{n}"))).collect()
}

/// Runs only when the test below starts this binary again; it is killed.
#[test]
fn child_that_appends_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD) else {
        return;
    };
    let journal = SqliteJournal::open(path.as_ref()).unwrap();
    std::thread::scope(|threads| {
        for book in books() {
            let journal = &journal;
            threads.spawn(move || {
                let mut head = journal
                    .last_blocking(std::slice::from_ref(&book))
                    .unwrap()
                    .remove(0);
                loop {
                    let size = head.number * 7919 % 20_000;
                    let text = format!("{book} {} {}", head.number + 1, "x".repeat(size as usize));
                    head = append(journal, &book, &head, text.into_bytes()).unwrap();
                    println!("stored {book} {} {}", head.number, head.hash);
                }
            });
        }
    });
}

#[test]
fn what_was_acknowledged_survives_a_kill_exactly_once() {
    let place = Place::new();
    let mut acknowledged: HashMap<(BookName, u64), String> = HashMap::new();
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "--nocapture",
                "tests::crash::child_that_appends_until_it_is_killed",
            ])
            .env(CHILD, place.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let before = acknowledged.len();
        let mut note = |line: String| {
            let words: Vec<&str> = line.split(' ').collect();
            if let [.., "stored", book, number, hash] = words[..]
                && hash.len() == 64
            {
                let key = (BookName::parse(book).unwrap(), number.parse().unwrap());
                let known = acknowledged.insert(key, hash.to_owned());
                assert_eq!(known, None, "{line} was acknowledged twice");
            }
        };
        // Each kill meets another moment, the later ones a checkpoint.
        for line in lines.by_ref().take(100 + kill * 67) {
            note(line.unwrap());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it printed before it died counts as well.
        lines.map_while(Result::ok).for_each(&mut note);
        assert!(acknowledged.len() > before);

        let journal = place.open();
        assert!(journal.check().unwrap().is_empty());
        let mut held = HashMap::new();
        for book in books() {
            for stored in sound(&journal, &book) {
                let text = format!("{book} {} ", stored.head.number);
                assert!(stored.bytes.starts_with(text.as_bytes()));
                held.insert((book.clone(), stored.head.number), stored.head.hash);
            }
        }
        for (key, hash) in &acknowledged {
            assert_eq!(held.get(key), Some(hash), "{key:?} was acknowledged");
        }
        // At most one commit of each book was stored without having been acknowledged.
        assert!(held.len() <= acknowledged.len() + BOOKS * (kill + 1));
    }
}
