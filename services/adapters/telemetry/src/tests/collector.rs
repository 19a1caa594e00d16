//! A collector on a free port of loopback: takes OTLP over HTTP, decodes it and keeps it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// Everything that arrived.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) traces: Vec<ExportTraceServiceRequest>,
    pub(super) metrics: Vec<ExportMetricsServiceRequest>,
    pub(super) logs: Vec<ExportLogsServiceRequest>,
    /// Every request as it came: head and body.
    pub(super) raw: Vec<u8>,
}

pub(super) struct Collector {
    address: SocketAddr,
    taken: Arc<Mutex<Taken>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Collector {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (taken, ends) = (Arc::new(Mutex::new(Taken::default())), Arc::new(AtomicBool::new(false)));
        let (keep, end) = (taken.clone(), ends.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let keep = keep.clone();
                std::thread::spawn(move || serve(&stream.unwrap(), &keep));
            }
        });
        Self { address, taken, ends, thread: Some(thread) }
    }

    pub(super) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn taken(&self) -> std::sync::MutexGuard<'_, Taken> {
        self.taken.lock().unwrap()
    }

    pub(super) fn spans(&self) -> Vec<Span> {
        self.taken().traces.iter().flat_map(|request| &request.resource_spans).flat_map(|of| &of.scope_spans).flat_map(|of| &of.spans).cloned().collect()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        // Wakes the one that accepts.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// Answers the requests of one connection.
fn serve(stream: &TcpStream, taken: &Mutex<Taken>) {
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
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
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let first = String::from_utf8(head.clone()).unwrap();
        {
            let mut taken = taken.lock().unwrap();
            taken.raw.extend_from_slice(&head);
            taken.raw.extend_from_slice(&body);
            match first.split_whitespace().nth(1).unwrap() {
                "/v1/traces" => taken.traces.push(ExportTraceServiceRequest::decode(body.as_slice()).unwrap()),
                "/v1/metrics" => taken.metrics.push(ExportMetricsServiceRequest::decode(body.as_slice()).unwrap()),
                "/v1/logs" => taken.logs.push(ExportLogsServiceRequest::decode(body.as_slice()).unwrap()),
                other => panic!("nobody takes {other}"),
            }
        }
        let mut out = stream;
        if out.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n").is_err() {
            return;
        }
    }
}
