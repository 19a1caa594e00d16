//! Channel of this bot: the name registry and courier know it by, who it is on the bus, and its own account.

use picket_schemas::PersonId;

/// Name of the channel, as the registry and courier write it.
pub const CHANNEL: &str = "telegram";

/// Account of the bot itself on the platform.
#[derive(Clone, Debug)]
pub(crate) struct BotAccount {
    pub(crate) id: i64,
    /// Name to link to, without the `@`.
    pub(crate) name: String,
}

/// Person in whose name the edge itself asks: the operator, where nobody in a chat asks.
pub(crate) fn edge() -> PersonId {
    PersonId::from("telegram/operator")
}
