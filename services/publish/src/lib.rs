//! The publisher of facts to other systems: each event of the journals as a CloudEvent, with public fields only.
//!
//! `picket serve publish` gives it a journal, a [`CheckpointStore`] and a [`Sink`]. It reads every book in causal order
//! and emits each fact at least once, always under the same id, which makes an idempotent consumer's key. What is
//! sealed is withheld until its release. Without a line in [`public`] an event type is told to nobody.
//!
//! It does not know what a broker is, who listens, or what a fact leads to; it decides nothing and writes no fact.

mod checkpoint;
mod checkpoint_store;
mod cloud;
pub mod public;
mod publisher;
mod seal;
mod sink;

pub use checkpoint_store::{CheckpointError, CheckpointStore, FileCheckpointStore};
pub use cloud::{CloudEvent, cloud_event};
pub use publisher::{PublishError, PublishProgress, Publisher, PublisherEnd};
pub use sink::{MemorySink, Sink, SinkError};

#[cfg(test)]
mod tests;
