//! A fast clock over a data folder: it goes on from the last commit, since time does not go back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use picket_reading::CausalReader;
use picket_runtime::{Clock, book_name};
use picket_schemas::registry::Territory;

use crate::folder::{Owned, open_journal};
use crate::problem::{Failure, cannot_keep};
use crate::services;

/// A clock that runs `factor` times as fast, from an instant or else from the last commit of the folder.
pub async fn fast_clock(
    owned: &Owned,
    territory: &Territory,
    from: Option<Timestamp>,
    factor: u32,
) -> Result<Clock, Failure> {
    let last = last_commit(owned, territory).await?;
    let from = from.or(last).unwrap_or_else(|| Clock::real().now());
    match last.filter(|last| *last > from) {
        Some(last) => Err(Failure::usage(
            format!("something was written here at {last}, later than {from}"),
            "Leave `--from` out to go on from there, or use a fresh folder; time does not go back.",
        )),
        None => Ok(Clock::fast(from, factor)),
    }
}

/// The time of the last commit.
async fn last_commit(owned: &Owned, territory: &Territory) -> Result<Option<Timestamp>, Failure> {
    let journal = open_journal(owned)?;
    let mut books = Vec::new();
    for kind in services::kinds() {
        for jurisdiction in territory.jurisdictions.keys() {
            books.push(book_name(kind.name, jurisdiction).map_err(cannot_keep)?);
        }
    }
    let mut causal = CausalReader::new(journal, &books, &BTreeMap::new());
    let mut latest = None;
    loop {
        let batch = causal.next(1_024).await.map_err(cannot_keep)?;
        if batch.is_empty() {
            return Ok(latest);
        }
        latest = latest.max(batch.iter().map(|commit| commit.commit.at).max());
    }
}
