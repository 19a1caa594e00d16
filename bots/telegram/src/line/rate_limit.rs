//! The rate limit: when a chat may be written to, and which ones the platform asked to leave alone.

use std::sync::PoisonError;
use std::time::Duration;

use picket_ephemera::{Place, Rank};
use tokio::time::Instant;

use crate::line::Line;
use crate::trouble::Trouble;

impl Line {
    /// Waits until a chat may be written to, the most pressing first.
    pub(crate) async fn turn(
        &self,
        chat: i64,
        rank: Rank,
        deadline: Instant,
    ) -> Result<(), Trouble> {
        if let Some(until) = self.rests_until(chat).filter(|until| *until >= deadline) {
            return Err(Trouble::RetryAfter(until.duration_since(Instant::now())));
        }
        self.turn_at(&place(chat), rank, deadline).await
    }

    pub(super) async fn turn_at(
        &self,
        place: &Place,
        rank: Rank,
        deadline: Instant,
    ) -> Result<(), Trouble> {
        let turn = tokio::time::timeout_at(deadline, self.pace.turn(place, rank)).await;
        turn.map_err(|_| Trouble::RetryAfter(Duration::from_secs(1)))
    }

    pub(super) fn leave_alone(&self, chat: i64, wait: Duration) {
        self.pace.rest(&place(chat), wait);
        let mut pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        pauses.retain(|_, end| *end > now);
        pauses.insert(chat, now + wait);
    }

    /// Waits while the platform asked to leave a chat alone.
    pub(super) async fn rested(&self, chat: i64, deadline: Instant) -> Result<(), Trouble> {
        match self.rests_until(chat) {
            Some(until) if until >= deadline => {
                Err(Trouble::RetryAfter(until.duration_since(Instant::now())))
            }
            Some(until) => {
                tokio::time::sleep_until(until).await;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Until when the platform asked to leave a chat alone.
    fn rests_until(&self, chat: i64) -> Option<Instant> {
        self.pauses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&chat)
            .copied()
            .filter(|until| *until > Instant::now())
    }
}

/// Groups have numbers below zero.
fn place(chat: i64) -> Place {
    if chat < 0 {
        Place::Group(chat.to_string())
    } else {
        Place::Private(chat.to_string())
    }
}
