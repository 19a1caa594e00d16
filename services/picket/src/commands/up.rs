//! `picket up`: keeps a data folder awake until it is told to stop.

use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;
use picket_ephemera::MemoryEphemera;
use picket_node::embedded::{Awake, Embedded};
use picket_node::folder::Owned;
use picket_node::problem::{Exit, Failure};
use picket_node::signals::ShutdownSignal;
use picket_node::socket::SocketServer;
use picket_node::telegram::{self, Beside};
use picket_runtime::Clock;
use picket_schemas::registry::Territory;
use tokio::sync::oneshot;

use crate::cli::{ClockKind, UpArgs};
use crate::settings::Settings;
use crate::warnings;

/// Runs it.
pub async fn run(settings: &Settings, args: UpArgs) -> Result<ExitCode, Failure> {
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
    let Some(mut desk) = open(owned, &clock, shutdown.as_mut()).await? else {
        return Ok(ExitCode::SUCCESS);
    };
    let socket = SocketServer::open(&folder, desk.bus())?;
    desk.administer();
    let mut watch =
        warnings::Watch::new(desk.live().clone(), desk.asker().clone(), settings.clone());
    watch.look().await;
    announce(settings, &territory, &clock);
    warn_of_what_lies_ahead(&desk, &clock);
    let bot = telegram::start(Beside {
        client: desk.client(),
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
    let watching = tokio::spawn(watch.keep(stop));
    shutdown.await;
    // What came about at the last is said too.
    let _ = done.send(());
    drop(watching.await);
    if let Some(bot) = bot {
        bot.close().await;
    }
    let broken = desk.live().broken();
    drop(socket);
    desk.close().await;
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
fn without_jurisdiction(settings: &Settings, owned: &Owned) -> Result<ExitCode, Failure> {
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

/// Opens the books and lets insight read up; none where it was told to stop meanwhile.
async fn open(
    owned: Owned,
    clock: &Clock,
    mut shutdown: Pin<&mut impl Future<Output = ()>>,
) -> Result<Option<Embedded>, Failure> {
    let desk = tokio::select! {
        desk = Embedded::open(owned, picket_node::services::kinds(), clock.clone(), Awake::All) => desk?,
        () = shutdown.as_mut() => return Ok(None),
    };
    let early = tokio::select! {
        () = desk.read_up() => false,
        () = shutdown => true,
    };
    if early {
        desk.close().await;
        return Ok(None);
    }
    Ok(Some(desk))
}

fn warn_of_what_lies_ahead(desk: &Embedded, clock: &Clock) {
    if let Some(last) = desk.live().last_commit().filter(|last| *last > clock.now()) {
        eprintln!(
            "picket: the last record here was made at {last}, which lies ahead: time stands still until then"
        );
        eprintln!(
            "  hint: a fast clock ran on this folder; go on with `--clock fast`, or use another folder for real work"
        );
    }
}

async fn clock(args: &UpArgs, owned: &Owned, territory: &Territory) -> Result<Clock, Failure> {
    match args.clock {
        ClockKind::Real => Ok(Clock::real()),
        ClockKind::Fast => {
            let last = last_commit(owned, territory).await?;
            let from = match &args.from {
                Some(text) => text.parse::<Timestamp>().map_err(|why| {
                    Failure::usage(
                        format!("`{text}` is no instant: {why}"),
                        "Write it like 2026-03-02T08:00:00+08:00.",
                    )
                })?,
                None => last.unwrap_or_else(|| Clock::real().now()),
            };
            if let Some(last) = last.filter(|last| *last > from) {
                return Err(Failure::usage(
                    format!("something was written here at {last}, later than {from}"),
                    "Leave `--from` out to go on from there, or use a fresh folder; time does not go back.",
                ));
            }
            Ok(Clock::fast(from, args.factor))
        }
    }
}

/// When something was last written; a fast clock goes on from there.
async fn last_commit(owned: &Owned, territory: &Territory) -> Result<Option<Timestamp>, Failure> {
    let journal = picket_node::folder::open_journal(owned)?;
    let mut books = Vec::new();
    for kind in picket_node::services::kinds() {
        for jurisdiction in territory.jurisdictions.keys() {
            books.push(
                picket_runtime::book_name(kind.name, jurisdiction)
                    .map_err(picket_node::problem::cannot_keep)?,
            );
        }
    }
    let mut causal =
        picket_reading::CausalReader::new(journal, &books, &std::collections::BTreeMap::new());
    let mut latest = None;
    loop {
        let batch = causal
            .next(1_024)
            .await
            .map_err(picket_node::problem::cannot_keep)?;
        if batch.is_empty() {
            return Ok(latest);
        }
        latest = latest.max(batch.iter().map(|commit| commit.commit.at).max());
    }
}

fn announce(settings: &Settings, territory: &Territory, clock: &Clock) {
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

fn explain(settings: &Settings) {
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
