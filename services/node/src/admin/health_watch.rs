//! The watch over the health of the books and the projection of this process, look by look.
//!
//! It knows which troubles are worth telling yet, not what was told of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use picket_runtime::Live;
use tokio::sync::oneshot;

use super::health::{self, Health};
use crate::projection::Asker;

/// How often a process by itself looks.
const INTERVAL: Duration = Duration::from_secs(1);
/// Every how many looks clocks without a calendar are counted: that reads every open clock.
const COUNT: u64 = 10;
/// For how many looks the projection must be in trouble before that is told. Where the disk is full the store of
/// the facts will say so by then, and comes first.
const PATIENCE: u64 = 5;

/// The watch over the health of what is kept here.
pub struct HealthWatch {
    live: Arc<Live>,
    /// The projection, where this process has one.
    asker: Option<Asker>,
    calendars: BTreeMap<i16, usize>,
    looks: u64,
    /// For how many looks the projection has been in trouble.
    projection: u64,
}

impl HealthWatch {
    /// A watch that has not looked yet.
    pub fn new(live: Arc<Live>, asker: Option<Asker>) -> Self {
        Self {
            live,
            asker,
            calendars: BTreeMap::new(),
            looks: 0,
            projection: 0,
        }
    }

    /// Looks once: the health, as far as it is worth telling.
    pub async fn look(&mut self) -> Health {
        if self.looks.is_multiple_of(COUNT) {
            self.calendars = match &self.asker {
                Some(asker) => health::years_without_calendar(asker).await,
                None => BTreeMap::new(),
            };
        }
        self.looks += 1;
        let mut health = Health {
            calendars: self.calendars.clone(),
            ..Health::at_a_glance(&self.live, self.asker.as_ref())
        };
        self.projection = if health.insight.is_some() {
            self.projection + 1
        } else {
            0
        };
        if health.unsaved.is_none() && self.projection < PATIENCE {
            health.insight = None;
        }
        health
    }

    /// Looks again and again until it is told to stop, and then once more.
    pub async fn keep(mut self, mut stop: oneshot::Receiver<()>, mut tell: impl FnMut(&Health)) {
        while tokio::time::timeout(INTERVAL, &mut stop).await.is_err() {
            tell(&self.look().await);
        }
        tell(&self.look().await);
    }
}
