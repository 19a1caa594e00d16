//! A process through which people reach the books, and no more: `picket serve telegram` and `picket serve edge`.
//!
//! It reads no journal and keeps nothing, so its key opens none: what it knows of jurisdictions and of the time it
//! asks. Commands with the same `--data` reach the cluster through its socket.
//!
//! The loop asks which jurisdictions there are, starts the bot once there are any, and ends with the shutdown. Its
//! price is one request every two seconds. Why an edge has a key that opens no journal: decision 0021.

use std::time::Duration;

use picket_bus::Client;
use picket_runtime::Clock;
use picket_schemas::registry::Territory;
use tokio::sync::watch;

use super::connection::Edge;
use super::process::{Connected, Observer, POLL, Process, ProcessEvent, ProcessSettings};
use crate::admin::{clock, driven_clock as driven, status, territory};
use crate::folder::Owned;
use crate::observability;
use crate::problem::Failure;
use crate::telegram;

/// How often the books are asked what time it is, until one says; then the machine's clock is believed.
const TRIES: u32 = 3;

/// An edge that can be reached.
pub struct EdgeProcess {
    edge: Edge,
    process: Process,
    /// Let go last.
    owned: Owned,
}

impl EdgeProcess {
    /// Connects it and opens its socket and its pages.
    pub async fn start(settings: ProcessSettings, owned: Owned) -> Result<Self, Failure> {
        let (edge, connected) = connect(&settings).await?;
        let missing = "nobody says yet which jurisdictions there are";
        let mut process = connected
            .open(settings, &owned.folder, watch::channel(None).1, missing)
            .await?;
        let identity = process.identity();
        process.run(status::serve(process.bus.clone(), move || {
            std::future::ready(identity.bare())
        }));
        Ok(Self {
            edge,
            process,
            owned,
        })
    }

    /// The process around it.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Runs it until the shutdown.
    pub async fn run(
        self,
        shutdown: impl Future<Output = ()>,
        observer: Observer,
    ) -> Result<(), Failure> {
        let process = self.process;
        tokio::pin!(shutdown);
        let mut known = Territory::default();
        let mut bot = None;
        loop {
            let there = tokio::select! {
                there = territory::told(process.bus.as_ref()) => there.filter(|there| *there != known && !there.jurisdictions.is_empty()),
                () = &mut shutdown => break,
            };
            if let Some(there) = there {
                self.owned.set_territory(&there)?;
                if process.settings.plan.bot && bot.is_none() {
                    bot = telegram::start(process.bot(&self.edge.leases, &there))?;
                }
                observer(ProcessEvent::EdgeReady {
                    jurisdictions: there.jurisdictions.len(),
                });
                known = there;
                process.ready(Ok(()));
            }
            tokio::select! {
                () = &mut shutdown => break,
                () = tokio::time::sleep(POLL) => {}
            }
        }
        process.ready(Err("it is going down".to_owned()));
        if let Some(bot) = bot {
            bot.close().await;
        }
        process.end().await;
        Ok(())
    }
}

/// Connects to the bus and the leases, watched.
async fn connect(settings: &ProcessSettings) -> Result<(Edge, Connected), Failure> {
    let name = &settings.plan.part.name;
    let guard = observability::start(&settings.plan.traced_as, name)?;
    let edge = Edge::connect(&settings.cluster, &format!("picket {name}")).await?;
    let bus = picket_telemetry::TracedBus::around(edge.bus.clone(), guard.spans());
    let clock = if settings.driven {
        driven::clock(bus.as_ref(), name).await?
    } else {
        now(&Client::new(bus.clone())).await
    };
    Ok((edge, Connected { bus, clock, guard }))
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
