//! The load: callers that each wait for their answer, on real dispatch books.
//!
//! Callers reach the books in this process, or over a bus as edges do. With everything beside it, other
//! services follow the same journals while they are written. It does not know which store is below.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use picket_journal::Head;
use picket_node::problem::Failure;
use picket_runtime::{Clock, Live};
use tokio::task::JoinHandle;

use super::books::{BookHost, LoadedBooks, OtherServices};
use super::county::{self, County, STAGES, Sheet, Sheets, found, wish};
use super::route::BookRoute;
use super::{BenchRun, cpu, percentiles, scratch};

/// Sentinels of one hot book.
const SENTINELS: u64 = 512;

/// The warm-up before anything counts: all callers begin at one instant, and that burst is not the load.
const WARM_UP: Duration = Duration::from_millis(500);

/// The plan of one measurement.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoadPlan {
    pub(super) callers: usize,
    pub(super) time: Duration,
    pub(super) others: OtherServices,
    /// How many commands a second are expected at the most; sheets for so many are issued before the clock runs.
    pub(super) at_most: f64,
}

/// The one county of a hot book.
pub(super) fn hot() -> Vec<County> {
    county::one(SENTINELS)
}

/// Callers work through their sheets. Returns the run, the bytes of a median commit, and its commands.
pub(super) async fn measure(
    bench: &LoadedBooks,
    counties: &[County],
    plan: LoadPlan,
) -> Result<(BenchRun, usize, f64), Failure> {
    let live = bench.route.live();
    found(counties, &bench.route, bench.clock()).await?;
    let sheets = sheets(bench, counties, plan).await?;
    settle(bench).await;
    let book = counties
        .first()
        .ok_or_else(|| scratch("there is no county"))?
        .book()?;
    let from = Instant::now() + WARM_UP;
    let works = Works {
        from,
        until: from + plan.time,
    };
    let answered = Arc::new(AtomicU64::new(0));
    let callers = start(bench, sheets, works, &answered);
    tokio::time::sleep_until(works.from.into()).await;
    let started = works.from;
    let (before, written) = (live.engine().cache.head(book.as_str()), written(live));
    let spent = Spent::so_far(bench);
    let mut times = Vec::new();
    for caller in callers {
        times.extend(caller.await.map_err(scratch)??);
    }
    let took = started.elapsed();
    let answered = answered.load(Ordering::Relaxed) as f64;
    let (cpu_us, server_cpu_us) = Spent::so_far(bench).each_since(&spent, answered);
    settle(bench).await;
    let settled_ms = (plan.others == OtherServices::Books)
        .then(|| started.elapsed().saturating_sub(took + QUIET).as_secs_f64() * 1_000.0);
    let commits = self::written(live) - written;
    let (bytes, group) = groups(live, &book, before).await?;
    let (p50_ms, p99_ms) = percentiles(times);
    let run = BenchRun {
        backend: bench.backend,
        step: "mixed",
        callers: plan.callers,
        books: counties.len(),
        awake: plan.others.name(),
        per_second: answered / took.as_secs_f64(),
        p50_ms,
        p99_ms,
        group,
        commits,
        settled_ms,
        cpu_us,
        server_cpu_us,
    };
    Ok((run, bytes, group))
}

/// Issues sheets for all callers, as many as they are expected to work through in the time.
async fn sheets(
    bench: &LoadedBooks,
    counties: &[County],
    plan: LoadPlan,
) -> Result<Vec<Vec<Sheet>>, Failure> {
    let a_round: u64 = if counties.len() == 1 {
        SENTINELS
    } else {
        counties.len() as u64
    };
    let expected = (WARM_UP + plan.time).as_secs_f64() * plan.at_most;
    let most = if plan.callers == 1 { 40 } else { u64::MAX };
    let rounds = ((expected / (a_round * STAGES) as f64) as u64 + 20).min(most);
    let names: Vec<String> = (0..rounds).map(|round| format!("batch-{round}")).collect();
    let issued = Sheets::new(counties)
        .issue(&bench.route, bench.clock(), &names)
        .await?;
    let mut all: Vec<Vec<Sheet>> = vec![Vec::new(); plan.callers];
    for (n, sheets) in issued.into_iter().enumerate() {
        all[n % plan.callers].extend(sheets);
    }
    Ok(all)
}

/// A caller at work; how long each of its answers took.
type Caller = JoinHandle<Result<Vec<Duration>, Failure>>;

/// Starts a caller for each heap of sheets.
fn start(
    bench: &LoadedBooks,
    sheets: Vec<Vec<Sheet>>,
    works: Works,
    answered: &Arc<AtomicU64>,
) -> Vec<Caller> {
    let start = |mine: Vec<Sheet>| {
        let (route, clock) = (bench.route.clone(), bench.clock().clone());
        let answered = answered.clone();
        tokio::spawn(async move { caller_works(&route, &clock, mine, works, &answered).await })
    };
    sheets.into_iter().map(start).collect()
}

/// Processor time so far, where it is told: of this process, and of the store's own server.
struct Spent {
    here: Option<Duration>,
    server: Option<Duration>,
}

impl Spent {
    fn so_far(bench: &LoadedBooks) -> Self {
        Self {
            here: cpu::of(std::process::id()),
            server: bench.server().and_then(cpu::of),
        }
    }

    /// The time spent since then on each command, in microseconds: here, and by the server.
    fn each_since(&self, then: &Self, commands: f64) -> (Option<f64>, Option<f64>) {
        let each = |before: Option<Duration>, after: Option<Duration>| {
            Some((after?.saturating_sub(before?)).as_secs_f64() * 1e6 / commands.max(1.0))
        };
        (each(then.here, self.here), each(then.server, self.server))
    }
}

/// When callers work: what was asked for before `from` does not count.
#[derive(Clone, Copy, Debug)]
struct Works {
    from: Instant,
    until: Instant,
}

async fn caller_works(
    route: &BookRoute,
    clock: &Clock,
    mine: Vec<Sheet>,
    works: Works,
    answered: &AtomicU64,
) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::with_capacity(4_096);
    for sheet in mine {
        if Instant::now() >= works.until {
            break;
        }
        let by = sheet.whose();
        for stage in 0..STAGES {
            let asked = Instant::now();
            route
                .wish(
                    &sheet.county,
                    wish(
                        format!("w{}-{stage}", sheet.task),
                        &by,
                        clock,
                        sheet.next(stage),
                    ),
                )
                .await?;
            if asked >= works.from {
                times.push(asked.elapsed());
                answered.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    Ok(times)
}

/// For how long nothing must be written until books that act upon facts count as done.
const QUIET: Duration = Duration::from_millis(700);

/// Commits of all books, as far as this process has seen.
fn written(live: &Live) -> u64 {
    picket_node::projection::heads(live.engine()).values().sum()
}

/// Lets the readers reach the heads, so that a run measures itself.
async fn settle(bench: &LoadedBooks) {
    let live = bench.route.live();
    // The insight of a folder is to have read them; that of a process of a cluster reads on beside the callers, as it
    // does for `serve`.
    let reads_all = || match &bench.around {
        BookHost::Embedded(node) => {
            let at = node.asker().positions();
            picket_node::projection::heads(live.engine())
                .iter()
                .all(|(book, n)| *n == 0 || at.get(book).is_some_and(|(read, _)| read >= n))
        }
        BookHost::Books { .. } | BookHost::Clustered(_) => true,
    };
    let (mut before, mut since) = (written(live), Instant::now());
    for _ in 0..6_000 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let now = written(live);
        if std::mem::replace(&mut before, now) != now {
            since = Instant::now();
        }
        if since.elapsed() >= QUIET && reads_all() {
            return;
        }
    }
}

/// Bytes and commands of the median commit of a book after `head`.
async fn groups(
    live: &Live,
    book: &picket_journal::BookName,
    mut head: Head,
) -> Result<(usize, f64), Failure> {
    let journal = live.engine().journal.clone();
    let (mut sizes, mut groups) = (Vec::new(), Vec::new());
    loop {
        let read = journal.read(book, &head, 1_024).await.map_err(scratch)?;
        let Some(last) = read.last() else { break };
        head = last.head.clone();
        for stored in &read {
            sizes.push(stored.bytes.len());
            // Every command is one entry; counting them by their ids is cheaper than decoding all.
            groups.push(
                stored
                    .bytes
                    .windows(13)
                    .filter(|window| window == b"\"cause\":\"comm")
                    .count(),
            );
        }
    }
    sizes.sort_unstable();
    groups.sort_unstable();
    let middle = |len: usize| len / 2;
    Ok((
        sizes.get(middle(sizes.len())).copied().unwrap_or_default(),
        groups
            .get(middle(groups.len()))
            .copied()
            .unwrap_or_default()
            .max(1) as f64,
    ))
}
