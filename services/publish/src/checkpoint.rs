//! The publisher's checkpoint: how far each journal was read, what is sealed, what is withheld.
//!
//! It is saved after the events it covers were emitted, atomically: delivery is at least once. With an older
//! checkpoint facts are emitted again under their old ids, with none all of them are. A [`CheckpointStore`] keeps it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::checkpoint_store::{CheckpointError, CheckpointStore};
use crate::seal::Sealed;

/// The format.
const VERSION: u32 = 1;

/// The state of a publisher between two rounds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    pub(crate) version: u32,
    /// Book → number and hash of the last commit read.
    pub(crate) read: BTreeMap<String, (u64, String)>,
    /// Things nobody may hear of yet.
    pub(crate) sealed: Sealed,
    /// Commits with events that wait for their release.
    #[serde(rename = "waiting")]
    pub(crate) withheld: Vec<WithheldCommit>,
}

/// A commit of which events are withheld; it is read again when their time comes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct WithheldCommit {
    pub(crate) book: String,
    pub(crate) n: u64,
    /// Hash of the commit before, by which the journal is read.
    pub(crate) prev: String,
    /// Release → entries and indexes.
    pub(crate) until: BTreeMap<Timestamp, Vec<(usize, usize)>>,
}

impl Checkpoint {
    /// Loads the checkpoint; an empty store means the beginning of everything.
    pub(crate) async fn load(store: &mut dyn CheckpointStore) -> Result<Self, CheckpointError> {
        let Some(bytes) = store.load().await? else {
            return Ok(Self {
                version: VERSION,
                ..Self::default()
            });
        };
        let checkpoint: Option<Self> = serde_json::from_slice(&bytes).ok();
        checkpoint
            .filter(|checkpoint| checkpoint.version == VERSION)
            .ok_or_else(|| CheckpointError::Unreadable(store.name()))
    }

    /// Saves the checkpoint.
    pub(crate) async fn save(
        &self,
        store: &mut dyn CheckpointStore,
    ) -> Result<(), CheckpointError> {
        store
            .save(serde_json::to_vec(self).expect("maps with string keys are JSON"))
            .await
    }
}

#[cfg(test)]
mod wire_tests;
