//! The clock of a test: it stands until whoever drives the test says where to, on subjects of the bus.
//!
//! A process asks for the present instant when it starts, moves when it is told and says how it stands then: what
//! it keeps, and whether any of that had something to say. Who drives knows from these answers that every book has
//! read all there is. Leases and beats go by the machine's clock all the same.
//! It does not know what is tested, and no process with people before it runs on it: see [`refused`].

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use picket_bus::{Bus, subjects};
use picket_runtime::{Clock, Live};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::problem::{Exit, Failure};

/// Where processes are told what time it is; each answers how it [`Stands`].
pub const SUBJECT: &str = subjects::TEST_CLOCK;
/// Where a process that starts asks for the present instant.
pub const PRESENT: &str = subjects::TEST_CLOCK_PRESENT;
/// How long it asks, how long each time, and the pause before the next time.
const PATIENCE: Duration = Duration::from_secs(30);
const ATTEMPT: Duration = Duration::from_secs(2);
const AGAIN: Duration = Duration::from_millis(50);

/// The time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// The instant.
    pub now: Timestamp,
}

/// How a process stands at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stands {
    /// Which process.
    pub name: String,
    /// Where its clock stands.
    pub now: Timestamp,
    /// The books it keeps.
    pub keeps: Vec<String>,
    /// True where none of them had anything to say when it looked at all there is.
    pub rests: bool,
}

/// Why nobody's work goes by such a clock.
pub fn refused() -> Failure {
    let title = "`--clock driven` lets somebody else say what time it is, and this is no test";
    Failure::usage(
        title,
        "Leave it out. For a test set PICKET_TEST=yes, or `test = true` in picket.toml.",
    )
}

/// A clock that stands at the present instant of the test.
pub async fn clock(bus: &dyn Bus, name: &str) -> Result<Clock, Failure> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        let said = bus.ask(PRESENT, name.into(), ATTEMPT).await.ok();
        if let Some(present) = said.and_then(|body| serde_json::from_slice::<Present>(&body).ok()) {
            return Ok(Clock::driven(present.now));
        }
        sleep(AGAIN).await;
    }
    Err(Failure::new(
        Exit::Unknown,
        format!("nobody says on `{PRESENT}` what time it is"),
        "Start what drives the test first, or leave `--clock driven` out.",
    ))
}

/// Moves the clock as it is told, and answers how this process stands then, for ever.
pub async fn follow(
    bus: Arc<dyn Bus>,
    clock: Clock,
    name: String,
    kept: watch::Receiver<Option<Arc<Live>>>,
) {
    loop {
        let Ok(mut told) = bus.serve(SUBJECT).await else {
            sleep(AGAIN).await;
            continue;
        };
        while let Some(request) = told.next().await {
            let Ok(present) = serde_json::from_slice::<Present>(&request.body) else {
                continue;
            };
            clock.set(present.now);
            let live = kept.borrow().clone();
            let looked = match live {
                Some(live) => live.run_round().await,
                None => picket_runtime::Round {
                    books: Vec::new(),
                    rests: true,
                },
            };
            let keeps = looked.books.iter().map(ToString::to_string).collect();
            let stands = Stands {
                name: name.clone(),
                now: clock.now(),
                keeps,
                rests: looked.rests,
            };
            request.reply(serde_json::to_vec(&stands).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use picket_bus::MemoryBus;

    use super::*;

    #[tokio::test]
    async fn a_process_begins_at_the_present_instant_of_the_test_and_moves_when_it_is_told() {
        let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        let mut asked = bus.serve(PRESENT).await.expect("the bus serves");
        let driver = tokio::spawn(async move {
            let request = asked.next().await.expect("the process asks");
            request.reply(
                serde_json::to_vec(&Present {
                    now: at("2023-12-25T00:30:00Z"),
                })
                .expect("JSON"),
            );
        });
        let clock = clock(bus.as_ref(), "one")
            .await
            .unwrap_or_else(|_| panic!("somebody drives"));
        driver.await.expect("the driver answers");
        assert_eq!(clock.now(), at("2023-12-25T00:30:00Z"));
        let following = tokio::spawn(follow(
            bus.clone(),
            clock.clone(),
            "one".into(),
            watch::channel(None).1,
        ));
        let later = serde_json::to_vec(&Present {
            now: at("2023-12-26T00:00:00Z"),
        })
        .expect("JSON");
        let mut answer = None;
        for _ in 0..1_000 {
            answer = bus.ask(SUBJECT, later.clone(), ATTEMPT).await.ok();
            if answer.is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        let stands: Stands =
            serde_json::from_slice(&answer.expect("the process follows")).expect("JSON");
        assert_eq!(
            (stands.name.as_str(), stands.now, stands.rests),
            ("one", at("2023-12-26T00:00:00Z"), true)
        );
        assert_eq!(clock.now(), at("2023-12-26T00:00:00Z"));
        following.abort();
    }
}
