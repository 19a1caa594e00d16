//! The events of the assignment loop: heartbeats from the bus, rounds, and the end.

use std::sync::Arc;

use picket_bus::{Bus, Requests};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::shards::heartbeat::{self, Heartbeat};

/// Everything that wakes the loop.
pub(super) enum AssignmentEvent {
    /// A replica, be it this one, says what it holds.
    Heartbeat(Heartbeat),
    /// A round is due.
    RoundDue,
    /// It is told to stop.
    Stopped,
}

/// The source of events.
pub(super) struct AssignmentEvents {
    bus: Arc<dyn Bus>,
    stop: watch::Receiver<bool>,
    /// The subscription to heartbeats; none while the bus does not take it.
    heartbeats: Option<Requests>,
    rounds: Interval,
}

impl AssignmentEvents {
    pub(super) async fn new(bus: Arc<dyn Bus>, stop: watch::Receiver<bool>) -> Self {
        let heartbeats = bus.serve(heartbeat::SUBJECT).await.ok();
        let mut rounds = interval(heartbeat::INTERVAL);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            bus,
            stop,
            heartbeats,
            rounds,
        }
    }

    pub(super) async fn next(&mut self) -> AssignmentEvent {
        loop {
            let heartbeats = &mut self.heartbeats;
            let heartbeat = async {
                match heartbeats {
                    Some(heartbeats) => heartbeats.next().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = async { drop(self.stop.wait_for(|stop| *stop).await) } => return AssignmentEvent::Stopped,
                // The others are heard before anything is done about their silence.
                request = heartbeat => match request.map(|request| serde_json::from_slice(&request.body)) {
                    Some(Ok(heartbeat)) => return AssignmentEvent::Heartbeat(heartbeat),
                    // Of another kind or version: it says nothing here.
                    Some(Err(_)) => {}
                    None => self.heartbeats = None,
                },
                _ = self.rounds.tick() => {
                    if self.heartbeats.is_none() {
                        self.heartbeats = self.bus.serve(heartbeat::SUBJECT).await.ok();
                    }
                    return AssignmentEvent::RoundDue;
                }
            }
        }
    }

    /// Makes the next round due at once.
    pub(super) fn round_at_once(&mut self) {
        self.rounds.reset_immediately();
    }
}
