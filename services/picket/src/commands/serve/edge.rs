//! `picket serve telegram` and `picket serve edge`: a process through which people reach the books, and no more.
//!
//! It reads no journal and keeps nothing, so its key opens none: what it knows of jurisdictions and of the time it
//! asks. Commands with the same `--data` reach the cluster through its socket.

use std::process::ExitCode;
use std::time::Duration;

use picket_bus::Client;
use picket_runtime::Clock;
use picket_schemas::registry::Territory;
use tokio::sync::watch;

use super::{EDGE, LOOK, TELEGRAM, announce, beside, called};
use crate::cli::{ServeArgs, ServeClock};
use crate::cluster::seen::{self, Myself};
use crate::cluster::{Edge, driven, territory};
use crate::commands::clock;
use crate::commands::up::Stopping;
use crate::problem::{Exit, Failure};
use crate::settings::Settings;
use crate::socket::SocketServer;
use crate::telegram;
use crate::watched::{self, Pages};

/// How often the books are asked what time it is, until one says; then the machine's clock is believed.
const TRIES: u32 = 3;

/// Runs it.
pub(super) async fn run(
    settings: &Settings,
    args: ServeArgs,
    name: &str,
    has_bot: bool,
) -> Result<ExitCode, Failure> {
    let owned = settings.folder.own()?;
    let guard = watched::start(&called(&args), name)?;
    let edge = Edge::connect(&args.cluster, &format!("picket {name}")).await?;
    let bus = picket_telemetry::TracedBus::around(edge.bus, guard.spans());
    let clock = match args.clock {
        ServeClock::Real => now(&Client::new(bus.clone())).await,
        ServeClock::Driven => driven::clock(bus.as_ref(), name).await?,
    };
    let driving = (args.clock == ServeClock::Driven).then(|| {
        tokio::spawn(driven::follow(
            bus.clone(),
            clock.clone(),
            name.to_owned(),
            watch::channel(None).1,
        ))
    });
    let socket = SocketServer::bind(&owned.folder.socket(), bus.clone()).map_err(|error| {
        Failure::new(
            Exit::Storage,
            format!(
                "the socket in `{}` cannot be made: {error}",
                owned.folder.path().display()
            ),
            "Paths of sockets are short on some systems: use a folder nearer to the root.",
        )
    })?;
    let (is_ready, ready) = watch::channel(Err(
        "nobody says yet which jurisdictions there are".to_owned()
    ));
    let pages = match args.listen {
        Some(at) => Some(
            watched::serve(
                at,
                Pages {
                    guard: guard.clone(),
                    ready,
                },
            )
            .await?,
        ),
        None => None,
    };
    let services = vec![if has_bot { TELEGRAM } else { EDGE }.to_owned()];
    let myself = Myself {
        process: name.to_owned(),
        since: clock.now(),
        services: services.clone(),
        shards: args.shards,
    };
    let seen = tokio::spawn(seen::serve(bus.clone(), move || {
        std::future::ready(myself.bare())
    }));
    let stopping = Stopping::listen();
    tokio::pin! {
        let stopped = stopping.asked();
    }
    announce(
        settings,
        name,
        &services,
        pages.as_ref().map(|(address, _)| address.to_string()),
    );
    let mut known = Territory::default();
    let mut bot = None;
    loop {
        let there = tokio::select! {
            there = territory::told(bus.as_ref()) => there.filter(|there| *there != known && !there.jurisdictions.is_empty()),
            () = &mut stopped => break,
        };
        if let Some(there) = there {
            owned.set_territory(&there)?;
            if has_bot && bot.is_none() {
                bot = telegram::start(beside(
                    settings,
                    &args,
                    &bus,
                    &edge.leases,
                    name,
                    &there,
                    &clock,
                ))?;
            }
            say(settings, there.jurisdictions.len());
            known = there;
            drop(is_ready.send_replace(Ok(())));
        }
        tokio::select! {
            () = &mut stopped => break,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    drop(is_ready.send_replace(Err("it is going down".to_owned())));
    if let Some(bot) = bot {
        bot.close().await;
    }
    for task in pages
        .map(|(_, task)| task)
        .into_iter()
        .chain(driving)
        .chain([seen])
    {
        task.abort();
    }
    drop(socket);
    watched::end(guard).await;
    if !settings.json {
        println!("stopped; it kept nothing");
    }
    Ok(ExitCode::SUCCESS)
}

/// The time as the books have it, where one of them says.
async fn now(client: &Client) -> Clock {
    for _ in 0..TRIES {
        if let Some(view) = clock::of(client).await {
            return Clock::anchored(view.now);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Clock::real()
}

fn say(settings: &Settings, jurisdictions: usize) {
    if settings.json {
        println!(
            "{}",
            serde_json::json!({ "ready": true, "jurisdictions": jurisdictions, "shards": 0, "of": 0 })
        );
    } else {
        println!("{jurisdictions} jurisdictions; commands with this folder reach them");
    }
}
