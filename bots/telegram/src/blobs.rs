//! Blob store: files people sent, content-addressed by their SHA-256.
//!
//! The original is the evidence: it is written once, flushed to the disk before its hash is named anywhere,
//! and never touched again. Beside it lies a copy for viewing, without the metadata a camera writes into a
//! picture (place, time, serial number); that copy is derived and can be made again from the original.
//! It does not know what a file is evidence of.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;

/// Limit of a file's size in bytes.
pub(crate) const MAX: usize = 20 * 1024 * 1024;
/// Limit of the pixels along one side that are decoded.
const SIDE: u32 = 12_000;
/// Limits of the memory one decoded picture may take, and of pictures decoded at once.
const MEMORY: u64 = 256 * 1024 * 1024;
const AT_ONCE: usize = 2;
/// Longer side of the copy for viewing.
const LOOK: u32 = 2_048;

/// Folder of blobs.
#[derive(Clone, Debug)]
pub struct Blobs {
    folder: PathBuf,
    unpacking: Arc<Semaphore>,
}

/// Error of keeping a file.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// File above the limit.
    #[error("a file of more than 20 MB")]
    TooLarge,
    /// Empty file.
    #[error("an empty file")]
    Empty,
    /// Error of the disk.
    #[error("the file could not be written")]
    Disk(#[from] std::io::Error),
}

impl Blobs {
    /// Store in a folder; it is made when the first file comes.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            unpacking: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Copy for viewing; it is made where there is none yet. None where the file is no picture, or not here.
    pub(crate) async fn look(&self, hash: &str) -> Option<Vec<u8>> {
        let _place = self.unpacking.acquire().await.ok()?;
        let (blobs, hash) = (self.clone(), hash.to_owned());
        tokio::task::spawn_blocking(move || {
            blobs
                .clean(&hash)
                .ok()
                .and_then(|_| blobs.read_clean(&hash))
        })
        .await
        .ok()
        .flatten()
    }

    /// Keeps a file and returns its hash. On return it is on the disk.
    pub fn keep(&self, bytes: &[u8]) -> Result<String, BlobError> {
        if bytes.is_empty() {
            return Err(BlobError::Empty);
        }
        if bytes.len() > MAX {
            return Err(BlobError::TooLarge);
        }
        let hash = picket_schemas::commit::hash(bytes);
        self.write(&self.folder.join(&hash), bytes)?;
        Ok(hash)
    }

    /// Makes the copy for viewing, if the file is a picture that can be read. True where there is one then.
    pub fn clean(&self, hash: &str) -> Result<bool, BlobError> {
        let path = self.clean_path(hash);
        if path.exists() {
            return Ok(true);
        }
        let Some(original) = self.read(hash) else {
            return Ok(false);
        };
        match cleaned(&original) {
            Ok(copy) => self.write(&path, &copy).map(|()| true),
            Err(_) => Ok(false),
        }
    }

    /// Original of a file.
    pub fn read(&self, hash: &str) -> Option<Vec<u8>> {
        is_hash(hash)
            .then(|| std::fs::read(self.folder.join(hash)).ok())
            .flatten()
    }

    /// Copy for viewing, where it is made.
    pub fn read_clean(&self, hash: &str) -> Option<Vec<u8>> {
        is_hash(hash)
            .then(|| std::fs::read(self.clean_path(hash)).ok())
            .flatten()
    }

    fn clean_path(&self, hash: &str) -> PathBuf {
        self.folder.join(format!("{hash}.clean.jpg"))
    }

    /// Writes a file atomically: a name never stands for half a file.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), BlobError> {
        if path
            .metadata()
            .is_ok_and(|known| known.len() == bytes.len() as u64)
        {
            return Ok(());
        }
        std::fs::create_dir_all(&self.folder)?;
        Ok(picket_files::replace(path, bytes)?)
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Error of making a copy for viewing.
#[derive(Debug, PartialEq, Eq)]
enum CopyError {
    /// No picture, or one that cannot be read.
    Unreadable,
    /// Decompression bomb: decoded it would take more memory than any honest photo.
    TooLarge,
}

/// Picture alone, upright, as a JPEG.
fn cleaned(original: &[u8]) -> Result<Vec<u8>, CopyError> {
    let unreadable = |_| CopyError::Unreadable;
    let format = image::guess_format(original).map_err(unreadable)?;
    if !matches!(
        format,
        ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP
    ) {
        return Err(CopyError::Unreadable);
    }
    let mut reader = ImageReader::with_format(Cursor::new(original), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|why| {
        if matches!(why, image::ImageError::Limits(_)) {
            CopyError::TooLarge
        } else {
            CopyError::Unreadable
        }
    })?;
    // The limits bound the decoder's own memory; the size of the picture itself stands in its head.
    if decoder.total_bytes() > MEMORY {
        return Err(CopyError::TooLarge);
    }
    let upright = decoder.orientation().map_err(unreadable)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    picture.apply_orientation(upright);
    if picture.width().max(picture.height()) > LOOK {
        picture = picture.thumbnail(LOOK, LOOK);
    }
    let mut copy = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture.into_rgb8())
        .write_to(&mut copy, ImageFormat::Jpeg)
        .map_err(unreadable)?;
    Ok(copy.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small JPEG with a camera's block in it that names a place.
    fn photo() -> Vec<u8> {
        let mut plain = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(32, 16)
            .write_to(&mut plain, ImageFormat::Jpeg)
            .expect("a picture");
        let plain = plain.into_inner();
        let camera = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\0\0\0\0\0GPS-CANARY";
        let mut bytes = plain[..2].to_vec();
        bytes.extend([0xff, 0xe1]);
        bytes.extend(
            u16::try_from(camera.len() + 2)
                .expect("short")
                .to_be_bytes(),
        );
        bytes.extend(camera);
        bytes.extend(&plain[2..]);
        bytes
    }

    fn holds(bytes: &[u8], word: &[u8]) -> bool {
        bytes.windows(word.len()).any(|window| window == word)
    }

    #[test]
    fn the_original_stays_as_it_came_and_the_copy_says_nothing_of_the_camera() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::new(folder.path().join("blobs"));
        let photo = photo();
        let hash = blobs.keep(&photo).expect("kept");
        assert_eq!(hash, picket_schemas::commit::hash(&photo));
        assert_eq!(blobs.read(&hash), Some(photo.clone()));
        assert!(blobs.clean(&hash).expect("cleaned"));
        let copy = blobs.read_clean(&hash).expect("a copy");
        assert!(
            holds(&photo, b"GPS-CANARY") && !holds(&copy, b"GPS-CANARY") && !holds(&copy, b"Exif")
        );
        assert_eq!(
            image::load_from_memory(&copy).expect("a picture").width(),
            32
        );
    }

    #[test]
    fn the_same_file_twice_is_one_file_and_nothing_half_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::new(folder.path());
        assert_eq!(
            blobs.keep(b"one").expect("kept"),
            blobs.keep(b"one").expect("kept")
        );
        assert_eq!(
            std::fs::read_dir(folder.path())
                .expect("the folder")
                .count(),
            1
        );
    }

    #[test]
    fn what_is_no_picture_is_kept_and_has_no_copy() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::new(folder.path());
        for bytes in [
            b"%PDF-1.7 not a picture".as_slice(),
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            &photo()[..40],
        ] {
            let hash = blobs.keep(bytes).expect("kept");
            assert!(!blobs.clean(&hash).expect("looked at"));
        }
    }

    /// A well-formed PNG whose head promises so many pixels of 16 bits in each of four colours.
    fn bomb(side: u32) -> Vec<u8> {
        let mut small = Cursor::new(Vec::new());
        DynamicImage::new_rgba16(1, 1)
            .write_to(&mut small, ImageFormat::Png)
            .expect("a picture");
        let mut bytes = small.into_inner();
        bytes[16..20].copy_from_slice(&side.to_be_bytes());
        bytes[20..24].copy_from_slice(&side.to_be_bytes());
        let sum = checksum(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        bytes
    }

    /// The checksum of a PNG's parts.
    fn checksum(bytes: &[u8]) -> u32 {
        let step = |sum: u32, _| {
            if sum & 1 == 1 {
                (sum >> 1) ^ 0xedb8_8320
            } else {
                sum >> 1
            }
        };
        !bytes
            .iter()
            .fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), step))
    }

    #[test]
    fn a_picture_that_would_unpack_into_gigabytes_is_not_unpacked() {
        assert!(cleaned(&bomb(1)).is_ok(), "the head is well-formed");
        // Within what is allowed along one side, and more than a gigabyte; then beyond both.
        assert_eq!(cleaned(&bomb(12_000)), Err(CopyError::TooLarge));
        assert_eq!(cleaned(&bomb(60_000)), Err(CopyError::TooLarge));
    }

    #[test]
    fn too_large_empty_and_outside_names_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::new(folder.path());
        assert!(matches!(
            blobs.keep(&vec![0; MAX + 1]),
            Err(BlobError::TooLarge)
        ));
        assert!(matches!(blobs.keep(b""), Err(BlobError::Empty)));
        assert_eq!(blobs.read("../../etc/passwd"), None);
    }
}
