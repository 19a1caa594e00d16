//! The load: callers that each wait for their answer, on a real dispatch book.
//!
//! Every caller works through sheets of its own: accept, fill, hand in. With everything beside it,
//! escalation, courier and insight follow the same journal while it is written.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use picket_calendar::Calendar;
use picket_journal::{BookName, Head};
use picket_runtime::{Clock, HighWater, Live, Office, ServiceKind, book_name};
use picket_schemas::dispatch::{self, Assign, AssignTo, Outcome, Select};
use picket_schemas::registry::{self, Level, PostKind, Territory};
use picket_schemas::subject::SubjectKind;
use picket_schemas::{Answer, Command, CommandId, Commit, Event, Jurisdiction, PersonId, Problem, TaskId, Wish};

use super::{Run, percentiles, scratch};
use crate::desk::{Awake, Desk, cannot_keep};
use crate::folder::{Folder, Owned};
use crate::problem::{Exit, Failure};

const COUNTY: &str = "990101";
/// Sentinels, each with a post and sheets of its own.
const SENTINELS: u64 = 512;
/// Institutions on a sheet.
const ROWS: u64 = 1;
/// How many commands of a caller may be under way when a folder is filled.
const AT_ONCE: usize = 256;

/// What is awake beside dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// The registry only, which is quiet.
    Nothing,
    /// Escalation, courier and insight, and everything else.
    Everything,
}

fn county() -> Jurisdiction {
    Jurisdiction::from(COUNTY)
}

fn territory() -> Territory {
    Territory { jurisdictions: [(county(), None)].into() }
}

fn sentinel(n: u64) -> PersonId {
    PersonId::new(&county(), &format!("P-{n:04}"))
}

fn wish(id: impl Into<CommandId>, by: &PersonId, clock: &Clock, command: impl Into<Command>) -> Wish {
    Wish { id: id.into(), by: by.clone(), via: "bench".into(), made: clock.now(), observed: None, trace: String::new(), command: command.into() }
}

/// A data folder under load: its books, and the desk around them where everything is awake.
struct Bench {
    live: Arc<Live>,
    desk: Option<Desk>,
    _owned: Option<Owned>,
}

impl Bench {
    async fn open(folder: &Folder, beside: Beside) -> Result<Self, Failure> {
        let owned = folder.own()?;
        owned.set_territory(&territory())?;
        if beside == Beside::Everything {
            let desk = Desk::open(owned, crate::services::kinds(), Clock::real(), Awake::All).await?;
            return Ok(Self { live: desk.live().clone(), desk: Some(desk), _owned: None });
        }
        let kinds: Vec<ServiceKind> = crate::services::kinds().into_iter().filter(|kind| matches!(kind.name, "registry" | "dispatch")).collect();
        let marks = HighWater::open(&folder.highwater()).map_err(scratch)?;
        let office = Arc::new(Office::new(crate::desk::open_journal(&owned)?, territory(), kinds, Clock::real(), Calendar::china()).with_marks(marks));
        let live = Live::start(office.clone(), &office.books(), true).await.map_err(cannot_keep)?;
        Ok(Self { live: Arc::new(live), desk: None, _owned: Some(owned) })
    }

    fn clock(&self) -> &Clock {
        &self.live.office().clock
    }

    async fn close(self) {
        match self.desk {
            Some(desk) => desk.close().await,
            None => self.live.stop().await,
        }
    }
}

/// A county with a post, a sentinel and an institution a caller.
async fn found(live: &Live, clock: &Clock) -> Result<(), Failure> {
    let operator = PersonId::new(&county(), picket_directory::OPERATOR);
    let person = |code: String, roles: &[&str]| registry::Command::EnrolPerson {
        name: format!("sentinel {code}"),
        code,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        department: None,
        area: COUNTY.into(),
        certificate: None,
        language: None,
    };
    let mut commands = vec![
        registry::Command::DefineArea { code: COUNTY.into(), name: "bench county".into(), level: Level::County, parent: None },
        person("P-9999".into(), &["coordinator", "post_leader"]),
    ];
    for n in 0..SENTINELS {
        let area = format!("{COUNTY}{n:06}");
        commands.push(registry::Command::DefineArea { code: area.as_str().into(), name: format!("community {n}"), level: Level::Community, parent: Some(COUNTY.into()) });
        commands.push(person(format!("P-{n:04}"), &["sentinel"]));
        commands.push(registry::Command::DefinePost { code: format!("PO-{n:04}").as_str().into(), name: format!("post {n}"), kind: PostKind::Community, area: area.as_str().into(), leader: "P-9999".into(), members: vec![format!("P-{n:04}")] });
        for row in 0..ROWS {
            commands.push(registry::Command::RegisterInstitution {
                code: format!("I-{n:04}-{row}").as_str().into(),
                name: format!("institution {n}-{row}"),
                kind: SubjectKind::Institution,
                training: None,
                licence: None,
                address: "bench street".into(),
                area: area.as_str().into(),
                school_district: None,
                risk: None,
                list: None,
            });
        }
    }
    let wishes = commands.into_iter().enumerate().map(|(n, command)| wish(format!("found-{n}"), &operator, clock, command)).collect();
    in_order(live, wishes).await
}

async fn in_order(live: &Live, wishes: Vec<Wish>) -> Result<(), Failure> {
    for chunk in wishes.chunks(AT_ONCE) {
        let posted: Vec<_> = chunk.iter().map(|wish| live.post(&county(), wish.clone())).collect();
        for posted in posted {
            posted?.answer().await?;
        }
    }
    Ok(())
}

/// A sheet: its task, and whose it is.
#[derive(Clone, Debug)]
struct Sheet {
    task: TaskId,
    sentinel: u64,
}

/// Sheets as the journal of dispatch says they came out.
struct Sheets {
    book: BookName,
    head: Head,
}

impl Sheets {
    fn new() -> Result<Self, Failure> {
        Ok(Self { book: book_name("dispatch", &county()).map_err(cannot_keep)?, head: Head::default() })
    }

    /// Issues a sheet for every sentinel and waits until all are out.
    async fn issue(&mut self, bench: &Bench, name: &str) -> Result<Vec<Sheet>, Failure> {
        let coordinator = PersonId::new(&county(), "P-9999");
        let command = dispatch::Command::IssueBatch { name: name.into(), campaign: None, round: None, select: Select::default(), assign: Assign { to: AssignTo::PostSentinel, ..Assign::default() }, checklist: String::new(), window: None, sealed_until: None };
        let answer = bench.live.wish(&county(), wish(name.to_owned(), &coordinator, bench.clock(), command)).await?;
        let batch = answer.created.first().cloned().unwrap_or_default();
        let journal = bench.live.office().journal.clone();
        let mut sheets = Vec::with_capacity(SENTINELS as usize);
        for _ in 0..20_000 {
            let read = journal.read(&self.book, &self.head, 1_024).await.map_err(scratch)?;
            for stored in &read {
                let commit = Commit::decode(&stored.bytes).map_err(scratch)?;
                for event in commit.entries.iter().flat_map(|entry| &entry.events) {
                    if let Event::Dispatch(dispatch::Event::TaskIssued { task, batch: of, offered, .. }) = event
                        && of.as_str() == batch
                    {
                        let code = offered.first().map_or("", |person| person.code());
                        let sentinel = code.trim_start_matches("P-").parse().map_err(scratch)?;
                        sheets.push(Sheet { task: task.clone(), sentinel });
                    }
                }
                self.head = stored.head.clone();
            }
            if sheets.len() as u64 >= SENTINELS {
                return Ok(sheets);
            }
            if read.is_empty() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        Err(scratch("the sheets did not come out in time"))
    }
}

/// What a caller does next with its sheet.
fn next(sheet: &Sheet, stage: u64) -> dispatch::Command {
    let (task, n) = (sheet.task.clone(), sheet.sentinel);
    match stage {
        0 => dispatch::Command::AcceptTask { task },
        stage if stage <= ROWS => dispatch::Command::FillRow { task, row: format!("I-{n:04}-{}", stage - 1), outcome: Outcome::Ok, codes: Vec::new(), note: String::new(), evidence: Vec::new(), observed: None, urgent: false },
        _ => dispatch::Command::SubmitTask { task },
    }
}

/// Commands that take a sheet from offered to handed in.
const STAGES: u64 = ROWS + 2;

/// One hot book. Returns the run, the bytes of a median commit, and its commands.
pub(super) async fn hot(folder: &Folder, callers: usize, time: Duration, beside: Beside) -> Result<(Run, usize, f64), Failure> {
    let bench = Bench::open(folder, beside).await?;
    let (live, clock) = (bench.live.clone(), bench.clock().clone());
    found(&live, &clock).await?;
    // Enough sheets for the time meant, issued before the clock runs.
    let rounds: u64 = if callers == 1 { 40 } else { (time.as_secs_f64() * 110.0) as u64 + 20 };
    let mut sheets = Sheets::new()?;
    let mut all: Vec<Vec<Sheet>> = vec![Vec::new(); callers];
    for round in 0..rounds {
        for sheet in sheets.issue(&bench, &format!("batch-{round}")).await? {
            all[(sheet.sentinel % callers as u64) as usize].push(sheet);
        }
    }
    settle(&bench).await;
    let answered = Arc::new(AtomicU64::new(0));
    let before = live.office().hub.head(&format!("dispatch/{COUNTY}")).number;
    let started = Instant::now();
    let mut tasks = Vec::new();
    for mine in all {
        let (live, clock, answered) = (live.clone(), clock.clone(), answered.clone());
        tasks.push(tokio::spawn(async move { caller_works(&live, &clock, mine, started, time, &answered).await }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.map_err(scratch)??);
    }
    let took = started.elapsed().as_secs_f64();
    let (bytes, group) = commits(&live, before).await?;
    let (p50_ms, p99_ms) = percentiles(times);
    let run = Run {
        backend: "sqlite",
        step: "mixed",
        callers,
        books: 1,
        awake: match beside {
            Beside::Nothing => "nothing",
            Beside::Everything => "all services",
        },
        per_second: answered.load(Ordering::Relaxed) as f64 / took,
        p50_ms,
        p99_ms,
        group,
    };
    bench.close().await;
    Ok((run, bytes, group))
}

async fn caller_works(live: &Live, clock: &Clock, mine: Vec<Sheet>, started: Instant, time: Duration, answered: &AtomicU64) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::with_capacity(4_096);
    for sheet in mine {
        if started.elapsed() >= time {
            break;
        }
        let by = sentinel(sheet.sentinel);
        for stage in 0..STAGES {
            let asked = Instant::now();
            live.wish(&county(), wish(format!("w{}-{stage}", sheet.task), &by, clock, next(&sheet, stage))).await?;
            times.push(asked.elapsed());
            answered.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(times)
}

/// Lets the readers reach the heads, so that a run measures itself.
async fn settle(bench: &Bench) {
    let Some(desk) = &bench.desk else { return };
    for _ in 0..600 {
        let heads = crate::desk::heads(bench.live.office());
        let at = desk.asker().positions();
        tokio::time::sleep(Duration::from_millis(100)).await;
        if heads == crate::desk::heads(bench.live.office()) && heads.iter().all(|(book, n)| *n == 0 || at.get(book).is_some_and(|(read, _)| read >= n)) {
            return;
        }
    }
}

/// Bytes and commands of the median commit since `before`.
async fn commits(live: &Live, before: u64) -> Result<(usize, f64), Failure> {
    let book = book_name("dispatch", &county()).map_err(cannot_keep)?;
    let journal = live.office().journal.clone();
    let mut head = picket_journal::Head::default();
    let (mut sizes, mut groups) = (Vec::new(), Vec::new());
    loop {
        let read = journal.read(&book, &head, 1_024).await.map_err(scratch)?;
        let Some(last) = read.last() else { break };
        head = last.head.clone();
        for stored in read.iter().filter(|stored| stored.head.number > before) {
            sizes.push(stored.bytes.len());
            // Every command is one entry; counting them by their ids is cheaper than decoding all.
            groups.push(stored.bytes.windows(13).filter(|window| window == b"\"cause\":\"comm").count());
        }
    }
    sizes.sort_unstable();
    groups.sort_unstable();
    let middle = |len: usize| len / 2;
    Ok((sizes.get(middle(sizes.len())).copied().unwrap_or_default(), groups.get(middle(groups.len())).copied().unwrap_or_default().max(1) as f64))
}

/// Works until it is killed, and writes each acked id to a file after its answer came.
pub(super) async fn until_killed(folder: &Folder, acks: &Path, limit: u64) -> Result<ExitCode, Failure> {
    let file = std::fs::OpenOptions::new().create(true).append(true).open(acks).map_err(|error| Failure::new(Exit::Storage, format!("`{}` cannot be written: {error}", acks.display()), "Name a file you may write to."))?;
    let file = Arc::new(std::sync::Mutex::new(file));
    let opening = Instant::now();
    let bench = Bench::open(folder, Beside::Everything).await?;
    let (live, clock) = (bench.live.clone(), bench.clock().clone());
    println!("ready in {} ms", opening.elapsed().as_millis());
    found(&live, &clock).await?;
    let run = clock.now().as_millisecond();
    let done = Arc::new(AtomicU64::new(0));
    let mut sheets = Sheets::new()?;
    let mut round = 0_u64;
    while done.load(Ordering::Relaxed) < limit {
        round += 1;
        let mut tasks = Vec::new();
        for sheet in sheets.issue(&bench, &format!("batch-{run}-{round}")).await? {
            let (live, clock, file, done) = (live.clone(), clock.clone(), file.clone(), done.clone());
            tasks.push(tokio::spawn(async move {
                for stage in 0..STAGES {
                    let id = format!("a{run}-{}-{stage}", sheet.task);
                    let answer: Result<Answer, Problem> = live.wish(&county(), wish(id.clone(), &sentinel(sheet.sentinel), &clock, next(&sheet, stage))).await;
                    if answer.is_ok() {
                        let mut file = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                        // One write, so that a kill never leaves half a line for the next run to write behind.
                        drop(file.write_all(format!("{id}\n").as_bytes()));
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }));
        }
        for task in tasks {
            task.await.map_err(scratch)?;
        }
    }
    bench.close().await;
    Ok(ExitCode::SUCCESS)
}
