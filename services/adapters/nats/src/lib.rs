//! The journal on NATS JetStream, and the bus on NATS.
//!
//! The binary [`connect`]s when Picket runs as many processes, and opens a [`NatsJournal`] and a [`NatsBus`] on
//! the connection; everybody else sees them as a [`Journal`](picket_journal::Journal) and a
//! [`Bus`](picket_bus::Bus). JetStream is spoken to in its own JSON, so that each answer is read here.
//!
//! It does not know what a commit or a request says, nor which replica keeps which book.

mod batch;
mod bus;
mod call;
mod connect;
mod costs;
mod direct;
mod ends;
mod events;
mod floor;
mod follow;
mod journal;
mod keys;
mod open;
mod pull;
mod stream;
mod subject;
mod value;
mod writer;

pub use async_nats::Client;
pub use bus::NatsBus;
pub use connect::{Access, ConnectError, Credentials, connect};
pub use events::{EventMessage, EventsError, NatsEvents};
pub use journal::NatsJournal;
pub use keys::{Key, new_key, public_of};
pub use open::{OpenError, Settings};
pub use value::{NatsValue, ValueError};
