//! `picket verify`: walks every journal; 0 sound, 1 damaged, 2 could not tell.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Arc;

use parking_lot::Mutex;
use picket_journal::BookName;
use picket_node::folder::Folder;
use picket_node::problem::{Exit, Failure};
use picket_reading::{BookReport, verify_book};
use picket_runtime::HighWater;
use picket_sqlite::{OpenError, Options, SqliteJournal};

use crate::cli::VerifyArgs;
use crate::settings::CliSettings;

/// The name of a report about the file as a whole.
const FILE: &str = "journal.db";

/// Runs it.
pub async fn run(settings: &CliSettings, args: VerifyArgs) -> Result<ExitCode, Failure> {
    if let Some(book) = &args.unpark {
        return super::unpark::run(settings, book, args.skip).await;
    }
    match walk(settings, &args).await {
        Ok(code) => Ok(code),
        // What cannot be opened cannot be told; 1 is kept for what is known to be damaged.
        Err(failure) => {
            crate::tell(&failure, settings.json);
            Ok(ExitCode::from(2))
        }
    }
}

/// The fate of the wishes somebody was told are done.
#[derive(Debug, Default, serde::Serialize)]
struct Acks {
    acked: usize,
    missing: Vec<String>,
    doubled: Vec<String>,
}

impl Acks {
    /// Looks for the ids that were acked among those the journals hold, each so many times.
    fn of(acked: &BTreeSet<String>, ids: &BTreeMap<String, u32>) -> Self {
        let those = |is: &dyn Fn(&String) -> bool| -> Vec<String> {
            acked.iter().filter(|id| is(id)).take(20).cloned().collect()
        };
        Self {
            acked: acked.len(),
            missing: those(&|id| !ids.contains_key(id)),
            doubled: those(&|id| ids.get(id).is_some_and(|times| *times > 1)),
        }
    }
}

async fn walk(settings: &CliSettings, args: &VerifyArgs) -> Result<ExitCode, Failure> {
    let folder = &settings.folder;
    if !folder.journal().is_file() {
        return Err(Failure::usage(
            format!("`{}` holds no journal", folder.path().display()),
            "Name the data folder with `--data DIR`.",
        ));
    }
    let acks = args.acks.as_deref().map(read_acks).transpose()?;
    let owned = folder.own()?;
    let failed = DiskFailure::default();
    let journal = match open(folder, &failed)? {
        Opened::Journal(journal) => journal,
        Opened::Damaged(why) => return Ok(tell(settings, &[damaged(why)], None)),
    };
    let mut reports: Vec<_> = check(&journal).into_iter().collect();
    let marks = HighWater::open(&folder.highwater()).map_err(|error| {
        Failure::new(
            Exit::Storage,
            error.to_string(),
            "Compare with a copy of the folder.",
        )
    })?;
    let marked = marks.books();
    let marked = marked.iter().filter_map(|book| BookName::parse(book).ok());
    let names: BTreeSet<_> = journal.books().into_iter().chain(marked).collect();
    let mut ids: BTreeMap<String, u32> = BTreeMap::new();
    for name in names {
        let mark = marks.mark(name.as_str());
        let mut report = verify_book(&journal, &name, mark, acks.is_some()).await;
        for (id, times) in std::mem::take(&mut report.ids) {
            *ids.entry(id).or_default() += times;
        }
        if let (None, Some(why)) = (&report.damage, failed.take()) {
            report.damage = Some(why);
        }
        reports.push(report);
    }
    let acks = acks.map(|acked| Acks::of(&acked, &ids));
    drop(owned);
    Ok(tell(settings, &reports, acks.as_ref()))
}

/// The words of the disk when it last failed, if it did.
#[derive(Clone, Default)]
struct DiskFailure(Arc<Mutex<Option<String>>>);

impl DiskFailure {
    fn said(&self, why: &str) {
        *self.0.lock() = Some(why.to_owned());
    }

    fn take(&self) -> Option<String> {
        self.0.lock().take()
    }
}

/// The journal of a folder, or why it is damaged as a whole.
enum Opened {
    Journal(SqliteJournal),
    Damaged(String),
}

fn open(folder: &Folder, failed: &DiskFailure) -> Result<Opened, Failure> {
    let failed = failed.clone();
    let options = Options {
        on_io_error: Arc::new(move |why: &str| failed.said(why)),
        ..Options::default()
    };
    match SqliteJournal::open_with(&folder.journal(), options) {
        Ok(journal) => Ok(Opened::Journal(journal)),
        Err(why @ (OpenError::Damaged(_) | OpenError::NotAJournal(_))) => {
            Ok(Opened::Damaged(why.to_string()))
        }
        Err(why) => Err(Failure::new(
            Exit::Storage,
            why.to_string(),
            "Check the folder and its permissions.",
        )),
    }
}

/// The damage to the file of the journals, whatever stands in them.
fn check(journal: &SqliteJournal) -> Option<BookReport> {
    match journal.check() {
        Ok(found) => Some(damaged(found.into_iter().next()?)),
        Err(why) => Some(BookReport {
            book: FILE.into(),
            unread: Some(why.to_string()),
            ..BookReport::default()
        }),
    }
}

fn damaged(why: String) -> BookReport {
    BookReport {
        book: FILE.into(),
        damage: Some(why),
        ..BookReport::default()
    }
}

fn read_acks(path: &std::path::Path) -> Result<BTreeSet<String>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(
            format!("`{}` cannot be read: {error}", path.display()),
            "It is the file `picket bench --acks FILE` wrote.",
        )
    })?;
    // A line without its end was being written when the process died: it was not told to anybody.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    Ok(whole
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect())
}

fn tell(settings: &CliSettings, reports: &[BookReport], acks: Option<&Acks>) -> ExitCode {
    let damaged = reports.iter().any(|report| report.damage.is_some())
        || acks.is_some_and(|acks| !acks.missing.is_empty() || !acks.doubled.is_empty());
    let unread = reports.iter().any(|report| report.unread.is_some());
    let commits: u64 = reports.iter().map(|report| report.commits).sum();
    let entries: u64 = reports.iter().map(|report| report.entries).sum();
    if settings.json {
        println!(
            "{}",
            serde_json::json!({ "ok": !damaged && !unread, "commits": commits, "entries": entries, "books": reports, "acks": acks })
        );
    } else {
        for report in reports {
            match (&report.damage, &report.unread) {
                (Some(damage), _) => println!("DAMAGED  {damage}"),
                (None, Some(why)) => println!("UNREAD   {}: {why}", report.book),
                (None, None) => {}
            }
        }
        if let Some(acks) = acks {
            println!(
                "{} acked: {} missing, {} doubled",
                acks.acked,
                acks.missing.len(),
                acks.doubled.len()
            );
        }
        let books = reports.len();
        match (damaged, unread) {
            (false, false) => println!(
                "sound: {books} journals, {commits} commits, {entries} entries; chain, density and decoding hold"
            ),
            (true, _) => println!(
                "damaged; restore the folder from a copy and let a person decide what is lost"
            ),
            (false, true) => println!("could not tell"),
        }
    }
    ExitCode::from(if damaged {
        1
    } else if unread {
        2
    } else {
        0
    })
}
