//! `picket serve`: one process of many, on NATS and Redis.

mod announcement;
mod books;
mod edge;
mod plan;
mod process;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use picket_bus::Client;
use picket_ephemera::{Ephemera, MemoryEphemera};
use picket_node::admin::driven_clock as driven;
use picket_node::problem::Failure;
use picket_node::telegram::Beside;
use picket_schemas::registry::Territory;

use crate::cli::{ServeArgs, ServeClock};
use crate::settings::Settings;
use process::Process;

pub(crate) use plan::services;

/// How often it is looked whether there are new jurisdictions.
const LOOK: Duration = Duration::from_secs(2);

/// Runs it.
pub async fn run(settings: &Settings, args: ServeArgs) -> Result<ExitCode, Failure> {
    let plan = plan::plan(&args)?;
    if args.clock == ServeClock::Driven && !settings.test {
        return Err(driven::refused());
    }
    if plan.is_edge() {
        return edge::run(settings, &args, &plan.part.name, plan.bot).await;
    }
    books::run(settings, &args, &plan).await
}

/// What traces and numbers call it: all of Picket, or the services it was told to serve.
fn called(args: &ServeArgs) -> String {
    [&["picket".to_owned()], args.services.as_slice()]
        .concat()
        .join("-")
}

/// What the bot needs of the process it runs in.
fn beside(
    settings: &Settings,
    args: &ServeArgs,
    process: &Process,
    leases: &Arc<dyn Ephemera>,
    there: &Territory,
) -> Beside {
    // Without Redis what the bot may lose is its own; of two of them Telegram then says which one receives.
    let shared = args.cluster.redis.is_some();
    let ephemera: Arc<dyn Ephemera> = if shared {
        leases.clone()
    } else {
        Arc::new(MemoryEphemera::new())
    };
    Beside {
        client: Client::new(process.bus.clone()),
        // The bot may run in another process tomorrow, and must find what came to this one.
        blobs: args
            .blobs
            .clone()
            .unwrap_or_else(|| settings.folder.blobs()),
        ephemera,
        shared,
        zone: settings.zone.clone(),
        clock: process.clock.clone(),
        territory: there.clone(),
        invite: args.invite.clone(),
        suggests: false,
        holder: process.name.clone(),
    }
}
