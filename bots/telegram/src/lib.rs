//! Picket in Telegram: private chats for work, groups for the board.
//!
//! ```text
//!  Telegram ──getUpdates──► receive ─► a lane for each person ─► handle ─► talk ─► Session (conversation)
//!      ▲                       │ confirmed once its effect is durable │         │
//!      └──── line: pace, retry ◄─── show, behind that ◄──── left ─────┘         └─► books, insight (bus)
//!                                     ▲                                                  │
//!                                     └───── notices ◄──────── courier ◄─────────────────┘
//! ```
//!
//! An update has its effect once, however often it is delivered: its number makes the ids of what is wished.
//! Everything kept here may be lost. It knows no task, order or rule; the token leaves it only as the address
//! of a call.

mod api;
mod blobs;
mod bot;
mod edits;
mod gate;
mod groups;
mod handle;
mod invite;
mod lanes;
mod lease;
mod left;
mod line;
mod menu;
mod notices;
mod photos;
mod reach;
mod receive;
mod render;
mod seats;
mod settings;
mod show;
mod talk;
mod telegram;
mod token;
mod trouble;
mod update;
mod window;

pub use blobs::{BlobError, Blobs};
pub use bot::CHANNEL;
pub use invite::{Invitation, invite};
pub use line::Counts;
pub use settings::{Settings, Told};
pub use telegram::{CannotRun, Telegram, connect, run};
pub use token::{NotAToken, Token};
