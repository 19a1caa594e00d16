//! The watch over a running process: spans and numbers computed from commits, and `/live`, `/ready`, `/metrics`.
//!
//! It follows what the cache publishes and decides nothing; without a collector (`PICKET_OTLP`) no span is made.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use picket_journal::BookName;
use picket_runtime::{Hindrance, Live, Shard};
use picket_telemetry::{Guard, TelemetrySettings};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::admin::status;
use crate::problem::{Exit, Failure};
use crate::projection::Asker;
use crate::telegram;

/// How often the numbers of the moment are taken.
const LOOK: Duration = Duration::from_secs(2);

/// Every so many looks it is counted how far this process is behind: that asks the store about every book it reads.
const COUNT: u64 = 15;

/// Starts telemetry as the environment says, under the name of the services and that of the process.
pub fn start(service: &str, instance: &str) -> Result<Arc<Guard>, Failure> {
    let settings = TelemetrySettings {
        instance: instance.to_owned(),
        secrets: telegram::secrets(),
        ..TelemetrySettings::new(service)
    };
    let settings = settings
        .with_env(|name| std::env::var(name).ok())
        .map_err(|why| Failure::usage(why.to_string(), "Leave the variable out, or correct it."))?;
    // Off the tasks: what it is made of may wait.
    picket_telemetry::start(settings)
        .map(Arc::new)
        .map_err(|why| {
            Failure::new(
                Exit::Storage,
                why.to_string(),
                "Leave PICKET_OTLP out to run without.",
            )
        })
}

/// Ends telemetry: what waits is sent first, though a page may still be open on it.
pub async fn end(guard: Arc<Guard>) {
    // A panic there was printed by its hook.
    drop(tokio::task::spawn_blocking(move || guard.end()).await);
}

/// Computes spans and numbers from what is published here, for ever.
pub async fn follow(
    guard: Arc<Guard>,
    live: Arc<Live>,
    mut shards: watch::Receiver<Vec<Shard>>,
    asker: Option<Asker>,
) {
    let cache = live.engine().cache.clone();
    let mut place = cache.place();
    let mut looks: u64 = 0;
    let mut look = tokio::time::interval(LOOK);
    loop {
        let changed = cache.changed();
        // What fell out of the window is not shown: a picture with a gap, and no fact is lost.
        if let Some((commits, end)) = cache.published_after(place) {
            place = end;
            for commit in commits {
                if BookName::parse(&commit.commit.book).is_ok_and(|book| live.keeps(&book)) {
                    guard.metrics().committed(&commit.commit);
                    guard.spans().committed(&commit.commit);
                } else {
                    guard.spans().read(&commit.commit);
                }
            }
        } else {
            place = cache.place();
        }
        tokio::select! {
            () = changed => continue,
            _ = look.tick() => {}
        }
        guard
            .metrics()
            .leases("shard", shards.borrow_and_update().len() as u64);
        let stopped = live
            .troubles()
            .iter()
            .filter(|trouble| trouble.hindrance == Hindrance::Stopped)
            .count();
        guard.metrics().stopped("all", stopped as u64);
        if looks.is_multiple_of(COUNT) {
            for (service, commits) in status::behind(&live, asker.as_ref()).await {
                guard.metrics().lag(&service, commits);
            }
        }
        looks += 1;
    }
}

/// The contents of the pages.
#[derive(Clone)]
pub struct Pages {
    /// The numbers.
    pub guard: Arc<Guard>,
    /// The readiness of the process: why it does not do its part, where it does not.
    pub ready: watch::Receiver<Result<(), String>>,
}

/// Serves `/live`, `/ready` and `/metrics`; answers the address it listens on.
pub async fn serve(at: SocketAddr, pages: Pages) -> Result<(SocketAddr, JoinHandle<()>), Failure> {
    let failed = |why: std::io::Error| {
        Failure::new(
            Exit::Busy,
            format!("{at} cannot be listened on: {why}"),
            "Name another address with `--listen`, or leave it out.",
        )
    };
    let listener = TcpListener::bind(at).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let router = Router::new()
        .route("/live", get(|| async { "live\n" }))
        .route(
            "/ready",
            get(|State(pages): State<Pages>| async move {
                match &*pages.ready.borrow() {
                    Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
                    Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
                }
            }),
        )
        .route(
            "/metrics",
            get(|State(pages): State<Pages>| async move { pages.guard.metrics().text() }),
        )
        .with_state(pages);
    let task = tokio::spawn(async move {
        // It ends with the process.
        drop(axum::serve(listener, router).await);
    });
    Ok((address, task))
}
