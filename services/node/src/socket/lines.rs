//! The lines on a socket: one JSON document each, what they may say, and how they are read and written.

use std::io;

use picket_bus::BusError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// The longest line either side takes.
const LINE: usize = 16 * 1024 * 1024;

/// Lines that may wait to be written to one connection.
pub(super) const WAITING: usize = 4_096;

/// A line from a client to the server.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToServer {
    Ask {
        id: u64,
        subject: String,
        body: String,
        patience_ms: u64,
    },
    Tell {
        id: u64,
        subject: String,
        body: String,
    },
    Serve {
        id: u64,
        subject: String,
    },
    Unserve {
        id: u64,
    },
    Reply {
        request: u64,
        body: String,
    },
}

/// A line from the server to a client.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToClient {
    Replied {
        id: u64,
        body: String,
    },
    Failed {
        id: u64,
        why: Why,
        detail: String,
    },
    Serving {
        id: u64,
    },
    Request {
        serve: u64,
        request: u64,
        body: String,
        wants_reply: bool,
    },
}

/// Why something asked for was not done.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Why {
    Nobody,
    TimedOut,
    Gone,
}

pub(super) fn fail(id: u64, error: BusError) -> ToClient {
    let (why, detail) = match error {
        BusError::Nobody(subject) => (Why::Nobody, subject),
        BusError::TimedOut(subject) => (Why::TimedOut, subject),
        BusError::Gone(detail) => (Why::Gone, detail),
        large @ BusError::TooLarge { .. } => (Why::Gone, large.to_string()),
    };
    ToClient::Failed { id, why, detail }
}

/// The mark of a body that is not UTF-8: each of its bytes follows as the character of that number.
const BINARY: &str = "\0binary:";

/// A body as the string it travels as: itself where it is UTF-8.
pub(super) fn text(body: Vec<u8>) -> String {
    let binary = |body: &[u8]| -> String {
        let chars = body.iter().copied().map(char::from);
        BINARY.chars().chain(chars).collect()
    };
    match String::from_utf8(body) {
        // What only looks marked is marked as well, so that every body comes back as it was.
        Ok(text) if text.starts_with(BINARY) => binary(text.as_bytes()),
        Ok(text) => text,
        Err(error) => binary(error.as_bytes()),
    }
}

/// The body that travelled as a string; nothing where a marked one holds what is no byte.
pub(super) fn bytes(text: String) -> Vec<u8> {
    match text.strip_prefix(BINARY) {
        Some(marked) => marked
            .chars()
            .map(u8::try_from)
            .collect::<Result<_, _>>()
            .unwrap_or_default(),
        None => text.into_bytes(),
    }
}

pub(super) fn line<T: Serialize>(message: &T) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(message).expect("a message holds only strings and numbers");
    bytes.push(b'\n');
    bytes
}

/// Reads messages, a line each.
pub(super) struct Lines {
    read: BufReader<OwnedReadHalf>,
    line: Vec<u8>,
}

impl Lines {
    pub(super) fn new(read: OwnedReadHalf) -> Self {
        Self {
            read: BufReader::new(read),
            line: Vec::new(),
        }
    }

    /// The next message; none once the other side is gone, or says what is no message.
    pub(super) async fn next<T: DeserializeOwned>(&mut self) -> Option<T> {
        self.line.clear();
        match read_line(&mut self.read, &mut self.line).await {
            Ok(true) => serde_json::from_slice(&self.line).ok(),
            Ok(false) | Err(_) => None,
        }
    }
}

async fn read_line<R: AsyncBufRead + Unpin>(
    reader: &mut R,
    buffer: &mut Vec<u8>,
) -> io::Result<bool> {
    loop {
        let available = reader.fill_buf().await?;
        if available.is_empty() {
            return Ok(false);
        }
        if let Some(end) = available.iter().position(|byte| *byte == b'\n') {
            buffer.extend_from_slice(&available[..end]);
            reader.consume(end + 1);
            return Ok(true);
        }
        buffer.extend_from_slice(available);
        let taken = available.len();
        reader.consume(taken);
        if buffer.len() > LINE {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a line is too long",
            ));
        }
    }
}

/// Writes messages in the order in which they are sent, until nobody sends any more or the other side is gone.
pub(super) fn writer<T: Serialize + Send + Sync + 'static>(
    mut write: OwnedWriteHalf,
) -> (mpsc::Sender<T>, JoinHandle<()>) {
    let (out, mut messages) = mpsc::channel::<T>(WAITING);
    let task = tokio::spawn(async move {
        while let Some(message) = messages.recv().await {
            if write.write_all(&line(&message)).await.is_err() {
                break;
            }
        }
    });
    (out, task)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_body_comes_back_as_it_was_and_text_travels_as_itself() {
        for body in [&b""[..], b"look", "\u{e9}\u{54e8}".as_bytes()] {
            assert_eq!(text(body.to_vec()).as_bytes(), body);
        }
        let marked = text(vec![0xff]);
        let all: Vec<u8> = (0..=u8::MAX).collect();
        for body in [
            &b""[..],
            b"look",
            &all,
            marked.as_bytes(),
            BINARY.as_bytes(),
        ] {
            assert_eq!(bytes(text(body.to_vec())), body);
        }
        assert_eq!(bytes(format!("{BINARY}\u{54e8}")), b"");
    }
}
