//! Time as the trade reads it: working days, clocks and recurring occurrences.
//!
//! Every book asks this crate when a clock ends, when a reminder goes out and
//! when a schedule comes round next. Instants and tables are passed in, answers
//! are plain values, and the same question always has the same answer.
//!
//! It does not know what time it is now, who owns a clock, or what rings when it
//! ends; it reads no file and no environment.

mod calendar;
mod due;
mod hours;
mod local;
pub mod occurrence;
mod table;
#[cfg(test)]
mod tests;

pub use calendar::Calendar;
pub use due::Due;
pub use hours::{BadHours, OfficeHours};
pub use occurrence::{BadCron, NextOccurrence, Nominal, Recurrence, RecurrenceRule};
pub use picket_schemas::span::{BadSpan, Span, Unit};
pub use table::{BadTable, UnknownYear, YearTable};
