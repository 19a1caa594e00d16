//! `picket serve telegram` and `picket serve edge`: a process through which people reach the books, and no more.
//!
//! It reads no journal and keeps nothing, so its key opens none: what it knows of jurisdictions and of the time it
//! asks. Commands with the same `--data` reach the cluster through its socket.

use std::process::ExitCode;
use std::time::Duration;

use picket_bus::Client;
use picket_node::admin::clock;
use picket_node::admin::{driven_clock as driven, status, territory};
use picket_node::clustered::connection::Edge;
use picket_node::observability;
use picket_node::problem::Failure;
use picket_node::signals::ShutdownSignal;
use picket_node::telegram;
use picket_runtime::Clock;
use picket_schemas::registry::Territory;
use tokio::sync::watch;

use super::plan::{EDGE, TELEGRAM};
use super::process::Connected;
use super::{LOOK, announcement, beside, called};
use crate::cli::{ServeArgs, ServeClock};
use crate::settings::Settings;

/// How often the books are asked what time it is, until one says; then the machine's clock is believed.
const TRIES: u32 = 3;

/// Runs it.
pub(super) async fn run(
    settings: &Settings,
    args: &ServeArgs,
    name: &str,
    has_bot: bool,
) -> Result<ExitCode, Failure> {
    let owned = settings.folder.own()?;
    let (edge, connected) = connect(args, name).await?;
    let missing = "nobody says yet which jurisdictions there are";
    let mut process = connected
        .open(args, &owned.folder, watch::channel(None).1, missing)
        .await?;
    let services = vec![if has_bot { TELEGRAM } else { EDGE }.to_owned()];
    let myself = process.myself(&services, args.shards);
    process.run(status::serve(process.bus.clone(), move || {
        std::future::ready(myself.bare())
    }));
    let shutdown = ShutdownSignal::listen();
    tokio::pin! {
        let shutdown = shutdown.received();
    }
    process.announce(settings, &services);
    let mut known = Territory::default();
    let mut bot = None;
    loop {
        let there = tokio::select! {
            there = territory::told(process.bus.as_ref()) => there.filter(|there| *there != known && !there.jurisdictions.is_empty()),
            () = &mut shutdown => break,
        };
        if let Some(there) = there {
            owned.set_territory(&there)?;
            if has_bot && bot.is_none() {
                bot = telegram::start(beside(settings, args, &process, &edge.leases, &there))?;
            }
            say(settings, there.jurisdictions.len());
            known = there;
            process.ready(Ok(()));
        }
        tokio::select! {
            () = &mut shutdown => break,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    process.ready(Err("it is going down".to_owned()));
    if let Some(bot) = bot {
        bot.close().await;
    }
    process.end().await;
    if !settings.json {
        println!("stopped; it kept nothing");
    }
    Ok(ExitCode::SUCCESS)
}

/// Connects to the bus and the leases, watched.
async fn connect(args: &ServeArgs, name: &str) -> Result<(Edge, Connected), Failure> {
    let guard = observability::start(&called(args), name)?;
    let edge = Edge::connect(&args.cluster, &format!("picket {name}")).await?;
    let bus = picket_telemetry::TracedBus::around(edge.bus.clone(), guard.spans());
    let clock = match args.clock {
        ServeClock::Real => now(&Client::new(bus.clone())).await,
        ServeClock::Driven => driven::clock(bus.as_ref(), name).await?,
    };
    let connected = Connected {
        name: name.to_owned(),
        bus,
        clock,
        guard,
    };
    Ok((edge, connected))
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
        announcement::say(true, jurisdictions, 0, 0);
    } else {
        println!("{jurisdictions} jurisdictions; commands with this folder reach them");
    }
}
