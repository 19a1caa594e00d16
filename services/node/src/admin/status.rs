//! The status of a process among many, of what it keeps right now: whoever asks is answered by every process, each for
//! itself.
//!
//! `picket map --live` asks; every `serve` answers on a subject of the asker's own. It works without Redis, since
//! nobody but the processes themselves is asked. It changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;
use picket_bus::{Bus, BusError, subjects};
use picket_journal::BookName;
use picket_runtime::{Live, Shard};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use crate::ids::new_id;
use crate::projection::Asker;

/// Where it is asked; an answer goes one level deeper, to the asker.
const SUBJECT: &str = subjects::STATUS;
/// How long answers are waited for.
const PATIENCE: Duration = Duration::from_millis(2_500);
/// How long nobody more must have answered before that is all.
const QUIET: Duration = Duration::from_millis(900);

/// The reply: the status of one process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProcessStatus {
    /// Its name.
    pub process: String,
    /// The version it runs.
    pub version: String,
    /// Since when it runs.
    pub since: Timestamp,
    /// The services it was told to serve.
    pub services: Vec<String>,
    /// Over how many parts it thinks a service's books are spread.
    pub shards: u32,
    /// The shards it has, each since when.
    pub holds: Vec<Hold>,
    /// For each service it has a part of: commits that were written elsewhere and have not arrived here.
    pub behind: BTreeMap<String, u64>,
    /// Books here that stand still.
    pub stopped: Vec<String>,
}

/// A shard that is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hold {
    /// Which.
    #[serde(flatten)]
    pub shard: Shard,
    /// Since when.
    pub since: Timestamp,
}

/// The shards of a process as they come and go. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Held(Arc<Mutex<BTreeMap<Shard, Timestamp>>>);

impl Held {
    /// A shard is kept here from now on.
    pub fn begins(&self, shard: Shard, at: Timestamp) {
        self.0.lock().insert(shard, at);
    }

    /// A shard is no longer kept here.
    pub fn ends(&self, shard: &Shard) {
        self.0.lock().remove(shard);
    }

    fn all(&self) -> Vec<Hold> {
        self.0
            .lock()
            .iter()
            .map(|(shard, since)| Hold {
                shard: shard.clone(),
                since: *since,
            })
            .collect()
    }
}

/// The identity of a process, the same as long as it runs.
#[derive(Clone, Debug)]
pub struct ProcessIdentity {
    /// Its name.
    pub process: String,
    /// Since when it runs.
    pub since: Timestamp,
    /// The services it was told to serve.
    pub services: Vec<String>,
    /// Over how many parts a service's books are spread.
    pub shards: u32,
}

impl ProcessIdentity {
    /// A process that keeps nothing, or nothing yet.
    pub fn bare(&self) -> ProcessStatus {
        ProcessStatus {
            process: self.process.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            since: self.since,
            services: self.services.clone(),
            shards: self.shards,
            ..ProcessStatus::default()
        }
    }
}

/// A request to every process: the subject its reply goes to.
#[derive(Serialize, Deserialize)]
struct StatusRequest {
    to: String,
}

/// Answers for this process, for ever.
pub async fn serve<F: Future<Output = ProcessStatus> + Send>(
    bus: Arc<dyn Bus>,
    sight: impl Fn() -> F + Send,
) {
    let mut requests = loop {
        match bus.serve(SUBJECT).await {
            Ok(requests) => break requests,
            Err(_) => tokio::time::sleep(QUIET).await,
        }
    };
    while let Some(request) = requests.next().await {
        // An answer goes where answers to this question go, and nowhere else.
        let Some(asked) = serde_json::from_slice::<StatusRequest>(&request.body)
            .ok()
            .filter(|asked| subjects::is_status_reply(&asked.to))
        else {
            continue;
        };
        let body =
            serde_json::to_vec(&sight().await).expect("a sight holds only strings and numbers");
        // Lost, it is missed from one map, and the next one has it.
        drop(bus.tell(&asked.to, body).await);
    }
}

/// Asks everybody, and puts the answers in order.
pub async fn ask(bus: &dyn Bus) -> Result<Vec<ProcessStatus>, BusError> {
    let to = subjects::status_reply(new_id("asked").as_str());
    let mut answers = bus.serve(&to).await?;
    bus.tell(
        SUBJECT,
        serde_json::to_vec(&StatusRequest { to }).expect("a subject is a string"),
    )
    .await?;
    let mut seen: BTreeMap<String, ProcessStatus> = BTreeMap::new();
    let end = Instant::now() + PATIENCE;
    let mut quiet = end;
    while let Ok(Some(answer)) = timeout_at(quiet.min(end), answers.next()).await {
        if let Ok(sight) = serde_json::from_slice::<ProcessStatus>(&answer.body) {
            seen.insert(sight.process.clone(), sight);
            quiet = Instant::now() + QUIET;
        }
    }
    Ok(seen.into_values().collect())
}

/// The status of a process with books or a projection.
pub async fn sight(
    myself: &ProcessIdentity,
    held: &Held,
    live: &Live,
    asker: Option<&Asker>,
) -> ProcessStatus {
    let stopped = live
        .troubles()
        .into_iter()
        .map(|trouble| trouble.book.to_string())
        .collect();
    ProcessStatus {
        holds: held.all(),
        behind: behind(live, asker).await,
        stopped,
        ..myself.bare()
    }
}

/// For each service kept here, and for insight: how many commits were written that have not arrived here.
pub async fn behind(live: &Live, asker: Option<&Asker>) -> BTreeMap<String, u64> {
    let engine = live.engine();
    let mut read: BTreeMap<&str, Vec<BookName>> = BTreeMap::new();
    let all = engine.books();
    for book in all.iter().filter(|book| live.keeps(book)) {
        let of = read.entry(book.service()).or_default();
        of.extend(engine.reads(book));
        of.push(book.clone());
    }
    let mut wanted: Vec<BookName> = if asker.is_some() {
        all.clone()
    } else {
        read.values().flatten().cloned().collect()
    };
    wanted.sort();
    wanted.dedup();
    let Ok(heads) = engine.journal.last(&wanted).await else {
        return BTreeMap::new();
    };
    let ends: BTreeMap<&BookName, u64> = wanted
        .iter()
        .zip(heads.iter().map(|head| head.number))
        .collect();
    let mut behind = BTreeMap::new();
    for (service, mut books) in read {
        books.sort();
        books.dedup();
        let lacks = books
            .iter()
            .map(|book| {
                ends.get(book)
                    .copied()
                    .unwrap_or(0)
                    .saturating_sub(engine.cache.number(book.as_str()))
            })
            .sum();
        behind.insert(service.to_owned(), lacks);
    }
    if let Some(asker) = asker {
        let positions = asker.positions();
        let lacks = all
            .iter()
            .map(|book| {
                ends.get(book)
                    .copied()
                    .unwrap_or(0)
                    .saturating_sub(positions.get(book.as_str()).map_or(0, |(n, _)| *n))
            })
            .sum();
        behind.insert("insight".to_owned(), lacks);
    }
    behind
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use picket_bus::MemoryBus;

    use super::*;

    fn myself(process: &str) -> ProcessIdentity {
        ProcessIdentity {
            process: process.into(),
            since: Timestamp::UNIX_EPOCH,
            services: vec!["dispatch".into()],
            shards: 8,
        }
    }

    #[tokio::test]
    async fn everybody_who_is_asked_is_seen_once() {
        let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
        for name in ["b", "a"] {
            let bus = bus.clone();
            tokio::spawn(async move { serve(bus, || async { myself(name).bare() }).await });
        }
        // Both serve once they were run.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let seen: Vec<_> = ask(bus.as_ref())
            .await
            .unwrap()
            .into_iter()
            .map(|sight| sight.process)
            .collect();
        assert_eq!(seen, ["a", "b"]);
    }

    #[tokio::test]
    async fn an_answer_goes_to_no_subject_of_another_kind() {
        let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
        let mut wishes = bus.serve("picket.do.dispatch.1").await.unwrap();
        let answering = bus.clone();
        tokio::spawn(async move { serve(answering, || async { myself("a").bare() }).await });
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        bus.tell(SUBJECT, br#"{"to":"picket.do.dispatch.1"}"#.to_vec())
            .await
            .unwrap();
        assert!(
            tokio::time::timeout(Duration::from_millis(50), wishes.next())
                .await
                .is_err()
        );
    }
}
