//! Schema: the tables of the projection and how its file is opened.
//!
//! Every row belongs to one jurisdiction (`j`). `ord` orders the facts of one book; `at` columns are
//! microseconds. What must be countable for a past instant keeps its instants, not only its state.
//! The text of the tables stands in `schema/`. A changed table gets a new [`VERSION`]; there are no conversions,
//! the file is rebuilt.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode};

use crate::InsightError;

/// The version of the tables, kept in the file's `user_version`.
pub(crate) const VERSION: i64 = 7;

/// The tables and their indexes.
const TABLES: &str = include_str!("schema/tables.sql");

/// What the planner is told of sizes: few jurisdictions with many rows each. Left to its own guess it
/// takes the jurisdiction alone for selective and reads the whole of it.
const SIZES: &str = include_str!("schema/sizes.sql");

type OpenedProjection = (Connection, BTreeMap<String, (u64, String)>);

/// Opens a file, or begins it anew where it is damaged or of another version.
pub(crate) fn open(path: &Path) -> Result<OpenedProjection, InsightError> {
    match existing(path) {
        Ok(Some(opened)) => return Ok(opened),
        Ok(None) => {}
        Err(InsightError::Store(error)) if damaged(&error) => {}
        Err(other) => return Err(other),
    }
    delete(path)?;
    let conn = Connection::open(path)?;
    prepare(&conn)?;
    create(&conn)?;
    Ok((conn, BTreeMap::new()))
}

/// A file of this version with its positions; nothing where there is none.
fn existing(path: &Path) -> Result<Option<OpenedProjection>, InsightError> {
    if !path.exists() {
        return Ok(None);
    }
    let conn = Connection::open(path)?;
    prepare(&conn)?;
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != VERSION {
        return Ok(None);
    }
    let mut positions = BTreeMap::new();
    {
        let mut statement = conn.prepare("SELECT book, n, hash FROM journals")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            positions.insert(
                row.get(0)?,
                (
                    u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default(),
                    row.get(2)?,
                ),
            );
        }
    }
    Ok(Some((conn, positions)))
}

fn damaged(error: &rusqlite::Error) -> bool {
    match error {
        // A schema that cannot be read, or lacks a table, answers with an unspecific error.
        rusqlite::Error::SqliteFailure(failure, _) => matches!(
            failure.code,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown
        ),
        rusqlite::Error::SqlInputError { .. } | rusqlite::Error::InvalidColumnType(..) => true,
        _ => false,
    }
}

fn delete(path: &Path) -> Result<(), InsightError> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        match std::fs::remove_file(PathBuf::from(file)) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => {
                return Err(InsightError::Delete {
                    path: path.display().to_string(),
                    source,
                });
            }
        }
    }
    Ok(())
}

/// Settings of a connection: a cache that may lose its last moments with the power, but never its shape.
pub(crate) fn prepare(conn: &Connection) -> Result<(), InsightError> {
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "NORMAL")?;
    conn.pragma_update(None, "cache_size", -64_000)?;
    // Rows of one moment touch the same pages again and again: copying them back less often is most of the speed.
    conn.pragma_update(None, "wal_autocheckpoint", 16_000)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.set_prepared_statement_cache_capacity(256);
    Ok(())
}

/// Creates the tables in an empty file.
pub(crate) fn create(conn: &Connection) -> Result<(), InsightError> {
    conn.execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {VERSION}; ANALYZE; {SIZES} COMMIT; ANALYZE sqlite_schema;"))?;
    Ok(())
}
