//! A miss: something that went otherwise than a scenario expected.

use std::fmt;

use serde::Serialize;

use super::script::{self, ScriptLine};

/// Something that went otherwise than expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Miss {
    /// Where it was expected: a line of the script, or a path in `expect.json`.
    pub at: String,
    /// The expectation.
    pub expected: String,
    /// The value that came.
    pub got: String,
}

impl Miss {
    pub(crate) fn new(at: impl Into<String>, expected: impl ToString, got: impl ToString) -> Self {
        Self {
            at: at.into(),
            expected: expected.to_string(),
            got: got.to_string(),
        }
    }

    pub(crate) fn line(line: &ScriptLine, expected: impl ToString, got: impl ToString) -> Self {
        Self::new(format!("{}:{}", script::FILE, line.number), expected, got)
    }
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: expected {}, got {}",
            self.at, self.expected, self.got
        )
    }
}
