//! The contract of the bus on real servers, and what only several processes can show.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use picket_bus::{Bus, BusError, Requests};
use picket_harness::{Faults, Nats, Place, Proxy};
use picket_nats::NatsBus;

use crate::{client, one, three};

const LONG: Duration = Duration::from_secs(10);

mod on_one {
    picket_bus::bus_contract!(async || super::of(crate::one()).await);
}

mod on_three {
    picket_bus::bus_contract!(async || super::of(crate::three()).await);
}

/// A bus that keeps its servers.
struct Kept(
    NatsBus,
    #[expect(dead_code, reason = "the servers end with the last who holds them")] Arc<Nats>,
);

#[async_trait]
impl Bus for Kept {
    async fn ask(
        &self,
        subject: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, BusError> {
        self.0.ask(subject, body, patience).await
    }
    async fn serve(&self, subject: &str) -> Result<Requests, BusError> {
        self.0.serve(subject).await
    }
    async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
        self.0.tell(subject, body).await
    }
}

async fn of(servers: Arc<Nats>) -> Arc<Kept> {
    let bus = NatsBus::new(client(&servers.place()).await);
    Arc::new(Kept(bus, servers))
}

async fn bus(place: &Place) -> NatsBus {
    NatsBus::new(client(place).await)
}

/// Asks until somebody serves: a new subscription takes a moment to be known on the other servers.
async fn ask(bus: &NatsBus, subject: &str, body: &[u8]) -> Result<Vec<u8>, BusError> {
    let end = tokio::time::Instant::now() + LONG;
    loop {
        match bus
            .ask(subject, body.to_vec(), Duration::from_secs(1))
            .await
        {
            Err(BusError::Nobody(_) | BusError::TimedOut(_))
                if tokio::time::Instant::now() < end =>
            {
                tokio::task::yield_now().await
            }
            answer => return answer,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_replicas_on_different_servers_the_current_one_answers_and_the_other_stays_silent() {
    let servers = three();
    let place = servers.place();
    let at = |node| place.through(&[servers.port(node)]);
    let (asker, current, zombie) = (bus(&at(0)).await, bus(&at(1)).await, bus(&at(2)).await);
    let mut heard = zombie.serve("picket.do.dispatch.420902").await.unwrap();
    let mut requests = current.serve("picket.do.dispatch.420902").await.unwrap();
    let answering = tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            request.reply(b"mine".to_vec());
        }
    });
    for _ in 0..20 {
        assert_eq!(
            ask(&asker, "picket.do.dispatch.420902", b"?").await,
            Ok(b"mine".to_vec())
        );
    }
    let heard = tokio::time::timeout(LONG, heard.next()).await.unwrap();
    assert_eq!(
        heard.unwrap().body,
        b"?",
        "who is not current hears what is asked"
    );
    answering.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_is_refused_to_the_asker_and_nobody_waits_for_it() {
    let servers = one();
    let bus = bus(&servers.place()).await;
    let mut requests = bus.serve("picket.ask").await.unwrap();
    let limit = 2 * 1024 * 1024;
    let large = vec![b'x'; 2 * 1024 * 1024 + 1];
    let refused = bus.ask("picket.ask", large.clone(), LONG).await;
    assert_eq!(
        refused,
        Err(BusError::TooLarge {
            bytes: large.len(),
            limit
        })
    );
    assert_eq!(
        bus.tell("picket.ask", large.clone()).await,
        Err(BusError::TooLarge {
            bytes: large.len(),
            limit
        })
    );
    let reply = large.clone();
    let answering = tokio::spawn(async move {
        requests.next().await.unwrap().reply(reply);
        let request = requests.next().await.unwrap();
        let body = request.body.clone();
        request.reply(body);
    });
    assert_eq!(
        bus.ask("picket.ask", Vec::new(), LONG).await,
        Err(BusError::TooLarge {
            bytes: large.len(),
            limit
        })
    );
    let fits = vec![b'y'; limit];
    assert_eq!(bus.ask("picket.ask", fits.clone(), LONG).await, Ok(fits));
    answering.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_serves_is_heard_again_after_the_connection_was_cut() {
    let servers = one();
    let place = servers.place();
    let proxy = Proxy::before(servers.port(0), Faults::default()).await;
    let (serving, asking) = (
        bus(&place.through(&[proxy.port()])).await,
        bus(&place).await,
    );
    let mut requests = serving.serve("picket.ask").await.unwrap();
    let answering = tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            request.reply(b"here".to_vec());
        }
    });
    for _ in 0..3 {
        assert_eq!(ask(&asking, "picket.ask", b"?").await, Ok(b"here".to_vec()));
        proxy.cut();
    }
    assert_eq!(ask(&asking, "picket.ask", b"?").await, Ok(b"here".to_vec()));
    answering.abort();
}
