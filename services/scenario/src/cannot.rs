//! The reasons for which a scenario cannot be run to its end.

use picket_insight::InsightError;
use picket_journal::Unavailable;
use picket_runtime::{CannotKeep, Stuck};
use picket_schemas::Problem;

use super::fault::ScenarioFault;

/// Why a scenario could not be run to its end.
#[derive(Debug, thiserror::Error)]
pub enum CannotRun {
    /// The journal holds something already.
    #[error("`{0}` is not empty; a replay begins with empty journals")]
    NotEmpty(String),
    /// A row that was checked was refused all the same.
    #[error("{}", .0)]
    Refused(ScenarioFault),
    /// A book could not be kept.
    #[error(transparent)]
    Keep(#[from] CannotKeep),
    /// The books do not come to rest.
    #[error(transparent)]
    Stuck(#[from] Stuck),
    /// The projection failed.
    #[error(transparent)]
    Insight(#[from] InsightError),
    /// The journal cannot be reached.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The bulletin could not be frozen.
    #[error("the bulletin could not be frozen: {0}")]
    NotFrozen(Problem),
}
