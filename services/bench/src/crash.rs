//! The load a crash test kills: callers at work until then, and a file of every id that was answered.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::Mutex;
use picket_node::folder::Folder;
use picket_node::problem::{Exit, Failure};
use picket_runtime::Clock;

use super::books::{LoadedBooks, OtherServices};
use super::county::{STAGES, Sheet, Sheets, found, wish};
use super::load::hot;
use super::route::BookRoute;
use super::scratch;

/// Works until it is killed, and writes each acked id to a file after its answer came.
pub(super) async fn until_killed(
    folder: &Folder,
    acks: &Path,
    limit: u64,
) -> Result<ExitCode, Failure> {
    let acks = Arc::new(Acks::open(acks)?);
    let opening = Instant::now();
    let counties = hot();
    let bench = LoadedBooks::open(folder, &counties, OtherServices::Everything).await?;
    let (route, clock) = (bench.route.clone(), bench.clock().clone());
    println!("ready in {} ms", opening.elapsed().as_millis());
    found(&counties, &route, &clock).await?;
    let run = clock.now().as_millisecond();
    let mut sheets = Sheets::new(&counties);
    let mut round = 0_u64;
    while acks.written() < limit {
        round += 1;
        let names = [format!("batch-{run}-{round}")];
        let issued = sheets.issue(&route, &clock, &names).await?;
        let mut callers = Vec::new();
        for sheet in issued.into_iter().flatten() {
            let (route, clock, acks) = (route.clone(), clock.clone(), acks.clone());
            callers.push(tokio::spawn(async move {
                work_through(&route, &clock, run, &sheet, &acks).await;
            }));
        }
        for caller in callers {
            caller.await.map_err(scratch)?;
        }
    }
    bench.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// Takes a sheet from offered to handed in; what is refused is passed over.
async fn work_through(route: &BookRoute, clock: &Clock, run: i64, sheet: &Sheet, acks: &Acks) {
    for stage in 0..STAGES {
        let id = format!("a{run}-{}-{stage}", sheet.task);
        let wish = wish(id.clone(), &sheet.whose(), clock, sheet.next(stage));
        if route.wish(&sheet.county, wish).await.is_ok() {
            acks.write(&id);
        }
    }
}

/// The file of acked ids, a line each.
struct Acks {
    file: Mutex<File>,
    written: AtomicU64,
}

impl Acks {
    fn open(path: &Path) -> Result<Self, Failure> {
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.map_err(|error| {
            Failure::new(
                Exit::Storage,
                format!("`{}` cannot be written: {error}", path.display()),
                "Name a file you may write to.",
            )
        })?;
        Ok(Self {
            file: Mutex::new(file),
            written: AtomicU64::new(0),
        })
    }

    fn write(&self, id: &str) {
        let mut file = self.file.lock();
        // One write, so that a kill never leaves half a line for the next run to write behind.
        drop(file.write_all(format!("{id}\n").as_bytes()));
        self.written.fetch_add(1, Ordering::Relaxed);
    }

    fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }
}
