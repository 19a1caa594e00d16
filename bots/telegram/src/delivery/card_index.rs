//! Index of cards: which message shows which card, and which card a message shows.
//!
//! It lies in the shared store. An entry that is lost costs a new message and nothing else.

use std::time::Duration;

use crate::shared_store::SharedStore;

/// Expiry of an entry.
const CARD_TTL: Duration = Duration::from_secs(48 * 60 * 60);

/// Index of cards.
pub(super) struct CardIndex<'a> {
    store: &'a SharedStore,
}

impl<'a> CardIndex<'a> {
    pub(super) fn new(store: &'a SharedStore) -> Self {
        Self { store }
    }

    /// Message that shows a card, as far as that is known. One that shows another card by now does not.
    pub(super) async fn message_of(&self, chat: i64, key: &str) -> Option<i32> {
        let message = self.store.number(&card_name(chat, key)).await?;
        let shows = self
            .store
            .get(&message_name(chat, message))
            .await
            .ok()
            .flatten()?;
        (shows == key.as_bytes()).then_some(message)
    }

    /// Notes that a card stands at a message from now on.
    pub(super) async fn note(&self, chat: i64, key: &str, message: i32) {
        let number = message.to_string();
        drop(
            self.store
                .put(&card_name(chat, key), number.as_bytes(), CARD_TTL)
                .await,
        );
        drop(
            self.store
                .put(&message_name(chat, message), key.as_bytes(), CARD_TTL)
                .await,
        );
    }
}

fn card_name(chat: i64, key: &str) -> String {
    format!(
        "card/{chat}/{}",
        picket_schemas::commit::hash(key.as_bytes())
    )
}

fn message_name(chat: i64, message: i32) -> String {
    format!("message/{chat}/{message}")
}

#[cfg(test)]
mod wire_tests;
