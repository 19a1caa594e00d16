//! Leases: acquired, renewed and released in a store that may be away, together with the books of their shards.

use std::collections::BTreeSet;
use std::time::Duration;

use picket_ephemera::EphemeraError;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::{Assignment, CUT_OFF, HeldShard, TTL};
use crate::shards::Shard;
use crate::shards::lease::ShardLease;

/// How long the store of leases may take to answer: one that hangs must not fill the round with waiting for it.
const PATIENCE: Duration = Duration::from_millis(250);
/// How many rounds go by after a lease ran out unseen, the others being heard meanwhile, before it is held again.
const ROUNDS: u32 = 3;

impl Assignment {
    /// Cut off from the others, it releases its leases: renewed, they would keep its books from everybody. It goes on
    /// with what nobody has taken by the time it is back.
    pub(super) async fn stand_aside(&mut self) {
        self.has_listened = false;
        if self.missed_echoes > CUT_OFF {
            return;
        }
        let mut releasing = JoinSet::new();
        for (shard, held) in &self.held {
            held.lease.end();
            let (leases, name, holder) = (
                self.leases.clone(),
                self.lease_name(shard),
                self.replica.name.clone(),
            );
            // A lease that is not released ends by itself.
            releasing.spawn(async move {
                drop(timeout(PATIENCE, leases.release(&name, &holder)).await);
            });
        }
        releasing.join_all().await;
    }

    /// Renews the leases that are held; a shard that another replica has by now is closed.
    pub(super) async fn renew(&mut self) {
        let asked = Instant::now();
        for (shard, answer) in self.ask_and_note(self.holds()).await {
            let Some(held) = self.held.get_mut(&shard) else {
                continue;
            };
            let keeps = match answer {
                Ok(leased) => leased,
                // Nobody can say: it is kept as long as this process runs and nobody else claims it.
                Err(_) if held.lease.holds() => true,
                // It ran out while nobody looked: the others are heard first, then it is kept if none of them has it.
                Err(_) => {
                    held.rounds_lapsed += u32::from(self.missed_echoes == 0);
                    if held.rounds_lapsed < ROUNDS {
                        continue;
                    }
                    !self.membership.is_answered_for(&shard, asked)
                }
            };
            if keeps {
                held.rounds_lapsed = 0;
                held.lease.extend(asked + TTL);
            } else {
                self.give_up(&shard, false).await;
            }
        }
    }

    /// Acquires the shards this replica should have.
    pub(super) async fn acquire(&mut self, now: Instant) {
        if self.leases_up || self.held.is_empty() {
            // Whether leases can be had is also learnt by asking for one.
            let wanted = self.wanted(self.leases_up, now);
            let asked = Instant::now();
            for (shard, answer) in self.ask_and_note(wanted.into_iter().collect()).await {
                if matches!(answer, Ok(true)) {
                    self.take(shard, asked + TTL);
                }
            }
        }
        if !self.leases_up {
            for shard in self.wanted(false, Instant::now()) {
                self.take(shard, Instant::now() + TTL);
            }
        }
    }

    /// The shards to acquire now, but those whose books are still being closed here.
    fn wanted(&self, leases: bool, now: Instant) -> Vec<Shard> {
        let mut wanted = self.membership.wanted(&self.holds(), leases, now);
        wanted.retain(|shard| !self.closing.contains_key(shard));
        wanted
    }

    /// Asks for leases, and notes whether their store answers at all.
    async fn ask_and_note(
        &mut self,
        shards: BTreeSet<Shard>,
    ) -> Vec<(Shard, Result<bool, EphemeraError>)> {
        let answers = self.ask(shards).await;
        if !answers.is_empty() {
            self.leases_up = answers.iter().any(|(_, answer)| answer.is_ok());
        }
        answers
    }

    /// Asks for leases, all at once and not for long.
    pub(super) async fn ask(
        &self,
        shards: BTreeSet<Shard>,
    ) -> Vec<(Shard, Result<bool, EphemeraError>)> {
        let mut asking = JoinSet::new();
        for shard in shards {
            let (leases, holder) = (self.leases.clone(), self.replica.name.clone());
            let name = self.lease_name(&shard);
            asking.spawn(async move {
                let answer = match timeout(PATIENCE, leases.lease(&name, &holder, TTL)).await {
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

    pub(super) fn take(&mut self, shard: Shard, until: Instant) {
        if self.held.contains_key(&shard) {
            return;
        }
        let lease = ShardLease::new(self.base, until);
        let (host, opened, its) = (self.host.clone(), shard.clone(), lease.clone());
        let opening = tokio::spawn(async move { (host.open)(opened, its).await });
        self.held.insert(
            shard,
            HeldShard {
                lease,
                opening,
                rounds_lapsed: 0,
            },
        );
    }

    /// Stops keeping a shard; with `release` the next one has it at once.
    pub(super) async fn give_up(&mut self, shard: &Shard, release: bool) {
        let Some(HeldShard { lease, opening, .. }) = self.held.remove(shard) else {
            return;
        };
        self.membership.gave_up(shard, Instant::now());
        let (host, closed, leases, name, holder) = (
            self.host.clone(),
            shard.clone(),
            self.leases.clone(),
            self.lease_name(shard),
            self.replica.name.clone(),
        );
        let closing = tokio::spawn(async move {
            // A half-open shard is left where it stands; the host closes what it has.
            opening.abort();
            drop(opening.await);
            (host.close)(closed).await;
            lease.end();
            if release {
                // A lease that is not released ends by itself.
                drop(timeout(PATIENCE, leases.release(&name, &holder)).await);
            }
        });
        self.closing.insert(shard.clone(), closing);
    }
}
