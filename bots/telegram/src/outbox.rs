//! Outbox to the platform: the API client, the reachability of chats, and the lanes in which outputs are delivered.
//!
//! A message that cannot be sent is logged for the operator, and tells whether its chat is reachable. It does not
//! know the books, nor any session.

use picket_ephemera::Rank;
use tokio::time::Instant;

use crate::api_client::ApiClient;
use crate::api_error::ApiError;
use crate::blobs::Blobs;
use crate::lanes::Lanes;
use crate::log::Log;
use crate::output::ANSWER;
use crate::reachability::Reachability;
use crate::render;
use crate::settings::BotSettings;
use crate::shared_store::SharedStore;

/// Outbox to the platform.
pub(crate) struct Outbox {
    pub(crate) api: ApiClient,
    pub(crate) reachability: Reachability,
    pub(crate) blobs: Blobs,
    pub(crate) store: SharedStore,
    pub(crate) log: Log,
    /// Lanes of deliveries, one for each chat, behind the lanes in which updates are handled.
    pub(crate) deliveries: Lanes,
}

impl Outbox {
    pub(crate) fn new(api: ApiClient, settings: &BotSettings, store: SharedStore) -> Self {
        Self {
            api,
            reachability: Reachability::default(),
            blobs: Blobs::new(&settings.blobs),
            store,
            log: settings.redacted_log(),
            deliveries: Lanes::default(),
        }
    }

    /// Says something of the bot's own to an account.
    pub(crate) async fn say(&self, chat: i64, text: &str) {
        let deadline = Instant::now() + ANSWER;
        if let Err(error) = self
            .api
            .send(chat, &render::words(text), Rank::Answer, deadline)
            .await
        {
            self.not_sent(chat, &error);
        }
    }

    /// Takes note of an error that kept a message from its chat.
    pub(crate) fn not_sent(&self, chat: i64, error: &ApiError) {
        match error {
            ApiError::Unreachable(reason) => self.reachability.set_unreachable(chat, reason),
            other => self.log.warn(format!("a message was not sent: {other}")),
        }
    }
}
