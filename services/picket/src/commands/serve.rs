//! `picket serve`: one process of many, on NATS and Redis.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use picket_bus::Client;
use picket_ephemera::{Ephemera, MemoryEphemera};
use picket_runtime::{Clock, Shard};
use picket_schemas::registry::Territory;
use tokio::sync::watch;

use super::up::Stopping;
use crate::cli::ServeArgs;
use crate::cluster::site::{Part, Site};
use crate::cluster::{Cluster, territory};
use crate::problem::{Exit, Failure};
use crate::reach::new_id;
use crate::settings::Settings;
use crate::socket::SocketServer;
use crate::telegram::{self, Beside};
use crate::watched::{self, Pages};

/// The reader among the services, and the edge.
const INSIGHT: &str = "insight";
const TELEGRAM: &str = "telegram";
/// How often it is looked whether there are new jurisdictions.
const LOOK: Duration = Duration::from_secs(2);

/// Runs it.
pub async fn run(settings: &Settings, args: ServeArgs) -> Result<ExitCode, Failure> {
    let (part, has_bot) = part(&args)?;
    let owned = settings.folder.own()?;
    let guard = watched::start(&part.name)?;
    let mut cluster = Cluster::connect(&args.cluster, &format!("picket {}", part.name)).await?;
    cluster.bus = picket_telemetry::TracedBus::around(cluster.bus, guard.spans());
    let clock = Clock::anchored(cluster.now);
    // Commands with the same `--data` reach the cluster through this process.
    let socket = SocketServer::bind(&owned.folder.socket(), cluster.bus.clone())
        .map_err(|error| Failure::new(Exit::Storage, format!("the socket in `{}` cannot be made: {error}", owned.folder.path().display()), "Paths of sockets are short on some systems: use a folder nearer to the root."))?;
    let (is_ready, ready) = watch::channel(Err("no jurisdiction is there yet".to_owned()));
    let pages = match args.listen {
        Some(at) => Some(watched::serve(at, Pages { guard: guard.clone(), ready }).await?),
        None => None,
    };
    let growing = tokio::spawn(territory::serve(cluster.bus.clone(), cluster.journal.clone()));
    let stopping = Stopping::listen();
    tokio::pin! {
        let stopped = stopping.asked();
    }
    announce(settings, &part, has_bot, pages.as_ref().map(|(address, _)| address.to_string()));
    let mut known = Territory::default();
    let mut site: Option<Site> = None;
    let mut bot = None;
    let mut watching = None;
    loop {
        match territory::read(cluster.journal.as_ref()).await {
            Ok((there, _)) if there != known => {
                if let Some(before) = site.take() {
                    before.close().await;
                }
                owned.set_territory(&there)?;
                let opened = tokio::select! {
                    opened = Site::open(&cluster, &owned, &there, &part, clock.clone()) => opened,
                    () = &mut stopped => break,
                };
                let opened = match opened {
                    Ok(opened) => opened,
                    Err(why) => {
                        eprintln!("picket: {}; tried again\n  hint: {}", why.problem.title, why.problem.hint);
                        known = Territory::default();
                        tokio::time::sleep(LOOK).await;
                        continue;
                    }
                };
                tell(settings, &part, &there, opened.shards());
                if let Some(before) = watching.replace(tokio::spawn(watched::follow(guard.clone(), opened.live().clone(), opened.shards()))) {
                    before.abort();
                }
                if has_bot && bot.is_none() {
                    bot = telegram::start(beside(settings, &args, &cluster, &part, &there, &clock))?;
                }
                known = there;
                site = Some(opened);
                drop(is_ready.send_replace(Ok(())));
            }
            Ok(_) => {}
            Err(why) => eprintln!("picket: the jurisdictions cannot be read at present: {why}"),
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
    let broken = site.as_ref().is_some_and(|site| site.live().broken());
    if let Some(site) = site {
        site.close().await;
    }
    for task in watching.into_iter().chain(pages.map(|(_, task)| task)).chain([growing]) {
        task.abort();
    }
    drop(socket);
    watched::end(guard).await;
    if !settings.json {
        println!("stopped; what was answered is on JetStream");
    }
    Ok(if broken { ExitCode::from(Exit::Storage as u8) } else { ExitCode::SUCCESS })
}

/// What it keeps, and whether the bot runs here.
fn part(args: &ServeArgs) -> Result<(Part, bool), Failure> {
    let kinds: Vec<String> = crate::services::kinds().iter().map(|kind| kind.name.to_owned()).collect();
    let has_token = telegram::token()?.is_some();
    let all = || kinds.iter().cloned().chain([INSIGHT.to_owned(), TELEGRAM.to_owned()]).collect::<Vec<_>>();
    let named = if args.services.is_empty() { all() } else { args.services.clone() };
    if let Some(unknown) = named.iter().find(|service| !all().contains(service)) {
        return Err(Failure::usage(format!("there is no service `{unknown}`"), format!("Services are {}.", all().join(", "))));
    }
    if args.services.iter().any(|service| service == TELEGRAM) && !has_token {
        return Err(Failure::usage("the bot needs its token in PICKET_TELEGRAM_TOKEN", "BotFather in Telegram gives one: /newbot."));
    }
    if args.shards == 0 || args.shards > 1_024 {
        return Err(Failure::usage(format!("{} shards are not possible", args.shards), "Say a number from 1 to 1024, the same for every process."));
    }
    let name = args.name.clone().unwrap_or_else(|| new_id("replica").to_string());
    let books = kinds.iter().filter(|kind| named.contains(kind)).cloned().collect();
    let names = |one: &str| named.iter().any(|service| service == one);
    Ok((Part { name, books, insight: names(INSIGHT), shards: args.shards }, names(TELEGRAM) && has_token))
}

fn beside(settings: &Settings, args: &ServeArgs, cluster: &Cluster, part: &Part, there: &Territory, clock: &Clock) -> Beside {
    // Without Redis what the bot may lose is its own; two of them then may both receive, which Telegram tells.
    let ephemera: Arc<dyn Ephemera> = if args.cluster.redis.is_some() { cluster.leases.clone() } else { Arc::new(MemoryEphemera::new()) };
    Beside {
        client: Client::new(cluster.bus.clone()),
        blobs: settings.folder.path().join("blobs"),
        ephemera,
        zone: settings.zone.clone(),
        clock: clock.clone(),
        territory: there.clone(),
        invite: args.invite.clone(),
        suggests: false,
        holder: part.name.clone(),
    }
}

fn announce(settings: &Settings, part: &Part, has_bot: bool, pages: Option<String>) {
    let services: Vec<_> = part.books.iter().map(String::as_str).chain(part.insight.then_some(INSIGHT)).chain(has_bot.then_some(TELEGRAM)).collect();
    if settings.json {
        println!("{}", serde_json::json!({ "connected": true, "name": part.name, "services": services, "data": settings.folder.path(), "pages": pages }));
        return;
    }
    let shown = settings.folder.path().display();
    println!("picket serves {} as {}", services.join(" "), part.name);
    println!("  picket import my-county --data {shown} --yes    the first time");
    println!("  picket chat --data {shown} --as PERSON          a person's phone");
    if let Some(address) = pages {
        println!("  http://{address}/live /ready /metrics");
    }
    println!("Ctrl-C gives its shards up and stops it.");
}

/// Says what is kept here as that changes.
fn tell(settings: &Settings, part: &Part, there: &Territory, mut shards: watch::Receiver<Vec<Shard>>) {
    let (json, of, jurisdictions) = (settings.json, part.shards as usize * part.books.len(), there.jurisdictions.len());
    if part.books.is_empty() {
        say(json, jurisdictions, 0, 0);
        return;
    }
    tokio::spawn(async move {
        while shards.changed().await.is_ok() {
            let held = shards.borrow_and_update().len();
            say(json, jurisdictions, held, of);
        }
    });
}

fn say(json: bool, jurisdictions: usize, held: usize, of: usize) {
    if json {
        println!("{}", serde_json::json!({ "ready": true, "jurisdictions": jurisdictions, "shards": held, "of": of }));
    } else {
        println!("{jurisdictions} jurisdictions; {held} of {of} shards are kept here");
    }
}
