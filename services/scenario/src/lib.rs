//! Scenarios: a folder that says who and what there is, what was wished when, and what must come of it.
//!
//! `picket replay`, `picket demo` and the tests read one and run it on a clock that stands until it is set:
//! the same folder gives the same bytes in every journal, whatever order its lines stand in.
//! A scenario says nothing about how a book decides; it only brings wishes and looks at what happened.

mod cannot;
mod expect;
mod fault;
mod feed;
mod files;
mod lookup;
mod manifest;
mod miss;
mod report;
mod resolve;
mod run;
mod script;
#[cfg(test)]
mod tests;

pub use cannot::CannotRun;
pub use expect::Expect;
pub use fault::{ScenarioError, ScenarioFault};
pub use files::Scenario;
pub use manifest::Manifest;
pub use miss::Miss;
pub use report::ScenarioOutcome;
pub use run::{Phase, Progress, run};
pub use script::{Expected, ScriptLine};
