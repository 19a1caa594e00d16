//! The one task of a journal that publishes commits.
//!
//! A few at a time go out alone, each waiting for its own answer. When more than a few books wait and it is
//! worth it, one atomic batch carries what waits; if it is refused, each goes alone, so that a lost race fails
//! alone. While a batch is on its way nothing else leaves: the server would flush once for each in between, and
//! what comes meanwhile makes the next batch. It does not know books or keepers: each commit is bytes for a subject.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use async_nats::{Client, HeaderMap};
use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{self, FuturesUnordered, StreamExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::batch;
use crate::call::{CallError, code, publish};
use crate::costs::Costs;
use crate::subject;

/// How many appends may wait for the writer before their callers wait to be heard.
const WAITING: usize = 1024;
/// So many are on their way alone, and so few are never worth a batch.
const FEW: usize = 8;
/// How many go out at once when a batch was refused.
const AFTER_A_REFUSAL: usize = 64;

/// One commit on its way to the stream.
pub(crate) struct Wanted {
    pub(crate) subject: String,
    /// The sequence of the message that must still be the last of the subject.
    pub(crate) expected: u64,
    pub(crate) number: u64,
    pub(crate) hash: String,
    pub(crate) bytes: bytes::Bytes,
    pub(crate) reply: oneshot::Sender<Verdict>,
}

impl Wanted {
    pub(crate) fn headers(&self) -> HeaderMap {
        subject::headers(self.number, &self.hash, self.expected)
    }
}

/// What became of one attempt to store a commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// It is stored, at this sequence.
    Stored(u64),
    /// The subject ends elsewhere, or is about to: this attempt stored nothing.
    Moved,
    /// There is no room; nothing was stored.
    Full(String),
    /// The stream takes no message of that size.
    TooLarge,
    /// Nothing was stored.
    Unavailable(String),
    /// It may be stored.
    Unknown(String),
}

/// Reads what JetStream says to one commit.
fn verdict(answer: Result<crate::call::Ack, CallError>) -> Verdict {
    match answer {
        // Somebody gave the message an id, which this adapter never does: look before believing.
        Ok(ack) if ack.duplicate => Verdict::Unknown("it was called a duplicate".to_owned()),
        Ok(ack) => Verdict::Stored(ack.seq),
        Err(CallError::Refused {
            code: code::WRONG_LAST | code::WRONG_LAST_IN_FLIGHT,
            ..
        }) => Verdict::Moved,
        Err(CallError::Refused {
            code: code::TOO_LARGE,
            ..
        }) => Verdict::TooLarge,
        Err(CallError::Refused {
            code: code::ACCOUNT_FULL | code::SERVER_FULL | code::DISK_FULL,
            description,
        }) => Verdict::Full(description),
        Err(CallError::Refused {
            code: code::NOT_STORED,
            description,
        }) if description.contains("maximum") => Verdict::Full(description),
        Err(
            error @ (CallError::Nobody
            | CallError::Disconnected
            | CallError::Refused {
                code: code::CLUSTER_AWAY,
                ..
            }),
        ) => Verdict::Unavailable(error.to_string()),
        // A refusal nobody foresaw may come after the message was handed on to the other servers.
        Err(error @ (CallError::TimedOut | CallError::Garbled(_) | CallError::Refused { .. })) => {
            Verdict::Unknown(error.to_string())
        }
    }
}

/// Starts the task; it ends when the sender is dropped and nothing is on its way.
pub(crate) fn start(client: Client, patience: Duration) -> mpsc::Sender<Wanted> {
    let (sender, requests) = mpsc::channel(WAITING);
    tokio::spawn(
        Writer {
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

struct Writer {
    client: Client,
    patience: Duration,
    waiting: VecDeque<Wanted>,
    /// How many are on their way alone.
    alone: usize,
    /// Whether a batch is on its way.
    together: bool,
    /// How many batches were sent, for their ids.
    batches: u64,
    costs: Costs,
}

/// What came back.
enum Landed {
    /// One alone, that was one of so many under way when it left; none if a batch was under way as well.
    One {
        among: Option<usize>,
        took: Duration,
    },
    /// A batch of so many; none if it came to nothing.
    Batch { of: Option<usize>, took: Duration },
}

impl Writer {
    async fn run(mut self, mut requests: mpsc::Receiver<Wanted>) {
        // Ids of batches must be unlike those of any other process.
        let stem = self
            .client
            .new_inbox()
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_owned();
        let mut flying: FuturesUnordered<BoxFuture<'static, Landed>> = FuturesUnordered::new();
        let mut open = true;
        while open || !flying.is_empty() {
            tokio::select! {
                Some(landed) = flying.next() => self.land(&landed),
                wanted = requests.recv(), if open && self.waiting.len() < WAITING => match wanted {
                    Some(wanted) => self.waiting.push_back(wanted),
                    None => open = false,
                },
            }
            while self.waiting.len() < WAITING
                && let Ok(wanted) = requests.try_recv()
            {
                self.waiting.push_back(wanted);
            }
            self.launch(&mut flying, &stem);
        }
    }

    fn land(&mut self, landed: &Landed) {
        match *landed {
            Landed::One { among, took } => {
                self.alone -= 1;
                if let Some(among) = among.filter(|_| !self.together) {
                    self.costs.alone(took, among);
                }
            }
            Landed::Batch { of, took } => {
                self.together = false;
                if let Some(count) = of {
                    self.costs.together(took, count);
                }
            }
        }
    }

    fn launch(&mut self, flying: &mut FuturesUnordered<BoxFuture<'static, Landed>>, stem: &str) {
        if self.together {
            return;
        }
        // Who stopped waiting will look for the commit, and must not be surprised by it later.
        self.waiting.retain(|wanted| !wanted.reply.is_closed());
        if self.waiting.len() > FEW && self.costs.are_lower_together(self.waiting.len()) {
            let group = self.group();
            self.batches += 1;
            self.together = true;
            let (client, id, patience) = (
                self.client.clone(),
                format!("{stem}.{}", self.batches),
                self.patience,
            );
            flying.push(async move { together(&client, &id, group, patience).await }.boxed());
        }
        while self.alone < FEW
            && !self.together
            && let Some(wanted) = self.waiting.pop_front()
        {
            self.alone += 1;
            let (client, patience, among) = (
                self.client.clone(),
                self.patience,
                (!self.together).then_some(self.alone),
            );
            let left = Instant::now();
            flying.push(
                async move {
                    alone(&client, wanted, patience).await;
                    Landed::One {
                        among,
                        took: left.elapsed(),
                    }
                }
                .boxed(),
            );
        }
    }

    /// Takes what fits into one batch: each book once, since only the first message of a subject is compared.
    fn group(&mut self) -> Vec<Wanted> {
        let (mut group, mut left, mut bytes) = (Vec::new(), VecDeque::new(), 0);
        let mut subjects = HashSet::new();
        for wanted in self.waiting.drain(..) {
            let fits = group.len() < batch::MOST && bytes + wanted.bytes.len() <= batch::MOST_BYTES;
            if fits && subjects.insert(wanted.subject.clone()) {
                bytes += wanted.bytes.len();
                group.push(wanted);
            } else {
                left.push_back(wanted);
            }
        }
        self.waiting = left;
        group
    }
}

async fn alone(client: &Client, wanted: Wanted, patience: Duration) {
    let answer = publish(
        client,
        wanted.subject.clone(),
        wanted.headers(),
        wanted.bytes.clone(),
        patience,
    )
    .await;
    // Whoever stopped waiting will look for the commit.
    let _ = wanted.reply.send(verdict(answer));
}

async fn together(client: &Client, id: &str, group: Vec<Wanted>, patience: Duration) -> Landed {
    let (left, count) = (Instant::now(), group.len());
    let mut of = None;
    match batch::publish(client, id, &group, patience).await {
        Ok(seqs) => {
            of = Some(count);
            for (wanted, seq) in group.into_iter().zip(seqs) {
                let _ = wanted.reply.send(Verdict::Stored(seq));
            }
        }
        Err(error @ (CallError::TimedOut | CallError::Garbled(_))) => {
            for wanted in group {
                let _ = wanted.reply.send(Verdict::Unknown(error.to_string()));
            }
        }
        Err(error @ (CallError::Nobody | CallError::Disconnected)) => {
            for wanted in group {
                let _ = wanted.reply.send(Verdict::Unavailable(error.to_string()));
            }
        }
        // None is stored: one of them lost its race, or the server takes no batch now.
        Err(CallError::Refused { .. }) => {
            stream::iter(group)
                .for_each_concurrent(AFTER_A_REFUSAL, |wanted| alone(client, wanted, patience))
                .await;
        }
    }
    Landed::Batch {
        of,
        took: left.elapsed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Ack;

    fn refused(code: u64, words: &str) -> Verdict {
        verdict(Err(CallError::Refused {
            code,
            description: words.to_owned(),
        }))
    }

    #[test]
    fn each_answer_of_jetstream_means_what_was_measured() {
        let ack = |duplicate| {
            Ok(Ack {
                seq: 7,
                count: 0,
                duplicate,
            })
        };
        assert_eq!(verdict(ack(false)), Verdict::Stored(7));
        assert!(matches!(verdict(ack(true)), Verdict::Unknown(_)));
        assert_eq!(refused(10071, "wrong last sequence: 7"), Verdict::Moved);
        assert_eq!(refused(10164, "wrong last sequence"), Verdict::Moved);
        assert_eq!(
            refused(10077, "maximum bytes exceeded"),
            Verdict::Full("maximum bytes exceeded".to_owned())
        );
        assert_eq!(
            refused(10054, "message size exceeds maximum allowed"),
            Verdict::TooLarge
        );
    }

    #[test]
    fn only_what_surely_stored_nothing_is_called_unavailable() {
        for sure in [CallError::Nobody, CallError::Disconnected] {
            assert!(matches!(verdict(Err(sure)), Verdict::Unavailable(_)));
        }
        for unsure in [
            CallError::TimedOut,
            CallError::Garbled("broken pipe".to_owned()),
        ] {
            assert!(matches!(verdict(Err(unsure)), Verdict::Unknown(_)));
        }
        assert!(matches!(
            refused(10077, "input/output error"),
            Verdict::Unknown(_)
        ));
        assert!(matches!(
            refused(19999, "something new"),
            Verdict::Unknown(_)
        ));
    }
}
