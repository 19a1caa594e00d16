//! `picket bench chat`: a county's mornings in a chat that enforces the platform's limits.
//!
//! Real books in this process, the real bot, and a chat server of our own over real HTTP on loopback that
//! refuses what is too much. Everybody is offered several sheets overnight; at half past seven they go out,
//! bundled. Then everybody's digest waits while something urgent must reach one person. Both are measured
//! where the platform takes the message. Something urgent that had nothing to pass proves nothing, and the bench
//! says so. It does not know how the bot keeps its pace.

mod bot;
mod county;
mod notices;
mod report;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use picket_fakechat::{FakeChat, Limits};
use picket_node::embedded::{Awake, Embedded};
use picket_node::folder::Folder;
use picket_node::problem::Failure;
use picket_runtime::Clock;

use super::{place, scratch};
use crate::BenchSettings;
use crate::args::BenchChatArgs;
use bot::{BenchBot, Ticking};
use county::{ChatCounty, OFFERS};
use notices::{deliveries, done, heard, messages, until, waiting};
use report::show;

pub use report::ChatReport;

/// Before anybody may be disturbed, and when they may: a working Tuesday in the zone of the county.
const NIGHT: &str = "2026-03-02T22:00:00Z";
const MORNING: &str = "2026-03-02T23:30:00Z";
/// How soon something urgent must be out.
const URGENT: Duration = Duration::from_secs(5);
/// How often something urgent is sent while digests wait, and how far apart.
const ALARMS: u32 = 3;
const APART: Duration = Duration::from_secs(3);

/// Runs it.
pub(super) async fn run(
    settings: &BenchSettings,
    args: &BenchChatArgs,
) -> Result<ExitCode, Failure> {
    if !(20..=20_000).contains(&args.people) {
        return Err(Failure::usage(
            "between 20 and 20,000 people have phones here",
            "Leave `--people` out for the usual 3,000.",
        ));
    }
    let folder = place(settings).join(format!("picket-bench-chat-{}", std::process::id()));
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
        show(&report, settings.table);
    }
    Ok(if report.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn measure(folder: &Path, people: u64) -> Result<ChatReport, Failure> {
    let owned = Folder::at(folder).own()?;
    let county = ChatCounty {
        people,
        groups: (people / 10).min(20),
    };
    owned.set_territory(&county.territory())?;
    let night: Timestamp = NIGHT.parse().map_err(scratch)?;
    let clock = Clock::driven(night);
    let node = Embedded::open(
        owned,
        picket_node::services::kinds(),
        clock.clone(),
        Awake::All,
    )
    .await?;
    let chat = FakeChat::start().await;
    chat.enforces(Limits::default());
    let bot = BenchBot::start(&chat, &node, folder).await?;
    let morning = Morning {
        county: &county,
        chat: &chat,
        node: &node,
    };
    let measured = morning.measure(&clock).await;
    bot.stop().await;
    node.close().await;
    measured
}

/// A morning in the county.
struct Morning<'a> {
    county: &'a ChatCounty,
    chat: &'a FakeChat,
    node: &'a Embedded,
}

impl Morning<'_> {
    async fn measure(&self, clock: &Clock) -> Result<ChatReport, Failure> {
        let county = self.county;
        say(&format!("a county of {} people", county.people));
        county.found(self.chat, self.node).await?;
        let mut report = ChatReport {
            people: county.people,
            offers: county.people * OFFERS,
            groups: county.groups,
            limit_per_second: Limits::default().all_a_second as u64,
            ..ChatReport::default()
        };
        let wanted = report.offers + county.group_offers();
        self.issue_overnight(wanted).await?;
        let ticking = self.send_offers(clock, wanted, &mut report).await?;
        self.send_alarms(wanted, &mut report).await?;
        drop(ticking);
        let states = deliveries(self.node).await?;
        report.lost = ["failed", "unknown"]
            .iter()
            .filter_map(|state| states.get(*state))
            .sum();
        report.too_many = self.chat.told_to_wait();
        report.ok = report.keeps_its_bounds();
        Ok(report)
    }

    /// Issues the sheets, until so many notices wait for the morning.
    async fn issue_overnight(&self, wanted: u64) -> Result<(), Failure> {
        say("sheets are issued overnight");
        self.county.issue(self.node).await?;
        until(self.node, "the offers are queued", |states| {
            states.values().sum::<u64>() >= wanted
        })
        .await
    }

    /// Lets the morning come, the offers go out, and measures how long that takes. From then on the clock goes.
    async fn send_offers(
        &self,
        clock: &Clock,
        wanted: u64,
        report: &mut ChatReport,
    ) -> Result<Ticking, Failure> {
        let before = self.chat.said().len();
        let begun = Instant::now();
        let ticking = Ticking::from(clock.clone(), MORNING.parse().map_err(scratch)?);
        until(self.node, "offers go out", |states| done(states) >= wanted).await?;
        let said = messages(self.chat, before);
        let private = said.iter().filter(|one| one.chat > 0);
        report.messages = said.len() as u64;
        report.group_messages = report.messages - private.count() as u64;
        report.seconds = said
            .iter()
            .map(|one| one.at.duration_since(begun))
            .max()
            .unwrap_or_default()
            .as_secs_f64();
        report.physical_seconds = report.messages as f64 / report.limit_per_second as f64;
        report.ratio = report.seconds / report.physical_seconds;
        Ok(ticking)
    }

    /// Sends something urgent while everybody's digest waits, and measures how long that takes.
    async fn send_alarms(&self, wanted: u64, report: &mut ChatReport) -> Result<(), Failure> {
        let (county, chat, node) = (self.county, self.chat, self.node);
        say("digests wait, and something urgent comes");
        county.digest(node).await?;
        until(node, "the digests are queued", |states| {
            states.values().sum::<u64>() >= wanted + county.people
        })
        .await?;
        let mut waited = None;
        for n in 0..ALARMS {
            if n > 0 {
                tokio::time::sleep(APART).await;
            }
            let before = chat.said().len();
            let waiting = waiting(&deliveries(node).await?);
            if waiting == 0 {
                // In a small county they are all out by now, and there is nothing to pass.
                break;
            }
            waited = Some(waited.map_or(waiting, |fewest: u64| fewest.min(waiting)));
            let came = Instant::now();
            county.alarm(node, n).await?;
            let heard = heard(chat, before).await?;
            report.urgent_ms = report
                .urgent_ms
                .max(heard.duration_since(came).as_secs_f64() * 1_000.0);
        }
        report.digests_waiting = waited.unwrap_or_default();
        Ok(())
    }
}

/// Progress, where somebody looks on.
fn say(text: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r{text:<78.78}\r");
        drop(std::io::stderr().flush());
    }
}
