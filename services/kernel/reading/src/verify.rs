//! Verification: walks the hash chain of a book and names the first bad place.

use std::collections::BTreeMap;

use picket_journal::{BookName, Head, Journal, ReadError};
use serde::Serialize;

use crate::decoded::Decoded;

/// Commits read at a time.
const CHUNK: usize = 1_024;

/// The findings of a walk over one book.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BookReport {
    /// The book.
    pub book: String,
    /// Sound commits before the first bad place.
    pub commits: u64,
    /// Their entries.
    pub entries: u64,
    /// Hash of the last sound commit.
    pub hash: String,
    /// The first bad place, in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
    /// Why it could not be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
    /// Ids of the commands it holds, with how often; only where asked for.
    #[serde(skip)]
    pub ids: BTreeMap<String, u32>,
}

/// Walks one book. With `ids`, collects the ids of its commands.
pub async fn verify_book(
    journal: &dyn Journal,
    name: &BookName,
    mark: Option<(u64, String)>,
    ids: bool,
) -> BookReport {
    let mut report = BookReport {
        book: name.to_string(),
        ..BookReport::default()
    };
    let mut head = Head::default();
    let mut met = mark.is_none();
    loop {
        let read = match journal.read(name, &head, CHUNK).await {
            Ok(read) => read,
            Err(ReadError::Shortened { head: end, .. }) => {
                report.damage = Some(format!(
                    "`{name}` ends at commit {} although commit {} was just read",
                    end.number, head.number
                ));
                return report;
            }
            Err(ReadError::Unavailable(why)) => {
                report.unread = Some(why);
                return report;
            }
        };
        if read.is_empty() {
            break;
        }
        for stored in &read {
            match Decoded::check(name.as_str(), &head, stored) {
                Ok(commit) => {
                    report.commits += 1;
                    report.entries += commit.commit.entries.len() as u64;
                    if ids {
                        for entry in &commit.commit.entries {
                            *report.ids.entry(entry.id.to_string()).or_default() += 1;
                        }
                    }
                    head = commit.head;
                    met |= mark
                        .as_ref()
                        .is_some_and(|(n, hash)| *n == head.number && *hash == head.hash);
                }
                Err(why) => {
                    report.damage = Some(why.to_string());
                    return report;
                }
            }
        }
    }
    report.hash = head.hash;
    if let (Some((n, _)), false) = (mark, met) {
        report.damage = Some(format!(
            "`{name}` lost facts: commit {n} was seen before and is not there"
        ));
    }
    report
}
