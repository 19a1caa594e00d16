//! Spans on their way to the collector, and what makes them: wishes at the edge, commits in the books.
//!
//! The binary shows it every commit its books write and read. Handing a span over never waits: when more come
//! than can be sent, the newest go. Without a collector it does nothing at all.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor,
};
use parking_lot::Mutex;
use picket_schemas::{Cause, Commit};

use crate::threads::{CommitSpan, Threads};
use crate::trace::TraceParent;

/// A commit seen later than this after its instant was not seen as it happened: its span is a point.
const FRESH: Duration = Duration::from_secs(60);

/// Where spans go. Clones share it.
#[derive(Clone)]
pub struct Spans(Arc<SpansState>);

struct SpansState {
    /// None without a collector.
    out: Option<BatchSpanProcessor>,
    share: f64,
    scope: InstrumentationScope,
    threads: Mutex<Threads>,
}

impl std::fmt::Debug for Spans {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Spans")
    }
}

/// A span that has ended.
pub(crate) struct FinishedSpan {
    pub(crate) name: Cow<'static, str>,
    pub(crate) at: TraceParent,
    pub(crate) parent: Option<[u8; 8]>,
    pub(crate) kind: SpanKind,
    pub(crate) start: SystemTime,
    pub(crate) end: SystemTime,
    pub(crate) attributes: Vec<KeyValue>,
    pub(crate) failed: Option<String>,
}

impl Spans {
    pub(crate) fn new(out: Option<BatchSpanProcessor>, share: f64) -> Self {
        Self(Arc::new(SpansState {
            out,
            share,
            scope: InstrumentationScope::builder("picket")
                .with_version(env!("CARGO_PKG_VERSION"))
                .build(),
            threads: Mutex::default(),
        }))
    }

    /// Whether anything is exported.
    pub fn are_wanted(&self) -> bool {
        self.0.out.is_some()
    }

    /// A commit of a book kept here is on disk: its decisions become spans.
    pub fn committed(&self, commit: &Commit) {
        if !self.are_wanted() {
            return;
        }
        let told = self.threads().commit(commit);
        let end = SystemTime::now();
        let began = SystemTime::from(commit.at);
        let start = if end.duration_since(began).is_ok_and(|ago| ago <= FRESH) {
            began
        } else {
            end
        };
        for told in told {
            self.send(over(told, start, end));
        }
    }

    /// A commit of another process, or of the past, was read: what follows from it here goes on in its traces.
    pub fn read(&self, commit: &Commit) {
        if self.are_wanted() {
            self.threads().read(commit);
        }
    }

    /// Where the trace of a thing stands, as far as this process has seen.
    pub(crate) fn of(&self, thing: &str) -> Option<TraceParent> {
        if self.are_wanted() {
            self.threads().get(thing)
        } else {
            None
        }
    }

    pub(crate) fn send(&self, over: FinishedSpan) {
        let Some(out) = self
            .0
            .out
            .as_ref()
            .filter(|_| over.at.sampled && over.at.is_within(self.0.share))
        else {
            return;
        };
        out.on_end(SpanData {
            span_context: SpanContext::new(
                TraceId::from_bytes(over.at.trace),
                SpanId::from_bytes(over.at.span),
                TraceFlags::SAMPLED,
                false,
                TraceState::default(),
            ),
            parent_span_id: over.parent.map_or(SpanId::INVALID, SpanId::from_bytes),
            parent_span_is_remote: over.parent.is_some(),
            span_kind: over.kind,
            name: over.name,
            start_time: over.start,
            end_time: over.end,
            attributes: over.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: over.failed.map_or(Status::Unset, Status::error),
            instrumentation_scope: self.0.scope.clone(),
        });
    }

    /// Sends what waits; comes back when it is sent or five seconds are over.
    pub(crate) fn flush(&self) {
        if let Some(out) = &self.0.out {
            // What could not be sent was counted where it failed.
            drop(out.force_flush());
        }
    }

    pub(crate) fn shutdown(&self, patience: Duration) {
        if let Some(out) = &self.0.out {
            drop(out.shutdown_with_timeout(patience));
        }
    }

    fn threads(&self) -> parking_lot::MutexGuard<'_, Threads> {
        // A cache: whatever a panic left of it is as good as any.
        self.0.threads.lock()
    }
}

fn over(told: CommitSpan, start: SystemTime, end: SystemTime) -> FinishedSpan {
    let kind = match told.cause {
        Some(Cause::Command) => SpanKind::Server,
        Some(Cause::Fact) => SpanKind::Consumer,
        Some(Cause::Bell | Cause::Keeper) => SpanKind::Internal,
        // Others read it: a commit is what is sent on.
        None => SpanKind::Producer,
    };
    let attributes = told
        .attributes
        .into_iter()
        .map(|(key, value)| KeyValue::new(key, value))
        .collect();
    FinishedSpan {
        name: told.name.into(),
        at: told.at,
        parent: told.parent,
        kind,
        start,
        end,
        attributes,
        failed: None,
    }
}
