//! `picket clock`: what time it is in a running Picket, and letting its bells ring again.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use picket_bus::{Bus, Client, subjects};
use picket_runtime::Clock;
use serde::{Deserialize, Serialize};

use crate::cli::ClockArgs;
use crate::problem::Failure;
use crate::reach::Reach;
use crate::settings::Settings;

const SUBJECT: &str = subjects::CLOCK;

/// What a running Picket says of its clock.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClockView {
    /// The instant there.
    pub now: Timestamp,
    /// Whether bells wait for a person.
    pub held: bool,
}

/// Asks the running process; `None` where none runs or it does not say.
pub async fn of(client: &Client) -> Option<ClockView> {
    let reply = client
        .bus()
        .ask(SUBJECT, b"look".to_vec(), Duration::from_secs(2))
        .await
        .ok()?;
    serde_json::from_slice(&reply).ok()
}

/// What time it is in the running process; where none runs or it does not say, what the machine's clock says.
pub async fn now(client: &Client) -> Timestamp {
    of(client)
        .await
        .map_or_else(crate::reach::now, |clock| clock.now)
}

/// Serves the clock on a bus.
pub async fn serve(bus: Arc<dyn Bus>, clock: Clock) {
    let Ok(mut requests) = bus.serve(SUBJECT).await else {
        return;
    };
    while let Some(request) = requests.next().await {
        if request.body == b"confirm" {
            clock.confirm();
        }
        let view = ClockView {
            now: clock.now(),
            held: clock.held(),
        };
        request.reply(serde_json::to_vec(&view).unwrap_or_default());
    }
}

/// Runs it.
pub async fn run(settings: &Settings, args: ClockArgs) -> Result<ExitCode, Failure> {
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
    let body = if confirm {
        b"confirm".to_vec()
    } else {
        b"look".to_vec()
    };
    let reply = reach
        .client()
        .bus()
        .ask(SUBJECT, body, Duration::from_secs(5))
        .await
        .map_err(|why| Failure::usage(why.to_string(), "Is `picket up` still running?"))?;
    let view: ClockView = serde_json::from_slice(&reply).map_err(|_| {
        Failure::usage(
            "the answer could not be read",
            "Both sides must run the same version of Picket.",
        )
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
