//! Telemetry of a process: started once by the binary, ended with its guard.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::logs::LoggerProvider;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_otlp::{LogExporter, MetricExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SpanProcessor};
use parking_lot::{Mutex, MutexGuard};
use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

use crate::export::{Exporters, NoExport, Scrubbed};
use crate::layer::Telling;
use crate::metrics::Metrics;
use crate::settings::TelemetrySettings;
use crate::spans::Spans;

/// Spans that wait at the most.
const QUEUE: usize = 16_384;
/// How often what waits is sent.
const EVERY: Duration = Duration::from_secs(1);

/// Why telemetry could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No way to the collector.
    #[error(transparent)]
    Export(#[from] NoExport),
    /// The numbers could not be set up.
    #[error("the numbers of this process could not be set up: {0}")]
    Numbers(String),
    /// This process has telemetry already.
    #[error("telemetry was started twice")]
    Twice,
    /// No thread to set it up on.
    #[error("this machine gives no threads")]
    NoThread,
}

/// Telemetry of a process. What waits is sent when it is dropped, for as long as the settings say at the most.
#[derive(Debug)]
pub struct Guard {
    metrics: Metrics,
    spans: Spans,
    ends: Mutex<Option<Ends>>,
}

#[derive(Debug)]
struct Ends {
    meters: SdkMeterProvider,
    loggers: Option<SdkLoggerProvider>,
    patience: Duration,
}

/// Starts telemetry and takes over what `tracing` says in this process.
pub fn start(settings: TelemetrySettings) -> Result<Guard, StartError> {
    let (guard, subscriber) = build(settings)?;
    tracing::subscriber::set_global_default(subscriber).map_err(|_| StartError::Twice)?;
    Ok(guard)
}

/// The same without taking over: whoever calls decides where the subscriber is in force.
pub fn build(
    settings: TelemetrySettings,
) -> Result<(Guard, impl Subscriber + Send + Sync + 'static), StartError> {
    // On a thread of its own: a blocking client may neither be made nor dropped where tasks run.
    let parts = std::thread::Builder::new()
        .name("telemetry".into())
        .spawn(move || parts(settings))
        .map_err(|_| StartError::NoThread)?;
    let (guard, telling) = parts.join().map_err(|_| StartError::NoThread)??;
    Ok((guard, registry().with(telling)))
}

fn parts(settings: TelemetrySettings) -> Result<(Guard, Telling), StartError> {
    let resource = resource(&settings);
    let exporters = settings.collector.as_ref().map(Exporters::to).transpose()?;
    let (spans_exporter, metrics_exporter, logs_exporter) = match exporters {
        Some(Exporters {
            spans,
            metrics,
            logs,
        }) => (Some(spans), Some(metrics), Some(logs)),
        None => (None, None, None),
    };

    let numbers = prometheus::Registry::new();
    let meters = meters(&resource, &numbers, metrics_exporter)?;
    let metrics = Metrics::new(&meters.meter("picket"), numbers);
    let out = spans_exporter.map(|inner| {
        let exporter = Scrubbed {
            inner,
            secrets: settings.secrets.clone(),
            metrics: metrics.clone(),
            away: AtomicBool::new(false),
        };
        batches(exporter, &resource)
    });
    let loggers = logs_exporter.map(|exporter| loggers(exporter, resource));

    let spans = Spans::new(out, settings.share);
    let telling = Telling {
        level: settings.level,
        secrets: settings.secrets,
        spans: spans.clone(),
        logger: loggers.as_ref().map(|loggers| loggers.logger("picket")),
    };
    let ends = Ends {
        meters,
        loggers,
        patience: settings.patience,
    };
    let guard = Guard {
        metrics,
        spans,
        ends: Mutex::new(Some(ends)),
    };
    Ok((guard, telling))
}

/// Who speaks: the service, its version, and which of several processes it is.
fn resource(settings: &TelemetrySettings) -> Resource {
    let mut about = vec![KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))];
    if !settings.instance.is_empty() {
        about.push(KeyValue::new(
            "service.instance.id",
            settings.instance.clone(),
        ));
    }
    Resource::builder()
        .with_service_name(settings.service.clone())
        .with_attributes(about)
        .build()
}

/// Where numbers are recorded: read from `numbers` as Prometheus text, and sent now and then where there is a collector.
fn meters(
    resource: &Resource,
    numbers: &prometheus::Registry,
    exporter: Option<MetricExporter>,
) -> Result<SdkMeterProvider, StartError> {
    let reader = opentelemetry_prometheus::exporter()
        .with_registry(numbers.clone())
        .without_target_info()
        .scope_info_enabled(false)
        .build()
        .map_err(|why| StartError::Numbers(why.to_string()))?;
    let mut meters = SdkMeterProvider::builder()
        .with_resource(resource.clone())
        .with_reader(reader);
    if let Some(exporter) = exporter {
        meters = meters.with_periodic_exporter(exporter);
    }
    Ok(meters.build())
}

/// Where spans wait, to be sent many at once.
fn batches(exporter: Scrubbed, resource: &Resource) -> BatchSpanProcessor {
    let config = BatchConfigBuilder::default()
        .with_max_queue_size(QUEUE)
        .with_scheduled_delay(EVERY)
        .build();
    let mut processor = BatchSpanProcessor::builder(exporter)
        .with_batch_config(config)
        .build();
    processor.set_resource(resource);
    processor
}

/// Where log lines wait, to be sent many at once.
fn loggers(exporter: LogExporter, resource: Resource) -> SdkLoggerProvider {
    SdkLoggerProvider::builder()
        .with_resource(resource)
        .with_batch_exporter(exporter)
        .build()
}

impl Guard {
    /// The numbers.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The spans.
    pub fn spans(&self) -> &Spans {
        &self.spans
    }

    /// Sends what waits, for tests and before something risky; not to be called where tasks run.
    pub fn flush(&self) {
        self.spans.flush();
        if let Some(ends) = self.ends().as_ref() {
            // What could not be sent stays or is lost; nobody waits for it.
            drop(ends.meters.force_flush());
            if let Some(loggers) = &ends.loggers {
                drop(loggers.force_flush());
            }
        }
    }

    /// Sends what waits and ends telemetry, whoever else still holds this; what is said afterwards goes nowhere.
    /// Not to be called where tasks run.
    pub fn end(&self) {
        let Some(ends) = self.ends().take() else {
            return;
        };
        let (spans, patience) = (self.spans.clone(), ends.patience);
        let (over, is_over) = std::sync::mpsc::channel();
        let ending = std::thread::Builder::new()
            .name("telemetry-end".into())
            .spawn(move || {
                // The little first: many spans may wait, and the time is short.
                drop(ends.meters.shutdown_with_timeout(patience));
                if let Some(loggers) = &ends.loggers {
                    drop(loggers.shutdown_with_timeout(patience));
                }
                spans.shutdown(patience);
                drop((ends, spans));
                // Who waited too long is gone.
                let _ = over.send(());
            });
        if ending.is_ok() {
            // A collector that hangs must not keep the process.
            let _ = is_over.recv_timeout(patience);
        }
    }

    fn ends(&self) -> MutexGuard<'_, Option<Ends>> {
        // It is there or it is not.
        self.ends.lock()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.end();
    }
}
