//! `picket up`: keeps a data folder awake until it is told to stop.

use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;
use picket_ephemera::MemoryEphemera;
use picket_node::admin::health_watch::HealthWatch;
use picket_node::embedded::Embedded;
use picket_node::fast_clock::fast_clock;
use picket_node::folder::Owned;
use picket_node::problem::{Exit, Failure};
use picket_node::signals::ShutdownSignal;
use picket_node::socket::SocketServer;
use picket_node::telegram::{self, BotSurroundings};
use picket_runtime::Clock;
use picket_schemas::registry::Territory;
use tokio::sync::oneshot;

use crate::cli::{UpArgs, UpClock};
use crate::settings::CliSettings;
use crate::warnings::WarningPrinter;

/// Runs it.
pub async fn run(settings: &CliSettings, args: UpArgs) -> Result<ExitCode, Failure> {
    telegram::token()?;
    let owned = settings.folder.own()?;
    let territory = owned.folder.territory()?;
    if territory.jurisdictions.is_empty() {
        return without_jurisdiction(settings, &owned);
    }
    let clock = clock(&args, &owned, &territory).await?;
    let folder = owned.folder.clone();
    let shutdown = ShutdownSignal::listen();
    tokio::pin! {
        let shutdown = shutdown.received();
    }
    let Some(mut node) = Embedded::open_unless(owned, clock.clone(), shutdown.as_mut()).await?
    else {
        return Ok(ExitCode::SUCCESS);
    };
    let socket = SocketServer::open(&folder, node.bus())?;
    node.administer();
    let mut watch = HealthWatch::new(node.live().clone(), Some(node.asker().clone()));
    let mut warnings = WarningPrinter::new(settings);
    warnings.print(&watch.look().await);
    announce(settings, &territory, &clock);
    warn_of_what_lies_ahead(&node, &clock);
    let bot = telegram::start(BotSurroundings {
        client: node.client(),
        blobs: folder.blobs(),
        ephemera: Arc::new(MemoryEphemera::new()),
        shared: false,
        zone: settings.zone.clone(),
        clock: clock.clone(),
        territory: territory.clone(),
        invite: args.invite.clone(),
        suggests: true,
        holder: "up".into(),
    })?;
    let (done, stop) = oneshot::channel();
    let watching = tokio::spawn(watch.keep(stop, move |health| warnings.print(health)));
    shutdown.await;
    // What came about at the last is said too.
    let _ = done.send(());
    drop(watching.await);
    if let Some(bot) = bot {
        bot.close().await;
    }
    let broken = node.live().broken();
    drop(socket);
    node.close().await;
    if !settings.json {
        println!("stopped; everything that was answered is on disk");
    }
    Ok(if broken {
        ExitCode::from(Exit::Storage as u8)
    } else {
        ExitCode::SUCCESS
    })
}

/// Says what to do with an empty folder; one with a journal lost its list of jurisdictions.
fn without_jurisdiction(settings: &CliSettings, owned: &Owned) -> Result<ExitCode, Failure> {
    if owned.folder.journal().exists() {
        return Err(Failure::new(
            Exit::Storage,
            format!(
                "`{}` holds a journal, but territory.toml names no jurisdiction",
                owned.folder.path().display()
            ),
            "Restore territory.toml from a copy of the folder.",
        ));
    }
    explain(settings);
    Ok(ExitCode::from(Exit::Usage as u8))
}

fn warn_of_what_lies_ahead(node: &Embedded, clock: &Clock) {
    if let Some(last) = node.live().last_commit().filter(|last| *last > clock.now()) {
        eprintln!(
            "picket: the last record here was made at {last}, which lies ahead: time stands still until then"
        );
        eprintln!(
            "  hint: a fast clock ran on this folder; go on with `--clock fast`, or use another folder for real work"
        );
    }
}

async fn clock(args: &UpArgs, owned: &Owned, territory: &Territory) -> Result<Clock, Failure> {
    if args.clock == UpClock::Real {
        return Ok(Clock::real());
    }
    let from = args.from.as_deref().map(|text| {
        text.parse::<Timestamp>().map_err(|why| {
            Failure::usage(
                format!("`{text}` is no instant: {why}"),
                "Write it like 2026-03-02T08:00:00+08:00.",
            )
        })
    });
    fast_clock(owned, territory, from.transpose()?, args.factor).await
}

fn announce(settings: &CliSettings, territory: &Territory, clock: &Clock) {
    let shown = settings.folder.path().display();
    if settings.json {
        println!(
            "{}",
            serde_json::json!({ "ready": true, "data": settings.folder.path(), "jurisdictions": territory.jurisdictions.len(), "now": clock.now(), "held": clock.held() })
        );
        return;
    }
    println!(
        "picket is up on `{shown}`: {} jurisdictions, {}",
        territory.jurisdictions.len(),
        clock
            .now()
            .to_zoned(settings.zone.clone())
            .strftime("%Y-%m-%d %H:%M")
    );
    if clock.held() {
        println!(
            "nothing was written here for more than a week: bells wait until you say `picket clock confirm --data {shown}`"
        );
    }
    println!("  picket chat --data {shown} --as PERSON     a person's phone");
    println!("  picket ask --data {shown} board            what is going on");
    println!("Ctrl-C stops it.");
}

fn explain(settings: &CliSettings) {
    let shown = settings.folder.path().display();
    if settings.json {
        println!(
            "{}",
            serde_json::json!({ "ready": false, "why": "the folder is empty" })
        );
        return;
    }
    println!("`{shown}` is empty. Give it a county first:\n");
    println!("  picket example my-county                        a small complete county to edit");
    println!("  picket import my-county --data {shown} --yes    every row is checked first");
    println!(
        "  picket up --data {shown}                        then schedules, deadlines, notices\n"
    );
    println!("Files of your own have the same columns as the example's.");
}
