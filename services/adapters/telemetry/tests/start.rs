//! Telemetry as a process has it: started once, from where tasks run, and ended there.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use picket_telemetry::{StartError, TelemetrySettings, start};

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_once_and_ends_in_time_though_nobody_collects() {
    // It is bound and never accepts: a collector that hangs.
    let silent = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = format!("http://{}", silent.local_addr().expect("it has an address"));
    let settings = TelemetrySettings {
        collector: Some(address.parse().expect("it is an address")),
        patience: Duration::from_millis(500),
        ..TelemetrySettings::new("picket-test")
    };
    let guard = start(settings.clone()).expect("it starts");
    assert!(matches!(start(settings), Err(StartError::Twice)));
    tracing::info!(target: "picket", "started");
    let began = Instant::now();
    drop(guard);
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    tracing::info!(target: "picket", "and who speaks later is heard on stderr");
}
