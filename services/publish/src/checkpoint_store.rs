//! The port for the publisher's checkpoint: one verb to load, one to save, and the reference that keeps a file.
//!
//! Saving is atomic. Where several publishers share a store, it is a compare-and-set: the slower of two is refused, since
//! the checkpoint has changed since it was loaded. It does not know what a checkpoint says.

use std::fs;
use std::path::PathBuf;

use async_trait::async_trait;

/// Keeps the checkpoint between the runs of a publisher.
#[async_trait]
pub trait CheckpointStore: Send + Sync + 'static {
    /// The name people know it by, for errors.
    fn name(&self) -> String;

    /// The bytes saved last; none where none were.
    async fn load(&mut self) -> Result<Option<Vec<u8>>, CheckpointError>;

    /// Replaces the bytes that were loaded or saved last here. Overtaken by somebody else, it saves nothing.
    async fn save(&mut self, bytes: Vec<u8>) -> Result<(), CheckpointError>;
}

/// Why the checkpoint cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// It could not be read or written.
    #[error("the publisher's checkpoint at {at} cannot be read or written: {why}")]
    Away {
        /// Where it is.
        at: String,
        /// The words that were said.
        why: String,
    },
    /// It is of another version or damaged.
    #[error(
        "the publisher's checkpoint at {0} cannot be read; delete it and every fact is emitted once more, under its old id"
    )]
    Unreadable(String),
    /// Another publisher has written since: this one is not the one.
    #[error("another process publishes")]
    Overtaken,
}

/// Keeps the checkpoint in a file that nobody else writes.
#[derive(Clone, Debug)]
pub struct FileCheckpointStore(PathBuf);

impl FileCheckpointStore {
    /// This file; its folder must be there.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    fn away(&self, why: &std::io::Error) -> CheckpointError {
        CheckpointError::Away {
            at: self.name(),
            why: why.to_string(),
        }
    }
}

#[async_trait]
impl CheckpointStore for FileCheckpointStore {
    fn name(&self) -> String {
        self.0.display().to_string()
    }

    async fn load(&mut self) -> Result<Option<Vec<u8>>, CheckpointError> {
        match fs::read(&self.0) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(why) => Err(self.away(&why)),
        }
    }

    async fn save(&mut self, bytes: Vec<u8>) -> Result<(), CheckpointError> {
        let path = self.0.clone();
        let written = tokio::task::spawn_blocking(move || picket_files::replace(&path, &bytes))
            .await
            .expect("writing a file does not panic");
        written.map_err(|why| self.away(&why))
    }
}
