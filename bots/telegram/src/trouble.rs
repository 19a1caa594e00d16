//! What can go wrong in a call to the platform, sorted by what follows from it.
//!
//! The sender decides by it: wait, try again, give up, or leave the outcome open. No variant carries an
//! address, so none can carry the token. It does not know which call it was.

use std::time::Duration;

use serde::Deserialize;

/// Why a call did not do what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// Too much at once; not before this has passed.
    #[error("the platform asks to wait {} s", .0.as_secs())]
    RetryAfter(Duration),
    /// The group has a new number.
    #[error("the group moved to another number")]
    Migrated(i64),
    /// The message shows that already.
    #[error("the message is so already")]
    NotModified,
    /// There is no such message any more, or it cannot be changed.
    #[error("the message is gone")]
    NoMessage,
    /// The press is too old to be answered.
    #[error("the press is too old to be answered")]
    TooLate,
    /// This chat cannot be written to: blocked, left, deleted.
    #[error("{0}")]
    Unreachable(String),
    /// Somebody else receives with the same token.
    #[error("another process receives with the same token")]
    Conflict,
    /// The token is not, or no longer, one.
    #[error("the platform does not know this token")]
    BadToken,
    /// Refused for good.
    #[error("the platform refused it: {0}")]
    Refused(String),
    /// The platform itself is in trouble and says so: nothing was done.
    #[error("the platform answers with error {0}")]
    Server(u16),
    /// It never got there.
    #[error("the platform cannot be reached: {0}")]
    NotSent(String),
    /// Nobody knows whether it was done.
    #[error("no clear answer came: {0}")]
    Unclear(String),
}

impl Trouble {
    /// Whether the same call may do later.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::RetryAfter(_) | Self::Server(_) | Self::NotSent(_) | Self::Unclear(_)
        )
    }
}

/// The platform's answer around every result.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope<T> {
    pub(crate) ok: bool,
    pub(crate) result: Option<T>,
    #[serde(default)]
    pub(crate) error_code: u16,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) parameters: Parameters,
}

/// What an error says besides its words.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

/// Sorts an error by its number and its words.
pub(crate) fn sort(code: u16, description: &str, parameters: &Parameters) -> Trouble {
    if let Some(chat) = parameters.migrate_to_chat_id {
        return Trouble::Migrated(chat);
    }
    let says = |words: &[&str]| words.iter().any(|word| description.contains(word));
    match code {
        429 => Trouble::RetryAfter(Duration::from_secs(
            parameters.retry_after.unwrap_or(1).clamp(1, 3_600),
        )),
        401 | 404 => Trouble::BadToken,
        403 => Trouble::Unreachable(description.trim_start_matches("Forbidden: ").to_owned()),
        409 => Trouble::Conflict,
        // Somebody in between gave up waiting; what lies behind may have acted.
        502 | 504 => Trouble::Unclear(format!("error {code} on the way")),
        500.. => Trouble::Server(code),
        _ if says(&["message is not modified"]) => Trouble::NotModified,
        _ if says(&[
            "message to edit not found",
            "message can't be edited",
            "MESSAGE_ID_INVALID",
            "message to delete not found",
            "message can't be deleted",
        ]) =>
        {
            Trouble::NoMessage
        }
        _ if says(&["query is too old", "query ID is invalid"]) => Trouble::TooLate,
        _ if says(&[
            "chat not found",
            "user is deactivated",
            "PEER_ID_INVALID",
            "have no rights to send",
        ]) =>
        {
            Trouble::Unreachable(description.trim_start_matches("Bad Request: ").to_owned())
        }
        _ => Trouble::Refused(description.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(json: &str) -> Trouble {
        let envelope: Envelope<serde_json::Value> = serde_json::from_str(json).expect("an answer");
        assert!(!envelope.ok && envelope.result.is_none());
        sort(
            envelope.error_code,
            &envelope.description,
            &envelope.parameters,
        )
    }

    #[test]
    fn errors_are_sorted_by_what_follows_from_them() {
        for (json, trouble) in [
            (
                r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#,
                Trouble::RetryAfter(Duration::from_secs(7)),
            ),
            (
                r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded","parameters":{"migrate_to_chat_id":-100200}}"#,
                Trouble::Migrated(-100_200),
            ),
            (
                r#"{"ok":false,"error_code":400,"description":"Bad Request: message is not modified: specified new"}"#,
                Trouble::NotModified,
            ),
            (
                r#"{"ok":false,"error_code":400,"description":"Bad Request: message to edit not found"}"#,
                Trouble::NoMessage,
            ),
            (
                r#"{"ok":false,"error_code":400,"description":"Bad Request: query is too old and response timeout expired"}"#,
                Trouble::TooLate,
            ),
            (
                r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#,
                Trouble::Unreachable("bot was blocked by the user".into()),
            ),
            (
                r#"{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request"}"#,
                Trouble::Conflict,
            ),
            (
                r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#,
                Trouble::BadToken,
            ),
            (
                r#"{"ok":false,"error_code":500,"description":"Internal Server Error"}"#,
                Trouble::Server(500),
            ),
            (
                r#"{"ok":false,"error_code":502,"description":"Bad Gateway"}"#,
                Trouble::Unclear("error 502 on the way".into()),
            ),
            (
                r#"{"ok":false,"error_code":504,"description":"Gateway Timeout"}"#,
                Trouble::Unclear("error 504 on the way".into()),
            ),
            (
                r#"{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities"}"#,
                Trouble::Refused("Bad Request: can't parse entities".into()),
            ),
        ] {
            assert_eq!(sorted(json), trouble, "{json}");
        }
    }

    #[test]
    fn an_error_without_a_time_to_wait_waits_a_second_and_never_a_day() {
        assert_eq!(
            sorted(r#"{"ok":false,"error_code":429,"description":"Too Many Requests"}"#),
            Trouble::RetryAfter(Duration::from_secs(1))
        );
        assert_eq!(
            sorted(
                r#"{"ok":false,"error_code":429,"description":"","parameters":{"retry_after":999999}}"#
            ),
            Trouble::RetryAfter(Duration::from_secs(3_600))
        );
    }
}
