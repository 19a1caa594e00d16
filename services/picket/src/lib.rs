//! The parts of the binary: the list of services, the wiring, and one module a command.
//!
//! It is the only place that names adapters. Everything below it is given what it needs and knows
//! neither files nor sockets nor the command line.

pub mod cli;
pub mod commands;
pub mod example;
pub mod help;
pub mod reach;
pub mod settings;
pub mod show;
pub mod warnings;

use std::process::ExitCode;

use picket_node::problem::Failure;

use crate::cli::{Cli, CliCommand};

/// Runs one command and turns its end into an exit code.
pub fn run(cli: Cli) -> ExitCode {
    let json = cli.json;
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("picket: this machine gives no threads: {error}");
            return ExitCode::from(4);
        }
    };
    let ended = runtime.block_on(Box::pin(dispatch(cli)));
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match ended {
        Ok(code) => code,
        Err(failure) => {
            tell(&failure, json);
            ExitCode::from(failure.exit as u8)
        }
    }
}

pub(crate) fn tell(failure: &Failure, json: bool) {
    if json {
        eprintln!(
            "{}",
            serde_json::json!({ "ok": false, "problem": failure.problem })
        );
    } else {
        eprintln!("picket: {}", failure.problem.title);
        if !failure.problem.hint.is_empty() {
            eprintln!("  hint: {}", failure.problem.hint);
        }
    }
}

async fn dispatch(cli: Cli) -> Result<ExitCode, Failure> {
    let settings = settings::CliSettings::gather(&cli)?;
    match cli.verb {
        CliCommand::Demo(args) => commands::demo::run(&settings, args).await,
        CliCommand::Up(args) => commands::up::run(&settings, args).await,
        CliCommand::Serve(args) => commands::serve::run(&settings, args).await,
        CliCommand::Import(args) => commands::import::run(&settings, args).await,
        CliCommand::Do(args) => commands::wish::run(&settings, args).await,
        CliCommand::Ask(args) => commands::ask::run(&settings, args).await,
        CliCommand::Chat(args) => commands::chat::run(&settings, args).await,
        CliCommand::Bulletin(args) => commands::bulletin::run(&settings, args).await,
        CliCommand::Replay(args) => commands::replay::run(&settings, args).await,
        CliCommand::Example(args) => commands::example::run(&settings, args),
        CliCommand::Verify(args) => commands::verify::run(&settings, args).await,
        CliCommand::Bench(args) => commands::bench::run(&settings, args).await,
        CliCommand::Map(args) => commands::map::run(&settings, args).await,
        CliCommand::Doctor(args) => commands::doctor::run(&settings, args).await,
        CliCommand::Keys(args) => commands::keys::run(&settings, args),
        CliCommand::Clock(args) => commands::clock::run(&settings, args).await,
    }
}
