//! How fast commits are on NATS, beside the same bytes written without Picket.
//!
//!     cargo run --release -p picket-tests --example measure_nats [SECONDS]
//!
//! It starts real servers, one and then three, and prints one line of JSON for each way. It decides nothing.

#![expect(
    clippy::unwrap_used,
    reason = "a measurement that goes wrong ends with its place"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use picket_bus::Bus as _;
use picket_harness::{Nats, Place};
use picket_journal::{BookName, Bytes, Head, Journal as _, hash_of};
use picket_nats::{JournalSettings, NatsAccess, NatsBus, NatsJournal, connect};
use tokio::task::JoinSet;

/// Bytes of one commit.
const SIZE: usize = 700;

#[tokio::main]
async fn main() {
    let seconds = std::env::args()
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or(4.0);
    let time = Duration::from_secs_f64(f64::clamp(seconds, 0.5, 60.0));
    for servers in [Nats::one(), Nats::three()] {
        measure(&servers, time).await;
    }
}

async fn measure(servers: &Nats, time: Duration) {
    let place = servers.place();
    let count = place.monitors.len();
    let client = connect(
        &NatsAccess {
            urls: place.urls.clone(),
            ..NatsAccess::default()
        },
        "measure",
    )
    .await
    .unwrap();
    let journal = Arc::new(open(&place).await);
    let say = |way: &str, writers: usize, mut times: Vec<Duration>, took: Duration| {
        times.sort_unstable();
        let at = |part: usize| {
            times
                .get(times.len() * part / 100)
                .copied()
                .unwrap_or_default()
                .as_secs_f64()
                * 1000.0
        };
        let per_second =
            f64::from(u32::try_from(times.len()).unwrap_or(u32::MAX)) / took.as_secs_f64();
        println!(
            "{{\"servers\":{count},\"way\":\"{way}\",\"writers\":{writers},\"per_second\":{per_second:.0},\"p50_ms\":{:.2},\"p99_ms\":{:.2}}}",
            at(50),
            at(99)
        );
    };

    let (mut times, start) = (Vec::new(), Instant::now());
    while start.elapsed() < time {
        let one = Instant::now();
        let answer = client
            .request("picket.journal.raw.1", vec![b'x'; SIZE].into())
            .await
            .unwrap();
        assert!(answer.payload.starts_with(b"{\"stream\""), "{answer:?}");
        times.push(one.elapsed());
    }
    say("raw publish, one in flight", 1, times, start.elapsed());

    let bus = NatsBus::new(client.clone());
    let mut requests = bus.serve("echo").await.unwrap();
    let answering = tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            let body = request.body.clone();
            request.reply(body);
        }
    });
    let (mut times, start) = (Vec::new(), Instant::now());
    while start.elapsed() < time / 2 {
        let one = Instant::now();
        bus.ask("echo", vec![b'x'; SIZE], Duration::from_secs(5))
            .await
            .unwrap();
        times.push(one.elapsed());
    }
    say("request and reply", 1, times, start.elapsed());
    answering.abort();

    for writers in [1, 8, 64, 512] {
        let start = Instant::now();
        let mut all = JoinSet::new();
        for writer in 0..writers {
            let journal = Arc::clone(&journal);
            all.spawn(async move {
                write(&journal, &format!("w{writers}-{writer}"), start, time).await
            });
        }
        let times = all.join_all().await.concat();
        say("journal, one book each", writers, times, start.elapsed());
    }

    let book = BookName::new("dispatch", "w1-0").unwrap();
    let (mut head, mut read, start) = (Head::default(), 0_usize, Instant::now());
    loop {
        let page = journal.read(&book, &head, 256).await.unwrap();
        let Some(last) = page.last() else { break };
        (head, read) = (last.head.clone(), read + page.len());
    }
    say(
        "read in pages of 256",
        1,
        vec![start.elapsed() / u32::try_from(read.max(1)).unwrap(); read],
        start.elapsed(),
    );
}

async fn open(place: &Place) -> NatsJournal {
    let client = connect(
        &NatsAccess {
            urls: place.urls.clone(),
            ..NatsAccess::default()
        },
        "measure",
    )
    .await
    .unwrap();
    let settings = JournalSettings {
        replicas: place.monitors.len(),
        max_bytes: 2 << 30,
        monitors: place.monitors.clone(),
        ..JournalSettings::default()
    };
    NatsJournal::open(client, settings).await.unwrap()
}

async fn write(journal: &NatsJournal, name: &str, start: Instant, time: Duration) -> Vec<Duration> {
    let book = BookName::new("dispatch", name).unwrap();
    let (mut head, mut times) = (Head::default(), Vec::new());
    while start.elapsed() < time {
        let mut bytes = format!("{name} {} ", head.number + 1).into_bytes();
        bytes.resize(SIZE, b'x');
        let one = Instant::now();
        head = journal
            .append(&book, &head, &hash_of(&bytes), Bytes::from(bytes))
            .await
            .unwrap();
        times.push(one.elapsed());
    }
    times
}
