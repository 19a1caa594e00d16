//! The pace of writing to a chat platform: a rate limit over all replicas, the most pressing first.
//!
//! The loop of its driver: hear who asks, take a token for the most pressing whose chat does not rest, give the turn.
//! Its events are a request for a turn, a platform that asked for rest, and a bucket that has filled. How often one
//! chat may be written to, and all of them together, is counted in token buckets all replicas share; without the store
//! a bucket of this process stands in. Of those who wait the most pressing goes first, and a chat that rests keeps
//! nobody of another chat waiting. The limits are data. It does not know what is written, nor to whom; a turn that was
//! given and not used is lost.

mod lineup;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::memory::MemoryEphemera;
use crate::port::{Ephemera, Rate};
use lineup::{Lineup, NextTurn};

/// The rate limits of a platform: how often it may be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// All chats together.
    pub overall: Rate,
    /// One person's chat.
    pub private: Rate,
    /// One group.
    pub group: Rate,
}

impl Default for Limits {
    /// Below 30 in any second over all, 4 in any 4 seconds for a person, 20 in any minute for a group (18 are
    /// used): what a bucket holds and what flows in meanwhile stay below, with room for what a network holds up.
    fn default() -> Self {
        Self {
            overall: Rate {
                burst: 2,
                per: Duration::from_millis(72),
            },
            private: Rate {
                burst: 2,
                per: Duration::from_secs(3),
            },
            group: Rate {
                burst: 3,
                per: Duration::from_secs(12),
            },
        }
    }
}

/// The rank of a turn: the first goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Somebody just pressed or wrote something.
    Answer,
    /// Somebody must know now.
    Urgent,
    /// Somebody has something to do.
    Work,
    /// Somebody may like to know.
    News,
}

/// The chat a turn is counted for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PacedChat {
    /// A person's chat.
    Private(String),
    /// A group.
    Group(String),
    /// No chat of its own, counted over all only: edits, answers to presses.
    Anywhere,
}

/// The turns of one platform. Clones share them; they end with the last of them.
#[derive(Clone, Debug)]
pub struct Pace {
    asks: mpsc::UnboundedSender<PaceRequest>,
}

/// A request to the driver.
#[derive(Debug)]
enum PaceRequest {
    /// Somebody wants a turn.
    Turn(PacedChat, Rank, oneshot::Sender<()>),
    /// A place is to be left alone until then.
    Rest(PacedChat, Instant),
}

impl Pace {
    /// Turns for one platform, whose buckets all have names that begin with `prefix`. Spawns its driver.
    pub fn new(shared: Arc<dyn Ephemera>, prefix: impl Into<String>, limits: Limits) -> Self {
        let (asks, heard) = mpsc::unbounded_channel();
        let started = Instant::now();
        let local = MemoryEphemera::with_clock(Arc::new(move || started.elapsed()));
        tokio::spawn(drive(
            heard,
            Buckets {
                shared,
                local,
                prefix: prefix.into(),
                limits,
            },
        ));
        Self { asks }
    }

    /// Waits for a turn. Whoever stops waiting leaves the line.
    pub async fn turn(&self, place: &PacedChat, rank: Rank) {
        let (grant, granted) = oneshot::channel();
        // The driver lives as long as this does; without it, at a shutdown, there is no pace to keep.
        if self
            .asks
            .send(PaceRequest::Turn(place.clone(), rank, grant))
            .is_ok()
        {
            drop(granted.await);
        }
    }

    /// Leaves a place alone for so long, as the platform asked; `Anywhere` is all of them.
    pub fn rest(&self, place: &PacedChat, wait: Duration) {
        // Nobody is left to be kept waiting where this cannot be sent.
        drop(
            self.asks
                .send(PaceRequest::Rest(place.clone(), Instant::now() + wait)),
        );
    }
}

async fn drive(mut asks: mpsc::UnboundedReceiver<PaceRequest>, buckets: Buckets) {
    let mut lineup = Lineup::default();
    loop {
        while let Ok(ask) = asks.try_recv() {
            lineup.hear(ask);
        }
        match lineup.next(Instant::now()) {
            NextTurn::Turn(place) => match buckets.take_place(&place).await {
                Ok(()) => {
                    buckets.take_overall(&mut asks, &mut lineup).await;
                    // Meanwhile somebody more pressing may have come for the same place.
                    lineup.grant(&place);
                }
                Err(wait) => lineup.rest(place, Instant::now() + wait),
            },
            NextTurn::At(when) => tokio::select! {
                ask = asks.recv() => match ask {
                    Some(ask) => lineup.hear(ask),
                    None => return,
                },
                () = tokio::time::sleep_until(when) => {}
            },
            NextTurn::Nobody => match asks.recv().await {
                Some(ask) => lineup.hear(ask),
                None => return,
            },
        }
    }
}

struct Buckets {
    shared: Arc<dyn Ephemera>,
    local: MemoryEphemera,
    prefix: String,
    limits: Limits,
}

impl Buckets {
    /// Takes one of a place's own, or says after how long there is one.
    async fn take_place(&self, place: &PacedChat) -> Result<(), Duration> {
        match place {
            PacedChat::Private(chat) => {
                self.take(&format!("{}/chat/{chat}", self.prefix), self.limits.private)
                    .await
            }
            PacedChat::Group(chat) => {
                self.take(&format!("{}/group/{chat}", self.prefix), self.limits.group)
                    .await
            }
            PacedChat::Anywhere => Ok(()),
        }
    }

    /// Takes one of all, and waits for it: that is a matter of moments.
    async fn take_overall(
        &self,
        asks: &mut mpsc::UnboundedReceiver<PaceRequest>,
        lineup: &mut Lineup,
    ) {
        let name = format!("{}/all", self.prefix);
        while let Err(wait) = self.take(&name, self.limits.overall).await {
            tokio::time::sleep(wait).await;
            while let Ok(ask) = asks.try_recv() {
                lineup.hear(ask);
            }
        }
    }

    async fn take(&self, bucket: &str, rate: Rate) -> Result<(), Duration> {
        let taken = match self.shared.take(bucket, 1, rate).await {
            Ok(taken) => taken,
            // Alone one takes half: another replica may do the same.
            Err(_) => match self
                .local
                .take(
                    bucket,
                    1,
                    Rate {
                        burst: rate.burst,
                        per: rate.per * 2,
                    },
                )
                .await
            {
                Ok(taken) => taken,
                // Only a limit that can never be kept is refused here; it holds nobody up.
                Err(_) => return Ok(()),
            },
        };
        if taken.allowed {
            Ok(())
        } else {
            Err(taken.retry_after.max(Duration::from_millis(1)))
        }
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod wire_tests;
