//! Photo somebody sent: downloaded, and kept under its hash.
//!
//! It is on the disk before anything names it. A photo that cannot be taken has a kind text and costs nothing.
//! It does not know what the photo is for.

use std::time::Duration;

use serde::Deserialize;
use teloxide::payloads::GetFile;
use teloxide::types::FileId;
use tokio::time::Instant;

use crate::api_client::CALL;
use crate::api_error::ApiError;
use crate::blobs::{BlobError, MAX};
use crate::outbox::Outbox;

/// Timeouts of fetching a photo: in all, and of one download.
const PATIENCE: Duration = Duration::from_secs(90);
const ONCE: Duration = Duration::from_secs(40);

/// File on the platform, as `getFile` answers.
#[derive(Deserialize)]
struct FileLocation {
    file_path: Option<String>,
}

/// Fetches and keeps a file. Its hash, or the key of the text that says why not.
pub(crate) async fn fetch(outbox: &Outbox, file: &str, size: u64) -> Result<String, &'static str> {
    if size > MAX as u64 {
        return Err("chat-too-large");
    }
    let deadline = Instant::now() + PATIENCE;
    let bytes = match download(outbox, file, deadline).await {
        Ok(bytes) => bytes,
        Err(ApiError::Refused(why)) if why.contains("too big") || why.contains("more than") => {
            return Err("chat-too-large");
        }
        Err(why) => {
            outbox.log.warn(format!("a photo was not fetched: {why}"));
            return Err("chat-not-fetched");
        }
    };
    let blobs = outbox.blobs.clone();
    match tokio::task::spawn_blocking(move || blobs.keep(&bytes)).await {
        // The original counts; the copy for viewing is made when somebody views it.
        Ok(Ok(hash)) => Ok(hash),
        Ok(Err(BlobError::TooLarge)) => Err("chat-too-large"),
        Ok(Err(BlobError::Empty)) => Err("chat-not-fetched"),
        Ok(Err(why @ BlobError::Disk(_))) => {
            outbox.log.error(format!("a photo was not kept: {why}"));
            Err("chat-not-fetched")
        }
        Err(_) => Err("chat-not-fetched"),
    }
}

async fn download(outbox: &Outbox, file: &str, deadline: Instant) -> Result<Vec<u8>, ApiError> {
    let which = GetFile::new(FileId(file.to_owned()));
    let location: FileLocation = outbox
        .api
        .read(deadline, || outbox.api.bot_api.call(&which, CALL))
        .await?;
    let path = location
        .file_path
        .ok_or_else(|| ApiError::Refused("Bad Request: file is too big".to_owned()))?;
    outbox
        .api
        .read(deadline, || outbox.api.bot_api.download(&path, MAX, ONCE))
        .await
}
