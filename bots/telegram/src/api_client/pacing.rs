//! Pacing of the API client: turns of chats under the rate limit, and pauses the platform asked for.

use std::time::Duration;

use picket_ephemera::{PacedChat, Rank};
use tokio::time::Instant;

use crate::api_client::ApiClient;
use crate::api_error::ApiError;

impl ApiClient {
    /// Waits for the turn of a chat, the most pressing first.
    pub(crate) async fn turn(
        &self,
        chat: i64,
        rank: Rank,
        deadline: Instant,
    ) -> Result<(), ApiError> {
        if let Some(until) = self.rests_until(chat).filter(|until| *until >= deadline) {
            return Err(ApiError::RetryAfter(until.duration_since(Instant::now())));
        }
        self.turn_at(&place(chat), rank, deadline).await
    }

    pub(super) async fn turn_at(
        &self,
        place: &PacedChat,
        rank: Rank,
        deadline: Instant,
    ) -> Result<(), ApiError> {
        let turn = tokio::time::timeout_at(deadline, self.pace.turn(place, rank)).await;
        turn.map_err(|_| ApiError::RetryAfter(Duration::from_secs(1)))
    }

    /// Pauses a chat, as the platform asked.
    pub(super) fn pause(&self, chat: i64, wait: Duration) {
        self.pace.rest(&place(chat), wait);
        let mut pauses = self.pauses.lock();
        let now = Instant::now();
        pauses.retain(|_, end| *end > now);
        pauses.insert(chat, now + wait);
    }

    /// Waits for the end of a chat's pause.
    pub(super) async fn rested(&self, chat: i64, deadline: Instant) -> Result<(), ApiError> {
        match self.rests_until(chat) {
            Some(until) if until >= deadline => {
                Err(ApiError::RetryAfter(until.duration_since(Instant::now())))
            }
            Some(until) => {
                tokio::time::sleep_until(until).await;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// End of a chat's pause, if it has one.
    fn rests_until(&self, chat: i64) -> Option<Instant> {
        self.pauses
            .lock()
            .get(&chat)
            .copied()
            .filter(|until| *until > Instant::now())
    }
}

/// The place of a chat under the rate limit: groups have numbers below zero.
fn place(chat: i64) -> PacedChat {
    if chat < 0 {
        PacedChat::Group(chat.to_string())
    } else {
        PacedChat::Private(chat.to_string())
    }
}
