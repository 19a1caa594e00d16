//! A process that keeps books: it opens its part of them, and opens them anew whenever the list of jurisdictions grew.

use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use picket_node::admin::clock;
use picket_node::admin::status::{self, ProcessIdentity};
use picket_node::admin::{driven_clock as driven, territory};
use picket_node::clustered::Clustered;
use picket_node::clustered::connection::Cluster;
use picket_node::folder::Owned;
use picket_node::observability;
use picket_node::problem::{Exit, Failure};
use picket_node::projection::Asker;
use picket_node::signals::ShutdownSignal;
use picket_node::telegram;
use picket_runtime::{Clock, Live};
use picket_schemas::registry::Territory;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::announcement::tell;
use super::plan::Plan;
use super::process::{Connected, Process};
use super::{LOOK, beside, called};
use crate::cli::{ServeArgs, ServeClock};
use crate::settings::Settings;
use crate::warnings::Watch;

/// Runs it.
pub(super) async fn run(
    settings: &Settings,
    args: &ServeArgs,
    plan: &Plan,
) -> Result<ExitCode, Failure> {
    let owned = settings.folder.own()?;
    let services = plan.services();
    let (cluster, connected) = connect(args, &plan.part.name).await?;
    let (keeping, kept) = watch::channel(None);
    let missing = "no jurisdiction is there yet";
    let mut process = connected.open(args, &owned.folder, kept, missing).await?;
    serve_imports(&mut process, &cluster, plan);
    let (seeing, looking) = watch::channel(None);
    let myself = process.myself(&services, plan.part.shards);
    process.run(status::serve(cluster.bus.clone(), move || {
        sight(myself.clone(), looking.borrow().clone())
    }));
    let shutdown = ShutdownSignal::listen();
    tokio::pin! {
        let shutdown = shutdown.received();
    }
    process.announce(settings, &services);
    let mut books = Books {
        settings,
        args,
        plan,
        owned: &owned,
        cluster: &cluster,
        process: &process,
        keeping,
        seeing,
        known: Territory::default(),
        site: None,
        bot: None,
        watching: None,
        watch: None,
        unread: None,
    };
    books.keep(shutdown).await?;
    let broken = books.close().await;
    process.end().await;
    if !settings.json {
        println!("stopped; what was answered is on JetStream");
    }
    Ok(if broken {
        ExitCode::from(Exit::Storage as u8)
    } else {
        ExitCode::SUCCESS
    })
}

/// Connects to the journal, the bus and the leases, all of them watched.
async fn connect(args: &ServeArgs, name: &str) -> Result<(Cluster, Connected), Failure> {
    let guard = observability::start(&called(args), name)?;
    let mut cluster = Cluster::connect(&args.cluster, &format!("picket {name}")).await?;
    cluster.metrics = Some(guard.metrics().clone());
    cluster.bus = picket_telemetry::TracedBus::around(cluster.bus, guard.spans());
    cluster.journal = picket_telemetry::TimedJournal::around(cluster.journal, guard.metrics());
    let clock = match args.clock {
        ServeClock::Real => Clock::anchored(cluster.now),
        ServeClock::Driven => driven::clock(cluster.bus.as_ref(), name).await?,
    };
    let connected = Connected {
        name: name.to_owned(),
        bus: cluster.bus.clone(),
        clock,
        guard,
    };
    Ok((cluster, connected))
}

/// Serves what is asked by whoever imports the first county, before any book is kept.
fn serve_imports(process: &mut Process, cluster: &Cluster, plan: &Plan) {
    let (bus, journal, part) = (&cluster.bus, &cluster.journal, &plan.part);
    if part.insight || !part.books.is_empty() {
        process.run(clock::serve(bus.clone(), process.clock.clone()));
    }
    if part.knows_registers() {
        process.run(territory::tell(bus.clone(), journal.clone()));
    }
    if part.books.iter().any(|service| service == "registry") {
        process.run(territory::serve(bus.clone(), journal.clone()));
    }
}

type Kept = (Arc<Live>, status::Held, Option<Asker>);

/// What this process says of itself, with whatever it keeps by now.
async fn sight(myself: ProcessIdentity, kept: Option<Kept>) -> status::ProcessStatus {
    match kept {
        Some((live, held, asker)) => status::sight(&myself, &held, &live, asker.as_ref()).await,
        None => myself.bare(),
    }
}

/// The books this process keeps, and what goes on around them.
struct Books<'a> {
    settings: &'a Settings,
    args: &'a ServeArgs,
    plan: &'a Plan,
    owned: &'a Owned,
    cluster: &'a Cluster,
    process: &'a Process,
    /// Tells a driven clock, and whoever asks who keeps what, what is kept by now.
    keeping: watch::Sender<Option<Arc<Live>>>,
    seeing: watch::Sender<Option<Kept>>,
    /// The jurisdictions whose books are kept.
    known: Territory,
    site: Option<Clustered>,
    bot: Option<telegram::Running>,
    /// Computes spans and numbers.
    watching: Option<JoinHandle<()>>,
    /// Says what a person must look at.
    watch: Option<Watch>,
    /// Why the list of jurisdictions could not be read, where that was said already.
    unread: Option<String>,
}

/// What came of opening the books anew.
enum Opened {
    Yes,
    NotYet,
    /// The process is to stop.
    Stopped,
}

impl Books<'_> {
    /// Keeps the books of the jurisdictions there are, until the process is to stop.
    async fn keep(
        &mut self,
        mut shutdown: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), Failure> {
        loop {
            let read = territory::read(self.cluster.journal.as_ref()).await;
            let away = read
                .as_ref()
                .err()
                .map(|why| format!("the jurisdictions cannot be read at present: {why}"));
            if let Some(why) = away
                .as_ref()
                .filter(|why| self.unread.as_ref() != Some(*why))
            {
                eprintln!("picket: {why}");
            }
            if let Ok((there, _)) = read
                && there != self.known
            {
                match self.open(there, shutdown.as_mut()).await? {
                    Opened::Yes => {}
                    Opened::NotYet => {
                        sleep(LOOK).await;
                        continue;
                    }
                    Opened::Stopped => return Ok(()),
                }
            }
            if let Some(watch) = &mut self.watch {
                watch.look().await;
            }
            self.process
                .ready(readiness(away.as_ref(), self.site.as_ref()));
            self.unread = away;
            tokio::select! {
                () = shutdown.as_mut() => return Ok(()),
                () = sleep(LOOK) => {}
            }
        }
    }

    /// Closes what was kept, and opens the books of these jurisdictions.
    async fn open(
        &mut self,
        there: Territory,
        shutdown: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<Opened, Failure> {
        let process = self.process;
        process.ready(Err("the books are being opened".to_owned()));
        if let Some(before) = self.site.take() {
            before.close().await;
        }
        self.owned.set_territory(&there)?;
        let (part, clock) = (&self.plan.part, process.clock.clone());
        let opened = tokio::select! {
            opened = Clustered::open(self.cluster, self.owned, &there, part, clock) => opened,
            () = shutdown => return Ok(Opened::Stopped),
        };
        match opened {
            Ok(site) => {
                self.connect(site, there).await?;
                Ok(Opened::Yes)
            }
            Err(why) => {
                eprintln!(
                    "picket: {}; tried again\n  hint: {}",
                    why.problem.title, why.problem.hint
                );
                process.ready(Err(why.problem.title));
                self.known = Territory::default();
                Ok(Opened::NotYet)
            }
        }
    }

    /// Connects what goes on around the books with those just opened.
    async fn connect(&mut self, mut site: Clustered, there: Territory) -> Result<(), Failure> {
        let process = self.process;
        if self.plan.publish {
            site.publish(self.cluster, &process.name).await;
        }
        let (live, asker) = (site.live().clone(), site.asker());
        self.keeping.send_replace(Some(live.clone()));
        self.seeing
            .send_replace(Some((live.clone(), site.held().clone(), asker.clone())));
        tell(self.settings, &self.plan.part, &there, site.shards());
        let watching = observability::follow(
            process.guard.clone(),
            live.clone(),
            site.shards(),
            asker.clone(),
        );
        if let Some(before) = self.watching.replace(tokio::spawn(watching)) {
            before.abort();
        }
        if self.plan.bot && self.bot.is_none() {
            let leases = &self.cluster.leases;
            self.bot = telegram::start(beside(self.settings, self.args, process, leases, &there))?;
        }
        self.watch = Some(Watch::of_many(live, asker, self.settings.clone()));
        self.known = there;
        self.site = Some(site);
        Ok(())
    }

    /// Closes everything; whether the store broke on the way.
    async fn close(self) -> bool {
        self.process.ready(Err("it is going down".to_owned()));
        if let Some(bot) = self.bot {
            bot.close().await;
        }
        let broken = self.site.as_ref().is_some_and(|site| site.live().broken());
        if let Some(site) = self.site {
            site.close().await;
        }
        if let Some(watching) = self.watching {
            watching.abort();
        }
        broken
    }
}

/// Whether this process does its part; why not, where it does not.
fn readiness(away: Option<&String>, site: Option<&Clustered>) -> Result<(), String> {
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
