//! The sink of CloudEvents: one verb, and the reference that keeps them in memory.

use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;

use crate::cloud::CloudEvent;

/// Delivers CloudEvents, at least once.
///
/// `Ok` acknowledges that all of them are kept where they were sent. After an error any of them may have arrived: they
/// are emitted again, with the same ids.
#[async_trait]
pub trait Sink: Send + Sync + 'static {
    /// Emits these, in this order.
    async fn emit(&self, events: &[CloudEvent]) -> Result<(), SinkError>;
}

/// It is not known that everything arrived; the same will be emitted again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("events could not be emitted: {0}")]
pub struct SinkError(pub String);

/// Keeps what was emitted, in memory. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemorySink(Arc<Mutex<Vec<CloudEvent>>>);

impl MemorySink {
    /// Everything emitted so far, repetitions included.
    pub fn emitted(&self) -> Vec<CloudEvent> {
        self.0.lock().clone()
    }
}

#[async_trait]
impl Sink for MemorySink {
    async fn emit(&self, events: &[CloudEvent]) -> Result<(), SinkError> {
        self.0.lock().extend_from_slice(events);
        Ok(())
    }
}
