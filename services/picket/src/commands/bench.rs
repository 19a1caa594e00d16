//! `picket bench`: measures, and prints what came of it.

use std::process::ExitCode;

use picket_bench::args::BenchArgs;
use picket_node::problem::Failure;

use crate::settings::CliSettings;
use crate::show;

/// Runs it.
pub async fn run(settings: &CliSettings, args: BenchArgs) -> Result<ExitCode, Failure> {
    let settings = picket_bench::BenchSettings {
        folder: settings.folder.clone(),
        folder_named: settings.folder_named,
        json: settings.json,
        table: |header, rows| show::table(header, rows, show::width()),
    };
    picket_bench::run(&settings, args).await
}
