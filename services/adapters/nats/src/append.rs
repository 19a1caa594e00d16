//! One append on its way to the stream, and its outcome: a compare-and-append by the expected last sequence.
//!
//! The journal hands appends to the writer, which sends them alone or in a batch. JetStream stores a commit only where
//! the subject still ends at the sequence it names: that is the fencing of a book, of two keepers that both believe to
//! own it one wins. It does not know how appends travel.

use async_nats::HeaderMap;
use tokio::sync::oneshot;

use crate::call::{Ack, CallError, code};
use crate::commit_message;

/// One commit on its way to the stream.
pub(crate) struct AppendRequest {
    pub(crate) subject: String,
    /// The expected last sequence: of the message that must still be the last of the subject.
    pub(crate) expected: u64,
    pub(crate) number: u64,
    pub(crate) hash: String,
    pub(crate) bytes: bytes::Bytes,
    pub(crate) reply: oneshot::Sender<AppendReply>,
}

impl AppendRequest {
    pub(crate) fn headers(&self) -> HeaderMap {
        commit_message::headers(self.number, &self.hash, self.expected)
    }
}

/// The outcome of one attempt to store a commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum AppendReply {
    /// It is stored, at this sequence.
    Stored(u64),
    /// The subject ends elsewhere, or is about to: this attempt stored nothing.
    Moved,
    /// There is no room; nothing was stored.
    Full(String),
    /// The stream takes no message of that size.
    TooLarge,
    /// Nothing was stored.
    Unavailable(String),
    /// It may be stored.
    Unknown(String),
}

impl AppendReply {
    /// Reads what JetStream says to one commit.
    pub(crate) fn of(answer: Result<Ack, CallError>) -> Self {
        match answer {
            // Only an event has a message id, a commit never: look before believing.
            Ok(ack) if ack.duplicate => Self::Unknown("it was called a duplicate".to_owned()),
            Ok(ack) => Self::Stored(ack.seq),
            Err(CallError::Refused {
                code: code::WRONG_LAST | code::WRONG_LAST_IN_FLIGHT,
                ..
            }) => Self::Moved,
            Err(CallError::Refused {
                code: code::TOO_LARGE,
                ..
            }) => Self::TooLarge,
            Err(CallError::Refused {
                code: code::ACCOUNT_FULL | code::SERVER_FULL | code::DISK_FULL,
                description,
            }) => Self::Full(description),
            Err(CallError::Refused {
                code: code::NOT_STORED,
                description,
            }) if description.contains("maximum") => Self::Full(description),
            Err(
                error @ (CallError::Nobody
                | CallError::Disconnected
                | CallError::Refused {
                    code: code::CLUSTER_AWAY,
                    ..
                }),
            ) => Self::Unavailable(error.to_string()),
            // A refusal nobody foresaw may come after the message was handed on to the other servers.
            Err(
                error @ (CallError::TimedOut | CallError::Garbled(_) | CallError::Refused { .. }),
            ) => Self::Unknown(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    fn refused(code: u64, words: &str) -> AppendReply {
        AppendReply::of(Err(CallError::Refused {
            code,
            description: words.to_owned(),
        }))
    }

    #[test]
    fn each_answer_of_jetstream_means_what_was_measured() {
        let ack = |duplicate| {
            Ok(Ack {
                seq: 7,
                count: 0,
                duplicate,
            })
        };
        assert_eq!(AppendReply::of(ack(false)), AppendReply::Stored(7));
        assert!(matches!(
            AppendReply::of(ack(true)),
            AppendReply::Unknown(_)
        ));
        assert_eq!(refused(10071, "wrong last sequence: 7"), AppendReply::Moved);
        assert_eq!(refused(10164, "wrong last sequence"), AppendReply::Moved);
        assert_eq!(
            refused(10077, "maximum bytes exceeded"),
            AppendReply::Full("maximum bytes exceeded".to_owned())
        );
        assert_eq!(
            refused(10054, "message size exceeds maximum allowed"),
            AppendReply::TooLarge
        );
    }

    #[test]
    fn only_what_surely_stored_nothing_is_called_unavailable() {
        for sure in [CallError::Nobody, CallError::Disconnected] {
            assert!(matches!(
                AppendReply::of(Err(sure)),
                AppendReply::Unavailable(_)
            ));
        }
        for unsure in [
            CallError::TimedOut,
            CallError::Garbled("broken pipe".to_owned()),
        ] {
            assert!(matches!(
                AppendReply::of(Err(unsure)),
                AppendReply::Unknown(_)
            ));
        }
        assert!(matches!(
            refused(10077, "input/output error"),
            AppendReply::Unknown(_)
        ));
        assert!(matches!(
            refused(19999, "something new"),
            AppendReply::Unknown(_)
        ));
    }
}
