//! The bench on NATS, short: a server of its own that ends with it, every command answered over NATS and stored.
//!
//! How fast it is says the full one, on a quiet machine.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::tempdir;

use crate::harness::{finish, picket, run};

/// The folder with the servers; `deploy/servers.sh` brings them.
fn servers() -> PathBuf {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/servers.sh");
    let said = Command::new("bash").arg(script).output().unwrap();
    assert!(said.status.success(), "{said:?}");
    PathBuf::from(String::from_utf8(said.stdout).unwrap().trim())
}

#[test]
fn a_hot_book_on_nats_is_measured_beside_jetstream_alone_and_nothing_is_left_behind() {
    let place = tempdir().unwrap();
    let mut command = Command::new(picket());
    command
        .args([
            "bench",
            "--backend",
            "nats",
            "--callers",
            "16",
            "--seconds",
            "0.3",
            "--json",
            "--data",
        ])
        .arg(place.path())
        .env("PICKET_SERVERS", servers());
    let report = finish(command, "").json();
    let (run, raw) = (&report["runs"][0], &report["raw"][0]);
    assert_eq!(
        (
            run["backend"].as_str(),
            run["callers"].as_u64(),
            run["books"].as_u64()
        ),
        (Some("nats"), Some(16), Some(1)),
        "{report}"
    );
    assert!(
        run["per_second"].as_f64().unwrap() > 1.0 && run["commits"].as_u64().unwrap() > 1,
        "it did something: {report}"
    );
    // A command is a request and an append at the least; a median below both would not have waited for the disk.
    assert!(
        run["p50_ms"].as_f64().unwrap() > raw["fsync_ms"].as_f64().unwrap() / 4.0,
        "{report}"
    );
    assert!(
        raw["fsync_ms"].as_f64().unwrap() > 0.0 && raw["request_ms"].as_f64().unwrap() > 0.0,
        "{report}"
    );
    assert_eq!(
        fs::read_dir(place.path()).unwrap().count(),
        0,
        "its folder is gone, and the server with it"
    );
}

#[test]
fn without_a_server_the_bench_says_what_brings_one() {
    let place = tempdir().unwrap();
    let mut command = Command::new(picket());
    command
        .args(["bench", "--backend", "nats", "--data"])
        .arg(place.path())
        .env("PICKET_SERVERS", place.path())
        .env("PATH", place.path());
    finish(command, "").refused(4, &["nats-server", "deploy/servers.sh"]);
    run(["bench", "--nats", "nats://127.0.0.1:1"]).refused(2, &["--backend nats"]);
}
