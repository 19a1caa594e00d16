//! The bus: how commands and questions travel between edges, books and transports.
//!
//! Three verbs over subjects and bytes; every subject stands in [`subjects`]. In one process the bus is memory; in a
//! cluster it is NATS request and reply. [`Client`] is what edges use: typed wishes, questions and notices. It decides
//! nothing, keeps nothing, and an answer that was lost on it is asked for again with the same command id.

mod client;
pub mod contract;
mod delivery;
mod memory;
mod message;
mod port;
mod random;
mod server;
pub mod subjects;

pub use client::{Client, NoticeStream, ScreenOutcome};
pub use delivery::{Carried, Carry, Carrying, Handed};
pub use memory::MemoryBus;
pub use message::{EdgeReply, EdgeRequest, Notice};
pub use port::{Bus, BusError, Request, Requests};
pub use random::random_hex;
pub use server::{serve_books, serve_questions};
