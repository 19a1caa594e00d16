//! `picket demo`: a year replayed silently, then one story told slowly.

use std::process::ExitCode;

use crate::cli::DemoArgs;
use crate::problem::Failure;
use crate::settings::Settings;

/// Runs it.
pub async fn run(_settings: &Settings, _args: DemoArgs) -> Result<ExitCode, Failure> {
    Ok(ExitCode::SUCCESS)
}
