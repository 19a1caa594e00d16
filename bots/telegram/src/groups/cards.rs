//! Cards of a group: which message shows the board, and which offers and bulletins are kept up to date.
//!
//! They lie in the shared store and may be lost; then a new board comes and older cards stay as they are. Cards from
//! the time when the group had another number are none of them: at the new one the same message is another one.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::OwnedMutexGuard;

use crate::outbox::Outbox;
use crate::render::RenderedMessage;

/// Expiry of a group's cards.
const CARDS_TTL: Duration = Duration::from_secs(48 * 60 * 60);
/// Bound on the cards of each kind that are kept up to date in a group.
const CARDS: usize = 20;

/// Cards of a group, as they are stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct GroupCards {
    pub(super) board: Option<PlacedCard>,
    pub(super) offers: Vec<PlacedCard>,
    pub(super) bulletins: Vec<PlacedCard>,
}

/// Card in its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PlacedCard {
    /// Number the group had then.
    pub(super) at: i64,
    pub(super) message: i32,
    /// Hash of its content.
    pub(super) shows: String,
    /// Subjects: sheets, or bulletins.
    pub(super) of: Vec<String>,
}

/// Locks of groups: one task at a time changes the cards of a group.
#[derive(Default)]
pub(super) struct GroupLocks(Mutex<HashMap<i64, Arc<tokio::sync::Mutex<()>>>>);

impl GroupLocks {
    pub(super) async fn lock(&self, chat: i64) -> OwnedMutexGuard<()> {
        let lock = self.0.lock().entry(chat).or_default().clone();
        lock.lock_owned().await
    }

    /// True while nobody holds the lock.
    pub(super) fn is_free(&self, chat: i64) -> bool {
        self.0
            .lock()
            .get(&chat)
            .is_none_or(|lock| lock.try_lock().is_ok())
    }
}

/// Keeps a card up to date, and the oldest no longer where there are too many.
pub(super) fn push(cards: &mut Vec<PlacedCard>, card: PlacedCard) {
    cards.push(card);
    if cards.len() > CARDS {
        cards.remove(0);
    }
}

/// Hash of a card's content, short.
pub(super) fn hash(message: &RenderedMessage) -> String {
    let buttons = serde_json::to_string(&message.buttons).unwrap_or_default();
    picket_schemas::commit::hash(format!("{}\n{buttons}", message.parts.join("\n")).as_bytes())
        [..16]
        .to_owned()
}

/// Loads the cards of a group; none where they cannot be known at present.
pub(super) async fn load(outbox: &Outbox, chat: i64) -> Option<GroupCards> {
    let bytes = outbox.store.get(&name(chat)).await.ok()?;
    let mut cards: GroupCards = bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let now = outbox.api.migrations.number_of(chat);
    cards.board = cards.board.filter(|card| card.at == now);
    cards.offers.retain(|card| card.at == now);
    cards.bulletins.retain(|card| card.at == now);
    Some(cards)
}

/// Loads the cards of a group; where they cannot be known, it has none.
pub(super) async fn load_or_none(outbox: &Outbox, chat: i64) -> GroupCards {
    load(outbox, chat).await.unwrap_or_default()
}

/// Saves the cards of a group.
pub(super) async fn save(outbox: &Outbox, chat: i64, cards: &GroupCards) {
    let bytes = serde_json::to_vec(cards).unwrap_or_default();
    // Cards that are lost cost a new board and nothing else.
    drop(outbox.store.put(&name(chat), &bytes, CARDS_TTL).await);
}

/// Name of the cards of a group.
fn name(chat: i64) -> String {
    format!("group/{chat}")
}

#[cfg(test)]
mod wire_tests;
