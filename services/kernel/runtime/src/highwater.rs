//! The high-water mark: the furthest commit of each book this process has seen, kept outside the journal's store.
//!
//! A store may lose its tail and say nothing. Before a book's first append after a start, the journal
//! must still contain the mark; otherwise the book stops and a person recovers it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use picket_journal::Head;

/// How old a mark may be.
const AGE: Duration = Duration::from_millis(500);

type Marks = BTreeMap<String, (u64, String)>;

/// The furthest commit of each book.
#[derive(Debug)]
pub struct HighWater {
    shared: Arc<Shared>,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    marks: Mutex<(Marks, bool)>,
    stop: AtomicBool,
}

impl HighWater {
    /// Reads the marks of an earlier run and starts to keep them.
    pub fn open(path: &Path) -> io::Result<Self> {
        let marks: Marks = match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|why| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("`{}` is damaged: {why}", path.display()),
                )
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Marks::new(),
            Err(error) => return Err(error),
        };
        let shared = Arc::new(Shared {
            path: path.to_owned(),
            marks: Mutex::new((marks, false)),
            stop: AtomicBool::new(false),
        });
        let own = shared.clone();
        let writer = std::thread::Builder::new()
            .name("high-water".into())
            .spawn(move || {
                while !own.stop.load(Ordering::SeqCst) {
                    std::thread::park_timeout(AGE);
                    own.write();
                }
            })?;
        Ok(Self {
            shared,
            writer: Mutex::new(Some(writer)),
        })
    }

    /// A commit was seen appended.
    pub fn saw(&self, book: &str, head: &Head) {
        let mut guard = self.shared.marks.lock();
        let (marks, changed) = &mut *guard;
        match marks.get_mut(book) {
            Some(mark) if mark.0 >= head.number => {}
            Some(mark) => {
                *mark = (head.number, head.hash.clone());
                *changed = true;
            }
            None => {
                marks.insert(book.to_owned(), (head.number, head.hash.clone()));
                *changed = true;
            }
        }
    }

    /// The books there are marks of.
    pub fn books(&self) -> Vec<String> {
        self.shared.marks.lock().0.keys().cloned().collect()
    }

    /// The furthest commit of a book that was seen, be it by an earlier run.
    pub fn mark(&self, book: &str) -> Option<(u64, String)> {
        self.shared.marks.lock().0.get(book).cloned()
    }

    /// Writes the marks so far, and never again: from now on another process may open the file.
    pub fn close(&self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Held until the file is written: a second caller comes back when it is.
        let mut writer = self.writer.lock();
        if let Some(writer) = writer.take() {
            writer.thread().unpark();
            // A writer that panicked has nothing left to write.
            drop(writer.join());
            self.shared.write();
        }
    }
}

impl Shared {
    fn write(&self) {
        let bytes = {
            let mut guard = self.marks.lock();
            if !guard.1 {
                return;
            }
            guard.1 = false;
            serde_json::to_vec(&guard.0).expect("marks hold only strings and numbers")
        };
        if picket_files::replace(&self.path, &bytes).is_err() {
            // Tried again on the next round; an old mark is still a true one.
            self.marks.lock().1 = true;
        }
    }
}

impl Drop for HighWater {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use super::*;

    fn head(number: u64) -> Head {
        Head {
            number,
            hash: format!("{number:064x}"),
            position: String::new(),
        }
    }

    #[test]
    fn marks_that_are_closed_hold_all_that_was_seen_and_leave_the_file_to_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("highwater.json");
        let old = HighWater::open(&path).unwrap();
        old.saw("dispatch/1", &head(5));
        old.close();
        let new = HighWater::open(&path).unwrap();
        assert_eq!(
            new.mark("dispatch/1"),
            Some((5, head(5).hash)),
            "it goes on where the one before was"
        );
        new.saw("dispatch/1", &head(9));
        new.close();
        old.saw("dispatch/1", &head(6));
        drop(old);
        assert_eq!(
            HighWater::open(&path).unwrap().mark("dispatch/1"),
            Some((9, head(9).hash)),
            "what somebody still holds of it writes nothing"
        );
    }
}
