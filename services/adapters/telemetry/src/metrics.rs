//! The numbers of a process: recorded once, read as Prometheus text and sent to the collector.
//!
//! The binary records through [`Metrics`] and serves [`Metrics::text`] at `/metrics`. It knows no socket.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter};
use parking_lot::Mutex;
use picket_schemas::{Cause, Commit};
use prometheus::{Registry, TextEncoder};

use crate::names;

/// A bell later than this is late.
const LATE: jiff::SignedDuration = jiff::SignedDuration::from_mins(1);
/// Bounds of a commit's way to the disk, in seconds.
const SECONDS: &[f64] = &[
    0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0,
];
/// Bounds of a group.
const ENTRIES: &[f64] = &[
    1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1_024.0,
];

/// The numbers of a process. Clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<MetricsState>);

struct MetricsState {
    registry: Registry,
    commands: Counter<u64>,
    group: Histogram<u64>,
    append: Histogram<f64>,
    heads: Gauge<u64>,
    lag: Gauge<u64>,
    bells_late: Counter<u64>,
    notices: Counter<u64>,
    leases: Gauge<u64>,
    stopped: Gauge<u64>,
    published: Counter<u64>,
    spans_lost: Counter<u64>,
    answered: LastAnswer,
    /// Service → book → head; labels hold services only.
    known: Mutex<BTreeMap<String, BTreeMap<String, u64>>>,
}

/// The last answer of a store: when it came, if one ever did. Clones share it.
#[derive(Clone, Debug, Default)]
struct LastAnswer(Arc<Mutex<Option<Instant>>>);

impl LastAnswer {
    fn at(&self, now: Instant) {
        *self.0.lock() = Some(now);
    }

    /// How long ago that was.
    fn silent(&self, now: Instant) -> Option<Duration> {
        let answered = *self.0.lock();
        answered.map(|answered| now.saturating_duration_since(answered))
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

fn service(name: &str) -> KeyValue {
    KeyValue::new(names::SERVICE, name.to_owned())
}

impl Metrics {
    pub(crate) fn new(meter: &Meter, registry: Registry) -> Self {
        let answered = LastAnswer::default();
        let read = answered.clone();
        // Looked at when somebody asks for the numbers, so that it grows although nothing else in the process goes on.
        meter
            .f64_observable_gauge(names::SILENT)
            .with_unit("s")
            .with_callback(move |told| {
                if let Some(silent) = read.silent(Instant::now()) {
                    told.observe(silent.as_secs_f64(), &[]);
                }
            })
            .build();
        Self(Arc::new(MetricsState {
            registry,
            answered,
            commands: meter.u64_counter(names::COMMANDS).build(),
            group: meter
                .u64_histogram(names::GROUP)
                .with_boundaries(ENTRIES.to_vec())
                .build(),
            append: meter
                .f64_histogram(names::APPEND)
                .with_unit("s")
                .with_boundaries(SECONDS.to_vec())
                .build(),
            heads: meter.u64_gauge(names::HEADS).build(),
            lag: meter.u64_gauge(names::LAG).build(),
            bells_late: meter.u64_counter(names::BELLS_LATE).build(),
            notices: meter.u64_counter(names::NOTICES).build(),
            leases: meter.u64_gauge(names::LEASES).build(),
            stopped: meter.u64_gauge(names::STOPPED).build(),
            published: meter.u64_counter(names::PUBLISHED).build(),
            spans_lost: meter.u64_counter(names::SPANS_LOST).build(),
            known: Mutex::default(),
        }))
    }

    /// A wish was answered: `done`, `unchanged`, or the code of a problem.
    pub fn answered(&self, of: &str, outcome: &str) {
        self.0.commands.add(
            1,
            &[
                service(of),
                KeyValue::new(names::OUTCOME, outcome.to_owned()),
            ],
        );
    }

    /// A commit of a book kept here is stored: its group, its head, its late bells and what became of notices.
    pub fn committed(&self, commit: &Commit) {
        let of = commit.book.split('/').next().unwrap_or_default();
        self.0
            .group
            .record(commit.entries.len() as u64, &[service(of)]);
        self.head(&commit.book, commit.n);
        for entry in &commit.entries {
            let due = entry
                .of
                .as_deref()
                .filter(|_| entry.cause == Cause::Bell)
                .and_then(|due| due.parse::<jiff::Timestamp>().ok());
            if due.is_some_and(|due| commit.at.duration_since(due) > LATE) {
                self.0.bells_late.add(1, &[service(of)]);
            }
            for state in entry
                .events
                .iter()
                .filter_map(|event| event.kind().strip_prefix("notice."))
            {
                self.0.notices.add(1, &[KeyValue::new(names::STATE, state)]);
            }
        }
    }

    /// The store took so long with a commit, and stored it or not.
    pub fn appended(&self, of: &str, took: Duration, stored: bool) {
        self.0.append.record(
            took.as_secs_f64(),
            &[
                service(of),
                KeyValue::new(names::OUTCOME, if stored { "stored" } else { "failed" }),
            ],
        );
    }

    /// The store of the journal answered, whatever it said.
    pub fn journal_answered(&self) {
        self.0.answered.at(Instant::now());
    }

    /// Where a book that is kept here stands.
    pub fn head(&self, book: &str, n: u64) {
        let of = book.split('/').next().unwrap_or_default();
        let all = {
            let mut known = self.known();
            let books = known.entry(of.to_owned()).or_default();
            books.insert(book.to_owned(), n);
            books.values().sum()
        };
        self.0.heads.record(all, &[service(of)]);
    }

    /// A book is no longer kept here.
    pub fn gone(&self, book: &str) {
        let of = book.split('/').next().unwrap_or_default();
        let all = {
            let mut known = self.known();
            let books = known.entry(of.to_owned()).or_default();
            books.remove(book);
            books.values().sum()
        };
        self.0.heads.record(all, &[service(of)]);
    }

    /// How far the books of a service, or a reader, are behind what they read.
    pub fn lag(&self, of: &str, commits: u64) {
        self.0.lag.record(commits, &[service(of)]);
    }

    /// Leases held now.
    pub fn leases(&self, kind: &str, held: u64) {
        self.0
            .leases
            .record(held, &[KeyValue::new(names::KIND, kind.to_owned())]);
    }

    /// Books of a service that decide nothing until a person has looked.
    pub fn stopped(&self, of: &str, books: u64) {
        self.0.stopped.record(books, &[service(of)]);
    }

    /// Facts were emitted to other systems.
    pub fn published(&self, events: u64) {
        self.0.published.add(events, &[]);
    }

    pub(crate) fn spans_lost(&self, spans: u64) {
        self.0.spans_lost.add(spans, &[]);
    }

    /// All of them as Prometheus text.
    pub fn text(&self) -> String {
        TextEncoder::new()
            .encode_to_string(&self.0.registry.gather())
            .unwrap_or_default()
    }

    fn known(&self) -> parking_lot::MutexGuard<'_, BTreeMap<String, BTreeMap<String, u64>>> {
        // Plain numbers, whole after every statement.
        self.0.known.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_silent_since_its_last_answer() {
        let (answered, now) = (LastAnswer::default(), Instant::now());
        assert_eq!(answered.silent(now), None, "it was never asked");
        answered.at(now);
        assert_eq!(
            answered.silent(now + Duration::from_secs(90)),
            Some(Duration::from_secs(90))
        );
        answered.at(now + Duration::from_secs(90));
        assert_eq!(
            answered.silent(now + Duration::from_secs(91)),
            Some(Duration::from_secs(1))
        );
    }
}
