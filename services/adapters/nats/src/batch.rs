//! The atomic batch: commits of many books in one flush of the disk instead of one for each.
//!
//! The protocol is that of JetStream's atomic publishing: numbered messages under one id, the first answered
//! empty, the last answered for all. All of it is stored or none of it, across a crash of the server too.
//! It does not know which commits belong together: none do; they only travel together.

use std::time::Duration;

use async_nats::{Client, HeaderMap, Request};

use crate::append::AppendRequest;
use crate::call::{Ack, CallError, read, send};

/// The most messages JetStream takes in one batch.
pub(crate) const MOST: usize = 1000;
/// The most bytes put into one batch, so that one slow batch does not hold everybody up.
pub(crate) const MOST_BYTES: usize = 8 * 1024 * 1024;

const ID: &str = "Nats-Batch-Id";
const SEQUENCE: &str = "Nats-Batch-Sequence";
const COMMIT: &str = "Nats-Batch-Commit";

/// Publishes all of them, in this order; each must be of another subject.
///
/// The answer is the sequence of each. Every error but [`CallError::TimedOut`] and [`CallError::Garbled`] says
/// that none was stored.
pub(crate) async fn publish(
    client: &Client,
    id: &str,
    group: &[AppendRequest],
    patience: Duration,
) -> Result<Vec<u64>, CallError> {
    let Some((last, others)) = group.split_last() else {
        return Ok(Vec::new());
    };
    for (at, append) in others.iter().enumerate() {
        let headers = headers(id, at + 1, append);
        if at == 0 {
            // Asked, so that a server that takes no batch now is heard before the rest is sent.
            let request = Request::new()
                .headers(headers)
                .payload(append.bytes.clone());
            let answer = send(client, append.subject.clone(), request, patience)
                .await
                .map_err(not_begun)?;
            if !answer.is_empty() {
                return Err(read::<Ack>(&answer).err().unwrap_or_else(|| {
                    CallError::Garbled("a message of a batch was stored by itself".to_owned())
                }));
            }
        } else {
            let sent = client
                .publish_with_headers(append.subject.clone(), headers, append.bytes.clone())
                .await;
            // Without its last message a batch is never stored.
            sent.map_err(|error| CallError::Refused {
                code: 0,
                description: error.to_string(),
            })?;
        }
    }
    let mut headers = headers(id, group.len(), last);
    headers.insert(COMMIT, "1");
    let request = Request::new().headers(headers).payload(last.bytes.clone());
    let ack: Ack = read(&send(client, last.subject.clone(), request, patience).await?)?;
    let count = group.len() as u64;
    if ack.count != count {
        return Err(CallError::Garbled(format!(
            "a batch of {count} was answered as one of {}",
            ack.count
        )));
    }
    // A batch is stored in one piece, so its sequences are dense up to the one that is told.
    Ok((ack.seq + 1 - count..=ack.seq).collect())
}

/// Whatever became of the first message alone, nothing of the batch is stored.
fn not_begun(error: CallError) -> CallError {
    match error {
        CallError::TimedOut | CallError::Garbled(_) => CallError::Refused {
            code: 0,
            description: "the batch did not begin".to_owned(),
        },
        other => other,
    }
}

fn headers(id: &str, at: usize, append: &AppendRequest) -> HeaderMap {
    let mut headers = append.headers();
    headers.insert(ID, id);
    headers.insert(SEQUENCE, at.to_string().as_str());
    headers
}

#[cfg(test)]
mod wire_tests;
