//! Files people sent: told apart by number, fetched by a path that is good for a while.

use std::collections::BTreeMap;

/// The platform hands a bot no larger file.
pub(crate) const MAX: u64 = 20 * 1024 * 1024;

/// A file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) bytes: Vec<u8>,
    /// What the platform says of its size; a file may be announced larger than a test wants to hold.
    pub(crate) size: u64,
    pub(crate) path: String,
}

/// All files.
#[derive(Debug, Default)]
pub(crate) struct Files(BTreeMap<String, File>);

impl Files {
    /// Keeps a file and returns its id.
    pub(crate) fn keep(&mut self, bytes: Vec<u8>, size: u64) -> String {
        let n = self.0.len() + 1;
        let id = format!("file-{n}");
        self.0.insert(
            id.clone(),
            File {
                bytes,
                size,
                path: format!("photos/file_{n}.jpg"),
            },
        );
        id
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&File> {
        self.0.get(id)
    }

    pub(crate) fn by_path(&self, path: &str) -> Option<&File> {
        self.0.values().find(|file| file.path == path)
    }
}
