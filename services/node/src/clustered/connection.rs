//! The connections of a process that is one of many.
//!
//! Facts are on NATS JetStream, requests travel over NATS, leases lie in Redis and may be lost. It names the
//! adapters and wires them; it does not know what this process keeps.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use picket_bus::{Bus, BusError, Requests, subjects};
use picket_ephemera::{Ephemera, EphemeraError, Lease, Rate, Taken};
use picket_journal::Journal;
use picket_nats::{Credentials, NatsAccess, NatsBus, NatsJournal};
use picket_redis::RedisEphemera;
use picket_telemetry::Metrics;
use tokio::time::{Instant, sleep};

use super::settings::ClusterArgs;
use crate::problem::{Exit, Failure};

/// How long one attempt of a request may take before it is sent again.
const ATTEMPT: Duration = Duration::from_secs(4);
/// The pause before a request that nobody heard is sent again.
const UNHEARD: Duration = Duration::from_millis(200);

/// The connections of a process.
pub struct Cluster {
    /// Where facts are kept.
    pub journal: Arc<dyn Journal>,
    /// How requests travel.
    pub bus: Arc<dyn Bus>,
    /// Leases, where there are any.
    pub leases: Arc<dyn Ephemera>,
    /// The time by the journal's server, when this process connected.
    pub now: Timestamp,
    /// When something was last written to the journal, before this process connected.
    pub last_write: Option<Timestamp>,
    /// Where what this process does is counted, if anywhere.
    pub metrics: Option<Metrics>,
    pub(super) client: picket_nats::Client,
    pub(super) replicas: usize,
}

/// The connections of a process that keeps nothing and reads no journal: its key need not open one.
pub struct Edge {
    /// How requests travel.
    pub bus: Arc<dyn Bus>,
    /// Leases, where there are any.
    pub leases: Arc<dyn Ephemera>,
}

impl Edge {
    /// Connects as the flags and `PICKET_NATS`, `PICKET_REDIS` say.
    pub async fn connect(args: &ClusterArgs, name: &str) -> Result<Self, Failure> {
        let client = client(args, name).await?;
        Ok(Self {
            bus: bus(client),
            leases: leases(args)?,
        })
    }
}

async fn client(args: &ClusterArgs, name: &str) -> Result<picket_nats::Client, Failure> {
    let credentials = args
        .nats_key
        .clone()
        .map_or(Credentials::None, Credentials::SeedFile);
    let access = NatsAccess {
        urls: args
            .nats
            .iter()
            .flat_map(|urls| urls.split(','))
            .map(str::to_owned)
            .collect(),
        credentials,
        authority: args.nats_authority.clone(),
        inbox: args.nats_inbox.clone(),
    };
    picket_nats::connect(&access, name).await.map_err(|why| {
        Failure::new(
            Exit::Storage,
            why.to_string(),
            "`deploy/servers.sh` brings a nats-server; `deploy/README.md` shows how it is started.",
        )
    })
}

fn bus(client: picket_nats::Client) -> Arc<dyn Bus> {
    Arc::new(Insisting(Arc::new(NatsBus::new(client))))
}

fn leases(args: &ClusterArgs) -> Result<Arc<dyn Ephemera>, Failure> {
    Ok(match &args.redis {
        Some(address) => Arc::new(
            RedisEphemera::open(
                address,
                &picket_redis::RedisSettings {
                    prefix: args.redis_prefix.clone(),
                    ..picket_redis::RedisSettings::default()
                },
            )
            .map_err(|why| {
                Failure::usage(
                    why.to_string(),
                    "Leave Redis out to run without it: takeovers then take a little longer.",
                )
            })?,
        ),
        None => Arc::new(NoLeases),
    })
}

impl Cluster {
    /// Connects as the flags and `PICKET_NATS`, `PICKET_REDIS` say.
    pub async fn connect(args: &ClusterArgs, name: &str) -> Result<Self, Failure> {
        let client = client(args, name).await?;
        let settings = picket_nats::JournalSettings {
            stream: args.stream.clone(),
            replicas: args.nats_replicas,
            max_bytes: args.nats_max_bytes,
            monitors: args.nats_monitor.clone(),
            unverified_sync: args.unverified_sync,
            ..picket_nats::JournalSettings::default()
        };
        let journal = NatsJournal::open(client.clone(), settings).await.map_err(|why| Failure::new(Exit::Storage, why.to_string(), "Correct the configuration of nats-server and start again; nothing was written."))?;
        let (now, last_write) = times_of(&client, &args.stream).await?;
        Ok(Self {
            journal: Arc::new(journal),
            bus: bus(client.clone()),
            leases: leases(args)?,
            now,
            last_write,
            metrics: None,
            client,
            replicas: args.nats_replicas,
        })
    }
}

impl Cluster {
    /// Takes a stream away with all it holds. Only a replay's own may ever go.
    pub async fn forget(&self, stream: &str) -> Result<(), Failure> {
        picket_nats::delete_stream(&self.client, stream)
            .await
            .map_err(|why| {
                Failure::new(
                    Exit::Storage,
                    format!("the stream `{stream}` cannot be taken away: {why}"),
                    "`nats stream rm` does it by hand.",
                )
            })
    }
}

/// The time by the server of the journal, and when it last took something.
async fn times_of(
    client: &picket_nats::Client,
    stream: &str,
) -> Result<(Timestamp, Option<Timestamp>), Failure> {
    let failed = |why: String| {
        Failure::new(
            Exit::Storage,
            format!("nats-server does not say what time it is: {why}"),
            "Is JetStream up? Start again.",
        )
    };
    let times = picket_nats::stream_times(client, stream)
        .await
        .map_err(|why| failed(why.to_string()))?;
    let now = times
        .now
        .parse()
        .map_err(|_| failed("its answer holds no time".into()))?;
    Ok((now, times.last_write.and_then(|text| text.parse().ok())))
}

/// A bus whose requests are sent again while a book changes hands: ids make that harmless.
struct Insisting(Arc<dyn Bus>);

#[async_trait]
impl Bus for Insisting {
    async fn ask(
        &self,
        subject: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, BusError> {
        if !subjects::is_wish(subject) && subject != subjects::QUESTION {
            return self.0.ask(subject, body, patience).await;
        }
        let end = Instant::now() + patience;
        loop {
            let attempt = end.saturating_duration_since(Instant::now()).min(ATTEMPT);
            let answer = self.0.ask(subject, body.clone(), attempt).await;
            let pause = match &answer {
                Err(BusError::Nobody(_)) => UNHEARD,
                Err(BusError::TimedOut(_)) => Duration::ZERO,
                _ => return answer,
            };
            if Instant::now() + pause >= end {
                return answer;
            }
            sleep(pause).await;
        }
    }

    async fn serve(&self, subject: &str) -> Result<Requests, BusError> {
        self.0.serve(subject).await
    }

    async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
        self.0.tell(subject, body).await
    }
}

/// No store of short-lived things: everybody goes on without.
struct NoLeases;

fn away() -> EphemeraError {
    EphemeraError::Unavailable("none is configured".into())
}

#[async_trait]
impl Ephemera for NoLeases {
    async fn lease(&self, _: &str, _: &str, _: Duration) -> Result<Option<Lease>, EphemeraError> {
        Err(away())
    }
    async fn release(&self, _: &str, _: &str) -> Result<(), EphemeraError> {
        Err(away())
    }
    async fn take(&self, _: &str, _: u32, _: Rate) -> Result<Taken, EphemeraError> {
        Err(away())
    }
    async fn put(&self, _: &str, _: &[u8], _: Duration) -> Result<(), EphemeraError> {
        Err(away())
    }
    async fn put_if_absent(&self, _: &str, _: &[u8], _: Duration) -> Result<bool, EphemeraError> {
        Err(away())
    }
    async fn get(&self, _: &str) -> Result<Option<Vec<u8>>, EphemeraError> {
        Err(away())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Nobody hears the first two requests.
    #[derive(Default)]
    struct Deaf(AtomicU32);

    #[async_trait]
    impl Bus for Deaf {
        async fn ask(
            &self,
            subject: &str,
            body: Vec<u8>,
            _: Duration,
        ) -> Result<Vec<u8>, BusError> {
            match self.0.fetch_add(1, Ordering::SeqCst) {
                0 => Err(BusError::Nobody(subject.to_owned())),
                1 => Err(BusError::TimedOut(subject.to_owned())),
                _ => Ok(body),
            }
        }
        async fn serve(&self, subject: &str) -> Result<Requests, BusError> {
            Err(BusError::Gone(subject.to_owned()))
        }
        async fn tell(&self, _: &str, _: Vec<u8>) -> Result<(), BusError> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_wish_is_sent_again_while_its_book_changes_hands() {
        let bus = Insisting(Arc::new(Deaf::default()));
        assert_eq!(
            bus.ask(
                "picket.do.dispatch.420902",
                b"wish".to_vec(),
                Duration::from_secs(20)
            )
            .await,
            Ok(b"wish".to_vec())
        );
    }

    #[tokio::test]
    async fn what_is_no_wish_is_asked_once() {
        let bus = Insisting(Arc::new(Deaf::default()));
        assert_eq!(
            bus.ask(
                "picket.notice.420902.P-1",
                Vec::new(),
                Duration::from_secs(20)
            )
            .await,
            Err(BusError::Nobody("picket.notice.420902.P-1".into()))
        );
    }
}
