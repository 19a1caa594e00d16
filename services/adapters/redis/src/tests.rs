//! The contract on a real server, and what only a server can do: end things by itself, go away, come back empty.
//!
//! Each test has a server of its own. A missing server fails the tests; it does not skip them.

mod away;
mod server;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use picket_ephemera::contract::Trial;
use picket_ephemera::{Ephemera, EphemeraError, Lease, Rate};

use crate::{RedisEphemera, RedisOpenError, RedisSettings};
use server::Server;

/// Loads of everything else must not make a test fail; what is bounded is bounded all the same.
const PATIENCE: Duration = Duration::from_secs(20);

fn settings(prefix: &str) -> RedisSettings {
    RedisSettings {
        prefix: prefix.into(),
        patience: PATIENCE,
    }
}

struct Real {
    server: Server,
    store: RedisEphemera,
}

impl Real {
    async fn new() -> Self {
        let server = Server::start();
        let store = RedisEphemera::open(&server.address(), &settings("picket")).unwrap();
        store
            .ping()
            .await
            .expect("a server that was started answers");
        Self { server, store }
    }
}

/// The time of a server cannot be moved; what depends on it is moved back instead: what would have ended goes,
/// the rest has so much less to live, and buckets are full so much earlier.
const PASS: &str = r"
local ms, us = tonumber(ARGV[1]), tonumber(ARGV[2])
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key)
  if left <= ms then
    redis.call('DEL', key)
  else
    if string.find(key, ':bucket:', 1, true) then
      redis.call('SET', key, string.format('%.0f', tonumber(redis.call('GET', key)) - us), 'KEEPTTL')
    end
    redis.call('PEXPIRE', key, left - ms)
  end
end
return 1
";

#[async_trait]
impl Trial for Real {
    fn store(&self) -> Arc<dyn Ephemera> {
        Arc::new(self.store.clone())
    }

    async fn pass(&self, time: Duration) {
        let mut connection = self.server.connection().await;
        let micros = time.as_nanos().div_ceil(1000);
        redis::Script::new(PASS)
            .arg(micros.div_ceil(1000).to_string())
            .arg(micros.to_string())
            .invoke_async::<u32>(&mut connection)
            .await
            .unwrap();
    }

    async fn wipe(&self) {
        redis::cmd("FLUSHALL")
            .exec_async(&mut self.server.connection().await)
            .await
            .unwrap();
    }
}

picket_ephemera::ephemera_contract!(Real::new);

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn every_key_has_the_prefix_and_a_time_to_live() {
    let real = Real::new().await;
    real.store.lease("shard-1", "a", MINUTE).await.unwrap();
    real.store.lease("shard-1", "a", MINUTE).await.unwrap();
    // Taken once and never renewed: a first holding is written by another line than a renewed one.
    real.store.lease("shard-2", "a", MINUTE).await.unwrap();
    real.store
        .take(
            "chat",
            1,
            Rate {
                burst: 10,
                per: MINUTE,
            },
        )
        .await
        .unwrap();
    real.store.put("draft", b"v", MINUTE).await.unwrap();
    real.store
        .put_if_absent("once", b"v", MINUTE)
        .await
        .unwrap();
    let mut connection = real.server.connection().await;
    let mut keys: Vec<String> = redis::cmd("KEYS")
        .arg("*")
        .query_async(&mut connection)
        .await
        .unwrap();
    keys.sort();
    assert_eq!(
        keys,
        [
            "picket:bucket:chat",
            "picket:lease:shard-1",
            "picket:lease:shard-2",
            "picket:token:shard-1",
            "picket:token:shard-2",
            "picket:value:draft",
            "picket:value:once"
        ]
    );
    for key in keys {
        let left: i64 = redis::cmd("PTTL")
            .arg(&key)
            .query_async(&mut connection)
            .await
            .unwrap();
        assert!(left > 0, "`{key}` lives {left} ms");
    }
}

#[tokio::test]
async fn two_prefixes_are_two_stores() {
    let server = Server::start();
    let [one, other] =
        ["a", "b"].map(|prefix| RedisEphemera::open(&server.address(), &settings(prefix)).unwrap());
    assert!(one.lease("shard-1", "x", MINUTE).await.unwrap().is_some());
    assert!(other.lease("shard-1", "y", MINUTE).await.unwrap().is_some());
    one.put("k", b"one", MINUTE).await.unwrap();
    assert_eq!(other.get("k").await, Ok(None));
}

#[tokio::test]
async fn the_servers_own_time_ends_a_lease_and_fills_a_bucket() {
    let real = Real::new().await;
    let short = Duration::from_millis(30);
    let first = real
        .store
        .lease("shard-1", "a", short)
        .await
        .unwrap()
        .expect("it is free");
    let rate = Rate {
        burst: 1,
        per: short,
    };
    assert!(real.store.take("chat", 1, rate).await.unwrap().allowed);
    let waited = std::time::Instant::now();
    let second = loop {
        assert!(waited.elapsed() < PATIENCE, "the lease never ended");
        if let Some(lease) = real.store.lease("shard-1", "b", MINUTE).await.unwrap() {
            break lease;
        }
    };
    assert!(
        waited.elapsed() + Duration::from_millis(5)
            >= short.saturating_sub(Duration::from_millis(10)),
        "{:?}",
        waited.elapsed()
    );
    assert!(second.token > first.token);
    while !real.store.take("chat", 1, rate).await.unwrap().allowed {
        assert!(waited.elapsed() < PATIENCE, "the bucket never filled");
    }
}

#[tokio::test]
async fn a_token_lost_alone_is_restored_by_the_lease_that_has_it() {
    let real = Real::new().await;
    for holder in ["a", "b", "c"] {
        real.store
            .lease("shard-1", holder, MINUTE)
            .await
            .unwrap()
            .expect("it is free");
        real.store.release("shard-1", holder).await.unwrap();
    }
    let held = real
        .store
        .lease("shard-1", "d", MINUTE)
        .await
        .unwrap()
        .expect("it is free");
    redis::cmd("DEL")
        .arg("picket:token:shard-1")
        .exec_async(&mut real.server.connection().await)
        .await
        .unwrap();
    assert_eq!(
        real.store.lease("shard-1", "d", MINUTE).await.unwrap(),
        Some(Lease {
            token: held.token,
            ttl: MINUTE
        })
    );
    real.store.release("shard-1", "d").await.unwrap();
    assert!(
        real.store
            .lease("shard-1", "e", MINUTE)
            .await
            .unwrap()
            .expect("it is free")
            .token
            > held.token
    );
}

#[tokio::test]
async fn a_bucket_the_clock_left_in_the_future_is_empty_at_the_worst() {
    let real = Real::new().await;
    let rate = Rate {
        burst: 10,
        per: MINUTE,
    };
    assert!(real.store.take("chat", 1, rate).await.unwrap().allowed);
    // As if the clock of the server had stood a year ahead when the bucket was written.
    redis::cmd("SET")
        .arg("picket:bucket:chat")
        .arg("4000000000000000")
        .arg("PX")
        .arg(60_000)
        .exec_async(&mut real.server.connection().await)
        .await
        .unwrap();
    let refused = real.store.take("chat", 1, rate).await.unwrap();
    assert!(
        !refused.allowed && refused.retry_after <= MINUTE / 10,
        "{refused:?}"
    );
}

#[test]
fn an_address_that_cannot_be_used_is_refused_without_being_shown() {
    let refused = |address: &str, settings: &RedisSettings| {
        let why = RedisEphemera::open(address, settings).expect_err("it cannot be used");
        assert!(!format!("{why} {why:?}").contains("hunter2"), "{why:?}");
        why
    };
    let usual = RedisSettings::default();
    assert!(matches!(
        refused("http://u:hunter2@127.0.0.1", &usual),
        RedisOpenError::Address
    ));
    assert!(matches!(
        refused("hunter2", &usual),
        RedisOpenError::Address
    ));
    assert!(matches!(
        refused("rediss://u:hunter2@127.0.0.1", &usual),
        RedisOpenError::Encrypted
    ));
    for prefix in ["", "a b", "哨", &"p".repeat(65)] {
        assert!(matches!(
            refused("redis://127.0.0.1", &settings(prefix)),
            RedisOpenError::Prefix
        ));
    }
    assert!(matches!(
        refused(
            "redis://127.0.0.1",
            &RedisSettings {
                patience: Duration::ZERO,
                ..usual
            }
        ),
        RedisOpenError::Patience
    ));
}

#[tokio::test]
async fn a_password_is_in_no_error_and_no_debug_form() {
    let server = Server::start_with(&["--requirepass", "hunter2"]);
    let wrong = RedisEphemera::open(&server.address_with("hunter3"), &settings("picket")).unwrap();
    let Err(EphemeraError::Unavailable(why)) = wrong.get("k").await else {
        panic!("it was let in")
    };
    assert!(!format!("{why} {wrong:?}").contains("hunter"), "{why}");
    assert!(why.contains("password"), "{why}");
    let right = RedisEphemera::open(&server.address_with("hunter2"), &settings("picket")).unwrap();
    right.put("k", b"v", MINUTE).await.unwrap();
    assert!(!format!("{right:?}").contains("hunter"));
}
