//! The process around what is served: its bus, its clock, its socket and pages, and the tasks that end with it.
//!
//! It does not know what is served. What happens to it is a [`ProcessEvent`], said to whoever started it; how that is
//! printed is not known here.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use picket_bus::{Bus, Client};
use picket_ephemera::{Ephemera, MemoryEphemera};
use picket_runtime::{Clock, Live};
use picket_schemas::registry::Territory;
use picket_telemetry::Guard;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::plan::ProcessPlan;
use super::settings::ClusterArgs;
use crate::admin::driven_clock as driven;
use crate::admin::health::Health;
use crate::admin::status::ProcessIdentity;
use crate::folder::Folder;
use crate::observability::{self, Pages};
use crate::problem::Failure;
use crate::socket::SocketServer;
use crate::telegram::BotSurroundings;

/// How often the list of jurisdictions is read anew.
pub(super) const POLL: Duration = Duration::from_secs(2);

/// The settings of a process among many.
#[derive(Clone, Debug)]
pub struct ProcessSettings {
    /// The plan of what it serves.
    pub plan: ProcessPlan,
    /// The servers of the cluster.
    pub cluster: ClusterArgs,
    /// Its clock is set by whoever drives a test.
    pub driven: bool,
    /// The address of `/live`, `/ready` and `/metrics`, where they are served.
    pub listen: Option<SocketAddr>,
    /// The folder of photos, the same for all processes.
    pub blobs: PathBuf,
    /// The zone people live in.
    pub zone: TimeZone,
    /// The people to be invited to Telegram.
    pub invite: Vec<String>,
}

/// An event in the life of a process, for whoever started it.
#[derive(Clone, Copy, Debug)]
pub enum ProcessEvent<'a> {
    /// An edge knows that many jurisdictions: it can be used.
    EdgeReady {
        /// How many.
        jurisdictions: usize,
    },
    /// Its books were opened, for the first time or anew: no trouble was told of these.
    Opened,
    /// The shards it holds changed.
    ShardsChanged {
        /// The jurisdictions whose books are kept.
        jurisdictions: usize,
        /// The shards held here.
        held: usize,
        /// The shards of all services it serves.
        of: usize,
    },
    /// Its health was looked at.
    Health(&'a Health),
    /// Something is in the way and is tried again.
    Warning {
        /// The trouble.
        sentence: &'a str,
        /// The remedy, where one is known.
        hint: Option<&'a str>,
    },
}

/// A listener to the events of a process.
pub type Observer = Arc<dyn Fn(ProcessEvent<'_>) + Send + Sync>;

/// The connections of a process, before anybody can reach it.
pub(super) struct Connected {
    pub(super) bus: Arc<dyn Bus>,
    pub(super) clock: Clock,
    pub(super) guard: Arc<Guard>,
}

impl Connected {
    /// Opens its socket and its pages. Until it is ready they say what is `missing`; on a clock that somebody drives it
    /// answers how `kept` stands.
    pub(super) async fn open(
        self,
        settings: ProcessSettings,
        folder: &Folder,
        kept: watch::Receiver<Option<Arc<Live>>>,
        missing: &str,
    ) -> Result<Process, Failure> {
        let mut tasks = Vec::new();
        if settings.driven {
            tasks.push(tokio::spawn(driven::follow(
                self.bus.clone(),
                self.clock.clone(),
                settings.plan.part.name.clone(),
                kept,
            )));
        }
        // Commands with the same `--data` reach the cluster through this process.
        let socket = SocketServer::open(folder, self.bus.clone())?;
        let (is_ready, ready) = watch::channel(Err(missing.to_owned()));
        let mut pages = None;
        if let Some(at) = settings.listen {
            let guard = self.guard.clone();
            let (address, task) = observability::serve(at, Pages { guard, ready }).await?;
            pages = Some(address);
            tasks.push(task);
        }
        Ok(Process {
            settings,
            bus: self.bus,
            clock: self.clock,
            guard: self.guard,
            is_ready,
            pages,
            socket,
            tasks,
        })
    }
}

/// A process that can be reached.
pub struct Process {
    pub(super) settings: ProcessSettings,
    pub(super) bus: Arc<dyn Bus>,
    pub(super) clock: Clock,
    pub(super) guard: Arc<Guard>,
    is_ready: watch::Sender<Result<(), String>>,
    pages: Option<SocketAddr>,
    socket: SocketServer,
    tasks: Vec<JoinHandle<()>>,
}

impl Process {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.settings.plan.part.name
    }

    /// The address of its pages, where it serves them.
    pub fn pages(&self) -> Option<SocketAddr> {
        self.pages
    }

    /// Runs a task until the process ends.
    pub(super) fn run(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.push(tokio::spawn(task));
    }

    /// Its identity, the same as long as it runs.
    pub(super) fn identity(&self) -> ProcessIdentity {
        ProcessIdentity {
            process: self.name().to_owned(),
            since: self.clock.now(),
            services: self.settings.plan.services(),
            shards: self.settings.plan.part.shards,
        }
    }

    /// The surroundings of a bot in this process.
    pub(super) fn bot(&self, leases: &Arc<dyn Ephemera>, territory: &Territory) -> BotSurroundings {
        // Without Redis what the bot may lose is its own; of two of them Telegram then says which one receives.
        let shared = self.settings.cluster.redis.is_some();
        let ephemera: Arc<dyn Ephemera> = if shared {
            leases.clone()
        } else {
            Arc::new(MemoryEphemera::new())
        };
        BotSurroundings {
            client: Client::new(self.bus.clone()),
            // The bot may run in another process tomorrow, and must find what came to this one.
            blobs: self.settings.blobs.clone(),
            ephemera,
            shared,
            zone: self.settings.zone.clone(),
            clock: self.clock.clone(),
            territory: territory.clone(),
            invite: self.settings.invite.clone(),
            suggests: false,
            holder: self.name().to_owned(),
        }
    }

    /// Sets its readiness: why it does not do its part, where it does not.
    pub(super) fn ready(&self, ready: Result<(), String>) {
        drop(self.is_ready.send_replace(ready));
    }

    /// Ends it: nobody reaches it any more, and what telemetry has is sent.
    pub(super) async fn end(self) {
        for task in self.tasks {
            task.abort();
        }
        drop(self.socket);
        observability::end(self.guard).await;
    }
}
