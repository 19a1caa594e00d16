//! Ways that are shut for a while: a person who blocked the bot, a bot that is away. What waited comes when they are
//! open again. And forms somebody begins in a group go on in private.

use jiff::ToSpan;

use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_blocked_the_bot_is_marked_at_once_and_gets_what_waited_when_that_is_over() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    sentinel.blocks();
    stage.until_counted("courier", "channel.lost", 1).await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    stage.until_counted("courier", "notice.failed", 1).await;
    assert_eq!(stage.notice_stands("P-0017", "offer", "queued").await.channel.as_deref(), Some("telegram"));
    sentinel.unblocks();
    sentinel.gets("T-1").await;
    let sent = stage.notice_stands("P-0017", "offer", "sent").await;
    assert_eq!(sent.channel.as_deref(), Some("telegram"), "and it is known where it was shown");
    assert_eq!((stage.count("courier", "channel.restored").await, stage.count("courier", "notice.sent").await), (1, 1));
    stage.settled().await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_to_be_told_while_no_bot_ran_is_told_when_one_runs_again_however_often_it_was_tried() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.stop_bot().await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    // Longer than three attempts of a notice that counts.
    for tries in 1..=6 {
        stage.until_counted("courier", "notice.failed", tries).await;
        stage.clock.set(stage.clock.now() + 1.minutes());
    }
    stage.start_bot().await;
    stage.clock.set(stage.clock.now() + 1.minutes());
    for _ in 0..600 {
        if stage.count("courier", "notice.sent").await == 1 {
            break;
        }
        stage.clock.set(stage.clock.now() + 1.seconds());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    sentinel.gets("T-1").await;
    stage.settled().await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_begun_in_a_group_goes_on_in_private() {
    let stage = Stage::set().await;
    let coordinator = stage.chat.person("c", 7001);
    let group = stage.chat.group("幸福里", -1_001);
    stage.binds(&coordinator, "P-0001").await;
    coordinator.says_in(&group, "/new");
    coordinator.gets("批次叫什么").await;
    coordinator.says("四月巡查");
    coordinator.gets("哪个片区").await;
    coordinator.presses("不填").await.answer().await;
    coordinator.gets("新批次").await;
    stage.settled().await;
    stage.ends().await;
}
