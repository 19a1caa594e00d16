//! Where the publisher stands, in one small file: how far each journal was read, what is sealed, what waits.
//!
//! It is written after what it covers was emitted, whole or not at all. When it is older than what was emitted,
//! facts are emitted again under their old ids; when it is gone, all of them are.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::seal::Sealed;

/// The format of the file.
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

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// It could not be read or written.
    #[error("the publisher's place at {path} cannot be read or written")]
    File {
        /// Where it lies.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// It is of another version or damaged.
    #[error("the publisher's place at {path} cannot be read; delete it and every fact is emitted once more, under its old id")]
    Unreadable {
        /// Where it lies.
        path: String,
    },
}

impl Place {
    /// What the file says; the beginning of everything where there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, PlaceError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(Self { version: VERSION, ..Self::default() }),
            Err(source) => return Err(file(path, source)),
        };
        let place: Option<Self> = serde_json::from_slice(&bytes).ok();
        place.filter(|place| place.version == VERSION).ok_or_else(|| PlaceError::Unreadable { path: path.display().to_string() })
    }

    /// Writes it beside the old one, flushes it, and puts it in its place.
    pub(crate) fn save(&self, path: &Path) -> Result<(), PlaceError> {
        let bytes = serde_json::to_vec(self).expect("maps with string keys are JSON");
        let beside = path.with_extension("new");
        let write = || {
            let mut out = File::create(&beside)?;
            out.write_all(&bytes)?;
            out.sync_all()?;
            fs::rename(&beside, path)?;
            // The rename is on disk once the folder is.
            path.parent().filter(|folder| !folder.as_os_str().is_empty()).map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        };
        write().map_err(|source| file(path, source))
    }
}

fn file(path: &Path, source: std::io::Error) -> PlaceError {
    PlaceError::File { path: path.display().to_string(), source }
}
