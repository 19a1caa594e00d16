//! The faults of a scenario, by file and line, each with what to do about it.
//!
//! All of a folder is read before anybody is told, so that one reading names every mistake.

use std::fmt;

use serde::Serialize;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScenarioFault {
    /// In which file.
    pub file: String,
    /// In which line; 0 is the file as a whole.
    pub line: u64,
    /// The mistake.
    pub what: String,
    /// The remedy.
    pub hint: String,
}

impl ScenarioFault {
    /// A mistake in four parts.
    pub fn new(
        file: impl Into<String>,
        line: u64,
        what: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            file: file.into(),
            line,
            what: what.into(),
            hint: hint.into(),
        }
    }
}

impl fmt::Display for ScenarioFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.what),
            line => write!(f, "{}:{line}: {}", self.file, self.what),
        }
    }
}

/// A folder that is no scenario, with everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// All mistakes, in the order of files and lines; never empty.
    pub faults: Vec<ScenarioFault>,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.as_slice() {
            [] => f.write_str("the scenario cannot be used"),
            [only] => only.fmt(f),
            [first, rest @ ..] => write!(f, "{first} (and {} more)", rest.len()),
        }
    }
}

impl std::error::Error for ScenarioError {}
