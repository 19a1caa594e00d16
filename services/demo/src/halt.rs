//! A halt: why the story ends before its end.

use picket_insight::InsightError;
use picket_node::problem::{Exit, Failure};
use picket_runtime::{CannotKeep, Stuck};

/// Why the story ends before its end.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The viewer went away.
    Stopped,
    /// Something is wrong.
    Failed(Failure),
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Stuck> for Halt {
    fn from(stuck: Stuck) -> Self {
        Self::Failed(Failure::new(
            Exit::Unknown,
            stuck.to_string(),
            "Start the demo again.",
        ))
    }
}

impl From<InsightError> for Halt {
    fn from(why: InsightError) -> Self {
        Self::Failed(Failure::new(
            Exit::Storage,
            why.to_string(),
            "Start the demo again.",
        ))
    }
}

impl From<CannotKeep> for Halt {
    fn from(why: CannotKeep) -> Self {
        Self::Failed(picket_node::problem::cannot_keep(why))
    }
}

pub(crate) fn missing(what: &str) -> Halt {
    Halt::Failed(Failure::new(
        Exit::Unknown,
        format!("the story misses {what}"),
        "Report it.",
    ))
}
