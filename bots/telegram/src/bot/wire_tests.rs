//! Names of what a bot keeps for the next one, and a bot for such tests: bots of other versions look there.

use std::sync::Arc;

use picket_bus::{Bus, MemoryBus};
use picket_ephemera::{Ephemera, MemoryEphemera};

use super::*;
use crate::bot_api::BotApi;
use crate::channel::{CHANNEL, edge};
use crate::token::Token;

/// The time it is to it.
pub(crate) const NOW: &str = "2026-03-04T02:12:00.123Z";

/// A bot with the number 7000000001 that shares these with others and never gets as far as a platform.
pub(crate) fn bot(ephemera: &Arc<MemoryEphemera>, bus: Arc<dyn Bus>) -> Arc<ChatBot> {
    let token = Token::parse("7000000001:AAcanary-canary_canary-canary_canary").unwrap();
    let shared: Arc<dyn Ephemera> = ephemera.clone();
    let settings = BotSettings {
        clock: Arc::new(|| NOW.parse().unwrap()),
        ephemera: shared.clone(),
        shared: true,
        holder: "replica-1".to_owned(),
        ..BotSettings::alone(token.clone(), jiff::tz::TimeZone::UTC, "never made", |_| ())
    };
    let api = ApiClient::new(
        BotApi::new(token, Some("http://127.0.0.1:9")).unwrap(),
        shared,
        "telegram/7000000001".to_owned(),
    );
    let account = BotAccount {
        id: 7_000_000_001,
        name: "picket_bot".to_owned(),
    };
    let prefix = "telegram/7000000001".to_owned();
    Arc::new(ChatBot::new(
        account,
        Client::new(bus),
        settings,
        api,
        prefix,
    ))
}

/// The same over a bus nobody serves.
pub(crate) fn alone(ephemera: &Arc<MemoryEphemera>) -> Arc<ChatBot> {
    bot(ephemera, Arc::new(MemoryBus::new()))
}

#[tokio::test]
async fn what_a_bot_keeps_has_the_front_it_always_had() {
    assert_eq!(
        alone(&Arc::default()).outbox.store.key("receiver"),
        "telegram/7000000001/receiver"
    );
    assert_eq!(
        (CHANNEL, edge().as_str()),
        ("telegram", "telegram/operator")
    );
    // The buckets of its pace have the same front, which is given to them only once the platform has said its number.
    assert!(include_str!("../telegram.rs").contains(r#"format!("telegram/{}", me.id)"#));
}
