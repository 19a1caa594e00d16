//! Opening a file: whose it is, and one clear sentence for each reason not to open it.

use std::fs;
use std::path::Path;

use picket_journal::Head;
use rusqlite::Connection;

use super::{Place, append, book, sound};
use crate::{FORMAT, OpenError, Options, SqliteJournal};

fn refusal(path: &Path) -> OpenError {
    match SqliteJournal::open(path) {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error,
    }
}

/// A closed journal with a few commits.
fn written() -> Place {
    let place = Place::new();
    let journal = place.open();
    let mut head = Head::default();
    for _ in 0..3 {
        head = append(&journal, &book("dispatch/1"), &head, *b"fact").unwrap();
    }
    drop(journal);
    place
}

#[test]
fn a_new_file_bears_the_mark_and_the_format() {
    let place = Place::new();
    drop(place.open());
    let file = Connection::open(place.path()).unwrap();
    let read = |sql| file.query_row(sql, [], |row| row.get::<_, i32>(0)).unwrap();
    assert_eq!(read("PRAGMA application_id"), 0x504b_544a);
    assert_eq!(read("PRAGMA user_version"), FORMAT);
}

#[test]
fn a_file_without_content_becomes_a_journal() {
    let place = Place::new();
    fs::write(place.path(), b"").unwrap();
    drop(place.open());
    // A process that was killed while it made the file leaves this behind.
    let place = Place::new();
    Connection::open(place.path())
        .unwrap()
        .pragma_update(None, "journal_mode", "wal")
        .unwrap();
    drop(place.open());
}

#[test]
fn a_folder_is_not_a_journal_file() {
    let place = Place::new();
    fs::create_dir(place.path()).unwrap();
    let error = refusal(&place.path());
    assert!(matches!(error, OpenError::IsFolder(_)));
    assert!(
        error
            .to_string()
            .ends_with("is a folder, not a journal file")
    );
}

#[test]
fn a_missing_folder_is_named() {
    let place = Place::new();
    let error = refusal(&place.path().join("deeper").join("journal.db"));
    assert!(matches!(error, OpenError::NoFolder(_)));
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_said_to_be_so() {
    let error = refusal(Path::new("/proc/journal.db"));
    assert!(matches!(error, OpenError::NotWritable(_)), "{error}");
}

#[test]
fn a_disk_without_room_is_said_to_be_so() {
    let place = Place::new();
    let options = Options {
        page_limit: Some(2),
        ..Options::default()
    };
    let error = SqliteJournal::open_with(&place.path(), options)
        .err()
        .unwrap();
    assert!(matches!(error, OpenError::Full(_)), "{error}");
    drop(place.open());
}

#[test]
fn another_programs_file_is_left_alone() {
    let place = Place::new();
    fs::write(place.path(), vec![b'x'; 5000]).unwrap();
    assert!(matches!(refusal(&place.path()), OpenError::NotAJournal(_)));
    let place = Place::new();
    let theirs = Connection::open(place.path()).unwrap();
    theirs.execute_batch("CREATE TABLE notes(text)").unwrap();
    drop(theirs);
    let before = fs::read(place.path()).unwrap();
    assert!(matches!(refusal(&place.path()), OpenError::NotAJournal(_)));
    assert_eq!(fs::read(place.path()).unwrap(), before);
}

#[test]
fn a_newer_format_asks_for_an_upgrade() {
    let place = written();
    let file = Connection::open(place.path()).unwrap();
    file.pragma_update(None, "user_version", FORMAT + 1)
        .unwrap();
    drop(file);
    let error = refusal(&place.path());
    assert!(matches!(error, OpenError::Newer { found: 2, .. }));
    assert!(error.to_string().ends_with("newer than 1; upgrade Picket"));
}

#[test]
fn a_file_in_use_is_said_to_be_so() {
    let place = Place::new();
    let other = Connection::open(place.path()).unwrap();
    other
        .execute_batch("BEGIN EXCLUSIVE; CREATE TABLE t(a)")
        .unwrap();
    assert!(matches!(refusal(&place.path()), OpenError::InUse(_)));
}

#[test]
fn a_damaged_header_is_said_to_be_so() {
    let place = written();
    let mut bytes = fs::read(place.path()).unwrap();
    bytes[..16].fill(0);
    fs::write(place.path(), bytes).unwrap();
    let error = refusal(&place.path());
    assert!(matches!(error, OpenError::Damaged(_)), "{error}");
    assert!(
        error
            .to_string()
            .ends_with("is damaged; restore it from a copy")
    );
}

#[test]
fn no_flipped_byte_of_the_header_is_taken_for_an_empty_journal() {
    let place = written();
    let whole = fs::read(place.path()).unwrap();
    let mut refused = 0;
    for at in 0..100 {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        fs::write(place.path(), bytes).unwrap();
        match SqliteJournal::open(&place.path()) {
            Ok(journal) => assert_eq!(sound(&journal, &book("dispatch/1")).len(), 3, "byte {at}"),
            Err(error) => {
                refused += 1;
                let said = error.to_string();
                assert!(said.contains("journal.db"), "byte {at}: {said}");
            }
        }
    }
    assert!(refused >= 16, "{refused} flips were refused");
}

#[test]
fn a_file_cut_short_is_refused() {
    let place = written();
    let whole = fs::read(place.path()).unwrap();
    for length in [50, 100, 600, 4096, whole.len() - 4096] {
        fs::write(place.path(), &whole[..length]).unwrap();
        let error = refusal(&place.path());
        let said = matches!(error, OpenError::Damaged(_) | OpenError::NotAJournal(_));
        assert!(said, "{length} bytes: {error}");
    }
}
