//! Real servers for tests, and a connection that misbehaves.
//!
//! Tests start [`Nats`] and [`Redis`] on free loopback ports in folders of their own; a [`Proxy`] stands between
//! a client and a server and loses, doubles, delays and cuts as its seed says; a [`Collector`] keeps what telemetry says.
//! What is started here ends with the value that holds it, or with the process. [`picket`] says which binary is run.
//! It does not know what is tested.

mod binary;
mod chance;
mod collector;
mod nats;
mod process;
mod proxy;
mod redis;

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

pub use binary::picket;
pub use chance::Chance;
pub use collector::{Collector, Taken};
pub use nats::{Nats, Place};
pub use process::Process;
pub use proxy::{Faults, Proxy, Tally};
pub use redis::Redis;

/// Where `deploy/servers.sh` put the servers; asking brings them if they are not there.
///
/// A server that cannot be had fails the test: one that was left out proves nothing.
pub(crate) fn program(name: &str) -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/servers.sh");
    let done = Command::new("bash")
        .arg(&script)
        .output()
        .expect("bash is there");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let place = String::from_utf8(done.stdout).expect("the script prints a path");
    Path::new(place.trim()).join("bin").join(name)
}

/// Ports nobody listens on at this moment.
pub(crate) fn free_ports(count: usize) -> Vec<u16> {
    // All are held until all are found, so that they differ.
    let held: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports"))
        .collect();
    held.iter()
        .map(|listener| {
            listener
                .local_addr()
                .expect("a listener has an address")
                .port()
        })
        .collect()
}
