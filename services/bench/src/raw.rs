//! The store alone: groups of the same bytes, appended one after another by the same calls.

use std::path::Path;
use std::time::{Duration, Instant};

use picket_journal::{BookName, Bytes, Head, hash_of};
use picket_node::problem::Failure;
use picket_sqlite::SqliteJournal;

use super::{RawRun, percentiles, scratch};

/// Appends groups of `bytes` bytes, each carrying `group` commands.
pub(super) fn groups(
    folder: &Path,
    bytes: usize,
    group: f64,
    time: Duration,
    callers: usize,
) -> Result<RawRun, Failure> {
    std::fs::create_dir_all(folder).map_err(scratch)?;
    let path = folder.join("journal.db");
    let (folder_small, small) = (path.clone(), 600.min(bytes.max(64)));
    let measured = std::thread::spawn(move || {
        let journal = SqliteJournal::open(&folder_small).map_err(scratch)?;
        let (appends, _) = append(&journal, "raw/large", bytes.max(64), time)?;
        let (_, times) = append(
            &journal,
            "raw/small",
            small,
            time.min(Duration::from_secs(1)),
        )?;
        Ok::<_, Failure>((appends, times))
    });
    let (appends, times) = measured
        .join()
        .map_err(|_| scratch("a measurement failed"))??;
    let (fsync_ms, _) = percentiles(times);
    Ok(RawRun {
        backend: "sqlite",
        per_second: appends * group,
        bytes,
        fsync_ms,
        callers,
        request_ms: None,
    })
}

fn append(
    journal: &SqliteJournal,
    book: &str,
    bytes: usize,
    time: Duration,
) -> Result<(f64, Vec<Duration>), Failure> {
    let book = BookName::parse(book).map_err(scratch)?;
    let mut head = Head::default();
    let mut times = Vec::new();
    let started = Instant::now();
    let mut filler = vec![b'x'; bytes];
    while started.elapsed() < time {
        // Different bytes each time, hashed as a keeper hashes them.
        filler[..8].copy_from_slice(&head.number.to_be_bytes());
        let commit: Bytes = filler.as_slice().into();
        let hash = hash_of(&commit);
        let before = Instant::now();
        head = journal
            .append_blocking(&book, &head, &hash, commit)
            .map_err(scratch)?;
        times.push(before.elapsed());
    }
    Ok((times.len() as f64 / started.elapsed().as_secs_f64(), times))
}
