//! Registry layers shared by the keepers of a process.
//!
//! Every keeper decides with the directory at its own cursor. Most stand at the same commits, so a layer
//! once folded is shared: the first keeper to reach a registry commit does the work.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use picket_directory::Layer;
use picket_schemas::{Event, Jurisdiction};

use crate::decoded::Decoded;

/// How many versions of a layer are kept for keepers that lag behind.
const VERSIONS: usize = 16;

/// Layers by journal and commit number.
#[derive(Debug, Default)]
pub struct Layers(Mutex<BTreeMap<String, BTreeMap<u64, Arc<Layer>>>>);

impl Layers {
    /// The latest shared layer of a registry journal at or before commit `n`, with its number.
    pub fn at_most(&self, journal: &str, n: u64) -> (u64, Arc<Layer>) {
        let versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = versions
            .get(journal)
            .and_then(|all| all.range(..=n).next_back())
            .map(|(n, layer)| (*n, layer.clone()));
        found.unwrap_or_else(|| {
            let jurisdiction = journal
                .split_once('/')
                .map_or("", |(_, jurisdiction)| jurisdiction);
            (0, Arc::new(Layer::new(Jurisdiction::from(jurisdiction))))
        })
    }

    /// The layer after a registry commit, given the one before it.
    pub fn next(&self, journal: &str, mut before: Arc<Layer>, commit: &Decoded) -> Arc<Layer> {
        let mut versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = versions.entry(journal.to_owned()).or_default();
        if let Some(layer) = all.get(&commit.head.number) {
            return layer.clone();
        }
        let mut layer = None;
        for entry in &commit.commit.entries {
            for event in &entry.events {
                if let Event::Registry(event) = event {
                    layer.get_or_insert_with(|| (*before).clone()).apply(event);
                }
            }
        }
        if let Some(layer) = layer {
            before = Arc::new(layer);
        }
        all.insert(commit.head.number, before.clone());
        if all.len() > VERSIONS {
            all.pop_first();
        }
        before
    }
}
