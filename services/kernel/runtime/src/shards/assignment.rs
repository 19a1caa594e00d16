//! The assignment of shards to this replica: which leases it acquires, renews and gives up, once a second.
//!
//! Which shards it should want follows from the heartbeats of the others, and is decided in `membership.rs`.

mod events;
mod leasing;

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use picket_bus::Bus;
use picket_ephemera::Ephemera;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::Shard;
use super::heartbeat::{self, Heartbeat};
use super::lease::ShardLease;
use super::membership::Membership;
use events::{AssignmentEvent, AssignmentEvents};

/// How long a lease is good for.
const TTL: Duration = Duration::from_secs(5);
/// After so many heartbeats of its own that did not come back a replica is cut off: nobody hears its answers either.
const CUT_OFF: u32 = 2;

/// The work of a host, until it is done.
pub type HostFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The host of a shard's books while the shard is this replica's.
pub struct Host {
    /// Opens the books of a shard and begins to answer for them.
    pub open: Box<dyn Fn(Shard, ShardLease) -> HostFuture + Send + Sync>,
    /// Stops answering and closes the books of a shard.
    pub close: Box<dyn Fn(Shard) -> HostFuture + Send + Sync>,
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

impl Replica {
    /// Keeps its part of the books until told to stop; then gives all of them up in order.
    /// `told` shows the shards it holds.
    pub async fn run(
        self,
        leases: Arc<dyn Ephemera>,
        bus: Arc<dyn Bus>,
        host: Arc<Host>,
        stop: watch::Receiver<bool>,
        told: watch::Sender<Vec<Shard>>,
    ) {
        let assignment = Assignment::new(self, leases, bus.clone(), host);
        let events = AssignmentEvents::new(bus, stop).await;
        assignment.run(events, told).await;
    }
}

/// The shards of this replica.
///
/// It owns the leases of this process, and nobody else here acquires or releases one. It repeats one loop until it is
/// told to stop:
///
/// ```text
/// loop {
///     match events.next().await {
///         a heartbeat => note who holds what,
///         a round is due => renew, give up, acquire, say what is held,
///         told to stop => break,
///     }
/// }
/// ```
///
/// A round comes once a second:
/// 1. shards whose books cannot be opened here, or need a later version, are given up;
/// 2. the leases of all others it holds are renewed; a shard that another replica has by now is closed;
/// 3. one shard more than a fair share is given up, and leases of shards nobody holds are asked for;
/// 4. a heartbeat says what is held.
///
/// Opening and closing books are tasks of their own, so that a slow one delays no renewal.
///
/// Where the store of leases is away, shards are kept as long as nobody else claims them, and a shard is taken that no
/// heartbeat has claimed for five seconds. A process that stood still finds its leases expired, answers nothing, and
/// hears the others for two seconds before it answers again. One that does not hear its own heartbeats is cut
/// off: it releases its leases, which renewed would keep its books from everybody.
///
/// None of this fences a write. The journal takes a commit only on the head it expects, so two holders of one shard
/// cost time and never a fact.
///
/// The price: a shard moves as a whole, one of each service a second, and requests to it wait for that long.
///
/// Decision 0019 (shards are leased, and heard).
struct Assignment {
    replica: Replica,
    leases: Arc<dyn Ephemera>,
    bus: Arc<dyn Bus>,
    host: Arc<Host>,
    /// Instants of leases are counted from here.
    base: Instant,
    membership: Membership,
    held: BTreeMap<Shard, HeldShard>,
    closing: BTreeMap<Shard, JoinHandle<()>>,
    /// Whether the store of leases answered when it was last asked.
    leases_up: bool,
    /// Whether a round went by in which the others could be heard.
    has_listened: bool,
    /// Heartbeats of its own since one of them came back, as the others hear them.
    missed_echoes: u32,
    /// When one of them last came back.
    last_echo: Instant,
    /// When the last round was.
    last_round: Instant,
}

/// A shard of this replica.
struct HeldShard {
    lease: ShardLease,
    /// The task that opens its books.
    opening: JoinHandle<()>,
    /// Rounds since its lease ran out and the store could not say whose it is.
    rounds_lapsed: u32,
}

impl Assignment {
    fn new(
        replica: Replica,
        leases: Arc<dyn Ephemera>,
        bus: Arc<dyn Bus>,
        host: Arc<Host>,
    ) -> Self {
        let base = Instant::now();
        let membership = Membership::new(
            replica.name.clone(),
            replica.services.clone(),
            replica.shards,
            base,
        );
        Self {
            replica,
            leases,
            bus,
            host,
            base,
            membership,
            held: BTreeMap::new(),
            closing: BTreeMap::new(),
            leases_up: true,
            has_listened: false,
            missed_echoes: 0,
            last_echo: base,
            last_round: base,
        }
    }

    async fn run(mut self, mut events: AssignmentEvents, told: watch::Sender<Vec<Shard>>) {
        loop {
            match events.next().await {
                AssignmentEvent::Heartbeat(heartbeat) => {
                    if self.hear(heartbeat) {
                        events.round_at_once();
                    }
                }
                AssignmentEvent::RoundDue => {
                    self.round().await;
                    let holds: Vec<_> = self.held.keys().cloned().collect();
                    told.send_if_modified(|shown| {
                        let changed = *shown != holds;
                        *shown = holds;
                        changed
                    });
                }
                AssignmentEvent::Stopped => break,
            }
        }
        self.leave().await;
        told.send_replace(Vec::new());
    }

    /// Takes note of a heartbeat. True where this replica was cut off and is back among the others: a round is due at
    /// once, which keeps what is still free here.
    fn hear(&mut self, heartbeat: Heartbeat) -> bool {
        let now = Instant::now();
        let mut is_back = false;
        if heartbeat.replica == self.replica.name {
            let last_echo = std::mem::replace(&mut self.last_echo, now);
            if std::mem::take(&mut self.missed_echoes) >= CUT_OFF {
                self.membership.was_deaf(last_echo, now);
                is_back = true;
            }
        }
        self.membership.hear(heartbeat, now);
        self.note_contested(now);
        is_back
    }

    /// One round: renew, give up, acquire, say what is held.
    async fn round(&mut self) {
        self.closing.retain(|_, closing| !closing.is_finished());
        let now = Instant::now();
        self.note_standstill(now);
        self.note_contested(now);
        self.give_up_unkeepable(now).await;
        if self.missed_echoes >= CUT_OFF {
            self.stand_aside().await;
            return self.say(false).await;
        }
        self.renew().await;
        // In its first round the others are heard first.
        if std::mem::replace(&mut self.has_listened, true) {
            let now = Instant::now();
            let held = self.holds();
            for shard in self.membership.surplus(&held, self.leases_up, now) {
                self.give_up(&shard, true).await;
            }
            self.acquire(now).await;
        }
        self.say(false).await;
    }

    /// Notes a standstill of this process: a replica that took over meanwhile has not been heard yet.
    fn note_standstill(&mut self, now: Instant) {
        let last_round = std::mem::replace(&mut self.last_round, now);
        if now.duration_since(last_round) >= heartbeat::SILENCE {
            self.has_listened = false;
            self.membership.was_deaf(last_round, now);
        }
    }

    /// Notes on each lease whether another replica answers for its shard too.
    fn note_contested(&self, now: Instant) {
        for (shard, held) in &self.held {
            held.lease
                .set_contested(self.membership.is_answered_for(shard, now));
        }
    }

    /// Gives up shards whose books need a later version or could not be opened here.
    async fn give_up_unkeepable(&mut self, now: Instant) {
        for shard in self.held_where(|held| held.lease.is_outdated()) {
            self.membership.is_too_old_for(shard.clone());
            self.give_up(&shard, true).await;
        }
        for shard in self.held_where(|held| held.lease.is_unopenable()) {
            self.membership.could_not_open(shard.clone(), now);
            self.give_up(&shard, true).await;
        }
        for shard in
            self.held_where(|held| held.opening.is_finished() && !held.lease.is_unopenable())
        {
            self.membership.opened(&shard);
        }
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

    /// Sends a heartbeat.
    async fn say(&mut self, leaving: bool) {
        self.missed_echoes = self.missed_echoes.saturating_add(1);
        let heartbeat = Heartbeat {
            replica: self.replica.name.clone(),
            shards: self.replica.shards,
            services: self.replica.services.clone(),
            holds: self.held.keys().cloned().collect(),
            lapsed: self.held_where(|held| !held.lease.holds()),
            cannot: self.membership.unable(Instant::now()),
            leased: self.leases_up,
            leaving,
        };
        let body = serde_json::to_vec(&heartbeat).expect("a beat holds only strings and numbers");
        // One that is lost is followed by another a second later.
        let told = self.bus.tell(heartbeat::SUBJECT, body);
        drop(timeout(heartbeat::INTERVAL, told).await);
    }

    fn holds(&self) -> BTreeSet<Shard> {
        self.held.keys().cloned().collect()
    }

    fn held_where(&self, is: impl Fn(&HeldShard) -> bool) -> Vec<Shard> {
        self.held
            .iter()
            .filter(|(_, held)| is(held))
            .map(|(shard, _)| shard.clone())
            .collect()
    }

    fn lease_name(&self, shard: &Shard) -> String {
        format!("shard.{}.{shard}", self.replica.shards)
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod wire_tests;
