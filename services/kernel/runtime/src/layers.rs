//! The cache of registry layers that the keepers of a process share.
//!
//! Every keeper decides with the directory at its own cursor. Most stand at the same commits, so a layer
//! once folded is shared: the first keeper to reach a registry commit does the work. A layer shares its
//! records with the ones before it, and a commit that changes none of them leaves the very same layer.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use picket_directory::Layer;
use picket_journal::Head;
use picket_reading::Decoded;
use picket_schemas::{Event, Jurisdiction};

/// How many versions of a layer are kept for keepers that lag behind.
const VERSIONS: usize = 16;

/// Versions of one layer by the number of the commit they stand at.
type Versions = BTreeMap<u64, (Head, Arc<Layer>)>;

/// Layers by journal and commit number.
#[derive(Debug, Default)]
pub struct Layers(Mutex<BTreeMap<String, Versions>>);

impl Layers {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Versions>> {
        self.0.lock()
    }

    /// The latest shared layer of a registry journal at or before commit `n`, with where it stands.
    pub fn at_most(&self, journal: &str, n: u64) -> (Head, Arc<Layer>) {
        let versions = self.lock();
        let found = versions
            .get(journal)
            .and_then(|all| all.range(..=n).next_back())
            .map(|(_, version)| version.clone());
        found.unwrap_or_else(|| {
            let (_, jurisdiction) = journal.split_once('/').unwrap_or_default();
            let empty = Layer::new(Jurisdiction::from(jurisdiction));
            (Head::default(), Arc::new(empty))
        })
    }

    /// The layer after a registry commit, given the one before it.
    pub fn next(&self, journal: &str, before: Arc<Layer>, commit: &Decoded) -> Arc<Layer> {
        let mut versions = self.lock();
        let all = versions.entry(journal.to_owned()).or_default();
        if let Some((_, layer)) = all.get(&commit.head.number) {
            return layer.clone();
        }
        let mut layer = before;
        take_in(&mut layer, commit);
        keep(all, &commit.head, &layer);
        layer
    }

    /// Keeps a layer that was folded up to a commit.
    pub fn fold(&self, journal: &str, at: &Head, layer: &Arc<Layer>) {
        let mut versions = self.lock();
        keep(versions.entry(journal.to_owned()).or_default(), at, layer);
    }
}

/// Takes the events of a commit into a layer: in place where nobody else holds it.
pub(crate) fn take_in(layer: &mut Arc<Layer>, commit: &Decoded) {
    for entry in &commit.commit.entries {
        for event in &entry.events {
            if let Event::Registry(event) = event
                && Layer::is_changed_by(event)
            {
                Arc::make_mut(layer).apply(event);
            }
        }
    }
}

fn keep(all: &mut Versions, at: &Head, layer: &Arc<Layer>) {
    all.insert(at.number, (at.clone(), layer.clone()));
    if all.len() > VERSIONS {
        all.pop_first();
    }
}
