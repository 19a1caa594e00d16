//! The contract suite of a store of short-lived things. Each clause is a sentence of the port's documentation.
//!
//! An adapter calls [`ephemera_contract!`](crate::ephemera_contract) with a way to make an empty store whose
//! time can be moved. It does not know how: a test clock here, waiting or a debug command elsewhere.

use std::sync::Arc;
use std::time::Duration;

use crate::port::{Ephemera, EphemeraError, MAX_KEY_BYTES, MAX_TTL, MAX_VALUE_BYTES, Rate, Taken};

/// A store to try, and its time.
#[async_trait::async_trait]
pub trait Trial: Send + Sync + 'static {
    /// The store.
    fn store(&self) -> Arc<dyn Ephemera>;
    /// How long a second is in it: a store whose time cannot be moved makes it short, so that waiting costs little.
    fn second(&self) -> Duration {
        Duration::from_secs(1)
    }
    /// Lets time go by in it.
    async fn pass(&self, time: Duration);
    /// Loses everything it holds.
    async fn wipe(&self);
}

/// Writes one test a clause; `$make` is an `async || impl Trial`.
#[macro_export]
macro_rules! ephemera_contract {
    ($make:expr) => {
        $crate::ephemera_contract! { @each $make =>
            a_free_lease_is_given
            nobody_else_gets_a_lease_before_it_ends
            a_holder_keeps_and_renews_its_own
            a_lease_that_ended_goes_to_who_asks
            of_many_who_ask_one_gets_the_lease
            a_token_grows_with_each_new_holding
            a_lease_given_back_is_free_at_once
            giving_back_what_another_has_does_nothing
            a_new_bucket_is_full
            a_bucket_fills_again
            all_of_the_cost_is_taken_or_nothing
            what_is_not_allowed_says_when_it_would_be
            a_cost_of_nothing_takes_nothing
            a_cost_above_the_burst_is_refused
            of_many_who_take_no_more_than_the_burst_get_some
            a_value_is_kept_byte_for_byte
            a_value_is_replaced_with_its_time
            a_value_ends_with_its_time
            put_if_absent_leaves_what_is_there
            put_if_absent_puts_what_ended
            of_many_who_put_if_absent_one_does
            things_of_one_name_are_different_things
            names_that_cannot_be_used_are_refused
            values_that_are_too_large_are_refused
            times_that_cannot_be_are_refused
            everything_may_be_gone_at_any_instant
        }
    };
    (@each $make:expr => $($clause:ident)*) => {
        $(#[tokio::test]
        async fn $clause() {
            $crate::contract::$clause($make().await).await;
        })*
    };
}

/// How many come at once.
const MANY: usize = 32;

/// The times of a trial, in its own seconds.
#[derive(Clone, Copy)]
struct Times {
    second: Duration,
    minute: Duration,
    /// Ten within ten seconds.
    rate: Rate,
}

impl Times {
    fn of(trial: &impl Trial) -> Self {
        let second = trial.second();
        Self {
            second,
            minute: second * 60,
            rate: Rate {
                burst: 10,
                per: second * 10,
            },
        }
    }

    async fn token(self, store: &Arc<dyn Ephemera>, holder: &str) -> Option<u64> {
        store
            .lease("shard-1", holder, self.minute)
            .await
            .expect("the store is there")
            .map(|lease| lease.token)
    }

    async fn taken(self, store: &Arc<dyn Ephemera>, cost: u32) -> Taken {
        store
            .take("telegram", cost, self.rate)
            .await
            .expect("the store is there")
    }
}

fn unusable<T: std::fmt::Debug>(answer: Result<T, EphemeraError>) {
    assert!(
        matches!(answer, Err(EphemeraError::Unusable { .. })),
        "{answer:?}"
    );
}

async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    ask: impl Fn(usize) -> F,
) -> Vec<T> {
    let tasks: Vec<_> = (0..MANY).map(|n| tokio::spawn(ask(n))).collect();
    let mut answers = Vec::with_capacity(MANY);
    for task in tasks {
        answers.push(task.await.expect("no panic"));
    }
    answers
}

/// A lease nobody holds is given, for the time asked for.
pub async fn a_free_lease_is_given(trial: impl Trial) {
    let times = Times::of(&trial);
    let lease = trial
        .store()
        .lease("shard-1", "a", times.minute)
        .await
        .expect("the store is there");
    assert_eq!(lease.map(|lease| lease.ttl), Some(times.minute));
}

/// Nobody else gets it before it ends.
pub async fn nobody_else_gets_a_lease_before_it_ends(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    assert!(times.token(&store, "a").await.is_some());
    assert_eq!(times.token(&store, "b").await, None);
    trial.pass(times.minute - times.second).await;
    assert_eq!(times.token(&store, "b").await, None);
}

/// Whoever holds it keeps it and has it for `ttl` from now.
pub async fn a_holder_keeps_and_renews_its_own(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    let first = times.token(&store, "a").await;
    trial.pass(times.minute - times.second).await;
    assert_eq!(
        times.token(&store, "a").await,
        first,
        "the token stays when it is renewed"
    );
    trial.pass(times.minute - times.second).await;
    assert_eq!(times.token(&store, "b").await, None, "it was renewed");
}

/// When it has ended, who asks gets it.
pub async fn a_lease_that_ended_goes_to_who_asks(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    assert!(times.token(&store, "a").await.is_some());
    trial.pass(times.minute + times.second).await;
    assert!(times.token(&store, "b").await.is_some());
    assert_eq!(
        times.token(&store, "a").await,
        None,
        "it was too late to renew"
    );
}

/// Of several who ask for a free lease one gets it.
pub async fn of_many_who_ask_one_gets_the_lease(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    let answers = at_once(|n| {
        let store = store.clone();
        async move { times.token(&store, &format!("holder-{n}")).await }
    })
    .await;
    assert_eq!(answers.into_iter().flatten().count(), 1);
}

/// Its token grows each time it goes to somebody new, or to the same one after it had ended.
pub async fn a_token_grows_with_each_new_holding(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    let mut last = 0;
    for holder in ["a", "b", "b", "a"] {
        let token = times.token(&store, holder).await.expect("it is free");
        assert!(token > last, "{token} after {last}");
        last = token;
        trial.pass(times.minute + times.second).await;
    }
}

/// The next who asks gets what was given back at once.
pub async fn a_lease_given_back_is_free_at_once(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    let first = times.token(&store, "a").await;
    store
        .release("shard-1", "a")
        .await
        .expect("the store is there");
    let second = times.token(&store, "b").await;
    assert!(second > first, "{second:?} after {first:?}");
}

/// Giving back what somebody else has, or nobody, does nothing.
pub async fn giving_back_what_another_has_does_nothing(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    assert_eq!(store.release("shard-1", "b").await, Ok(()));
    assert!(times.token(&store, "a").await.is_some());
    assert_eq!(store.release("shard-1", "b").await, Ok(()));
    assert_eq!(times.token(&store, "b").await, None);
}

/// A bucket never seen is full.
pub async fn a_new_bucket_is_full(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    for n in 0..10 {
        assert!(times.taken(&store, 1).await.allowed, "piece {n}");
    }
    assert!(!times.taken(&store, 1).await.allowed);
}

/// It is filled from empty in `rate.per`, and never holds more than the burst.
pub async fn a_bucket_fills_again(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    assert!(times.taken(&store, 10).await.allowed);
    trial.pass(times.second * 5 + times.second / 2).await;
    assert!(times.taken(&store, 5).await.allowed);
    assert!(!times.taken(&store, 1).await.allowed);
    trial.pass(times.minute).await;
    assert!(times.taken(&store, 10).await.allowed);
    assert!(
        !times.taken(&store, 1).await.allowed,
        "it holds no more than the burst"
    );
}

/// Either all of the cost is taken or nothing.
pub async fn all_of_the_cost_is_taken_or_nothing(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    assert!(times.taken(&store, 6).await.allowed);
    assert!(!times.taken(&store, 6).await.allowed);
    assert!(
        times.taken(&store, 4).await.allowed,
        "the refused one took nothing"
    );
}

/// What is not allowed says after how long the same would be.
pub async fn what_is_not_allowed_says_when_it_would_be(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    assert_eq!(
        times.taken(&store, 10).await,
        Taken {
            allowed: true,
            retry_after: Duration::ZERO
        }
    );
    let refused = times.taken(&store, 3).await;
    assert!(!refused.allowed);
    assert!(
        refused.retry_after > times.second && refused.retry_after <= times.second * 3,
        "{:?}",
        refused.retry_after
    );
    trial.pass(refused.retry_after).await;
    assert!(times.taken(&store, 3).await.allowed);
}

/// A cost of nothing is always allowed and takes nothing.
pub async fn a_cost_of_nothing_takes_nothing(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    assert!(times.taken(&store, 0).await.allowed);
    assert!(times.taken(&store, 10).await.allowed);
    assert!(times.taken(&store, 0).await.allowed);
}

/// A cost above the burst is refused as unusable, and so is a bucket that holds nothing.
pub async fn a_cost_above_the_burst_is_refused(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    unusable(store.take("telegram", 11, times.rate).await);
    unusable(
        store
            .take(
                "telegram",
                0,
                Rate {
                    burst: 0,
                    per: times.second,
                },
            )
            .await,
    );
    unusable(
        store
            .take(
                "telegram",
                1,
                Rate {
                    burst: 1,
                    per: Duration::ZERO,
                },
            )
            .await,
    );
    assert!(times.taken(&store, 10).await.allowed, "nothing was changed");
}

/// However many come at once, no more than the burst is given.
pub async fn of_many_who_take_no_more_than_the_burst_get_some(trial: impl Trial) {
    let store = trial.store();
    let slow = Rate {
        burst: 10,
        per: MAX_TTL,
    };
    let answers = at_once(|_| {
        let store = store.clone();
        async move {
            store
                .take("telegram", 1, slow)
                .await
                .expect("the store is there")
                .allowed
        }
    })
    .await;
    assert_eq!(answers.into_iter().filter(|allowed| *allowed).count(), 10);
}

/// A value is kept byte for byte; a key nobody put has none.
pub async fn a_value_is_kept_byte_for_byte(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    assert_eq!(store.get("draft").await, Ok(None));
    for value in [
        &b""[..],
        b"\x00\xff\r\n",
        "哨点".as_bytes(),
        &vec![7; MAX_VALUE_BYTES],
    ] {
        store
            .put("draft", value, times.minute)
            .await
            .expect("the store is there");
        assert_eq!(
            store
                .get("draft")
                .await
                .expect("the store is there")
                .as_deref(),
            Some(value)
        );
    }
}

/// Putting replaces both value and time.
pub async fn a_value_is_replaced_with_its_time(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    store
        .put("draft", b"old", times.minute * 10)
        .await
        .expect("the store is there");
    store
        .put("draft", b"new", times.minute)
        .await
        .expect("the store is there");
    assert_eq!(store.get("draft").await, Ok(Some(b"new".to_vec())));
    trial.pass(times.minute + times.second).await;
    assert_eq!(store.get("draft").await, Ok(None));
}

/// A value is there until its time is over.
pub async fn a_value_ends_with_its_time(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    store
        .put("draft", b"x", times.minute)
        .await
        .expect("the store is there");
    trial.pass(times.minute - times.second).await;
    assert!(
        store
            .get("draft")
            .await
            .expect("the store is there")
            .is_some()
    );
    trial.pass(times.second * 2).await;
    assert_eq!(store.get("draft").await, Ok(None));
}

/// What is there keeps its value and its time.
pub async fn put_if_absent_leaves_what_is_there(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    assert_eq!(
        store.put_if_absent("once", b"first", times.minute).await,
        Ok(true)
    );
    assert_eq!(
        store
            .put_if_absent("once", b"second", times.minute * 10)
            .await,
        Ok(false)
    );
    assert_eq!(store.get("once").await, Ok(Some(b"first".to_vec())));
    trial.pass(times.minute + times.second).await;
    assert_eq!(
        store.get("once").await,
        Ok(None),
        "its time was not lengthened"
    );
}

/// What has ended is absent.
pub async fn put_if_absent_puts_what_ended(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    store
        .put("once", b"first", times.minute)
        .await
        .expect("the store is there");
    trial.pass(times.minute + times.second).await;
    assert_eq!(
        store.put_if_absent("once", b"second", times.minute).await,
        Ok(true)
    );
    assert_eq!(store.get("once").await, Ok(Some(b"second".to_vec())));
}

/// Of several who come at once one puts it.
pub async fn of_many_who_put_if_absent_one_does(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    let answers = at_once(|n| {
        let store = store.clone();
        async move {
            store
                .put_if_absent("once", n.to_string().as_bytes(), times.minute)
                .await
                .expect("the store is there")
                .then_some(n)
        }
    })
    .await;
    let did: Vec<_> = answers.into_iter().flatten().collect();
    assert_eq!(did.len(), 1);
    assert_eq!(
        store.get("once").await,
        Ok(Some(did[0].to_string().into_bytes()))
    );
}

/// Leases, buckets and values of one name are three different things.
pub async fn things_of_one_name_are_different_things(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    assert!(
        store
            .lease("x", "a", times.minute)
            .await
            .expect("the store is there")
            .is_some()
    );
    assert_eq!(store.get("x").await, Ok(None));
    assert!(
        store
            .put_if_absent("x", b"v", times.minute)
            .await
            .expect("the store is there")
    );
    assert!(
        store
            .take("x", 10, times.rate)
            .await
            .expect("the store is there")
            .allowed
    );
    store.release("x", "a").await.expect("the store is there");
    assert_eq!(store.get("x").await, Ok(Some(b"v".to_vec())));
    assert!(
        !store
            .take("x", 1, times.rate)
            .await
            .expect("the store is there")
            .allowed
    );
}

/// A name has 1 to 200 bytes.
pub async fn names_that_cannot_be_used_are_refused(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    let (longest, long) = ("k".repeat(MAX_KEY_BYTES), "k".repeat(MAX_KEY_BYTES + 1));
    store
        .put(&longest, b"v", times.minute)
        .await
        .expect("it may have so many bytes");
    assert_eq!(store.get(&longest).await, Ok(Some(b"v".to_vec())));
    for key in ["", long.as_str(), "哨".repeat(67).as_str()] {
        unusable(store.put(key, b"v", times.minute).await);
        unusable(store.put_if_absent(key, b"v", times.minute).await);
        unusable(store.get(key).await);
        unusable(store.take(key, 1, times.rate).await);
        unusable(store.lease(key, "a", times.minute).await);
        unusable(store.lease("shard-1", key, times.minute).await);
        unusable(store.release(key, "a").await);
    }
    assert!(
        times.token(&store, "a").await.is_some(),
        "nothing was changed"
    );
}

/// A value has at most 64 KiB.
pub async fn values_that_are_too_large_are_refused(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    let large = vec![0; MAX_VALUE_BYTES + 1];
    unusable(store.put("draft", &large, times.minute).await);
    unusable(store.put_if_absent("draft", &large, times.minute).await);
    assert_eq!(store.get("draft").await, Ok(None));
}

/// A time to live is more than nothing and at most 48 hours.
pub async fn times_that_cannot_be_are_refused(trial: impl Trial) {
    let store = trial.store();
    for ttl in [
        Duration::ZERO,
        Duration::from_nanos(1),
        MAX_TTL + Duration::from_millis(1),
        Duration::MAX,
    ] {
        unusable(store.put("draft", b"v", ttl).await);
        unusable(store.put_if_absent("draft", b"v", ttl).await);
        unusable(store.lease("shard-1", "a", ttl).await);
        unusable(store.take("telegram", 1, Rate { burst: 1, per: ttl }).await);
    }
    assert_eq!(store.get("draft").await, Ok(None));
    assert_eq!(store.put("draft", b"v", MAX_TTL).await, Ok(()));
}

/// Everything may be gone at any instant, as if it had never been.
pub async fn everything_may_be_gone_at_any_instant(trial: impl Trial) {
    let times = Times::of(&trial);
    let store = trial.store();
    assert!(times.token(&store, "a").await.is_some());
    assert!(times.taken(&store, 10).await.allowed);
    store
        .put("draft", b"v", times.minute)
        .await
        .expect("the store is there");
    trial.wipe().await;
    assert!(times.token(&store, "b").await.is_some());
    assert!(times.taken(&store, 10).await.allowed);
    assert_eq!(store.get("draft").await, Ok(None));
}
