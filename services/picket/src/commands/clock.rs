//! `picket clock`: what time it is in a running Picket, and letting its bells ring again.

use std::process::ExitCode;
use std::time::Duration;

use picket_node::admin::clock::{self, ClockError, ClockRequest};
use picket_node::problem::Failure;

use crate::cli::ClockArgs;
use crate::reach::Reach;
use crate::settings::CliSettings;

/// Runs it.
pub async fn run(settings: &CliSettings, args: ClockArgs) -> Result<ExitCode, Failure> {
    let confirm = match args.what.as_deref() {
        None => false,
        Some("confirm") => true,
        Some(other) => {
            return Err(Failure::usage(
                format!("`picket clock {other}` is nothing"),
                "Say `picket clock` or `picket clock confirm`.",
            ));
        }
    };
    let reach = Reach::open(settings, &[]).await?;
    if !reach.running() {
        reach.close().await;
        return Err(Failure::usage(
            "no Picket runs on this folder",
            "Start it with `picket up`; only a running Picket has a clock.",
        ));
    }
    let request = if confirm {
        ClockRequest::Confirm
    } else {
        ClockRequest::Look
    };
    let view = clock::ask(&reach.client(), request, Duration::from_secs(5))
        .await
        .map_err(|why| match why {
            ClockError::Bus(_) => Failure::usage(why.to_string(), "Is `picket up` still running?"),
            ClockError::Unreadable => Failure::usage(
                why.to_string(),
                "Both sides must run the same version of Picket.",
            ),
        })?;
    if settings.json {
        println!(
            "{}",
            serde_json::json!({ "now": view.now, "held": view.held })
        );
    } else {
        println!(
            "{}",
            view.now
                .to_zoned(settings.zone.clone())
                .strftime("%Y-%m-%d %H:%M:%S %Z")
        );
        println!(
            "{}",
            if view.held {
                "bells wait: `picket clock confirm` lets them ring"
            } else {
                "bells ring"
            }
        );
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod wire_tests;
