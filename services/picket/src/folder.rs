//! The data folder: one process owns it, everything durable lies in it.
//!
//! `journal.db` holds the facts, `highwater.json` what was seen of them, `territory.toml` the jurisdictions,
//! `picket.toml` the owner's settings. `insight.db` can be deleted at any time and is made again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use picket_schemas::registry::Territory;

use crate::problem::{Exit, Failure};

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
    /// What can be made again.
    pub fn insight(&self) -> PathBuf {
        self.0.join("insight.db")
    }
    /// What was seen of the facts.
    pub fn highwater(&self) -> PathBuf {
        self.0.join("highwater.json")
    }
    /// How other commands reach the owner.
    pub fn socket(&self) -> PathBuf {
        self.0.join("picket.sock")
    }
    /// The owner's settings.
    pub fn settings(&self) -> PathBuf {
        self.0.join("picket.toml")
    }
    fn territory_file(&self) -> PathBuf {
        self.0.join("territory.toml")
    }

    /// Makes the folder where it is missing and takes its lock.
    pub fn own(&self) -> Result<Owned, Failure> {
        let shown = self.0.display();
        if self.0.exists() && !self.0.is_dir() {
            return Err(Failure::new(Exit::Usage, format!("`{shown}` is a file, not a folder"), "Name a folder with `--data DIR`."));
        }
        fs::create_dir_all(&self.0).map_err(|error| Self::unwritable(&self.0, &error))?;
        let path = self.0.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(|error| Self::unwritable(&self.0, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Owned { folder: self.clone(), _lock: lock }),
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
            io::ErrorKind::StorageFull => Failure::new(Exit::Storage, format!("the disk that holds `{shown}` is full"), "Make room; nothing was lost."),
            _ => Failure::new(Exit::Storage, format!("`{shown}` cannot be written: {error}"), "Give yourself write permission, or name another folder with `--data DIR`."),
        }
    }

    /// The jurisdictions, empty in a new folder.
    pub fn territory(&self) -> Result<Territory, Failure> {
        let path = self.territory_file();
        match fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|why| {
                Failure::new(Exit::Storage, format!("`{}` is damaged: {}", path.display(), why.message()), "Restore it from a copy; it lists each jurisdiction with the one above it.")
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Territory::default()),
            Err(error) => Err(Failure::new(Exit::Storage, format!("`{}` cannot be read: {error}", path.display()), "Check the permissions of the data folder.")),
        }
    }
}

impl Owned {
    /// Writes the jurisdictions: the whole file or none of it.
    pub fn set_territory(&self, territory: &Territory) -> Result<(), Failure> {
        let path = self.folder.territory_file();
        let text = toml::to_string_pretty(territory).expect("a territory holds only strings");
        let write = || -> io::Result<()> {
            let next = path.with_extension("next");
            let mut file = File::create(&next)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&next, &path)?;
            File::open(self.folder.path())?.sync_all()
        };
        write().map_err(|error| Folder::unwritable(self.folder.path(), &error))
    }
}
