//! Reply to an update whose effect is durable: the outputs to be shown, and where.
//!
//! By then the update is acknowledged, so that a person who is shown much holds up nobody else. Delivery of a reply
//! is at least once: should the process end in between, and the update be delivered again, its outputs are shown
//! again unless it is known that they were. It does not know what led to them, nor how they are shown.

use std::sync::Arc;
use std::time::Duration;

use picket_conversation::Language;
use tokio::time::Instant;

use crate::output::{ANSWER, Output, Press};
use crate::session_store::SessionRecord;
use crate::shared_store::SharedStore;

/// Expiry of the memory which update a person was shown last.
const SHOWN_TTL: Duration = Duration::from_secs(48 * 60 * 60);

/// Reply to an update.
pub(crate) struct UpdateReply {
    pub(crate) update: u32,
    /// Private chat of its person.
    pub(crate) chat: i64,
    pub(crate) language: Language,
    pub(crate) outputs: Vec<Output>,
    pub(crate) deadline: Instant,
    /// Group the update came from, if from one.
    pub(crate) group: Option<i64>,
    pub(crate) press: Option<Arc<Press>>,
    pub(crate) album: Option<String>,
    /// Roles of a person whose menu may have changed.
    pub(crate) roles: Option<Vec<String>>,
}

impl UpdateReply {
    /// Reply in a private chat.
    pub(crate) fn new(update: u32, chat: i64, language: Language, outputs: Vec<Output>) -> Self {
        Self {
            update,
            chat,
            language,
            outputs,
            deadline: Instant::now() + ANSWER,
            group: None,
            press: None,
            album: None,
            roles: None,
        }
    }
}

/// Replies that were shown: the last of each person.
pub(crate) struct ShownReplies {
    store: SharedStore,
}

impl ShownReplies {
    pub(crate) fn new(store: SharedStore) -> Self {
        Self { store }
    }

    /// Marks the reply to an update as shown.
    pub(crate) async fn mark(&self, chat: i64, update: u32) {
        let shown = update.to_string();
        // A mark that is lost costs a card once more, and only if the update comes again.
        drop(
            self.store
                .put(&name(chat), shown.as_bytes(), SHOWN_TTL)
                .await,
        );
    }

    /// Outputs still to be shown of an update that had its effect before: deduplication. None for one that is new.
    pub(crate) async fn repeated(
        &self,
        chat: i64,
        record: &SessionRecord,
        update: u32,
    ) -> Option<Vec<Output>> {
        if update > record.handled {
            return None;
        }
        let shown: Option<u32> = self.store.number(&name(chat)).await;
        let open = update == record.handled && shown.is_none_or(|shown| shown < update);
        Some(if open {
            record.outputs.clone()
        } else {
            Vec::new()
        })
    }
}

/// Name of the mark of a chat.
fn name(chat: i64) -> String {
    format!("told/{chat}")
}

#[cfg(test)]
mod wire_tests;
