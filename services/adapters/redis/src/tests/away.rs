//! A server that is away, silent, restarted or wiped while it is used.

use std::time::{Duration, Instant};

use picket_ephemera::{Ephemera, EphemeraError, Rate};

use super::server::Server;
use super::{MINUTE, PATIENCE, Real, settings};
use crate::{RedisEphemera, RedisSettings};

const RATE: Rate = Rate {
    burst: 10,
    per: MINUTE,
};

/// Asks until the store is there again.
async fn back(store: &RedisEphemera) {
    let began = Instant::now();
    while store.ping().await.is_err() {
        assert!(began.elapsed() < PATIENCE, "it never came back");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Each verb once; whether all of them said that the store is away.
async fn all_say_it_is_away(store: &RedisEphemera) -> bool {
    let answers = [
        store.lease("s", "a", MINUTE).await.map(drop),
        store.release("s", "a").await,
        store.take("b", 1, RATE).await.map(drop),
        store.put("k", b"v", MINUTE).await,
        store.put_if_absent("k", b"v", MINUTE).await.map(drop),
        store.get("k").await.map(drop),
        store.ping().await,
    ];
    answers
        .iter()
        .all(|answer| matches!(answer, Err(EphemeraError::Unavailable(_))))
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_is_used_once_it_comes() {
    let mut server = Server::start();
    server.kill();
    let store = RedisEphemera::open(&server.address(), &settings("picket")).unwrap();
    assert!(all_say_it_is_away(&store).await);
    server.begin();
    back(&store).await;
    assert!(store.lease("s", "a", MINUTE).await.unwrap().is_some());
}

#[tokio::test]
async fn while_the_server_is_away_calls_fail_at_once() {
    let mut server = Server::start();
    let store = RedisEphemera::open(&server.address(), &settings("picket")).unwrap();
    store.ping().await.unwrap();
    server.kill();
    let began = Instant::now();
    for _ in 0..1_000 {
        assert!(store.get("k").await.is_err());
    }
    assert!(
        began.elapsed() < PATIENCE,
        "a thousand calls took {:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_restarted_server_has_lost_the_leases_and_nothing_else_happens() {
    let Real { mut server, store } = Real::new().await;
    assert!(store.lease("s", "a", MINUTE).await.unwrap().is_some());
    assert!(store.take("b", 10, RATE).await.unwrap().allowed);
    store.put("k", b"v", MINUTE).await.unwrap();
    server.kill();
    server.begin();
    // The connection is found broken by this very call, which is sent again on a new one.
    assert!(
        store.lease("s", "b", MINUTE).await.unwrap().is_some(),
        "the lease of `a` is gone"
    );
    assert_eq!(
        store.lease("s", "a", MINUTE).await,
        Ok(None),
        "and `a` hears so"
    );
    assert!(store.take("b", 10, RATE).await.unwrap().allowed);
    assert_eq!(store.get("k").await, Ok(None));
}

#[tokio::test]
async fn wiped_under_load_nobody_panics_and_everybody_gets_an_answer() {
    let real = Real::new().await;
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let store = real.store.clone();
            tokio::spawn(async move {
                let me = format!("holder-{n}");
                for _ in 0..100 {
                    store.lease("s", &me, MINUTE).await.unwrap();
                    store.release("s", &me).await.unwrap();
                    store.take("b", 1, RATE).await.unwrap();
                    store.put("k", me.as_bytes(), MINUTE).await.unwrap();
                    store.get("k").await.unwrap();
                }
            })
        })
        .collect();
    let mut connection = real.server.connection().await;
    for _ in 0..20 {
        redis::cmd("FLUSHALL")
            .exec_async(&mut connection)
            .await
            .unwrap();
        // Scripts are part of what may be gone.
        redis::cmd("SCRIPT")
            .arg("FLUSH")
            .exec_async(&mut connection)
            .await
            .unwrap();
    }
    for task in tasks {
        task.await.expect("no panic");
    }
}

#[tokio::test]
async fn a_silent_server_is_waited_for_no_longer_than_the_patience_and_left() {
    let server = Server::start();
    let patience = Duration::from_millis(100);
    let store = RedisEphemera::open(
        &server.address(),
        &RedisSettings {
            patience,
            ..settings("picket")
        },
    )
    .unwrap();
    back(&store).await;
    server.signal("-STOP");
    let began = Instant::now();
    let silent = all_say_it_is_away(&store).await;
    let took = began.elapsed();
    server.signal("-CONT");
    assert!(silent);
    assert!(took < PATIENCE, "seven calls took {took:?}");
    back(&store).await;
}

#[tokio::test]
async fn a_full_server_says_so() {
    let server = Server::start_with(&["--maxmemory", "1mb", "--maxmemory-policy", "noeviction"]);
    let store = RedisEphemera::open(&server.address(), &settings("picket")).unwrap();
    let full = async {
        for n in 0..200 {
            store
                .put(&format!("k-{n}"), &[7; 60 * 1024], MINUTE)
                .await?;
        }
        Ok::<_, EphemeraError>(())
    };
    assert_eq!(
        full.await,
        Err(EphemeraError::Unavailable("Redis is full".into()))
    );
    assert_eq!(
        store.get("k-9999").await,
        Ok(None),
        "what is there is still read"
    );
}
