//! The clock of a running Picket: what time it is there, and a person's word that bells which wait may ring.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use picket_bus::{Bus, BusError, Client, subjects};
use picket_runtime::Clock;
use serde::{Deserialize, Serialize};

use crate::ids;

/// Where a running Picket is asked.
const SUBJECT: &str = subjects::CLOCK;

/// A request to the clock of a running Picket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockRequest {
    /// Say how it stands.
    Look,
    /// Let the bells ring that wait for a person, and say how it stands then.
    Confirm,
}

impl ClockRequest {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Look => b"look".to_vec(),
            Self::Confirm => b"confirm".to_vec(),
        }
    }

    /// Words that are not known only look: a later version may have more.
    fn parse(bytes: &[u8]) -> Self {
        if bytes == b"confirm" {
            Self::Confirm
        } else {
            Self::Look
        }
    }
}

/// The reply: how the clock of a running Picket stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClockView {
    /// The instant there.
    pub now: Timestamp,
    /// True while bells wait for a person.
    pub held: bool,
}

/// Why the clock of a running Picket is not known.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// The request or its reply was lost.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The reply is not one of this version.
    #[error("the answer could not be read")]
    Unreadable,
}

/// Serves the clock on a bus.
pub async fn serve(bus: Arc<dyn Bus>, clock: Clock) {
    let Ok(mut requests) = bus.serve(SUBJECT).await else {
        return;
    };
    while let Some(request) = requests.next().await {
        match ClockRequest::parse(&request.body) {
            ClockRequest::Look => {}
            ClockRequest::Confirm => clock.confirm(),
        }
        let view = ClockView {
            now: clock.now(),
            held: clock.held(),
        };
        request.reply(serde_json::to_vec(&view).unwrap_or_default());
    }
}

/// Asks the running process.
pub async fn ask(
    client: &Client,
    request: ClockRequest,
    patience: Duration,
) -> Result<ClockView, ClockError> {
    let reply = client.bus().ask(SUBJECT, request.bytes(), patience).await?;
    serde_json::from_slice(&reply).map_err(|_| ClockError::Unreadable)
}

/// The clock of the running process; `None` where none runs or it does not say.
pub async fn of(client: &Client) -> Option<ClockView> {
    ask(client, ClockRequest::Look, Duration::from_secs(2))
        .await
        .ok()
}

/// The time in the running process; where none runs or it does not say, that of this machine.
pub async fn now(client: &Client) -> Timestamp {
    of(client).await.map_or_else(ids::now, |clock| clock.now)
}

#[cfg(test)]
mod wire_tests;
