//! The membership of the cluster as one replica hears it, and what follows for it: which shards to acquire, which to
//! give up.
//!
//! Pure: instants and heartbeats come in, shards come out. It holds no lease and keeps no book.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::heartbeat::{Heartbeat, SILENCE};
use super::{Shard, spread};

/// How much longer the next in line waits, where no lease tells who comes first.
const STAGGER: Duration = Duration::from_secs(1);

/// How long a shard that could not be opened is left to others: a backoff, at first and at most.
const LEFT_ALONE: Duration = Duration::from_secs(60);
const LONGEST_LEFT_ALONE: Duration = Duration::from_secs(600);

/// How long a replica that fell silent is remembered.
const FORGOTTEN: Duration = Duration::from_secs(60);

/// Another replica, as of its last heartbeat.
#[derive(Debug)]
struct Peer {
    heard: Instant,
    /// The services it keeps.
    serves: BTreeSet<String>,
    /// The shards of them it says it cannot keep.
    cannot: BTreeSet<Shard>,
    /// The services it can keep all shards of.
    whole: BTreeSet<String>,
    holds: BTreeSet<Shard>,
    /// The shards of those it does not answer for.
    lapsed: BTreeSet<Shard>,
    leased: bool,
}

impl Peer {
    fn answers_for(&self, shard: &Shard) -> bool {
        self.holds.contains(shard) && !self.lapsed.contains(shard)
    }

    fn can_keep(&self, shard: &Shard) -> bool {
        self.serves.contains(&shard.service) && !self.cannot.contains(shard)
    }
}

/// A shard that could not be opened here.
#[derive(Debug)]
struct Unopenable {
    /// Until when it is left to others.
    until: Instant,
    /// How long that is; it doubles when it fails again.
    backoff: Duration,
}

/// The replicas of a cluster, as one of them hears them.
#[derive(Debug)]
pub(super) struct Membership {
    me: String,
    services: Vec<String>,
    shards: u32,
    peers: BTreeMap<String, Peer>,
    /// Shards this replica is too old for.
    outdated: BTreeSet<Shard>,
    /// Shards this replica could not open.
    unopenable: BTreeMap<Shard, Unopenable>,
    /// From when a shard counts as free: a silence after somebody was last heard to hold it, or when it was given up.
    free: BTreeMap<Shard, Instant>,
    started: Instant,
}

impl Membership {
    pub(super) fn new(me: String, services: Vec<String>, shards: u32, now: Instant) -> Self {
        Self {
            me,
            services,
            shards,
            peers: BTreeMap::new(),
            outdated: BTreeSet::new(),
            unopenable: BTreeMap::new(),
            free: BTreeMap::new(),
            started: now,
        }
    }

    /// Takes note of another replica's heartbeat.
    pub(super) fn hear(&mut self, heartbeat: Heartbeat, now: Instant) {
        // A replica that counts shards otherwise means other books by the same names.
        if heartbeat.replica == self.me || heartbeat.shards != self.shards {
            return;
        }
        if heartbeat.leaving {
            // The shards it held are free at once: nobody needs to wait for a silence.
            if let Some(gone) = self.peers.remove(&heartbeat.replica) {
                for shard in gone.holds {
                    self.free.insert(shard, now);
                }
            }
            return;
        }
        for shard in &heartbeat.holds {
            self.free.insert(shard.clone(), now + SILENCE);
        }
        // A replica that cannot keep a part of a service is not counted on for the rest.
        let whole = heartbeat
            .services
            .iter()
            .filter(|service| {
                heartbeat
                    .cannot
                    .iter()
                    .all(|shard| shard.service != **service)
            })
            .cloned()
            .collect();
        let (serves, cannot) = (
            heartbeat.services.into_iter().collect(),
            heartbeat.cannot.into_iter().collect(),
        );
        let peer = Peer {
            heard: now,
            serves,
            cannot,
            whole,
            holds: heartbeat.holds.into_iter().collect(),
            lapsed: heartbeat.lapsed.into_iter().collect(),
            leased: heartbeat.leased,
        };
        // A replica that starts again has another name.
        self.peers
            .retain(|_, peer| now.duration_since(peer.heard) < FORGOTTEN);
        if let Some(before) = self.peers.insert(heartbeat.replica.clone(), peer) {
            let holds = &self.peers[&heartbeat.replica].holds;
            // Given up to somebody who has fewer: those who have their share leave it alone for a while.
            for shard in before.holds.difference(holds) {
                self.free.insert(shard.clone(), now);
            }
        }
    }

    /// Nothing could be heard for a while: replicas that were there before it are not taken for silent.
    pub(super) fn was_deaf(&mut self, since: Instant, now: Instant) {
        for peer in self
            .peers
            .values_mut()
            .filter(|peer| since.saturating_duration_since(peer.heard) < SILENCE)
        {
            peer.heard = now;
            self.free.extend(
                peer.holds
                    .iter()
                    .map(|shard| (shard.clone(), now + SILENCE)),
            );
        }
        self.started = now;
    }

    /// Whether another replica is heard to answer for a shard.
    pub(super) fn is_answered_for(&self, shard: &Shard, now: Instant) -> bool {
        self.live(now).any(|(_, peer)| peer.answers_for(shard))
    }

    /// This replica is too old for a shard: it does not acquire it again.
    pub(super) fn is_too_old_for(&mut self, shard: Shard) {
        self.outdated.insert(shard);
    }

    /// A shard could not be opened here: it is left to others for a while, longer each time.
    pub(super) fn could_not_open(&mut self, shard: Shard, now: Instant) {
        // A failure of long ago says nothing of today.
        let before = self
            .unopenable
            .get(&shard)
            .filter(|failed| now < failed.until + LONGEST_LEFT_ALONE);
        let backoff = before.map_or(LEFT_ALONE, |failed| {
            (failed.backoff * 2).min(LONGEST_LEFT_ALONE)
        });
        let until = now + backoff;
        self.unopenable.insert(shard, Unopenable { until, backoff });
    }

    /// A shard is open here.
    pub(super) fn opened(&mut self, shard: &Shard) {
        self.unopenable.remove(shard);
    }

    /// The shards this replica cannot keep, for now or for good.
    pub(super) fn unable(&self, now: Instant) -> Vec<Shard> {
        let unopenable = self
            .unopenable
            .iter()
            .filter(|(_, failed)| now < failed.until)
            .map(|(shard, _)| shard);
        self.outdated.iter().chain(unopenable).cloned().collect()
    }

    /// Whether a shard that could not be opened here is still left to others. One that none of them can keep either is
    /// tried again: the store may be back.
    fn is_left_to_others(&self, shard: &Shard, now: Instant) -> bool {
        self.unopenable
            .get(shard)
            .is_some_and(|failed| now < failed.until)
            && self.live(now).any(|(_, peer)| peer.can_keep(shard))
    }

    /// This replica gave a shard up: it does not acquire it again at once.
    pub(super) fn gave_up(&mut self, shard: &Shard, now: Instant) {
        self.free.insert(shard.clone(), now);
    }

    /// The shards to acquire now, the most urgent first.
    pub(super) fn wanted(&self, mine: &BTreeSet<Shard>, leases: bool, now: Instant) -> Vec<Shard> {
        let mut wanted = Vec::new();
        for service in &self.services {
            let room = self.fair(service, now).saturating_sub(count(mine, service));
            let mut asked = 0;
            for index in self.order(service) {
                let shard = Shard {
                    service: service.clone(),
                    index,
                };
                if mine.contains(&shard)
                    || self.outdated.contains(&shard)
                    || self.is_claimed(&shard, now)
                    || self.is_left_to_others(&shard, now)
                {
                    continue;
                }
                let free = self
                    .free
                    .get(&shard)
                    .copied()
                    .unwrap_or(self.started + SILENCE)
                    + STAGGER * self.rank(&shard, now);
                // A lease tells who comes first; without one it is the rank among those who wait. A shard that
                // nobody takes although they should goes to any that is there.
                let ask = if asked < room {
                    leases || now >= free
                } else {
                    now >= free + SILENCE
                };
                if ask {
                    asked += 1;
                    wanted.push(shard);
                }
            }
        }
        wanted
    }

    /// Shards to give up: more than a fair share, one of each service at a time; and, where no lease decides,
    /// those another replica holds too that has a lease or an earlier name.
    pub(super) fn surplus(&self, mine: &BTreeSet<Shard>, leases: bool, now: Instant) -> Vec<Shard> {
        let mut surplus: Vec<Shard> = Vec::new();
        for service in &self.services {
            if count(mine, service) > self.fair(service, now) {
                surplus.extend(
                    mine.iter()
                        .rev()
                        .find(|shard| shard.service == *service)
                        .cloned(),
                );
            }
        }
        if !leases {
            let doubled = |shard: &&Shard| {
                self.live(now)
                    .any(|(name, peer)| (peer.leased || *name < self.me) && peer.answers_for(shard))
            };
            surplus.extend(mine.iter().filter(doubled).cloned());
        }
        surplus.sort();
        surplus.dedup();
        surplus
    }

    fn live(&self, now: Instant) -> impl Iterator<Item = (&String, &Peer)> {
        self.peers
            .iter()
            .filter(move |(_, peer)| now.duration_since(peer.heard) < SILENCE)
    }

    fn is_claimed(&self, shard: &Shard, now: Instant) -> bool {
        self.live(now).any(|(_, peer)| peer.holds.contains(shard))
    }

    /// The share of a service's shards one replica keeps.
    fn fair(&self, service: &str, now: Instant) -> u32 {
        let others = self
            .live(now)
            .filter(|(_, peer)| peer.whole.contains(service))
            .count();
        self.shards
            .div_ceil(u32::try_from(others).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// Every replica asks in an order of its own, so that they do not all ask for the same.
    fn order(&self, service: &str) -> impl Iterator<Item = u32> {
        let start = spread(&format!("{} {service}", self.me)) % u64::from(self.shards.max(1));
        let (start, shards) = (u32::try_from(start).unwrap_or(0), self.shards);
        (0..shards).map(move |step| (start + step) % shards)
    }

    /// How many of the replicas that serve a shard's service come before this one.
    fn rank(&self, shard: &Shard, now: Instant) -> u32 {
        let weight = |name: &str| spread(&format!("{name} {} {}", shard.service, shard.index));
        let mine = weight(&self.me);
        let before = self
            .live(now)
            .filter(|(name, peer)| peer.whole.contains(&shard.service) && weight(name) < mine)
            .count();
        u32::try_from(before).unwrap_or(u32::MAX).min(4)
    }
}

fn count(mine: &BTreeSet<Shard>, service: &str) -> u32 {
    u32::try_from(mine.iter().filter(|shard| shard.service == service).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
