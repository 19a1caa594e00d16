//! The shelf of the publisher's place: one verb to read, one to write, and the reference that keeps a file.
//!
//! A shelf keeps bytes whole or not at all. Where several publishers share one, whoever writes must have read what
//! was there: the slower of two hears that it was overtaken. It does not know what a place says.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;

/// Keeps one value between the runs of a publisher.
#[async_trait]
pub trait Shelf: Send + Sync + 'static {
    /// What people call it, for errors.
    fn name(&self) -> String;

    /// What was kept last; nothing where nothing was.
    async fn load(&mut self) -> Result<Option<Vec<u8>>, PlaceError>;

    /// Keeps this instead of what was read or kept last here. Overtaken by somebody else, it keeps nothing.
    async fn save(&mut self, bytes: Vec<u8>) -> Result<(), PlaceError>;
}

/// Why the place cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// It could not be read or written.
    #[error("the publisher's place at {at} cannot be read or written: {why}")]
    Away {
        /// Where it is.
        at: String,
        /// What was said.
        why: String,
    },
    /// It is of another version or damaged.
    #[error(
        "the publisher's place at {0} cannot be read; delete it and every fact is emitted once more, under its old id"
    )]
    Unreadable(String),
    /// Another publisher has written since: this one is not the one.
    #[error("another process publishes")]
    Overtaken,
}

/// Keeps it in a file that nobody else writes.
#[derive(Clone, Debug)]
pub struct FileShelf(PathBuf);

impl FileShelf {
    /// This file; its folder must be there.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    fn away(&self, why: &std::io::Error) -> PlaceError {
        PlaceError::Away {
            at: self.name(),
            why: why.to_string(),
        }
    }
}

#[async_trait]
impl Shelf for FileShelf {
    fn name(&self) -> String {
        self.0.display().to_string()
    }

    async fn load(&mut self) -> Result<Option<Vec<u8>>, PlaceError> {
        match fs::read(&self.0) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(why) => Err(self.away(&why)),
        }
    }

    async fn save(&mut self, bytes: Vec<u8>) -> Result<(), PlaceError> {
        let path = self.0.clone();
        let written = tokio::task::spawn_blocking(move || write(&path, &bytes))
            .await
            .expect("writing a file does not panic");
        written.map_err(|why| self.away(&why))
    }
}

/// Writes it beside the old one, flushes it, and puts it in its place.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut out = File::create(&beside)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    fs::rename(&beside, path)?;
    // The rename is on disk once the folder is.
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
