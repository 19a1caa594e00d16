//! The line before a chat platform: who waits for a turn where, the most pressing first, and which places rest.
//!
//! Pure: instants come in, and nothing waits here. A place that rests is passed over, so that whoever waits
//! for another one goes on.

use std::collections::{BTreeMap, HashMap};

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{PaceRequest, PacedChat, Rank};

/// Forget rests that are over when there are so many.
const RESTS: usize = 1_024;

/// The next thing to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NextTurn {
    /// Somebody's turn is next, at this place.
    Turn(PacedChat),
    /// All who wait, wait at least until then.
    At(Instant),
    /// Nobody waits.
    Nobody,
}

/// The line of those who wait, and the chats that rest.
#[derive(Debug, Default)]
pub(super) struct Lineup {
    waiting: BTreeMap<(Rank, u64), (PacedChat, oneshot::Sender<()>)>,
    rests: HashMap<PacedChat, Instant>,
    came: u64,
}

impl Lineup {
    pub(super) fn hear(&mut self, ask: PaceRequest) {
        match ask {
            PaceRequest::Turn(place, rank, grant) => {
                self.came += 1;
                self.waiting.insert((rank, self.came), (place, grant));
            }
            PaceRequest::Rest(place, until) => self.rest(place, until),
        }
    }

    /// Leaves a place alone, at least until then.
    pub(super) fn rest(&mut self, place: PacedChat, until: Instant) {
        if self.rests.len() >= RESTS {
            let now = Instant::now();
            self.rests.retain(|_, end| *end > now);
        }
        let end = self.rests.entry(place).or_insert(until);
        *end = (*end).max(until);
    }

    /// The most pressing whose place does not rest; those who went away are forgotten when they are met.
    pub(super) fn next(&mut self, now: Instant) -> NextTurn {
        let rest = |place: &PacedChat| self.rests.get(place).copied().filter(|end| *end > now);
        let all = rest(&PacedChat::Anywhere);
        let (mut gone, mut next) = (Vec::new(), NextTurn::Nobody);
        for (key, (place, grant)) in &self.waiting {
            if grant.is_closed() {
                gone.push(*key);
                continue;
            }
            next = match (all.or_else(|| rest(place)), next) {
                (None, _) => NextTurn::Turn(place.clone()),
                (Some(end), NextTurn::At(earliest)) => NextTurn::At(end.min(earliest)),
                (Some(end), _) => NextTurn::At(end),
            };
            if all.is_some() || matches!(next, NextTurn::Turn(_)) {
                break;
            }
        }
        for key in gone {
            self.waiting.remove(&key);
        }
        next
    }

    /// Gives a turn at a place to the most pressing who waits for it.
    pub(super) fn grant(&mut self, place: &PacedChat) {
        while let Some(key) = self
            .waiting
            .iter()
            .find(|(_, (wanted, _))| wanted == place)
            .map(|(key, _)| *key)
        {
            // Whoever went away meanwhile does not get it; the next one does.
            if self
                .waiting
                .remove(&key)
                .is_some_and(|(_, grant)| grant.send(()).is_ok())
            {
                return;
            }
        }
    }
}
