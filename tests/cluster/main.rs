//! Picket's ports on real servers: nats-server alone and as a cluster of three, also through a connection that
//! misbehaves.
//!
//! The servers come from `deploy/servers.sh`; where they cannot be had these tests fail, since a test that is
//! left out proves nothing. Tests that run at the same time share servers, each in an account of its own.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a test fails it, with its place"
)]

mod bus;
mod contract;
mod ends;
mod events;
mod faults;
mod opening;
mod rights;

use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use picket_harness::{Nats, Place};
use picket_nats::{Client, JournalSettings, NatsAccess, NatsJournal, connect};

static ONE: Mutex<Weak<Nats>> = Mutex::new(Weak::new());
static THREE: Mutex<Weak<Nats>> = Mutex::new(Weak::new());

/// One server, shared with the tests that run now.
fn one() -> Arc<Nats> {
    shared(&ONE, Nats::one)
}

/// Three servers, shared with the tests that run now.
fn three() -> Arc<Nats> {
    shared(&THREE, Nats::three)
}

fn shared(place: &Mutex<Weak<Nats>>, start: impl FnOnce() -> Nats) -> Arc<Nats> {
    let mut held = place.lock();
    held.upgrade().unwrap_or_else(|| {
        let servers = Arc::new(start());
        *held = Arc::downgrade(&servers);
        servers
    })
}

fn settings(place: &Place) -> JournalSettings {
    JournalSettings {
        replicas: place.monitors.len(),
        max_bytes: 64 << 20,
        monitors: place.monitors.clone(),
        ..JournalSettings::default()
    }
}

async fn client(place: &Place) -> Client {
    connect(
        &NatsAccess {
            urls: place.urls.clone(),
            ..NatsAccess::default()
        },
        "test",
    )
    .await
    .unwrap()
}

async fn journal(place: &Place) -> NatsJournal {
    NatsJournal::open(client(place).await, settings(place))
        .await
        .unwrap()
}
