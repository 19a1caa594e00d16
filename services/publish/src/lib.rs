//! Facts for other systems: each event of the journals as a CloudEvent, with public fields only.
//!
//! `picket serve publish` gives it a journal, a [`Shelf`] for its place and a [`Sink`]; it reads every book in
//! causal order and emits each fact at least once, always under the same id. What is sealed waits for its
//! release. Without a line in [`public`] an event type is told to nobody.
//!
//! It does not know what a broker is, who listens, or what a fact leads to; it decides nothing and writes no fact.

mod cloud;
mod order;
mod place;
pub mod public;
mod publisher;
mod seal;
mod shelf;
mod sink;

pub use cloud::{CloudEvent, cloud_event};
pub use publisher::{Ended, Progress, PublishError, Publisher};
pub use shelf::{FileShelf, PlaceError, Shelf};
pub use sink::{MemorySink, Sink, SinkError};

#[cfg(test)]
mod tests;
