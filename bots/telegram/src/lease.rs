//! The lease: of several replicas one receives and carries notices.
//!
//! It is kept while the bot runs and ends by itself soon after a process died. While the store that keeps it is
//! away, whoever had it goes on; after a while anybody may try, and the platform tells two apart, for it answers
//! only the one who asked last. Two for a moment are safe: the same update makes the same wishes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::bot::Bot;

/// How long it is good for, and how often it is renewed.
const GOOD_FOR: Duration = Duration::from_secs(8);
const RENEWED: Duration = Duration::from_secs(2);
/// After so long without the store one may go on without a lease.
const ALONE: Duration = Duration::from_secs(10);

/// What this process knows of it.
#[derive(Debug, Default)]
pub(crate) struct Lease(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    held: bool,
    /// Since when the store is away.
    away: Option<Instant>,
}

impl Lease {
    /// Whether this process may receive now: takes or renews the lease.
    pub(crate) async fn is_ours(&self, bot: &Bot) -> bool {
        let asked = bot.settings.ephemera.lease(&bot.key("receiver"), &bot.settings.holder, GOOD_FOR).await;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// The platform says that somebody else receives. Without the store to decide, this process makes room.
    pub(crate) fn makes_room(&self) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let away = known.away.is_some();
        if away {
            *known = Known { held: false, away: Some(Instant::now()) };
        }
        away
    }

    /// Gives it back, so that the next need not wait for its end.
    pub(crate) async fn give_back(&self, bot: &Bot) {
        // It ends by itself where it cannot be given back.
        drop(bot.settings.ephemera.release(&bot.key("receiver"), &bot.settings.holder).await);
    }
}
