//! Ways that are shut for a while: a person who blocked the bot, a bot that is away. What waited comes when they are
//! open again. And forms somebody begins in a group go on in private.

use jiff::ToSpan;

use crate::groups::offer;
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
    assert_eq!(
        stage
            .notice_stands("P-0017", "offer", "queued")
            .await
            .channel
            .as_deref(),
        Some("telegram")
    );
    sentinel.unblocks();
    sentinel.gets("T-1").await;
    let sent = stage.notice_stands("P-0017", "offer", "sent").await;
    assert_eq!(
        sent.channel.as_deref(),
        Some("telegram"),
        "and it is known where it was shown"
    );
    assert_eq!(
        (
            stage.count("courier", "channel.restored").await,
            stage.count("courier", "notice.sent").await
        ),
        (1, 1)
    );
    stage.settled().await;
    // A report from while the way was shut may have come behind that: courier hears it with the next word, and then no more.
    for more in [1, 0] {
        let before = stage.way.wished("courier");
        sentinel.says("/whoami");
        sentinel.gets("sentinel 17").await;
        stage.settled().await;
        assert_eq!(stage.way.wished("courier") - before, more);
    }
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_heard_from_after_the_news_that_they_are_back_got_lost_gets_what_waited_and_courier_hears_it_once()
 {
    let mut stage = Stage::set().await;
    let (writes, presses) = (stage.chat.person("s", 7017), stage.chat.person("o", 7018));
    stage.binds(&writes, "P-0017").await;
    stage.binds(&presses, "P-0018").await;
    writes.blocks();
    presses.blocks();
    stage.until_counted("courier", "channel.lost", 2).await;
    stage.issues_batch("三月排查", &["P-0017", "P-0018"]).await;
    stage.until_counted("courier", "notice.failed", 2).await;
    stage.settled().await;
    // Another process goes on, which knows of nobody that they are away, and hears of nobody that they are back.
    stage.kill_bot().await;
    writes.unblocks_silently();
    presses.unblocks_silently();
    stage.start_bot().await;
    let before = stage.way.wished("courier");
    writes.says("/whoami");
    writes.gets("sentinel 17").await;
    writes.gets("T-1").await;
    presses.presses("帮助").await.answer().await;
    presses.gets("帮助").await;
    presses.gets("T-1").await;
    for person in ["P-0017", "P-0018"] {
        stage.notice_stands(person, "offer", "sent").await;
    }
    assert_eq!(stage.count("courier", "channel.restored").await, 2);
    writes.says("/whoami");
    writes.gets("sentinel 17").await;
    presses.says("/whoami");
    presses.gets("sentinel 18").await;
    stage.settled().await;
    assert_eq!(
        stage.way.wished("courier") - before,
        2,
        "once for each of them, not with every word"
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_word_reaches_its_person_although_courier_is_away_and_courier_hears_of_it_with_the_next()
{
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    sentinel.blocks();
    stage.until_counted("courier", "channel.lost", 1).await;
    stage.settled().await;
    stage.kill_bot().await;
    sentinel.unblocks_silently();
    stage.start_bot().await;
    stage.way.takes_away("courier", true);
    sentinel.says("/whoami");
    sentinel.gets("sentinel 17").await;
    stage.settled().await;
    assert_eq!(stage.count("courier", "channel.restored").await, 0);
    stage.way.takes_away("courier", false);
    sentinel.says("/whoami");
    sentinel.gets("sentinel 17").await;
    stage.until_counted("courier", "channel.restored", 1).await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_return_couriers_journal_could_not_take_is_told_again_with_the_next_word() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    sentinel.blocks();
    stage.until_counted("courier", "channel.lost", 1).await;
    stage.settled().await;
    stage.kill_bot().await;
    sentinel.unblocks_silently();
    stage.start_bot().await;
    for code in ["not_saved", "parked"] {
        stage.way.refuses("courier", Some(code));
        let before = stage.way.wished("courier");
        sentinel.says("/whoami");
        sentinel.gets("sentinel 17").await;
        stage.settled().await;
        assert!(
            stage.way.wished("courier") > before,
            "{code}: courier is told with each word until it could take it"
        );
        assert_eq!(stage.count("courier", "channel.restored").await, 0);
    }
    stage.way.refuses("courier", None);
    sentinel.says("/whoami");
    sentinel.gets("sentinel 17").await;
    stage.until_counted("courier", "channel.restored", 1).await;
    stage.settled().await;
    let before = stage.way.wished("courier");
    sentinel.says("/whoami");
    sentinel.gets("sentinel 17").await;
    stage.settled().await;
    assert_eq!(stage.way.wished("courier"), before, "and then no more");
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_word_waited_for_courier_in_vain_is_answered_and_courier_hears_of_them_with_the_next()
{
    let stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    sentinel.blocks();
    stage.until_counted("courier", "channel.lost", 1).await;
    stage.settled().await;
    sentinel.unblocks_silently();
    stage.way.takes_away("courier", true);
    sentinel.says("/whoami");
    sentinel.gets("系统繁忙").await;
    // Half a minute, in which another process might take the book over.
    for _ in 0..1_000 {
        if stage.chat.unconfirmed() == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    sentinel.gets("sentinel 17").await;
    stage.settled().await;
    stage.way.takes_away("courier", false);
    sentinel.says("/whoami");
    sentinel.gets("sentinel 17").await;
    stage.until_counted("courier", "channel.restored", 1).await;
    stage.settled().await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waited_for_a_group_that_removed_the_bot_comes_where_it_is_bound_anew() {
    let mut stage = Stage::set().await;
    let coordinator = stage.chat.person("c", 7001);
    let (before, anew) = (
        stage.chat.group("幸福里", -1_001),
        stage.chat.group("幸福里二群", -1_002),
    );
    stage.binds(&coordinator, "P-0001").await;
    stage.binds_group(&coordinator, &before).await;
    before.removes_bot(&coordinator).await;
    stage.until_counted("courier", "channel.lost", 1).await;
    stage.settled().await;
    assert_eq!(
        stage.count("courier", "channel.restored").await,
        0,
        "that the bot was removed is no word from there"
    );
    stage.issues_batch("三月排查", &["P-0017", "P-0018"]).await;
    stage.until_counted("courier", "notice.failed", 1).await;
    assert_eq!(
        stage
            .notice_stands("G-01", "offer", "queued")
            .await
            .channel
            .as_deref(),
        Some("telegram")
    );
    stage.binds_group_again(&coordinator, &anew).await;
    stage.notice_stands("G-01", "offer", "sent").await;
    assert_eq!(stage.count("courier", "channel.restored").await, 1);
    offer(&anew).await;
    stage.looks_at_board_of(&anew, "三月排查").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_took_the_bot_back_without_its_hearing_of_it_gets_what_waited_with_the_first_word_there()
 {
    let mut stage = Stage::set().await;
    let coordinator = stage.chat.person("c", 7001);
    let group = stage.chat.group("幸福里", -1_001);
    stage.binds(&coordinator, "P-0001").await;
    stage.binds_group(&coordinator, &group).await;
    group.removes_bot(&coordinator).await;
    stage.until_counted("courier", "channel.lost", 1).await;
    stage.issues_batch("三月排查", &["P-0017", "P-0018"]).await;
    stage.until_counted("courier", "notice.failed", 1).await;
    group.takes_bot_back_silently();
    coordinator.says_in(&group, "good morning");
    stage.notice_stands("G-01", "offer", "sent").await;
    assert_eq!(stage.count("courier", "channel.restored").await, 1);
    offer(&group).await;
    stage.looks_at_board_of(&group, "三月排查").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_to_be_told_while_no_bot_ran_is_told_when_one_runs_again_however_often_it_was_tried()
 {
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
