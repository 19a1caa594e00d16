//! The lease: of several replicas one receives and carries notices.
//!
//! It is kept while the bot runs and ends by itself soon after a process died. While the store that keeps it is
//! away, whoever had it goes on; after a while anybody may try, and the platform tells two apart, for it answers
//! only the one who asked last. Where replicas share no store the platform alone tells them apart: who hears that
//! another one receives makes room for it, each time for longer. Two for a moment are safe: the same update makes
//! the same wishes, and only who receives carries notices.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::bot::Bot;

/// How long it is good for, and how often it is renewed.
const GOOD_FOR: Duration = Duration::from_secs(8);
const RENEWED: Duration = Duration::from_secs(2);
/// After so long without the store one may go on without a lease.
const ALONE: Duration = Duration::from_secs(10);
/// How long room is made at first without a store of all, and at the most.
const ROOM: Duration = Duration::from_secs(15);
const MOST_ROOM: Duration = Duration::from_secs(300);

/// What this process knows of it.
#[derive(Debug, Default)]
pub(crate) struct Lease(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    held: bool,
    /// Since when the store is away.
    away: Option<Instant>,
    /// Room is made until then, and for how long that was.
    room: Option<(Instant, Duration)>,
}

impl Lease {
    /// Whether this process may receive now: takes or renews the lease.
    pub(crate) async fn is_ours(&self, bot: &Bot) -> bool {
        if !bot.settings.shared {
            return self
                .known()
                .room
                .is_none_or(|(until, _)| until <= Instant::now());
        }
        let asked = bot
            .settings
            .ephemera
            .lease(&bot.key("receiver"), &bot.settings.holder, GOOD_FOR)
            .await;
        let mut known = self.known();
        match asked {
            Ok(lease) => {
                known.away = None;
                known.held = lease.is_some();
                known.held
            }
            Err(_) => known.away.get_or_insert_with(Instant::now).elapsed() > ALONE || known.held,
        }
    }

    /// Ends when another process has it.
    pub(crate) async fn lost(&self, bot: &Bot) {
        while self.is_ours(bot).await {
            tokio::time::sleep(RENEWED).await;
        }
    }

    /// The platform says that somebody else receives. Without a store of all to decide, this process makes room.
    pub(crate) fn makes_room(&self, shared: bool) -> bool {
        let mut known = self.known();
        if !shared {
            let time = known
                .room
                .map_or(ROOM, |(_, before)| (before * 2).min(MOST_ROOM));
            known.room = Some((Instant::now() + time, time));
            return true;
        }
        let away = known.away.is_some();
        if away {
            *known = Known {
                held: false,
                away: Some(Instant::now()),
                room: None,
            };
        }
        away
    }

    /// Gives it back, so that the next need not wait for its end.
    pub(crate) async fn give_back(&self, bot: &Bot) {
        // It ends by itself where it cannot be given back.
        drop(
            bot.settings
                .ephemera
                .release(&bot.key("receiver"), &bot.settings.holder)
                .await,
        );
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn without_a_store_of_all_room_is_made_for_longer_each_time_and_not_for_ever() {
        let lease = Lease::default();
        for seconds in [15, 30, 60, 120, 240, 300, 300] {
            assert!(lease.makes_room(false));
            let (until, _) = lease.known().room.expect("room is made");
            assert_eq!(
                until.duration_since(Instant::now()),
                Duration::from_secs(seconds)
            );
        }
    }

    #[tokio::test]
    async fn with_a_store_of_all_the_lease_decides_and_not_the_platform() {
        assert!(!Lease::default().makes_room(true));
    }
}
