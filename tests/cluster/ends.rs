//! Where books end, told by one question for all who ask: never older than what was answered before, whatever becomes
//! of the follower that has seen the stream. A bell is decided upon it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use picket_harness::{Faults, Nats, Place};
use picket_journal::{Follower, Head, Journal as _};
use picket_nats::NatsJournal;
use tokio::task::{JoinHandle, JoinSet};

use crate::faults::{PATIENCE, api, append, book, leader, way};
use crate::{journal, one};

/// More books than a consumer names, so that a follower brings the whole stream.
const BOOKS: usize = 120;
/// How many ask at once: each writes a book and then asks for it, as somebody else's bell would.
const ASKING: usize = 12;

/// Reads what a journal follows, for as long as it is there, and follows again when it ends.
async fn followed(journal: &Arc<NatsJournal>) -> JoinHandle<()> {
    let journal = Arc::clone(journal);
    let all = || (0..BOOKS).map(|at| (book(at), Head::default())).collect();
    let mut follower: Follower = journal.follow(all()).await.unwrap();
    tokio::spawn(async move {
        loop {
            if follower.next().await.is_err() {
                follower = loop {
                    match journal.follow(all()).await {
                        Ok(follower) => break follower,
                        Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                    }
                };
            }
        }
    })
}

/// Writers on one journal that ask another where the book they just wrote ends, until told to stop.
struct Asking {
    stop: Arc<AtomicBool>,
    told: Arc<AtomicU64>,
    tasks: JoinSet<()>,
}

impl Asking {
    fn start(writing: &Arc<NatsJournal>, asked: &Arc<NatsJournal>) -> Self {
        let (stop, told, mut tasks) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(0)),
            JoinSet::new(),
        );
        for at in 0..ASKING {
            let (writing, asked, stop, told) =
                (writing.clone(), asked.clone(), stop.clone(), told.clone());
            tasks.spawn(async move {
                // What it reads beside its own book, as a book reads several.
                let names: Vec<_> = [at, at + ASKING, at + 2 * ASKING]
                    .into_iter()
                    .map(book)
                    .collect();
                let mut head = Head::default();
                while !stop.load(Ordering::Relaxed) {
                    head = match append(
                        &*writing,
                        &names[0],
                        &head,
                        &format!("{at} {}", head.number + 1),
                    )
                    .await
                    {
                        Ok(head) => head,
                        // Where it ends is looked up as a keeper looks it up.
                        Err(_) => match writing.last(&names[..1]).await {
                            Ok(mut heads) => heads.remove(0),
                            Err(_) => continue,
                        },
                    };
                    // While the way is cut nothing is told, and that is no answer.
                    let Ok(heads) = asked.last(&names).await else {
                        continue;
                    };
                    assert!(
                        heads[0].number >= head.number,
                        "{} ends at commit {}, and commit {} was answered before",
                        names[0],
                        heads[0].number,
                        head.number
                    );
                    assert!(heads[0].number > head.number || heads[0].hash == head.hash);
                    told.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        Self { stop, told, tasks }
    }

    /// Waits until so many more were told.
    async fn progress(&mut self, more: u64) {
        let (before, end) = (self.told.load(Ordering::Relaxed), Instant::now() + PATIENCE);
        while self.told.load(Ordering::Relaxed) < before + more {
            assert!(Instant::now() < end, "nothing is told any more");
            if let Some(ended) = self.tasks.try_join_next() {
                panic!("somebody asks no more: {ended:?}");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.tasks.join_all().await;
    }
}

/// How many questions JetStream has answered.
async fn questions(place: &Place) -> u64 {
    api(place, "$JS.API.INFO", serde_json::json!({})).await["api"]["total"]
        .as_u64()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_ask_at_once_share_a_question() {
    let servers = one();
    let place = servers.place();
    let (writing, asked) = (
        Arc::new(journal(&place).await),
        Arc::new(journal(&place).await),
    );
    let names: Vec<_> = (0..BOOKS).map(book).collect();
    // From the first commit of all on, as in a new place.
    let following = followed(&asked).await;
    for name in &names {
        append(&*writing, name, &Head::default(), "first")
            .await
            .unwrap();
    }
    let ask = async || {
        let mut asking = JoinSet::new();
        for at in 0..100 {
            let (asked, names) = (asked.clone(), names[at..at + 6].to_vec());
            asking.spawn(async move { asked.last(&names).await.unwrap() });
        }
        for heads in asking.join_all().await {
            assert!(heads.iter().all(|head| head.number == 1), "{heads:?}");
        }
    };
    // Until the follower has begun each book is asked for.
    let (mut spent, end) = (u64::MAX, Instant::now() + PATIENCE);
    while spent > 20 {
        assert!(
            Instant::now() < end,
            "six hundred books cost {spent} questions"
        );
        let before = questions(&place).await;
        ask().await;
        spent = questions(&place).await - before;
    }
    following.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_never_forgotten_over_a_connection_that_misbehaves() {
    let servers = one();
    let place = servers.place();
    let writing = Arc::new(journal(&place).await);
    let (proxy, asked) = way(
        &servers,
        &place,
        Duration::from_millis(400),
        Duration::from_secs(5),
    )
    .await;
    let asked = Arc::new(asked);
    let following = followed(&asked).await;
    let mut asking = Asking::start(&writing, &asked);
    asking.progress(200).await;
    for round in 0..4 {
        proxy.behave(Faults {
            seed: 31 + round,
            lose_requests: 4,
            lose_replies: 8,
            double: 30,
            delay: 60,
            longest: Duration::from_millis(30),
            cut: 2,
        });
        asking.progress(150).await;
        proxy.behave(Faults::default());
        proxy.cut();
        asking.progress(150).await;
        for name in api(
            &place,
            "$JS.API.CONSUMER.NAMES.PICKET_JOURNAL",
            serde_json::json!({}),
        )
        .await["consumers"]
            .as_array()
            .unwrap()
        {
            api(
                &place,
                &format!(
                    "$JS.API.CONSUMER.DELETE.PICKET_JOURNAL.{}",
                    name.as_str().unwrap()
                ),
                serde_json::json!({}),
            )
            .await;
        }
        asking.progress(150).await;
    }
    asking.end().await;
    let tally = proxy.tally();
    let fired = [&tally.lost, &tally.doubled, &tally.delayed, &tally.cut]
        .map(|count| count.load(Ordering::Relaxed));
    assert!(
        fired.iter().all(|count| *count > 0),
        "a run in which nothing happened: {fired:?}"
    );
    following.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_is_never_forgotten_when_a_server_is_killed_or_another_one_leads() {
    for servers in [Nats::one(), Nats::three()] {
        let place = servers.place();
        let (writing, asked) = (
            Arc::new(journal(&place).await),
            Arc::new(journal(&place).await),
        );
        let following = followed(&asked).await;
        let mut asking = Asking::start(&writing, &asked);
        asking.progress(200).await;
        for _ in 0..2 {
            let leads = if place.monitors.len() > 1 {
                leader(&servers, &place).await
            } else {
                0
            };
            servers.kill(leads);
            servers.restart(leads);
            asking.progress(300).await;
        }
        if place.monitors.len() > 1 {
            // One that was stopped believes that it still leads when it wakes.
            let leads = leader(&servers, &place).await;
            servers.pause(leads);
            tokio::time::sleep(Duration::from_secs(6)).await;
            servers.resume(leads);
            asking.progress(300).await;
        }
        asking.end().await;
        following.abort();
    }
}
