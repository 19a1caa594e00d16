//! `picket verify`: walks every journal; 0 sound, 1 damaged, 2 could not tell.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Arc;

use picket_journal::Journal;
use picket_runtime::{BookReport, HighWater, verify_book};
use picket_sqlite::{Options, SqliteJournal};

use crate::cli::VerifyArgs;
use crate::problem::Failure;
use crate::settings::Settings;

/// Runs it.
pub async fn run(settings: &Settings, args: VerifyArgs) -> Result<ExitCode, Failure> {
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

#[derive(Debug, Default, serde::Serialize)]
struct Acks {
    acked: usize,
    missing: Vec<String>,
    doubled: Vec<String>,
}

async fn walk(settings: &Settings, args: &VerifyArgs) -> Result<ExitCode, Failure> {
    let folder = &settings.folder;
    if !folder.journal().is_file() {
        return Err(Failure::usage(
            format!("`{}` holds no journal", folder.path().display()),
            "Name the data folder with `--data DIR`.",
        ));
    }
    let acks = args.acks.as_deref().map(read_acks).transpose()?;
    let owned = folder.own()?;
    let told = Arc::new(std::sync::Mutex::new(None::<String>));
    let hook = told.clone();
    let options = Options {
        on_io_error: Arc::new(move |why: &str| {
            *hook
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(why.to_owned())
        }),
        ..Options::default()
    };
    let journal = match SqliteJournal::open_with(&folder.journal(), options) {
        Ok(journal) => journal,
        Err(
            why @ (picket_sqlite::OpenError::Damaged(_) | picket_sqlite::OpenError::NotAJournal(_)),
        ) => {
            let report = BookReport {
                book: "journal.db".into(),
                damage: Some(why.to_string()),
                ..BookReport::default()
            };
            return Ok(tell(settings, &[report], None));
        }
        Err(why) => {
            return Err(Failure::new(
                crate::problem::Exit::Storage,
                why.to_string(),
                "Check the folder and its permissions.",
            ));
        }
    };
    let mut reports = Vec::new();
    match journal.check() {
        Ok(found) if found.is_empty() => {}
        Ok(found) => reports.push(BookReport {
            book: "journal.db".into(),
            damage: found.first().cloned(),
            ..BookReport::default()
        }),
        Err(why) => reports.push(BookReport {
            book: "journal.db".into(),
            unread: Some(why.to_string()),
            ..BookReport::default()
        }),
    }
    let marks = HighWater::open(&folder.highwater()).map_err(|error| {
        Failure::new(
            crate::problem::Exit::Storage,
            error.to_string(),
            "Compare with a copy of the folder.",
        )
    })?;
    let mut names: BTreeSet<_> = journal.books().into_iter().collect();
    names.extend(
        marks
            .books()
            .iter()
            .filter_map(|book| picket_journal::BookName::parse(book).ok()),
    );
    let journal: Arc<dyn Journal> = Arc::new(journal);
    let mut ids: BTreeMap<String, u32> = BTreeMap::new();
    for name in names {
        let mut report = verify_book(
            journal.as_ref(),
            &name,
            marks.mark(name.as_str()),
            acks.is_some(),
        )
        .await;
        for (id, times) in std::mem::take(&mut report.ids) {
            *ids.entry(id).or_default() += times;
        }
        if let (None, Some(why)) = (
            &report.damage,
            told.lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .take(),
        ) {
            report.damage = Some(why);
        }
        reports.push(report);
    }
    let acks = acks.map(|acked| Acks {
        missing: acked
            .iter()
            .filter(|id| !ids.contains_key(*id))
            .take(20)
            .cloned()
            .collect(),
        doubled: acked
            .iter()
            .filter(|id| ids.get(*id).is_some_and(|times| *times > 1))
            .take(20)
            .cloned()
            .collect(),
        acked: acked.len(),
    });
    drop(owned);
    Ok(tell(settings, &reports, acks.as_ref()))
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

fn tell(settings: &Settings, reports: &[BookReport], acks: Option<&Acks>) -> ExitCode {
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
