//! The journal on NATS JetStream, and the bus on NATS.
//!
//! The binary [`connect`]s when Picket runs as many processes, and opens a [`NatsJournal`] and a [`NatsBus`] on
//! the connection; everybody else sees them as a [`Journal`](picket_journal::Journal) and a
//! [`Bus`](picket_bus::Bus). JetStream is spoken to in its own JSON, so that each answer is read here.
//!
//! It does not know what a commit or a request says, nor which replica keeps which book.

mod admin;
mod api;
mod append;
mod batch;
mod bus;
mod call;
mod commit_message;
mod connect;
mod consumer;
mod costs;
mod events;
mod floor;
mod follow;
mod journal;
mod keys;
mod leader;
mod open;
mod retry;
mod settings;
mod single_attempt;
mod stream;
mod tail;
mod value;
mod writer;

pub use admin::{StreamError, StreamTimes, delete_stream, store_bytes, stream_times};
pub use async_nats::Client;
pub use bus::NatsBus;
pub use connect::{ConnectError, Credentials, NatsAccess, connect};
pub use events::{EventMessage, EventsError, NatsEvents};
pub use journal::NatsJournal;
pub use keys::{UserKey, new_key, public_of};
pub use open::NatsOpenError;
pub use settings::JournalSettings;
pub use value::{NatsValue, ValueError};
