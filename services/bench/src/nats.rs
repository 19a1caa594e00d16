//! The bench on NATS: keepers on JetStream behind request and reply, asked as edges ask.
//!
//! Books and callers are in this process; every request, answer and commit goes through the server, callers and
//! keepers on connections of their own. It does not know what the callers do.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use picket_bus::Client;
use picket_ephemera::MemoryEphemera;
use picket_node::clustered::connection::Cluster;
use picket_node::clustered::settings::ClusterArgs;
use picket_node::clustered::{Clustered, Share};
use picket_node::folder::Folder;
use picket_node::problem::{Exit, Failure};
use picket_runtime::Clock;
use tokio::time::{Instant, sleep};

use super::books::{BookHost, LoadedBooks, OtherServices};
use super::county::{self, County};
use super::hosted::Hosted;
use super::load::{self, LoadPlan};
use super::route::BookRoute;
use super::server::Server;
use super::{BenchReport, BenchRun, RawRun, raw_nats};
use crate::args::BenchArgs;

/// How large the stream of one measurement may become.
const MAX_BYTES: u64 = 2 << 30;
/// How long books may take to open.
const OPENING: Duration = Duration::from_secs(60);
/// How many books the many are.
const MANY: usize = 512;

/// The server of a measurement.
struct TestedServer {
    args: ClusterArgs,
    server: Option<Server>,
}

impl TestedServer {
    fn new(args: &BenchArgs, scratch: &Path) -> Result<Self, Failure> {
        let (server, nats, nats_monitor) = match &args.nats {
            Some(url) => (None, vec![url.clone()], args.nats_monitor.clone()),
            None => {
                let server = Server::start(&scratch.join("nats"))?;
                let (url, monitor) = (server.url(), server.monitor());
                (Some(server), vec![url], vec![monitor])
            }
        };
        // A stream of its own, taken away afterwards.
        let stream = format!("PICKET_BENCH_{}", std::process::id());
        let args = ClusterArgs {
            nats,
            nats_key: None,
            nats_authority: None,
            nats_inbox: None,
            nats_monitor,
            nats_replicas: 1,
            nats_max_bytes: MAX_BYTES,
            unverified_sync: false,
            stream,
            redis: None,
            redis_prefix: "picket".into(),
        };
        Ok(Self { args, server })
    }

    async fn connect(&self, name: &str) -> Result<Cluster, Failure> {
        let mut cluster = Cluster::connect(&self.args, name).await?;
        // Nobody else keeps these books.
        cluster.leases = Arc::new(MemoryEphemera::new());
        Ok(cluster)
    }

    /// Opens the books of these counties as `serve` does.
    async fn open(
        &self,
        folder: &Folder,
        counties: &[County],
        others: OtherServices,
    ) -> Result<LoadedBooks, Failure> {
        let owned = folder.own()?;
        let (keeping, edge) = (
            self.connect("picket bench keepers").await?,
            self.connect("picket bench callers").await?,
        );
        let territory = county::territory(counties);
        let kept = |service: &&str| {
            others != OtherServices::Nothing || matches!(*service, "registry" | "dispatch")
        };
        let books: Vec<String> = picket_node::services::kinds()
            .iter()
            .map(|kind| kind.name)
            .filter(kept)
            .map(str::to_owned)
            .collect();
        let part = Share {
            name: "bench".into(),
            books: books.clone(),
            insight: false,
            shards: 1,
        };
        let node = Clustered::open(
            &keeping,
            &owned,
            &territory,
            &part,
            Clock::anchored(keeping.now),
        )
        .await?;
        let live = node.live().clone();
        let all: Vec<_> = live
            .engine()
            .books()
            .into_iter()
            .filter(|book| books.iter().any(|service| service == book.service()))
            .collect();
        let end = Instant::now() + OPENING;
        while !all.iter().all(|book| live.keeps(book)) {
            if Instant::now() >= end {
                return Err(Failure::new(
                    Exit::Storage,
                    format!("{} books did not open within a minute", all.len()),
                    "Is the server busy with something else?",
                ));
            }
            sleep(Duration::from_millis(20)).await;
        }
        let server = self.server.as_ref().map(Server::pid);
        let hosted = Hosted {
            node,
            keeping,
            server,
            stream: self.args.stream.clone(),
            _owned: owned,
        };
        Ok(LoadedBooks {
            backend: "nats",
            route: BookRoute::Bus(Client::new(edge.bus), live),
            around: BookHost::Clustered(Box::new(hosted)),
        })
    }
}

/// Measures on NATS.
pub(super) async fn measure(
    args: &BenchArgs,
    scratch: &Path,
    time: Duration,
    say: impl Fn(&str),
) -> Result<BenchReport, Failure> {
    say("nats-server");
    let on = TestedServer::new(args, scratch)?;
    let measured = rows(&on, args, scratch, time, &say).await;
    if measured.is_err() {
        // What failed may have left its stream behind; on a server of the bench's own it goes with the folder.
        if on.server.is_none()
            && let Ok(cluster) = on.connect("picket bench").await
        {
            drop(cluster.forget(&on.args.stream).await);
        }
    }
    measured
}

async fn rows(
    on: &TestedServer,
    args: &BenchArgs,
    scratch: &Path,
    time: Duration,
    say: &impl Fn(&str),
) -> Result<BenchReport, Failure> {
    let mut report = BenchReport::default();
    let hot = match (args.callers, args.books) {
        (Some(callers), _) => vec![callers.clamp(1, 512)],
        (None, Some(_)) => Vec::new(),
        (None, None) => vec![1, 64, 512],
    };
    for callers in hot {
        say(&format!("one hot book, {callers} callers"));
        let counties = load::hot();
        let bench = on
            .open(
                &Folder::at(scratch.join(format!("hot-{callers}"))),
                &counties,
                OtherServices::Nothing,
            )
            .await?;
        let measured = load::measure(
            &bench,
            &counties,
            LoadPlan {
                callers,
                time,
                others: OtherServices::Nothing,
                at_most: 60_000.0,
            },
        )
        .await;
        bench.close().await?;
        let (run, bytes, group) = measured?;
        say(&format!("the store alone, {callers} callers"));
        let alone = alone(on, bytes, group, time.min(Duration::from_secs(2)), callers).await?;
        report.compare(run, alone);
    }
    if args.callers.is_none() {
        let books = args.books.unwrap_or(MANY).clamp(1, 4_096);
        say(&format!("{books} books with reactions, as many callers"));
        let run = reactions(on, &scratch.join("many"), books, time).await?;
        report.runs.push(run);
    }
    report.rss_mb = super::rss_mb();
    Ok(report)
}

/// As many callers as books, each of which others read and act upon.
async fn reactions(
    on: &TestedServer,
    folder: &Path,
    books: usize,
    time: Duration,
) -> Result<BenchRun, Failure> {
    let counties = county::many(books);
    let bench = on
        .open(&Folder::at(folder), &counties, OtherServices::Books)
        .await?;
    let measured = load::measure(
        &bench,
        &counties,
        LoadPlan {
            callers: books,
            time,
            others: OtherServices::Books,
            at_most: 12_000.0,
        },
    )
    .await;
    bench.close().await?;
    Ok(measured?.0)
}

async fn alone(
    on: &TestedServer,
    bytes: usize,
    group: f64,
    time: Duration,
    callers: usize,
) -> Result<RawRun, Failure> {
    let cluster = on.connect("picket bench raw").await?;
    let measured = raw_nats::measure(&on.args, bytes, group, time, callers).await;
    cluster.forget(&on.args.stream).await?;
    measured
}
