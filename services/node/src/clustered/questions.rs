//! Questions to a process that reads every journal: answered from its projection, once that has read up.

use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Client, EdgeRequest};
use picket_runtime::Engine;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::connection::Cluster;
use crate::problem::{Exit, Failure};
use crate::projection::{self, Asker};

/// How long reading up waits before it is tried again.
const PAUSE: Duration = Duration::from_millis(250);

/// Serves them.
pub(super) async fn serve(
    cluster: &Cluster,
    engine: &Arc<Engine>,
    asker: Asker,
) -> Result<JoinHandle<()>, Failure> {
    let (client, engine) = (Client::new(cluster.bus.clone()), engine.clone());
    // Who just started has read nothing yet, and must not be the first to say that nobody of that name is there.
    let (reads_up, has_read) = watch::channel(false);
    let (behind, reading) = (engine.clone(), asker.clone());
    tokio::spawn(async move {
        let reading_up = async {
            while !projection::read_up(&behind, &reading).await {
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::select! {
            () = reads_up.closed() => {}
            () = reading_up => drop(reads_up.send_replace(true)),
        }
    });
    let answer = move |_, wanted: EdgeRequest| {
        let (client, engine, asker, has_read) = (
            client.clone(),
            engine.clone(),
            asker.clone(),
            has_read.clone(),
        );
        async move {
            if !*has_read.borrow() {
                return None;
            }
            Some(
                projection::answer(
                    &asker,
                    &client,
                    &engine.territory,
                    engine.clock.now(),
                    wanted,
                )
                .await,
            )
        }
    };
    picket_bus::serve_questions(cluster.bus.clone(), answer)
        .await
        .map_err(|why| Failure::new(Exit::Storage, why.to_string(), "Is NATS up? Start again."))
}
