//! A commit as a message: its subject, its headers, and back.
//!
//! The payload is the commit byte for byte; number and hash stand in headers, so that no reader has to
//! understand a commit. It does not know how messages are sent or fetched.

use async_nats::{HeaderMap, Message};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use picket_bus::subjects;
use picket_journal::{BookName, Bytes, Head, StoredCommit};
use serde::Deserialize;

/// Every commit stands on a subject below this one.
pub(crate) const ROOT: &str = subjects::COMMITS;

/// The most bytes that headers add to a commit: ours, those of a batch, and the subject.
pub(crate) const HEADER_ROOM: usize = 4096;

/// The headers of a commit.
pub(crate) const NUMBER: &str = "Picket-Number";
pub(crate) const HASH: &str = "Picket-Hash";
/// The expected last sequence: that of the message which must still be the last of the subject.
pub(crate) const EXPECTED: &str = "Nats-Expected-Last-Subject-Sequence";

/// The subject on which the commits of a book are published.
pub(crate) fn subject_of(book: &BookName) -> String {
    subjects::commit(book.service(), book.jurisdiction())
}

/// The book whose commits are published on a subject.
pub(crate) fn book_of(subject: &str) -> Option<BookName> {
    let (service, jurisdiction) = subjects::book_of(subject)?;
    BookName::new(service, jurisdiction).ok()
}

/// The headers of a commit that follows the message `expected` of its subject.
pub(crate) fn headers(number: u64, hash: &str, expected: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(NUMBER, number.to_string().as_str());
    headers.insert(HASH, hash);
    headers.insert(EXPECTED, expected.to_string().as_str());
    headers
}

/// A commit as the stream holds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CommitMessage {
    pub(crate) book: BookName,
    /// Its sequence in the stream.
    pub(crate) seq: u64,
    pub(crate) stored: StoredCommit,
}

impl CommitMessage {
    pub(crate) fn number(&self) -> u64 {
        self.stored.head.number
    }

    fn new(
        subject: &str,
        seq: u64,
        number: Option<&str>,
        hash: Option<&str>,
        bytes: impl Into<Bytes>,
    ) -> Result<Self, NotACommit> {
        let book = book_of(subject);
        let number = number
            .and_then(|number| number.parse().ok())
            .filter(|number| *number > 0);
        let hash = hash
            .filter(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match (book, number, hash) {
            (Some(book), Some(number), Some(hash)) => {
                let head = head(number, hash, seq);
                Ok(Self {
                    book,
                    seq,
                    stored: StoredCommit {
                        head,
                        bytes: bytes.into(),
                    },
                })
            }
            _ => Err(NotACommit {
                seq,
                subject: subject.to_owned(),
            }),
        }
    }

    /// Reads a message that a consumer delivered.
    pub(crate) fn delivered(message: &Message) -> Result<Self, NotACommit> {
        let seq = message
            .reply
            .as_deref()
            .and_then(sequence_of)
            .unwrap_or_default();
        let header = |name| {
            message
                .headers
                .as_ref()
                .and_then(|headers| headers.get(name))
                .map(async_nats::HeaderValue::as_str)
        };
        Self::new(
            &message.subject,
            seq,
            header(NUMBER),
            header(HASH),
            &*message.payload,
        )
    }

    /// Reads a message as the leader of the stream answers it.
    pub(crate) fn answered(raw: RawMessage) -> Result<Self, NotACommit> {
        let strange = || NotACommit {
            seq: raw.seq,
            subject: raw.subject.clone(),
        };
        let headers = STANDARD.decode(&raw.hdrs).map_err(|_| strange())?;
        let headers = std::str::from_utf8(&headers).map_err(|_| strange())?;
        let bytes = STANDARD.decode(&raw.data).map_err(|_| strange())?;
        Self::new(
            &raw.subject,
            raw.seq,
            header(headers, NUMBER),
            header(headers, HASH),
            bytes,
        )
    }
}

/// Something stands in the stream that Picket did not write, or that was damaged.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "message {seq} on `{subject}` is no commit; look at it with `nats stream get`, and find out who wrote it"
)]
pub(crate) struct NotACommit {
    pub(crate) seq: u64,
    pub(crate) subject: String,
}

/// A message in JetStream's JSON.
#[derive(Debug, Deserialize)]
pub(crate) struct RawMessage {
    subject: String,
    seq: u64,
    #[serde(default)]
    hdrs: String,
    #[serde(default)]
    data: String,
}

/// A head as this store answers it.
pub(crate) fn head(number: u64, hash: &str, seq: u64) -> Head {
    Head {
        number,
        hash: hash.to_owned(),
        position: seq.to_string(),
    }
}

/// One header of a block of headers.
fn header<'a>(block: &'a str, name: &str) -> Option<&'a str> {
    let named = |line: &'a str| {
        line.split_once(':')
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value.trim())
    };
    block.split("\r\n").find_map(named)
}

/// The stream's sequence in the reply subject of a delivered message: nine tokens, or eleven and more of servers
/// that name a domain and an account.
fn sequence_of(reply: &str) -> Option<u64> {
    let tokens: Vec<&str> = reply.split('.').collect();
    let at = match tokens.len() {
        9 => 5,
        11.. => 7,
        _ => return None,
    };
    tokens[at].parse().ok()
}

#[cfg(test)]
pub(crate) mod wire_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_names_its_book_and_a_book_its_subject() {
        let book = BookName::parse("dispatch/420902").unwrap();
        assert_eq!(subject_of(&book), "picket.journal.dispatch.420902");
        assert_eq!(book_of("picket.journal.dispatch.420902"), Some(book));
        for strange in [
            "picket.journal",
            "picket.journal.dispatch",
            "picket.journal.dispatch.42.09",
            "picket.journalx.dispatch.42",
            "picket.event.dispatch.42",
        ] {
            assert_eq!(book_of(strange), None, "{strange}");
        }
    }

    #[test]
    fn the_sequence_is_found_in_both_kinds_of_reply() {
        assert_eq!(sequence_of("$JS.ACK.S.c.1.77.3.1795343323.0"), Some(77));
        assert_eq!(
            sequence_of("$JS.ACK._.hash.S.c.1.77.3.1795343323.0"),
            Some(77)
        );
        assert_eq!(
            sequence_of("$JS.ACK.hub.hash.S.c.1.77.3.1795343323.0.random"),
            Some(77)
        );
        assert_eq!(sequence_of("_INBOX.a.b"), None);
    }

    fn raw(hdrs: &str, data: &[u8]) -> RawMessage {
        RawMessage {
            subject: "picket.journal.dispatch.1".to_owned(),
            seq: 9,
            hdrs: STANDARD.encode(hdrs),
            data: STANDARD.encode(data),
        }
    }

    #[test]
    fn what_the_leader_answers_is_the_commit_byte_for_byte() {
        let hash = picket_journal::hash_of(b"\0\r\nbytes");
        let found = CommitMessage::answered(raw(
            &format!("NATS/1.0\r\n{NUMBER}: 3\r\n{HASH}: {hash}\r\n{EXPECTED}: 8\r\n\r\n"),
            b"\0\r\nbytes",
        ))
        .unwrap();
        assert_eq!(
            (found.seq, found.number(), &found.stored.head.hash),
            (9, 3, &hash)
        );
        assert_eq!(&*found.stored.bytes, b"\0\r\nbytes");
        assert_eq!(found.stored.head.position, "9");
    }

    #[test]
    fn a_message_nobody_of_picket_wrote_is_never_taken_for_a_commit() {
        let hash = picket_journal::hash_of(b"");
        let lines = [
            String::new(),
            format!("{NUMBER}: 3"),
            format!("{HASH}: {hash}"),
            format!("{NUMBER}: 0\r\n{HASH}: {hash}"),
            format!("{NUMBER}: x\r\n{HASH}: {hash}"),
            format!("{NUMBER}: 3\r\n{HASH}: short"),
        ];
        for lines in lines {
            let strange =
                CommitMessage::answered(raw(&format!("NATS/1.0\r\n{lines}\r\n\r\n"), b"junk"))
                    .unwrap_err();
            assert_eq!(
                strange,
                NotACommit {
                    seq: 9,
                    subject: "picket.journal.dispatch.1".to_owned()
                },
                "{lines}"
            );
        }
    }
}
