//! Replicas: the same services in many processes, each book kept by one of them at a time.
//!
//! Books are spread over shards; a shard is kept by whoever holds its lease. Leases may be lost at any moment,
//! and two replicas may believe to hold one shard: the journal lets only one of them write, so that costs time
//! and never a fact. Where no lease can be had, a replica takes a shard nobody was heard to hold for a while.
//! It does not know what a book is; its [`Host`] opens and closes them.

mod standing;

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use picket_bus::Bus;
use picket_ephemera::{Ephemera, EphemeraError};
use picket_schemas::Jurisdiction;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use standing::Standing;

/// How often a replica says what it holds and renews its leases.
const BEAT: Duration = Duration::from_secs(1);
/// How long a lease is good for.
const TTL: Duration = Duration::from_secs(5);
/// How long nobody must be heard to hold a shard before it is taken without a lease.
const SILENT: Duration = Duration::from_secs(5);
/// Where replicas say what they hold.
const BEATS: &str = "picket.replica";

/// A part of a service's books.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Shard {
    /// The service.
    pub service: String,
    /// Which part, from 0.
    pub index: u32,
}

impl Shard {
    /// The shard of a service's book of a jurisdiction, of so many.
    pub fn of(service: &str, jurisdiction: &Jurisdiction, shards: u32) -> Self {
        let index = u32::try_from(spread(jurisdiction.as_str()) % u64::from(shards.max(1))).unwrap_or(0);
        Self { service: service.to_owned(), index }
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.service, self.index)
    }
}

/// What a replica says of itself each beat.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Beat {
    /// Who.
    pub replica: String,
    /// How many shards a service has there.
    pub shards: u32,
    /// What it can keep.
    pub services: Vec<String>,
    /// What it keeps.
    pub holds: Vec<Shard>,
    /// Whether a lease stands behind what it keeps.
    #[serde(default)]
    pub leased: bool,
    /// It goes: what it held is free.
    #[serde(default)]
    pub leaving: bool,
}

/// Whether a shard is still this replica's: who serves it asks before each answer, and stays silent when not.
#[derive(Clone, Debug)]
pub struct Current {
    base: Instant,
    until: Arc<AtomicU64>,
}

impl Current {
    fn new(base: Instant, until: Instant) -> Self {
        let current = Self { base, until: Arc::default() };
        current.extend(until);
        current
    }

    fn extend(&self, until: Instant) {
        let millis = u64::try_from(until.duration_since(self.base).as_millis()).unwrap_or(u64::MAX);
        self.until.store(millis, Ordering::SeqCst);
    }

    fn end(&self) {
        self.until.store(0, Ordering::SeqCst);
    }

    /// Whether the lease still runs. A process that stood still for longer than that finds it over.
    pub fn holds(&self) -> bool {
        let now = u64::try_from(Instant::now().duration_since(self.base).as_millis()).unwrap_or(u64::MAX);
        now < self.until.load(Ordering::SeqCst)
    }
}

/// What a host does, until it is done.
pub type Hosting = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Who keeps the books of a shard while it is this replica's.
pub struct Host {
    /// Opens the books of a shard and begins to answer for them.
    pub open: Box<dyn Fn(Shard, Current) -> Hosting + Send + Sync>,
    /// Stops answering and closes the books of a shard.
    pub close: Box<dyn Fn(Shard) -> Hosting + Send + Sync>,
}

/// One process among many.
#[derive(Clone, Debug)]
pub struct Replica {
    /// Its name, unlike any other's.
    pub name: String,
    /// The services it keeps.
    pub services: Vec<String>,
    /// How many shards each service has; the same in every replica.
    pub shards: u32,
}

/// A shard of this replica.
struct Mine {
    current: Current,
    opening: JoinHandle<()>,
}

struct Running {
    replica: Replica,
    leases: Arc<dyn Ephemera>,
    bus: Arc<dyn Bus>,
    host: Arc<Host>,
    base: Instant,
    standing: Standing,
    mine: BTreeMap<Shard, Mine>,
    closing: BTreeMap<Shard, JoinHandle<()>>,
    leases_up: bool,
    /// Whether a beat went by in which the others could be heard.
    heard: bool,
}

impl Replica {
    /// Keeps its part of the books until told to stop; then gives all of them up in order.
    /// `told` shows the shards it holds.
    pub async fn run(self, leases: Arc<dyn Ephemera>, bus: Arc<dyn Bus>, host: Arc<Host>, mut stop: watch::Receiver<bool>, told: watch::Sender<Vec<Shard>>) {
        let base = Instant::now();
        let standing = Standing::new(self.name.clone(), self.services.clone(), self.shards, base);
        let mut running = Running { replica: self, leases, bus, host, base, standing, mine: BTreeMap::new(), closing: BTreeMap::new(), leases_up: true, heard: false };
        let mut heard = running.bus.serve(BEATS).await.ok();
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = async { drop(stop.wait_for(|stop| *stop).await) } => break,
                _ = beats.tick() => {
                    if heard.is_none() {
                        heard = running.bus.serve(BEATS).await.ok();
                    }
                    running.beat().await;
                    told.send_if_modified(|shown| {
                        let holds: Vec<_> = running.mine.keys().cloned().collect();
                        let changed = *shown != holds;
                        *shown = holds;
                        changed
                    });
                }
                request = async { match &mut heard { Some(heard) => heard.next().await, None => std::future::pending().await } } => match request {
                    Some(request) => {
                        if let Ok(beat) = serde_json::from_slice::<Beat>(&request.body) {
                            running.standing.hear(beat, Instant::now());
                        }
                    }
                    None => heard = None,
                },
            }
        }
        running.leave().await;
        told.send_replace(Vec::new());
    }
}

impl Running {
    /// One beat: renew, give up, ask for more, say what is held.
    async fn beat(&mut self) {
        self.closing.retain(|_, closing| !closing.is_finished());
        self.renew().await;
        if !std::mem::replace(&mut self.heard, true) {
            // Who is there is heard first.
            self.say(false).await;
            return;
        }
        let now = Instant::now();
        for shard in self.standing.surplus(&self.holds(), self.leases_up, now) {
            self.give_up(&shard, true).await;
        }
        let wanted: Vec<_> = self.standing.wanted(&self.holds(), self.leases_up, now).into_iter().filter(|shard| !self.closing.contains_key(shard)).collect();
        if self.leases_up || self.mine.is_empty() {
            // Whether leases can be had is also learnt by asking for one.
            let asked = Instant::now();
            let answers = self.ask(wanted.iter().cloned().collect()).await;
            if let Some(up) = is_up(&answers) {
                self.leases_up = up;
            }
            for (shard, answer) in answers {
                if matches!(answer, Ok(true)) {
                    self.take(shard, asked + TTL);
                }
            }
        }
        if !self.leases_up {
            for shard in self.standing.wanted(&self.holds(), false, Instant::now()) {
                if !self.closing.contains_key(&shard) {
                    self.take(shard, Instant::now() + TTL);
                }
            }
        }
        self.say(false).await;
    }

    /// Renews what is held; what somebody else has by now is closed.
    async fn renew(&mut self) {
        let asked = Instant::now();
        let answers = self.ask(self.holds()).await;
        if let Some(up) = is_up(&answers) {
            self.leases_up = up;
        }
        for (shard, answer) in answers {
            match answer {
                Ok(true) => {
                    if let Some(mine) = self.mine.get(&shard) {
                        mine.current.extend(asked + TTL);
                    }
                }
                Ok(false) => self.give_up(&shard, false).await,
                // Nobody can say: it is kept as long as this process runs and nobody else claims it.
                Err(_) => {
                    if let Some(mine) = self.mine.get(&shard) {
                        mine.current.extend(asked + TTL);
                    }
                }
            }
        }
    }

    /// Asks for leases, all at once and not for longer than a beat.
    async fn ask(&self, shards: BTreeSet<Shard>) -> Vec<(Shard, Result<bool, EphemeraError>)> {
        let mut asking = JoinSet::new();
        for shard in shards {
            let (leases, holder) = (self.leases.clone(), self.replica.name.clone());
            let name = self.lease_name(&shard);
            asking.spawn(async move {
                let answer = match timeout(BEAT, leases.lease(&name, &holder, TTL)).await {
                    Ok(answer) => answer.map(|lease| lease.is_some()),
                    Err(_) => Err(EphemeraError::Unavailable("it did not answer in time".into())),
                };
                (shard, answer)
            });
        }
        let mut answers = Vec::new();
        while let Some(answer) = asking.join_next().await {
            answers.extend(answer.ok());
        }
        answers
    }

    fn take(&mut self, shard: Shard, until: Instant) {
        if self.mine.contains_key(&shard) {
            return;
        }
        let current = Current::new(self.base, until);
        let (host, opened, its) = (self.host.clone(), shard.clone(), current.clone());
        let opening = tokio::spawn(async move { (host.open)(opened, its).await });
        self.mine.insert(shard, Mine { current, opening });
    }

    /// Stops keeping a shard; with `release` the next one has it at once.
    async fn give_up(&mut self, shard: &Shard, release: bool) {
        let Some(Mine { current, opening }) = self.mine.remove(shard) else { return };
        self.standing.gave_up(shard, Instant::now());
        let (host, closed, leases, name, holder) = (self.host.clone(), shard.clone(), self.leases.clone(), self.lease_name(shard), self.replica.name.clone());
        let closing = tokio::spawn(async move {
            // What is half open is left where it stands; the host closes what it has.
            opening.abort();
            drop(opening.await);
            (host.close)(closed).await;
            current.end();
            if release {
                // Not given back, it ends by itself.
                drop(timeout(BEAT, leases.release(&name, &holder)).await);
            }
        });
        self.closing.insert(shard.clone(), closing);
    }

    async fn leave(&mut self) {
        for shard in self.holds() {
            self.give_up(&shard, true).await;
        }
        for closing in std::mem::take(&mut self.closing).into_values() {
            drop(closing.await);
        }
        self.say(true).await;
    }

    async fn say(&self, leaving: bool) {
        let beat = Beat { replica: self.replica.name.clone(), shards: self.replica.shards, services: self.replica.services.clone(), holds: self.mine.keys().cloned().collect(), leased: self.leases_up, leaving };
        let body = serde_json::to_vec(&beat).expect("a beat holds only strings and numbers");
        // Not heard, it is said again a second later.
        drop(timeout(BEAT, self.bus.tell(BEATS, body)).await);
    }

    fn holds(&self) -> BTreeSet<Shard> {
        self.mine.keys().cloned().collect()
    }

    fn lease_name(&self, shard: &Shard) -> String {
        format!("shard.{}.{shard}", self.replica.shards)
    }
}

/// Whether leases can be had, as far as answers tell.
fn is_up(answers: &[(Shard, Result<bool, EphemeraError>)]) -> Option<bool> {
    if answers.is_empty() {
        return None;
    }
    Some(answers.iter().any(|(_, answer)| answer.is_ok()))
}

/// Spreads names evenly; the same in every replica and every version.
fn spread(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests;
