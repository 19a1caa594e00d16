//! Opening the file: whose it is, whether it can be trusted, and how SQLite must behave.
//!
//! Called once by [`SqliteJournal::open`](crate::SqliteJournal::open) for the writer, and by
//! the readers for each connection. Settings are read back: one that is not in force is an
//! error, not a hope. It does not know what is written into the file later.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use crate::failure::words;

/// The version of the file's format that this Picket reads and writes.
pub const FORMAT: i32 = 1;

/// "PKTJ": marks a SQLite file as a Picket journal.
const APPLICATION_ID: i32 = 0x504b_544a;

/// Where SQLite keeps the application id in the first page.
const APPLICATION_ID_AT: usize = 68;

/// Older libraries can lose commits when a write meets a checkpoint.
const OLDEST_SQLITE: i32 = 3_051_003;

/// How long a statement waits for another process that holds the file.
const BUSY: Duration = Duration::from_secs(5);

const TABLES: &str = "
    CREATE TABLE books(
        id   INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE commits(
        position INTEGER PRIMARY KEY,
        book     INTEGER NOT NULL REFERENCES books(id),
        n        INTEGER NOT NULL,
        hash     TEXT NOT NULL,
        bytes    BLOB NOT NULL,
        UNIQUE(book, n)
    ) STRICT;
";

/// Why a journal could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder does not exist.
    #[error("the folder of the journal `{}` does not exist", .0.display())]
    NoFolder(PathBuf),
    /// A folder has the name of the file.
    #[error("`{}` is a folder, not a journal file", .0.display())]
    IsFolder(PathBuf),
    /// The file or its folder cannot be written.
    #[error("the journal `{}` or its folder cannot be written; check who owns it", .0.display())]
    NotWritable(PathBuf),
    /// There is no room on the disk.
    #[error("there is no room on the disk for the journal `{}`", .0.display())]
    Full(PathBuf),
    /// The file was a Picket journal and cannot be read any more.
    #[error("the journal `{}` is damaged; restore it from a copy", .0.display())]
    Damaged(PathBuf),
    /// The file is something else.
    #[error("`{}` is not a Picket journal; name another file, or restore this one from a copy", .0.display())]
    NotAJournal(PathBuf),
    /// A newer Picket wrote the file.
    #[error("the journal `{}` has format {found}, newer than {FORMAT}; upgrade Picket", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i32,
    },
    /// Another process holds the file.
    #[error("the journal `{}` is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The SQLite library has a defect that loses commits.
    #[error("SQLite {found} can lose commits; build Picket with the bundled library")]
    OldSqlite {
        /// The version that was found.
        found: &'static str,
    },
    /// The place of the file does not support a setting that durability needs.
    #[error("the journal `{}` cannot be kept there: `{setting}` is `{found}`", path.display())]
    Setting {
        /// The file.
        path: PathBuf,
        /// The setting.
        setting: &'static str,
        /// What SQLite made of it.
        found: String,
    },
    /// The writer's thread could not be started.
    #[error("the writer of the journal could not be started")]
    Thread(#[source] std::io::Error),
    /// SQLite said something that none of the others covers.
    #[error("the journal `{}` cannot be opened: {said}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        said: String,
    },
}

/// Opens the file for the writer, creating it if there is none.
pub(crate) fn open_for_writing(
    path: &Path,
    page_limit: Option<u32>,
) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(OpenError::OldSqlite {
            found: rusqlite::version(),
        });
    }
    if path.is_dir() {
        return Err(OpenError::IsFolder(path.to_owned()));
    }
    let Some(folder) = path.parent().filter(|folder| folder.is_dir()) else {
        return Err(OpenError::NoFolder(path.to_owned()));
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let said = |error| explain(path, &error);
    let connection = connect(path, flags).map_err(said)?;
    // Whose file it is comes first: a stranger's file must not be changed.
    let new = is_new(&connection, path)?;
    if connection.is_readonly(MAIN_DB).map_err(said)? {
        return Err(OpenError::NotWritable(path.to_owned()));
    }
    if let Some(pages) = page_limit {
        limit_pages(&connection, pages).map_err(said)?;
    }
    settle(&connection, path)?;
    if new {
        create(&connection).map_err(said)?;
        picket_files::sync_folder(folder).map_err(|_| OpenError::NotWritable(path.to_owned()))?;
    }
    Ok(connection)
}

/// Opens the file for reading; the writer has it open already.
pub(crate) fn open_for_reading(path: &Path) -> rusqlite::Result<Connection> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Limits the size of the file, as a full disk does.
pub(crate) fn limit_pages(connection: &Connection, pages: u32) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
}

/// Says in the words of a journal what SQLite reported while opening.
pub(crate) fn explain(path: &Path, error: &rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        // What was read is not what a journal holds.
        None => OpenError::Damaged(path),
        Some(ErrorCode::DiskFull) => OpenError::Full(path),
        Some(ErrorCode::NotADatabase) if !bears_our_mark(&path) => OpenError::NotAJournal(path),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => OpenError::Damaged(path),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::InUse(path),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            OpenError::NotWritable(path)
        }
        _ => OpenError::Sqlite {
            path,
            said: words(error),
        },
    }
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    // Each connection is used by one thread at a time.
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

/// Whether nothing has been written into the file yet; an error if it is not ours.
fn is_new(connection: &Connection, path: &Path) -> Result<bool, OpenError> {
    let read =
        |sql: &str| -> rusqlite::Result<i32> { connection.query_row(sql, [], |row| row.get(0)) };
    let identity = || -> rusqlite::Result<(i32, i32, i32)> {
        Ok((
            read("PRAGMA application_id")?,
            read("PRAGMA user_version")?,
            read("SELECT count(*) FROM sqlite_schema")?,
        ))
    };
    match identity().map_err(|error| explain(path, &error))? {
        (0, 0, 0) => Ok(true),
        (APPLICATION_ID, FORMAT, _) => Ok(false),
        (APPLICATION_ID, found, _) if found > FORMAT => Err(OpenError::Newer {
            path: path.to_owned(),
            found,
        }),
        (APPLICATION_ID, ..) => Err(OpenError::Damaged(path.to_owned())),
        _ => Err(OpenError::NotAJournal(path.to_owned())),
    }
}

/// Puts the settings in force that durability needs, and checks that they are.
fn settle(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    // The writer checkpoints by itself: an automatic checkpoint would hide a failing disk.
    let settings = [
        ("journal_mode", "wal", "wal"),
        ("synchronous", "FULL", "2"),
        ("wal_autocheckpoint", "0", "0"),
        ("locking_mode", "NORMAL", "normal"),
        // Where a plain flush stops short of the disk, as on macOS.
        ("fullfsync", "ON", "1"),
        ("checkpoint_fullfsync", "ON", "1"),
    ];
    for (setting, wanted, in_force) in settings {
        connection
            .pragma_update(None, setting, wanted)
            .map_err(|error| explain(path, &error))?;
        let found: rusqlite::types::Value = connection
            .pragma_query_value(None, setting, |row| row.get(0))
            .map_err(|error| explain(path, &error))?;
        let found = match found {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => format!("{other:?}"),
        };
        if found != in_force {
            return Err(OpenError::Setting {
                path: path.to_owned(),
                setting,
                found,
            });
        }
    }
    Ok(())
}

/// Makes the tables and the mark, together or not at all.
fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    connection.execute_batch(TABLES)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", FORMAT)?;
    connection.execute_batch("COMMIT")
}

/// Whether the first page bears our mark, even if SQLite cannot read it any more.
fn bears_our_mark(path: &Path) -> bool {
    let mut page = [0_u8; 100];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut page));
    let mark = &page[APPLICATION_ID_AT..APPLICATION_ID_AT + 4];
    read.is_ok() && mark == APPLICATION_ID.to_be_bytes()
}

#[cfg(test)]
mod wire_tests;
