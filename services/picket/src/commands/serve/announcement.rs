//! The announcement of a process: what it serves and how it is reached, and what it keeps by now.

use std::net::SocketAddr;

use picket_node::clustered::Part;
use picket_runtime::Shard;
use picket_schemas::registry::Territory;
use tokio::sync::watch;

use crate::settings::Settings;

/// Says what it serves, once it is connected.
pub(super) fn announce(
    settings: &Settings,
    name: &str,
    services: &[String],
    pages: Option<SocketAddr>,
) {
    let pages = pages.map(|address| address.to_string());
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
pub(super) fn tell(
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

/// Says that it is ready, with how many shards of how many.
pub(super) fn say(json: bool, jurisdictions: usize, held: usize, of: usize) {
    if json {
        println!(
            "{}",
            serde_json::json!({ "ready": true, "jurisdictions": jurisdictions, "shards": held, "of": of })
        );
    } else {
        println!("{jurisdictions} jurisdictions; {held} of {of} shards are kept here");
    }
}
