//! A process that keeps books: it opens its part of them, and opens them anew whenever the list of jurisdictions grew.
//!
//! The loop reads the list of jurisdictions, opens the books of those it names, looks at the health of what is open,
//! and ends with the shutdown. Its events go to the [`Observer`]. Its price: the list is read whole every two seconds,
//! and while books are opened anew none of them answers here. Why shards come and go: decision 0019.

use std::pin::Pin;
use std::sync::Arc;

use picket_runtime::{Clock, Live, Shard};
use picket_schemas::registry::Territory;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::Clustered;
use super::connection::Cluster;
use super::plan::ProcessPlan;
use super::process::{Connected, Observer, POLL, Process, ProcessEvent, ProcessSettings};
use crate::admin::health_watch::HealthWatch;
use crate::admin::status::{self, ProcessIdentity};
use crate::admin::{clock, driven_clock as driven, territory};
use crate::folder::Owned;
use crate::observability;
use crate::problem::Failure;
use crate::projection::Asker;
use crate::telegram;

/// A process with books that can be reached, before the first is open.
pub struct BookProcess {
    cluster: Cluster,
    process: Process,
    keeping: watch::Sender<Option<Arc<Live>>>,
    seeing: watch::Sender<Option<Kept>>,
    /// Let go last.
    owned: Owned,
}

impl BookProcess {
    /// Connects it, opens its socket and its pages, and serves what the first import asks.
    pub async fn start(settings: ProcessSettings, owned: Owned) -> Result<Self, Failure> {
        let (cluster, connected) = connect(&settings).await?;
        let (keeping, kept) = watch::channel(None);
        let missing = "no jurisdiction is there yet";
        let mut process = connected
            .open(settings, &owned.folder, kept, missing)
            .await?;
        serve_imports(&mut process, &cluster);
        let (seeing, looking) = watch::channel(None);
        let identity = process.identity();
        process.run(status::serve(cluster.bus.clone(), move || {
            sight(identity.clone(), looking.borrow().clone())
        }));
        Ok(Self {
            cluster,
            process,
            keeping,
            seeing,
            owned,
        })
    }

    /// The process around the books.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Keeps its books until the shutdown; true where the store broke on the way.
    pub async fn run(
        self,
        shutdown: impl Future<Output = ()>,
        observer: Observer,
    ) -> Result<bool, Failure> {
        tokio::pin!(shutdown);
        let mut books = OpenBooks {
            plan: &self.process.settings.plan,
            owned: &self.owned,
            cluster: &self.cluster,
            process: &self.process,
            keeping: self.keeping,
            seeing: self.seeing,
            observer,
            known: Territory::default(),
            node: None,
            bot: None,
            telemetry: None,
            health: None,
            unread: None,
        };
        books.keep(shutdown).await?;
        let broken = books.close().await;
        self.process.end().await;
        Ok(broken)
    }
}

/// Connects to the journal, the bus and the leases, all of them watched.
async fn connect(settings: &ProcessSettings) -> Result<(Cluster, Connected), Failure> {
    let name = &settings.plan.part.name;
    let guard = observability::start(&settings.plan.traced_as, name)?;
    let mut cluster = Cluster::connect(&settings.cluster, &format!("picket {name}")).await?;
    cluster.metrics = Some(guard.metrics().clone());
    cluster.bus = picket_telemetry::TracedBus::around(cluster.bus, guard.spans());
    cluster.journal = picket_telemetry::TimedJournal::around(cluster.journal, guard.metrics());
    let clock = if settings.driven {
        driven::clock(cluster.bus.as_ref(), name).await?
    } else {
        Clock::anchored(cluster.now)
    };
    let bus = cluster.bus.clone();
    Ok((cluster, Connected { bus, clock, guard }))
}

/// Serves what is asked by whoever imports the first county, before any book is kept.
fn serve_imports(process: &mut Process, cluster: &Cluster) {
    let (bus, journal) = (&cluster.bus, &cluster.journal);
    let part = process.settings.plan.part.clone();
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

/// The books that are open, the shards held, and the projection beside them.
type Kept = (Arc<Live>, status::Held, Option<Asker>);

/// The status of this process, with whatever it keeps by now.
async fn sight(identity: ProcessIdentity, kept: Option<Kept>) -> status::ProcessStatus {
    match kept {
        Some((live, held, asker)) => status::sight(&identity, &held, &live, asker.as_ref()).await,
        None => identity.bare(),
    }
}

/// The books this process keeps, and what goes on around them.
struct OpenBooks<'a> {
    plan: &'a ProcessPlan,
    owned: &'a Owned,
    cluster: &'a Cluster,
    process: &'a Process,
    /// The books kept by now, for a driven clock and for whoever asks who keeps what.
    keeping: watch::Sender<Option<Arc<Live>>>,
    seeing: watch::Sender<Option<Kept>>,
    observer: Observer,
    /// The jurisdictions whose books are kept.
    known: Territory,
    node: Option<Clustered>,
    bot: Option<telegram::Running>,
    /// The task that computes spans and numbers.
    telemetry: Option<JoinHandle<()>>,
    health: Option<HealthWatch>,
    /// The reason why the list of jurisdictions could not be read, where that was said already.
    unread: Option<String>,
}

/// The outcome of opening the books anew.
enum Opened {
    Yes,
    NotYet,
    /// The process is to stop.
    Stopped,
}

impl OpenBooks<'_> {
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
                (self.observer)(ProcessEvent::Warning {
                    sentence: why,
                    hint: None,
                });
            }
            if let Ok((there, _)) = read
                && there != self.known
            {
                match self.open(there, shutdown.as_mut()).await? {
                    Opened::Yes => {}
                    Opened::NotYet => {
                        sleep(POLL).await;
                        continue;
                    }
                    Opened::Stopped => return Ok(()),
                }
            }
            if let Some(watch) = &mut self.health {
                (self.observer)(ProcessEvent::Health(&watch.look().await));
            }
            self.process
                .ready(readiness(away.as_ref(), self.node.as_ref()));
            self.unread = away;
            tokio::select! {
                () = shutdown.as_mut() => return Ok(()),
                () = sleep(POLL) => {}
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
        if let Some(before) = self.node.take() {
            before.close().await;
        }
        self.owned.set_territory(&there)?;
        let (part, clock) = (&self.plan.part, process.clock.clone());
        let opened = tokio::select! {
            opened = Clustered::open(self.cluster, self.owned, &there, part, clock) => opened,
            () = shutdown => return Ok(Opened::Stopped),
        };
        match opened {
            Ok(node) => {
                self.connect(node, there).await?;
                Ok(Opened::Yes)
            }
            Err(why) => {
                (self.observer)(ProcessEvent::Warning {
                    sentence: &format!("{}; tried again", why.problem.title),
                    hint: Some(&why.problem.hint),
                });
                process.ready(Err(why.problem.title));
                self.known = Territory::default();
                Ok(Opened::NotYet)
            }
        }
    }

    /// Connects what goes on around the books with those just opened.
    async fn connect(&mut self, mut node: Clustered, there: Territory) -> Result<(), Failure> {
        let process = self.process;
        if self.plan.publish {
            node.publish(self.cluster, process.name()).await;
        }
        let (live, asker) = (node.live().clone(), node.asker());
        self.keeping.send_replace(Some(live.clone()));
        self.seeing
            .send_replace(Some((live.clone(), node.held().clone(), asker.clone())));
        (self.observer)(ProcessEvent::Opened);
        self.tell_shards(there.jurisdictions.len(), node.shards());
        let telemetry = observability::follow(
            process.guard.clone(),
            live.clone(),
            node.shards(),
            asker.clone(),
        );
        if let Some(before) = self.telemetry.replace(tokio::spawn(telemetry)) {
            before.abort();
        }
        if self.plan.bot && self.bot.is_none() {
            self.bot = telegram::start(process.bot(&self.cluster.leases, &there))?;
        }
        self.health = Some(HealthWatch::new(live, asker));
        self.known = there;
        self.node = Some(node);
        Ok(())
    }

    /// Tells how many shards are held, as that changes.
    fn tell_shards(&self, jurisdictions: usize, mut shards: watch::Receiver<Vec<Shard>>) {
        let part = &self.plan.part;
        let of = part.shards as usize * part.books.len();
        let observer = self.observer.clone();
        let tell = move |held: usize| {
            observer(ProcessEvent::ShardsChanged {
                jurisdictions,
                held,
                of,
            });
        };
        if part.books.is_empty() {
            return tell(0);
        }
        tokio::spawn(async move {
            while shards.changed().await.is_ok() {
                let held = shards.borrow_and_update().len();
                tell(held);
            }
        });
    }

    /// Closes everything; true where the store broke on the way.
    async fn close(self) -> bool {
        self.process.ready(Err("it is going down".to_owned()));
        if let Some(bot) = self.bot {
            bot.close().await;
        }
        let broken = self.node.as_ref().is_some_and(|node| node.live().broken());
        if let Some(node) = self.node {
            node.close().await;
        }
        if let Some(telemetry) = self.telemetry {
            telemetry.abort();
        }
        broken
    }
}

/// The readiness of this process: why it does not do its part, where it does not.
fn readiness(away: Option<&String>, node: Option<&Clustered>) -> Result<(), String> {
    if let Some(why) = away {
        return Err(why.clone());
    }
    let Some(node) = node else {
        return Err("no jurisdiction is there yet".to_owned());
    };
    match node.asker().and_then(|asker| asker.stands().1) {
        Some(why) => Err(format!("insight does not get on: {why}")),
        None => Ok(()),
    }
}
