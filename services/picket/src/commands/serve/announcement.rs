//! The lines a process prints: what it serves and how it is reached, then what it keeps and what stands in its way.

use picket_node::clustered::process::{Process, ProcessEvent};

use crate::settings::CliSettings;
use crate::warnings::WarningPrinter;

/// Says what it serves, once it is connected.
pub(super) fn announce(settings: &CliSettings, services: &[String], process: &Process) {
    let name = process.name();
    let pages = process.pages().map(|address| address.to_string());
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

/// Prints an event of the process.
pub(super) fn print(
    settings: &CliSettings,
    warnings: &mut WarningPrinter,
    event: ProcessEvent<'_>,
) {
    match event {
        ProcessEvent::EdgeReady { jurisdictions } if settings.json => {
            say(true, jurisdictions, 0, 0)
        }
        ProcessEvent::EdgeReady { jurisdictions } => {
            println!("{jurisdictions} jurisdictions; commands with this folder reach them");
        }
        ProcessEvent::Opened => warnings.reset(),
        ProcessEvent::ShardsChanged {
            jurisdictions,
            held,
            of,
        } => say(settings.json, jurisdictions, held, of),
        ProcessEvent::Health(health) => warnings.print(health),
        ProcessEvent::Warning {
            sentence,
            hint: Some(hint),
        } => eprintln!("picket: {sentence}\n  hint: {hint}"),
        ProcessEvent::Warning { sentence, .. } => eprintln!("picket: {sentence}"),
    }
}

/// Says that it is ready, with how many shards of how many.
fn say(json: bool, jurisdictions: usize, held: usize, of: usize) {
    if json {
        println!(
            "{}",
            serde_json::json!({ "ready": true, "jurisdictions": jurisdictions, "shards": held, "of": of })
        );
    } else {
        println!("{jurisdictions} jurisdictions; {held} of {of} shards are kept here");
    }
}
