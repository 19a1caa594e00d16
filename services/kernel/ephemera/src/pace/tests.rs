//! Turns in virtual time: within every limit, close to it, and the most pressing first.

use std::collections::BTreeSet;
use std::sync::Mutex;

use async_trait::async_trait;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::*;
use crate::port::{EphemeraError, Lease, Taken};

/// A store in the memory of this test, on its clock.
fn store() -> Arc<MemoryEphemera> {
    let started = Instant::now();
    Arc::new(MemoryEphemera::with_clock(Arc::new(move || {
        started.elapsed()
    })))
}

fn private(chat: usize) -> PacedChat {
    PacedChat::Private(chat.to_string())
}

/// When each turn was given, and where.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(Instant, PacedChat)>>>);

impl Log {
    async fn write(&self, pace: &Pace, place: PacedChat, rank: Rank) -> Instant {
        pace.turn(&place, rank).await;
        let now = Instant::now();
        self.0
            .lock()
            .expect("no test panics while it writes")
            .push((now, place));
        now
    }

    fn taken(&self) -> Vec<(Instant, PacedChat)> {
        let mut all = self
            .0
            .lock()
            .expect("no test panics while it writes")
            .clone();
        all.sort();
        all
    }

    /// The most there were in any time so long.
    fn most(&self, window: Duration, of: impl Fn(&PacedChat) -> bool) -> usize {
        let all: Vec<_> = self
            .taken()
            .into_iter()
            .filter(|(_, place)| of(place))
            .map(|(at, _)| at)
            .collect();
        (0..all.len())
            .map(|first| {
                all[first..]
                    .iter()
                    .take_while(|at| **at < all[first] + window)
                    .count()
            })
            .max()
            .unwrap_or_default()
    }

    /// The same for the place that had most.
    fn most_anywhere(&self, window: Duration, of: impl Fn(&PacedChat) -> bool) -> usize {
        let places: BTreeSet<PacedChat> = self
            .taken()
            .into_iter()
            .map(|(_, place)| place)
            .filter(|place| of(place))
            .collect();
        places
            .iter()
            .map(|place| self.most(window, |other| other == place))
            .max()
            .unwrap_or_default()
    }
}

fn anybody(_: &PacedChat) -> bool {
    true
}

/// Everybody of these at once; how long it took until the last had a turn.
async fn all(
    pace: &Pace,
    log: &Log,
    places: impl Iterator<Item = PacedChat>,
    rank: Rank,
) -> Duration {
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for place in places {
        let (pace, log) = (pace.clone(), log.clone());
        tasks.spawn(async move { log.write(&pace, place, rank).await });
    }
    while tasks.join_next().await.is_some() {}
    started.elapsed()
}

#[tokio::test(start_paused = true)]
async fn three_thousand_people_are_written_to_close_to_the_limit_and_never_above() {
    let (pace, log) = (Pace::new(store(), "t", Limits::default()), Log::default());
    let digests = all(&pace, &log, (0..3_000).map(private), Rank::News);
    let urgent = async {
        sleep(Duration::from_secs(20)).await;
        let asked = Instant::now();
        log.write(&pace, private(2_999), Rank::Urgent).await - asked
    };
    let (took, waited) = tokio::join!(digests, urgent);
    assert!(
        took <= Duration::from_secs(120),
        "1.2 times the hundred seconds that 30 a second take: {took:?}"
    );
    assert!(log.most(Duration::from_secs(1), anybody) <= 30);
    assert!(
        waited <= Duration::from_millis(200),
        "{waited:?} behind digests"
    );
}

#[tokio::test(start_paused = true)]
async fn one_chat_gets_a_short_burst_and_a_group_eighteen_a_minute() {
    let (pace, log) = (Pace::new(store(), "t", Limits::default()), Log::default());
    let group = |number: usize| PacedChat::Group(number.to_string());
    let (people, groups) = tokio::join!(
        all(&pace, &log, (0..40).map(|n| private(n % 2)), Rank::Work),
        all(&pace, &log, (0..120).map(|n| group(n % 3)), Rank::Work),
    );
    let is_group = |place: &PacedChat| matches!(place, PacedChat::Group(_));
    assert!(log.most_anywhere(Duration::from_secs(4), |place| !is_group(place)) <= 4);
    assert!(log.most_anywhere(Duration::from_secs(60), is_group) <= 18);
    assert!(
        people <= Duration::from_secs(30) && groups <= Duration::from_secs(160),
        "{people:?} {groups:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_chat_the_platform_wants_left_alone_holds_up_nobody_else() {
    let (pace, log) = (Pace::new(store(), "t", Limits::default()), Log::default());
    pace.rest(&private(7), Duration::from_secs(37));
    let started = Instant::now();
    let (resting, others) = tokio::join!(
        log.write(&pace, private(7), Rank::Urgent),
        all(&pace, &log, (100..150).map(private), Rank::News)
    );
    assert!(
        resting - started >= Duration::from_secs(37) && resting - started < Duration::from_secs(38)
    );
    assert!(others < Duration::from_secs(3), "{others:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_all_is_waited_by_all() {
    let (pace, log) = (Pace::new(store(), "t", Limits::default()), Log::default());
    pace.rest(&PacedChat::Anywhere, Duration::from_secs(5));
    pace.rest(&PacedChat::Anywhere, Duration::from_secs(2));
    let started = Instant::now();
    assert!(log.write(&pace, private(1), Rank::Answer).await - started >= Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn two_replicas_share_one_limit() {
    let (store, log) = (store(), Log::default());
    let (one, two) = (
        Pace::new(store.clone(), "t", Limits::default()),
        Pace::new(store, "t", Limits::default()),
    );
    let (first, second) = tokio::join!(
        all(&one, &log, (0..300).map(private), Rank::Work),
        all(&two, &log, (300..600).map(private), Rank::Work)
    );
    assert!(log.most(Duration::from_secs(1), anybody) <= 30);
    assert!(
        first.max(second) <= Duration::from_secs(24),
        "600 at 30 a second take 20 s: {first:?} {second:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_most_pressing_of_those_who_wait_goes_first() {
    // One at a time, so that no two come at the same instant.
    let one = Rate {
        burst: 1,
        per: Duration::from_millis(40),
    };
    let (pace, log) = (
        Pace::new(
            store(),
            "t",
            Limits {
                overall: one,
                ..Limits::default()
            },
        ),
        Log::default(),
    );
    pace.rest(&PacedChat::Anywhere, Duration::from_secs(1));
    let ranks = [Rank::News, Rank::Work, Rank::Urgent, Rank::Answer];
    let turns = ranks
        .iter()
        .enumerate()
        .map(|(n, rank)| log.write(&pace, private(n), *rank));
    let turns: Vec<_> = futures(turns).await;
    assert!(
        turns.is_sorted_by(|first, second| first > second),
        "{turns:?}"
    );
}

/// Waits for all of them at once.
async fn futures<F: Future<Output = Instant>>(all: impl Iterator<Item = F>) -> Vec<Instant> {
    let mut all: Vec<_> = all.map(Box::pin).collect();
    let mut done: Vec<Option<Instant>> = vec![None; all.len()];
    std::future::poll_fn(|cx| {
        for (one, done) in all.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(at) = one.as_mut().poll(cx)
            {
                *done = Some(at);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test(start_paused = true)]
async fn whoever_stops_waiting_leaves_the_line() {
    let pace = Pace::new(store(), "t", Limits::default());
    pace.rest(&PacedChat::Anywhere, Duration::from_secs(10));
    for _ in 0..500 {
        assert!(
            timeout(
                Duration::from_millis(1),
                pace.turn(&private(1), Rank::Answer)
            )
            .await
            .is_err()
        );
    }
    sleep(Duration::from_secs(10)).await;
    let started = Instant::now();
    pace.turn(&private(1), Rank::News).await;
    assert!(started.elapsed() < Duration::from_secs(1));
}

/// A store that is away now and then.
struct Away {
    store: Arc<MemoryEphemera>,
    /// Away from the first to the second.
    between: (Instant, Instant),
}

#[async_trait]
impl Ephemera for Away {
    async fn lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>, EphemeraError> {
        self.store.lease(name, holder, ttl).await
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), EphemeraError> {
        self.store.release(name, holder).await
    }

    async fn take(&self, bucket: &str, cost: u32, rate: Rate) -> Result<Taken, EphemeraError> {
        if (self.between.0..self.between.1).contains(&Instant::now()) {
            return Err(EphemeraError::Unavailable("it is away".into()));
        }
        self.store.take(bucket, cost, rate).await
    }

    async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<(), EphemeraError> {
        self.store.put(key, value, ttl).await
    }

    async fn put_if_absent(
        &self,
        key: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, EphemeraError> {
        self.store.put_if_absent(key, value, ttl).await
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, EphemeraError> {
        self.store.get(key).await
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_store_two_replicas_together_stay_within_the_limit() {
    let (now, log) = (Instant::now(), Log::default());
    let away = Arc::new(Away {
        store: store(),
        between: (now + Duration::from_secs(5), now + Duration::from_secs(15)),
    });
    let (one, two) = (
        Pace::new(away.clone(), "t", Limits::default()),
        Pace::new(away, "t", Limits::default()),
    );
    let (first, second) = tokio::join!(
        all(&one, &log, (0..300).map(private), Rank::Work),
        all(&two, &log, (300..600).map(private), Rank::Work)
    );
    // Where the store goes away each has a bucket that is full: that is what two hold, once.
    assert!(
        log.most(Duration::from_secs(1), anybody) <= 32,
        "{}",
        log.most(Duration::from_secs(1), anybody)
    );
    assert!(
        first.max(second) <= Duration::from_secs(24),
        "{first:?} {second:?}"
    );
}
