//! Recurrence: the next occurrence of something that recurs.
//!
//! The schedule service parses an expression once, shows its words to a person,
//! and asks for the next occurrence each time the last one is settled. Matching
//! happens on local wall time; what a clock change does to it is the rule's say.
//!
//! It does not know what an occurrence does, whether an earlier one is still
//! running, or which were missed.

mod expression;
mod rule;
mod search;
mod words;

pub use expression::{BadCron, Recurrence};
pub use rule::{Nominal, RecurrenceRule};
pub use search::NextOccurrence;
