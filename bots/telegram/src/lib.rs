//! Picket in Telegram: private chats for work, groups for the board.
//!
//! ```text
//!  Telegram ──getUpdates──► receive ─► a lane for each person ─► handle ─► dialogues ─► Session (conversation)
//!      ▲                       │ acknowledged once its effect is durable │     │
//!      └── api_client: pace, retry ◄─ delivery, behind that ◄── reply ────┘     └─► books, insight (bus)
//!                                        ▲                                               │
//!                                        └───── notices ◄──────── courier ◄──────────────┘
//! ```
//!
//! Three parts know nothing of each other: `books`, `outbox` and `dialogues`; `handle`, `notices` and `groups` join them.
//! Updates are delivered at least once, and handling one is idempotent: the ids of its wishes are derived from its
//! number. Everything kept here may be lost. It knows no task, order or rule; the token leaves it only as the address
//! of a call.

mod ack_window;
mod api_client;
mod api_error;
mod blobs;
mod books;
mod bot;
mod bot_api;
mod channel;
mod courier;
mod delivery;
mod dialogue;
mod dialogues;
mod edits;
mod groups;
mod handle;
mod invitation;
mod lanes;
mod lease;
mod log;
mod menu;
mod notices;
mod outbox;
mod output;
mod photos;
mod rate_limiter;
mod reachability;
mod receive;
mod render;
mod reply;
mod round;
mod session_store;
mod settings;
mod shared_store;
mod telegram;
mod token;
mod update;

pub use api_client::Counts;
pub use blobs::{BlobError, Blobs};
pub use channel::CHANNEL;
pub use invitation::Invitation;
pub use log::LogLine;
pub use settings::BotSettings;
pub use telegram::{RunError, Telegram, connect, run};
pub use token::{InvalidToken, Token};
