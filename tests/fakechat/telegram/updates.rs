//! Updates: confirmed when they are done with, handled once, whatever order and however often they come.

use serde_json::json;

use crate::stage::{Stage, told};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doubled_and_reordered_updates_have_one_effect() {
    let mut stage = Stage::set().await;
    stage.chat.doubles_updates();
    stage.chat.reorders_updates();
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    sentinel.presses("我来接").await.answer().await;
    sentinel.gets("T-1").await;
    for n in 0..5 {
        sentinel.says(&format!("/task T-{n}"));
        sentinel
            .gets(&if n == 1 {
                "1/1".to_owned()
            } else {
                format!("没有找到 T-{n}")
            })
            .await;
    }
    stage.settled().await;
    assert_eq!(stage.count("dispatch", "task.accepted").await, 1);
    assert_eq!(stage.count("registry", "identity.bound").await, 1);
    assert_eq!(
        sentinel.sees().count("绑定成功"),
        1,
        "nothing was said twice"
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_books_are_away_nothing_is_confirmed_and_nothing_is_lost() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    stage.settled().await;
    stage.books_away(true);
    let press = sentinel.presses("我来接").await;
    sentinel.gets("系统繁忙").await;
    assert_eq!(stage.chat.unconfirmed(), 1);
    stage.books_away(false);
    press.answer().await;
    sentinel.gets("1/1").await;
    stage.settled().await;
    assert_eq!(stage.count("dispatch", "task.accepted").await, 1);
    assert!(
        told(&stage)
            .iter()
            .any(|one| one.contains("the books do not answer"))
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_nobody_can_read_costs_nothing_but_itself() {
    let stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage
        .chat
        .sends_update("message", json!({"nonsense": true}));
    stage.chat.sends_update("something_new", json!([1, 2, 3]));
    stage.chat.sends_update("callback_query", json!({"id": 5}));
    stage.chat.sends_update(
        "message",
        json!({"message_id": 1, "date": 0, "chat": {"id": 7017, "type": "private"}, "from": {"id": 7017, "is_bot": false, "first_name": "s"}, "text": 7}),
    );
    sentinel.says("/whoami");
    sentinel.gets("这里收不了").await;
    sentinel.gets("sentinel 17").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_taken_is_said_kindly() {
    let stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    sentinel.sends(
        json!({"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3, "file_size": 10}}),
    );
    sentinel.gets("这里收不了").await;
    sentinel.forwards("/accept T-1");
    sentinel.gets("转发").await;
    sentinel.sends_document(vec![1; 10], "big.jpg", "image/jpeg", 21 * 1024 * 1024);
    sentinel.gets("20 MB").await;
    sentinel.sends_document(b"<svg/>".to_vec(), "x.svg", "image/svg+xml", 6);
    sentinel.gets("这里收不了").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_process_goes_on_in_the_middle_of_a_sheet_and_one_that_lost_its_memory_begins_at_the_row()
 {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    sentinel.presses("我来接").await.answer().await;
    sentinel.gets("T-1").await;
    sentinel.presses("开始填报").await.answer().await;
    sentinel.gets("机构 1").await;
    sentinel.presses("有问题").await.answer().await;
    sentinel.gets("是哪些问题").await;
    stage.settled().await;
    stage.kill_bot().await;
    stage.start_bot().await;
    sentinel.presses("☐ Q1").await.answer().await;
    let picked = sentinel.gets("是哪些问题").await;
    assert!(
        picked.buttons.iter().any(|label| label.starts_with("☑ Q1")),
        "{picked:?}"
    );
    stage.settled().await;
    stage.stop_bot().await;
    stage.ephemera.wipe();
    stage.start_bot().await;
    sentinel.says("/fill T-1");
    sentinel.gets("机构 1").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_replicas_one_receives_and_the_other_takes_over_without_a_second_message() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    let second = stage.replica("two").await;
    sentinel.says("/whoami");
    sentinel.gets("sentinel 17").await;
    assert_eq!(
        second.telegram.counts().done,
        0,
        "the other one waits for its turn"
    );
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    stage.goes_on_with(second).await;
    // From here on it listens; a press in the moment between the two would wait for that moment.
    sentinel.says("/whoami");
    sentinel.gets("sentinel 17").await;
    sentinel.presses("我来接").await.says("已接单").await;
    sentinel.gets("1/1").await;
    assert_eq!(sentinel.sees().count("T-1"), 1);
    assert!(stage.telegram().counts().done > 0);
    stage.ends().await;
}
