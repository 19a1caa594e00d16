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
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
/// How long a store of leases may take to answer: one that hangs must not fill the beat with waiting for it.
const LEASING: Duration = Duration::from_millis(250);
/// How many looks at a shard whose lease ran out unseen go by, the others being heard meanwhile, before it is answered for again.
const LOOKS: u32 = 3;
/// After so many beats of its own that did not come back a replica is cut off: nobody hears its answers either.
const CUT_OFF: u32 = 2;
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
        let index =
            u32::try_from(spread(jurisdiction.as_str()) % u64::from(shards.max(1))).unwrap_or(0);
        Self {
            service: service.to_owned(),
            index,
        }
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
    /// What of that it does not answer for: somebody else may have it by now.
    #[serde(default)]
    pub lapsed: Vec<Shard>,
    /// What it cannot keep, for now or since it is too old for it: somebody else must.
    #[serde(default)]
    pub cannot: Vec<Shard>,
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
    contested: Arc<AtomicBool>,
    beyond: Arc<AtomicBool>,
    unopened: Arc<AtomicBool>,
}

impl Current {
    fn new(base: Instant, until: Instant) -> Self {
        let current = Self {
            base,
            until: Arc::default(),
            contested: Arc::default(),
            beyond: Arc::default(),
            unopened: Arc::default(),
        };
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
        let now =
            u64::try_from(Instant::now().duration_since(self.base).as_millis()).unwrap_or(u64::MAX);
        now < self.until.load(Ordering::SeqCst)
    }

    /// Whether another replica is heard to answer for it as well: then only what is in the journal is said, since a
    /// refusal here may be a yes there.
    pub fn contested(&self) -> bool {
        self.contested.load(Ordering::SeqCst)
    }

    /// This process is too old for its books: it is given up, and not asked for again.
    pub fn pass_on(&self) {
        self.beyond.store(true, Ordering::SeqCst);
    }

    /// Its books could not be opened here, and perhaps can be elsewhere: it is given up, and left to the others for a
    /// while where one of them can keep it.
    pub fn let_go(&self) {
        self.unopened.store(true, Ordering::SeqCst);
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
    /// How often it was looked at since its lease had run out and nobody could say whose it is.
    looks: u32,
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
    /// Beats said since one of them was heard here, as the others hear them.
    unheard: u32,
    /// When one of them was last heard here.
    ears: Instant,
    /// When the last beat was.
    beaten: Instant,
}

impl Replica {
    /// Keeps its part of the books until told to stop; then gives all of them up in order.
    /// `told` shows the shards it holds.
    pub async fn run(
        self,
        leases: Arc<dyn Ephemera>,
        bus: Arc<dyn Bus>,
        host: Arc<Host>,
        mut stop: watch::Receiver<bool>,
        told: watch::Sender<Vec<Shard>>,
    ) {
        let base = Instant::now();
        let standing = Standing::new(self.name.clone(), self.services.clone(), self.shards, base);
        let mut running = Running {
            replica: self,
            leases,
            bus,
            host,
            base,
            standing,
            mine: BTreeMap::new(),
            closing: BTreeMap::new(),
            leases_up: true,
            heard: false,
            unheard: 0,
            ears: base,
            beaten: base,
        };
        let mut heard = running.bus.serve(BEATS).await.ok();
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = async { drop(stop.wait_for(|stop| *stop).await) } => break,
                // What the others said is heard before anything is done about their silence.
                request = async { match &mut heard { Some(heard) => heard.next().await, None => std::future::pending().await } } => match request {
                    Some(request) => {
                        if let Ok(beat) = serde_json::from_slice::<Beat>(&request.body) {
                            let now = Instant::now();
                            if beat.replica == running.replica.name {
                                let deaf = std::mem::replace(&mut running.ears, now);
                                if std::mem::take(&mut running.unheard) >= CUT_OFF {
                                    // Back among the others: what is still free here is kept on at once.
                                    running.standing.was_deaf(deaf, now);
                                    beats.reset_immediately();
                                }
                            }
                            running.standing.hear(beat, now);
                            running.contest(now);
                        }
                    }
                    None => heard = None,
                },
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
        let now = Instant::now();
        let before = std::mem::replace(&mut self.beaten, now);
        if now.duration_since(before) >= SILENT {
            // It stood still: whoever took over meanwhile has not been heard yet.
            self.heard = false;
            self.standing.was_deaf(before, now);
        }
        self.contest(now);
        for shard in self.those(|mine| mine.current.beyond.load(Ordering::SeqCst)) {
            self.standing.cannot(shard.clone());
            self.give_up(&shard, true).await;
        }
        for shard in self.those(|mine| mine.current.unopened.load(Ordering::SeqCst)) {
            self.standing.failed(shard.clone(), now);
            self.give_up(&shard, true).await;
        }
        for shard in self.those(|mine| {
            mine.opening.is_finished() && !mine.current.unopened.load(Ordering::SeqCst)
        }) {
            self.standing.opened(&shard);
        }
        if self.unheard >= CUT_OFF {
            self.stand_aside().await;
            return self.say(false).await;
        }
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
        let wanted: Vec<_> = self
            .standing
            .wanted(&self.holds(), self.leases_up, now)
            .into_iter()
            .filter(|shard| !self.closing.contains_key(shard))
            .collect();
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

    /// Notes what somebody else answers for too.
    fn contest(&self, now: Instant) {
        for (shard, mine) in &self.mine {
            mine.current
                .contested
                .store(self.standing.is_answered_for(shard, now), Ordering::SeqCst);
        }
    }

    /// Cut off from the others it lets go of its leases: renewed, they would keep its books from everybody. It goes
    /// on keeping what nobody has taken by the time it is back.
    async fn stand_aside(&mut self) {
        self.heard = false;
        if self.unheard > CUT_OFF {
            return;
        }
        let mut releasing = JoinSet::new();
        for (shard, mine) in &self.mine {
            mine.current.end();
            let (leases, name, holder) = (
                self.leases.clone(),
                self.lease_name(shard),
                self.replica.name.clone(),
            );
            // Not given back, it ends by itself.
            releasing
                .spawn(async move { drop(timeout(LEASING, leases.release(&name, &holder)).await) });
        }
        releasing.join_all().await;
    }

    /// Renews what is held; what somebody else has by now is closed.
    async fn renew(&mut self) {
        let asked = Instant::now();
        let answers = self.ask(self.holds()).await;
        if let Some(up) = is_up(&answers) {
            self.leases_up = up;
        }
        for (shard, answer) in answers {
            let Some(mine) = self.mine.get_mut(&shard) else {
                continue;
            };
            let keeps = match answer {
                Ok(leased) => leased,
                // Nobody can say: it is kept as long as this process runs and nobody else claims it.
                Err(_) if mine.current.holds() => true,
                // It ran out while nobody looked: the others are heard first, then it is kept if none of them has it.
                Err(_) => {
                    mine.looks += u32::from(self.unheard == 0);
                    if mine.looks < LOOKS {
                        continue;
                    }
                    !self.standing.is_answered_for(&shard, asked)
                }
            };
            if keeps {
                mine.looks = 0;
                mine.current.extend(asked + TTL);
            } else {
                self.give_up(&shard, false).await;
            }
        }
    }

    /// Asks for leases, all at once and not for long.
    async fn ask(&self, shards: BTreeSet<Shard>) -> Vec<(Shard, Result<bool, EphemeraError>)> {
        let mut asking = JoinSet::new();
        for shard in shards {
            let (leases, holder) = (self.leases.clone(), self.replica.name.clone());
            let name = self.lease_name(&shard);
            asking.spawn(async move {
                let answer = match timeout(LEASING, leases.lease(&name, &holder, TTL)).await {
                    Ok(answer) => answer.map(|lease| lease.is_some()),
                    Err(_) => Err(EphemeraError::Unavailable(
                        "it did not answer in time".into(),
                    )),
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
        self.mine.insert(
            shard,
            Mine {
                current,
                opening,
                looks: 0,
            },
        );
    }

    /// Stops keeping a shard; with `release` the next one has it at once.
    async fn give_up(&mut self, shard: &Shard, release: bool) {
        let Some(Mine {
            current, opening, ..
        }) = self.mine.remove(shard)
        else {
            return;
        };
        self.standing.gave_up(shard, Instant::now());
        let (host, closed, leases, name, holder) = (
            self.host.clone(),
            shard.clone(),
            self.leases.clone(),
            self.lease_name(shard),
            self.replica.name.clone(),
        );
        let closing = tokio::spawn(async move {
            // What is half open is left where it stands; the host closes what it has.
            opening.abort();
            drop(opening.await);
            (host.close)(closed).await;
            current.end();
            if release {
                // Not given back, it ends by itself.
                drop(timeout(LEASING, leases.release(&name, &holder)).await);
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

    async fn say(&mut self, leaving: bool) {
        self.unheard = self.unheard.saturating_add(1);
        let now = Instant::now();
        let (holds, lapsed) = (
            self.mine.keys().cloned().collect(),
            self.mine
                .iter()
                .filter(|(_, mine)| !mine.current.holds())
                .map(|(shard, _)| shard.clone())
                .collect(),
        );
        let beat = Beat {
            replica: self.replica.name.clone(),
            shards: self.replica.shards,
            services: self.replica.services.clone(),
            holds,
            lapsed,
            cannot: self.standing.unable(now),
            leased: self.leases_up,
            leaving,
        };
        let body = serde_json::to_vec(&beat).expect("a beat holds only strings and numbers");
        // Not heard, it is said again a second later.
        drop(timeout(BEAT, self.bus.tell(BEATS, body)).await);
    }

    fn holds(&self) -> BTreeSet<Shard> {
        self.mine.keys().cloned().collect()
    }

    fn those(&self, are: impl Fn(&Mine) -> bool) -> Vec<Shard> {
        self.mine
            .iter()
            .filter(|(_, mine)| are(mine))
            .map(|(shard, _)| shard.clone())
            .collect()
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
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod wire_tests;
