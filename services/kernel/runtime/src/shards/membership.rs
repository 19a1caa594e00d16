//! What a replica knows of the others, and what follows for it: which shards to ask for, which to give up.
//!
//! Pure: instants and beats come in, wishes come out. It holds no lease and keeps no book.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::{Beat, SILENT, Shard};

/// How much longer the next in line waits, where no lease tells who comes first.
const STAGGER: Duration = Duration::from_secs(1);

/// How long what could not be opened is left to others, at first and at most; each time it fails again that doubles.
const APART: Duration = Duration::from_secs(60);
const LONGEST_APART: Duration = Duration::from_secs(600);

/// How long a replica that fell silent is remembered.
const FORGOTTEN: Duration = Duration::from_secs(60);

/// Another replica, as last heard.
#[derive(Debug)]
struct Peer {
    heard: Instant,
    /// What it serves.
    serves: BTreeSet<String>,
    /// What it says of that it cannot keep.
    cannot: BTreeSet<Shard>,
    /// What it can keep all of.
    services: BTreeSet<String>,
    holds: BTreeSet<Shard>,
    /// What of that it does not answer for.
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
struct Failed {
    /// Until when it is left to others.
    until: Instant,
    /// How long that is.
    apart: Duration,
}

/// What one replica knows.
#[derive(Debug)]
pub(super) struct Standing {
    me: String,
    services: Vec<String>,
    shards: u32,
    peers: BTreeMap<String, Peer>,
    /// What this replica is too old for.
    beyond: BTreeSet<Shard>,
    /// What this replica could not open.
    failed: BTreeMap<Shard, Failed>,
    /// From when a shard counts as free: a silence after somebody was last heard to hold it, or when it was given up.
    free: BTreeMap<Shard, Instant>,
    started: Instant,
}

impl Standing {
    pub(super) fn new(me: String, services: Vec<String>, shards: u32, now: Instant) -> Self {
        Self {
            me,
            services,
            shards,
            peers: BTreeMap::new(),
            beyond: BTreeSet::new(),
            failed: BTreeMap::new(),
            free: BTreeMap::new(),
            started: now,
        }
    }

    /// Another replica said what it holds.
    pub(super) fn hear(&mut self, beat: Beat, now: Instant) {
        // Somebody who counts shards otherwise means other books by the same names.
        if beat.replica == self.me || beat.shards != self.shards {
            return;
        }
        if beat.leaving {
            // What it held is free at once: nobody needs to wait for a silence.
            if let Some(gone) = self.peers.remove(&beat.replica) {
                for shard in gone.holds {
                    self.free.insert(shard, now);
                }
            }
            return;
        }
        for shard in &beat.holds {
            self.free.insert(shard.clone(), now + SILENT);
        }
        // Who cannot keep a part of a service is not counted on for the rest.
        let services = beat
            .services
            .iter()
            .filter(|service| beat.cannot.iter().all(|shard| shard.service != **service))
            .cloned()
            .collect();
        let (serves, cannot) = (
            beat.services.into_iter().collect(),
            beat.cannot.into_iter().collect(),
        );
        let peer = Peer {
            heard: now,
            serves,
            cannot,
            services,
            holds: beat.holds.into_iter().collect(),
            lapsed: beat.lapsed.into_iter().collect(),
            leased: beat.leased,
        };
        // A replica that starts again has another name.
        self.peers
            .retain(|_, peer| now.duration_since(peer.heard) < FORGOTTEN);
        if let Some(before) = self.peers.insert(beat.replica.clone(), peer) {
            let holds = &self.peers[&beat.replica].holds;
            // Given up to somebody who has fewer: those who have their share leave it alone for a while.
            for shard in before.holds.difference(holds) {
                self.free.insert(shard.clone(), now);
            }
        }
    }

    /// Nothing could be heard for a while: that nobody spoke in it says nothing of those who were there before.
    pub(super) fn was_deaf(&mut self, since: Instant, now: Instant) {
        for peer in self
            .peers
            .values_mut()
            .filter(|peer| since.saturating_duration_since(peer.heard) < SILENT)
        {
            peer.heard = now;
            self.free
                .extend(peer.holds.iter().map(|shard| (shard.clone(), now + SILENT)));
        }
        self.started = now;
    }

    /// Whether another replica is heard to answer for a shard.
    pub(super) fn is_answered_for(&self, shard: &Shard, now: Instant) -> bool {
        self.live(now).any(|(_, peer)| peer.answers_for(shard))
    }

    /// This replica is too old for a shard: it does not ask for it again.
    pub(super) fn cannot(&mut self, shard: Shard) {
        self.beyond.insert(shard);
    }

    /// A shard could not be opened here: it is left to others for a while, longer each time.
    pub(super) fn failed(&mut self, shard: Shard, now: Instant) {
        // What failed long ago says nothing of today.
        let before = self
            .failed
            .get(&shard)
            .filter(|failed| now < failed.until + LONGEST_APART);
        let apart = before.map_or(APART, |failed| (failed.apart * 2).min(LONGEST_APART));
        self.failed.insert(
            shard,
            Failed {
                until: now + apart,
                apart,
            },
        );
    }

    /// A shard is open here.
    pub(super) fn opened(&mut self, shard: &Shard) {
        self.failed.remove(shard);
    }

    /// What this replica cannot keep, for now or for good.
    pub(super) fn unable(&self, now: Instant) -> Vec<Shard> {
        let failed = self
            .failed
            .iter()
            .filter(|(_, failed)| now < failed.until)
            .map(|(shard, _)| shard);
        self.beyond.iter().chain(failed).cloned().collect()
    }

    /// Whether a shard that could not be opened here is still left to others. What none of them can keep either is
    /// tried again: the store may be back.
    fn is_left_to_others(&self, shard: &Shard, now: Instant) -> bool {
        self.failed
            .get(shard)
            .is_some_and(|failed| now < failed.until)
            && self.live(now).any(|(_, peer)| peer.can_keep(shard))
    }

    /// This replica gave a shard up: it does not ask for it at once again.
    pub(super) fn gave_up(&mut self, shard: &Shard, now: Instant) {
        self.free.insert(shard.clone(), now);
    }

    /// The shards to ask for now, the most urgent first.
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
                    || self.beyond.contains(&shard)
                    || self.is_claimed(&shard, now)
                    || self.is_left_to_others(&shard, now)
                {
                    continue;
                }
                let free = self
                    .free
                    .get(&shard)
                    .copied()
                    .unwrap_or(self.started + SILENT)
                    + STAGGER * self.rank(&shard, now);
                // A lease tells who comes first; without one it is the rank among those who wait. What nobody
                // takes although they should goes to whoever is there.
                let ask = if asked < room {
                    leases || now >= free
                } else {
                    now >= free + SILENT
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
    /// those somebody holds too who has a lease or an earlier name.
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
            .filter(move |(_, peer)| now.duration_since(peer.heard) < SILENT)
    }

    fn is_claimed(&self, shard: &Shard, now: Instant) -> bool {
        self.live(now).any(|(_, peer)| peer.holds.contains(shard))
    }

    /// The share of a service's shards one replica keeps.
    fn fair(&self, service: &str, now: Instant) -> u32 {
        let others = self
            .live(now)
            .filter(|(_, peer)| peer.services.contains(service))
            .count();
        self.shards
            .div_ceil(u32::try_from(others).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// Every replica asks in an order of its own, so that they do not all ask for the same.
    fn order(&self, service: &str) -> impl Iterator<Item = u32> {
        let start =
            super::spread(&format!("{} {service}", self.me)) % u64::from(self.shards.max(1));
        let (start, shards) = (u32::try_from(start).unwrap_or(0), self.shards);
        (0..shards).map(move |step| (start + step) % shards)
    }

    /// How many of the replicas that serve a shard's service come before this one.
    fn rank(&self, shard: &Shard, now: Instant) -> u32 {
        let weight =
            |name: &str| super::spread(&format!("{name} {} {}", shard.service, shard.index));
        let mine = weight(&self.me);
        let before = self
            .live(now)
            .filter(|(name, peer)| peer.services.contains(&shard.service) && weight(name) < mine)
            .count();
        u32::try_from(before).unwrap_or(u32::MAX).min(4)
    }
}

fn count(mine: &BTreeSet<Shard>, service: &str) -> u32 {
    u32::try_from(mine.iter().filter(|shard| shard.service == service).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(index: u32) -> Shard {
        Shard {
            service: "dispatch".into(),
            index,
        }
    }

    fn beat(replica: &str, holds: &[u32]) -> Beat {
        Beat {
            replica: replica.into(),
            shards: 4,
            services: vec!["dispatch".into()],
            holds: holds.iter().map(|index| shard(*index)).collect(),
            lapsed: Vec::new(),
            cannot: Vec::new(),
            leased: false,
            leaving: false,
        }
    }

    fn standing(now: Instant) -> Standing {
        Standing::new("b".into(), vec!["dispatch".into()], 4, now)
    }

    #[test]
    fn alone_it_asks_for_everything_at_once_where_leases_decide() {
        let now = Instant::now();
        assert_eq!(standing(now).wanted(&BTreeSet::new(), true, now).len(), 4);
    }

    #[test]
    fn without_leases_it_waits_for_a_silence() {
        let now = Instant::now();
        let standing = standing(now);
        assert!(
            standing
                .wanted(&BTreeSet::new(), false, now + Duration::from_secs(4))
                .is_empty()
        );
        assert_eq!(
            standing.wanted(&BTreeSet::new(), false, now + SILENT).len(),
            4
        );
    }

    #[test]
    fn what_a_live_replica_holds_is_left_to_it_until_it_falls_silent() {
        let now = Instant::now();
        let mut standing = standing(now);
        standing.hear(beat("a", &[0, 1, 2]), now);
        assert_eq!(standing.wanted(&BTreeSet::new(), true, now), [shard(3)]);
        let later = now + SILENT + Duration::from_secs(5);
        assert_eq!(
            standing
                .wanted(&BTreeSet::from([shard(3)]), true, later)
                .len(),
            3
        );
        assert_eq!(
            standing
                .wanted(&BTreeSet::from([shard(3)]), false, later)
                .len(),
            3
        );
    }

    #[test]
    fn who_has_more_than_a_fair_share_gives_up_one_at_a_time() {
        let now = Instant::now();
        let mut standing = standing(now);
        let all: BTreeSet<_> = (0..4).map(shard).collect();
        assert!(standing.surplus(&all, true, now).is_empty());
        standing.hear(beat("a", &[]), now);
        assert_eq!(standing.surplus(&all, true, now), [shard(3)]);
        assert!(
            standing
                .surplus(&BTreeSet::from([shard(0), shard(1)]), true, now)
                .is_empty()
        );
    }

    #[test]
    fn a_shard_with_two_holders_and_no_lease_stays_with_the_earlier_name() {
        let now = Instant::now();
        let mut standing = standing(now);
        standing.hear(beat("a", &[1]), now);
        assert_eq!(
            standing.surplus(&BTreeSet::from([shard(1)]), false, now),
            [shard(1)]
        );
        assert!(
            standing
                .surplus(&BTreeSet::from([shard(1)]), true, now)
                .is_empty(),
            "the lease decides"
        );
        let mut other = Standing::new("a".into(), vec!["dispatch".into()], 4, now);
        other.hear(beat("b", &[1]), now);
        assert!(
            other
                .surplus(&BTreeSet::from([shard(1)]), false, now)
                .is_empty()
        );
    }

    #[test]
    fn what_is_left_behind_on_purpose_is_free_at_once() {
        let now = Instant::now();
        let mut standing = standing(now);
        standing.hear(beat("a", &[0, 1, 2, 3]), now);
        assert!(standing.wanted(&BTreeSet::new(), true, now).is_empty());
        standing.hear(
            Beat {
                leaving: true,
                ..beat("a", &[])
            },
            now,
        );
        assert_eq!(standing.wanted(&BTreeSet::new(), true, now).len(), 4);
    }
    #[test]
    fn nothing_is_left_of_a_replica_that_fell_silent_long_ago() {
        let now = Instant::now();
        let mut standing = standing(now);
        for second in 0..600 {
            standing.hear(
                beat(&format!("restarted-{second}"), &[0]),
                now + Duration::from_secs(second),
            );
        }
        assert!(
            standing.peers.len() <= 60,
            "{} are remembered",
            standing.peers.len()
        );
    }

    #[test]
    fn what_it_is_too_old_for_is_neither_asked_for_nor_expected_of_it() {
        let now = Instant::now();
        let mut old = standing(now);
        old.cannot(shard(2));
        assert!(!old.wanted(&BTreeSet::new(), true, now).contains(&shard(2)));
        let mut new = Standing::new("a".into(), vec!["dispatch".into()], 4, now);
        new.hear(
            Beat {
                cannot: vec![shard(2)],
                ..beat("b", &[])
            },
            now,
        );
        let all: BTreeSet<_> = (0..4).map(shard).collect();
        assert_eq!(
            new.wanted(&BTreeSet::new(), true, now).len(),
            4,
            "who can keeps all of the service"
        );
        assert!(
            new.surplus(&all, true, now).is_empty(),
            "and does not give back what nobody else can take"
        );
    }
    #[test]
    fn what_it_could_not_open_is_left_to_others_for_longer_each_time() {
        let now = Instant::now();
        let mut one = standing(now);
        let seconds = Duration::from_secs;
        let wants = |one: &mut Standing, at: Instant| {
            one.hear(beat("a", &[0, 1]), at);
            one.wanted(&BTreeSet::from([shard(3)]), true, at)
                .contains(&shard(2))
        };
        one.failed(shard(2), now);
        assert_eq!(one.unable(now), [shard(2)], "the others are told");
        assert!(!wants(&mut one, now + seconds(59)));
        assert!(wants(&mut one, now + seconds(60)));
        assert!(one.unable(now + seconds(60)).is_empty());
        one.failed(shard(2), now + seconds(80));
        assert!(!wants(&mut one, now + seconds(199)));
        assert!(wants(&mut one, now + seconds(200)));
        one.opened(&shard(2));
        one.failed(shard(2), now + seconds(300));
        assert!(
            wants(&mut one, now + seconds(360)),
            "once it was open, it begins anew"
        );
    }

    #[test]
    fn what_nobody_can_open_is_tried_again_at_once() {
        let now = Instant::now();
        let mut one = standing(now);
        one.failed(shard(2), now);
        assert!(
            one.wanted(&BTreeSet::new(), true, now).contains(&shard(2)),
            "nobody else is there"
        );
        one.hear(beat("a", &[]), now);
        assert!(!one.wanted(&BTreeSet::new(), true, now).contains(&shard(2)));
        one.hear(
            Beat {
                cannot: vec![shard(2)],
                ..beat("a", &[])
            },
            now,
        );
        assert!(
            one.wanted(&BTreeSet::new(), true, now).contains(&shard(2)),
            "the other cannot either"
        );
        one.hear(
            Beat {
                cannot: vec![shard(1)],
                ..beat("a", &[])
            },
            now,
        );
        assert!(
            !one.wanted(&BTreeSet::new(), true, now).contains(&shard(2)),
            "what it cannot is another one"
        );
    }
}
