//! Durable files: a file is replaced atomically, and what was written is on disk when the call returns.
//!
//! Everything that keeps a file of its own writes it here: checkpoints, high-water marks, snapshots, photos, keys, the
//! jurisdictions of a folder. It knows neither what a file says nor who may read it.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The mode of a file that is no secret; the umask takes from it.
pub const MODE: u32 = 0o666;
/// The end of a temporary file's name.
const PART: &str = ".part";

/// Replaces a file durably. Its folder must be there.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_with(path, MODE, |file| file.write_all(bytes))
}

/// Replaces a file durably with what `write` writes, under a mode from which the umask takes. Its folder must be there.
///
/// The temporary file stands in the same folder under a name of its own, `.NAME.RANDOM.part`; only a process that is
/// killed leaves one behind, for [`sweep`].
pub fn replace_with(
    path: &Path,
    mode: u32,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "a file has a name"))?;
    let folder = folder_of(path);
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let mut temporary = tempfile::Builder::new()
        .prefix(&prefix)
        .suffix(PART)
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder)?;
    write(temporary.as_file_mut())?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|why| why.error)?;
    // The rename is on disk once the folder is.
    sync_folder(folder)
}

/// Removes the temporary files that killed processes left in a folder. For its owner: those of another process that is
/// at work are swept as well. What cannot be removed takes room and does no other harm.
pub fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        if name.starts_with(b".") && name.ends_with(PART.as_bytes()) {
            drop(fs::remove_file(entry.path()));
        }
    }
}

/// Has the names in a folder on disk, not only what the files hold.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some systems have no folders that can be flushed, and need none.
        Err(why) if why.kind() == ErrorKind::PermissionDenied => Ok(()),
        synced => synced,
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| {
            let name = entry.unwrap().file_name();
            name.into_string().unwrap()
        });
        names.collect()
    }

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("marks.json");
        for text in ["first", "second, and longer", ""] {
            replace(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(names(folder.path()), ["marks.json"]);
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("marks.json");
        replace(&path, b"old").unwrap();
        let failed = replace_with(&path, MODE, |file| {
            file.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "the disk is full");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(folder.path()), ["marks.json"]);
    }

    #[test]
    fn what_a_killed_process_left_is_swept_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        replace(&folder.path().join("marks.json"), b"kept").unwrap();
        for name in [".marks.json.Ab12Cd.part", "photo.part", ".hidden"] {
            fs::write(folder.path().join(name), "half").unwrap();
        }
        sweep(folder.path());
        let mut left = names(folder.path());
        left.sort();
        assert_eq!(left, [".hidden", "marks.json", "photo.part"]);
        sweep(&folder.path().join("not there"));
    }

    #[test]
    fn a_secret_is_readable_by_its_owner_alone_whatever_stood_there_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seed");
        fs::write(&path, "open to all").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        replace_with(&path, 0o600, |file| file.write_all(b"secret")).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
