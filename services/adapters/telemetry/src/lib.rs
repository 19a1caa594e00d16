//! Traces, metrics and logs of a running Picket.
//!
//! The binary starts it and keeps its [`Guard`]. Everybody else writes `tracing::info!` and knows nothing of it.
//! Logs go to stderr; with a collector (`PICKET_OTLP`) logs, spans and numbers go there as well, over OTLP/HTTP.
//! Spans of decisions are computed from commits, so that one trace goes from a press through every process.
//!
//! It decides nothing, nothing waits for it, and no secret passes it. It does not know which books run where.

mod bus;
mod export;
mod journal;
mod layer;
mod metrics;
pub mod names;
mod scrub;
mod settings;
mod spans;
mod start;
mod threads;
mod trace;

pub use bus::TracedBus;
pub use export::NoExport;
pub use journal::TimedJournal;
pub use metrics::Metrics;
pub use scrub::{Secrets, one_line};
pub use settings::{
    BadSetting, Collector, PICKET_LOG, PICKET_OTLP, PICKET_OTLP_SHARE, TelemetrySettings,
};
pub use spans::Spans;
pub use start::{Guard, StartError, build, start};
pub use threads::{CommitSpan, Threads};
pub use trace::{TraceParent, parent_of, span_for, span_of_commit, trace_of_commit};

#[cfg(test)]
mod tests;
