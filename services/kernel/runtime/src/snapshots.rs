//! Snapshots: checkpoints of books, each the memory of a book at one of its commits, in a file beside the data, so
//! that a start folds only the rest of the journal.
//!
//! A cache and nothing else: each file may be deleted at any time, is trusted only by the very program that
//! wrote it, and only over a journal that holds its commit. One that is ahead of its journal proves that the
//! journal lost facts. The memory of a book is made in `keeper/memory.rs`; nothing here knows what it says.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use parking_lot::Mutex;
use picket_journal::{BookName, hash_of};
use serde::{Deserialize, Serialize};

/// The format of the file and of the memory in it.
const FORMAT: u32 = 1;

/// The folder of snapshots, and the program they belong to.
pub struct Snapshots {
    folder: PathBuf,
    program: OnceLock<String>,
    identify: Box<dyn Fn() -> String + Send + Sync>,
    tell: Box<dyn Fn(&str) + Send + Sync>,
    /// The commits of the snapshots that are used or were taken in this process.
    kept: Mutex<BTreeMap<String, u64>>,
}

impl std::fmt::Debug for Snapshots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshots")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// The first line of a file; the book's memory is the rest.
#[derive(Debug, Serialize, Deserialize)]
struct SnapshotHeader {
    format: u32,
    program: String,
    book: String,
    n: u64,
    hash: String,
    /// SHA-256 of the rest.
    body: String,
    /// SHA-256 of all of the above.
    sum: String,
}

impl SnapshotHeader {
    fn sum(&self) -> String {
        hash_of(
            format!(
                "{} {} {} {} {} {}",
                self.format, self.program, self.book, self.n, self.hash, self.body
            )
            .as_bytes(),
        )
    }
}

/// A snapshot, as its file says it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// The commit it was taken at; the journal holds it, whichever program wrote the file.
    pub(crate) n: u64,
    pub(crate) hash: String,
    /// The book's memory, where this program wrote it.
    pub(crate) body: Option<Vec<u8>>,
}

impl Snapshots {
    /// In a folder that is made when there is something to keep. `identify` names the program, so that another
    /// build never trusts what this one wrote; `tell` hears in a sentence why a file was not used.
    pub fn new(
        folder: &Path,
        identify: impl Fn() -> String + Send + Sync + 'static,
        tell: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        Self {
            folder: folder.to_owned(),
            program: OnceLock::new(),
            identify: Box::new(identify),
            tell: Box::new(tell),
            kept: Mutex::default(),
        }
    }

    fn program(&self) -> &str {
        self.program.get_or_init(|| (self.identify)())
    }

    fn path(&self, book: &BookName) -> PathBuf {
        self.folder.join(format!(
            "{}.{}.snapshot",
            book.service(),
            book.jurisdiction()
        ))
    }

    pub(crate) fn tell(&self, why: &str) {
        (self.tell)(why);
    }

    /// The commit up to which a start need not fold a book.
    pub(crate) fn kept(&self, book: &BookName) -> u64 {
        self.kept
            .lock()
            .get(book.as_str())
            .copied()
            .unwrap_or_default()
    }

    /// Takes note of that commit.
    pub(crate) fn note_kept(&self, book: &BookName, n: u64) {
        self.kept.lock().insert(book.to_string(), n);
    }

    /// The snapshot of a book, if there is one; a file that is torn or unreadable is told of and not used.
    pub(crate) fn load(&self, book: &BookName) -> Option<Snapshot> {
        let path = self.path(book);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                self.tell(&format!(
                    "the snapshot `{}` is not used, it cannot be read: {error}",
                    path.display()
                ));
                return None;
            }
        };
        let snapshot = self.read(book, bytes);
        if snapshot.is_none() {
            self.tell(&format!(
                "the snapshot `{}` is not used, it is damaged; the book is folded from its journal",
                path.display()
            ));
        }
        snapshot
    }

    fn read(&self, book: &BookName, mut bytes: Vec<u8>) -> Option<Snapshot> {
        let line = bytes.iter().position(|byte| *byte == b'\n')?;
        let head: SnapshotHeader = serde_json::from_slice(&bytes[..line]).ok()?;
        if head.sum != head.sum() || head.book != book.as_str() {
            return None;
        }
        let body = bytes.split_off(line + 1);
        let ours = head.format == FORMAT && head.program == self.program();
        // Another program's is of no use, and still says how far the journal went.
        if ours && hash_of(&body) != head.body {
            return None;
        }
        Some(Snapshot {
            n: head.n,
            hash: head.hash,
            body: ours.then_some(body),
        })
    }

    /// Saves the memory of a book at a commit, atomically: the whole file or none of it.
    pub(crate) fn save(&self, book: &BookName, n: u64, hash: &str, body: &[u8]) -> io::Result<()> {
        let mut head = SnapshotHeader {
            format: FORMAT,
            program: self.program().to_owned(),
            book: book.to_string(),
            n,
            hash: hash.to_owned(),
            body: hash_of(body),
            sum: String::new(),
        };
        head.sum = head.sum();
        fs::create_dir_all(&self.folder)?;
        picket_files::replace_with(&self.path(book), picket_files::MODE, |file| {
            file.write_all(&serde_json::to_vec(&head)?)?;
            file.write_all(b"\n")?;
            file.write_all(body)
        })
    }
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    fn book() -> BookName {
        BookName::parse("dispatch/420902").expect("a name")
    }

    fn of(folder: &Path, program: &'static str) -> (Snapshots, Arc<Mutex<Vec<String>>>) {
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = told.clone();
        (
            Snapshots::new(
                folder,
                move || program.to_owned(),
                move |why| heard.lock().expect("no panic").push(why.to_owned()),
            ),
            told,
        )
    }

    #[test]
    fn what_was_kept_is_found_again_by_the_same_program_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("snapshots");
        let (ours, told) = of(&place, "one");
        assert_eq!(ours.load(&book()), None, "nothing was kept yet");
        ours.save(&book(), 7, "h7", b"{}").expect("it is kept");
        assert_eq!(
            ours.load(&book()),
            Some(Snapshot {
                n: 7,
                hash: "h7".into(),
                body: Some(b"{}".to_vec())
            })
        );
        let (theirs, _) = of(&place, "two");
        assert_eq!(
            theirs.load(&book()),
            Some(Snapshot {
                n: 7,
                hash: "h7".into(),
                body: None
            }),
            "how far the journal went holds for all"
        );
        assert!(told.lock().expect("no panic").is_empty());
    }

    #[test]
    fn a_file_with_any_byte_changed_or_cut_anywhere_is_told_and_not_used() {
        let folder = tempfile::tempdir().expect("a folder");
        let (ours, told) = of(folder.path(), "one");
        ours.save(&book(), 7, "h7", br#"{"a":1}"#)
            .expect("it is kept");
        let path = ours.path(&book());
        let whole = fs::read(&path).expect("it is there");
        for at in 0..whole.len() {
            let mut spoilt = whole.clone();
            spoilt[at] ^= 1;
            fs::write(&path, &spoilt).expect("it can be written");
            assert_eq!(ours.load(&book()), None, "byte {at}");
            fs::write(&path, &whole[..at]).expect("it can be written");
            assert_eq!(ours.load(&book()), None, "cut at {at}");
        }
        assert_eq!(told.lock().expect("no panic").len(), 2 * whole.len());
    }
}
