//! The bus within one process.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::port::{Bus, BusError, Request, Requests};

/// The bound of requests that wait before one that serves; what comes beyond is dropped.
const WAITING: usize = 4_096;

/// A bus of this process.
#[derive(Debug, Default)]
pub struct MemoryBus(Mutex<HashMap<String, Vec<mpsc::Sender<Request>>>>);

impl MemoryBus {
    /// Nobody serves anything yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn serving(&self, subject: &str) -> Vec<mpsc::Sender<Request>> {
        let mut all = self.0.lock();
        let Some(serving) = all.get_mut(subject) else {
            return Vec::new();
        };
        serving.retain(|channel| !channel.is_closed());
        if serving.is_empty() {
            all.remove(subject);
            return Vec::new();
        }
        serving.clone()
    }
}

#[async_trait]
impl Bus for MemoryBus {
    async fn ask(
        &self,
        subject: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, BusError> {
        let serving = self.serving(subject);
        if serving.is_empty() {
            return Err(BusError::Nobody(subject.to_owned()));
        }
        let (reply, mut replies) = mpsc::channel(1);
        for channel in serving {
            // One that is too far behind misses it; the asker hears of the time that passed.
            drop(channel.try_send(Request::new(body.clone(), Some(reply.clone()))));
        }
        drop(reply);
        match tokio::time::timeout(patience, replies.recv()).await {
            Ok(Some(body)) => Ok(body),
            Ok(None) | Err(_) => Err(BusError::TimedOut(subject.to_owned())),
        }
    }

    async fn serve(&self, subject: &str) -> Result<Requests, BusError> {
        let (channel, requests) = mpsc::channel(WAITING);
        self.0
            .lock()
            .entry(subject.to_owned())
            .or_default()
            .push(channel);
        Ok(Requests::new(requests))
    }

    async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
        for channel in self.serving(subject) {
            drop(channel.try_send(Request::new(body.clone(), None)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::bus_contract!(async || std::sync::Arc::new(MemoryBus::new()));
}
