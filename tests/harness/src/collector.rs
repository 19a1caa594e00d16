//! A collector on a free port of loopback: takes OTLP over HTTP, decodes it and keeps it.
//!
//! Tests look at what a process told it, span by span or as the bytes came. It forwards nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use parking_lot::Mutex;
use prost::Message;

/// Everything that arrived.
#[derive(Default)]
pub struct Taken {
    /// Spans, a request each.
    pub traces: Vec<ExportTraceServiceRequest>,
    /// Numbers.
    pub metrics: Vec<ExportMetricsServiceRequest>,
    /// Log lines.
    pub logs: Vec<ExportLogsServiceRequest>,
    /// Every request as it came: head and body.
    pub raw: Vec<u8>,
}

/// A collector that runs as long as it is held.
pub struct Collector {
    address: SocketAddr,
    taken: Arc<Mutex<Taken>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Collector {
    /// Starts one.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let address = listener.local_addr().expect("a listener has an address");
        let (taken, ends) = (
            Arc::new(Mutex::new(Taken::default())),
            Arc::new(AtomicBool::new(false)),
        );
        let (keep, end) = (taken.clone(), ends.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let keep = keep.clone();
                // A connection that broke before it was taken told nothing.
                let Ok(stream) = stream else { continue };
                std::thread::spawn(move || serve(&stream, &keep));
            }
        });
        Self {
            address,
            taken,
            ends,
            thread: Some(thread),
        }
    }

    /// What `PICKET_OTLP` is set to.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What arrived so far.
    pub fn taken(&self) -> parking_lot::MutexGuard<'_, Taken> {
        // What a panic left of it is still what arrived.
        self.taken.lock()
    }

    /// All spans with the name of the process that told them.
    pub fn seen(&self) -> Vec<(String, Span)> {
        let taken = self.taken();
        let of = taken
            .traces
            .iter()
            .flat_map(|request| &request.resource_spans);
        of.flat_map(|of| {
            let named = of
                .resource
                .iter()
                .flat_map(|resource| &resource.attributes)
                .find(|pair| pair.key == "service.name");
            let name = named
                .and_then(|pair| pair.value.clone()?.value)
                .map_or_else(String::new, |value| match value {
                    Value::StringValue(name) => name,
                    _ => String::new(),
                });
            of.scope_spans
                .iter()
                .flat_map(|of| &of.spans)
                .map(move |span| (name.clone(), span.clone()))
        })
        .collect()
    }

    /// All spans.
    pub fn spans(&self) -> Vec<Span> {
        self.taken()
            .traces
            .iter()
            .flat_map(|request| &request.resource_spans)
            .flat_map(|of| &of.scope_spans)
            .flat_map(|of| &of.spans)
            .cloned()
            .collect()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        // Wakes the one that accepts.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Answers the requests of one connection.
fn serve(stream: &TcpStream, taken: &Mutex<Taken>) {
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a time-out that is not zero");
    let mut reader = BufReader::new(stream);
    loop {
        let (mut head, mut length, mut line) = (Vec::new(), 0, String::new());
        loop {
            line.clear();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            head.extend_from_slice(line.as_bytes());
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().expect("a length is a number");
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        // Who was killed in the middle of a request told nothing.
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let first = String::from_utf8_lossy(&head).into_owned();
        {
            let mut taken = taken.lock();
            taken.raw.extend_from_slice(&head);
            taken.raw.extend_from_slice(&body);
            match first.split_whitespace().nth(1).unwrap_or_default() {
                "/v1/traces" => taken
                    .traces
                    .push(ExportTraceServiceRequest::decode(body.as_slice()).expect("OTLP")),
                "/v1/metrics" => taken
                    .metrics
                    .push(ExportMetricsServiceRequest::decode(body.as_slice()).expect("OTLP")),
                "/v1/logs" => taken
                    .logs
                    .push(ExportLogsServiceRequest::decode(body.as_slice()).expect("OTLP")),
                other => panic!("nobody takes {other}"),
            }
        }
        let mut out = stream;
        if out.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n").is_err() {
            return;
        }
    }
}
