//! The bench: one hot book and many, beside the raw store; and the load a crash test kills.
//!
//! Real commands on real dispatch books over a real journal: every command is answered only when the
//! disk has it. The raw figure writes groups of the same bytes with the same calls, and nothing else.

pub mod args;
mod books;
pub mod chat;
mod county;
mod cpu;
mod crash;
mod hosted;
mod load;
mod nats;
mod raw;
mod raw_nats;
mod route;
mod server;

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use picket_node::folder::Folder;
use picket_node::problem::{Exit, Failure};
use serde::Serialize;

use crate::args::{BenchArgs, BenchBackend, BenchPart};

/// More commands a second than SQLite is expected to take.
const AT_MOST: f64 = 169_000.0;

/// Where a bench runs, and how its results are shown: the command line says both.
#[derive(Clone, Debug)]
pub struct BenchSettings {
    /// The folder named, or the one where data lies when nobody names one.
    pub folder: Folder,
    /// True where it was named; else scratch folders are made among the system's temporary files.
    pub folder_named: bool,
    /// Results are JSON.
    pub json: bool,
    /// Draws a table from its header and its rows.
    pub table: fn(&[&str], &[Vec<String>]) -> String,
}

/// One measurement.
#[derive(Clone, Debug, Serialize)]
pub struct BenchRun {
    /// The store.
    pub backend: &'static str,
    /// The commands that were asked: `accept`, `fill`, `submit`, or `mixed` with everything awake.
    pub step: &'static str,
    /// How many callers waited for answers.
    pub callers: usize,
    /// How many books.
    pub books: usize,
    /// Which books besides dispatch were awake.
    pub awake: &'static str,
    /// Answered commands a second.
    pub per_second: f64,
    /// Median time to the answer.
    pub p50_ms: f64,
    /// 99 of 100 were faster.
    pub p99_ms: f64,
    /// Commands in the median commit.
    pub group: f64,
    /// Commits of all books meanwhile.
    pub commits: u64,
    /// How long after the last answer books went on to act upon facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_ms: Option<f64>,
    /// Processor time of this process a command, its callers included, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_us: Option<f64>,
    /// The same of the store's own server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_cpu_us: Option<f64>,
}

/// The store alone.
#[derive(Clone, Debug, Serialize)]
pub struct RawRun {
    /// The store.
    pub backend: &'static str,
    /// Commands a second that groups of the same bytes would carry.
    pub per_second: f64,
    /// Bytes of one group.
    pub bytes: usize,
    /// Median time of one small append with its flush.
    pub fsync_ms: f64,
    /// Callers whose groups these were.
    pub callers: usize,
    /// Median time of a request that is answered at once, where callers ask over a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_ms: Option<f64>,
}

/// All of it.
#[derive(Debug, Default, Serialize)]
pub struct BenchReport {
    /// With Picket.
    pub runs: Vec<BenchRun>,
    /// Without.
    pub raw: Vec<RawRun>,
    /// Picket ÷ raw, for the same callers.
    pub ratios: Vec<(usize, f64)>,
    /// Memory at the end.
    pub rss_mb: u64,
}

/// Runs it.
pub async fn run(settings: &BenchSettings, args: BenchArgs) -> Result<ExitCode, Failure> {
    if let Some(BenchPart::Chat(chat)) = &args.part {
        return chat::run(settings, chat).await;
    }
    if let Some(acks) = &args.acks {
        return crash::until_killed(&settings.folder, acks, args.commands).await;
    }
    if !(0.2..=120.0).contains(&args.seconds) {
        return Err(Failure::usage(
            "a measurement takes 0.2 to 120 seconds",
            "Leave `--seconds` out for the usual 4.",
        ));
    }
    if args.backend == BenchBackend::Sqlite && (args.nats.is_some() || args.books.is_some()) {
        return Err(Failure::usage(
            "`--nats` and `--books` belong to `--backend nats`",
            "Say `--backend nats` as well, or leave them out.",
        ));
    }
    let scratch = place(settings).join(format!("picket-bench-{}", std::process::id()));
    let quiet = settings.json || !std::io::stderr().is_terminal();
    let say = move |text: &str| {
        if !quiet {
            eprint!("\r{text:<60}\r");
            drop(std::io::stderr().flush());
        }
    };
    let time = Duration::from_secs_f64(args.seconds);
    let measured = match args.backend {
        BenchBackend::Sqlite => measure(&scratch, time, args.callers, say).await,
        BenchBackend::Nats => nats::measure(&args, &scratch, time, say).await,
    };
    say("");
    // Only what this run made is removed; a folder that cannot be removed is named.
    if let Err(error) = std::fs::remove_dir_all(&scratch)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        eprintln!(
            "picket: `{}` could not be removed: {error}",
            scratch.display()
        );
    }
    let report = measured?;
    if settings.json {
        println!("{}", serde_json::to_string(&report).unwrap_or_default());
    } else {
        show(&report, settings.table);
    }
    Ok(ExitCode::SUCCESS)
}

async fn measure(
    scratch: &Path,
    time: Duration,
    only: Option<usize>,
    say: impl Fn(&str),
) -> Result<BenchReport, Failure> {
    let mut report = BenchReport::default();
    for callers in only.map_or_else(|| vec![1, 64, 512], |only| vec![only.clamp(1, 512)]) {
        say(&format!("one hot book, {callers} callers"));
        let folder = scratch.join(format!("hot-{callers}"));
        let others = books::OtherServices::Nothing;
        let (run, bytes, group) = on_sqlite(folder, callers, time, others).await?;
        say(&format!("the store alone, {callers} callers"));
        let alone = raw::groups(
            &scratch.join(format!("raw-{callers}")),
            bytes,
            group,
            time.min(Duration::from_secs(2)),
            callers,
        )?;
        report.compare(run, alone);
    }
    if only.is_none() {
        say("with escalation, courier and insight awake, 512 callers");
        let folder = scratch.join("awake");
        let (run, ..) = on_sqlite(folder, 512, time, books::OtherServices::Everything).await?;
        report.runs.push(run);
    }
    report.rss_mb = rss_mb();
    Ok(report)
}

/// So many callers on the one county of a hot book; the run, the bytes of a median commit, and its commands.
async fn on_sqlite(
    folder: PathBuf,
    callers: usize,
    time: Duration,
    others: books::OtherServices,
) -> Result<(BenchRun, usize, f64), Failure> {
    let counties = load::hot();
    let bench = books::LoadedBooks::open(&Folder::at(folder), &counties, others).await?;
    let plan = load::LoadPlan {
        callers,
        time,
        others,
        at_most: AT_MOST,
    };
    let measured = load::measure(&bench, &counties, plan).await?;
    bench.close().await?;
    Ok(measured)
}

impl BenchReport {
    /// A run beside the store alone, for the same callers.
    fn compare(&mut self, run: BenchRun, alone: RawRun) {
        let ratio = run.per_second / alone.per_second;
        self.ratios.push((alone.callers, ratio));
        self.runs.push(run);
        self.raw.push(alone);
    }
}

fn show(report: &BenchReport, table: fn(&[&str], &[Vec<String>]) -> String) {
    let rows: Vec<Vec<String>> = report
        .runs
        .iter()
        .map(|run| {
            vec![
                run.backend.into(),
                run.step.into(),
                run.callers.to_string(),
                run.books.to_string(),
                run.awake.into(),
                format!("{:.0}", run.per_second),
                format!("{:.2}", run.p50_ms),
                format!("{:.2}", run.p99_ms),
                format!("{:.0}", run.group),
            ]
        })
        .collect();
    print!(
        "{}",
        table(
            &[
                "store",
                "step",
                "callers",
                "books",
                "beside",
                "per second",
                "p50 ms",
                "p99 ms",
                "group"
            ],
            &rows
        )
    );
    let rows: Vec<Vec<String>> = report
        .raw
        .iter()
        .zip(&report.ratios)
        .map(|(raw, (_, ratio))| {
            vec![
                raw.backend.into(),
                raw.callers.to_string(),
                format!("{:.0}", raw.per_second),
                raw.bytes.to_string(),
                format!("{:.2}", raw.fsync_ms),
                format!("{ratio:.2}"),
            ]
        })
        .collect();
    println!();
    print!(
        "{}",
        table(
            &[
                "store alone",
                "callers",
                "per second",
                "group bytes",
                "flush ms",
                "Picket ÷ raw"
            ],
            &rows
        )
    );
    println!("\nmemory at the end: {} MB", report.rss_mb);
}

fn rss_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<u64>().ok())
        .unwrap_or_default()
        / 1024
}

/// The middle and the 99th of a hundred, in milliseconds.
fn percentiles(mut times: Vec<Duration>) -> (f64, f64) {
    if times.is_empty() {
        return (0.0, 0.0);
    }
    times.sort_unstable();
    let at =
        |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
    (at(0.5), at(0.99))
}

/// Where scratch folders are made.
fn place(settings: &BenchSettings) -> PathBuf {
    if settings.folder_named {
        settings.folder.path().to_owned()
    } else {
        std::env::temp_dir()
    }
}

/// A scratch folder that cannot be used.
fn scratch(error: impl std::fmt::Display) -> Failure {
    Failure::new(
        Exit::Storage,
        format!("the scratch folder cannot be used: {error}"),
        "Name another place with `--data DIR`.",
    )
}
