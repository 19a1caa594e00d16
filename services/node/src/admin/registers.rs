//! The registers, which is what registries define: read from a journal, or asked of the process that keeps it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Bus, BusError, Client, subjects};
use picket_directory::Layer;
use picket_journal::Journal;
use picket_reading::CausalReader;
use picket_runtime::book_name;
use picket_schemas::Event;
use picket_schemas::registry::Territory;

use crate::problem::{Failure, cannot_keep};

/// Where whoever checks a file asks, with an empty request; the reply is a [`Layer`] for each jurisdiction.
const SUBJECT: &str = subjects::REGISTERS;
/// How long the reply is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why the running process does not say what its registers hold.
#[derive(Debug, thiserror::Error)]
pub enum RegistersError {
    /// The request or its reply was lost.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The reply is not one of this version.
    #[error(transparent)]
    Unreadable(#[from] serde_json::Error),
}

/// Asks the running process.
pub async fn ask(client: &Client) -> Result<Vec<Layer>, RegistersError> {
    let reply = client.bus().ask(SUBJECT, Vec::new(), PATIENCE).await?;
    Ok(serde_json::from_slice(&reply)?)
}

/// Serves what the registries define, for whoever checks a file against it.
pub async fn serve(bus: Arc<dyn Bus>, journal: Arc<dyn Journal>, territory: Territory) {
    let Ok(mut requests) = bus.serve(SUBJECT).await else {
        return;
    };
    while let Some(request) = requests.next().await {
        if let Ok(layers) = read(journal.clone(), &territory).await {
            request.reply(serde_json::to_vec(&layers).unwrap_or_default());
        }
    }
}

/// Reads what the registries of a territory define, a layer for each jurisdiction.
pub async fn read(journal: Arc<dyn Journal>, territory: &Territory) -> Result<Vec<Layer>, Failure> {
    let mut layers = Vec::new();
    for jurisdiction in territory.jurisdictions.keys() {
        let mut layer = Layer::new(jurisdiction.clone());
        let name = book_name("registry", jurisdiction).map_err(cannot_keep)?;
        let mut causal = CausalReader::new(journal.clone(), &[name], &BTreeMap::new());
        loop {
            let batch = causal.next(1_024).await.map_err(cannot_keep)?;
            if batch.is_empty() {
                break;
            }
            for event in batch
                .iter()
                .flat_map(|commit| &commit.commit.entries)
                .flat_map(|entry| &entry.events)
            {
                if let Event::Registry(event) = event {
                    layer.apply(event);
                }
            }
        }
        layers.push(layer);
    }
    Ok(layers)
}

#[cfg(test)]
mod wire_tests;
