//! `picket bench chat`: a county's mornings in a chat that enforces the platform's limits.
//!
//! Real books in this process, the real bot, and a chat server of our own over real HTTP on loopback that
//! refuses what is too much. Everybody is offered several sheets overnight; at half past seven they go out,
//! bundled. Then everybody's digest waits while something urgent must reach one person. Both are measured
//! where the platform takes the message. Something urgent that had nothing to pass proves nothing, and the bench
//! says so. It does not know how the bot keeps its pace.

mod county;

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use picket_ephemera::MemoryEphemera;
use picket_fakechat::{FakeChat, Limits, Said, SaidWhat};
use picket_runtime::Clock;
use picket_schemas::ask::{After, Question, View};
use picket_telegram::{Settings as BotSettings, Telegram, Token, Told};
use serde::Serialize;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::scratch;
use crate::cli::BenchChatArgs;
use crate::desk::{Awake, Desk};
use crate::folder::Folder;
use crate::problem::Failure;
use crate::reach::owner;
use crate::settings::Settings;
use county::{County, DISPATCHER_ACCOUNT, OFFERS, county};

/// Before anybody may be disturbed, and when they may: a working Tuesday in the zone of the county.
const NIGHT: &str = "2026-03-02T22:00:00Z";
const MORNING: &str = "2026-03-02T23:30:00Z";
/// What the two measurements may come to.
const RATIO: f64 = 1.2;
const URGENT: Duration = Duration::from_secs(5);
/// How often something urgent is sent while digests wait, and how far apart.
const ALARMS: u32 = 3;
const APART: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(250);

/// What was measured.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChatReport {
    /// People with a phone each.
    pub people: u64,
    /// Sheets offered to them.
    pub offers: u64,
    /// Groups with a board.
    pub groups: u64,
    /// Messages the offers went out as.
    pub messages: u64,
    /// From the end of the night until the last of them was taken.
    pub seconds: f64,
    /// Messages ÷ what the platform takes in a second.
    pub physical_seconds: f64,
    /// What the platform takes in a second, over all.
    pub limit_per_second: u64,
    /// The one ÷ the other.
    pub ratio: f64,
    /// Times the platform said that it was too much, from the first message to the last.
    pub too_many: u64,
    /// The longest an urgent notice took from its cause to the platform.
    pub urgent_ms: f64,
    /// The fewest digests, queued or at the bot, that were not out yet when something urgent came; 0 where nothing
    /// urgent was measured while some of them waited.
    pub digests_waiting: u64,
    /// Messages groups got: offers, boards, a bulletin.
    pub group_messages: u64,
    /// Notices that did not arrive, or nobody knows.
    pub lost: u64,
    /// Whether every bound was kept.
    pub ok: bool,
}

/// Runs it.
pub(super) async fn run(settings: &Settings, args: &BenchChatArgs) -> Result<ExitCode, Failure> {
    if !(20..=20_000).contains(&args.people) {
        return Err(Failure::usage(
            "between 20 and 20,000 people have phones here",
            "Leave `--people` out for the usual 3,000.",
        ));
    }
    let place = if settings.folder_named {
        settings.folder.path().to_owned()
    } else {
        std::env::temp_dir()
    };
    let folder = place.join(format!("picket-bench-chat-{}", std::process::id()));
    let measured = measure(&folder, args.people).await;
    say("");
    if let Err(error) = std::fs::remove_dir_all(&folder) {
        eprintln!(
            "picket: `{}` could not be removed: {error}",
            folder.display()
        );
    }
    let report = measured?;
    if settings.json {
        println!("{}", serde_json::to_string(&report).unwrap_or_default());
    } else {
        show(&report);
    }
    Ok(if report.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn measure(folder: &std::path::Path, people: u64) -> Result<ChatReport, Failure> {
    let owned = Folder::at(folder).own()?;
    let county = County {
        people,
        groups: (people / 10).min(20),
    };
    owned.set_territory(&county.territory())?;
    let night: Timestamp = NIGHT.parse().map_err(scratch)?;
    let clock = Clock::driven(night);
    let desk = Desk::open(owned, crate::services::kinds(), clock.clone(), Awake::All).await?;
    let chat = FakeChat::start().await;
    chat.enforces(Limits::default());
    let bot = Bot::start(&chat, &desk, folder).await?;
    let measured = morning(&county, &chat, &desk, &clock).await;
    bot.stop().await;
    desk.close().await;
    measured
}

async fn morning(
    county: &County,
    chat: &FakeChat,
    desk: &Desk,
    clock: &Clock,
) -> Result<ChatReport, Failure> {
    say(&format!("a county of {} people", county.people));
    county.found(chat, desk).await?;
    let limit = Limits::default().all_a_second as u64;
    let mut report = ChatReport {
        people: county.people,
        groups: county.groups,
        limit_per_second: limit,
        ..ChatReport::default()
    };

    say("sheets are issued overnight");
    county.issue(desk).await?;
    report.offers = county.people * OFFERS;
    let wanted = report.offers + county.group_offers();
    until(desk, "the offers are queued", |states| {
        states.values().sum::<u64>() >= wanted
    })
    .await?;
    let before = chat.said().len();

    let begun = Instant::now();
    let ticking = Ticking::from(clock.clone(), MORNING.parse().map_err(scratch)?);
    until(desk, "offers go out", |states| done(states) >= wanted).await?;
    let said = messages(chat, before);
    let private = said.iter().filter(|one| one.chat > 0);
    report.messages = said.len() as u64;
    report.group_messages = report.messages - private.count() as u64;
    report.seconds = said
        .iter()
        .map(|one| one.at.duration_since(begun))
        .max()
        .unwrap_or_default()
        .as_secs_f64();
    report.physical_seconds = report.messages as f64 / limit as f64;
    report.ratio = report.seconds / report.physical_seconds;

    say("digests wait, and something urgent comes");
    county.digest(desk).await?;
    until(desk, "the digests are queued", |states| {
        states.values().sum::<u64>() >= wanted + county.people
    })
    .await?;
    let mut waited = None;
    for n in 0..ALARMS {
        if n > 0 {
            tokio::time::sleep(APART).await;
        }
        let before = chat.said().len();
        let waiting = waiting(&deliveries(desk).await?);
        if waiting == 0 {
            // In a small county they are all out by now, and there is nothing to pass.
            break;
        }
        waited = Some(waited.map_or(waiting, |fewest: u64| fewest.min(waiting)));
        let came = Instant::now();
        county.alarm(desk, n).await?;
        let heard = heard(chat, before).await?;
        report.urgent_ms = report
            .urgent_ms
            .max(heard.duration_since(came).as_secs_f64() * 1_000.0);
    }
    report.digests_waiting = waited.unwrap_or_default();
    drop(ticking);
    let states = deliveries(desk).await?;
    report.lost = ["failed", "unknown"]
        .iter()
        .filter_map(|state| states.get(*state))
        .sum();
    report.too_many = chat.told_to_wait();
    report.ok = bounds(&report).iter().all(|bound| bound.kept);
    Ok(report)
}

/// The bot before the books.
struct Bot {
    stop: oneshot::Sender<()>,
    run: JoinHandle<()>,
}

impl Bot {
    async fn start(
        chat: &FakeChat,
        desk: &Desk,
        folder: &std::path::Path,
    ) -> Result<Self, Failure> {
        let token = Token::parse(chat.token()).map_err(scratch)?;
        let now = desk.clock().clone();
        let tell = |told: Told| match told {
            Told::Note(_) => {}
            Told::Warning(text) | Told::Error(text) => eprintln!("\npicket: telegram: {text}"),
        };
        let settings = BotSettings {
            api: Some(chat.url().to_owned()),
            clock: Arc::new(move || now.now()),
            ephemera: Arc::new(MemoryEphemera::new()),
            ..BotSettings::alone(
                token,
                jiff::tz::TimeZone::get("Asia/Shanghai").map_err(scratch)?,
                folder.join("blobs"),
                tell,
            )
        };
        let telegram: Telegram = picket_telegram::connect(desk.client(), settings)
            .await
            .map_err(scratch)?;
        let (stop, stopped) = oneshot::channel();
        let run = tokio::spawn(async move {
            if let Err(why) = telegram.run(async { drop(stopped.await) }).await {
                eprintln!("\npicket: the bot ended: {why}");
            }
        });
        Ok(Self { stop, run })
    }

    async fn stop(self) {
        // One that ended by itself said so.
        let _ended = self.stop.send(());
        drop(self.run.await);
    }
}

/// The clock goes on from an instant at the pace of real time, until this is dropped.
struct Ticking(JoinHandle<()>);

impl Ticking {
    fn from(clock: Clock, at: Timestamp) -> Self {
        let started = Instant::now();
        clock.set(at);
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(50)).await;
                clock.set(at + started.elapsed());
            }
        }))
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// New messages since there were so many; edits and toasts have no limit of their own here.
fn messages(chat: &FakeChat, before: usize) -> Vec<Said> {
    chat.said_after(before)
        .into_iter()
        .filter(|said| said.what == SaidWhat::Message)
        .collect()
}

/// When the dispatcher's phone got the next message.
async fn heard(chat: &FakeChat, before: usize) -> Result<Instant, Failure> {
    let started = Instant::now();
    while started.elapsed() < URGENT * 6 {
        if let Some(said) = messages(chat, before)
            .iter()
            .find(|said| said.chat == DISPATCHER_ACCOUNT)
        {
            return Ok(said.at);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(scratch("an urgent notice did not arrive within 30 s"))
}

async fn deliveries(desk: &Desk) -> Result<BTreeMap<String, u64>, Failure> {
    let reply = desk
        .client()
        .ask(
            &owner(&county()),
            &Question::Deliveries {
                jurisdiction: county(),
            },
            &After::new(),
        )
        .await?;
    match reply.view {
        View::Deliveries(deliveries) => Ok(deliveries.states),
        _ => Ok(BTreeMap::new()),
    }
}

/// How many are not out yet: queued, or at the bot that waits for their turn.
fn waiting(states: &BTreeMap<String, u64>) -> u64 {
    states
        .iter()
        .filter(|(state, _)| matches!(state.as_str(), "queued" | "handed" | "deferred"))
        .map(|(_, count)| count)
        .sum()
}

fn done(states: &BTreeMap<String, u64>) -> u64 {
    states.values().sum::<u64>() - waiting(states)
}

/// Waits until notices stand so; as long as anything moves.
async fn until(
    desk: &Desk,
    what: &str,
    stand: impl Fn(&BTreeMap<String, u64>) -> bool,
) -> Result<(), Failure> {
    let (mut last, mut moved) = (BTreeMap::new(), Instant::now());
    loop {
        let states = deliveries(desk).await?;
        let counts: Vec<_> = states
            .iter()
            .map(|(state, count)| format!("{count} {state}"))
            .collect();
        say(&format!("{what}: {}", counts.join(", ")));
        if stand(&states) {
            return Ok(());
        }
        if states != last {
            (last, moved) = (states, Instant::now());
        }
        if moved.elapsed() > Duration::from_secs(60) {
            return Err(scratch(format!(
                "{what}: nothing moved for a minute at {counts:?}"
            )));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Progress, where somebody looks on.
fn say(text: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r{text:<78.78}\r");
        drop(std::io::stderr().flush());
    }
}

/// One bound: what it is about, what was measured, how much it may be, and whether it was kept.
struct Bound {
    what: &'static str,
    measured: String,
    allowed: String,
    kept: bool,
}

/// Every bound there is.
fn bounds(report: &ChatReport) -> Vec<Bound> {
    let bound = |what, measured: String, allowed: String, kept| Bound {
        what,
        measured,
        allowed,
        kept,
    };
    let most = URGENT.as_secs_f64() * 1_000.0;
    vec![
        bound(
            "the platform said too much",
            report.too_many.to_string(),
            "0".to_owned(),
            report.too_many == 0,
        ),
        bound(
            "offers out ÷ as fast as possible",
            format!("{:.2}", report.ratio),
            format!("at most {RATIO}"),
            report.ratio <= RATIO,
        ),
        bound(
            "digests an urgent notice had to pass",
            report.digests_waiting.to_string(),
            "at least 1".to_owned(),
            report.digests_waiting > 0,
        ),
        bound(
            "the urgent notice behind them",
            format!("{:.0} ms", report.urgent_ms),
            format!("at most {most} ms"),
            report.urgent_ms <= most,
        ),
        bound(
            "notices lost",
            report.lost.to_string(),
            "0".to_owned(),
            report.lost == 0,
        ),
    ]
}

fn show(report: &ChatReport) {
    let row = |bound: Bound| {
        vec![
            bound.what.to_owned(),
            bound.measured,
            bound.allowed,
            if bound.kept { "kept" } else { "MISSED" }.to_owned(),
        ]
    };
    let rows: Vec<_> = bounds(report).into_iter().map(row).collect();
    print!(
        "{}",
        crate::show::table(
            &["what", "measured", "bound", ""],
            &rows,
            crate::show::width()
        )
    );
    println!(
        "\n{} people, {} offers as {} messages in {:.1} s; {} a second would take {:.1} s",
        report.people,
        report.offers,
        report.messages,
        report.seconds,
        report.limit_per_second,
        report.physical_seconds
    );
    println!(
        "{} groups, {} messages to them",
        report.groups, report.group_messages
    );
    if report.digests_waiting == 0 {
        println!(
            "every digest was out before something urgent came: it passed nothing, and how fast it was says nothing"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> ChatReport {
        ChatReport {
            ratio: 1.0,
            urgent_ms: 300.0,
            digests_waiting: 1,
            ..ChatReport::default()
        }
    }

    fn holds(report: &ChatReport) -> bool {
        bounds(report).iter().all(|bound| bound.kept)
    }

    #[test]
    fn an_urgent_notice_that_passed_no_digest_is_no_proof_that_it_would() {
        assert!(holds(&kept()));
        assert!(!holds(&ChatReport {
            digests_waiting: 0,
            urgent_ms: 0.0,
            ..kept()
        }));
    }

    #[test]
    fn each_bound_alone_decides() {
        for missed in [
            ChatReport {
                too_many: 1,
                ..kept()
            },
            ChatReport {
                ratio: RATIO + 0.01,
                ..kept()
            },
            ChatReport {
                urgent_ms: 5_001.0,
                ..kept()
            },
            ChatReport { lost: 1, ..kept() },
        ] {
            assert!(!holds(&missed), "{missed:?}");
        }
    }

    #[test]
    fn a_digest_waits_until_it_is_out_be_it_queued_or_at_the_bot() {
        let states = |all: &[(&str, u64)]| {
            all.iter()
                .map(|(state, count)| ((*state).to_owned(), *count))
                .collect()
        };
        assert_eq!(
            waiting(&states(&[
                ("sent", 60),
                ("queued", 2),
                ("handed", 40),
                ("deferred", 1)
            ])),
            43
        );
        assert_eq!(
            waiting(&states(&[("sent", 60), ("failed", 2), ("suppressed", 3)])),
            0
        );
    }
}
