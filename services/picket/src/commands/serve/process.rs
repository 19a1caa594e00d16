//! The process around what is served: its bus, its clock, its socket and pages, and the tasks that end with it.
//!
//! It does not know what is served.

use std::net::SocketAddr;
use std::sync::Arc;

use picket_bus::Bus;
use picket_node::admin::driven_clock as driven;
use picket_node::admin::status::ProcessIdentity;
use picket_node::folder::Folder;
use picket_node::observability::{self, Pages};
use picket_node::problem::Failure;
use picket_node::socket::SocketServer;
use picket_runtime::{Clock, Live};
use picket_telemetry::Guard;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::announcement;
use crate::cli::{ServeArgs, ServeClock};
use crate::settings::Settings;

/// What a process has once it is connected, before anybody can reach it.
pub(super) struct Connected {
    pub(super) name: String,
    pub(super) bus: Arc<dyn Bus>,
    pub(super) clock: Clock,
    pub(super) guard: Arc<Guard>,
}

impl Connected {
    /// Opens its socket and its pages. Until it is ready they say what is `missing`; on a clock that somebody drives it
    /// answers how `kept` stands.
    pub(super) async fn open(
        self,
        args: &ServeArgs,
        folder: &Folder,
        kept: watch::Receiver<Option<Arc<Live>>>,
        missing: &str,
    ) -> Result<Process, Failure> {
        let mut tasks = Vec::new();
        if args.clock == ServeClock::Driven {
            tasks.push(tokio::spawn(driven::follow(
                self.bus.clone(),
                self.clock.clone(),
                self.name.clone(),
                kept,
            )));
        }
        // Commands with the same `--data` reach the cluster through this process.
        let socket = SocketServer::open(folder, self.bus.clone())?;
        let (is_ready, ready) = watch::channel(Err(missing.to_owned()));
        let mut pages = None;
        if let Some(at) = args.listen {
            let guard = self.guard.clone();
            let (address, task) = observability::serve(at, Pages { guard, ready }).await?;
            pages = Some(address);
            tasks.push(task);
        }
        Ok(Process {
            name: self.name,
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
pub(super) struct Process {
    pub(super) name: String,
    pub(super) bus: Arc<dyn Bus>,
    pub(super) clock: Clock,
    pub(super) guard: Arc<Guard>,
    is_ready: watch::Sender<Result<(), String>>,
    pages: Option<SocketAddr>,
    socket: SocketServer,
    tasks: Vec<JoinHandle<()>>,
}

impl Process {
    /// Runs a task until the process ends.
    pub(super) fn run(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.push(tokio::spawn(task));
    }

    /// What stays the same of it as long as it runs.
    pub(super) fn myself(&self, services: &[String], shards: u32) -> ProcessIdentity {
        ProcessIdentity {
            process: self.name.clone(),
            since: self.clock.now(),
            services: services.to_vec(),
            shards,
        }
    }

    /// Says what it serves and how it is reached.
    pub(super) fn announce(&self, settings: &Settings, services: &[String]) {
        announcement::announce(settings, &self.name, services, self.pages);
    }

    /// Whether it does its part; why not, where it does not.
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
