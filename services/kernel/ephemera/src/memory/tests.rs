//! The contract, and what memory alone promises: it is bounded.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::contract::Trial;
use crate::port::{MAX_TTL, MAX_VALUE_BYTES};

struct Driven {
    store: MemoryEphemera,
    millis: Arc<AtomicU64>,
}

impl Driven {
    fn new() -> Self {
        let millis = Arc::new(AtomicU64::new(0));
        let now = millis.clone();
        Self {
            store: MemoryEphemera::with_clock(Arc::new(move || {
                Duration::from_millis(now.load(Ordering::SeqCst))
            })),
            millis,
        }
    }

    fn pass(&self, time: Duration) {
        // Rounded up, as waiting would be.
        self.millis.fetch_add(
            u64::try_from(time.as_nanos().div_ceil(1_000_000)).expect("a test waits for less"),
            Ordering::SeqCst,
        );
    }
}

#[async_trait]
impl Trial for Driven {
    fn store(&self) -> Arc<dyn Ephemera> {
        Arc::new(self.store.clone())
    }
    async fn pass(&self, time: Duration) {
        Driven::pass(self, time);
    }
    async fn wipe(&self) {
        self.store.wipe();
    }
}

crate::ephemera_contract!(async || Driven::new());

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn what_is_over_is_swept_and_memory_stays_bounded() {
    let driven = Driven::new();
    let rate = Rate {
        burst: 1,
        per: SECOND,
    };
    for n in 0..20_000 {
        driven
            .store
            .put(&format!("v-{n}"), b"x", SECOND)
            .await
            .expect("there is room");
        driven
            .store
            .lease(&format!("l-{n}"), "a", SECOND)
            .await
            .expect("there is room");
        driven
            .store
            .take(&format!("b-{n}"), 1, rate)
            .await
            .expect("there is room");
        driven.pass(Duration::from_millis(10));
    }
    // A hundred of each are alive at a time.
    assert!(driven.store.len() < 3 * SWEEP, "{}", driven.store.len());
}

#[tokio::test]
async fn values_beyond_what_memory_may_hold_are_refused_until_others_end() {
    let driven = Driven::new();
    let value = vec![1; MAX_VALUE_BYTES];
    let most = VALUE_BYTES / MAX_VALUE_BYTES;
    for n in 0..most {
        driven
            .store
            .put(&format!("v-{n}"), &value, SECOND)
            .await
            .expect("there is room");
    }
    assert!(matches!(
        driven.store.put("one more", b"x", SECOND).await,
        Err(EphemeraError::Unavailable(_))
    ));
    assert_eq!(
        driven.store.put("v-0", &value, SECOND).await,
        Ok(()),
        "in place of another there is room"
    );
    driven.pass(SECOND * 2);
    assert_eq!(driven.store.put("one more", b"x", SECOND).await, Ok(()));
    assert_eq!(driven.store.len(), 1);
}

#[tokio::test]
async fn a_sweep_takes_nothing_that_is_alive() {
    let driven = Driven::new();
    let first = driven
        .store
        .lease("shard", "a", MAX_TTL)
        .await
        .expect("it is there");
    driven
        .store
        .put("keep", b"x", MAX_TTL)
        .await
        .expect("there is room");
    for n in 0..SWEEP * 3 {
        driven
            .store
            .put(&format!("v-{n}"), b"x", Duration::from_millis(1))
            .await
            .expect("there is room");
        driven.pass(Duration::from_millis(1));
    }
    assert_eq!(driven.store.get("keep").await, Ok(Some(b"x".to_vec())));
    assert_eq!(
        driven
            .store
            .lease("shard", "a", SECOND)
            .await
            .expect("it is there")
            .map(|lease| lease.token),
        first.map(|lease| lease.token)
    );
}

#[tokio::test]
async fn a_token_is_never_given_again_though_the_lease_was_swept() {
    let driven = Driven::new();
    let first = driven
        .store
        .lease("shard", "a", SECOND)
        .await
        .expect("it is there")
        .expect("it is free")
        .token;
    driven.pass(SECOND * 2);
    for n in 0..SWEEP * 2 {
        driven
            .store
            .put(&format!("v-{n}"), b"x", SECOND)
            .await
            .expect("there is room");
    }
    let second = driven
        .store
        .lease("shard", "b", SECOND)
        .await
        .expect("it is there")
        .expect("it is free")
        .token;
    assert!(second > first);
}

#[tokio::test]
async fn a_burst_that_does_not_divide_its_time_gives_every_piece() {
    let driven = Driven::new();
    let rate = Rate {
        burst: 7,
        per: SECOND,
    };
    for n in 0..7 {
        assert!(
            driven
                .store
                .take("b", 1, rate)
                .await
                .expect("it is there")
                .allowed,
            "piece {n}"
        );
    }
    let refused = driven.store.take("b", 1, rate).await.expect("it is there");
    assert!(!refused.allowed && refused.retry_after <= SECOND / 7 + Duration::from_nanos(7));
}

#[tokio::test]
async fn over_a_long_time_no_more_than_the_rate_is_given() {
    let driven = Driven::new();
    let rate = Rate {
        burst: 30,
        per: SECOND,
    };
    let mut allowed = 0;
    for _ in 0..10_000 {
        allowed += u32::from(
            driven
                .store
                .take("b", 1, rate)
                .await
                .expect("it is there")
                .allowed,
        );
        driven.pass(Duration::from_millis(1));
    }
    assert!((325..=331).contains(&allowed), "{allowed} in ten seconds");
}

#[tokio::test]
async fn the_machines_own_time_goes_by() {
    let store = MemoryEphemera::new();
    assert!(store.is_empty());
    store
        .put("k", b"v", Duration::from_millis(1))
        .await
        .expect("there is room");
    let waited = Instant::now();
    while store.get("k").await.expect("it is there").is_some() {
        assert!(waited.elapsed() < SECOND * 10, "it never ended");
        std::thread::yield_now();
    }
}
