//! JetStream and NATS alone: groups of the same bytes published one after another, small ones, and requests that
//! are answered at once. Nothing of Picket is between, not even its journal.

use std::time::{Duration, Instant};

use picket_bus::{Bus as _, subjects};
use picket_nats::{NatsAccess, NatsBus};
use picket_node::clustered::settings::ClusterArgs;
use picket_node::problem::Failure;

use super::{RawRun, percentiles, scratch};

/// Where requests go that are answered at once.
const ECHO: &str = subjects::BENCH_ECHO;
/// How long any one of them may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Publishes groups of `bytes` bytes, each carrying `group` commands, to the stream of `args`, which is there.
pub(super) async fn measure(
    args: &ClusterArgs,
    bytes: usize,
    group: f64,
    time: Duration,
    callers: usize,
) -> Result<RawRun, Failure> {
    let access = NatsAccess {
        urls: args.nats.clone(),
        ..NatsAccess::default()
    };
    let (one, other) = (
        picket_nats::connect(&access, "picket bench raw")
            .await
            .map_err(scratch)?,
        picket_nats::connect(&access, "picket bench echo")
            .await
            .map_err(scratch)?,
    );
    let small = 600.min(bytes.max(64));
    let large = publish(&one, "large", bytes.max(64), time).await?;
    let appends = publish(&one, "small", small, time.min(Duration::from_secs(1))).await?;
    let requests = ask(&one, other, small, time.min(Duration::from_secs(1))).await?;
    let per_second = large.len() as f64 / large.iter().sum::<Duration>().as_secs_f64() * group;
    let ((fsync_ms, _), (request_ms, _)) = (percentiles(appends), percentiles(requests));
    Ok(RawRun {
        backend: "nats",
        per_second,
        bytes,
        fsync_ms,
        callers,
        request_ms: Some(request_ms),
    })
}

async fn publish(
    client: &picket_nats::Client,
    name: &str,
    bytes: usize,
    time: Duration,
) -> Result<Vec<Duration>, Failure> {
    let (mut times, started, mut filler) = (Vec::new(), Instant::now(), vec![b'x'; bytes]);
    while started.elapsed() < time {
        filler[..8].copy_from_slice(&(times.len() as u64).to_be_bytes());
        let before = Instant::now();
        picket_nats::store_bytes(client, name, filler.clone())
            .await
            .map_err(scratch)?;
        times.push(before.elapsed());
    }
    Ok(times)
}

async fn ask(
    one: &picket_nats::Client,
    other: picket_nats::Client,
    bytes: usize,
    time: Duration,
) -> Result<Vec<Duration>, Failure> {
    let mut requests = NatsBus::new(other).serve(ECHO).await.map_err(scratch)?;
    let answering = tokio::spawn(async move {
        while let Some(mut request) = requests.next().await {
            let body = std::mem::take(&mut request.body);
            request.reply(body);
        }
    });
    let (bus, mut times, started) = (NatsBus::new(one.clone()), Vec::new(), Instant::now());
    while started.elapsed() < time {
        let before = Instant::now();
        bus.ask(ECHO, vec![b'x'; bytes], PATIENCE)
            .await
            .map_err(scratch)?;
        times.push(before.elapsed());
    }
    answering.abort();
    Ok(times)
}
