//! The registers, which is what registries define: asked of the running process, or read in the folder.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Bus, Client, subjects};
use picket_directory::Layer;
use picket_import::KnownRecords;
use picket_journal::Journal;
use picket_reading::CausalReader;
use picket_runtime::book_name;
use picket_schemas::Event;
use picket_schemas::registry::Territory;

use crate::desk::{cannot_keep, open_journal};
use crate::folder::Owned;
use crate::problem::Failure;

/// Where whoever checks a file asks for it.
pub(super) const SUBJECT: &str = subjects::REGISTERS;

/// What the registries define already: as the running process says, or as the folder holds it.
pub(super) async fn known(
    running: Option<&Client>,
    owned: Option<&Owned>,
    territory: &Territory,
) -> Result<KnownRecords, Failure> {
    let layers = match (running, owned) {
        (Some(client), _) if !territory.jurisdictions.is_empty() => {
            let unread = |why: String| {
                Failure::usage(
                    format!("the running Picket does not say what it knows: {why}"),
                    "Both sides must run the same version; nothing was written.",
                )
            };
            let reply = client
                .bus()
                .ask(SUBJECT, Vec::new(), Duration::from_secs(20))
                .await
                .map_err(|why| unread(why.to_string()))?;
            serde_json::from_slice(&reply).map_err(|why| unread(why.to_string()))?
        }
        (None, Some(owned)) if !territory.jurisdictions.is_empty() => {
            layers(open_journal(owned)?, territory).await?
        }
        _ => Vec::new(),
    };
    Ok(if layers.is_empty() {
        KnownRecords::default()
    } else {
        KnownRecords::from_layers(&layers)
    })
}

/// Serves what the registries define, for whoever checks a file against it.
pub async fn serve(bus: Arc<dyn Bus>, journal: Arc<dyn Journal>, territory: Territory) {
    let Ok(mut requests) = bus.serve(SUBJECT).await else {
        return;
    };
    while let Some(request) = requests.next().await {
        if let Ok(layers) = layers(journal.clone(), &territory).await {
            request.reply(serde_json::to_vec(&layers).unwrap_or_default());
        }
    }
}

async fn layers(journal: Arc<dyn Journal>, territory: &Territory) -> Result<Vec<Layer>, Failure> {
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
