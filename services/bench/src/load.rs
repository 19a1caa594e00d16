//! The load: callers that each wait for their answer, on real dispatch books.
//!
//! Callers reach the books in this process, or over a bus as edges do. With everything beside it, other
//! services follow the same journals while they are written. It does not know which store is below.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use picket_bus::Client;
use picket_calendar::Calendar;
use picket_journal::Head;
use picket_node::embedded::{Awake, Embedded};
use picket_node::folder::{Folder, Owned};
use picket_node::problem::Failure;
use picket_node::problem::cannot_keep;
use picket_runtime::{Clock, Engine, HighWater, Live, ServiceKind};
use picket_schemas::{Answer, Jurisdiction, Problem, Wish};
use tokio::task::JoinHandle;

use super::county::{self, County, STAGES, Sheet, Sheets, found, wish};
use super::nats::Hosted;
use super::{Run, cpu, percentiles, scratch};

/// Sentinels of one hot book.
const SENTINELS: u64 = 512;

/// How long callers are at work before anything counts: all of them begin at one instant, and that burst is not the load.
const WARM_UP: Duration = Duration::from_millis(500);

/// How often a wish is asked again over a bus, and the pause before.
const AGAIN: usize = 5;
const PAUSE: Duration = Duration::from_millis(50);

/// What is awake beside dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// The registry only, which is quiet.
    Nothing,
    /// The books of every other service, which act upon what dispatch says.
    Books,
    /// Escalation, courier and insight, and everything else.
    Everything,
}

impl Beside {
    fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Books => "all books",
            Self::Everything => "all services",
        }
    }
}

/// How callers reach the books.
#[derive(Clone)]
pub(super) enum Way {
    /// In this process.
    Here(Arc<Live>),
    /// Over a bus, as edges do; the books happen to be kept here.
    Bus(Client, Arc<Live>),
}

impl Way {
    /// The books themselves.
    pub(super) fn live(&self) -> &Arc<Live> {
        match self {
            Self::Here(live) | Self::Bus(_, live) => live,
        }
    }

    /// Sends a wish and waits for the answer. Over a bus it is asked again, with the same id, while nobody knows its
    /// outcome or too much waits there: as edges do, and all of it is the caller's time.
    pub(super) async fn wish(&self, county: &Jurisdiction, wish: Wish) -> Result<Answer, Problem> {
        let client = match self {
            Self::Here(live) => return live.wish(county, wish).await,
            Self::Bus(client, _) => client,
        };
        let mut again = AGAIN;
        loop {
            match client.wish(county, &wish).await {
                Err(problem)
                    if again > 0 && matches!(problem.code.as_str(), "outcome_unknown" | "busy") =>
                {
                    tokio::time::sleep(PAUSE).await
                }
                answered => return answered,
            }
            again -= 1;
        }
    }
}

/// Books under load, and what stands around them.
pub(super) struct Bench {
    pub(super) backend: &'static str,
    pub(super) way: Way,
    pub(super) around: Around,
}

/// What keeps the books.
pub(super) enum Around {
    Books { _owned: Owned },
    Embedded(Box<Embedded>),
    Clustered(Box<Hosted>),
}

impl Bench {
    /// Opens a data folder.
    pub(super) async fn open(
        folder: &Folder,
        counties: &[County],
        beside: Beside,
    ) -> Result<Self, Failure> {
        let (owned, territory) = (folder.own()?, county::territory(counties));
        owned.set_territory(&territory)?;
        if beside != Beside::Nothing {
            let desk = Embedded::open(
                owned,
                picket_node::services::kinds(),
                Clock::real(),
                Awake::All,
            )
            .await?;
            return Ok(Self {
                backend: "sqlite",
                way: Way::Here(desk.live().clone()),
                around: Around::Embedded(Box::new(desk)),
            });
        }
        let kinds: Vec<ServiceKind> = picket_node::services::kinds()
            .into_iter()
            .filter(|kind| matches!(kind.name, "registry" | "dispatch"))
            .collect();
        let marks = HighWater::open(&folder.highwater()).map_err(scratch)?;
        let engine = Arc::new(
            Engine::new(
                picket_node::folder::open_journal(&owned)?,
                territory,
                kinds,
                Clock::real(),
                Calendar::china(),
            )
            .with_marks(marks),
        );
        let live = Live::start(engine.clone(), &engine.books(), true)
            .await
            .map_err(cannot_keep)?;
        Ok(Self {
            backend: "sqlite",
            way: Way::Here(Arc::new(live)),
            around: Around::Books { _owned: owned },
        })
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.way.live().engine().clock
    }

    /// The process of the store's own server, where there is one.
    fn server(&self) -> Option<u32> {
        match &self.around {
            Around::Clustered(hosted) => hosted.server,
            Around::Books { .. } | Around::Embedded(_) => None,
        }
    }

    /// Ends it.
    pub(super) async fn close(self) -> Result<(), Failure> {
        match self.around {
            Around::Embedded(desk) => desk.close().await,
            Around::Books { .. } => self.way.live().stop().await,
            Around::Clustered(hosted) => hosted.close().await?,
        }
        Ok(())
    }
}

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) callers: usize,
    pub(super) time: Duration,
    pub(super) beside: Beside,
    /// How many commands a second are expected at the most; sheets for so many are issued before the clock runs.
    pub(super) at_most: f64,
}

/// The one county of a hot book.
pub(super) fn hot() -> Vec<County> {
    county::one(SENTINELS)
}

/// Callers work through their sheets. Returns the run, the bytes of a median commit, and its commands.
pub(super) async fn measure(
    bench: &Bench,
    counties: &[County],
    plan: Plan,
) -> Result<(Run, usize, f64), Failure> {
    let live = bench.way.live();
    found(counties, &bench.way, bench.clock()).await?;
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
    let settled_ms = (plan.beside == Beside::Books)
        .then(|| started.elapsed().saturating_sub(took + QUIET).as_secs_f64() * 1_000.0);
    let commits = self::written(live) - written;
    let (bytes, group) = groups(live, &book, before).await?;
    let (p50_ms, p99_ms) = percentiles(times);
    let run = Run {
        backend: bench.backend,
        step: "mixed",
        callers: plan.callers,
        books: counties.len(),
        awake: plan.beside.name(),
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
    bench: &Bench,
    counties: &[County],
    plan: Plan,
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
        .issue(&bench.way, bench.clock(), &names)
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
    bench: &Bench,
    sheets: Vec<Vec<Sheet>>,
    works: Works,
    answered: &Arc<AtomicU64>,
) -> Vec<Caller> {
    let start = |mine: Vec<Sheet>| {
        let (way, clock) = (bench.way.clone(), bench.clock().clone());
        let answered = answered.clone();
        tokio::spawn(async move { caller_works(&way, &clock, mine, works, &answered).await })
    };
    sheets.into_iter().map(start).collect()
}

/// Processor time so far, where it is told: of this process, and of the store's own server.
struct Spent {
    here: Option<Duration>,
    server: Option<Duration>,
}

impl Spent {
    fn so_far(bench: &Bench) -> Self {
        Self {
            here: cpu::of(std::process::id()),
            server: bench.server().and_then(cpu::of),
        }
    }

    /// What was spent since then on each command, in microseconds: here, and by the server.
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
    way: &Way,
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
            way.wish(
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
async fn settle(bench: &Bench) {
    let live = bench.way.live();
    // The insight of a desk is to have read them; that of a site reads on beside the callers, as it does for `serve`.
    let reads_all = || match &bench.around {
        Around::Embedded(desk) => {
            let at = desk.asker().positions();
            picket_node::projection::heads(live.engine())
                .iter()
                .all(|(book, n)| *n == 0 || at.get(book).is_some_and(|(read, _)| read >= n))
        }
        Around::Books { .. } | Around::Clustered(_) => true,
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
