//! Bad days: servers killed under load, answers lost, a full stream, a stranger on a subject, a cut connection.
//!
//! Whatever happens, what was answered is there once, and nothing else is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use picket_harness::{Faults, Nats, Place, Proxy};
use picket_journal::{
    AppendError, AppendOutcome, BookName, Bytes, Head, Journal, ReadError, RetryPolicy,
    StoredCommit, append_until_known, hash_of,
};
use picket_nats::{JournalSettings, NatsJournal};
use tokio::task::JoinSet;

use crate::{client, journal, one, settings, three};

/// The longest anything here may take to come back.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn book(at: usize) -> BookName {
    BookName::parse(&format!("dispatch/{at}")).unwrap()
}

fn commit(text: &str) -> Bytes {
    text.as_bytes().into()
}

pub(crate) async fn append(
    journal: &impl Journal,
    book: &BookName,
    expected: &Head,
    text: &str,
) -> Result<Head, AppendError> {
    let bytes = commit(text);
    journal
        .append(book, expected, &hash_of(&bytes), bytes)
        .await
}

async fn all(journal: &impl Journal, book: &BookName) -> Vec<StoredCommit> {
    let mut all: Vec<StoredCommit> = Vec::new();
    loop {
        let after = all
            .last()
            .map(|stored| stored.head.clone())
            .unwrap_or_default();
        let page = journal.read(book, &after, 1000).await.unwrap();
        if page.is_empty() {
            return all;
        }
        for stored in page {
            assert_eq!(
                (stored.head.number, &stored.head.hash),
                (all.len() as u64 + 1, &hash_of(&stored.bytes))
            );
            all.push(stored);
        }
    }
}

pub(crate) async fn api(
    place: &Place,
    subject: &str,
    body: serde_json::Value,
) -> serde_json::Value {
    let end = Instant::now() + PATIENCE;
    loop {
        // While no server leads, questions stay unanswered.
        match client(place)
            .await
            .request(subject.to_owned(), body.to_string().into())
            .await
        {
            Ok(answer) => return serde_json::from_slice(&answer.payload).unwrap(),
            Err(error) => assert!(Instant::now() < end, "{error}"),
        }
    }
}

/// What one keeper was told.
struct Told {
    book: BookName,
    acked: Vec<Head>,
    /// The longest it waited for an answer.
    longest: Duration,
}

/// Keepers that append until told to stop; each goes on after an unknown outcome as a keeper does, by looking.
struct Load {
    stop: Arc<AtomicBool>,
    keepers: JoinSet<Told>,
}

impl Load {
    fn start(journal: &Arc<NatsJournal>, books: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut keepers = JoinSet::new();
        for at in 0..books {
            let (journal, stop, book) = (Arc::clone(journal), Arc::clone(&stop), book(at));
            keepers.spawn(async move {
                let mut told = Told {
                    book: book.clone(),
                    acked: Vec::new(),
                    longest: Duration::ZERO,
                };
                let patience = RetryPolicy {
                    total: PATIENCE,
                    ..RetryPolicy::default()
                };
                while !stop.load(Ordering::Relaxed) {
                    let head = told.acked.last().cloned().unwrap_or_default();
                    let bytes = commit(&format!("{book} {}", head.number + 1));
                    let (hash, started) = (hash_of(&bytes), Instant::now());
                    match append_until_known(&*journal, &book, &head, &hash, bytes, &patience).await
                    {
                        AppendOutcome::Done(head) => told.acked.push(head),
                        other => panic!("{book}: {other:?}"),
                    }
                    told.longest = told.longest.max(started.elapsed());
                }
                told
            });
        }
        Self { stop, keepers }
    }

    async fn end(self) -> Vec<Told> {
        self.stop.store(true, Ordering::Relaxed);
        self.keepers.join_all().await
    }
}

/// Everything that was answered is there once, in its place, and nothing else.
async fn nothing_lost_nothing_doubled(journal: &NatsJournal, told: &[Told]) -> usize {
    for keeper in told {
        let held: Vec<Head> = all(journal, &keeper.book)
            .await
            .into_iter()
            .map(|stored| stored.head)
            .collect();
        assert_eq!(held, keeper.acked, "{}", keeper.book);
    }
    told.iter().map(|keeper| keeper.acked.len()).sum()
}

/// Waits until the load has been answered so many more times, seen from the stream.
async fn progress(place: &Place, more: u64) {
    let last = async || {
        api(
            place,
            "$JS.API.STREAM.INFO.PICKET_JOURNAL",
            serde_json::json!({}),
        )
        .await["state"]["last_seq"]
            .as_u64()
            .unwrap()
    };
    let (before, end) = (last().await, Instant::now() + PATIENCE);
    while last().await < before + more {
        assert!(Instant::now() < end, "the load stands still");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_again_and_again_loses_nothing_that_was_answered() {
    let servers = Nats::one();
    let place = servers.place();
    let journal = Arc::new(journal(&place).await);
    let load = Load::start(&journal, 24);
    for _ in 0..3 {
        progress(&place, 300).await;
        servers.kill(0);
        servers.restart(0);
    }
    progress(&place, 300).await;
    let told = load.end().await;
    let commits = nothing_lost_nothing_doubled(&journal, &told).await;
    assert!(commits >= 1200, "only {commits} commits");
}

/// Which of three servers leads the stream.
pub(crate) async fn leader(servers: &Nats, place: &Place) -> usize {
    let end = Instant::now() + PATIENCE;
    loop {
        let info = api(
            place,
            "$JS.API.STREAM.INFO.PICKET_JOURNAL",
            serde_json::json!({}),
        )
        .await;
        if let Some(leader) = info["cluster"]["leader"]
            .as_str()
            .and_then(|name| servers.number(name))
        {
            return leader;
        }
        assert!(Instant::now() < end, "nobody leads: {info}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_leader_of_three_is_killed_and_another_takes_over_without_loss() {
    let servers = Nats::three();
    let place = servers.place();
    let journal = Arc::new(journal(&place).await);
    let load = Load::start(&journal, 24);
    progress(&place, 300).await;
    let first = leader(&servers, &place).await;
    servers.kill(first);
    let others: Vec<u16> = (0..3)
        .filter(|node| *node != first)
        .map(|node| servers.port(node))
        .collect();
    let left = place.through(&others);
    let second = leader(&servers, &left).await;
    assert_ne!(first, second);
    progress(&left, 300).await;
    // A process that starts now need not wait for the dead server.
    crate::journal(&left).await;
    servers.restart(first);
    // One that is only stopped believes that it still leads when it wakes.
    servers.pause(second);
    tokio::time::sleep(Duration::from_secs(6)).await;
    servers.resume(second);
    progress(&left, 300).await;
    let told = load.end().await;
    let commits = nothing_lost_nothing_doubled(&journal, &told).await;
    let longest = told.iter().map(|keeper| keeper.longest).max().unwrap();
    println!("{commits} commits, longest wait {longest:?}");
    assert!(commits >= 900, "only {commits} commits");
    assert!(
        longest <= Duration::from_secs(10),
        "writers stood still for {longest:?}"
    );
}

/// The way to one server; nothing goes wrong on it yet.
pub(crate) async fn way(
    servers: &Nats,
    place: &Place,
    answer: Duration,
    patience: Duration,
) -> (Proxy, NatsJournal) {
    let proxy = Proxy::before(servers.port(0), Faults::default()).await;
    let settings = JournalSettings {
        answer,
        patience,
        ..settings(place)
    };
    let journal = NatsJournal::open(client(&place.through(&[proxy.port()])).await, settings)
        .await
        .unwrap();
    (proxy, journal)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_whose_answer_is_lost_is_there_once_however_often_it_is_repeated() {
    for servers in [one(), three()] {
        let place = servers.place();
        let (proxy, journal) = way(
            &servers,
            &place,
            Duration::from_millis(300),
            Duration::from_secs(1),
        )
        .await;
        let book = book(1);
        let head = append(&journal, &book, &Head::default(), "first")
            .await
            .unwrap();
        // From now on nothing comes back.
        proxy.behave(Faults {
            lose_replies: 1000,
            ..Faults::default()
        });
        let lost = append(&journal, &book, &head, "second").await;
        assert!(matches!(lost, Err(AppendError::Unknown(_))), "{lost:?}");
        proxy.behave(Faults::default());
        let second = append(&journal, &book, &head, "second").await.unwrap();
        let again = append(&journal, &book, &head, "second").await.unwrap();
        assert_eq!((second.number, &second), (2, &again));
        let third = append(&journal, &book, &second, "third").await.unwrap();
        // The same commit, after others have followed it.
        let late = append(&journal, &book, &head, "second").await;
        assert_eq!(late, Ok(second), "it is still this very commit");
        assert_eq!(
            all(&journal, &book)
                .await
                .last()
                .map(|stored| stored.head.clone()),
            Some(third.clone())
        );
        let other = append(&journal, &book, &head, "another second").await;
        assert_eq!(other, Err(AppendError::Moved { head: third }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_that_never_arrives_is_unknown_and_stores_nothing() {
    let servers = one();
    let place = servers.place();
    let (proxy, journal) = way(
        &servers,
        &place,
        Duration::from_millis(300),
        Duration::from_secs(1),
    )
    .await;
    proxy.behave(Faults {
        lose_requests: 1000,
        ..Faults::default()
    });
    let lost = append(&journal, &book(1), &Head::default(), "first").await;
    assert!(matches!(lost, Err(AppendError::Unknown(_))), "{lost:?}");
    proxy.behave(Faults::default());
    assert_eq!(all(&journal, &book(1)).await, Vec::new());
    append(&journal, &book(1), &Head::default(), "instead")
        .await
        .unwrap();
    let away = |proxy: &Proxy, away| proxy.stay_away(away);
    away(&proxy, true);
    let end = Instant::now() + PATIENCE;
    // Once the client has noticed, nothing is sent that could arrive later.
    while !matches!(
        append(&journal, &book(2), &Head::default(), "first").await,
        Err(AppendError::Unavailable(_))
    ) {
        assert!(Instant::now() < end, "a connection that is gone is noticed");
    }
    away(&proxy, false);
    journal.last(&[]).await.unwrap();
    append(&journal, &book(3), &Head::default(), "back")
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_whose_answer_is_lost_is_repeated_long_before_a_slow_server_is_given_up() {
    let servers = one();
    let (proxy, journal) = way(
        &servers,
        &servers.place(),
        Duration::from_secs(8),
        Duration::from_secs(30),
    )
    .await;
    let head = append(&journal, &book(1), &Head::default(), "first")
        .await
        .unwrap();
    let lost = || proxy.tally().lost.load(Ordering::Relaxed);
    proxy.behave(Faults {
        lose_replies: 1000,
        ..Faults::default()
    });
    let (before, started) = (lost(), Instant::now());
    let looking = tokio::spawn(async move { journal.last(&[book(1)]).await });
    while lost() == before {
        assert!(started.elapsed() < PATIENCE, "nothing was lost");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    proxy.behave(Faults::default());
    assert_eq!(looking.await.unwrap().unwrap(), [head]);
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "it took {:?}",
        started.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_books_travel_together_and_a_lost_race_among_them_fails_alone() {
    for servers in [one(), three()] {
        let place = servers.place();
        let journal = Arc::new(journal(&place).await);
        let stale = append(&*journal, &book(7), &Head::default(), "somebody else's")
            .await
            .unwrap();
        let mut appends = JoinSet::new();
        for at in 0..300 {
            let journal = Arc::clone(&journal);
            appends.spawn(async move {
                (
                    at,
                    append(
                        &*journal,
                        &book(at),
                        &Head::default(),
                        &format!("commit of {at}"),
                    )
                    .await,
                )
            });
        }
        for (at, answer) in appends.join_all().await {
            match at {
                7 => assert_eq!(
                    answer,
                    Err(AppendError::Moved {
                        head: stale.clone()
                    })
                ),
                _ => assert_eq!(answer.map(|head| head.number), Ok(1), "book {at}"),
            }
        }
        // The second time nobody loses, so most of them are carried by batches.
        let mut appends = JoinSet::new();
        for at in 0..300 {
            let journal = Arc::clone(&journal);
            appends.spawn(async move {
                let head = journal.last(&[book(at)]).await.unwrap().remove(0);
                append(&*journal, &book(at), &head, &format!("second of {at}"))
                    .await
                    .unwrap()
            });
        }
        let heads = appends.join_all().await;
        let mut together = 0;
        for head in &heads {
            let message = api(
                &place,
                "$JS.API.STREAM.MSG.GET.PICKET_JOURNAL",
                serde_json::json!({"seq": head.position.parse::<u64>().unwrap()}),
            )
            .await;
            let headers = message["message"]["hdrs"].as_str().unwrap();
            // "Nats-Batch" in the alphabet of base64, at each of its three offsets.
            together += usize::from(
                ["TmF0cy1CYXRja", "5hdHMtQmF0Y2", "OYXRzLUJhdGNo"]
                    .iter()
                    .any(|mark| headers.contains(mark)),
            );
        }
        assert!(
            together > 100,
            "only {together} of {} travelled together",
            heads.len()
        );
        for at in 0..300 {
            assert_eq!(all(&*journal, &book(at)).await.len(), 2);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_stream_says_so_and_goes_on_after_its_limit_was_raised() {
    let servers = one();
    let place = servers.place();
    let journal = NatsJournal::open(
        client(&place).await,
        JournalSettings {
            max_bytes: 100_000,
            ..settings(&place)
        },
    )
    .await
    .unwrap();
    let (book, large) = (book(1), "x".repeat(20_000));
    let mut head = Head::default();
    let full = loop {
        match append(&journal, &book, &head, &large).await {
            Ok(next) => head = next,
            Err(error) => break error,
        }
        assert!(head.number < 10);
    };
    assert!(
        matches!(&full, AppendError::Full(words) if words.contains("maximum bytes")),
        "{full:?}"
    );
    assert_eq!(all(&journal, &book).await.len() as u64, head.number);
    let info = api(
        &place,
        "$JS.API.STREAM.INFO.PICKET_JOURNAL",
        serde_json::json!({}),
    )
    .await;
    let mut config = info["config"].clone();
    config["max_bytes"] = serde_json::json!(1_000_000);
    let raised = api(&place, "$JS.API.STREAM.UPDATE.PICKET_JOURNAL", config).await;
    assert!(raised["error"].is_null(), "{raised}");
    append(&journal, &book, &head, &large).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_a_stranger_is_reported_and_never_skipped() {
    let servers = one();
    let place = servers.place();
    let settings = JournalSettings {
        patience: Duration::from_secs(1),
        give_up: Duration::from_secs(5),
        ..settings(&place)
    };
    let journal = NatsJournal::open(client(&place).await, settings)
        .await
        .unwrap();
    let head = append(&journal, &book(1), &Head::default(), "first")
        .await
        .unwrap();
    client(&place)
        .await
        .request("picket.journal.dispatch.1".to_owned(), "junk".into())
        .await
        .unwrap();
    for _ in 0..2 {
        let read = journal.read(&book(1), &head, 10).await;
        assert!(
            matches!(&read, Err(ReadError::Unavailable(words)) if words.contains("message 2 on `picket.journal.dispatch.1` is no commit")),
            "{read:?}"
        );
        let refused = append(&journal, &book(1), &head, "second").await;
        assert!(refused.is_err(), "{refused:?}");
    }
    // Others go on; who follows that book as well hears of it in time.
    let mut follower = journal
        .follow(vec![(book(1), head), (book(2), Head::default())])
        .await
        .unwrap();
    let mut other = append(&journal, &book(2), &Head::default(), "others go on")
        .await
        .unwrap();
    for _ in 0..3 {
        let (heard, stored) = tokio::time::timeout(PATIENCE, follower.next())
            .await
            .unwrap()
            .unwrap();
        assert_eq!((heard, stored.head), (book(2), other.clone()));
        other = append(&journal, &book(2), &other, "and on").await.unwrap();
    }
    let ended = loop {
        match tokio::time::timeout(PATIENCE, follower.next())
            .await
            .unwrap()
        {
            Ok((heard, _)) => assert_eq!(heard, book(2)),
            Err(error) => break error,
        }
    };
    assert!(ended.to_string().contains("is no commit"), "{ended}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_over_a_connection_that_misbehaves_is_stored_once() {
    for (servers, seed) in [(one(), 21), (three(), 22)] {
        let place = servers.place();
        let (proxy, journal) = way(
            &servers,
            &place,
            Duration::from_millis(400),
            Duration::from_secs(15),
        )
        .await;
        let journal = Arc::new(journal);
        let load = Load::start(&journal, 40);
        proxy.behave(Faults {
            seed,
            lose_requests: 4,
            lose_replies: 4,
            double: 30,
            delay: 20,
            longest: Duration::from_millis(20),
            cut: 4,
        });
        progress(&place, 2000).await;
        proxy.behave(Faults::default());
        let told = load.end().await;
        let commits = nothing_lost_nothing_doubled(&journal, &told).await;
        let tally = proxy.tally();
        let fired = [&tally.lost, &tally.doubled, &tally.delayed, &tally.cut]
            .map(|count| count.load(Ordering::Relaxed));
        println!("seed {seed}: {commits} commits; lost, doubled, delayed, cut: {fired:?}");
        assert!(
            commits >= 2000 && fired.iter().all(|count| *count > 0),
            "a run in which nothing happened: {commits} commits, {fired:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_goes_on_after_its_connection_was_cut_its_consumer_removed_and_its_commits_swallowed()
 {
    let servers = one();
    let place = servers.place();
    let (proxy, reading) = way(
        &servers,
        &place,
        Duration::from_millis(500),
        Duration::from_secs(10),
    )
    .await;
    let writing = journal(&place).await;
    let mut follower = reading
        .follow(vec![(book(1), Head::default())])
        .await
        .unwrap();
    let mut head = Head::default();
    let mut times = Vec::new();
    for trouble in 0..8 {
        match trouble % 4 {
            1 => proxy.cut(),
            2 => {
                let named = api(
                    &place,
                    "$JS.API.CONSUMER.NAMES.PICKET_JOURNAL",
                    serde_json::json!({}),
                )
                .await;
                for name in named["consumers"].as_array().unwrap() {
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
            }
            3 => proxy.behave(Faults {
                lose_replies: 1000,
                ..Faults::default()
            }),
            _ => {}
        }
        for _ in 0..3 {
            head = append(
                &writing,
                &book(1),
                &head,
                &format!("commit {}", head.number + 1),
            )
            .await
            .unwrap();
        }
        proxy.behave(Faults::default());
        let since = Instant::now();
        for number in head.number - 2..=head.number {
            let (_, stored) = tokio::time::timeout(PATIENCE, follower.next())
                .await
                .unwrap()
                .unwrap();
            assert_eq!(stored.head.number, number);
        }
        times.push(since.elapsed());
    }
    println!("{times:?}");
    assert!(
        times.iter().all(|time| *time < Duration::from_secs(12)),
        "{times:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_put_back_to_an_older_copy_is_seen_by_every_verb() {
    let servers = one();
    let (whole, older) = (
        journal(&servers.place()).await,
        journal(&servers.place()).await,
    );
    let mut head = Head::default();
    for number in 1..=40 {
        let next = append(&whole, &book(1), &head, &format!("commit {number}"))
            .await
            .unwrap();
        if number <= 30 {
            append(&older, &book(1), &head, &format!("commit {number}"))
                .await
                .unwrap();
            // Other books stand between, so that positions differ from numbers.
            let between = BookName::parse(&format!("registry/{number}")).unwrap();
            append(&older, &between, &Head::default(), "between")
                .await
                .unwrap();
        }
        head = next;
    }
    let kept = older.last(&[book(1)]).await.unwrap().remove(0);
    assert_eq!(kept.number, 30);
    let read = older.read(&book(1), &head, 1).await;
    assert_eq!(
        read,
        Err(ReadError::Shortened {
            book: book(1),
            head: kept.clone()
        })
    );
    assert_eq!(
        append(&older, &book(1), &head, "commit 41").await,
        Err(AppendError::Moved { head: kept })
    );
    // A position of the other store is only a hint: each commit is found by its number and hash.
    for stored in all(&whole, &book(1)).await.iter().take(29) {
        let next = older.read(&book(1), &stored.head, 1).await.unwrap();
        assert_eq!(next[0].head.number, stored.head.number + 1);
    }
}
