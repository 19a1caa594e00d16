//! One person and all the others: whoever writes much, or slowly, waits alone.

use std::time::{Duration, Instant};

use picket_fakechat::{Fault, Limits};

use crate::stage::{Stage, photo, told};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_a_hundred_messages_at_once_holds_up_nobody_else() {
    let stage = Stage::set().await;
    let (busy, other) = (stage.chat.person("s", 7017), stage.chat.person("o", 7018));
    stage.binds(&busy, "P-0017").await;
    stage.binds(&other, "P-0018").await;
    stage.chat.enforces(Limits::default());
    stage.chat.ignores(&busy);
    for _ in 0..120 {
        busy.says("/whoami");
    }
    let begun = Instant::now();
    for _ in 0..3 {
        other.says("/whoami");
        other.gets("sentinel 18").await;
    }
    // A hundred and twenty cards at one a second take two minutes.
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
    stage.chat.all_confirmed().await;
    assert_eq!(stage.chat.told_to_wait(), 0);
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_that_was_passed_on_is_no_evidence_and_the_words_below_it_are_no_command() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    sentinel.forwards_photo(photo(40), "/accept T-1");
    sentinel.gets("转发").await;
    stage.settled().await;
    assert_eq!(stage.task("T-1").await.state, "issued");
    assert!(
        !stage.blobs.path().join("blobs").exists(),
        "nothing was fetched"
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_that_was_not_shown_is_shown_with_the_next_card_and_one_that_is_missing_is_said_to_be()
 {
    let stage = Stage::set().await;
    let (sentinel, dispatcher) = (stage.chat.person("s", 7017), stage.chat.person("d", 7001));
    stage.binds(&sentinel, "P-0017").await;
    stage.binds(&dispatcher, "P-0001").await;
    sentinel.says("/report");
    sentinel.gets("上报").await;
    sentinel.presses("幸福里社区").await.answer().await;
    sentinel.gets("地址").await;
    sentinel.says("幸福路 9 号");
    sentinel.gets("看到了什么").await;
    for (n, shade) in [50, 60].into_iter().enumerate() {
        sentinel.sends_photo(photo(shade));
        sentinel.gets(&format!("收到第 {} 张照片", n + 1)).await;
    }
    sentinel.says("二楼有人补课");
    sentinel.gets("是哪些问题").await;
    sentinel.presses("不确定").await.answer().await;
    sentinel.gets("是否紧急").await;
    sentinel.presses("否").await.answer().await;
    sentinel.gets("请核对").await;
    // One photo is gone with its machine; the other one does not get through at first.
    let lost = picket_schemas::commit::hash(&photo(60));
    std::fs::remove_file(stage.blobs.path().join("blobs").join(lost)).expect("it was kept");
    stage.chat.fails(
        "sendPhoto",
        Some(7001),
        Fault::Bad("PHOTO_INVALID_DIMENSIONS".into()),
        1,
    );
    sentinel.presses("确认").await.says("已上报").await;
    dispatcher.gets("L-1").await;
    dispatcher.gets("有 1 张证据照片").await;
    stage.until_insight_read().await;
    dispatcher.says("/lead L-1");
    dispatcher.gets("L-1").await;
    dispatcher.gets_picture().await;
    assert!(
        told(&stage)
            .iter()
            .any(|one| one.contains("folder of photos")),
        "whoever runs the bot is told"
    );
    stage.ends().await;
}
