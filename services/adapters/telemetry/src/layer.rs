//! The layer under `tracing`: what this process says, as log lines on stderr, and as logs and spans for the collector.
//!
//! Everybody else writes `tracing::info!` and knows nothing of this. Only what Picket's own crates say is told;
//! libraries print addresses and payloads. A span with a field `trace` goes on in that trace. Everything passes
//! the scrubber, and stays one line.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::logs::{AnyValue, LogRecord, Logger, Severity};
use opentelemetry::trace::{SpanId, SpanKind, TraceFlags, TraceId};
use opentelemetry_sdk::logs::SdkLogger;
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::scrub::{GONE, Secrets, is_secret, one_line};
use crate::spans::{FinishedSpan, Spans};
use crate::trace::TraceParent;

/// The field by which a span goes on in a trace that came from elsewhere.
const TRACE: &str = "trace";
/// The field of an event that says what to do about it; it stands on a line of its own.
const HINT: &str = "hint";
/// The longest text of one field.
const LONGEST: usize = 4_096;

/// Tells what `tracing` says.
pub(crate) struct Telling {
    pub(crate) level: LevelFilter,
    pub(crate) secrets: Secrets,
    pub(crate) spans: Spans,
    /// None without a collector.
    pub(crate) logger: Option<SdkLogger>,
}

/// A span that is open.
struct Open {
    at: TraceParent,
    parent: Option<[u8; 8]>,
    start: SystemTime,
    attributes: Vec<KeyValue>,
}

impl Telling {
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        // `picket` itself, `picket_nats`, `picket_redis::connection`, but no `picketer`.
        let target = metadata.target();
        let ours = target
            .strip_prefix("picket")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::") || rest.starts_with('_'));
        ours && *metadata.level() <= self.level
    }

    fn fields(&self) -> Fields<'_> {
        Fields {
            secrets: &self.secrets,
            message: String::new(),
            hint: None,
            trace: None,
            others: Vec::new(),
        }
    }

    fn print(&self, fields: &Fields<'_>) {
        let mut text = format!("picket: {}", fields.message);
        for (name, value) in &fields.others {
            // Writing into a string does not fail.
            let _ = write!(text, " {name}={value}");
        }
        text.push('\n');
        if let Some(hint) = &fields.hint {
            let _ = writeln!(text, "  hint: {hint}");
        }
        // One write, so that lines of several threads do not mix; a stderr that is gone is no reason to stop.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Telling {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id).filter(|_| self.spans.are_wanted()) else {
            return;
        };
        let mut fields = self.fields();
        attributes.record(&mut fields);
        let around = span
            .parent()
            .and_then(|parent| parent.extensions().get::<Open>().map(|open| open.at));
        let ids = RandomIdGenerator::default();
        let parent = fields.trace.or(around);
        let own = ids.new_span_id().to_bytes();
        let at = parent.map_or_else(
            || TraceParent {
                trace: ids.new_trace_id().to_bytes(),
                span: own,
                sampled: true,
            },
            |parent| parent.at(own),
        );
        span.extensions_mut().insert(Open {
            at,
            parent: parent.map(|parent| parent.span),
            start: SystemTime::now(),
            attributes: fields.attributes(),
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut fields = self.fields();
        values.record(&mut fields);
        if let Some(span) = context.span(id)
            && let Some(open) = span.extensions_mut().get_mut::<Open>()
        {
            open.attributes.extend(fields.attributes());
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(open) = span.extensions_mut().remove::<Open>() else {
            return;
        };
        self.spans.send(FinishedSpan {
            name: span.name().into(),
            at: open.at,
            parent: open.parent,
            kind: SpanKind::Internal,
            start: open.start,
            end: SystemTime::now(),
            attributes: open.attributes,
            failed: None,
        });
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = self.fields();
        event.record(&mut fields);
        self.print(&fields);
        let Some(logger) = &self.logger else { return };
        let mut record = logger.create_log_record();
        record.set_timestamp(SystemTime::now());
        record.set_severity_number(severity(*event.metadata().level()));
        record.set_severity_text(event.metadata().level().as_str());
        record.set_target(event.metadata().target());
        if let Some(at) = context
            .event_span(event)
            .and_then(|span| span.extensions().get::<Open>().map(|open| open.at))
            .or(fields.trace)
        {
            record.set_trace_context(
                TraceId::from_bytes(at.trace),
                SpanId::from_bytes(at.span),
                Some(TraceFlags::new(u8::from(at.sampled))),
            );
        }
        if let Some(hint) = fields.hint {
            record.add_attribute(HINT, hint);
        }
        for (name, value) in fields.others {
            record.add_attribute(name, value);
        }
        record.set_body(AnyValue::String(fields.message.into()));
        logger.emit(record);
    }
}

fn severity(level: Level) -> Severity {
    match level {
        Level::ERROR => Severity::Error,
        Level::WARN => Severity::Warn,
        Level::INFO => Severity::Info,
        Level::DEBUG => Severity::Debug,
        Level::TRACE => Severity::Trace,
    }
}

/// The fields of an event or a span, without secrets.
struct Fields<'a> {
    secrets: &'a Secrets,
    message: String,
    hint: Option<String>,
    trace: Option<TraceParent>,
    others: Vec<(&'static str, String)>,
}

impl Fields<'_> {
    fn attributes(self) -> Vec<KeyValue> {
        self.others
            .into_iter()
            .map(|(name, value)| KeyValue::new(name, value))
            .collect()
    }

    fn take(&mut self, field: &Field, text: &str) {
        let clean = one_line(&self.secrets.scrub(text))
            .chars()
            .take(LONGEST)
            .collect();
        match field.name() {
            "message" => self.message = clean,
            HINT => self.hint = Some(clean),
            TRACE => self.trace = TraceParent::extract(text),
            name if is_secret(name) => self.others.push((name, GONE.to_owned())),
            name => self.others.push((name, clean)),
        }
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, &format!("{value:?}"));
    }
}
