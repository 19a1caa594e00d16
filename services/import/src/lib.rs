//! Import files: every row checked before the first is written.
//!
//! Bytes come in, commands go out, each with the jurisdiction it belongs to and an id that is the same
//! whenever the same file is imported again. Whoever imports (the CLI, the console, a replay) writes only
//! when nothing is bad. What cannot be used is named by line and column, with what to do about it.
//! It reads no file, sends no command and does not know who may import.

mod areas;
mod cells;
mod counties;
mod file_check;
mod known;
mod people;
mod places;
mod rules;
mod spelling;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use picket_schemas::registry::Territory;
use picket_schemas::{Command, CommandId, Jurisdiction};
use sha2::{Digest, Sha256};

use crate::file_check::FileCheck;

pub use counties::jurisdictions;
pub use known::KnownRecords;
pub use table::{MOST_BYTES, MOST_COLUMNS, MOST_ROWS};

/// Bad rows are all counted, and so many are named.
pub const MOST_NAMED: usize = 1_000;

/// The kind of records a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// Areas of every level.
    Areas,
    /// Departments.
    Departments,
    /// People and their roles.
    People,
    /// Sentinel posts.
    Posts,
    /// Institutions and schools.
    Institutions,
    /// Territorial owners.
    Owners,
    /// The routing table.
    Routes,
    /// Days off and make-up working days.
    Calendar,
    /// Schedules on cron.
    Schedules,
}

impl FileKind {
    /// Every kind; what one refers to comes before it.
    pub const ALL: [Self; 9] = [
        Self::Areas,
        Self::Departments,
        Self::People,
        Self::Posts,
        Self::Institutions,
        Self::Owners,
        Self::Routes,
        Self::Calendar,
        Self::Schedules,
    ];

    /// Its name, which is also the stem of the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Areas => "areas",
            Self::Departments => "departments",
            Self::People => "people",
            Self::Posts => "posts",
            Self::Institutions => "institutions",
            Self::Owners => "owners",
            Self::Routes => "routes",
            Self::Calendar => "calendar",
            Self::Schedules => "schedules",
        }
    }

    /// The header row.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Areas => &["code", "name", "level", "parent"],
            Self::Departments => &["code", "name", "area"],
            Self::People => &[
                "code",
                "name",
                "roles",
                "department",
                "area",
                "certificate",
                "language",
            ],
            Self::Posts => &["code", "name", "kind", "area", "leader", "members"],
            Self::Institutions => &[
                "code",
                "name",
                "kind",
                "training",
                "licence",
                "address",
                "area",
                "school_district",
                "risk",
                "list",
            ],
            Self::Owners => &["area", "institution", "person"],
            Self::Routes => &["order", "violation", "training", "lead", "assist", "joint"],
            Self::Calendar => &["date", "kind", "note"],
            Self::Schedules => &[
                "code", "cron", "zone", "days", "overlap", "catch_up", "does",
            ],
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A name that is no kind of import file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no import file `{0}`; there are areas, departments, people, posts, institutions, owners, routes, calendar and schedules"
)]
pub struct UnknownKind(String);

impl FromStr for FileKind {
    type Err = UnknownKind;

    /// Reads the stem of a file name: `people`, also `people.csv`.
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let stem = text.strip_suffix(".csv").unwrap_or(text);
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == stem)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// A row that can be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The jurisdiction whose registry or schedule book it goes to.
    pub jurisdiction: Jurisdiction,
    /// The command.
    pub command: Command,
    /// From the file's hash and the row's number: the same for the same file.
    pub id: CommandId,
    /// The line it stands in.
    pub line: u64,
}

/// A mistake in a file, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct BadRow {
    /// The line it stands in; 0 is the file as a whole.
    pub line: u64,
    /// In which column; empty is the row as a whole.
    pub column: String,
    /// The mistake in one sentence.
    pub reason: String,
    /// The way out in one sentence.
    pub hint: String,
    /// The file and line that were refused before, where the row only names what stands there: no mistake of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
    /// True if only the thing it names was not found.
    #[serde(skip)]
    reference: bool,
}

impl BadRow {
    /// A mistake.
    pub(crate) fn new(
        line: u64,
        column: &str,
        reason: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            line,
            column: column.to_owned(),
            reason: reason.into(),
            hint: hint.into(),
            follows: None,
            reference: false,
        }
    }

    /// True if the row is well formed and only names something that is not known here.
    ///
    /// Whoever cannot read the running registries passes over these, and lets each registry say
    /// so itself: such rows are among those that can be written.
    pub fn is_reference(&self) -> bool {
        self.reference
    }
}

impl fmt::Display for BadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column.as_str() {
            "" => f.write_str(&self.reason),
            column => write!(f, "`{column}`: {}", self.reason),
        }
    }
}

/// A file that was checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The kind of file.
    pub kind: FileKind,
    /// Rows that can be written: jurisdictions above first, in each in an order in which nothing refers to a later row.
    pub rows: Vec<Row>,
    /// Mistakes, the first thousand. Nothing may be written unless this is empty.
    pub bad: Vec<BadRow>,
    /// One sentence about the file.
    pub summary: String,
    /// SHA-256 of the file.
    pub file_hash: String,
}

/// Checks a file and turns it into commands.
///
/// `known` is what the running registries and earlier files of the same import define; it grows by what this
/// file defines. Rows that name no place (routes, schedules, the calendar) go to `default_in`.
pub fn check(
    kind: FileKind,
    bytes: &[u8],
    territory: &Territory,
    default_in: &Jurisdiction,
    known: &mut KnownRecords,
) -> Checked {
    let file_hash: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let (rows, bad, count) = match table::read(kind, bytes) {
        Err(bad) => {
            known.unusable(kind);
            (Vec::new(), bad, 0)
        }
        Ok(table) => {
            let count = table.records.len();
            let mut file = FileCheck::new(kind, territory, default_in, known, &file_hash);
            match kind {
                FileKind::Areas => file.areas(&table),
                FileKind::Departments => file.each(&table, FileCheck::department),
                FileKind::People => file.each(&table, FileCheck::person),
                FileKind::Posts => file.each(&table, FileCheck::post),
                FileKind::Institutions => file.each(&table, FileCheck::institution),
                FileKind::Owners => file.each(&table, FileCheck::owner),
                FileKind::Routes => file.each(&table, FileCheck::route),
                FileKind::Calendar => file.calendar(&table),
                FileKind::Schedules => file.each(&table, FileCheck::schedule),
            }
            let (rows, bad) = file.finish();
            (rows, bad, count)
        }
    };
    let summary = summary(kind, count, &rows, &bad);
    let mut bad = bad;
    bad.truncate(MOST_NAMED);
    Checked {
        kind,
        rows,
        bad,
        summary,
        file_hash,
    }
}

fn summary(kind: FileKind, count: usize, rows: &[Row], bad: &[BadRow]) -> String {
    let of =
        |count: usize, thing: &str| format!("{count} {thing}{}", if count == 1 { "" } else { "s" });
    if count == 0 && bad.iter().all(|bad| bad.line <= 1) && !bad.is_empty() {
        return format!("{kind}.csv cannot be used");
    }
    let (follow, own): (Vec<_>, Vec<_>) = bad.iter().partition(|bad| bad.follows.is_some());
    if own.is_empty()
        && let Some(first) = follow.first()
    {
        return format!(
            "{kind}.csv: nothing is wrong here; it waits for {}",
            first.follows.as_deref().unwrap_or_default()
        );
    }
    if !bad.is_empty() {
        let more = if bad.len() > MOST_NAMED {
            format!("; the first {MOST_NAMED} are named")
        } else {
            String::new()
        };
        return format!(
            "{kind}.csv: {} in {}, nothing can be written{more}",
            of(own.len(), "mistake"),
            of(count, "row")
        );
    }
    let jurisdictions: std::collections::BTreeSet<_> =
        rows.iter().map(|row| &row.jurisdiction).collect();
    let places = match jurisdictions.len() {
        0 => String::new(),
        1 => jurisdictions
            .first()
            .map(|only| format!(" for {only}"))
            .unwrap_or_default(),
        many => format!(" for {many} jurisdictions"),
    };
    format!("{kind}.csv: {}{places}", of(count, "row"))
}
