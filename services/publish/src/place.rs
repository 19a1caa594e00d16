//! The publisher's place: how far each journal was read, what is sealed, what waits.
//!
//! It is written after what it covers was emitted, whole or not at all. When it is older than what was emitted,
//! facts are emitted again under their old ids; when it is gone, all of them are. Where it is kept is a [`Shelf`]'s.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::seal::Sealed;
use crate::shelf::{PlaceError, Shelf};

/// The format.
const VERSION: u32 = 1;

/// Where the publisher stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) version: u32,
    /// Book → number and hash of the last commit read.
    pub(crate) read: BTreeMap<String, (u64, String)>,
    /// Things nobody may hear of yet.
    pub(crate) sealed: Sealed,
    /// Commits with events that wait for their release.
    pub(crate) waiting: Vec<Waiting>,
}

/// Events of one commit that wait; they are read again when their time comes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) book: String,
    pub(crate) n: u64,
    /// Hash of the commit before, by which the journal is read.
    pub(crate) prev: String,
    /// Release → entries and indexes.
    pub(crate) until: BTreeMap<Timestamp, Vec<(usize, usize)>>,
}

impl Place {
    /// What the shelf holds; the beginning of everything where it holds nothing.
    pub(crate) async fn load(shelf: &mut dyn Shelf) -> Result<Self, PlaceError> {
        let Some(bytes) = shelf.load().await? else {
            return Ok(Self {
                version: VERSION,
                ..Self::default()
            });
        };
        let place: Option<Self> = serde_json::from_slice(&bytes).ok();
        place
            .filter(|place| place.version == VERSION)
            .ok_or_else(|| PlaceError::Unreadable(shelf.name()))
    }

    /// Puts it on the shelf.
    pub(crate) async fn save(&self, shelf: &mut dyn Shelf) -> Result<(), PlaceError> {
        shelf
            .save(serde_json::to_vec(self).expect("maps with string keys are JSON"))
            .await
    }
}

#[cfg(test)]
mod wire_tests;
