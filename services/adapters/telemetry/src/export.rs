//! The way to the collector: one HTTP client for all three signals, and exporters that say once when it is away.
//!
//! Telemetry is started with these. The client blocks: the threads that export have no reactor, and an
//! asynchronous one would end them at the first export. It goes through no proxy and follows no redirect.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry_otlp::{
    LogExporter, MetricExporter, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::SpanData;

use crate::metrics::Metrics;
use crate::scrub::Secrets;
use crate::settings::Collector;

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// The collector cannot be spoken to; nothing about the address is said.
#[derive(Debug, thiserror::Error)]
#[error("the way to the collector could not be made: {0}")]
pub struct NoExport(String);

/// The three exporters to one collector.
pub(crate) struct Exporters {
    pub(crate) spans: SpanExporter,
    pub(crate) metrics: MetricExporter,
    pub(crate) logs: LogExporter,
}

impl Exporters {
    /// To be called on a thread that may block.
    pub(crate) fn to(collector: &Collector) -> Result<Self, NoExport> {
        let failed = |why: &dyn std::fmt::Display| NoExport(why.to_string());
        let client = reqwest_otlp::blocking::Client::builder()
            .timeout(PATIENCE)
            .no_proxy()
            .redirect(reqwest_otlp::redirect::Policy::none())
            .build()
            .map_err(|why| failed(&why))?;
        let client: Arc<dyn opentelemetry_http::HttpClient> = Arc::new(client);
        Ok(Self {
            spans: SpanExporter::builder()
                .with_http()
                .with_shared_http_client(client.clone())
                .with_endpoint(collector.takes("traces"))
                .with_timeout(PATIENCE)
                .build()
                .map_err(|why| failed(&why))?,
            metrics: MetricExporter::builder()
                .with_http()
                .with_shared_http_client(client.clone())
                .with_endpoint(collector.takes("metrics"))
                .with_timeout(PATIENCE)
                .build()
                .map_err(|why| failed(&why))?,
            logs: LogExporter::builder()
                .with_http()
                .with_shared_http_client(client)
                .with_endpoint(collector.takes("logs"))
                .with_timeout(PATIENCE)
                .build()
                .map_err(|why| failed(&why))?,
        })
    }
}

/// Exports spans without secrets, counts those that were not taken, and says once when that begins and ends.
#[derive(Debug)]
pub(crate) struct Scrubbed {
    pub(crate) inner: SpanExporter,
    pub(crate) secrets: Secrets,
    pub(crate) metrics: Metrics,
    pub(crate) away: AtomicBool,
}

impl opentelemetry_sdk::trace::SpanExporter for Scrubbed {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        for span in &mut batch {
            span.name = self.secrets.scrub(&span.name).into_owned().into();
            for attribute in &mut span.attributes {
                if let opentelemetry::Value::String(text) = &attribute.value {
                    let clean = self.secrets.scrub(text.as_str()).into_owned();
                    attribute.value = clean.into();
                }
            }
            if let opentelemetry::trace::Status::Error { description } = &span.status {
                span.status = opentelemetry::trace::Status::error(
                    self.secrets.scrub(description).into_owned(),
                );
            }
        }
        let spans = batch.len() as u64;
        let exported = self.inner.export(batch).await;
        if exported.is_err() {
            self.metrics.spans_lost(spans);
        }
        match (
            exported.is_err(),
            self.away.swap(exported.is_err(), Ordering::Relaxed),
        ) {
            (true, false) => {
                tracing::warn!(target: "picket", hint = "Is it running, and does PICKET_OTLP name its OTLP/HTTP port? Nothing else waits for it.", "the collector does not take traces")
            }
            (false, true) => tracing::info!(target: "picket", "the collector takes traces again"),
            _ => {}
        }
        exported
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
