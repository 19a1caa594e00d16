//! The data folder: one process owns it, everything durable lies in it.
//!
//! `journal.db` holds the facts, `highwater.json` what was seen of them, `territory.toml` the jurisdictions,
//! `picket.toml` the owner's settings. `insight.db` and `snapshots/` can be deleted at any time and are made again.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use picket_runtime::Snapshots;
use picket_schemas::Jurisdiction;
use picket_schemas::registry::Territory;
use picket_sqlite::{Options, SqliteJournal};
use serde::{Deserialize, Serialize};

use crate::problem::{Exit, Failure};
use crate::version;

/// `territory.toml`: each jurisdiction, with the one above it where there is one.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TerritoryFile {
    jurisdictions: BTreeMap<Jurisdiction, JurisdictionEntry>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JurisdictionEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<Jurisdiction>,
}

/// A data folder, not yet owned.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// Owning the folder: the lock is held as long as this lives.
#[derive(Debug)]
pub struct Owned {
    /// The folder.
    pub folder: Folder,
    _lock: File,
}

impl Folder {
    /// At a path; nothing is touched yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
    /// The path.
    pub fn path(&self) -> &Path {
        &self.0
    }
    /// Where the facts are.
    pub fn journal(&self) -> PathBuf {
        self.0.join("journal.db")
    }
    /// The projection, which can be made again.
    pub fn insight(&self) -> PathBuf {
        self.0.join("insight.db")
    }
    /// The high-water marks: how far the facts were seen.
    pub fn highwater(&self) -> PathBuf {
        self.0.join("highwater.json")
    }
    /// The snapshots of books as they were last kept, so that a start is short.
    pub fn snapshots(&self) -> PathBuf {
        self.0.join("snapshots")
    }
    /// How other commands reach the owner.
    pub fn socket(&self) -> PathBuf {
        self.0.join("picket.sock")
    }
    /// The owner's settings.
    pub fn settings(&self) -> PathBuf {
        self.0.join("picket.toml")
    }
    /// The photos sent in chat, named by their hashes; the facts name them.
    pub fn blobs(&self) -> PathBuf {
        self.0.join("blobs")
    }
    fn territory_file(&self) -> PathBuf {
        self.0.join("territory.toml")
    }

    /// Makes the folder where it is missing and takes its lock.
    pub fn own(&self) -> Result<Owned, Failure> {
        let shown = self.0.display();
        if self.0.exists() && !self.0.is_dir() {
            return Err(Failure::new(
                Exit::Usage,
                format!("`{shown}` is a file, not a folder"),
                "Name a folder with `--data DIR`.",
            ));
        }
        fs::create_dir_all(&self.0).map_err(|error| Self::unwritable(&self.0, &error))?;
        let path = self.0.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| Self::unwritable(&self.0, &error))?;
        match lock.try_lock() {
            Ok(()) => {
                for swept in [self.path(), &self.snapshots(), &self.0.join("blobs")] {
                    picket_files::sweep(swept);
                }
                Ok(Owned {
                    folder: self.clone(),
                    _lock: lock,
                })
            }
            Err(fs::TryLockError::WouldBlock) => Err(Failure::new(
                Exit::Busy,
                format!("another Picket process owns `{shown}`"),
                "Wait for it, stop it, or name another folder with `--data DIR`. While `picket up` runs, other commands reach it by themselves.",
            )),
            Err(fs::TryLockError::Error(error)) => Err(Self::unwritable(&self.0, &error)),
        }
    }

    fn unwritable(path: &Path, error: &io::Error) -> Failure {
        let shown = path.display();
        match error.kind() {
            io::ErrorKind::StorageFull => Failure::new(
                Exit::Storage,
                format!("the disk that holds `{shown}` is full"),
                "Make room; nothing was lost.",
            ),
            _ => Failure::new(
                Exit::Storage,
                format!("`{shown}` cannot be written: {error}"),
                "Give yourself write permission, or name another folder with `--data DIR`.",
            ),
        }
    }

    /// The jurisdictions, empty in a new folder.
    pub fn territory(&self) -> Result<Territory, Failure> {
        let path = self.territory_file();
        match fs::read_to_string(&path) {
            Ok(text) => toml::from_str::<TerritoryFile>(&text)
                .map(|file| Territory {
                    jurisdictions: file
                        .jurisdictions
                        .into_iter()
                        .map(|(code, above)| (code, above.parent))
                        .collect(),
                })
                .map_err(|why| {
                    Failure::new(
                        Exit::Storage,
                        format!("`{}` is damaged: {}", path.display(), why.message()),
                        "Restore it from a copy; it lists each jurisdiction with the one above it.",
                    )
                }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Territory::default()),
            Err(error) => Err(Failure::new(
                Exit::Storage,
                format!("`{}` cannot be read: {error}", path.display()),
                "Check the permissions of the data folder.",
            )),
        }
    }
}

impl Owned {
    /// Writes the jurisdictions: the whole file or none of it.
    pub fn set_territory(&self, territory: &Territory) -> Result<(), Failure> {
        let path = self.folder.territory_file();
        let file = TerritoryFile {
            jurisdictions: territory
                .jurisdictions
                .iter()
                .map(|(code, parent)| {
                    (
                        code.clone(),
                        JurisdictionEntry {
                            parent: parent.clone(),
                        },
                    )
                })
                .collect(),
        };
        let text = toml::to_string_pretty(&file).expect("a territory holds only strings");
        picket_files::replace(&path, text.as_bytes())
            .map_err(|error| Folder::unwritable(self.folder.path(), &error))
    }
}

/// Opens the journal of a folder.
pub fn open_journal(owned: &Owned) -> Result<Arc<SqliteJournal>, Failure> {
    let path = owned.folder.journal();
    // After a failed write nothing later can be trusted: the process ends and the next one reads the file anew.
    let ended = |why: &str| {
        eprintln!(
            "picket: {why}\n  hint: Make room or mend the disk, then start again; everything that was answered is on it."
        );
        std::process::exit(Exit::Storage as i32)
    };
    SqliteJournal::open_with(
        &path,
        Options {
            on_io_error: Arc::new(ended),
            ..Options::default()
        },
    )
    .map(Arc::new)
    .map_err(|why| {
        let hint = match &why {
            picket_sqlite::OpenError::Newer { .. } => {
                "Upgrade Picket; the folder was written by a later version."
            }
            picket_sqlite::OpenError::Damaged(_) | picket_sqlite::OpenError::NotAJournal(_) => {
                "Restore `journal.db` from a copy; `picket verify` tells how far a copy is sound."
            }
            picket_sqlite::OpenError::Full(_) => "Make room on the disk; nothing was lost.",
            _ => "Check the folder and its permissions, or name another one with `--data DIR`.",
        };
        Failure::new(Exit::Storage, why.to_string(), hint)
    })
}

/// The snapshots in a folder, as this build keeps them.
pub fn snapshots(folder: &Folder) -> Snapshots {
    Snapshots::new(
        &folder.snapshots(),
        || version::build().to_owned(),
        |why| eprintln!("picket: {why}"),
    )
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jurisdictions_of_a_folder_are_read_as_they_were_written() {
        let place = tempfile::tempdir().unwrap();
        let owned = Folder::at(place.path()).own().unwrap();
        let territory = Territory {
            jurisdictions: [
                ("4209".into(), None),
                ("420902".into(), Some("4209".into())),
            ]
            .into(),
        };
        owned.set_territory(&territory).unwrap();
        assert_eq!(owned.folder.territory().unwrap(), territory);
    }

    #[test]
    fn a_folder_has_one_owner_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let first = Folder::at(place.path()).own().unwrap();
        let second = Folder::at(place.path()).own();
        assert_eq!(second.err().map(|failure| failure.exit), Some(Exit::Busy));
        drop(first);
        assert!(Folder::at(place.path()).own().is_ok());
    }
}
