//! Errors of SQLite, and what each means for a journal.
//!
//! The writer and the readers ask it. It does not know what was being written.

use std::path::Path;
use std::sync::Arc;

use rusqlite::ErrorCode;

/// What happens after the disk failed; it is given one sentence.
///
/// After a failed flush the system may drop what it could not write and report success the
/// next time, so nothing later can be trusted: the process must end and read the file anew.
pub type OnIoError = Arc<dyn Fn(&str) + Send + Sync>;

/// The exit code of a process whose journal failed.
const EXIT_IO_ERROR: i32 = 70;

/// Prints the sentence and ends the process.
pub(crate) fn end_the_process() -> OnIoError {
    Arc::new(|sentence| {
        eprintln!("picket: {sentence}");
        std::process::exit(EXIT_IO_ERROR)
    })
}

/// The sentence about a file that failed.
pub(crate) fn sentence(path: &Path, error: &rusqlite::Error) -> String {
    format!(
        "the journal `{}` failed ({}); Picket stops, so that nothing is promised that is not stored",
        path.display(),
        words(error)
    )
}

/// What SQLite says, with its code.
pub(crate) fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            let message = message.as_deref().unwrap_or("no message");
            format!("{message}, SQLite code {}", failure.extended_code)
        }
        other => other.to_string(),
    }
}

/// How an error of SQLite is answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FailureKind {
    /// There is no room; the transaction is undone and the file is sound.
    Full,
    /// The disk, the file or the memory failed; nothing can be trusted any more.
    Broken,
    /// Anything else; the transaction is undone.
    Other,
}

pub(crate) fn kind(error: &rusqlite::Error) -> FailureKind {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => FailureKind::Full,
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::OutOfMemory,
        ) => FailureKind::Broken,
        _ => FailureKind::Other,
    }
}
