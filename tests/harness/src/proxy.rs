//! A connection to a nats-server that misbehaves.
//!
//! It stands between a client and the server, reads the protocol line by line, and loses, doubles or delays
//! whole messages, or cuts the connection, each as often as [`Faults`] say. The same seed and the same traffic
//! give the same faults. What keeps the connection up (CONNECT, SUB, PING) always passes.
//! It does not know what the messages say.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite,
    AsyncWriteExt as _, BufReader,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::chance::Chance;

/// How often what happens, in a thousand messages.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Where chance begins.
    pub seed: u64,
    /// A message of the client never arrives.
    pub lose_requests: u64,
    /// A message of the server never arrives.
    pub lose_replies: u64,
    /// A message arrives twice, either way.
    pub double: u64,
    /// A message, and all that come after it, arrive late.
    pub delay: u64,
    /// The longest such delay.
    pub longest: Duration,
    /// The connection is cut in the middle of a message.
    pub cut: u64,
}

/// How often what happened.
#[derive(Debug, Default)]
pub struct Tally {
    /// Messages that passed.
    pub passed: AtomicU64,
    /// Messages lost.
    pub lost: AtomicU64,
    /// Messages doubled.
    pub doubled: AtomicU64,
    /// Messages delayed.
    pub delayed: AtomicU64,
    /// Connections cut.
    pub cut: AtomicU64,
}

impl Tally {
    /// All that went wrong.
    pub fn faults(&self) -> u64 {
        [&self.lost, &self.doubled, &self.delayed, &self.cut]
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum()
    }
}

/// A proxy on a free port. Dropped, it cuts its connections and listens no more.
pub struct Proxy {
    port: u16,
    state: Arc<State>,
    listening: JoinHandle<()>,
}

struct State {
    faults: watch::Sender<Faults>,
    /// Grows with each cut of all connections.
    cuts: watch::Sender<u64>,
    away: watch::Sender<bool>,
    tally: Tally,
}

impl Proxy {
    /// Stands before the server on a port of this machine.
    pub async fn before(target: u16, faults: Faults) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("loopback has a free port");
        let port = listener
            .local_addr()
            .expect("a listener has an address")
            .port();
        let state = Arc::new(State {
            faults: watch::Sender::new(faults),
            cuts: watch::Sender::new(0),
            away: watch::Sender::new(false),
            tally: Tally::default(),
        });
        let listening = tokio::spawn(listen(listener, target, Arc::clone(&state)));
        Self {
            port,
            state,
            listening,
        }
    }

    /// Where clients connect.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on other faults happen.
    pub fn behave(&self, faults: Faults) {
        self.state.faults.send_replace(faults);
    }

    /// Cuts all connections now; clients may come back at once.
    pub fn cut(&self) {
        self.state.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Cuts all connections and takes no new ones, until told otherwise.
    pub fn stay_away(&self, away: bool) {
        self.state.away.send_replace(away);
        if away {
            self.cut();
        }
    }

    /// What happened so far.
    pub fn tally(&self) -> &Tally {
        &self.state.tally
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
        self.cut();
    }
}

async fn listen(listener: TcpListener, target: u16, state: Arc<State>) {
    for connection in 0_u64.. {
        let Ok((client, _)) = listener.accept().await else {
            return;
        };
        if *state.away.borrow() {
            continue;
        }
        let state = Arc::clone(&state);
        let mut cuts = state.cuts.subscribe();
        tokio::spawn(async move {
            let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await else {
                return;
            };
            // Small frames must not wait for each other here; the delays are the proxy's own.
            drop((client.set_nodelay(true), server.set_nodelay(true)));
            let ((from_client, to_client), (from_server, to_server)) =
                (client.into_split(), server.into_split());
            let chance = |way| Chance(state.faults.borrow().seed ^ (connection << 8) ^ way);
            tokio::select! {
                _ = cuts.changed() => {}
                _ = forward(from_client, to_server, &state, Way::Requests, chance(1)) => {}
                _ = forward(from_server, to_client, &state, Way::Replies, chance(2)) => {}
            }
        });
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Way {
    Requests,
    Replies,
}

/// Forwards frames one way until a side closes or chance cuts.
async fn forward(
    from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    state: &State,
    way: Way,
    mut chance: Chance,
) -> io::Result<()> {
    let mut from = BufReader::new(from);
    let count = |counter: &AtomicU64| counter.fetch_add(1, Ordering::Relaxed);
    loop {
        let Some((frame, is_message)) = frame(&mut from).await? else {
            return Ok(());
        };
        if !is_message {
            to.write_all(&frame).await?;
            continue;
        }
        let faults = state.faults.borrow().clone();
        let lose = if way == Way::Requests {
            faults.lose_requests
        } else {
            faults.lose_replies
        };
        if chance.strikes(lose) {
            count(&state.tally.lost);
            continue;
        }
        if chance.strikes(faults.delay) {
            count(&state.tally.delayed);
            tokio::time::sleep(faults.longest.mul_f64(chance.share())).await;
        }
        if chance.strikes(faults.cut) {
            count(&state.tally.cut);
            to.write_all(&frame[..frame.len() / 2]).await?;
            to.flush().await?;
            return Ok(());
        }
        to.write_all(&frame).await?;
        if chance.strikes(faults.double) {
            count(&state.tally.doubled);
            to.write_all(&frame).await?;
        }
        count(&state.tally.passed);
    }
}

/// Reads one frame of the protocol: a line, and what it announces. Says whether it carries a message.
async fn frame(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<(Vec<u8>, bool)>> {
    let mut frame = Vec::new();
    if from.read_until(b'\n', &mut frame).await? == 0 {
        return Ok(None);
    }
    let line = String::from_utf8_lossy(&frame).into_owned();
    let mut words = line.split_ascii_whitespace();
    match words.next() {
        Some("PUB" | "HPUB" | "MSG" | "HMSG") => {
            let size: usize = words
                .next_back()
                .and_then(|size| size.parse().ok())
                .ok_or_else(|| io::Error::other(format!("no size in `{line}`")))?;
            let head = frame.len();
            frame.resize(head + size + 2, 0);
            from.read_exact(&mut frame[head..]).await?;
            Ok(Some((frame, true)))
        }
        // A cluster names its other servers here; who knew them would go round this proxy.
        Some("INFO") => Ok(Some((without_others(&line).into_bytes(), false))),
        _ => Ok(Some((frame, false))),
    }
}

fn without_others(info: &str) -> String {
    let Some((before, rest)) = info.split_once("\"connect_urls\":[") else {
        return info.to_owned();
    };
    let Some((_, after)) = rest.split_once(']') else {
        return info.to_owned();
    };
    match after.strip_prefix(',') {
        Some(after) => format!("{before}{after}"),
        None => format!("{}{after}", before.trim_end_matches(',')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn frames(text: &[u8]) -> Vec<(Vec<u8>, bool)> {
        let mut from = text;
        let mut all = Vec::new();
        while let Some(one) = frame(&mut from).await.unwrap() {
            all.push(one);
        }
        all
    }

    #[tokio::test]
    async fn a_message_is_one_frame_whatever_its_bytes_say() {
        let text =
            b"CONNECT {}\r\nPUB a.b 5\r\nP\r\nNG\r\nHPUB a.b r.1 4 9\r\n\r\n\r\n12345\r\nPING\r\n";
        let all = frames(text).await;
        let told: Vec<(&[u8], bool)> = all
            .iter()
            .map(|(frame, message)| (&**frame, *message))
            .collect();
        assert_eq!(
            told,
            [
                (&b"CONNECT {}\r\n"[..], false),
                (b"PUB a.b 5\r\nP\r\nNG\r\n", true),
                (b"HPUB a.b r.1 4 9\r\n\r\n\r\n12345\r\n", true),
                (b"PING\r\n", false)
            ]
        );
    }

    #[test]
    fn the_other_servers_of_a_cluster_are_not_told() {
        let told = without_others(
            "INFO {\"a\":1,\"connect_urls\":[\"127.0.0.1:1\",\"127.0.0.1:2\"],\"b\":2} \r\n",
        );
        assert_eq!(told, "INFO {\"a\":1,\"b\":2} \r\n");
        assert_eq!(
            without_others("INFO {\"a\":1,\"connect_urls\":[\"x\"]}\r\n"),
            "INFO {\"a\":1}\r\n"
        );
        assert_eq!(without_others("INFO {\"a\":1}\r\n"), "INFO {\"a\":1}\r\n");
    }

    #[test]
    fn chance_strikes_as_often_as_it_is_told_and_repeats_itself() {
        let strikes = |seed| {
            let mut chance = Chance(seed);
            (0..10_000).filter(|_| chance.strikes(50)).count()
        };
        assert_eq!(strikes(7), strikes(7));
        assert!(
            (400..600).contains(&strikes(7)) && strikes(7) != strikes(8),
            "{} {}",
            strikes(7),
            strikes(8)
        );
        let mut never = Chance(1);
        assert!((0..1000).all(|_| !never.strikes(0)));
    }
}
