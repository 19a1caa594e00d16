//! The writer of a journal: the one task that publishes commits, alone or as an atomic batch.
//!
//! The loop: take what waits, send, hear what came back. Its events are an append that was asked for, and a request
//! that was answered. A few appends at a time are in flight alone, each waiting for its own answer. When more than a
//! few books wait and the measured costs say that it pays, one atomic batch carries what waits; if it is refused, each
//! goes alone, so that a lost race fails alone. While a batch is in flight nothing else leaves: the server would flush
//! once for each in between, and what comes meanwhile makes the next batch.
//!
//! Backpressure: at most [`WAITING`] appends wait here, and as many in the channel before it; then callers wait.
//! Its price: behind a batch an append waits for two flushes of the disk instead of one. Why:
//! `services/decisions/0020-what-limits-picket-on-nats.md`.
//!
//! It does not know books or keepers: each commit is bytes for a subject.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use async_nats::Client;
use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{self, FuturesUnordered, StreamExt as _};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::append::{AppendReply, AppendRequest};
use crate::batch;
use crate::call::{CallError, publish};
use crate::costs::Costs;

/// The bound of appends that wait for the writer; beyond it callers wait.
const WAITING: usize = 1024;
/// The bound of appends in flight alone; so few are never worth a batch.
const FEW: usize = 8;
/// The bound of appends in flight alone after a batch was refused.
const AFTER_A_REFUSAL: usize = 64;

/// Starts the task; it ends when the sender is dropped and nothing is on its way.
pub(crate) fn start(client: Client, patience: Duration) -> mpsc::Sender<AppendRequest> {
    let (sender, requests) = mpsc::channel(WAITING);
    tokio::spawn(
        AppendWriter {
            client,
            patience,
            waiting: VecDeque::new(),
            alone: 0,
            together: false,
            batches: 0,
            costs: Costs::default(),
        }
        .run(requests),
    );
    sender
}

struct AppendWriter {
    client: Client,
    patience: Duration,
    waiting: VecDeque<AppendRequest>,
    /// The number in flight alone.
    alone: usize,
    /// Whether a batch is in flight.
    together: bool,
    /// The number of batches sent, for their ids.
    batches: u64,
    costs: Costs,
}

/// A request to the stream that was answered, for the measurement of costs.
enum Completed {
    /// One alone, that was one of so many under way when it left; none if a batch was under way as well.
    One {
        among: Option<usize>,
        took: Duration,
    },
    /// A batch of so many; none if it came to nothing.
    Batch { of: Option<usize>, took: Duration },
}

impl AppendWriter {
    async fn run(mut self, mut requests: mpsc::Receiver<AppendRequest>) {
        // Ids of batches must be unlike those of any other process.
        let stem = self
            .client
            .new_inbox()
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_owned();
        let mut in_flight: FuturesUnordered<BoxFuture<'static, Completed>> =
            FuturesUnordered::new();
        let mut open = true;
        while open || !in_flight.is_empty() {
            tokio::select! {
                Some(completed) = in_flight.next() => self.complete(&completed),
                append = requests.recv(), if open && self.waiting.len() < WAITING => match append {
                    Some(append) => self.waiting.push_back(append),
                    None => open = false,
                },
            }
            while self.waiting.len() < WAITING
                && let Ok(append) = requests.try_recv()
            {
                self.waiting.push_back(append);
            }
            self.launch(&mut in_flight, &stem);
        }
    }

    fn complete(&mut self, completed: &Completed) {
        match *completed {
            Completed::One { among, took } => {
                self.alone -= 1;
                if let Some(among) = among.filter(|_| !self.together) {
                    self.costs.alone(took, among);
                }
            }
            Completed::Batch { of, took } => {
                self.together = false;
                if let Some(count) = of {
                    self.costs.together(took, count);
                }
            }
        }
    }

    fn launch(
        &mut self,
        in_flight: &mut FuturesUnordered<BoxFuture<'static, Completed>>,
        stem: &str,
    ) {
        if self.together {
            return;
        }
        // Who stopped waiting will look for the commit, and must not be surprised by it later.
        self.waiting.retain(|append| !append.reply.is_closed());
        if self.waiting.len() > FEW && self.costs.are_lower_together(self.waiting.len()) {
            let group = self.group();
            self.batches += 1;
            self.together = true;
            let (client, id, patience) = (
                self.client.clone(),
                format!("{stem}.{}", self.batches),
                self.patience,
            );
            in_flight.push(async move { together(&client, &id, group, patience).await }.boxed());
        }
        while self.alone < FEW
            && !self.together
            && let Some(append) = self.waiting.pop_front()
        {
            self.alone += 1;
            let (client, patience, among) = (
                self.client.clone(),
                self.patience,
                (!self.together).then_some(self.alone),
            );
            let left = Instant::now();
            in_flight.push(
                async move {
                    alone(&client, append, patience).await;
                    Completed::One {
                        among,
                        took: left.elapsed(),
                    }
                }
                .boxed(),
            );
        }
    }

    /// Takes what fits into one batch: each book once, since only the first message of a subject is compared.
    fn group(&mut self) -> Vec<AppendRequest> {
        let (mut group, mut left, mut bytes) = (Vec::new(), VecDeque::new(), 0);
        let mut subjects = HashSet::new();
        for append in self.waiting.drain(..) {
            let fits = group.len() < batch::MOST && bytes + append.bytes.len() <= batch::MOST_BYTES;
            if fits && subjects.insert(append.subject.clone()) {
                bytes += append.bytes.len();
                group.push(append);
            } else {
                left.push_back(append);
            }
        }
        self.waiting = left;
        group
    }
}

async fn alone(client: &Client, append: AppendRequest, patience: Duration) {
    let answer = publish(
        client,
        append.subject.clone(),
        append.headers(),
        append.bytes.clone(),
        patience,
    )
    .await;
    // Whoever stopped waiting will look for the commit.
    let _ = append.reply.send(AppendReply::of(answer));
}

async fn together(
    client: &Client,
    id: &str,
    group: Vec<AppendRequest>,
    patience: Duration,
) -> Completed {
    let (left, count) = (Instant::now(), group.len());
    let mut of = None;
    match batch::publish(client, id, &group, patience).await {
        Ok(seqs) => {
            of = Some(count);
            for (append, seq) in group.into_iter().zip(seqs) {
                let _ = append.reply.send(AppendReply::Stored(seq));
            }
        }
        Err(error @ (CallError::TimedOut | CallError::Garbled(_))) => {
            for append in group {
                let _ = append.reply.send(AppendReply::Unknown(error.to_string()));
            }
        }
        Err(error @ (CallError::Nobody | CallError::Disconnected)) => {
            for append in group {
                let _ = append
                    .reply
                    .send(AppendReply::Unavailable(error.to_string()));
            }
        }
        // None is stored: one of them lost its race, or the server takes no batch now.
        Err(CallError::Refused { .. }) => {
            stream::iter(group)
                .for_each_concurrent(AFTER_A_REFUSAL, |append| alone(client, append, patience))
                .await;
        }
    }
    Completed::Batch {
        of,
        took: left.elapsed(),
    }
}
