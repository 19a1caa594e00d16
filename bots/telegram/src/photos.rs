//! A photo somebody sent: fetched, and kept under its hash.
//!
//! It is on the disk before anything names it. What cannot be taken is said kindly and costs nothing.

use std::time::Duration;

use serde::Deserialize;
use teloxide::payloads::GetFile;
use teloxide::types::FileId;
use tokio::time::Instant;

use crate::blobs::{BlobError, MAX};
use crate::bot::Bot;
use crate::line::CALL;
use crate::trouble::Trouble;

/// How long fetching may take in all, and once.
const PATIENCE: Duration = Duration::from_secs(90);
const ONCE: Duration = Duration::from_secs(40);

#[derive(Deserialize)]
struct Place {
    file_path: Option<String>,
}

/// Fetches and keeps a file. The hash, or the text that says why not.
pub(crate) async fn fetch(bot: &Bot, file: &str, size: u64) -> Result<String, &'static str> {
    if size > MAX as u64 {
        return Err("chat-too-large");
    }
    let deadline = Instant::now() + PATIENCE;
    let bytes = match download(bot, file, deadline).await {
        Ok(bytes) => bytes,
        Err(Trouble::Refused(why)) if why.contains("too big") || why.contains("more than") => {
            return Err("chat-too-large");
        }
        Err(why) => {
            bot.warn(format!("a photo was not fetched: {why}"));
            return Err("chat-not-fetched");
        }
    };
    let blobs = bot.blobs.clone();
    match tokio::task::spawn_blocking(move || blobs.keep(&bytes)).await {
        // The original counts; the copy for looking at is made when somebody looks.
        Ok(Ok(hash)) => Ok(hash),
        Ok(Err(BlobError::TooLarge)) => Err("chat-too-large"),
        Ok(Err(BlobError::Empty)) => Err("chat-not-fetched"),
        Ok(Err(why @ BlobError::Disk(_))) => {
            bot.error(format!("a photo was not kept: {why}"));
            Err("chat-not-fetched")
        }
        Err(_) => Err("chat-not-fetched"),
    }
}

async fn download(bot: &Bot, file: &str, deadline: Instant) -> Result<Vec<u8>, Trouble> {
    let which = GetFile::new(FileId(file.to_owned()));
    let place: Place = bot
        .line
        .read(deadline, || bot.line.api.call(&which, CALL))
        .await?;
    let path = place
        .file_path
        .ok_or_else(|| Trouble::Refused("Bad Request: file is too big".to_owned()))?;
    bot.line
        .read(deadline, || bot.line.api.download(&path, MAX, ONCE))
        .await
}
