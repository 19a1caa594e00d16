//! Notices on their way through the bot: once, in time, and never lost where it is certain that they were not sent.

use std::time::Duration;

use jiff::ToSpan;
use picket_bus::{Carried, Handed};
use picket_ephemera::Ephemera;
use picket_fakechat::Fault;
use picket_schemas::courier::Priority;
use serde_json::json;
use tokio::task::JoinSet;

use crate::stage::{HOME, Stage, told};

/// A digest or something urgent for somebody, as a transport hands it over.
fn handed(stage: &Stage, n: usize, to: &str, priority: Priority) -> Handed {
    let now = stage.clock.now();
    let (id, to) = (format!("N-{}", 9_000 + n), format!("{HOME}/{to}"));
    let notice = json!({"jurisdiction": HOME, "notice": id, "to": to, "kind": "digest", "about": "", "at": now, "with": {}});
    serde_json::from_value(
        json!({"notice": notice, "attempt": 1, "priority": priority, "until": now + 10.minutes()}),
    )
    .expect("a notice")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_replicas_that_share_no_store_one_receives_and_carries_and_a_notice_comes_once() {
    let mut stage = Stage::without_bot().await;
    let one = stage.loner("one").await;
    stage.goes_on_with(one).await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    let second = stage.loner("two").await;
    stage.told("stands by").await;
    sentinel.says("/whoami");
    sentinel.gets("sentinel 17").await;
    let before = stage.telegram().counts().done;
    stage
        .carries(|n| handed(&stage, n, "P-0017", Priority::Work))
        .await;
    sentinel.gets("待办").await;
    assert_eq!(
        stage.telegram().counts().done,
        before,
        "the one that stands by carries nothing"
    );
    stage.goes_on_with(second).await;
    sentinel.says("/whoami");
    sentinel.gets("sentinel 17").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_about_what_is_not_read_yet_comes_later_and_says_nothing_meanwhile() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.way.reads_late(Some("task"));
    stage.issues_batch("三月排查", &["P-0017"]).await;
    for _ in 0..1_000 {
        if stage.way.asked_too_early() >= 5 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stage.until_counted("courier", "notice.failed", 1).await;
    assert_eq!(sentinel.sees().messages.len(), 2, "the welcome and no more");
    stage.way.reads_late(None);
    stage.clock.set(stage.clock.now() + 2.minutes());
    sentinel.gets("T-1").await;
    stage.notice_stands("P-0017", "offer", "sent").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_is_drawn_from_nothing_older_than_what_it_tells_of() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    let after = stage.way.asked_after("task").expect("it was asked for");
    let handed = stage.written_in("courier").await;
    assert!(
        after[format!("courier/{HOME}")]
            .as_u64()
            .is_some_and(|n| n >= 1 && n <= handed),
        "{after}"
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_urgent_passes_a_thousand_that_wait_and_a_polite_stop_hands_those_back() {
    let mut stage = Stage::set().await;
    let (slow, quick) = (stage.chat.person("o", 7018), stage.chat.person("s", 7017));
    stage.binds(&slow, "P-0018").await;
    stage.binds(&quick, "P-0017").await;
    stage
        .chat
        .fails("sendMessage", Some(7018), Fault::TooMany(300), 1);
    let mut waiting = JoinSet::new();
    for n in 0..1_100 {
        let (client, handed) = (stage.client(), handed(&stage, n, "P-0018", Priority::News));
        waiting.spawn(async move {
            client
                .carry(picket_telegram::CHANNEL, &handed, Duration::from_secs(120))
                .await
        });
    }
    stage.chat.faults_are_over().await;
    let begun = tokio::time::Instant::now();
    let urgent = handed(&stage, 2_000, "P-0017", Priority::Urgent);
    assert_eq!(
        stage
            .client()
            .carry(picket_telegram::CHANNEL, &urgent, Duration::from_secs(60))
            .await,
        Ok(Carried::Sent)
    );
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    quick.gets("待办").await;
    stage.stop_bot().await;
    let outcomes = waiting.join_all().await;
    let other: Vec<_> = outcomes
        .iter()
        .filter(|outcome| !matches!(outcome, Ok(Carried::Deferred(..))))
        .take(5)
        .collect();
    assert!(
        other.is_empty(),
        "none of them was sent, and each says so: {other:?}"
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_instead_of_an_answer_leaves_it_open_whether_a_notice_arrived() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage
        .chat
        .fails("sendMessage", Some(7017), Fault::PageAfter(504), 3);
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    stage.notice_stands("P-0017", "offer", "unknown").await;
    assert_eq!(sentinel.sees().count("T-1"), 1);
    stage.chat.forgets_faults();
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_unblocked_the_bot_while_another_replica_received_is_written_to_by_the_first_one_again()
{
    let stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    sentinel.blocks_silently();
    let blocked = handed(&stage, 1, "P-0017", Priority::Work);
    let carry = |handed: Handed| {
        let client = stage.client();
        async move {
            client
                .carry(picket_telegram::CHANNEL, &handed, Duration::from_secs(30))
                .await
        }
    };
    assert!(matches!(carry(blocked).await, Ok(Carried::Blocked(_))));
    // Somebody else receives for a while, and hears that the person took it back.
    let lease = "telegram/7000000001/receiver";
    for _ in 0..200 {
        stage
            .ephemera
            .release(lease, "one")
            .await
            .expect("in memory");
        stage
            .ephemera
            .lease(lease, "another", Duration::from_secs(5))
            .await
            .expect("in memory");
        if told(&stage)
            .iter()
            .any(|one| one.contains("another process receives from now on"))
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    sentinel.unblocks_silently();
    stage
        .ephemera
        .release(lease, "another")
        .await
        .expect("in memory");
    stage
        .carries(|n| handed(&stage, 10 + n, "P-0017", Priority::Work))
        .await;
    sentinel.gets("待办").await;
    stage.ends().await;
}
