//! The failures on the command line: one sentence, one hint, one exit code.

use std::fmt;

use picket_runtime::CannotKeep;
use picket_schemas::Problem;

/// How the process ends. The numbers are documented in `picket --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Refused, or an expectation was missed.
    Refused = 1,
    /// Wrong words, wrong files, nothing confirmed.
    Usage = 2,
    /// Somebody else owns the folder, or too much is waiting.
    Busy = 3,
    /// Disk, permissions, damaged store.
    Storage = 4,
    /// Not known whether it was done.
    Unknown = 5,
}

/// A failure to tell a person about.
#[derive(Clone, Debug)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// The sentence, the hint and a code.
    pub problem: Problem,
}

impl Failure {
    /// A failure in three parts.
    pub fn new(exit: Exit, title: impl Into<String>, hint: impl Into<String>) -> Self {
        let code = match exit {
            Exit::Refused => "refused",
            Exit::Usage => "usage",
            Exit::Busy => "busy",
            Exit::Storage => "storage",
            Exit::Unknown => "unknown",
        };
        Self {
            exit,
            problem: Problem::new(code, title, hint),
        }
    }

    /// Words that could not be understood.
    pub fn usage(title: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Usage, title, hint)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let exit = match problem.code.as_str() {
            "busy" => Exit::Busy,
            "not_saved" | "stopped" => Exit::Storage,
            "outcome_unknown" => Exit::Unknown,
            _ => Exit::Refused,
        };
        Self { exit, problem }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.title)
    }
}

impl std::error::Error for Failure {}

/// A failure out of a book that cannot be kept.
pub fn cannot_keep(why: impl Into<CannotKeep>) -> Failure {
    let why = why.into();
    let mut title = why.to_string();
    let mut source = std::error::Error::source(&why);
    while let Some(cause) = source {
        title = format!("{title}: {cause}");
        source = cause.source();
    }
    Failure::new(
        Exit::Storage,
        title,
        "Run `picket verify --data DIR`, restore the folder from a copy, or upgrade where it says so.",
    )
}
