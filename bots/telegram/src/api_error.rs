//! Error of a call to the platform, classified by what follows from it.
//!
//! The sender decides by it: back off, retry, give up, or leave the outcome unknown. No variant carries an
//! address, so none can carry the token. It does not know which call it was.

use std::time::Duration;

use serde::Deserialize;

/// Error of a call to the platform.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ApiError {
    /// Rate limit of the platform: not before this has passed.
    #[error("the platform asks to wait {} s", .0.as_secs())]
    RetryAfter(Duration),
    /// Migrated group, with its new number.
    #[error("the group moved to another number")]
    Migrated(i64),
    /// Edit that changes nothing.
    #[error("the message is so already")]
    NotModified,
    /// Missing message, or one that cannot be changed.
    #[error("the message is gone")]
    NoMessage,
    /// Callback query too old to be answered.
    #[error("the press is too old to be answered")]
    TooLate,
    /// Unreachable chat: blocked, left, deleted.
    #[error("{0}")]
    Unreachable(String),
    /// Conflict: another process receives with the same token.
    #[error("another process receives with the same token")]
    Conflict,
    /// Bad token: not, or no longer, one.
    #[error("the platform does not know this token")]
    BadToken,
    /// Permanent refusal.
    #[error("the platform refused it: {0}")]
    Refused(String),
    /// Server error of the platform: nothing was done.
    #[error("the platform answers with error {0}")]
    Server(u16),
    /// No connection: the call never got there.
    #[error("the platform cannot be reached: {0}")]
    NotSent(String),
    /// Unknown outcome: nobody knows whether it was done.
    #[error("no clear answer came: {0}")]
    Unclear(String),
}

impl ApiError {
    /// True where a retry may do.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::RetryAfter(_) | Self::Server(_) | Self::NotSent(_) | Self::Unclear(_)
        )
    }
}

/// Response of the platform around every result.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope<T> {
    pub(crate) ok: bool,
    pub(crate) result: Option<T>,
    #[serde(default)]
    pub(crate) error_code: u16,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) parameters: ResponseParameters,
}

/// Parameters of an error besides its words.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ResponseParameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

/// Classifies an error by its number and its words.
pub(crate) fn classify(code: u16, description: &str, parameters: &ResponseParameters) -> ApiError {
    if let Some(chat) = parameters.migrate_to_chat_id {
        return ApiError::Migrated(chat);
    }
    let says = |words: &[&str]| words.iter().any(|word| description.contains(word));
    match code {
        429 => ApiError::RetryAfter(Duration::from_secs(
            parameters.retry_after.unwrap_or(1).clamp(1, 3_600),
        )),
        401 | 404 => ApiError::BadToken,
        403 => ApiError::Unreachable(description.trim_start_matches("Forbidden: ").to_owned()),
        409 => ApiError::Conflict,
        // A proxy gave up waiting; the platform behind it may have acted.
        502 | 504 => ApiError::Unclear(format!("error {code} on the way")),
        500.. => ApiError::Server(code),
        _ if says(&["message is not modified"]) => ApiError::NotModified,
        _ if says(&[
            "message to edit not found",
            "message can't be edited",
            "MESSAGE_ID_INVALID",
            "message to delete not found",
            "message can't be deleted",
        ]) =>
        {
            ApiError::NoMessage
        }
        _ if says(&["query is too old", "query ID is invalid"]) => ApiError::TooLate,
        _ if says(&[
            "chat not found",
            "user is deactivated",
            "PEER_ID_INVALID",
            "have no rights to send",
        ]) =>
        {
            ApiError::Unreachable(description.trim_start_matches("Bad Request: ").to_owned())
        }
        _ => ApiError::Refused(description.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classified(json: &str) -> ApiError {
        let envelope: Envelope<serde_json::Value> = serde_json::from_str(json).expect("an answer");
        assert!(!envelope.ok && envelope.result.is_none());
        classify(
            envelope.error_code,
            &envelope.description,
            &envelope.parameters,
        )
    }

    #[test]
    fn errors_are_classified_by_what_follows_from_them() {
        for (json, error) in [
            (
                r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#,
                ApiError::RetryAfter(Duration::from_secs(7)),
            ),
            (
                r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded","parameters":{"migrate_to_chat_id":-100200}}"#,
                ApiError::Migrated(-100_200),
            ),
            (
                r#"{"ok":false,"error_code":400,"description":"Bad Request: message is not modified: specified new"}"#,
                ApiError::NotModified,
            ),
            (
                r#"{"ok":false,"error_code":400,"description":"Bad Request: message to edit not found"}"#,
                ApiError::NoMessage,
            ),
            (
                r#"{"ok":false,"error_code":400,"description":"Bad Request: query is too old and response timeout expired"}"#,
                ApiError::TooLate,
            ),
            (
                r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#,
                ApiError::Unreachable("bot was blocked by the user".into()),
            ),
            (
                r#"{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request"}"#,
                ApiError::Conflict,
            ),
            (
                r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#,
                ApiError::BadToken,
            ),
            (
                r#"{"ok":false,"error_code":500,"description":"Internal Server Error"}"#,
                ApiError::Server(500),
            ),
            (
                r#"{"ok":false,"error_code":502,"description":"Bad Gateway"}"#,
                ApiError::Unclear("error 502 on the way".into()),
            ),
            (
                r#"{"ok":false,"error_code":504,"description":"Gateway Timeout"}"#,
                ApiError::Unclear("error 504 on the way".into()),
            ),
            (
                r#"{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities"}"#,
                ApiError::Refused("Bad Request: can't parse entities".into()),
            ),
        ] {
            assert_eq!(classified(json), error, "{json}");
        }
    }

    #[test]
    fn an_error_without_a_time_to_wait_waits_a_second_and_never_a_day() {
        assert_eq!(
            classified(r#"{"ok":false,"error_code":429,"description":"Too Many Requests"}"#),
            ApiError::RetryAfter(Duration::from_secs(1))
        );
        assert_eq!(
            classified(
                r#"{"ok":false,"error_code":429,"description":"","parameters":{"retry_after":999999}}"#
            ),
            ApiError::RetryAfter(Duration::from_secs(3_600))
        );
    }
}
