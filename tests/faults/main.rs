//! Whole processes under mixed load: services, NATS and Redis are killed, stopped, cut off and wiped.
//!
//! Whatever happens, what was answered is there once, what follows from it follows once, what is due to be told is
//! handed to a transport once at a time, and nobody waits for longer than a takeover may last. Every story draws from a seed that it prints and `PICKET_SEED` sets.
//! Faults below the journal's own interface are told in `tests/cluster`.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a test fails it, with its place"
)]

mod chance;
mod cluster;
mod county;
mod load;
mod notices;
mod proof;
mod story;
mod wire;

use std::sync::Mutex;
use std::time::Duration;

use picket_harness::{Faults, Nats};
use picket_nats::{NatsAccess, connect};
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep};

use crate::cluster::Plan;
use crate::story::Story;

/// Stories are told one after the other: what one takes from the machine the other would miss.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Two that keep everything, one of them behind a proxy, and one that keeps a part.
fn three_processes() -> Vec<Plan> {
    vec![
        Plan {
            name: "one",
            services: &[],
            proxied: false,
        },
        Plan {
            name: "two",
            services: &[],
            proxied: true,
        },
        Plan {
            name: "three",
            services: &["dispatch", "rectification", "escalation", "courier"],
            proxied: false,
        },
    ]
}

/// What may go wrong with one server of NATS.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    ServiceKilled,
    ServiceBackAtOnce,
    NatsKilled,
    RedisFlushed,
    RedisKilledAndService,
    CutFromNats,
    Noise,
    Zombie,
}

impl Trouble {
    const ALL: [Self; 8] = [
        Self::ServiceKilled,
        Self::ServiceBackAtOnce,
        Self::NatsKilled,
        Self::RedisFlushed,
        Self::RedisKilledAndService,
        Self::CutFromNats,
        Self::Noise,
        Self::Zombie,
    ];

    async fn strike(self, story: &mut Story) {
        let victim = story.chance.one_of(&["one", "two", "three"]);
        match self {
            Self::ServiceKilled => {
                story.strikes(format!("kill -9 of a service ({victim}), others take over"));
                story.cluster.kill(victim);
                story.pause(9_000, 11_000).await;
                story.is_over().await;
                story.cluster.start_one(victim);
            }
            Self::ServiceBackAtOnce => {
                story.strikes(format!("kill -9 of a service ({victim}), back at once"));
                for _ in 0..2 {
                    story.cluster.kill(victim);
                    story.cluster.start_one(victim);
                    story.pause(1_000, 3_000).await;
                    story.is_over().await;
                }
            }
            Self::NatsKilled => {
                story.strikes("kill -9 of nats-server, twice");
                for _ in 0..2 {
                    story.cluster.nats.kill(0);
                    story.pause(500, 2_500).await;
                    block_in_place(|| story.cluster.nats.restart(0));
                    story.pause(2_000, 3_000).await;
                }
                story.is_over().await;
            }
            Self::RedisFlushed => {
                story.strikes("Redis flushed, four times");
                for _ in 0..4 {
                    block_in_place(|| story.cluster.redis.flush());
                    story.pause(500, 1_500).await;
                }
                story.is_over().await;
            }
            Self::RedisKilledAndService => {
                story.strikes(format!(
                    "kill -9 of redis-server, and of a service ({victim})"
                ));
                story.cluster.redis.kill();
                story.pause(500, 2_000).await;
                story.cluster.kill(victim);
                story.pause(9_000, 11_000).await;
                block_in_place(|| story.cluster.redis.restart());
                story.is_over().await;
                story.cluster.start_one(victim);
            }
            Self::CutFromNats => {
                story.strikes("a service cut from NATS (two)");
                story.cluster.proxy.stay_away(true);
                story.pause(10_000, 12_000).await;
                story.cluster.proxy.stay_away(false);
                story.is_over().await;
            }
            Self::Noise => {
                story.strikes("messages dropped, doubled, delayed, cut (two)");
                let seed = story.chance.between(0, u64::MAX - 1);
                story.cluster.proxy.behave(Faults {
                    seed,
                    lose_requests: 5,
                    lose_replies: 5,
                    double: 40,
                    delay: 30,
                    longest: Duration::from_millis(40),
                    cut: 2,
                });
                story.pause(9_000, 11_000).await;
                story.cluster.proxy.behave(Faults::default());
                story.is_over().await;
                assert!(
                    story.cluster.proxy.tally().faults() >= 50,
                    "noise that nobody heard: {:?}",
                    story.cluster.proxy.tally()
                );
            }
            Self::Zombie => {
                story.strikes(format!(
                    "a service stopped past its lease, then awake ({victim})"
                ));
                story.cluster.signal(victim, "STOP");
                story.pause(8_000, 9_500).await;
                // All of it is kept by others by now, and only then the sleeper wakes.
                story.is_over().await;
                story.cluster.signal(victim, "CONT");
                story.pause(2_000, 3_000).await;
                story.is_over().await;
            }
        }
        story.cluster.settled().await;
    }
}

#[test]
fn whatever_dies_nothing_answered_is_lost_or_done_twice_and_books_are_taken_over_in_time() {
    let _alone = ONE_AT_A_TIME.lock();
    run(async {
        let mut story = Story::begin(chance::seed(), Nats::one(), three_processes()).await;
        story.nothing_strikes();
        story.pause(3_000, 4_000).await;
        story.is_over().await;
        // What is on its way by then is not hit by the first fault.
        story.pause(3_000, 3_001).await;
        let mut troubles = Trouble::ALL;
        story.chance.shuffle(&mut troubles);
        for trouble in troubles {
            trouble.strike(&mut story).await;
        }
        story.end().await;
    });
}

#[test]
fn the_leader_of_three_nats_servers_dies_or_sleeps_and_the_work_goes_on_in_time() {
    let _alone = ONE_AT_A_TIME.lock();
    run(async {
        let plans = ["one", "two"].map(|name| Plan {
            name,
            services: &[],
            proxied: false,
        });
        let mut story = Story::begin(chance::seed(), Nats::three(), plans.into()).await;
        let first = leader(&story).await;
        story.strikes("kill -9 of the leader of three nats-servers");
        story.cluster.nats.kill(first);
        story.pause(10_000, 12_000).await;
        story.is_over().await;
        block_in_place(|| story.cluster.nats.restart(first));
        let second = leader(&story).await;
        story.puts_to_sleep("the leader of three stopped, then awake");
        story.cluster.nats.pause(second);
        story.pause(6_000, 8_000).await;
        story.is_over().await;
        story.cluster.nats.resume(second);
        story.pause(3_000, 4_000).await;
        story.is_over().await;
        story.end().await;
    });
}

fn run(story: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .unwrap()
        .block_on(story);
}

/// Which of the servers leads the stream.
async fn leader(story: &Story) -> usize {
    let access = NatsAccess {
        urls: story.cluster.place.urls.clone(),
        ..NatsAccess::default()
    };
    let client = connect(&access, "who leads").await.unwrap();
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        if let Ok(reply) = client
            .request("$JS.API.STREAM.INFO.PICKET_JOURNAL", "".into())
            .await
        {
            let info: serde_json::Value = serde_json::from_slice(&reply.payload).unwrap();
            if let Some(leader) = info["cluster"]["leader"]
                .as_str()
                .and_then(|name| story.cluster.nats.number(name))
            {
                return leader;
            }
        }
        assert!(Instant::now() < end, "nobody leads");
        sleep(Duration::from_millis(100)).await;
    }
}
