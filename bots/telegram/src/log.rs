//! Log of the bot: lines the operator should read, redacted before they leave.
//!
//! It does not know where a line is written.

use std::sync::Arc;

use crate::token::Token;

/// Line for the operator; it never holds the token or what somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogLine {
    /// Note: all is in order.
    Note(String),
    /// Warning: it passes, or cannot be mended here.
    Warning(String),
    /// Error: something broke.
    Error(String),
}

/// Log that redacts the token in every line.
#[derive(Clone)]
pub(crate) struct Log {
    sink: Arc<dyn Fn(LogLine) + Send + Sync>,
    token: Token,
}

impl Log {
    pub(crate) fn new(sink: Arc<dyn Fn(LogLine) + Send + Sync>, token: Token) -> Self {
        Self { sink, token }
    }

    pub(crate) fn note(&self, text: impl AsRef<str>) {
        (self.sink)(LogLine::Note(self.token.scrub(text.as_ref())));
    }

    pub(crate) fn warn(&self, text: impl AsRef<str>) {
        (self.sink)(LogLine::Warning(self.token.scrub(text.as_ref())));
    }

    pub(crate) fn error(&self, text: impl AsRef<str>) {
        (self.sink)(LogLine::Error(self.token.scrub(text.as_ref())));
    }
}
