//! `picket serve`: one process of many, on NATS and Redis.
//!
//! Settings, a process of `picket_node::clustered`, its announcement, then a wait for the signal.

mod announcement;

use std::process::ExitCode;
use std::sync::Arc;

use parking_lot::Mutex;
use picket_node::admin::driven_clock as driven;
use picket_node::clustered::books::BookProcess;
use picket_node::clustered::edge::EdgeProcess;
use picket_node::clustered::plan::ProcessPlan;
use picket_node::clustered::process::{Observer, ProcessSettings};
use picket_node::problem::{Exit, Failure};
use picket_node::signals::ShutdownSignal;

use crate::cli::{ServeArgs, ServeClock};
use crate::settings::CliSettings;
use crate::warnings::WarningPrinter;
use announcement::{announce, print};

/// Runs it.
pub async fn run(settings: &CliSettings, args: ServeArgs) -> Result<ExitCode, Failure> {
    let plan = ProcessPlan::new(&args.services, args.name.as_deref(), args.shards)?;
    if args.clock == ServeClock::Driven && !settings.test {
        return Err(driven::refused());
    }
    let owned = settings.folder.own()?;
    let observer = observer(settings);
    let (services, is_edge) = (plan.services(), plan.is_edge());
    let process = process_settings(settings, args, plan);
    if is_edge {
        let edge = EdgeProcess::start(process, owned).await?;
        let shutdown = ShutdownSignal::listen();
        announce(settings, &services, edge.process());
        edge.run(shutdown.received(), observer).await?;
        stopped(settings, "it kept nothing");
        return Ok(ExitCode::SUCCESS);
    }
    let books = BookProcess::start(process, owned).await?;
    let shutdown = ShutdownSignal::listen();
    announce(settings, &services, books.process());
    let broken = books.run(shutdown.received(), observer).await?;
    stopped(settings, "what was answered is on JetStream");
    Ok(if broken {
        ExitCode::from(Exit::Storage as u8)
    } else {
        ExitCode::SUCCESS
    })
}

/// The settings of the process.
fn process_settings(settings: &CliSettings, args: ServeArgs, plan: ProcessPlan) -> ProcessSettings {
    ProcessSettings {
        plan,
        cluster: args.cluster,
        driven: args.clock == ServeClock::Driven,
        listen: args.listen,
        blobs: args.blobs.unwrap_or_else(|| settings.folder.blobs()),
        zone: settings.zone.clone(),
        invite: args.invite,
    }
}

/// An observer that prints.
fn observer(settings: &CliSettings) -> Observer {
    let (settings, warnings) = (
        settings.clone(),
        Mutex::new(WarningPrinter::of_many(settings)),
    );
    Arc::new(move |event| print(&settings, &mut warnings.lock(), event))
}

/// Says that it ended well.
fn stopped(settings: &CliSettings, what: &str) {
    if !settings.json {
        println!("stopped; {what}");
    }
}
