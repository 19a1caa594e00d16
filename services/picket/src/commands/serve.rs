//! `picket serve`: one process of many, on NATS and Redis.

mod edge;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Bus, Client};
use picket_ephemera::{Ephemera, MemoryEphemera};
use picket_runtime::{Clock, Live, Shard};
use picket_schemas::registry::Territory;
use tokio::sync::watch;

use super::up::Stopping;
use crate::cli::{ServeArgs, ServeClock};
use crate::cluster::seen::{self, Myself};
use crate::cluster::site::{Part, Site};
use crate::cluster::{Cluster, driven, publish, territory};
use crate::desk::Asker;
use crate::health::Watch;
use crate::problem::{Exit, Failure};
use crate::reach::new_id;
use crate::settings::Settings;
use crate::socket::SocketServer;
use crate::telegram::{self, Beside};
use crate::watched::{self, Pages};

/// The reader among the services, and the edges: one for people who chat, one for whoever types commands.
const INSIGHT: &str = "insight";
const TELEGRAM: &str = "telegram";
const EDGE: &str = "edge";
/// How often it is looked whether there are new jurisdictions.
const LOOK: Duration = Duration::from_secs(2);

/// Runs it.
pub async fn run(settings: &Settings, args: ServeArgs) -> Result<ExitCode, Failure> {
    let Plan {
        part,
        bot: has_bot,
        publish,
    } = plan(&args)?;
    if args.clock == ServeClock::Driven && !settings.test {
        return Err(driven::refused());
    }
    if part.books.is_empty() && !part.insight && !publish {
        return edge::run(settings, args, &part.name, has_bot).await;
    }
    let owned = settings.folder.own()?;
    let services = names(&part, has_bot, publish);
    let guard = watched::start(&called(&args), &part.name)?;
    let mut cluster = Cluster::connect(&args.cluster, &format!("picket {}", part.name)).await?;
    cluster.metrics = Some(guard.metrics().clone());
    cluster.bus = picket_telemetry::TracedBus::around(cluster.bus, guard.spans());
    cluster.journal = picket_telemetry::TimedJournal::around(cluster.journal, guard.metrics());
    let clock = match args.clock {
        ServeClock::Real => Clock::anchored(cluster.now),
        ServeClock::Driven => driven::clock(cluster.bus.as_ref(), &part.name).await?,
    };
    let (keeping, kept) = watch::channel(None);
    let driving = (args.clock == ServeClock::Driven).then(|| {
        tokio::spawn(driven::follow(
            cluster.bus.clone(),
            clock.clone(),
            part.name.clone(),
            kept,
        ))
    });
    // Commands with the same `--data` reach the cluster through this process.
    let socket =
        SocketServer::bind(&owned.folder.socket(), cluster.bus.clone()).map_err(|error| {
            Failure::new(
                Exit::Storage,
                format!(
                    "the socket in `{}` cannot be made: {error}",
                    owned.folder.path().display()
                ),
                "Paths of sockets are short on some systems: use a folder nearer to the root.",
            )
        })?;
    let (is_ready, ready) = watch::channel(Err("no jurisdiction is there yet".to_owned()));
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
    // Asked by whoever imports the first county, before any book is kept.
    let mut beside_it = Vec::new();
    if part.insight || !part.books.is_empty() {
        beside_it.push(tokio::spawn(super::clock::serve(
            cluster.bus.clone(),
            clock.clone(),
        )));
    }
    if part.knows_registers() {
        beside_it.push(tokio::spawn(territory::tell(
            cluster.bus.clone(),
            cluster.journal.clone(),
        )));
    }
    if part.books.iter().any(|service| service == "registry") {
        beside_it.push(tokio::spawn(territory::serve(
            cluster.bus.clone(),
            cluster.journal.clone(),
        )));
    }
    let (seeing, looking) = watch::channel(None);
    let myself = Myself {
        process: part.name.clone(),
        since: clock.now(),
        services: services.clone(),
        shards: part.shards,
    };
    beside_it.push(tokio::spawn(seen::serve(cluster.bus.clone(), move || {
        sight(myself.clone(), looking.borrow().clone())
    })));
    let stopping = Stopping::listen();
    tokio::pin! {
        let stopped = stopping.asked();
    }
    announce(
        settings,
        &part.name,
        &services,
        pages.as_ref().map(|(address, _)| address.to_string()),
    );
    let mut known = Territory::default();
    let mut site: Option<Site> = None;
    let mut bot = None;
    let mut watching = None;
    let mut watch = None;
    let mut unread: Option<String> = None;
    loop {
        let read = territory::read(cluster.journal.as_ref()).await;
        let away = read
            .as_ref()
            .err()
            .map(|why| format!("the jurisdictions cannot be read at present: {why}"));
        if let Some(why) = away.as_ref().filter(|why| unread.as_ref() != Some(*why)) {
            eprintln!("picket: {why}");
        }
        match read {
            Ok((there, _)) if there != known => {
                drop(is_ready.send_replace(Err("the books are being opened".to_owned())));
                if let Some(before) = site.take() {
                    before.close().await;
                }
                owned.set_territory(&there)?;
                let opened = tokio::select! {
                    opened = Site::open(&cluster, &owned, &there, &part, clock.clone()) => opened,
                    () = &mut stopped => break,
                };
                let mut opened = match opened {
                    Ok(opened) => opened,
                    Err(why) => {
                        eprintln!(
                            "picket: {}; tried again\n  hint: {}",
                            why.problem.title, why.problem.hint
                        );
                        drop(is_ready.send_replace(Err(why.problem.title)));
                        known = Territory::default();
                        tokio::time::sleep(LOOK).await;
                        continue;
                    }
                };
                if publish {
                    opened.publish(&cluster, &part.name).await;
                }
                keeping.send_replace(Some(opened.live().clone()));
                seeing.send_replace(Some((
                    opened.live().clone(),
                    opened.held().clone(),
                    opened.asker(),
                )));
                tell(settings, &part, &there, opened.shards());
                if let Some(before) = watching.replace(tokio::spawn(watched::follow(
                    guard.clone(),
                    opened.live().clone(),
                    opened.shards(),
                    opened.asker(),
                ))) {
                    before.abort();
                }
                if has_bot && bot.is_none() {
                    bot = telegram::start(beside(
                        settings,
                        &args,
                        &cluster.bus,
                        &cluster.leases,
                        &part.name,
                        &there,
                        &clock,
                    ))?;
                }
                watch = Some(Watch::of_many(
                    opened.live().clone(),
                    opened.asker(),
                    settings.clone(),
                ));
                known = there;
                site = Some(opened);
            }
            Ok(_) | Err(_) => {}
        }
        if let Some(watch) = &mut watch {
            watch.look().await;
        }
        drop(is_ready.send_replace(readiness(away.as_ref(), site.as_ref())));
        unread = away;
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
    for task in watching
        .into_iter()
        .chain(pages.map(|(_, task)| task))
        .chain(driving)
        .chain(beside_it)
    {
        task.abort();
    }
    drop(socket);
    watched::end(guard).await;
    if !settings.json {
        println!("stopped; what was answered is on JetStream");
    }
    Ok(if broken {
        ExitCode::from(Exit::Storage as u8)
    } else {
        ExitCode::SUCCESS
    })
}

/// Whether this process does its part; why not, where it does not.
fn readiness(away: Option<&String>, site: Option<&Site>) -> Result<(), String> {
    if let Some(why) = away {
        return Err(why.clone());
    }
    let Some(site) = site else {
        return Err("no jurisdiction is there yet".to_owned());
    };
    match site.asker().and_then(|asker| asker.stands().1) {
        Some(why) => Err(format!("insight does not get on: {why}")),
        None => Ok(()),
    }
}

/// What it keeps, and what runs beside that.
struct Plan {
    part: Part,
    bot: bool,
    publish: bool,
}

fn plan(args: &ServeArgs) -> Result<Plan, Failure> {
    let kinds: Vec<String> = crate::services::kinds()
        .iter()
        .map(|kind| kind.name.to_owned())
        .collect();
    let has_token = telegram::token()?.is_some();
    let all = services();
    // What other systems hear is for whoever runs Picket to say.
    let named = if args.services.is_empty() {
        all.iter()
            .filter(|service| ![publish::SERVICE, EDGE].contains(&service.as_str()))
            .cloned()
            .collect()
    } else {
        args.services.clone()
    };
    if let Some(unknown) = named.iter().find(|service| !all.contains(service)) {
        return Err(Failure::usage(
            format!("there is no service `{unknown}`"),
            format!("Services are {}.", all.join(", ")),
        ));
    }
    if args.services.iter().any(|service| service == TELEGRAM) && !has_token {
        return Err(Failure::usage(
            "the bot needs its token in PICKET_TELEGRAM_TOKEN",
            "BotFather in Telegram gives one: /newbot.",
        ));
    }
    if args.shards == 0 || args.shards > 1_024 {
        return Err(Failure::usage(
            format!("{} shards are not possible", args.shards),
            "Say a number from 1 to 1024, the same for every process.",
        ));
    }
    let name = args
        .name
        .clone()
        .unwrap_or_else(|| new_id("replica").to_string());
    let books = kinds
        .iter()
        .filter(|kind| named.contains(kind))
        .cloned()
        .collect();
    let names = |one: &str| named.iter().any(|service| service == one);
    Ok(Plan {
        part: Part {
            name,
            books,
            insight: names(INSIGHT),
            shards: args.shards,
        },
        bot: names(TELEGRAM) && has_token,
        publish: names(publish::SERVICE),
    })
}

/// All that can be named.
pub(crate) fn services() -> Vec<String> {
    crate::services::kinds()
        .iter()
        .map(|kind| kind.name)
        .chain([INSIGHT, TELEGRAM, publish::SERVICE, EDGE])
        .map(str::to_owned)
        .collect()
}

/// What this process does, in the order of the list.
fn names(part: &Part, has_bot: bool, publishes: bool) -> Vec<String> {
    let beside = [
        (part.insight, INSIGHT),
        (has_bot, TELEGRAM),
        (publishes, publish::SERVICE),
    ];
    part.books
        .iter()
        .cloned()
        .chain(
            beside
                .into_iter()
                .filter(|(is, _)| *is)
                .map(|(_, name)| name.to_owned()),
        )
        .collect()
}

/// What traces and numbers call it: all of Picket, or the services it was told to serve.
fn called(args: &ServeArgs) -> String {
    [&["picket".to_owned()], args.services.as_slice()]
        .concat()
        .join("-")
}

type Kept = (Arc<Live>, seen::Held, Option<Asker>);

/// What this process says of itself, with whatever it keeps by now.
async fn sight(myself: Myself, kept: Option<Kept>) -> seen::Sight {
    match kept {
        Some((live, held, asker)) => seen::sight(&myself, &held, &live, asker.as_ref()).await,
        None => myself.bare(),
    }
}

fn beside(
    settings: &Settings,
    args: &ServeArgs,
    bus: &Arc<dyn Bus>,
    leases: &Arc<dyn Ephemera>,
    name: &str,
    there: &Territory,
    clock: &Clock,
) -> Beside {
    // Without Redis what the bot may lose is its own; of two of them Telegram then says which one receives.
    let shared = args.cluster.redis.is_some();
    let ephemera: Arc<dyn Ephemera> = if shared {
        leases.clone()
    } else {
        Arc::new(MemoryEphemera::new())
    };
    Beside {
        client: Client::new(bus.clone()),
        // The bot may run in another process tomorrow, and must find what came to this one.
        blobs: args
            .blobs
            .clone()
            .unwrap_or_else(|| settings.folder.path().join("blobs")),
        ephemera,
        shared,
        zone: settings.zone.clone(),
        clock: clock.clone(),
        territory: there.clone(),
        invite: args.invite.clone(),
        suggests: false,
        holder: name.to_owned(),
    }
}

fn announce(settings: &Settings, name: &str, services: &[String], pages: Option<String>) {
    if settings.json {
        println!(
            "{}",
            serde_json::json!({ "connected": true, "name": name, "services": services, "data": settings.folder.path(), "pages": pages })
        );
        return;
    }
    let shown = settings.folder.path().display();
    println!("picket serves {} as {}", services.join(" "), name);
    // Whoever keeps the registry may import; the key of one that only sends or publishes may not.
    if services.iter().any(|service| service == "registry") {
        println!("  picket import my-county --data {shown} --yes    the first time");
    }
    println!("  picket chat --data {shown} --as PERSON          a person's phone");
    if let Some(address) = pages {
        println!("  http://{address}/live /ready /metrics");
    }
    println!("Ctrl-C gives its shards up and stops it.");
}

/// Says what is kept here as that changes.
fn tell(
    settings: &Settings,
    part: &Part,
    there: &Territory,
    mut shards: watch::Receiver<Vec<Shard>>,
) {
    let (json, of, jurisdictions) = (
        settings.json,
        part.shards as usize * part.books.len(),
        there.jurisdictions.len(),
    );
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
        println!(
            "{}",
            serde_json::json!({ "ready": true, "jurisdictions": jurisdictions, "shards": held, "of": of })
        );
    } else {
        println!("{jurisdictions} jurisdictions; {held} of {of} shards are kept here");
    }
}
