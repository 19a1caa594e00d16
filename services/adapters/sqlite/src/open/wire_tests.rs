//! Marks, tables and rows of the file that holds the facts: other versions open the same file.

use picket_journal::{BookName, Bytes, Head, StoredCommit, hash_of};

use super::*;
use crate::SqliteJournal;

/// The mark of the file, the version of its format, and its tables, white space aside.
const MARK: i32 = 1_347_114_058;
const BOOKS: &str =
    "CREATE TABLE books( id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE ) STRICT";
const COMMITS: &str = "CREATE TABLE commits( position INTEGER PRIMARY KEY, book INTEGER NOT NULL REFERENCES books(id), n INTEGER NOT NULL, hash TEXT NOT NULL, bytes BLOB NOT NULL, UNIQUE(book, n) ) STRICT";
const COMMIT: &[u8] = br#"{"a":1}"#;

fn book() -> BookName {
    BookName::parse("dispatch/420902").unwrap()
}

fn head() -> Head {
    Head {
        number: 1,
        hash: hash_of(COMMIT),
        position: "1".to_owned(),
    }
}

#[test]
fn the_file_is_written_as_it_always_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let journal = SqliteJournal::open(&path).unwrap();
    let written = journal.append_blocking(
        &book(),
        &Head::default(),
        &hash_of(COMMIT),
        Bytes::from(COMMIT),
    );
    assert_eq!(written.ok(), Some(head()));
    drop(journal);
    let connection = Connection::open(&path).unwrap();
    let number = |sql: &str| {
        connection
            .query_row(sql, [], |row| row.get::<_, i32>(0))
            .unwrap()
    };
    assert_eq!(
        (
            number("PRAGMA application_id"),
            number("PRAGMA user_version")
        ),
        (MARK, 1)
    );
    let table = |name: &str| {
        let sql: String = connection
            .query_row(
                "SELECT sql FROM sqlite_schema WHERE name = ?1",
                [name],
                |row| row.get(0),
            )
            .unwrap();
        sql.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        (table("books").as_str(), table("commits").as_str()),
        (BOOKS, COMMITS)
    );
    let row = connection.query_row(
        "SELECT name, position, n, hash, bytes FROM commits JOIN books ON books.id = commits.book",
        [],
        |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, i64>(2)?,
                row.get::<_, String>(3)?,
                row.get::<_, Vec<u8>>(4)?,
            ))
        },
    );
    assert_eq!(
        row.unwrap(),
        (
            "dispatch/420902".to_owned(),
            1,
            1,
            hash_of(COMMIT),
            COMMIT.to_vec()
        )
    );
}

#[test]
fn a_file_that_another_version_wrote_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(&format!("PRAGMA journal_mode = wal; PRAGMA application_id = {MARK}; PRAGMA user_version = 1; {BOOKS}; {COMMITS};")).unwrap();
    connection
        .execute("INSERT INTO books(name) VALUES('dispatch/420902')", [])
        .unwrap();
    connection
        .execute(
            "INSERT INTO commits(book, n, hash, bytes) VALUES(1, 1, ?1, ?2)",
            (hash_of(COMMIT), COMMIT),
        )
        .unwrap();
    drop(connection);
    let journal = SqliteJournal::open(&path).unwrap();
    let stored = journal
        .read_blocking(&book(), &Head::default(), 10)
        .unwrap();
    assert_eq!(
        stored,
        [StoredCommit {
            head: head(),
            bytes: Bytes::from(COMMIT)
        }]
    );
}
